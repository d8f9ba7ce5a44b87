# ruff: noqa: PLC3002
"""The text that is written: docs/wire-format.md, by example."""

import collections
import datetime as dt
from decimal import Decimal

import pytest

from tests.runtime.models import (
    Color,
    Dog,
    Line,
    MyInt,
    MyList,
    Order,
    Perm,
    Plain,
    Point,
    Reduced,
    Slots,
    TupleState,
    Typed,
)

UNTYPED = {
    "null": (None, "null"),
    "int": (5, "5"),
    "float": (5.0, "5.0"),
    "large int": (2**64, '{"$int":"0x10000000000000000"}'),
    "negative large int": (-(2**64), '{"$int":"-0x10000000000000000"}'),
    "nan": (float("nan"), '{"$float":"nan"}'),
    "surrogate": ("\udc80", '{"$utf8":"7bKA"}'),
    "bytes": (b"\x00\x01", '{"$bytes":"AAE="}'),
    "list": ([1, [2]], "[1,[2]]"),
    "tuple": ((1,), '{"$tuple":[1]}'),
    "dict": ({"a": 1}, '{"a":1}'),
    "dict of ints": ({1: 2}, '{"$dict":[[1,2]]}'),
    "dict like a tag": ({"$ref": 1}, '{"$dict":[["$ref",1]]}'),
    "datetime": (
        dt.datetime(2024, 1, 2, 3, tzinfo=dt.timezone.utc, fold=1),
        '{"$datetime":"2024-01-02T03:00:00","tz":{"$timezone":"UTC"},"fold":1}',
    ),
    "deque": (collections.deque([1], 2), '{"$deque":[1],"maxlen":2}'),
    "defaultdict": (collections.defaultdict(list), '{"$defaultdict":[],"factory":"list"}'),
    "class": (Order, '{"$class":"Order"}'),
    "enum": (Color.CRIMSON, '{"$enum":["Color","RED"]}'),
    "flag": (Perm.R | Perm.W, '{"$enum":["Perm",3]}'),
    "instance": (Line("a"), '{"$type":"Line","sku":"a","qty":1,"notes":[]}'),
    "subclass": (Dog("Rex", []), '{"$type":"Dog","name":"Rex","tricks":[]}'),
    "named tuple": (Point(1), '{"$type":"Point","$value":[1,null]}'),
    "slots": (Slots(), '{"$type":"Slots","_Slots__hidden":2,"a":[1]}'),
    "state": (TupleState(1), '{"$type":"TupleState","$state":{"$tuple":[1,7]}}'),
    "reduce": (Reduced(1, 2), '{"$type":"Reduced","$args":[1,2],"$call":true,"$state":{"extra":null}}'),
    "dollar attribute": (Plain(**{"$a": 1}), '{"$type":"Plain","$state":{"$dict":[["$a",1]]}}'),
    "list subclass": (MyList([1]), '{"$type":"MyList","$items":[1]}'),
    "int subclass": (MyInt(1), '{"$type":"MyInt","$value":1}'),
    "exception": (KeyError("a"), '{"$exception":"KeyError","args":["a"]}'),
}


@pytest.mark.parametrize(("value", "text"), UNTYPED.values(), ids=UNTYPED)
def test_untyped(codec, value, text):
    assert codec.dumps(value) == text.encode() + b"\n"


PLAIN = {
    "int": (5, "5"),
    "bytes": (b"\x00", '"AA=="'),
    "datetime": (dt.datetime(2024, 1, 2), '"2024-01-02T00:00:00"'),
    "datetime utc": (dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), '"2024-01-02T00:00:00+00:00"'),
    "date": (dt.date(2024, 1, 2), '"2024-01-02"'),
    "decimal": (Decimal("1.50"), '"1.50"'),
    "line": (Line("a"), '{"sku":"a","qty":1,"notes":[]}'),
    "color": (Color.RED, '"RED"'),
    "perm": (Perm.RW, "3"),
    "point": (Point(1, Line("a")), '[1,{"sku":"a","qty":1,"notes":[]}]'),
    "set": ({1}, "[1]"),
    "frozenset": (frozenset("a"), '["a"]'),
    "many": ((1, 2), "[1,2]"),
    "pair": ((1, Line("a")), '[1,{"sku":"a","qty":1,"notes":[]}]'),
    "deque": (collections.deque([Line("a")]), '[{"sku":"a","qty":1,"notes":[]}]'),
    "dates": ([dt.date(2024, 1, 2)], '["2024-01-02"]'),
    "by_name": ({"k": Line("a")}, '{"k":{"sku":"a","qty":1,"notes":[]}}'),
    "by_number": ({-1: Line("a")}, '{"-1":{"sku":"a","qty":1,"notes":[]}}'),
    "by_pair": ({(1, 2): Line("a")}, '[[[1,2],{"sku":"a","qty":1,"notes":[]}]]'),
    "movie": ({"title": "M", "released": dt.date(1931, 5, 11)}, '{"title":"M","released":"1931-05-11"}'),
}

