"""Many rows at once come out as each would by the long way, or are left to it."""

import copy
import dataclasses
import datetime as dt
import json
import pickle
import sqlite3
import time
import tracemalloc
import uuid
from collections import Counter
from contextlib import closing
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.legacy import decode
from migrate.reencode.converters import Loaded
from migrate.reencode.matching import Match
from migrate.reencode.opening import Source
from migrate.reencode.recipe import Recipe, Worker
from migrate.reencode.report import Report
from migrate.reencode.sketched import Build, NotRegular
from migrate.reencode.stores import Range
from migrate.reencode.together import Together
from migrate.runtime import Codec
from migrate.runtime.keys import Keys
from tests.benchmarks import shop
from tests.exactness.kinds import KINDS
from tests.exactness.table import our_codec
from tests.runtime.test_properties import QUICK

from .test_direct import VALUES, Bits, Grown, Loud, Made, Slotted, Stated, the_long_way

FEW = 8


def together(codec, rows):
    """What is made of the pickles; None for those that are left to the long way."""
    return Together.of(codec.at_stage("json"))(rows)


def as_by_the_long_way(codec, rows):
    """How many rows are converted together; those are as the long way makes them."""
    found = together(codec, rows)
    classes = Counter()
    for row, conversion in zip(rows, found, strict=True):
        if conversion is not None:
            line = the_long_way(codec, decode(row))
            assert conversion.data == line.text
            assert (conversion.kinds, conversion.pickles) == ((f"pickle {row[1]}",), 1)
            classes.update(line.classes)
            classes.subtract(conversion.classes)
    assert not any(classes.values())
    return sum(map(bool, found))


# --- the same as the long way ------------------------------------------------------------------


def some_orders(kind, count=40):
    prefix = kind.removesuffix("Order")
    classes = [getattr(shop, prefix + name) for name in ("Order", "Line", "Customer", "Address")]
    return shop.orders(*classes, count=count)


@pytest.mark.parametrize("kind", ["Order", "AttrsOrder", "BareOrder"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_orders_are_converted_together(kind, protocol):
    rows = [pickle.dumps(order, protocol) for order in some_orders(kind)]
    assert as_by_the_long_way(shop.shop_codec(), rows) == len(rows)


@pytest.mark.parametrize("protocol", [2, 5])
def test_every_kind_of_value_comes_out_as_by_the_long_way(protocol):
    codec, rows = our_codec(), []
    for make in KINDS.values():
        try:
            data = pickle.dumps(make(), protocol)
            the_long_way(codec, decode(data))
        except Exception:  # pickle has none of it, or it is refused
            continue
        rows += [data] * FEW
    assert as_by_the_long_way(codec, rows) > len(rows) // 8


@given(VALUES, st.integers(2, 5))
@settings(QUICK, max_examples=40)
def test_plain_values_come_out_as_by_the_long_way(value, protocol):
    codec = Codec("together")
    for cls in (Grown, Slotted, shop.Status):
        codec.register(cls)
    as_by_the_long_way(codec, [pickle.dumps(value, protocol)] * FEW)


MIXED = {
    "nothing and something": [None, 1] * FEW,
    "numbers of both kinds": [1, 1.0, True] * FEW,
    "signs of zero": [0.0, -0.0] * FEW,
    "not a number": [float("nan")] * FEW,
    "without end": [float("inf"), float("-inf")] * FEW,
    "numbers beyond JSON": [2**64, -(2**63) - 1] * FEW,
    "bytes": [b"", b"\x80\xff"] * FEW,
    "lone surrogates": ["\ud800"] * FEW,
    "texts with line feeds": ["a\nb\r\u2028"] * FEW,
    "long texts": ["x" * 300, "y" * 5_000] * FEW,
    "lists of unlike length": [[1] * n for n in range(20)],
    "dicts with unlike keys": [{f"k{n}": n} for n in range(40)],
    "dicts like tags": [{"$type": "Grown"}, {"$ref": 1}, {"$id": 1}, {"$end": 1}, {"$stream": "list"}] * FEW,
    "keys that are no texts": [{1: 2}, {True: 1}, {None: 0}] * FEW,
    "tuples": [(1, "a"), (), ((2, 3), [])] * FEW,
    "fold": [dt.datetime(2024, 10, 27, 2, 30, fold=n % 2) for n in range(16)],
    "zones": [dt.datetime(2024, 1, 1, tzinfo=zone) for zone in (None, dt.timezone.utc)] * FEW,
    "other zones": [dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))] * FEW,
    "times": [dt.time(1, 2), dt.date(1, 1, 1), dt.timedelta(-1, 5, 6), dt.timezone.utc] * FEW,
    "decimals": [Decimal(text) for text in ("1.10", "-0", "1E+3", "NaN", "Infinity")] * FEW,
    "ids": [uuid.UUID(int=n) for n in range(16)],
    "members": [shop.Status.NEW, shop.Status.PAID] * FEW,
    "attributes in two orders": [Grown(1, 2), Slotted("a", [None])] * FEW,
}


