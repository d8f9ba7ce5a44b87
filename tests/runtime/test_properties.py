"""Whatever hypothesis can think of: exact, or refused; never something else."""

import collections
import datetime as dt
import io
import json
import pickle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.runtime import DecodeError, EncodeError, differences
from tests.runtime.conftest import make_codec
from tests.runtime.models import (
    Color,
    Dog,
    Line,
    MyDeque,
    MyList,
    MyOrdered,
    Order,
    Pair,
    Perm,
    Plain,
    Point,
    Slots,
    Typed,
)

CODEC = make_codec()
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(codec=None), max_size=8),
    st.sampled_from(["$type", "$ref", "$id", "2024-01-02", "RED", "AA==", "1"]),
    st.binary(max_size=8),
    st.complex_numbers(),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(dt.timezone.utc)),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from([Color.RED, Perm.R | Perm.W, int, Order, ..., range(3)]),
)
hashable = st.recursive(
    scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4
)


fields = st.sampled_from(list(Typed.__dataclass_fields__))


def containers(inner):
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(hashable, inner, max_size=4),
        st.dictionaries(st.text(max_size=4), inner, max_size=4),
        st.sets(hashable, max_size=4),
        st.lists(inner, max_size=3).map(MyDeque),
        st.lists(inner, max_size=3).map(collections.deque),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(MyOrdered),
        st.dictionaries(st.text(max_size=4), inner, max_size=4).map(lambda d: Plain(**d)),
        st.builds(Line, inner, inner, inner),
        st.builds(Order, inner, inner, inner, inner),
        st.builds(Point, inner, inner),
        st.builds(Pair, inner, inner),
        st.builds(Dog, inner, inner),
        st.builds(
            lambda field, value: Typed(**{field: value}),
            st.sampled_from(list(Typed.__dataclass_fields__)),
            inner,
        ),
        inner.map(lambda value: [value, value]),
    )


values = st.recursive(scalars | hashable, containers, max_leaves=12)


@QUICK
@given(values)
def test_exact(value):
    record = CODEC.dumps(value)
    assert record.count(b"\n") == 1
    json.loads(record)
    assert differences(value, CODEC.loads(record)) == []


@QUICK
@given(values)
def test_as_pickle(value):
    assert differences(pickle.loads(pickle.dumps(value)), CODEC.loads(CODEC.dumps(value))) == []


@QUICK
@given(values, st.integers(0, 5))
def test_old_data(value, protocol):
    data = pickle.dumps(value, protocol)
    # Not ``value``: protocols below 4 lose the fold of a datetime, among other things.
    assert differences(pickle.loads(data), CODEC.loads(data)) == []


KINDS = [list, dict, set, Plain, MyList, Slots, lambda: Order(1)]


@st.composite
def graphs(draw):
    """Objects that refer to one another in any way, cycles included."""
    nodes = [draw(st.sampled_from(KINDS))() for _ in range(draw(st.integers(1, 6)))]
    for node in nodes:
        for _ in range(draw(st.integers(0, 3))):
            other = draw(st.sampled_from(nodes))
            link(draw, node, (other,) if draw(st.booleans()) else other)
    return nodes


def link(draw, node, other):
    if isinstance(node, list):
        list.append(node, other)
    elif isinstance(node, dict):
        node[draw(st.sampled_from("abc"))] = other
    elif isinstance(node, Slots):
        node.a = other
    elif not isinstance(node, set):
        setattr(node, draw(st.sampled_from(["a", "first", "lines"])), other)
    elif isinstance(other, Plain):
        node.add(other)


@QUICK
@given(graphs())
def test_graphs(nodes):
    assert differences(nodes, CODEC.loads(CODEC.dumps(nodes))) == []
    for protocol in (2, 5):
        assert differences(nodes, CODEC.loads(pickle.dumps(nodes, protocol))) == []


TAGS = [
    "$type",
    "$id",
    "$ref",
    "$list",
    "$dict",
    "$tuple",
    "$set",
    "$enum",
    "$value",
    "$args",
    "$call",
    "$state",
]
NAMES = ["Order", "Line", "Reduced", "Color", "Point", "MyList"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*TAGS, "$state", "$datetime", "tz", "a", "sku", "id", "lines"])
            | st.text(max_size=3),
            inner | st.sampled_from([*NAMES, 1, True]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@QUICK
@given(json_values)
def test_any_json_is_a_value_or_an_error_of_the_data(wire):
    try:
        value = CODEC.loads(json.dumps(wire).encode())
    except (DecodeError, EOFError):
        return
    except TypeError as error:
        # From __init__ of a class that defines __reduce__, as with pickle.
        assert "Reduced" in str(error)
        return
    try:
        record = CODEC.dumps(value)
    except (EncodeError, AttributeError) as error:
        # An object without the attributes that its own __reduce__ wants.
        assert getattr(error, "reason", "not-restorable") == "not-restorable"
        return
    assert differences(value, CODEC.loads(record)) == []


@QUICK
@given(st.lists(values, max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_records_in_a_file(written, order):
    file = io.BytesIO()
    offsets = []
    for number, value in enumerate(written):
        offsets.append(file.tell())
        file.write(pickle.dumps(value, 4 + number % 2) if number % 3 == 2 else CODEC.dumps(value))
    file.seek(0)
    for value in written:
        assert differences(value, CODEC.load(file)) == []
    for number in order:
        if number < len(written):
            file.seek(offsets[number])
            assert differences(written[number], CODEC.load(file)) == []
