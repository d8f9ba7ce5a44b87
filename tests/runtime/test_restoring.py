"""Objects are made as pickle makes them: ``__new__`` and state, no ``__init__``, no setters."""

import copy
import pickle
from dataclasses import dataclass, field

import attrs
import pytest

from migrate.runtime import Codec, DecodeError, differences
from tests.runtime.models import (
    Color,
    Guarded,
    Line,
    Loose,
    Node,
    Order,
    Pair,
    Plain,
    Point,
    Reduced,
    Slots,
    Trouble,
    WithState,
)


def test_init_is_not_called(codec):
    record = codec.dumps(Guarded())
    restored = codec.loads(record)
    assert restored.calls == ["init"]
    assert restored.secret == 1


def test_post_init_and_validators_do_not_run(codec):
    @codec.register
    @dataclass
    class Checked:
        x: int

        def __post_init__(self):
            raise AssertionError("ran")

    @codec.register
    @attrs.define
    class Validated:
        x: int = attrs.field(validator=attrs.validators.gt(0))

    old = Checked.__new__(Checked)
    old.x = "not an int"
    assert codec.loads(codec.dumps(old)).x == "not an int"
    bad = Validated.__new__(Validated)
    object.__setattr__(bad, "x", -1)
    assert codec.loads(codec.dumps(bad)).x == -1


def test_setstate_gets_the_state(codec):
    restored = codec.loads(codec.dumps(WithState({1, 2})))
    assert restored.x == {1, 2}
    assert type(restored.lock) is object


def test_getstate_is_called_once_for_each_object(codec):
    @codec.register
    class Counting:
        calls = 0

        def __getstate__(self):
            type(self).calls += 1
            return {"a": 1}

    value = Counting()
    codec.converter  # noqa: B018 - hooks change nothing
    run_once = codec._engine.to_plain([value, value], lambda v, run: run.any(v))
    assert run_once[1] == {"$ref": 1}
    assert Counting.calls == 1


def test_missing_fields_take_their_defaults(codec):
    order = codec.loads(b'{"$type":"Order","id":1}\n')
    assert order == Order(1)
    assert order.lines is not codec.loads(b'{"$type":"Order","id":1}\n').lines
    assert codec.loads(b'{"$type":"Line","sku":"a"}\n') == Line("a")
    assert codec.loads(b'{"$type":"Loose","a":4}\n') == Loose(4)
    assert codec.loads(b'{"$type":"Point","$value":[3]}\n') == Point(3)


def test_missing_fields_without_default_stay_missing(codec):
    order = codec.loads(b'{"$type":"Order"}\n')
    assert not hasattr(order, "id")


def test_what_was_not_set_is_not_set_again(codec):
    line = Line.__new__(Line)
    object.__setattr__(line, "qty", 3)
    restored = codec.loads(codec.dumps(line))
    assert restored.qty == 3
    assert not hasattr(restored, "notes")
    assert not hasattr(restored, "sku")


def test_unknown_attributes_are_kept(codec):
    assert codec.loads(b'{"$type":"Order","id":1,"later":[2]}\n').later == [2]


def test_an_attribute_without_a_place_is_refused(codec):
    with pytest.raises(DecodeError) as caught:
        codec.loads(b'[{"$type":"Slots","gone":1}]\n')
    assert (caught.value.reason, caught.value.path) == ("type-mismatch", "[0].gone")


def test_named_tuples_with_too_many_or_too_few_elements_are_refused(codec):
    for record in (b'{"$type":"Pair","$value":[1]}', b'{"$type":"Pair","$value":[1,2,3]}'):
        with pytest.raises(DecodeError) as caught:
            codec.loads(record)
        assert caught.value.reason == "bad-value"
    assert codec.loads(b'{"$type":"Pair","$value":[1,2]}') == Pair(1, 2)


def test_only_classes_with_reduce_are_called(codec):
    assert codec.loads(b'{"$type":"Reduced","$args":[1,2],"$call":true}').a == 1
    assert codec.loads(b'{"$type":"Color","$args":["b"],"$call":true}') is Color.BLUE
    for tag in ("Plain", "Order", "Node", "Slots"):
        with pytest.raises(DecodeError) as caught:
            codec.loads(f'{{"$type":"{tag}","$args":[1],"$call":true}}'.encode())
        assert caught.value.reason == "unsafe-global"


def test_a_factory_is_no_class(codec):
    with pytest.raises(DecodeError):
        codec.loads(b'{"$type":"make","a":1}')


def test_exceptions_that_pickle_cannot_restore(codec):
    error = Trouble("a", "b")
    with pytest.raises(TypeError):
        pickle.loads(pickle.dumps(error))
    restored = codec.loads(codec.dumps(error))
    assert (type(restored), restored.args, restored.a) == (Trouble, ("ab",), "a")


def test_slots_are_restored_past_setattr(codec):
    restored = codec.loads(codec.dumps(Slots()))
    assert restored.a == [1]
    assert restored._Slots__hidden == 2
    assert not hasattr(restored, "unset")


def test_what_is_read_is_not_what_was_written(codec):
    value = {"a": [Plain(b=Node([1]))]}
    before = copy.deepcopy(value)
    restored = codec.loads(codec.dumps(value))
    restored["a"][0].b.value.append(2)
    assert differences(value, before) == []


def test_reduce_is_followed(codec):
    value = Reduced(1, [2])
    value.extra = {"k"}
    restored = codec.loads(codec.dumps(value))
    assert (restored.a, restored.b, restored.extra) == (1, [2], {"k"})


def test_copyreg_is_followed(codec):
    import copyreg

    from migrate.runtime.layout import layout_of

    @codec.register
    class Foreign:
        def __init__(self, a):
            self.a = a

    copyreg.pickle(Foreign, lambda value: (Foreign, (value.a,)))
    layout_of.cache_clear()
    try:
        assert codec.dumps(Foreign(5)).startswith(b'{"$type":"')
        assert codec.loads(codec.dumps(Foreign(5))).a == 5
        assert b'"$call":true' in codec.dumps(Foreign(5))
    finally:
        del copyreg.dispatch_table[Foreign]
        layout_of.cache_clear()


def test_init_false_and_private_fields(codec):
    @codec.register
    @dataclass
    class Cached:
        x: int
        total: int = field(init=False, default=0)
        _hidden: list = field(default_factory=list, repr=False, compare=False)

    value = Cached(1)
    value.total, value._hidden = 9, [1]
    assert differences(value, codec.loads(codec.dumps(value))) == []


def test_properties_and_cached_properties(codec):
    from functools import cached_property

    @codec.register
    class Lazy:
        @cached_property
        def total(self):
            return [1, 2]

    value = Lazy()
    assert codec.loads(codec.dumps(value)).__dict__ == {}
    assert value.total
    assert codec.loads(codec.dumps(value)).__dict__ == {"total": [1, 2]}


def test_a_class_that_is_gone_is_named():
    codec = Codec("gone")
    codec.register("tests.runtime.models:NoSuchClass")
    with pytest.raises(DecodeError, match="NoSuchClass") as caught:
        codec.loads(b'{"$type":"NoSuchClass"}')
    assert isinstance(caught.value, AttributeError)
    assert list(codec.unresolvable()) == ["tests.runtime.models:NoSuchClass"]
