"""The declared types of a class's attributes, evaluated when they are first needed.

An annotation is source of the program: evaluating it runs nothing that comes from data. Names are looked up
in the module of the class, then among the registered classes (a converters module imports them only for the
type checker), then among the usual modules of the standard library. What cannot be evaluated is ``Any``: the
values are then written in self-describing form.
"""

from __future__ import annotations

import copyreg
import re
import sys
import typing
from typing import TYPE_CHECKING, Any

from .errors import UnknownClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .encode import Value
    from .registry import Registry

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_MODULES = frozenset(
    {"collections", "datetime", "decimal", "enum", "fractions", "ipaddress", "pathlib", "typing", "uuid"}
)


def declared_types(cls: type, registry: Registry) -> dict[str, Any]:
    """Attribute → type, of ``cls`` and its bases, nearest first; a declaration overrides the class's own."""
    found = declared_annotations(cls, registry)
    types = {name: evaluate(annotation, owner, registry) for name, (annotation, owner) in found.items()}
    return {name: kind for name, kind in types.items() if kind is not Any}


def declared_annotations(cls: type, registry: Registry) -> dict[str, tuple[Any, type]]:
    """Attribute → its annotation as written, and the class that has it; as for :func:`declared_types`."""
    found: dict[str, tuple[Any, type]] = {}
    for base in cls.__mro__:
        for owner in _declaring(base, registry):
            for name, annotation in raw_annotations(owner).items():
                found.setdefault(name, (annotation, owner))
    return found


def declared_names(cls: type, registry: Registry) -> frozenset[str]:
    """Return the names of all declared attributes: annotations, slots, and fields of whatever type."""
    names: set[str] = {field.name for field in getattr(cls, "__attrs_attrs__", ())}
    names.update(getattr(cls, "__dataclass_fields__", {}))
    names.update(copyreg._slotnames(cls))  # type: ignore[attr-defined]  # noqa: SLF001 - as pickle finds them
    for base in cls.__mro__:
        for owner in _declaring(base, registry):
            names.update(raw_annotations(owner))
    return frozenset(names)


def _declaring(base: type, registry: Registry) -> Iterator[type]:
    registration = registry.by_object(base) if base.__module__ != "builtins" else None
    if registration is not None and registration.declaration is not None:
        yield from (c for c in registration.declaration.__mro__ if c is not object)
    yield base


def raw_annotations(owner: type) -> dict[str, Any]:
    """Return the annotations that ``owner`` itself has; on Python 3.14 (PEP 649) as source."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(owner, format=Format.STRING)
    found: dict[str, Any] = owner.__dict__.get("__annotations__", {})  # noqa: RUF063 - not inherited
    return found


def evaluate(annotation: Value, owner: type, registry: Registry) -> Value:
    """Return the type that ``annotation`` means, or Any."""
    if isinstance(annotation, type) and not hasattr(annotation, "__origin__"):
        return annotation
    source = annotation if isinstance(annotation, str) else repr(annotation)
    names = _namespace(source, owner, registry)
    holder = type("Annotated", (), {"__annotations__": {"it": annotation}})
    try:
        return typing.get_type_hints(holder, globalns=names, localns=names)["it"]
    except Exception:  # noqa: BLE001 - whatever evaluating somebody's annotation raises, the type is unknown
        return Any


def _namespace(source: str, owner: type, registry: Registry) -> dict[str, Any]:
    module = vars(sys.modules.get(owner.__module__, typing))
    names: dict[str, Any] = {"__builtins__": module.get("__builtins__", __builtins__)}
    declarations = {r.declaration for r in registry}
    for name in _IDENTIFIER.findall(source):
        inner = owner.__dict__.get(name)
        found = inner if isinstance(inner, type) else module.get(name)
        if found is None or (isinstance(found, type) and found in declarations):
            found = _elsewhere(name, registry, found)
        if found is not None:
            names[name] = found
    return names


def _elsewhere(name: str, registry: Registry, default: Value) -> Value:
    registration = registry.by_tag(name)
    if registration is not None:
        try:
            return registration.find()
        except UnknownClass:
            return Any
    if default is None and name in _MODULES:
        return sys.modules.get(name) or __import__(name)
    return default


def defaults_of(cls: type) -> dict[str, Any]:
    """Attribute → function of the instance that makes its default: attrs, dataclasses, pydantic models."""
    attributes = getattr(cls, "__attrs_attrs__", None)
    if attributes is not None:
        return {a.name: _attrs_default(a.default) for a in attributes if not _is_missing(a.default)}
    found: dict[str, Any] = {}
    for name, info in getattr(cls, "__pydantic_fields__", {}).items():
        default = _model_default(info)
        if default is not None:
            found[name] = default
    for field in getattr(cls, "__dataclass_fields__", {}).values():
        if field._field_type.name != "_FIELD":  # noqa: SLF001 - InitVar and ClassVar are no attributes
            continue
        if not _is_missing(field.default):
            found[field.name] = _constant(field.default)
        elif not _is_missing(field.default_factory):
            found[field.name] = _call(field.default_factory)
    return found


def _model_default(info: Value) -> Value:
    """Return the function for a field of a pydantic model, or None; each instance gets a copy, as there."""
    if info.default_factory is not None:
        if getattr(info, "default_factory_takes_validated_data", False):
            return lambda instance: info.default_factory(dict(instance.__dict__))
        return _call(info.default_factory)
    if type(info.default).__name__ in ("PydanticUndefinedType", "ellipsis"):
        return None
    return lambda _instance: info.get_default()


def _is_missing(default: Value) -> bool:
    """Attrs' NOTHING, or dataclasses' MISSING: neither library need be loaded to know."""
    return type(default).__name__ in ("_Nothing", "_MISSING_TYPE")


def _constant(value: Value) -> Value:
    return lambda _instance: value


def _call(factory: Value) -> Value:
    return lambda _instance: factory()


def _attrs_default(default: Value) -> Value:
    if type(default).__name__ != "Factory" or not hasattr(default, "takes_self"):
        return _constant(default)
    return default.factory if default.takes_self else _call(default.factory)
