"""What stored pickles show, and how it is brought together with source."""

from __future__ import annotations

import pickle
import sys
import types
from textwrap import dedent

import pytest

from migrate.evidence import Likeness, class_graph, gather, legacy_files, match, merge, read_data
from migrate.model import Source

from .support import fields, tree

SHOP = """
    import collections, datetime, decimal, enum
    class Line:
        def __init__(self, sku): self.sku = sku
    class Order:
        def __init__(self, number, lines): self.number, self.lines = number, lines
    class Color(enum.Enum):
        RED = 1
    Point = collections.namedtuple("Point", "x y")
    class Slotted:
        __slots__ = ("a", "b")
    class Names(list): pass
    def helper(): pass
"""


@pytest.fixture
def module(monkeypatch):
    """Return a function that makes an importable module, so that pickles name it."""

    def make(name: str, text: str = SHOP) -> types.ModuleType:
        made = types.ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(dedent(text), vars(made))
        return made

    return make


@pytest.fixture
def stored(tmp_path):
    """Return a function that writes values to one file and reads the evidence in it."""

    def store(*values, protocol=4, name="data.pkl"):
        (tmp_path / name).write_bytes(b"".join(pickle.dumps(value, protocol) for value in values))
        return read_data([tmp_path / name], root=tmp_path)

    return store


def type_in(evidence, name="data.pkl"):
    return [str(ref) for ref in evidence.files[name].types]


@pytest.mark.parametrize("protocol", range(6))
def test_classes_fields_and_counts(module, stored, protocol):
    shop = module("shop")
    evidence = stored([shop.Order(1, [shop.Line("a"), shop.Line("b")]), shop.Order(2, [])], protocol=protocol)
    assert {name: seen.count for name, seen in evidence.classes.items()} == {"shop:Line": 2, "shop:Order": 2}
    order = evidence.classes["shop:Order"]
    assert {field.name: str(field.type) for field in order.fields} == {
        "number": "int",
        "lines": "list[shop:Line]",
    }
    assert order.files == ("data.pkl",)
    assert all(fact.source is Source.DATA for field in order.fields for fact in field.evidence)


TYPES = {
    "scalars": ((None, True, 1, 1.5, "a", b"b"), "tuple[None, bool, int, float, str, bytes]"),
    "nested": ({"a": [(1, {2})]}, "dict[str, list[tuple[int, set[int]]]]"),
    "mixed": ([1, "a", None], "list[Union[int, str, None]]"),
    "empty": ([], "list[Never]"),
    "frozen": (frozenset({1}), "frozenset[int]"),
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("protocol", range(6))
def test_types_of_builtin_values(stored, name, protocol):
    value, expected = TYPES[name]
    if protocol < 3 and b"b" in (value if isinstance(value, tuple) else ()):
        pytest.skip("bytes are a call before protocol 3, and have their own test")
    assert type_in(stored(value, protocol=protocol)) == [expected]


def test_types_of_the_standard_library(stored):
    import collections
    import datetime as dt
    import decimal
    import pathlib
    import re
    import uuid

    value = [
        (dt.datetime(2020, 1, 1), "datetime.datetime"),
        (decimal.Decimal(1), "decimal.Decimal"),
        (pathlib.PurePosixPath("a"), "pathlib.PurePosixPath"),
        (uuid.UUID(int=1), "uuid.UUID"),
        (re.compile("a"), "re.Pattern"),
        (collections.OrderedDict(a=1), "collections.OrderedDict[str, int]"),
        (collections.defaultdict(list, a=[1]), "collections.defaultdict[str, list[int]]"),
        (collections.deque([1]), "collections.deque[int]"),
        (collections.Counter("a"), "collections.Counter[str]"),
        (ValueError("x"), "ValueError"),
    ]
    evidence = stored(*(v for v, _ in value))
    assert type_in(evidence) == [expected for _, expected in value]
    assert evidence.classes == {}


def test_enums_named_tuples_slots_and_subclasses_of_builtins(module, stored):
    shop = module("shop")
    slotted = shop.Slotted()
    slotted.a = 1
    evidence = stored([shop.Color.RED, shop.Point(1, 2), slotted, shop.Names([1])])
    assert list(evidence.classes) == ["shop:Color", "shop:Names", "shop:Point", "shop:Slotted"]
    assert [field.name for field in evidence.classes["shop:Slotted"].fields] == ["a"]


def test_classes_and_functions_as_values_are_no_objects(module, stored):
    shop = module("shop")
    evidence = stored([shop.helper, shop.Line])
    assert evidence.classes == {}
    assert evidence.values == {"shop:Line": 1, "shop:helper": 1}


def test_sharing(module, stored):
    shop = module("shop")
    line = shop.Line("a")
    evidence = stored([shop.Order(1, [line]), shop.Order(2, [line])])
    assert evidence.classes["shop:Line"].shared
    assert not evidence.classes["shop:Order"].shared
    assert evidence.files["data.pkl"].shared


def test_equal_objects_are_not_shared(module, stored):
    shop = module("shop")
    assert not stored([shop.Line("a"), shop.Line("a")]).files["data.pkl"].shared


def test_cycles_end(module, stored):
    shop = module("shop")
    order = shop.Order(1, [])
    order.lines.append(order)
    assert {f.name: str(f.type) for f in stored(order).classes["shop:Order"].fields}[
        "lines"
    ] == "list[shop:Order]"
    loop = []
    loop.append(loop)
    assert type_in(stored(loop)) == ["list[list[list[list[list[Any]]]]]"]


def test_names_of_python_2_are_mapped(tmp_path):
    (tmp_path / "a").write_bytes(b"(lp0\nc__builtin__\nset\np1\n((lp2\nI1\natRp3\na.")
    assert type_in(read_data([tmp_path / "a"], root=tmp_path), "a") == ["list[set[int]]"]


def test_undecided_text_of_python_2_is_text_or_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"(lp0\nS'a'\naS'\\xe4'\na.")
    assert type_in(read_data([tmp_path / "a"], root=tmp_path), "a") == ["list[Union[bytes, str]]"]


