"""A JSON Schema (2020-12) of the records of one codec, so that other languages can read the data.

By default it describes what a reader accepts: a place holds the plain form of its declared type, or a value
that says what it is. In strict form a place holds only what conforms to its declared type.

A schema cannot see the order of members, follow ``$ref`` numbers, or know what hooks of the user return.
"""

from __future__ import annotations

import collections
import types
import typing
from typing import TYPE_CHECKING, Any

from .annotations import declared_types, defaults_of
from .errors import UnknownClass
from .evolution import evolution_of
from .layout import is_enum, is_flag, layout_of
from .schema_tags import (
    ANYTHING,
    BASE64,
    DATE,
    DATETIME,
    DECIMAL,
    NOTHING,
    NUMBER,
    PLAIN_KEYS,
    STREAM,
    TIME,
    UUID,
    Schema,
    any_of,
    choose,
    definitions,
    fixed_array,
    has,
    pairs_of,
    ref,
)
from .typed import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conversion import Conversion
    from .encode import Value
    from .registry import Registration

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ANY = ref("wire-any")
_STRINGS: dict[str, tuple[Schema, str]] = {
    "builtins:bytes": (BASE64, "bytes"),
    "datetime:date": (DATE, "date"),
    "datetime:datetime": (DATETIME, "datetime"),
    "datetime:time": (TIME, "time"),
    "decimal:Decimal": (DECIMAL, "decimal"),
    "uuid:UUID": (UUID, "uuid"),
}
"""Types that are a string in a place declared as them, and the tag of those that have no such form."""

_SCALARS: dict[Any, tuple[str, str]] = {
    int: ("integer", "int"),
    float: ("number", "float"),
    str: ("string", "utf8"),
    bool: ("boolean", ""),
    type(None): ("null", ""),
}


def json_schema(conversion: Conversion, name: str, *, strict: bool = False) -> Schema:
    """Return the schema of the records of the codec called ``name``.

    ``conversion`` holds its tables. Classes that cannot be imported are described without their fields.
    """
    return _Maker(conversion, strict=strict).document(name)


