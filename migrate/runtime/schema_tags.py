"""The part of the JSON Schema that is the same for every codec: values that say what they are.

One entry for each tag of docs/wire-format.md, in JSON Schema 2020-12. There are two families of the same
definitions: ``wire-…``, and ``untyped-…`` for what stands inside ``$untyped``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]
NOTHING: Schema = {"not": {}}
ANYTHING: Schema = {}

BASE64 = {
    "type": "string",
    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    "contentEncoding": "base64",
}
DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?"
TIME = {"type": "string", "pattern": f"^{_CLOCK}$"}
NAIVE = {"type": "string", "pattern": f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}$"}
DATETIME = {"type": "string", "pattern": f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_CLOCK}([+]00:00)?$"}
DECIMAL = {
    "type": "string",
    "pattern": "^[-+]?(([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?|Infinity|s?NaN[0-9]*)$",
}
UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
PLAIN_KEYS = {"pattern": "^([^$]|$)"}
"""Names that cannot be taken for a tag."""
NUMBER = {"type": "integer", "minimum": 1}
_TEXT = {"type": "string"}
_INTEGER = {"type": "integer"}
_LENGTH = {"type": "integer", "minimum": 0}
DTYPE = {"type": ["string", "object"]}
"""A code, or a description of fields (docs/wire-format.md)."""


def ref(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def any_of(*schemas: Schema) -> Schema:
    """Return what is one of ``schemas``."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def tagged(members: Schema, *optional: str) -> Schema:
    """Return an object of exactly ``members``, of which those not in ``optional`` are required."""
    return {
        "type": "object",
        "properties": members,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def pairs_of(key: Schema, value: Schema) -> Schema:
    """Return an array of pairs."""
    pair = {"type": "array", "prefixItems": [key, value], "minItems": 2, "maxItems": 2}
    return {"type": "array", "items": pair}


def fixed_array(items: list[Schema], required: int) -> Schema:
    """Return an array with a schema for each position."""
    if not items:
        return {"type": "array", "maxItems": 0}
    return {"type": "array", "prefixItems": items, "minItems": required, "maxItems": len(items)}


def choose(condition: Schema, then: Schema, otherwise: Schema) -> Schema:
    """Return ``then`` for what meets the condition, else ``otherwise``.

    Alternatives are chosen, not tried: trying all of them takes exponential time in some validators.
    """
    return {"if": condition, "then": then, "else": otherwise}


def has(*names: str) -> Schema:
    """Return an object that has one of the members ``names``."""
    return {"type": "object", **any_of(*({"required": [name]} for name in names))}


STREAM = (
    tagged({"$stream": {"enum": ["list", "dict"]}}),
    tagged({"$end": {"type": "integer", "minimum": 0}}),
)
"""The records around items that were written one by one."""


def definitions(family: str, tags: Iterable[str], instances: dict[str, str], classes: list[str]) -> Schema:
    """Return the definitions of one family: of the ``tags`` that the codec reads, and what is made of them.

    ``instances`` is the definition of tagged instances by the name of their class, ``classes`` are all
    registered names.
    """
    value = ref(f"{family}-any")
    from .schema_frames import frame_tags  # which builds on this module

    known = {**_tags(value, classes), **frame_tags(value)}
    out: Schema = {}
    by_tag: Schema = {"$enum": ref(f"{family}-tag-enum"), "$type": ref(f"{family}-instance")}
    for tag in tags:
        name = f"{family}-tag-{tag[1:]}"
        out[name] = known.get(tag) or {"type": "object", "required": [tag]}
        by_tag[tag] = ref(name)
    out[f"{family}-instance"] = {
        "properties": {"$type": {"enum": list(instances)}},
        "allOf": [
            {"if": {"properties": {"$type": {"const": tag}}}, "then": ref(name)}
            for tag, name in instances.items()
        ],
    }
    if not instances:
        out[f"{family}-instance"] = NOTHING
    out[f"{family}-tagged"] = {**has(*by_tag), "dependentSchemas": by_tag}
    out[f"{family}-array"] = {"type": "array", "items": value}
    out[f"{family}-object"] = {"type": "object", "additionalProperties": value}
    out[f"{family}-any"] = choose(
        {"type": "object"},
        choose({"propertyNames": PLAIN_KEYS}, ref(f"{family}-object"), ref(f"{family}-tagged")),
        {"type": ["null", "boolean", "number", "string", "array"], "items": value},
    )
    return out


def _tags(value: Schema, classes: list[str]) -> dict[str, Schema]:
    """Return the known tags; ``value`` is any value of the family."""
    array = {"type": "array", "items": value}
    attributes = {"type": "object", "propertyNames": PLAIN_KEYS, "additionalProperties": value}
    pairs = pairs_of(value, value)
    either = choose({"type": "array"}, pairs, attributes)
    name = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.]*$"} if classes else _TEXT
    zone = {"tz": value, "fold": {"enum": [0, 1]}}
    own = {"$id": NUMBER}
    frozen = {"$id": NUMBER, "$same": NUMBER}
    return {
        "$ref": tagged({"$ref": NUMBER}),
        "$untyped": tagged({"$untyped": ref("untyped-any")}),
        "$str": tagged({"$str": _TEXT}),
        "$utf8": tagged({"$utf8": BASE64}),
        "$int": tagged({"$int": {"type": "string", "pattern": "^-?0x[0-9a-f]+$"}}),
        "$float": tagged({"$float": {"enum": ["nan", "inf", "-inf"]}}),
        "$bytes": tagged({"$bytes": BASE64}),
        "$bytearray": tagged({"$bytearray": BASE64, **own}, "$id"),
        "$list": tagged({"$list": array, **own}, "$id"),
        "$dict": tagged({"$dict": either, **own}, "$id"),
        "$tuple": tagged({"$tuple": array, **frozen}, *frozen),
        "$frozenset": tagged({"$frozenset": array, **frozen}, *frozen),
        "$set": tagged({"$set": array, **own}, "$id"),
        "$complex": tagged({"$complex": fixed_array([value, value], 2)}),
        "$decimal": tagged({"$decimal": DECIMAL}),
        "$fraction": tagged({"$fraction": fixed_array([value, value], 2)}),
        "$range": tagged({"$range": fixed_array([value] * 3, 3)}),
        "$slice": tagged({"$slice": fixed_array([value] * 3, 3)}),
        "$datetime": tagged({"$datetime": NAIVE, **zone}, *zone),
        "$date": tagged({"$date": DATE}),
        "$time": tagged({"$time": TIME, **zone}, *zone),
        "$timedelta": tagged({"$timedelta": fixed_array([_INTEGER] * 3, 3)}),
        "$timezone": tagged(
            {"$timezone": any_of({"const": "UTC"}, fixed_array([_INTEGER, _INTEGER, value], 3))}
        ),
        "$structtime": tagged(
            {
                "$structtime": fixed_array([_INTEGER] * 9, 9),
                "zone": fixed_array([value, {"type": ["integer", "null"]}], 2),
            },
            "zone",
        ),
        "$zoneinfo": tagged({"$zoneinfo": _TEXT}),
        "$uuid": tagged({"$uuid": UUID, "safe": {"enum": [0, -1]}}, "safe"),
        "$path": tagged(
            {
                "$path": value,
                "type": {"enum": ["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"]},
            }
        ),
        "$ip": tagged({"$ip": _TEXT, "type": {"type": "string", "pattern": "^IPv[46][A-Z][a-z]+$"}}),
        "$pattern": tagged({"$pattern": value, "flags": _INTEGER}, "flags"),
        "$constant": tagged({"$constant": {"enum": ["Ellipsis", "NotImplemented"]}}),
        "$ordereddict": tagged({"$ordereddict": pairs, "state": value, **own}, "state", "$id"),
        "$counter": tagged({"$counter": pairs, "state": value, **own}, "state", "$id"),
        "$defaultdict": tagged(
            {"$defaultdict": pairs, "factory": any_of(name, {"type": "null"}), **own}, "factory", "$id"
        ),
        "$deque": tagged({"$deque": array, "maxlen": _INTEGER, **own}, "maxlen", "$id"),
        "$array": tagged({"$array": array, "typecode": {"type": "string", "maxLength": 1}, **own}, "$id"),
        "$namespace": tagged({"$namespace": either, **own}, "$id"),
        "$bytesio": tagged(
            {"$bytesio": BASE64, "position": _LENGTH, "state": value, **own}, "position", "state", "$id"
        ),
        "$stringio": tagged(
            {
                "$stringio": value,
                "newline": {"enum": [None, "", "\n", "\r", "\r\n"]},
                "position": _LENGTH,
                "state": value,
                **own,
            },
            *("newline", "position", "state", "$id"),
        ),
        "$exception": tagged(
            {"$exception": name, "args": array, "state": value, **frozen}, "args", "state", "$id", "$same"
        ),
        "$ndarray": tagged(
            {
                "$ndarray": choose({"type": "array"}, array, BASE64),
                "dtype": DTYPE,
                "shape": {"type": "array", "items": _LENGTH},
                "order": {"enum": ["C", "F"]},
                "readonly": {"const": True},
                "class": {"enum": ["ndarray", "matrix", "recarray"]},
                **own,
            },
            *("order", "readonly", "class", "$id"),
        ),
        "$npscalar": tagged({"$npscalar": value, "dtype": DTYPE, **own}, "$id"),
        "$dtype": tagged({"$dtype": DTYPE}),
        "$class": tagged({"$class": name}),
        "$generic": tagged({"$generic": fixed_array([name, array], 2)}),
    }