def test_several_pickles_in_a_file_and_compression(tmp_path):
    import gzip

    (tmp_path / "a.gz").write_bytes(gzip.compress(pickle.dumps(1) + pickle.dumps("a")))
    assert type_in(read_data([tmp_path / "a.gz"], root=tmp_path), "a.gz") == ["int", "str"]


def test_damaged_files_are_listed_with_what_was_whole(tmp_path):
    (tmp_path / "a").write_bytes(pickle.dumps([1]) + pickle.dumps([2])[:-1])
    evidence = read_data([tmp_path / "a", tmp_path / "missing"], root=tmp_path)
    assert type_in(evidence, "a") == ["list[int]"]
    assert set(evidence.problems) == {"a", "missing"}


def test_nothing_in_data_is_imported_or_called(tmp_path):
    marker = tmp_path / "marker"
    (tmp_path / "a").write_bytes(f"cbuiltins\nopen\n(V{marker}\nVw\ntR.".encode())
    (tmp_path / "b").write_bytes(b"cno_such_module\nThing\n(tR.")
    evidence = read_data([tmp_path / "a", tmp_path / "b"], root=tmp_path)
    assert not marker.exists()
    assert "no_such_module" not in sys.modules
    assert list(evidence.classes) == ["no_such_module:Thing"]


def test_legacy_files_are_found_by_content(tmp_path):
    (tmp_path / "a.txt").write_bytes(pickle.dumps([1]))
    (tmp_path / "b.pkl").write_text("no pickle")
    (tmp_path / "c.json").write_text("[1]")
    candidates = [*sorted(tmp_path.iterdir()), tmp_path / "gone"]
    assert [path.name for path in legacy_files(candidates)] == ["a.txt"]


# --- matching and merging ------------------------------------------------------------


def test_exact_names(module, stored):
    shop = module("shop")
    found = match(stored(shop.Line("a")), class_graph(tree(shop=SHOP, main="import shop")))
    assert (found["shop:Line"].how, found["shop:Line"].key) == (Likeness.EXACT, "shop:Line")


def test_classes_of_a_script(module, stored):
    evidence = stored(module("report").Line("a"))
    main = evidence.classes["report:Line"]
    renamed = type(evidence)(
        classes={"__mp_main__:Line": type(main)("__mp_main__:Line", 1, ("a",), main.fields)}
    )
    found = match(renamed, class_graph(tree(report=SHOP)))
    assert (found["__mp_main__:Line"].how, found["__mp_main__:Line"].key) == (Likeness.MAIN, "report:Line")


def test_a_class_that_moved_and_is_still_offered_under_its_old_name(module, stored):
    module("shop", "")
    old = module("shop.old", "class Item:\n    def __init__(self): self.anything = 1")
    graph = class_graph(
        tree(
            shop__="",
            shop__new="class Line: pass",
            shop__old="from shop.new import Line as Item\n__all__ = ['Item']",
        )
    )
    found = match(stored(old.Item()), graph)["shop.old:Item"]
    assert (found.how, found.key) == (Likeness.MOVED, "shop.new:Line")


