"""The converter is a real one of cattrs: users extend a codec by cattrs' own idioms."""

import datetime as dt
from decimal import Decimal
from typing import Any

import cattrs
import pytest
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from migrate.runtime import DecodeError, EncodeError, differences
from tests.runtime.models import Color, Line, Order, Plain, Point, Typed


def exactly(codec, value):
    assert differences(value, codec.loads(codec.dumps(value))) == []


def test_is_a_converter_of_cattrs(codec):
    assert isinstance(codec.converter, cattrs.Converter)
    assert codec.converter is codec.converter


def test_reads_plain_json_of_a_class(codec):
    raw = {"id": 1, "price": "1.50", "lines": [{"sku": "a"}], "first": {"sku": "b", "qty": 2}}
    order = codec.converter.structure(raw, Order)
    assert order == Order(1, Decimal("1.50"), [Line("a")], Line("b", 2))
    assert raw["lines"] == [{"sku": "a"}]


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ([{"sku": "a"}], list[Line], [Line("a")]),
        ({"1": {"sku": "a"}}, dict[int, Line], {1: Line("a")}),
        ("2024-01-02", dt.date, dt.date(2024, 1, 2)),
        ("RED", Color, Color.RED),
        ([1, {"sku": "a"}], Point, Point(1, Line("a"))),
        ([1, 2], tuple[int, ...], (1, 2)),
        (5, int, 5),
        (None, Line | None, None),
        ({"$tuple": [1]}, Any, (1,)),
        ({"$type": "Line", "sku": "a"}, Line, Line("a")),
    ],
)
def test_structure(codec, raw, kind, value):
    assert codec.converter.structure(raw, kind) == value


@pytest.mark.parametrize(
    ("value", "kind", "raw"),
    [
        (Line("a"), None, {"sku": "a", "qty": 1, "notes": []}),
        ([Line("a")], list[Line], [{"sku": "a", "qty": 1, "notes": []}]),
        ((1,), tuple[int, ...], [1]),
        ((1,), list[int], {"$tuple": [1]}),
        (5, float, 5),
        (True, int, True),
        (b"\0", bytes, "AA=="),
    ],
)
def test_unstructure(codec, value, kind, raw):
    assert codec.converter.unstructure(value, kind) == raw


def test_structure_says_where(codec):
    with pytest.raises(DecodeError) as caught:
        codec.converter.structure({"id": 1, "lines": [{"sku": {"$x": 1}}]}, Order)
    assert caught.value.path == "lines[0].sku"


def test_a_hook_of_the_user_is_used_in_typed_places(codec):
    codec.converter.register_unstructure_hook(Line, lambda line: f"{line.sku}*{line.qty}")
    codec.converter.register_structure_hook(Line, lambda text, _: Line(text[:-2], int(text[-1])))
    record = codec.dumps(Order(1, lines=[Line("a", 2)]))
    assert b'"lines":["a*2"]' in record
    assert codec.loads(record).lines == [Line("a", 2)]


def test_and_in_untyped_ones(codec):
    codec.converter.register_unstructure_hook(Line, lambda line: [line.sku, line.qty])
    codec.converter.register_structure_hook(Line, lambda raw, _: Line(*raw))
    assert codec.dumps([Line("a", 2)]) == b'[{"$type":"Line","$value":["a",2]}]\n'
    exactly(codec, [Line("a", 2), {"k": Line("b")}])


def test_values_that_do_not_fit_survive_beside_a_hook(codec):
    codec.converter.register_unstructure_hook(Line, lambda line: f"{line.sku}*{line.qty}")
    codec.converter.register_structure_hook(Line, lambda text, _: Line(text[:-2], int(text[-1])))
    for odd in ("a*2", None, 5, ["x"], {"sku": "a"}, (1,), Plain(a=1)):
        exactly(codec, Order(1, lines=[odd, Line("b", 3)], first=odd))


def test_a_hook_that_loses_something_is_refused(codec):
    codec.converter.register_unstructure_hook(Line, lambda line: line.sku)
    codec.converter.register_structure_hook(Line, lambda raw, _: Line(raw))
    exactly(codec, [Line("a")])
    with pytest.raises(EncodeError) as caught:
        codec.dumps([Line("a", 5)])
    assert caught.value.reason == "not-restorable"


def test_overrides_of_cattrs(codec):
    converter, short = codec.converter, override(rename="s")
    converter.register_unstructure_hook(Line, make_dict_unstructure_fn(Line, converter, sku=short))
    converter.register_structure_hook(Line, make_dict_structure_fn(Line, converter, sku=short))
    record = codec.dumps(Order(1, lines=[Line("a", 1, ["n"])]))
    assert b'"lines":[{"s":"a","qty":1,"notes":["n"]}]' in record
    exactly(codec, Order(1, lines=[Line("a", 1, ["n"])]))


def test_a_hook_that_builds_on_ours(codec):
    converter = codec.converter
    ours = converter.get_unstructure_hook(Line)
    converter.register_unstructure_hook(Line, lambda line: {**ours(line), "version": 2})

    def structure(raw, kind):
        raw = dict(raw)
        raw.pop("version", None)
        return previous(raw, kind)

    previous = converter.get_structure_hook(Line)
    converter.register_structure_hook(Line, structure)
    assert b'"version":2' in codec.dumps(Order(1, lines=[Line("a")]))
    exactly(codec, Order(1, lines=[Line("a"), Line("b")]))


def test_a_hook_for_a_class_that_is_not_registered(codec):
    class Money:
        def __init__(self, cents):
            self.cents = cents

    @codec.register
    class Bill:
        total: Money

        def __init__(self, total):
            self.total = total

    codec.register(Money, tag="unused")
    codec.converter.register_unstructure_hook(Money, lambda money: money.cents)
    codec.converter.register_structure_hook(Money, lambda raw, _: Money(raw))
    exactly(codec, Bill(Money(5)))


def test_hook_factories(codec):
    converter = codec.converter

    @converter.register_unstructure_hook_factory(lambda kind: kind is dt.date)
    def unstructure_factory(kind):
        return lambda value: value.toordinal()

    @converter.register_structure_hook_factory(lambda kind: kind is dt.date)
    def structure_factory(kind):
        return lambda raw, _: dt.date.fromordinal(raw)

    # cattrs finds hooks by class before those by predicate, and its JSON converter has one for date.
    exactly(codec, Typed(date=dt.date(2024, 1, 2)))


def test_registering_a_hook_later_is_seen(codec):
    before = codec.dumps(Line("a"))
    codec.converter.register_unstructure_hook(Line, lambda line: line.sku)
    codec.converter.register_structure_hook(Line, lambda raw, _: Line(raw))
    assert codec.dumps(Line("a")) != before


def test_shared_objects_with_hooks(codec):
    codec.converter.register_unstructure_hook(Line, lambda line: line.sku)
    codec.converter.register_structure_hook(Line, lambda raw, _: Line(raw))
    line = Line("a")
    exactly(codec, [line, line])
    exactly(codec, Order(1, lines=[line, line], first=line))