class _Maker:
    """Collects the definitions of one schema."""

    def __init__(self, conversion: Conversion, *, strict: bool) -> None:
        self._conversion = conversion
        self._strict = strict
        self._defs: Schema = {}
        self._open: set[type] = set()
        self._recursive: set[type] = set()

    def document(self, name: str) -> Schema:
        registrations = sorted(self._conversion.registry, key=lambda r: r.tag)
        enums: list[Schema] = []
        instances: dict[str, str] = {}
        loose: dict[str, str] = {}
        for registration in registrations:
            found = _found(registration)
            if is_enum(found):
                enums.append(_enum_pair(registration.tag, found))
            self._defs[f"{registration.tag}-tagged"] = self._instance(registration, found)
            instances[registration.tag] = f"{registration.tag}-tagged"
            self._defs[f"{registration.tag}-untyped"] = _loose(registration.tag)
            loose[registration.tag] = f"{registration.tag}-untyped"
        enum = {"$enum": any_of(*enums) if enums else False}
        member = {"type": "object", "properties": enum, "required": ["$enum"], "additionalProperties": False}
        tags = [tag for tag in self._conversion.tags if tag != "$enum"]
        classes = [r.tag for r in registrations]
        for family, those in (("wire", instances), ("untyped", loose)):
            self._defs[f"{family}-tag-enum"] = member
            self._defs.update(definitions(family, tags, those, classes))
        return {
            "$schema": DIALECT,
            "title": f"Records of {name}",
            "description": "One record of the wire format of pickle-migrate, version 1.",
            **choose(has("$stream", "$end"), any_of(*STREAM), _ANY),
            "$defs": dict(sorted(self._defs.items())),
        }

    # --- classes -------------------------------------------------------------------------------------

    def _instance(self, registration: Registration, found: Value) -> Schema:
        """Return the self-describing form of an instance; defines its plain form on the way."""
        kind = {"$type": {"const": registration.tag}}
        if registration.hooks is not None:
            return _object({**kind, "$value": _ANY, "$id": NUMBER, "$same": NUMBER}, ["$type", "$value"])
        hooked = found is not None and self._conversion.hooks_of(found) is not None
        if hooked:
            return _object({**kind, "$value": True, "$id": NUMBER, "$same": NUMBER}, ["$type", "$value"])
        if not isinstance(found, type) or is_enum(found):
            return {**_loose(registration.tag, "wire"), "required": ["$type"]}
        fields = self._fields(found)
        evolution = evolution_of(registration, found, self._conversion.registry)
        other: Schema | bool = _ANY
        if evolution is not None:
            fields.update({old: fields.get(new, _ANY) for old, new in evolution.renames.items()})
            if evolution.known is not None:
                fields = {**dict.fromkeys(sorted(evolution.known), _ANY), **fields}
                other = False
        layout = layout_of(found)
        simple = _is_simple(found)
        parts = _PARTS if not simple or layout.setstate else _SIMPLE_PARTS
        out = _object({**kind, **parts, **fields}, ["$type"], names=["$type", *parts], other=other)
        if layout.is_namedtuple:
            out["properties"]["$value"] = self._array_of_fields(found)
        elif simple:
            self._defs[registration.tag] = self._plain(found, fields, other)
        return out

    def _plain(self, cls: type, fields: Schema, other: Schema | bool) -> Schema:
        required: list[str] = []
        if self._strict and (hasattr(cls, "__attrs_attrs__") or hasattr(cls, "__dataclass_fields__")):
            defaults = defaults_of(cls)
            own = declared_types(cls, self._conversion.registry)
            required = [name for name in own if name not in defaults and name in fields]
        return _object({"$id": NUMBER, **fields}, required, names=["$id"], other=other)

    def _fields(self, cls: type) -> Schema:
        types = declared_types(cls, self._conversion.registry)
        return {name: self.place(kind) for name, kind in types.items() if name[:1] != "$"}

    def _array_of_fields(self, cls: Value) -> Schema:
        types = declared_types(cls, self._conversion.registry)
        items = [self.place(types.get(name, Any)) for name in cls._fields]
        return fixed_array(items, len(items) - len(cls._field_defaults))

    # --- places --------------------------------------------------------------------------------------

    def place(self, kind: Value) -> Schema:
        """Return what may stand in a place declared as ``kind``."""
        try:
            hooked = self._conversion.hooks_of(kind) is not None
        except TypeError:  # an unhashable annotation
            return _ANY
        if hooked:
            return {}
        if typing.get_origin(kind) is not None and self._strict:
            arms = _arms(kind)
            if arms is not None:
                return any_of(*(self.place(arm) for arm in arms))
        bare = unwrap(kind)
        if bare is not kind:
            return self.place(bare)
        origin: Any = typing.get_origin(kind)
        if origin is None:
            origin = kind
        if not isinstance(origin, type):
            return _ANY
        return self._of_type(origin, typing.get_args(kind))

    def _of_type(self, origin: Any, args: tuple[Any, ...]) -> Schema:
        if origin in _SCALARS:
            name, tag = _SCALARS[origin]
            if not self._strict:
                return _ANY
            plain: Schema = {"type": name}
            return (
                plain
                if not tag
                else self._or_else({"type": ["null", "boolean", "number", "string"]}, plain, tag)
            )
        known = _STRINGS.get(f"{origin.__module__}:{origin.__qualname__}")
        if known is not None:
            return self._or_else(_IS_STRING, known[0], known[1])
        if origin in _ARRAYS:
            return self._array(origin, args)
        if origin is dict:
            return self._dict(args)
        if typing.is_typeddict(origin):
            name = f"{origin.__module__}.{origin.__qualname__}"
            return self._inside(origin, name, lambda: self._typed_dict(origin))
        registration = self._conversion.registry.by_object(origin)
        return _ANY if registration is None else self._registered(registration, origin)

    def _inside(self, cls: type, name: str, make: Callable[[], Schema]) -> Schema:
        """Return what ``make`` returns; inside of itself, a reference to its definition as ``name``."""
        if cls in self._open:
            self._recursive.add(cls)
            return ref(name)
        self._open.add(cls)
        made = make()
        self._open.discard(cls)
        if cls in self._recursive:
            self._defs[name] = made
        return made

    def _or_else(self, shape: Schema, plain: Schema, *tags: str, classes: list[str] | None = None) -> Schema:
        """Return ``plain`` for what has the shape of the plain form; for all else, what a reader takes.

        In strict form that is only the same value with one of ``tags``, an instance of one of ``classes``,
        or a reference to one.
        """
        if not self._strict:
            return choose(shape, plain, _ANY)
        own: list[Schema] = [{"required": [f"${tag}"]} for tag in tags]
        if classes:
            own.append({"properties": {"$type": {"enum": classes}}, "required": ["$type"]})
        return choose(shape, plain, {**_ANY, "type": "object", **any_of(*own)} if own else _ANY)

    def _array(self, origin: Any, args: tuple[Any, ...]) -> Schema:
        tags = (origin.__name__, "ref")
        if origin is tuple and args and args[-1] is not ...:
            items = [self.place(arg) for arg in args if arg != ()]
            return self._or_else(_IS_ARRAY, fixed_array(items, len(items)), *tags)
        item = self.place(args[0]) if args else _ANY
        return self._or_else(_IS_ARRAY, {"items": item}, *tags)

    def _dict(self, args: tuple[Any, ...]) -> Schema:
        key, value = args if len(args) == 2 else (str, Any)
        if key is str:
            return self._or_else(_IS_PLAIN, {"additionalProperties": self.place(value)}, "dict", "ref")
        if key is int:
            plain = {"propertyNames": {"pattern": "^-?[0-9]+$"}, "additionalProperties": self.place(value)}
            return self._or_else(_IS_PLAIN, plain, "dict", "ref")
        if key is Any and value is Any:
            return _ANY if not self._strict else {**_ANY, "type": "object"}
        return self._or_else(_IS_ARRAY, pairs_of(self.place(key), self.place(value)), "dict", "ref")

    def _typed_dict(self, kind: Any) -> Schema:
        try:
            hints = typing.get_type_hints(kind)
        except Exception:  # noqa: BLE001 - whatever evaluating an annotation raises, the types are unknown
            return _ANY
        members = {name: self.place(hint) for name, hint in hints.items()}
        required = sorted(kind.__required_keys__) if self._strict else []
        return self._or_else(_IS_PLAIN, _object(members, required, other=_ANY), "dict", "ref")

    def _registered(self, registration: Registration, cls: Any) -> Schema:
        derived = self._derived(cls)
        if is_enum(cls):
            if is_flag(cls):
                return self._or_else({"type": "integer"}, ANYTHING, "enum")
            return self._or_else(_IS_STRING, {"enum": list(cls.__members__)}, "enum")
        layout = layout_of(cls)
        if layout.is_namedtuple and registration.hooks is None:
            return self._inside(
                cls,
                f"{registration.tag}-array",
                lambda: self._or_else(_IS_ARRAY, self._array_of_fields(cls), "ref", classes=derived),
            )
        if registration.hooks is None and _is_simple(cls):
            return self._or_else(_IS_INSTANCE, ref(registration.tag), "ref", classes=derived)
        if not self._strict:
            return choose(_IS_PLAIN, NOTHING, _ANY) if registration.hooks is None else _ANY
        return self._or_else(NOTHING, ANYTHING, "ref", classes=derived)

    def _derived(self, cls: type) -> list[str]:
        """Return the names of the class and of registered subclasses."""
        return sorted(
            other.tag
            for other in self._conversion.registry
            if isinstance(found := _found(other), type) and issubclass(found, cls)
        )