@pytest.mark.parametrize("values", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("protocol", [2, 5])
def test_mixed_rows_come_out_as_by_the_long_way(values, protocol):
    codec = Codec("together")
    for cls in (Grown, Slotted, shop.Status):
        codec.register(cls)
    as_by_the_long_way(codec, [pickle.dumps(value, protocol) for value in values])


def test_a_row_that_is_odd_does_not_hold_up_the_others():
    codec = shop.shop_codec()
    rows = [pickle.dumps(order, 4) for order in some_orders("Order", 100)]
    shared = some_orders("Order", 1)[0]
    shared.shipping = shared.customer.address
    rows[77] = pickle.dumps(shared, 4)
    rows[20] = pickle.dumps(shared, 0)
    found = together(codec, rows)
    assert found[20] is None
    assert [number for number, each in enumerate(found) if each is None and abs(number - 77) > 2 * FEW] == [
        20
    ]
    as_by_the_long_way(codec, rows)


def test_rows_of_another_kind_are_looked_at_ever_more_rarely():
    convert = Together.of(shop.shop_codec())
    reads = []
    read = convert._sketcher.read
    convert._sketcher.read = lambda blob: reads.append(1) or read(blob)
    for _ in range(100):
        convert([pickle.dumps(1, 0)] * 10)
    assert len(reads) < 100
    while not any(convert([pickle.dumps(1, 4)] * 10)):
        pass
    assert all(convert([pickle.dumps(2, 4)] * 10))


# --- what is left to the long way --------------------------------------------------------------


def lacking():
    made = object.__new__(Grown)
    made.old = 1
    return made


SHARED = [1]
LEFT = {
    "shared": [SHARED, SHARED],
    "a cycle": lambda: (x := [], x.append(x))[0],
    "a tuple twice": [(t := (1, 2)), t],
    "a class that restores itself": Stated,
    "a class that makes itself": Made,
    "a field that is missing": lacking,
    "flags": Bits.A,
    "a class that is not known": Loud,
}


@pytest.mark.parametrize("value", LEFT.values(), ids=LEFT)
def test_what_is_not_plain_is_left(value):
    codec = Codec("together")
    for cls in (Stated, Made, Grown, Bits):
        codec.register(cls)
    data = pickle.dumps(value() if callable(value) else value, 4)
    assert together(codec, [data] * FEW) == [None] * FEW


def test_nothing_of_the_program_is_called():
    codec = Codec("together")
    codec.register(Loud)
    loud = object.__new__(Loud)
    loud.__dict__["size"] = 1
    rows = [pickle.dumps([value], 4) for value in (loud, None) * FEW]
    Loud.called.clear()
    assert as_by_the_long_way(codec, rows) == len(rows)
    assert Loud.called == []


class Closed:
    """Changes when nobody needs it any more, as what holds a connection does."""

    def __init__(self, names):
        self.is_open, self.names = True, names

    def __del__(self):
        self.is_open = False
        self.names.clear()


def test_what_instances_do_at_their_end_changes_no_data():
    codec = Codec("together")
    codec.register(Closed)
    rows = [pickle.dumps(Closed(["a"]), 4) for _ in range(4 * FEW)]
    as_by_the_long_way(codec, rows)
    assert json.loads(the_long_way(codec, decode(rows[0])).text) == {
        "$type": "Closed",
        "is_open": True,
        "names": ["a"],
    }


class Counting:
    """Keeps in an attribute what was asked of it last."""

    def __getattribute__(self, name):
        object.__getattribute__(self, "__dict__")["last"] = name
        return object.__getattribute__(self, name)


def test_what_instances_do_when_they_are_looked_at_changes_no_data():
    codec = Codec("together")
    codec.register(Counting)
    row = b"\x80\x04c" + b"%s\nCounting\n)\x81}\x8c\x01aK\x01sb." % __name__.encode()
    assert together(codec, [row] * FEW) == [None] * FEW


def test_codecs_that_see_each_record_are_left():
    codec = Codec("together")
    codec.register(Grown)
    data = [pickle.dumps(Grown(1), 4)] * FEW
    assert all(together(codec, data))
    codec.converter.register_unstructure_hook(Grown, lambda value: [value.old, value.new])
    codec.converter.register_structure_hook(Grown, lambda data, _: Grown(*data))
    assert not any(together(codec, data))
    assert Together.of(Codec("other", format="msgpack").at_stage("json")) is None
    assert Together.of(Codec("other", signing=Keys({"k": b"x" * 32})).at_stage("json")) is None
    assert Together.of(object()) is None


@pytest.mark.parametrize("zero", [b"\x89", b"G" + bytes(8)], ids=["False", "0.0"])
def test_a_zone_whose_offset_is_no_whole_number_is_left(zero):
    offset = b"cdatetime\ntimedelta\n" + zero + b"K\x00K\x00\x87R"
    row = b"\x80\x04cdatetime\ntimezone\n" + offset + b"\x85R."
    assert pickle.loads(row) is dt.timezone.utc
    assert together(Codec("together"), [row] * FEW) == [None] * FEW


def test_texts_that_are_repeated_by_reference_do_no_harm():
    data = pickle.dumps(["x" * 20_000] * 2_000, 4)
    assert len(data) < 30_000
    assert together(Codec("together"), [data] * FEW) == [None] * FEW


def _many(row, name, argument, call, modulus=2**61 - 1):
    """A list of what is called or made, with an argument that is another each time, of the same hash.

    With ``modulus`` 1 the hashes differ as well.
    """
    numbers = (((row * 2_000 + n) * modulus).to_bytes(10, "little") for n in range(1_500))
    first, *others = (argument % (b"\x8a\x0a" + number) + call for number in numbers)
    body = (
        name
        + b"\x94"
        + first
        + b"".join(b"h\x00" + other for other in others[: 480 if b"R" in call else None])
    )
    return b"\x80\x04](" + body + b"e."


COLLIDING = {
    "states": (b"ctests.reencode.test_direct\nGrown\n", b")\x81}%sNs", b"b"),
    "encodings": (b"c_codecs\nencode\n", b"\x8c\x01a%s\x86", b"R"),
    "offsets": (b"cdatetime\ntimezone\n", b"cdatetime\ntimedelta\n%sK\x00K\x00\x87R\x85", b"R"),
}


@pytest.mark.parametrize("parts", COLLIDING.values(), ids=COLLIDING)
def test_numbers_of_the_same_hash_take_no_endless_time(parts):
    """One row has few, as :mod:`migrate.legacy.sketches` sees to; many rows together have very many."""
    codec = Codec("together")
    codec.register(Grown)
    convert = Together.of(codec.at_stage("json"))
    count = 4 * FEW
    colliding, others = ([_many(row, *parts, modulus) for row in range(count)] for modulus in (2**61 - 1, 1))
    begin = time.process_time()
    assert convert(colliding) == [None] * count
    between = time.process_time()
    Together.of(codec.at_stage("json"))(others)
    # Twice as long at most; hundreds of times, if each is held against each.
    assert between - begin < 20 * (time.process_time() - between) + 1.0


REPEATED = {
    "decimals": lambda text: b"cdecimal\nDecimal\n" + text + b"\x85R",
    "bytes": lambda text: b"c_codecs\nencode\n" + text + b"\x8c\x06latin1\x86R",
    "times": lambda text: b"cdatetime\ndatetime\nc_codecs\nencode\n" + text + b"\x8c\x06latin1\x86R\x85R",
}


@pytest.mark.parametrize("made", REPEATED.values(), ids=REPEATED)
def test_what_is_made_of_texts_is_not_made_very_often(made):
    text = b"X" + (8_000).to_bytes(4, "little") + b"9" * 8_000
    row = b"\x80\x04](" + made(text) + b"\x94" + b"h\x00" * 2_000 + b"e."
    convert = Together.of(Codec("together").at_stage("json"))
    rows = [row] * FEW
    tracemalloc.start()
    try:
        assert convert(rows) == [None] * FEW
        assert tracemalloc.get_traced_memory()[1] < 100 * sum(map(len, rows))  # 3,000 times
    finally:
        tracemalloc.stop()


def test_the_names_of_one_dict_are_not_written_down_for_all():
    """A dict of 900 names, and 16,000 empty ones: that would be 115 MB."""
    rows = [pickle.dumps([dict.fromkeys(map(str, range(900)))], 4)]
    rows += [b"\x80\x04](" + b"}" * 2_000 + b"e."] * FEW
    convert = Together.of(Codec("together").at_stage("json"))
    tracemalloc.start()
    try:
        convert(rows)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


# --- what is read back is looked at -------------------------------------------------------------


def changes():
    """What is done to the second of some orders."""

    def changed(name, value, inner=lambda order: order):
        def change(orders):
            setattr(inner(orders[1]), name, value)

        return change

    line = lambda order: order.lines[1]  # noqa: E731
    return {
        "a text": changed("note", "other"),
        "a number": changed("quantity", 3, line),
        "its type": changed("id", 1.0),
        "a truth": changed("id", True),
        "a float": changed("weight", -0.0, lambda order: order.lines[0]),
        "a decimal": changed("price", Decimal("1.010"), line),
        "a member": changed("status", shop.Status.SENT),
        "a member's value": changed("status", "paid"),
        "a time": changed("placed", dt.datetime(2024, 3, 1, 9, 31, 15, 250_001)),
        "its fold": lambda orders: setattr(orders[1], "placed", orders[1].placed.replace(fold=1)),
        "its zone": lambda orders: setattr(
            orders[1], "placed", orders[1].placed.replace(tzinfo=dt.timezone.utc)
        ),
        "nothing for something": changed("note", None),
        "a list that is longer": lambda orders: orders[1].lines.append(copy.copy(orders[1].lines[0])),
        "a list that is shorter": lambda orders: orders[1].lines.pop(),
        "a tuple for a list": lambda orders: setattr(orders[1], "tags", tuple(orders[1].tags)),
        "a class": lambda orders: orders[1].customer.__dict__.update(
            address=shop.BareAddress("1", "2", "3", "4")
        ),
        "an attribute more": lambda orders: setattr(orders[1], "more", 1),
        "an attribute less": lambda orders: delattr(orders[1], "note"),
        "their order": lambda orders: orders[1].__dict__.update(note=orders[1].__dict__.pop("note")),
        "something shared": lambda orders: setattr(orders[1], "shipping", orders[1].customer.address),
        "two lines that are one": lambda orders: orders[1].lines.__setitem__(1, orders[1].lines[0]),
        "two rows that are one": lambda orders: orders.__setitem__(1, orders[0]),
    }


@pytest.mark.parametrize("kind", ["Order", "AttrsOrder"])
@pytest.mark.parametrize("change", changes().values(), ids=changes())
def test_any_difference_is_seen(kind, change):
    convert = Together.of(shop.shop_codec())
    values = some_orders(kind, 12)
    sketches = [convert._sketcher.read(pickle.dumps(value, 4)) for value in values]
    Build(convert._names, 1 << 20).column(sketches)  # which gets to know the classes
    assert Match(convert._names).column(sketches, values)
    try:
        change(values)
    except (AttributeError, TypeError):  # with slots there is no such change
        return
    assert not matches(convert, sketches, values)


def matches(convert, sketches, values):
    try:
        return Match(convert._names).column(sketches, values)
    except (AttributeError, NotRegular):  # a slot that is not set
        return False


OTHERS = {
    "a dict's key": ({"a": 1}, {"b": 1}),
    "a dict's order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "an empty dict": ({}, {"a": 1}),
    "bytes": (b"a", b"b"),
    "bytes and text": (b"a", "a"),
    "a date": (dt.date(2024, 1, 2), dt.date(2024, 1, 3)),
    "a day and a time": (dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)),
    "a time span": (dt.timedelta(1), dt.timedelta(2)),
    "a zone": (dt.timezone.utc, dt.timezone(dt.timedelta(hours=1))),
    "an id": (uuid.UUID(int=1), uuid.UUID(int=2)),
    "an id that is safe": (uuid.UUID(int=1), uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe)),
    "a zero": (0.0, -0.0),
    "a slot": (Slotted(1, 2), Slotted(1, 3)),
    "a tuple": ((1, 2), (1, 2, 3)),
    "a tuple in a tuple": (((1,), 2), ((1.0,), 2)),
}


