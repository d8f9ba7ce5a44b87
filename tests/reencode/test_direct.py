"""The short ways do as the long ways do, or nothing: objects straight from records, and the quick look."""

import copy
import dataclasses
import datetime as dt
import enum
import math
import pickle
import uuid
from decimal import Decimal

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from migrate.legacy import MigrateError, decode
from migrate.reencode import ThroughCodec
from migrate.reencode.alike import surely_same
from migrate.reencode.direct import Direct, NotPlain
from migrate.reencode.errors import Refused
from migrate.runtime import Codec, differences
from tests.benchmarks import shop
from tests.exactness.kinds import KINDS
from tests.exactness.table import our_codec
from tests.runtime.random_classes import families
from tests.runtime.test_properties import QUICK
from tests.runtime.test_random_classes import FEW

UTC = dt.timezone.utc


def built(codec, record):
    """What the short way makes; None if it leaves that to the long one."""
    try:
        return Direct(codec).build(record)
    except NotPlain:
        return None


def the_long_way(codec, record):
    through = ThroughCodec(codec)
    object.__setattr__(through, "_direct", None)
    return through(record)


def same_as_the_long_way(codec, data):
    """Whether the short way is taken; if so, the line is the one of the long way."""
    record = decode(data)
    found = built(codec, record)
    if found is None:
        return False
    line = the_long_way(codec, record)
    assert ThroughCodec(codec)(record) == line
    back = codec.loads(line.text)
    assert differences(found.value, back) == []
    if not found.shared:
        assert surely_same(found.value, back)
    return True


# --- the same as the long way ------------------------------------------------------------------


def order():
    return shop.orders(shop.Order, shop.Line, shop.Customer, shop.Address, count=2)[1]


@pytest.mark.parametrize("kind", ["Order", "AttrsOrder", "BareOrder"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_orders_take_the_short_way(kind, protocol):
    prefix = kind.removesuffix("Order")
    classes = [getattr(shop, prefix + name) for name in ("Order", "Line", "Customer", "Address")]
    value = shop.orders(*classes, count=2)[1]
    codec = shop.shop_codec()
    data = pickle.dumps(value, protocol)
    assert same_as_the_long_way(codec, data)
    assert ThroughCodec(codec)(decode(data)).classes == {
        kind: 1,
        f"{prefix}Customer": 1,
        f"{prefix}Address": 2,
        f"{prefix}Line": 4,
        "Status": 1,
    }


@pytest.mark.parametrize("protocol", range(6))
def test_every_kind_of_value_comes_out_as_by_the_long_way(protocol):
    codec, short = our_codec(), 0
    for make in KINDS.values():
        try:
            data = pickle.dumps(make(), protocol)
        except Exception:  # pickle has none of it
            continue
        try:
            record = decode(data)
            the_long_way(codec, record)
        except MigrateError:
            with pytest.raises(MigrateError):
                ThroughCodec(codec)(record)
            continue
        short += same_as_the_long_way(codec, data)
    assert short > 100


@given(families())
@settings(FEW, max_examples=5)
def test_made_up_classes_come_out_as_by_the_long_way(family):
    note(family.source)
    codec = family.codec()
    for protocol in range(2, 6):
        try:
            data = pickle.dumps(family.value, protocol)
        except (TypeError, AttributeError):  # a method of the class does not let pickle store it
            continue
        try:
            the_long_way(codec, decode(data))
        except MigrateError:
            with pytest.raises(MigrateError):
                ThroughCodec(codec)(decode(data))
            continue
        same_as_the_long_way(codec, data)


@dataclasses.dataclass
class Grown:
    old: object
    new: object = 7


@dataclasses.dataclass(slots=True)
class Slotted:
    first: object
    second: object


LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.decimals()),
    *(st.dates(), st.timedeltas(), st.uuids(), st.sampled_from(list(shop.Status))),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.builds(Grown, inner, inner)
        | st.builds(Slotted, inner, inner)
        | inner.map(lambda value: [value, value])
    ),
)


@given(VALUES, st.integers(2, 5))
@QUICK
def test_plain_values_come_out_as_by_the_long_way(value, protocol):
    codec = Codec("direct")
    for cls in (Grown, Slotted, shop.Status):
        codec.register(cls)
    same_as_the_long_way(codec, pickle.dumps(value, protocol))


# --- what is left to the long way --------------------------------------------------------------


class Loud:
    """Says so when any of its code runs."""

    called: list = []

    def __init__(self, *args):
        self.called.append("init")

    def __setattr__(self, name, value):
        self.called.append("setattr")
        super().__setattr__(name, value)

    def __eq__(self, other):
        self.called.append("eq")
        return True

    __hash__ = None


def test_nothing_of_the_program_is_called():
    codec = Codec("direct")
    codec.register(Loud)
    loud = object.__new__(Loud)
    loud.__dict__["size"] = 1
    data = pickle.dumps([loud], 4)
    Loud.called.clear()
    found = built(codec, decode(data))
    assert type(found.value[0]) is Loud
    assert surely_same(found.value, codec.loads(codec.dumps(found.value)))
    assert Loud.called == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04c" + f"{__name__}\nLoud\n".encode() + b")R.",
        b"\x80\x04c" + f"{__name__}\nLoud\n".encode() + b"K\x01\x85R.",
        b"\x80\x04c" + f"{__name__}\nLoud\n".encode() + b"K\x01\x85\x81.",
        b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
        b"\x80\x04cdecimal\nDecimal\nX\x02\x00\x00\x00 1\x85R.",
        b"\x80\x04cdatetime\ndatetime\nC\x0a\x07\xe8\x0d\x01\x00\x00\x00\x00\x00\x00\x85R.",
        b"\x80\x04cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intJ\xff\xff\xff\xffsb.",
    ],
    ids=["call", "call with arguments", "arguments", "function", "padded", "13th month", "negative"],
)
def test_what_no_plain_value_is_pickled_as_is_left_to_the_long_way(data):
    codec = Codec("direct")
    codec.register(Loud)
    Loud.called.clear()
    assert built(codec, decode(data)) is None
    assert Loud.called == []


