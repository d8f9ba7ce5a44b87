# ruff: noqa: PLC3002
"""The strict comparator: what ``==`` does not see."""

import array
import collections
import copy
import datetime as dt
import pickle
import tracemalloc
import zoneinfo
from decimal import Decimal
from types import SimpleNamespace

import pytest

from migrate.runtime import Difference, differences, same
from tests.runtime.models import (
    Color,
    Line,
    MyInt,
    MyList,
    MyStr,
    Pair,
    Plain,
    Reduced,
    Slots,
    WithState,
    with_attributes,
)
from tests.runtime.values import VALUES

NAN = float("nan")
OTHER_NAN = float("-nan")
WHEN = dt.datetime(2024, 10, 27, 2, 30)


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_equal_to_another_of_its_kind(make):
    assert differences(make(), make()) == []


def two_lists_one_twice():
    inner = [1]
    return [inner, inner]


def ring(length):
    nodes = [Plain() for _ in range(length)]
    for a, b in zip(nodes, nodes[1:] + nodes[:1], strict=True):
        a.next = b
    return nodes[0]


DIFFERENT = {
    "int and float": (1, 1.0),
    "int and bool": (1, True),
    "zero and negative zero": (0.0, -0.0),
    "nan and None": (NAN, None),
    "str and subclass": ("a", MyStr("a")),
    "int and subclass": (1, MyInt(1)),
    "int and enum": (1, Color.RED),
    "enum members": (Color.RED, Color.BLUE),
    "str and bytes": ("a", b"a"),
    "bytes and bytearray": (b"a", bytearray(b"a")),
    "list and tuple": ([1], (1,)),
    "tuple and namedtuple": ((1, 2), Pair(1, 2)),
    "list and subclass": ([1], MyList([1])),
    "length": ([1], [1, 2]),
    "element": ([1, 2], [1, 3]),
    "element type": ([1], [True]),
    "set element type": ({1}, {True}),
    "set elements": ({1}, {2}),
    "key type": ({1: 0}, {True: 0}),
    "key": ({"a": 0}, {"b": 0}),
    "value": ({"a": 0}, {"a": 1}),
    "order of a dict": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "dict and OrderedDict": ({}, collections.OrderedDict()),
    "factory": (collections.defaultdict(list), collections.defaultdict(set)),
    "no factory": (collections.defaultdict(list), collections.defaultdict()),
    "maxlen": (collections.deque([1], 3), collections.deque([1], 4)),
    "no maxlen": (collections.deque([1]), collections.deque([1], 4)),
    "typecode": (array.array("i", [1]), array.array("l", [1])),
    "fold": (WHEN, WHEN.replace(fold=1)),
    "naive and aware": (WHEN, WHEN.replace(tzinfo=dt.timezone.utc)),
    "zone and offset": (
        WHEN.replace(tzinfo=dt.timezone.utc),
        WHEN.replace(tzinfo=zoneinfo.ZoneInfo("UTC")),
    ),
    "name of a zone": (dt.timezone(dt.timedelta(0), "A"), dt.timezone(dt.timedelta(0), "B")),
    "datetime and date": (dt.datetime(2024, 1, 1), dt.date(2024, 1, 1)),
    "trailing zero of a Decimal": (Decimal("1.0"), Decimal("1.00")),
    "sign of a Decimal": (Decimal("0"), Decimal("-0")),
    "attribute": (Plain(a=1), Plain(a=2)),
    "attribute missing": (Plain(a=1), Plain()),
    "attribute more": (Plain(), Plain(a=1)),
    "attribute of a list subclass": (MyList(), with_attributes(MyList(), a=1)),
    "slot": (Slots(), with_attributes(Slots(), a=[2])),
    "slot set": (Slots(), with_attributes(Slots(), unset=2)),
    "hidden attribute": (Line("a"), Line("a", 1, [""])),
    "class": (Plain(), SimpleNamespace()),
    "state": (WithState(1), WithState(2)),
    "arguments of reduce": (Reduced(1, 2), Reduced(1, 3)),
    "exception arguments": (ValueError(1), ValueError(2)),
    "exception class": (ValueError(1), TypeError(1)),
    "exception attribute": (ValueError(1), with_attributes(ValueError(1), a=1)),
    "functions": (len, print),
    "classes": (int, str),
    "locks": (__import__("threading").Lock(), __import__("threading").Lock()),
    "shared in one": (two_lists_one_twice(), [[1], [1]]),
    "shared in the other": ([[1], [1]], two_lists_one_twice()),
    "shared otherwise": ((lambda a, b: [a, b, a])([], []), (lambda a, b: [a, b, b])([], [])),
    "length of a ring": (ring(2), ring(3)),
}