@pytest.mark.parametrize(("before", "after"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_other_differences_are_seen(before, after, protocol):
    codec = Codec("together")
    codec.register(Slotted)
    convert = Together.of(codec)
    sketches = [convert._sketcher.read(pickle.dumps(before, protocol)) for _ in range(2)]
    Build(convert._names, 1 << 20).column(sketches)
    assert Match(convert._names).column(sketches, [before, copy.deepcopy(before)])
    assert not matches(convert, sketches, [copy.deepcopy(before), after])
    assert not matches(convert, sketches, [after, after])


def test_a_slot_that_is_not_set_is_seen():
    codec = Codec("together")
    codec.register(Slotted)
    convert = Together.of(codec)
    lacks = object.__new__(Slotted)
    sketches = [convert._sketcher.read(pickle.dumps(Slotted(1, 2), 4))]
    Build(convert._names, 1 << 20).column(sketches)
    assert not matches(convert, sketches, [lacks])


# --- in a worker ---------------------------------------------------------------------------------


def worker_on(root, rows, codec):
    path = root / "stock.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
        database.executemany("INSERT INTO t VALUES (?, ?)", enumerate(rows))
    source = Source(url=f"sqlite:///{path}", options={"table": "t", "column": "v"})
    return Worker(Recipe(source), loaded=Loaded("", codec)), path


def test_a_worker_says_of_each_row_what_became_of_it(tmp_path):
    rows = [pickle.dumps(order, 4) for order in some_orders("Order", 30)]
    rows[5] = b"\x80\x04cos\nsystem\n(X\x04\x00\x00\x00truetR."
    rows[6] = b'{"a": 1}\n'
    worker, path = worker_on(tmp_path, rows, shop.shop_codec())
    answer = worker.do(Range(0, 30, last="29"))
    worker.close()
    report = answer.report
    assert (report.converted, report.failed, report.nothing) == (28, 1, 1)
    assert (report.classes["Order"], report.classes["Line"], report.pickles) == (28, 4 * 28, 28)
    assert [(entry.key, entry.reason) for entry in answer.entries] == [("5", "unsafe-global")]
    with closing(sqlite3.connect(path)) as database:
        found = dict(database.execute("SELECT id, v FROM t"))
    assert found[5] == rows[5]
    assert all(json.loads(found[n])["id"] == n for n in range(30) if n not in (5, 6))


def test_classes_are_counted_of_what_was_written(tmp_path):
    rows = [pickle.dumps(order, 4) for order in some_orders("Order", 30)]
    worker, path = worker_on(tmp_path, rows, shop.shop_codec())
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TRIGGER late BEFORE UPDATE ON t WHEN old.id = 0 BEGIN SELECT RAISE(IGNORE); END"
        )
    report = Report()
    report.merge(worker.do(Range(0, 30, last="29")).report)
    worker.close()
    assert (report.converted, report.failed) == (29, 1)
    assert report.classes["Order"] == 29


def test_dataclasses_with_frozen_attributes_are_plain():
    codec = Codec("together")
    codec.register(Frozen)
    assert as_by_the_long_way(codec, [pickle.dumps(Frozen(n), 4) for n in range(FEW)]) == FEW


@dataclasses.dataclass(frozen=True)
class Frozen:
    number: int


def test_what_is_shared_is_seen():
    convert = Together.of(Codec("together"))
    one, two = [1], {"a": 1}
    assert matches(convert, [[1], [1]], [one, [1]])
    assert not matches(convert, [[1], [1]], [one, one])
    assert not matches(convert, [{"a": 1}, {"a": 1}], [two, two])


def test_a_row_that_grows_beyond_measure_is_left_to_the_long_way():
    often = pickle.dumps([tuple(range(1000))] * 6000, 4)
    rows = [pickle.dumps([n], 4) for n in range(FEW)]
    found = Together.of(Codec("growth").at_stage("json"), 100)([*rows, often, *rows])
    assert [conversion is None for conversion in found] == [False] * FEW + [True] + [False] * FEW