class Stated:
    def __setstate__(self, state):
        self.__dict__.update(state, more=1)


class Made:
    def __new__(cls):
        return super().__new__(cls)


class Bits(enum.Flag):
    A = 1
    B = 2


def test_classes_with_a_say_in_it_are_left_to_the_long_way():
    codec = Codec("direct")
    for cls in (Stated, Made, Grown, Bits):
        codec.register(cls)
    lacking = object.__new__(Grown)
    lacking.old = 1
    for value in (Stated(), Made(), lacking, Bits.A):
        assert built(codec, decode(pickle.dumps(value, 4))) is None, value
    assert built(codec, decode(pickle.dumps(Grown(1), 4))) is not None


def test_classes_with_hooks_are_left_to_the_long_way():
    codec = Codec("direct")
    codec.register(Grown)
    record = decode(pickle.dumps(Grown(1), 4))
    assert built(codec, record) is not None
    codec.converter.register_unstructure_hook(Grown, lambda value: [value.old, value.new])
    codec.converter.register_structure_hook(Grown, lambda data, _: Grown(*data))
    assert built(codec, record) is None


def test_texts_that_are_repeated_by_reference_do_no_harm():
    """A pickle of a few kilobytes that would be a gigabyte of JSON."""
    data = pickle.dumps(["x" * 50_000] * 20_000, 4)
    assert len(data) < 200_000
    assert built(Codec("direct"), decode(data)) is None


def test_cycles_and_what_is_shared():
    codec = shop.shop_codec()
    value = [order()]
    value += [value, value[0]]
    found = built(codec, decode(pickle.dumps(value, 4)))
    assert found.shared
    assert differences(value, found.value) == []
    nested = ([],)
    nested[0].append(nested)
    assert built(codec, decode(pickle.dumps(nested, 4))) is None


# --- the quick look ----------------------------------------------------------------------------


def changed(**fields):
    return dataclasses.replace(order(), **fields)


def without(name):
    value = order()
    del value.__dict__[name]
    return value


def shared_lines():
    value = order()
    value.lines = [value.lines[0]] * 4
    return value


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        (1, 2),
        ("1", b"1"),
        ([1], (1,)),
        ([1], [1, 1]),
        ([[1]], [[2]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1, "b": 1}),
        ({"a": [1]}, {"a": [1.0]}),
        (Decimal("1.0"), Decimal("1.00")),
        (Decimal("0"), Decimal("-0")),
        (dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, fold=1)),
        (dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=UTC)),
        (dt.datetime(2024, 1, 1), dt.date(2024, 1, 1)),
        (dt.timedelta(1), dt.timedelta(2)),
        (uuid.UUID(int=1), uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe)),
        (shop.Status.NEW, shop.Status.PAID),
        (order(), changed(id=2)),
        (order(), changed(id=True)),
        (order(), without("note")),
        (without("note"), order()),
        (order(), changed(status=shop.Status.NEW)),
        (order(), changed(lines=order().lines[:3])),
        (order(), changed(shipping=None)),
        ([[], []], [[]] * 2),
    ],
    ids=str,
)
def test_a_difference_is_never_passed_over(a, b):
    assert differences(a, b) != []
    assert not surely_same(a, b)


def test_what_is_shared_in_the_second_value_is_seen():
    value = shared_lines()
    apart = copy.copy(value)
    apart.lines = [copy.copy(line) for line in value.lines]
    assert surely_same(apart, copy.deepcopy(apart))
    assert not surely_same(apart, value)


def test_nan_is_the_same_as_nan():
    assert surely_same([math.nan], [float("nan")])


def test_slots_that_are_set_in_one_only_are_seen():
    codec = Codec("direct")
    codec.register(Slotted)
    assert same_as_the_long_way(codec, pickle.dumps(Slotted([1], None), 4))
    half = object.__new__(Slotted)
    half.first = [1]
    assert not surely_same(Slotted([1], None), half)
    assert not surely_same(half, Slotted([1], None))


# --- and both together -------------------------------------------------------------------------


class Forgetful(Codec):
    """Loses what a broken codec might lose."""

    def loads(self, data, *args, **options):
        value = super().loads(data, *args, **options)
        value.lines[3].weight = 0.75 + 2**-50
        return value


def test_a_codec_that_does_not_bring_it_back_is_found_out():
    codec = Forgetful("shop")
    for cls in (shop.Status, shop.Address, shop.Customer, shop.Line, shop.Order):
        codec.register(cls)
    record = decode(pickle.dumps(order(), 4))
    assert built(codec, record) is not None
    with pytest.raises(Refused) as refused:
        ThroughCodec(codec)(record)
    assert (refused.value.reason, refused.value.path) == ("verify-failed", "lines[3].weight")
