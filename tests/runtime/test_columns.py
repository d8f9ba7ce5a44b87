"""Long lists are written and read column by column: the same bytes, the same values, the same errors.

The general way, one value after the other, is what the columns are held against.
"""

import copy
import datetime as dt
import gc
import json
import math
import pickle
import threading
from collections import OrderedDict, deque
from dataclasses import make_dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.runtime import EncodeError, MigrateError, same
from migrate.runtime.columns import Irregular
from migrate.runtime.columns_write import write_array
from tests.benchmarks import shop
from tests.runtime.conftest import make_codec
from tests.runtime.models import Color, Dog, Line, MyStr, Order, Plain
from tests.runtime.test_properties import QUICK, values

COUNT = 16
FEW = settings(QUICK, max_examples=15)


def the_general_way(codec):
    codec._engine._has_hooks = True
    return codec


def small(name):
    makers = {
        "dataclass": (shop.Order, shop.Line, shop.Customer, shop.Address),
        "attrs": (shop.AttrsOrder, shop.AttrsLine, shop.AttrsCustomer, shop.AttrsAddress),
        "plain": (shop.BareOrder, shop.BareLine, shop.BareCustomer, shop.BareAddress),
    }
    return shop.orders(*makers[name], count=COUNT)


def outcome(codec, value):
    """The bytes, or where and why there are none."""
    try:
        return codec.dumps(value)
    except EncodeError as error:
        return str(error), error.path, error.reason


def assert_same_both_ways(value, make=shop.shop_codec):
    fast, general = make(), the_general_way(make())
    written = outcome(general, value)
    assert outcome(fast, value) == written
    if type(written) is bytes:
        assert same(value, general.loads(written))
        assert same(value, fast.loads(written))
    return written


@pytest.fixture
def no_fallback(monkeypatch):
    """Whatever falls back to the general way fails."""
    from migrate.runtime.conversion import Conversion

    encode_run, decode_run = Conversion.encode_run, Conversion.decode_run

    def writing(self, *, columns=False):
        assert columns, "written again, the general way"
        return encode_run(self, columns=columns)

    def reading(self, *, columns=False):
        assert columns, "read again, the general way"
        return decode_run(self, columns=columns)

    monkeypatch.setattr(Conversion, "encode_run", writing)
    monkeypatch.setattr(Conversion, "decode_run", reading)


KINDS = ["dataclass", "attrs", "plain"]


@pytest.mark.parametrize("kind", KINDS)
def test_orders_are_written_the_same(kind):
    assert_same_both_ways(small(kind))
    assert_same_both_ways({"orders": small(kind), "by number": {str(o.id): o for o in small(kind)}})


@pytest.mark.parametrize("name", [n for n in shop.DATA if not n.startswith("one")])
@pytest.mark.usefixtures("no_fallback")
def test_regular_data_need_no_fallback(name):
    codec, value = shop.shop_codec(), shop.DATA[name]()
    value = dict(list(value.items())[:2000]) if isinstance(value, dict) else value[:600]
    assert same(value, codec.loads(codec.dumps(value)))


@pytest.mark.parametrize("kind", KINDS)
def test_no_object_is_left_behind(kind):
    """Neither by what is written nor by what is read: the columns hold nothing on."""
    codec, value = shop.shop_codec(), small(kind)
    codec.loads(codec.dumps(value))
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(5):
        codec.loads(codec.dumps(value))
    gc.collect()
    assert len(gc.get_objects()) - before < 50


class Cents(int):
    pass


class Euro(Decimal):
    pass


class LongText(str):
    __slots__ = ()


def shop_with_subclasses():
    codec = shop.shop_codec()
    for cls in (Cents, Euro, LongText, Express):
        codec.register(cls)
    return codec


class Express(shop.Order):
    pass


def express(order):
    new = Express.__new__(Express)
    new.__dict__.update(vars(order), courier="bike")
    return new


def set_to(name, value):
    return lambda orders: setattr(orders[11], name, value)


def set_in_line(name, value):
    return lambda orders: setattr(orders[11].lines[2], name, value)


def reversed_attributes(orders):
    order = orders[11]
    state = dict(reversed(vars(order).items()))
    vars(order).clear()
    vars(order).update(state)