def test_a_class_that_moved_and_has_the_same_attributes(module, stored):
    graph = class_graph(tree(shop=SHOP, main="import shop"))
    merged = merge(graph, stored(module("store").Line("a")))
    assert merged["shop:Line"].aliases == ("store:Line",)


UNMATCHED = {
    "other attributes": (
        "class Line:\n    def __init__(self): self.other = 1",
        tree(shop=SHOP, m="import shop"),
    ),
    "two candidates": (
        "class Line:\n    def __init__(self): self.sku = 1",
        tree(a=SHOP, b=SHOP, m="import a, b"),
    ),
    "no candidate": ("class Line:\n    def __init__(self): self.sku = 1", tree(m="class Other: pass")),
}


@pytest.mark.parametrize("name", UNMATCHED)
def test_no_match_by_name_alone(module, stored, name):
    text, sources = UNMATCHED[name]
    graph = class_graph(sources)
    evidence = stored(module("elsewhere", text).Line())
    found = match(evidence, graph)["elsewhere:Line"]
    assert (found.how, found.key) == (Likeness.UNKNOWN, None)
    assert merge(graph, evidence) == graph


def merged_fields(module, stored, source, *objects):
    shop = module("shop")
    evidence = stored(*(make(shop) for make in objects))
    merged = merge(class_graph({"shop.py": dedent(source).encode(), "m.py": b"import shop"}), evidence)
    return merged["shop:Line"]


def test_data_tell_what_source_does_not(module, stored):
    schema = merged_fields(module, stored, SHOP, lambda shop: shop.Line("a"))
    assert fields(schema) == {"sku": "str"}
    assert [(str(f.type), f.source) for f in schema.fields[0].evidence] == [
        ("Any", Source.INFERRED),
        ("str", Source.DATA),
    ]


def test_attributes_that_only_data_have_are_added(module, stored):
    def old(shop):
        line = shop.Line("a")
        line.price = 1.5
        return line

    assert fields(merged_fields(module, stored, SHOP, old)) == {"sku": "str", "price": "float"}


def test_contradictions_are_kept_side_by_side(module, stored):
    source = "class Line:\n    def __init__(self): self.sku = 1"
    schema = merged_fields(module, stored, source, lambda shop: shop.Line("a"))
    assert fields(schema) == {"sku": "Union[int, str]"}
    assert {fact.source for fact in schema.fields[0].evidence} == {Source.INFERRED, Source.DATA}


def test_a_declaration_stands_and_what_data_say_against_it_is_kept(module, stored):
    source = "class Line:\n    sku: int"
    schema = merged_fields(module, stored, source, lambda shop: shop.Line("a"))
    assert fields(schema) == {"sku": "int"}
    assert [str(fact.type) for fact in schema.fields[0].evidence] == ["int", "str"]


def test_samples_do_not_close_a_set(module, stored, tmp_path):
    from migrate.sites import find_sites

    shop = module("shop")
    stored([shop.Line("a")])
    sources = tree(
        shop=f"import pickle\n{dedent(SHOP)}def save(line: Line, h): pickle.dump(line, h)\n", m="import shop"
    )
    files = find_sites(sources)
    gathered = gather(sources, files, [tmp_path / "data.pkl"], root=tmp_path)
    (flow,) = gathered.flows.values()
    assert not flow.closed
    assert flow.open_fields == ("shop:Line.sku",)
    assert gathered.in_data == {"shop:Line": "data.pkl"}


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\ntcnumpy\ndtype\n"
ARRAY += b"(S'i2'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x01\\x00\\x02\\xff'\ntb"


def test_arrays_are_known_values(tmp_path):
    (tmp_path / "data.pkl").write_bytes(b"(" + ARRAY + ARRAY + b"l.")
    evidence = read_data([tmp_path / "data.pkl"], root=tmp_path)
    assert type_in(evidence) == ["list[numpy.ndarray]"]
    assert not evidence.classes


def test_a_subclass_of_arrays_is_a_class_of_its_own(tmp_path):
    (tmp_path / "data.pkl").write_bytes(ARRAY.replace(b"cnumpy\nndarray", b"cshop\nMine") + b".")
    assert type_in(read_data([tmp_path / "data.pkl"], root=tmp_path)) == ["shop:Mine"]