def _is_simple(cls: type) -> bool:
    """Whether an instance is its attributes and nothing else."""
    layout = layout_of(cls)
    return not (layout.content or layout.reducer or layout.newargs or layout.getstate or layout.is_exception)


_IS_SCALAR: Schema = {"type": ["null", "boolean", "number", "string"]}
_IS_STRING: Schema = {"type": "string"}
_IS_ARRAY: Schema = {"type": "array"}
_IS_PLAIN: Schema = {"type": "object", "propertyNames": PLAIN_KEYS}
_IS_INSTANCE: Schema = {"type": "object", "propertyNames": any_of(PLAIN_KEYS, {"const": "$id"})}
_ARRAYS = frozenset({list, tuple, set, frozenset, collections.deque})

_ID = {"$id": NUMBER}
_SIMPLE_PARTS: Schema = {
    **_ID,
    "$state": _ANY,
    "$unset": {"type": "array", "items": {"type": "string"}},
}


def _parts(family: str) -> Schema:
    value = ref(f"{family}-any")
    return {
        **_ID,
        "$same": NUMBER,
        "$args": {"type": "array", "items": value},
        "$kwargs": {"type": "object", "additionalProperties": value},
        "$call": {"const": True},
        "$value": value,
        "$items": {"type": "array", "items": value},
        "$pairs": pairs_of(value, value),
        "$maxlen": {"type": ["integer", "null"]},
        "$factory": {"type": ["string", "null"]},
        "$state": value,
        "$unset": {"type": "array", "items": {"type": "string"}},
    }


_PARTS = _parts("wire")


def _object(
    members: Schema, required: list[str], *, names: list[str] | None = None, other: Schema | bool = False
) -> Schema:
    """Return an object; ``names`` are the only members that may begin with ``$``."""
    out: Schema = {"type": "object", "properties": members, "additionalProperties": other}
    if required:
        out["required"] = required
    if other is not False:
        out["propertyNames"] = any_of(PLAIN_KEYS, *([{"enum": names}] if names else []))
    return out


def _loose(tag: str, family: str = "untyped") -> Schema:
    """Return an instance of which no field is known."""
    parts = _parts(family)
    members = {"$type": {"const": tag}, **parts}
    return _object(members, ["$type"], names=list(members), other=ref(f"{family}-any"))


def _enum_pair(tag: str, cls: Value) -> Schema:
    keys: Schema = {"enum": list(cls.__members__)}
    if is_flag(cls):
        keys = any_of({"type": "integer"}, keys)
    return fixed_array([{"const": tag}, keys], 2)


_UNION: Any = typing.Union


def _arms(kind: Value) -> list[Any] | None:
    """Return the arms of a union, else None."""
    if type(kind) is types.UnionType or typing.get_origin(kind) is _UNION:
        return list(typing.get_args(kind))
    return None


def _found(registration: Registration) -> Value:
    try:
        return registration.find()
    except UnknownClass:
        return None