IRREGULAR = {
    "NaN": set_in_line("weight", math.nan),
    "infinity": set_in_line("weight", -math.inf),
    "floats whose sum is infinite": lambda orders: [
        setattr(line, "weight", 1.7e308) for order in orders for line in order.lines
    ],
    "infinities that cancel out": lambda orders: (
        set_in_line("weight", math.inf)(orders),
        setattr(orders[12].lines[0], "weight", -math.inf),
    ),
    "negative zero": set_in_line("weight", -0.0),
    "an int in a float": set_in_line("weight", 1),
    "a bool in an int": set_in_line("quantity", True),
    "a float in an int": set_in_line("quantity", 1.0),
    "None in an int": set_in_line("quantity", None),
    "None in a list's place": set_to("lines", None),
    "None among the lines": lambda orders: orders[11].lines.append(None),
    "an int of 64 bits": set_to("id", 2**64 - 1),
    "an int beyond 64 bits": set_to("id", 2**64),
    "an int below 64 bits": set_to("id", -(2**63) - 1),
    "a lone surrogate": set_to("note", "\ud800"),
    "text beyond ASCII": set_to("note", '日本 \U0001f600 \x00 " \\ \u2028'),
    "text that looks like a tag": set_to("note", '$type "$ref" \\u0024'),
    "text for a decimal": set_in_line("price", "12"),
    "a float for a decimal": set_in_line("price", 1.5),
    "a decimal that is not a number": set_in_line("price", Decimal("NaN")),
    "a decimal with an exponent": set_in_line("price", Decimal("1E+5")),
    "a tuple for a list": set_to("lines", ()),
    "a tuple with content for a list": lambda orders: setattr(orders[11], "lines", tuple(orders[11].lines)),
    "a deque for a list": set_to("tags", deque(["a"])),
    "text for a list": set_to("tags", "gift"),
    "nested lists for texts": set_to("tags", [["a"], [{"b": [1, (2,)]}]]),
    "a dict for an object": set_to("customer", {"id": 1, "name": "x"}),
    "a dict with a key like a tag": set_to("customer", {"$type": "Customer"}),
    "a dict with a number for a key": set_to("customer", {1: "x"}),
    "another class for an object": lambda orders: setattr(orders[11], "shipping", orders[11].lines[0]),
    "bytes for text": set_to("note", b"abc"),
    "an aware time": set_to("placed", dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc)),
    "a time in a zone": set_to("placed", dt.datetime(2024, 1, 2, tzinfo=ZoneInfo("Europe/Amsterdam"))),
    "a time with a fold": set_to("placed", dt.datetime(2024, 1, 2, fold=1)),
    "a date for a time": set_to("placed", dt.date(2024, 1, 2)),
    "a number for an enum": set_to("status", 1),
    "the name of an enum": set_to("status", "NEW"),
    "a subclass of int": set_in_line("quantity", Cents(5)),
    "a subclass of Decimal": set_in_line("price", Euro("1.5")),
    "a subclass of str": set_to("note", LongText("x")),
    "a set": set_to("tags", {"a"}),
    "an ordered dict": set_to("note", OrderedDict(a=1)),
    "the same object twice": lambda orders: setattr(orders[11], "shipping", orders[11].customer.address),
    "the same list twice": lambda orders: setattr(orders[11], "tags", orders[12].tags),
    "an object twice in the list": lambda orders: orders.append(orders[3]),
    "a cycle": lambda orders: orders[11].lines.append(orders[11]),
    "the list in itself": lambda orders: setattr(orders[11], "note", orders),
    "something that cannot be written": set_to("note", threading.Lock()),
    "a class that is not registered": set_to("note", Plain(a=1)),
    "a function": set_to("note", len),
}
IN_DICT = {
    "an attribute more": set_to("extra", [1, Decimal(2)]),
    "an attribute named like a tag": lambda orders: vars(orders[11]).update({"$id": 1}),
    "an attribute with a quote": lambda orders: [vars(o).update({'a"b': 1}) for o in orders],
    "an attribute whose name is no text": lambda orders: vars(orders[11]).update({1: 1}),
    "an attribute less": lambda orders: delattr(orders[11], "note"),
    "attributes in another order": reversed_attributes,
    "all kinds of shapes": lambda orders: [vars(o).update({f"extra{o.id}": 1}) for o in orders],
}
"""What is amiss in one of many objects."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IRREGULAR)
def test_what_is_irregular_is_written_the_same(kind, name):
    value = small(kind)
    IRREGULAR[name](value)
    assert_same_both_ways(value, shop_with_subclasses)


@pytest.mark.parametrize("kind", ["dataclass", "plain"])
@pytest.mark.parametrize("name", IN_DICT)
def test_irregular_attributes_are_written_the_same(kind, name):
    value = small(kind)
    IN_DICT[name](value)
    assert_same_both_ways(value, shop_with_subclasses)


def test_a_slot_that_is_not_set_is_left_out():
    value = small("attrs")
    del value[11].note
    assert_same_both_ways(value)


def with_odd_key(rows, attributes):
    """The rows, where the one key of one of them is of a subclass of str that equals the others."""
    inner = attributes(rows[11])
    inner[MyStr("a")] = inner.pop("a")
    return rows


@pytest.mark.parametrize("more", [{}, {"b": 1}], ids=["the same keys", "other keys"])
def test_a_key_that_equals_a_text_but_is_none(more):
    rows = with_odd_key([{"a": n} for n in range(COUNT)], lambda row: row)
    rows[3].update(more)
    assert_same_both_ways(rows, make_codec)
    objects = with_odd_key([Plain(a=n) for n in range(COUNT)], vars)
    vars(objects[3]).update(more)
    assert_same_both_ways(objects, make_codec)


@pytest.mark.parametrize("tells", [True, False], ids=["by the collector", "by iterators"])
def test_what_dicts_refer_to_is_asked_only_of_interpreters_that_tell(tells, monkeypatch):
    from migrate.runtime import columns

    monkeypatch.setattr(columns, "_TELLS", tells and columns._tells())
    test_a_key_that_equals_a_text_but_is_none({"b": 1})
    for kind in KINDS:
        assert_same_both_ways(small(kind))
    emptied = [dict.fromkeys([1, "a"]) for _ in range(COUNT)]
    for number, row in enumerate(emptied):
        del row[1]  # what is left are texts, in a table that is made for all keys
        row["a"] = [number]
    assert_same_both_ways(emptied, make_codec)


TUPLES = {
    "of one length": lambda n: (n, f"{n}", n / 3),
    "of several lengths": lambda n: (n,) * (n % 3),
    "empty": lambda n: (),
    "of mixed types": lambda n: (n if n % 2 else f"{n}", None),
    "with what needs a tag": lambda n: (n, float("nan") if n == 7 else 0.5, 2**70 if n == 8 else n),
    "with bytes": lambda n: (n, b"x"),
    "of lists": lambda n: (n, [n]),
    "long": lambda n: tuple(range(40)),
}


@pytest.mark.parametrize("name", TUPLES)
def test_rows_of_tuples(name):
    assert_same_both_ways([TUPLES[name](n) for n in range(COUNT)], make_codec)
    assert_same_both_ways([{"at": TUPLES[name](n)} for n in range(COUNT)], make_codec)


SHORT = {
    "list": [1, "two", 3.0, None, True],
    "dict": {"a": 1, "b": "two"},
    "text": "x",
    "a number beyond 64 bits": 2**64,
    "a list with one": [2**64, -(2**63) - 1],
    "nan": [float("nan")],
    "inf": float("inf"),
    "-0.0": -0.0,
    "a lone surrogate": "\udc80",
    "a list with one surrogate": ["a", "\udc80"],
    "a dict with a surrogate as key": {"\udc80": 1},
    "a dict like a tag": {"$ref": 1},
    "a dict with an odd key": {MyStr("a"): 1},
    "a dict with a number as key": {1: 1},
    "a subclass of str": MyStr("a"),
    "a list with a subclass": [1, Cents(5)],
    "a member of an enum": Color.RED,
    "nested": [[1]],
    "empty": [],
}


@pytest.mark.parametrize("name", SHORT)
def test_short_values(name):
    assert_same_both_ways(SHORT[name], lambda: _with_cents(make_codec()))


def _with_cents(codec):
    codec.register(Cents)
    return codec


def test_a_subclass_among_objects_of_its_base_keeps_its_attributes():
    value = small("dataclass")
    value[11] = express(value[11])
    written = assert_same_both_ways(value, shop_with_subclasses)
    assert b'"$type":"Express"' in written


def test_objects_of_several_classes_stay_in_order():
    value = [kind for group in zip(*map(small, KINDS), strict=True) for kind in group]
    assert_same_both_ways([*value, 1, None, "x", *value[0].lines])


def test_a_list_of_lists_where_another_list_would_be_plain():
    """A long list in a place of another shape has to be told apart from it."""
    make = make_codec
    assert_same_both_ways([Order(1, lines={n}, first=[[n] * 9] * 2) for n in range(9)], make)
    assert_same_both_ways(Order([[]] * 9, first={str(n): [n] for n in range(9)}, lines=(1,)), make)
    assert_same_both_ways(Order(1, price=[1.5] * 10 + [None], first=[str] * 10, lines={"a": 1}), make)


@FEW
@given(st.lists(values, min_size=8, max_size=12))
def test_whatever_hypothesis_thinks_of_is_written_the_same(value):
    fast, general = make_codec(), the_general_way(make_codec())
    written = outcome(general, value)
    assert outcome(fast, value) == written
    if type(written) is bytes:
        assert same(general.loads(written), fast.loads(written))


@FEW
@given(st.lists(st.tuples(*[values] * 4), min_size=8, max_size=12))
def test_columns_of_whatever_hypothesis_thinks_of_are_written_the_same(rows):
    value = [Order(*row) for row in rows] + [Line(*row[:3]) for row in rows] + [Dog(*row[:2]) for row in rows]
    fast, general = make_codec(), the_general_way(make_codec())
    written = outcome(general, value)
    assert outcome(fast, value) == written
    if type(written) is bytes:
        assert same(general.loads(written), fast.loads(written))


BROKEN = {
    "an unknown tag": (b'"sku":"SKU-11-2"', b'"sku":{"$unheard":1}'),
    "an unknown class": (b'"sku":"SKU-11-2"', b'"sku":{"$type":"Nobody"}'),
    "a bad number": (b'"price":"11.02"', b'"price":"eleven"'),
    "no member of the enum": (b'"status":"SENT"', b'"status":"LOST"'),
    "a bad time": (b'"placed":"2024-03-01T09:41:15.250000"', b'"placed":"yesterday"'),
    "a reference to nothing": (b'"sku":"SKU-11-2"', b'"sku":{"$ref":7}'),
    "a bad id": (b'"sku":"SKU-11-2"', b'"$id":"x","sku":"a"'),
    "no JSON": (b'"sku":"SKU-11-2"', b'"sku":NaN'),
    "no UTF-8": (b'"sku":"SKU-11-2"', b'"sku":"\xff"'),
    "cut off": (b'"sku":"SKU-11-2"', None),
    "a tag with something beside it": (b'"sku":"SKU-11-2"', b'"sku":{"$decimal":"1","more":2}'),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("repeat", [1, 12], ids=["short", "long"])
def test_errors_are_those_of_the_general_way(name, repeat):
    old, new = BROKEN[name]
    record = shop.shop_codec().dumps([o for _ in range(repeat) for o in small("dataclass")])
    record = record[: record.index(old)] if new is None else record.replace(old, new, 1)
    errors = []
    for codec in (shop.shop_codec(), the_general_way(shop.shop_codec())):
        with pytest.raises(MigrateError) as caught:
            codec.loads(record)
        errors.append((type(caught.value), str(caught.value), caught.value.path, caught.value.reason))
    assert errors[0] == errors[1]


READ = {
    "an attribute less": (b',"tags":["a","gift"]', b""),
    "an attribute more": (b'"note":"note 11"', b'"note":"note 11","extra":[1,{"$tuple":[2]}]'),
    "attributes that were not set": (
        b'"sku":"SKU-11-2"',
        b'"$type":"Line","$unset":["weight"],"sku":"SKU-11-2"',
    ),
    "a repeated key": (b'"sku":"SKU-11-2"', b'"sku":"first","sku":"second"'),
    "keys in another order": (b'"quantity":3,"price":"11.02"', b'"price":"11.02","quantity":3'),
    "the tag in a typed place": (b'{"sku":"SKU-11-2"', b'{"$type":"Line","sku":"SKU-11-2"'),
    "untyped": (b'"price":"11.02"', b'"price":{"$untyped":"11.02"}'),
    "an escaped key": (b'"sku":"SKU-11-2"', b'"\\u0073ku":"SKU-11-2"'),
    "white space": (b'"sku":"SKU-11-2"', b' "sku" :\t"SKU-11-2" '),
    "a number for a decimal": (b'"price":"11.02"', b'"price":11'),
    "a shared object": (b'{"sku":"SKU-11-2"', b'{"$id":1,"sku":"SKU-11-2"'),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("repeat", [1, 12], ids=["short", "long"])
def test_records_of_other_writers_are_read_the_same(name, repeat):
    old, new = READ[name]
    record = shop.shop_codec().dumps([o for _ in range(repeat) for o in small("dataclass")])
    assert old in record
    record = record.replace(old, new, 1)
    fast, general = shop.shop_codec().loads(record), the_general_way(shop.shop_codec()).loads(record)
    assert same(fast, general)
    assert pickle.dumps(fast) and [vars(o) for o in fast] != []
    assert [list(vars(line)) for o in fast for line in o.lines] == [
        list(vars(line)) for o in general for line in o.lines
    ]


def test_names_of_attributes_are_interned_as_the_interpreter_does():
    """Otherwise each access to an attribute would compare its letters."""
    loaded = shop.shop_codec().loads(shop.shop_codec().dumps(small("dataclass")))
    known = {name: name for name in vars(small("dataclass")[0].lines[0])}
    assert all(known[name] is name for name in vars(loaded[5].lines[0]))


def test_a_registration_after_the_first_use_counts():
    codec = make_codec()
    value = [Plain(n=n) for n in range(20)]
    first = codec.dumps(value)
    codec.register(Cents)
    value[11].n = Cents(3)
    assert same(value, codec.loads(codec.dumps(value)))
    assert same([Plain(n=n) for n in range(20)], codec.loads(first))


def test_hooks_of_the_user_come_first_whenever_they_are_registered():
    codec, value = make_codec(), [Line(f"s{n}", n) for n in range(20)]
    codec.dumps(value)
    codec.converter.register_unstructure_hook(Line, lambda line: f"{line.sku}|{line.qty}")
    codec.converter.register_structure_hook(
        Line, lambda text, _: Line(text.split("|")[0], int(text.split("|")[1]))
    )
    assert b"s3|3" in codec.dumps(value)
    assert same(value, codec.loads(codec.dumps(value)))


def test_the_converter_alone_changes_nothing():
    codec, value = make_codec(), [Line(f"s{n}", n) for n in range(20)]
    written = codec.dumps(value)
    assert codec.converter.unstructure(value[3])["sku"] == "s3"
    assert codec.dumps(value) == written


def test_a_list_that_another_thread_changes_meanwhile_is_not_written_unseen():
    codec = make_codec()
    run = codec._engine._conversion.encode_run(columns=True)
    rows = [[1, 2] for _ in range(20)]

    def items(column, run):
        from migrate.runtime.columns_write import write_any

        out = write_any(column, run)
        rows[7][1] = math.nan
        return out

    with pytest.raises(Irregular):
        write_array(rows, run, items)


def test_members_of_an_enum_by_columns():
    assert_same_both_ways([Color.RED, Color.BLUE, Color.CRIMSON] * 9, make_codec)


def test_a_record_of_many_parts_is_one_document():
    value = [{"n": n, "of": [n] * 3} for n in range(1000)]
    written = assert_same_both_ways(value)
    assert written.count(b"\n") == 1
    assert assert_same_both_ways({f"k{n}": [n] for n in range(1000)}).startswith(b'{"k0":[0],"k1":[1]')


def test_renamed_fields_have_the_names_of_today():
    old, new = shop.shop_codec(), shop.shop_codec()
    record = old.dumps(small("dataclass")).replace(b'"sku":"SKU-11-', b'"article":"SKU-11-')
    new.register(shop.Line, renames={"article": "sku"})
    assert same(new.loads(record), small("dataclass"))


def test_unknown_fields_are_refused_where_that_is_declared():
    codec, value = shop.shop_codec(unknown_fields="refuse"), small("dataclass")
    assert same(value, codec.loads(codec.dumps(value)))
    record = codec.dumps(value).replace(b'"sku":"SKU-11-2"', b'"sku":"SKU-11-2","more":1')
    with pytest.raises(MigrateError, match="declares no such field"):
        codec.loads(record)
    for line in value[11].lines:
        line.more = 1
    with pytest.raises(EncodeError, match="declares no such field"):
        codec.dumps(value)


PLAIN_OR_TAG = st.recursive(
    st.sampled_from([1, "a", "$", "$tuple", None, 0.5, {"$decimal": "1.5"}, {"$date": "2024-02-29"}, {}]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=2).map(lambda items: {"$tuple": items}),
        st.dictionaries(st.sampled_from(["a", "b", "c$"]), inner, max_size=2),
        st.dictionaries(st.sampled_from(["a", "$tuple"]), inner, max_size=2).map(
            lambda members: {"$dict": members}
        ),
        st.just({"$type": "Line", "sku": {"$tuple": [1]}, "qty": 2}),
        st.just({"$tuple": [1], "more": 2}),
    ),
    max_leaves=6,
)


@QUICK
@given(
    row=st.dictionaries(st.sampled_from(["id", "at", "$x"]), PLAIN_OR_TAG, min_size=1, max_size=3),
    others=st.lists(st.tuples(st.integers(0, 19), PLAIN_OR_TAG), max_size=2),
    within=st.sampled_from(["%s", '{"rows":%s}']),
)
def test_rows_with_tags_are_read_the_same_whatever_else_is_in_them(row, others, within):
    rows = [row] * 20
    for place, other in others:
        rows[place] = other if type(other) is dict and place % 2 else {**row, "at": other}
    record = (within % json.dumps(rows)).encode() + b"\n"
    read = [_read(codec, record) for codec in (make_codec(), the_general_way(make_codec()))]
    assert same(*read)


def _read(codec, record):
    try:
        return codec.loads(record)
    except MigrateError as error:
        return type(error), str(error), error.path, error.reason


def test_what_a_program_makes_while_it_restores_objects_is_looked_at():
    """It is in no text: that every tag of the text was met says nothing of it."""

    class Restoring:
        def __getstate__(self):
            return {"count": 20}

        def __setstate__(self, state):
            made = [{"$tuple": [n]} for n in range(state["count"])]
            self.rows = codec.converter.structure({"rows": made}, dict)["rows"]

    holder = make_dataclass("Holder", [("it", Restoring)])
    codec = make_codec()
    for cls in (Restoring, holder):
        codec.register(cls)
    one = Restoring()
    one.__setstate__({"count": 20})
    assert one.rows == [(n,) for n in range(20)]
    record = codec.dumps([holder(copy.copy(one)) for _ in range(20)])
    record = record.replace(b'"$type":"Restoring",', b"")  # the holder declares it
    assert [each.it.rows for each in codec.loads(record)] == [one.rows] * 20


@pytest.mark.parametrize("odd", [b'{"$tuple":[1],"more":2}', b'{"$tuple":"no array"}', b'{"$decimal":"1"}'])
def test_one_member_that_is_no_such_tag_as_the_others(odd):
    record = b'[%s,{"at":%s}]\n' % (b",".join([b'{"at":{"$tuple":[1]}}'] * 19), odd)
    assert same(_read(make_codec(), record), _read(the_general_way(make_codec()), record))


def test_repeated_keys_hide_no_tag():
    record = b'[%s,{"at":{"$tuple":[1]},"at":7}]' % b",".join([b'{"at":{"$tuple":[1]}}'] * 19)
    assert make_codec().loads(record + b"\n") == [{"at": (1,)}] * 19 + [{"at": 7}]
