"""What pickle.loads makes of a benign pickle, the records say as well: values, types, sharing."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import pathlib
import pickle
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.legacy import LegacyError, decode

from .support import revive


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is Point and vars(self) == vars(other)

    __hash__ = None


class Slots:
    __slots__ = ("__dict__", "a")

    def __eq__(self, other):
        return (self.a, vars(self)) == (other.a, vars(other))

    __hash__ = None


class Bag(list):
    pass


class Table(dict):
    pass


class Text(str):
    pass


class Color(enum.Enum):
    RED = 1


Pair = collections.namedtuple("Pair", "a b")


def _slots():
    value = Slots()
    value.a, value.b = 1, [2]
    return value


UTC = dt.timezone.utc
VALUES = [
    Point(1, [2]),
    Bag([1, Bag()]),
    Table(a=1),
    Text("x"),
    Color.RED,
    Pair(1, {}),
    dt.datetime(2020, 1, 2, 3, 4, 5, 6),
    dt.datetime(2020, 1, 2, tzinfo=UTC),
    dt.date(1, 1, 1),
    dt.time(1, 2, 3),
    dt.timedelta(-1, 2, 3),
    decimal.Decimal("1.10"),
    fractions.Fraction(1, 3),
    uuid.UUID(int=7),
    pathlib.PurePosixPath("/a/b"),
    re.compile("a.c", re.I),
    collections.OrderedDict([("b", 1), ("a", 2)]),
    collections.defaultdict(list, {1: [2]}),
    collections.Counter("aab"),
    collections.deque([1, 2], 3),
    array.array("d", [1.5]),
    bytearray(b"\x00\xff"),
    b"\x00\xff",
    b"",
    frozenset({1, 2}),
    {1, 2},
    1j,
    range(3),
    slice(1, None),
    ...,
    int,
    Point,
    {"\udc80": "\u20ac"},
    10**3000,
    -(2**2039),
    {(1, (2,)): [3]},
]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_records_hold_what_pickle_stored(value, protocol):
    data = pickle.dumps(value, protocol)
    found = revive(decode(data))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_slots(protocol):
    assert revive(decode(pickle.dumps(_slots(), protocol))) == _slots()


@pytest.mark.parametrize("protocol", range(6))
def test_cycles_through_everything(protocol):
    point = Point(None, None)
    bag = Bag()
    point.x, point.y = [point, bag], {"p": point}
    bag.append(point)
    found = revive(decode(pickle.dumps(point, protocol)))
    assert found.x[0] is found
    assert found.y["p"] is found
    assert found.x[1][0] is found


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None, exclude_categories=()))
    | st.binary()
)
hashables = st.recursive(
    scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5
)
values = st.recursive(
    hashables,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(hashables, inner, max_size=4)
        | st.sets(hashables, max_size=4)
        | st.tuples(inner)
        | st.builds(Point, inner, inner)
        | st.builds(bytearray, st.binary())
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=values, protocol=st.integers(0, 5))
def test_any_value_any_protocol(value, protocol):
    data = pickle.dumps(value, protocol)
    assert revive(decode(data)) == value == pickle.loads(data)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60), head=st.sampled_from([b"", b"\x80\x02", b"\x80\x04", b"(", b"](", b"}("]))
def test_any_bytes_end_in_a_record_or_an_error_of_ours(data, head):
    try:
        decode(head + data)
    except LegacyError as error:
        assert 0 <= error.offset <= len(head + data)
    except EOFError:
        assert head + data == b""


@settings(max_examples=150, deadline=None)
@given(
    value=values,
    protocol=st.integers(0, 5),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
)
def test_a_changed_byte_is_a_record_or_an_error_of_ours(value, protocol, place, byte):
    data = bytearray(pickle.dumps(value, protocol))
    data[int(place * len(data))] = byte
    try:
        decode(data)
    except LegacyError as error:
        assert error.reason in {"malformed", "truncated", "limit", "unsupported-opcode"}