TAGGED = {
    "a str where a datetime belongs": ("datetime", "2024-01-02T00:00:00", '{"$str":"2024-01-02T00:00:00"}'),
    "a str where bytes belong": ("bytes", "AA==", '{"$str":"AA=="}'),
    "a str where an enum belongs": ("color", "RED", '{"$str":"RED"}'),
    "an int where a flag belongs": ("perm", 3, '{"$int":"0x3"}'),
    "a bool where a flag belongs": ("perm", True, "true"),
    "a bool where an int belongs": ("int", True, "true"),
    "an int where a float belongs": ("float", 5, "5"),
    "a float where an int belongs": ("int", 5.0, "5.0"),
    "a list where a set belongs": ("set", [1], '{"$list":[1]}'),
    "a tuple where a list belongs": (
        "lines",
        (Line("a"),),
        '{"$tuple":[{"$type":"Line","sku":"a","qty":1,"notes":[]}]}',
    ),
    "a list where a tuple belongs": ("many", [1], '{"$list":[1]}'),
    "a longer tuple": ("pair", (1, 2, 3), '{"$tuple":[1,2,3]}'),
    "a deque with maxlen": ("deque", collections.deque(maxlen=1), '{"$deque":[],"maxlen":1}'),
    "a dict where an instance belongs": ("line", {"sku": "a"}, '{"$dict":{"sku":"a"}}'),
    "int keys where str belong": ("by_name", {1: 2}, '{"$dict":[[1,2]]}'),
    "str keys where int belong": ("by_number", {"1": 2}, '{"$dict":{"1":2}}'),
    "a bool key where int belongs": ("by_number", {True: 2}, '{"$dict":[[true,2]]}'),
    "a list where pairs belong": ("by_pair", [[1, 2]], '{"$list":[[1,2]]}'),
    "a list where a named tuple belongs": ("point", [1, None], '{"$list":[1,null]}'),
    "a subclass": ("base", Dog("Rex", []), '{"$type":"Dog","name":"Rex","tricks":[]}'),
    "a subclass of int": ("int", MyInt(1), '{"$type":"MyInt","$value":1}'),
    "a datetime with fold": (
        "datetime",
        dt.datetime(2024, 1, 2, fold=1),
        '{"$datetime":"2024-01-02T00:00:00","fold":1}',
    ),
    "another element": ("lines", [Line("a"), 5, None], '[{"sku":"a","qty":1,"notes":[]},5,null]'),
    "None": ("line", None, "null"),
    "a date where a str belongs": ("str", dt.date(2024, 1, 2), '{"$date":"2024-01-02"}'),
    "a union": ("union", "a", '"a"'),
}


def field_text(codec, name, value):
    text = codec.dumps(Typed(**{name: value})).decode()
    key = f'"{name}":'
    start = text.index(key) + len(key)
    following = [f for f in Typed.__dataclass_fields__ if f'"{f}":' in text[start:]]
    later = [text.index(f',"{f}":', start) for f in following if f',"{f}":' in text[start:]]
    return text[start : min(later)] if later else text[start:-2]


@pytest.mark.parametrize("name", PLAIN)
def test_plain_where_it_conforms(codec, name):
    value, text = PLAIN[name]
    assert field_text(codec, name.split()[0], value) == text


@pytest.mark.parametrize(("name", "value", "text"), TAGGED.values(), ids=TAGGED)
def test_tagged_where_it_does_not(codec, name, value, text):
    assert field_text(codec, name, value) == text


SHARED = {
    "nothing is shared": (lambda: [[1], [1]], "[[1],[1]]"),
    "a list": (lambda: (lambda x: [x, x])([1]), '[{"$list":[1],"$id":1},{"$ref":1}]'),
    "a dict": (lambda: (lambda x: [x, x])({"a": 1}), '[{"$dict":{"a":1},"$id":1},{"$ref":1}]'),
    "an instance": (
        lambda: (lambda x: [x, x])(Plain(a=1)),
        '[{"$type":"Plain","$id":1,"a":1},{"$ref":1}]',
    ),
    "an instance in a typed place": (
        lambda: (lambda x: Order(1, lines=[x], first=x))(Line("a")),
        '{"$type":"Order","id":1,"price":"0","lines":[{"$id":1,"sku":"a","qty":1,"notes":[]}],"first":{"$ref":1}}',
    ),
    "a tuple of scalars is not tracked": (
        lambda: (lambda x: [x, x])((1, 2)),
        '[{"$tuple":[1,2]},{"$tuple":[1,2]}]',
    ),
    "numbers count from 1": (
        lambda: (lambda x, y: [y, x, x, y])([], [0]),
        '[{"$list":[0],"$id":1},{"$list":[],"$id":2},{"$ref":2},{"$ref":1}]',
    ),
}


@pytest.mark.parametrize(("make", "text"), SHARED.values(), ids=SHARED)
def test_sharing(codec, make, text):
    assert codec.dumps(make()) == text.encode() + b"\n"


def test_equal_temporary_objects_are_not_taken_for_shared(codec):
    class Fresh:
        def __getstate__(self):
            return {"a": [1], "b": [2]}

    codec.register(Fresh)
    assert b"$ref" not in codec.dumps([Fresh() for _ in range(50)])
