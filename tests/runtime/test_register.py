"""The registry: what data may name."""

import sys
from typing import Any, get_type_hints

import pytest

from migrate.runtime import Codec, EncodeError, Registration, UnknownClass
from tests.runtime import models
from tests.runtime.models import Line, Node, Plain


@pytest.fixture
def empty() -> Codec:
    return Codec("empty")


def test_a_name_is_not_imported_before_it_is_needed(empty, tmp_path, monkeypatch):
    (tmp_path / "lazy_module.py").write_text("class A: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    empty.register("lazy_module:A")
    empty.dumps([1, {"a": Plain and 1}])
    assert "lazy_module" not in sys.modules
    assert type(empty.loads(b'{"$type":"A"}')).__module__ == "lazy_module"
    del sys.modules["lazy_module"]


def test_data_do_not_import(empty, tmp_path, monkeypatch):
    (tmp_path / "evil_module.py").write_text("raise AssertionError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("evil_module:A", "evil_module.A", "evil_module"):
        with pytest.raises(UnknownClass):
            empty.loads(f'{{"$type":"{name}"}}'.encode())
    assert "evil_module" not in sys.modules


def test_a_class_is_returned_unharmed(empty):
    class Own:
        pass

    assert empty.register(Own) is Own
    assert empty.register(Own, tag="Own") is Own


def test_as_a_decorator_of_a_class(empty):
    @empty.register
    class Own:
        def __init__(self):
            self.x = 1

    assert isinstance(Own, type)
    assert empty.loads(empty.dumps(Own())).x == 1


def test_twice_is_once(empty):
    first = empty.register("tests.runtime.models:Plain")
    assert isinstance(first, Registration)
    assert empty.register("tests.runtime.models:Plain") is first
    assert empty.register(Plain) is Plain
    assert empty.loads(empty.dumps(Plain(a=1))).a == 1


def test_two_classes_cannot_have_one_tag(empty):
    empty.register("a:Order")
    with pytest.raises(ValueError, match="tag="):
        empty.register("b:Order")
    empty.register("b:Order", tag="OtherOrder")
    with pytest.raises(ValueError, match="already"):
        empty.register("b:Order", tag="ThirdOrder")


@pytest.mark.parametrize("target", ["Order", "a.Order", ":Order", "a:", "a:1x", "a:b c", ""])
def test_a_target_that_names_nothing(empty, target):
    with pytest.raises(ValueError, match="module:Class"):
        empty.register(target)


@pytest.mark.parametrize("target", [1, None, [Plain]])
def test_a_target_that_is_no_class(empty, target):
    with pytest.raises(TypeError, match="register takes"):
        empty.register(target)


def test_nested_classes_have_one_word_tags(empty):
    assert empty.register("m:Outer.Inner").tag == "OuterInner"


def test_lookup_knows_aliases(empty):
    empty.register("tests.runtime.models:Plain", aliases=("old.place:Plain", "__main__:Plain"))
    assert empty.lookup("tests.runtime.models", "Plain") == "Plain"
    assert empty.lookup("old.place", "Plain") == "Plain"
    assert empty.lookup("__main__", "Plain") == "Plain"
    assert empty.lookup("other.place", "Plain") is None
    assert empty.lookup("tests.runtime.models", "Node") is None


def test_an_alias_of_two_classes_is_an_error(empty):
    empty.register("a:A", aliases=("old:A",))
    with pytest.raises(ValueError, match="old:A"):
        empty.register("b:B", aliases=("old:A",))


def test_a_class_registered_where_it_is_re_exported(empty, monkeypatch):
    import tests.runtime as package

    monkeypatch.setattr(package, "Node", Node, raising=False)
    empty.register("tests.runtime:Node")
    assert empty.loads(empty.dumps(Node(3))).value == 3
    assert empty.lookup("tests.runtime.models", "Node") == "Node"


def test_registering_later_is_seen(empty):
    with pytest.raises(EncodeError):
        empty.dumps(Plain())
    empty.register(Plain)
    assert empty.dumps(Plain()) == b'{"$type":"Plain"}\n'


def test_a_declaration_types_the_attributes(empty):
    @empty.register("tests.runtime.models:Plain")
    class Declared:
        lines: "list[Line]"
        owner: str
        when: "datetime.date"  # noqa: F821 - modules of the standard library need not be imported
        unknown: "NoSuchName"  # noqa: F821

    empty.register("tests.runtime.models:Line")
    record = empty.dumps(Plain(lines=[Line("a")], owner="o", unknown=Line("b")))
    assert record == (
        b'{"$type":"Plain","lines":[{"sku":"a","qty":1,"notes":[]}],"owner":"o",'
        b'"unknown":{"$type":"Line","sku":"b","qty":1,"notes":[]}}\n'
    )
    assert empty.loads(record).lines == [Line("a")]
    with pytest.raises(NameError):
        get_type_hints(Declared)


def test_a_declaration_may_refer_to_another(empty):
    @empty.register("tests.runtime.models:Node")
    class NodeDeclaration:
        value: "Plain"  # the registered class, not what is called so here
        next: Any

    @empty.register("tests.runtime.models:Plain")
    class PlainDeclaration:
        a: "set[int]"

    node = Node(Plain(a={1}))
    assert empty.dumps(node) == b'{"$type":"Node","value":{"a":[1]},"next":null}\n'
    assert empty.loads(empty.dumps(node)).value.a == {1}


def test_declarations_of_bases_are_inherited(empty):
    @empty.register("tests.runtime.models:Animal")
    class Animal:
        name: "bytes"

    empty.register("tests.runtime.models:Dog")
    assert empty.dumps(models.Dog(b"\0", [])) == b'{"$type":"Dog","name":"AA==","tricks":[]}\n'


def test_a_declaration_must_be_a_class(empty):
    with pytest.raises(TypeError, match="annotations"):
        empty.register("a:A")(lambda: None)


def test_hooks_of_the_user(empty):
    class Money:
        def __init__(self, amount, currency):
            self.amount, self.currency = amount, currency

    empty.hooks(Money, unstructure=lambda m: (m.amount, m.currency), structure=lambda parts: Money(*parts))
    record = empty.dumps([Money(1, "EUR")])
    assert record == b'[{"$type":"' + tag_of(record) + b'","$value":{"$tuple":[1,"EUR"]}}]\n'
    assert empty.loads(record)[0].currency == "EUR"


def tag_of(record):
    return record.split(b'"')[3]


def test_hooks_that_lose_something_are_refused(empty):
    empty.hooks(Node, unstructure=lambda n: n.value, structure=Node)
    assert empty.loads(empty.dumps(Node(1))).value == 1
    with_next = Node(1)
    with_next.next = Node(2)
    with pytest.raises(EncodeError) as caught:
        empty.dumps(with_next)
    assert caught.value.reason == "not-restorable"


def test_shared_objects_with_hooks_stay_shared(empty):
    empty.hooks(Node, unstructure=lambda n: n.value, structure=Node)
    node = Node([1])
    first, second, inner = empty.loads(empty.dumps([node, node, node.value]))
    assert first is second
    assert first.value is inner