@pytest.mark.parametrize(("a", "b"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(a, b):
    assert differences(a, b) != []
    assert not same(a, b)
    assert not same([a], [b])
    assert not same({"k": a}, {"k": b})
    assert not same(Plain(k=a), Plain(k=b))


SAME = {
    "nan": (NAN, OTHER_NAN),
    "nan in a set": ({NAN}, {OTHER_NAN}),
    "sets in another order": ({1, 2, 3}, {3, 2, 1}),
    "sets of instances": ({Plain(a=1), Plain(a=2)}, {Plain(a=2), Plain(a=1)}),
    "sharing of immutable values": ((lambda t: [t, t])((1, 2)), [(1, 2), (1, 2)]),
    "a lock outside of the state": (WithState(1), WithState(1)),
    "rings": (ring(3), ring(3)),
}


@pytest.mark.parametrize(("a", "b"), SAME.values(), ids=SAME)
def test_same(a, b):
    assert differences(a, b) == []


WHERE = {
    "top": (1, 2, ""),
    "deep": ({"a": [Plain(b=(1, 2))]}, {"a": [Plain(b=(1, 3))]}, "['a'][0].b[1]"),
    "attribute": (Plain(a=Line("x")), Plain(a=Line("y")), "a.sku"),
    "key": ({1: 1}, {True: 1}, "[1]<key>"),
}


@pytest.mark.parametrize(("a", "b", "path"), WHERE.values(), ids=WHERE)
def test_says_where(a, b, path):
    assert [d.path for d in differences(a, b)] == [path]


def test_says_how():
    (difference,) = differences([1], [1.0])
    assert difference == Difference("[0]", "int 1 is not float 1.0")
    assert str(difference) == "[0]: int 1 is not float 1.0"


def test_limit():
    assert len(differences(list(range(100)), list(range(1, 101)))) == 10
    assert len(differences(list(range(100)), list(range(1, 101)), limit=3)) == 3


def test_depth_does_not_matter():
    a, b = [], []
    for _ in range(100_000):
        a, b = [a], [b]
    assert same(a, b)


def test_depth_takes_no_more_memory_than_the_values():
    """What is left to compare on every level has a path of its own, each a little longer than the last."""
    a, b = {}, {}
    for _ in range(20_000):
        a, b = {"next": a, "name": "a"}, {"next": b, "name": "a"}
    tracemalloc.start()
    assert same(a, b)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 << 20


def test_slices_are_looked_into():
    a, b, c = [], [], []
    a.append(slice(a, 1))
    b.append(slice(b, 1))
    c.append(slice([], 1))
    assert same(a, b)
    assert (
        str(differences(a, c)[0])
        == "[0].start: shared with another place in one of the two, but not in the other"
    )
    assert str(differences(slice(1, 2, 3), slice(1, 2, 3.0))[0]) == "step: int 3 is not float 3.0"


def test_sharing_does_not_take_exponential_time():
    a, b = (0,), (0,)
    for _ in range(60):
        a, b = (a, a), (b, b)
    assert same(a, b)


def test_a_broken_repr_hides_nothing():
    class Broken:
        def __repr__(self):
            raise RuntimeError

    assert differences(Broken(), 1) != []


def test_elements_that_look_alike_are_told_apart_by_their_other_places():
    first, second = Plain(), Plain()
    for order in ([first, second], [second, first]):
        value = [{first, second}, [], *order, []]
        assert differences(value, copy.deepcopy(value)) == []
        assert differences(value, pickle.loads(pickle.dumps(value))) == []
    swapped = copy.deepcopy([{first, second}, first, second])
    assert differences([{first, second}, first, first], swapped) != []


def test_sets_of_sets_of_look_alikes():
    many = [Plain() for _ in range(6)]
    value = [set(many), frozenset(many[:3]), *reversed(many)]
    assert differences(value, copy.deepcopy(value)) == []
    assert differences(value, [set(many), frozenset(many[3:]), *reversed(many)]) != []


def test_attributes_whose_names_are_of_another_class_differ():
    left, right = Plain(a=1), Plain()
    vars(right)[MyStr("a")] = 1
    assert differences(left, left) == []
    assert [str(found) for found in differences(left, right)] == [
        "__dict__['a']<key>: str 'a' is not MyStr 'a'"
    ]
