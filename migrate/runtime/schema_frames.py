"""The part of the JSON Schema for values of pandas (docs/wire-format.md, "Frames")."""

from __future__ import annotations

from .offsets import OFFSETS, STEPS
from .schema_tags import NUMBER, Schema, any_of, choose, fixed_array, has, tagged

_INTEGER = {"type": "integer"}
_LENGTH = {"type": "integer", "minimum": 0}
_UNIT = {"enum": ["s", "ms", "us", "ns"]}
_CLOSED = {"enum": ["left", "right", "both", "neither"]}
_ATTRIBUTES = sorted({*STEPS, *(name for names in OFFSETS.values() for name in names)})


def frame_tags(value: Schema) -> dict[str, Schema]:
    """Return the schemas by tag; ``value`` is any value."""
    array = {"type": "array", "items": value}
    own = {"$id": NUMBER}
    values = {"allOf": [has("$ndarray"), value]}
    column = {"allOf": [has("$ndarray", "$pdarray", "$ref"), value]}
    columns = {"type": "array", "items": column}
    index = {"allOf": [has("$index", "$rangeindex", "$multiindex", "$ref"), value]}
    offset = {"allOf": [has("$offset"), value]}
    rest = {"attrs": value, "unique": {"const": True}, **own}
    name = {"name": value}
    return {
        "$frame": tagged({"$frame": columns, "columns": index, "index": index, **rest}, *rest),
        "$series": tagged({"$series": column, "index": index, **name, **rest}, "name", *rest),
        "$index": tagged({"$index": column, **name, "freq": offset, **own}, "name", "freq", "$id"),
        "$rangeindex": tagged({"$rangeindex": fixed_array([_INTEGER] * 3, 3), **name, **own}, "name", "$id"),
        "$multiindex": tagged(
            {
                "$multiindex": {"type": "array", "items": index},
                "codes": {"type": "array", "items": values},
                "names": array,
                "sortorder": _INTEGER,
                **own,
            },
            *("sortorder", "$id"),
        ),
        "$pdarray": _by_kind(value, values, column, index, offset),
        "$timestamp": tagged({"$timestamp": _INTEGER, "unit": _UNIT, "tz": value}, "tz"),
        "$pdtimedelta": tagged({"$pdtimedelta": _INTEGER, "unit": _UNIT}),
        "$period": tagged({"$period": _INTEGER, "freq": offset}),
        "$interval": tagged({"$interval": fixed_array([value, value], 2), "closed": _CLOSED}),
        "$offset": tagged(
            {
                "$offset": {"enum": [*OFFSETS, "DateOffset"]},
                "n": _INTEGER,
                "normalize": {"const": True},
                **{key: {"type": ["integer", "null"]} for key in _ATTRIBUTES},
            },
            *("normalize", *_ATTRIBUTES),
        ),
        "$pandas": tagged({"$pandas": {"enum": ["NaT", "NA"]}}),
        "$pytz": tagged(
            {
                "$pytz": any_of(
                    {"type": ["string", "integer"]},
                    fixed_array([{"type": "string"}, _INTEGER, _INTEGER, {"type": "string"}], 4),
                )
            }
        ),
    }


def _by_kind(value: Schema, values: Schema, column: Schema, index: Schema, offset: Schema) -> Schema:
    texts = {"type": "array", "items": value}
    kinds: dict[str, tuple[Schema, tuple[str, ...]]] = {
        "masked": ({"values": values, "mask": values}, ()),
        "string": (
            {"values": texts, "storage": {"enum": ["python", "pyarrow"]}, "na": {"enum": ["NA", "nan"]}},
            (),
        ),
        "categorical": (
            {"codes": values, "categories": index, "ordered": {"const": True}},
            ("ordered",),
        ),
        "times": ({"values": values, "tz": value}, ("tz",)),
        "period": ({"values": values, "freq": offset}, ()),
        "interval": ({"left": index, "right": index, "closed": _CLOSED}, ()),
        "sparse": (
            {"values": column, "at": values, "length": _LENGTH, "fill": value, "kind": {"const": "block"}},
            ("kind",),
        ),
        "numpy": ({"values": values}, ()),
    }
    out: Schema = {"not": {}}
    for kind, (members, optional) in kinds.items():
        whole = tagged({"$pdarray": {"const": kind}, **members, "$id": NUMBER}, *optional, "$id")
        out = choose({"properties": {"$pdarray": {"const": kind}}}, whole, out)
    return out
