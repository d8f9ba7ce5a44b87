"""Instances as they are before and after they get their attributes, and those that are made at once."""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

from .layout import HASH_CACHE, Layout, is_flag
from .leaves import short_texts
from .making import Maker, NoStrategyError, drawn

if TYPE_CHECKING:
    from .encode import Value


def members_of(cls: Any) -> Maker:
    """Return what makes members of an enum; of flags, also two at a time and none."""
    members = list(cls)
    if not members:
        raise NoStrategyError("it has no members")
    if is_flag(cls):
        pairs = [a | b for a in members for b in members]
        members = [cls(0), *members, *(pair for pair in pairs if pair not in members)]
    return drawn(lambda st: st.sampled_from(members))


def exceptions_of(cls: type) -> Maker:
    """Return what makes exceptions with a message. Raises :class:`NoStrategyError` for other arguments."""
    if issubclass(cls, UnicodeError) or inspect.isfunction(cls.__init__):
        raise NoStrategyError("it is an exception that wants arguments of its own; write a strategy for it")
    if inspect.isfunction(cls.__new__):
        raise NoStrategyError("its instances are made by its own __new__; write a strategy for it")
    return drawn(lambda st: short_texts(st).map(cls))


def empty(cls: Any, layout: Layout) -> Value:
    """Return an instance without attributes."""
    return cls.model_construct() if layout.is_model else layout.create()


def give(out: Any, layout: Layout, values: dict[str, Any]) -> None:
    """Give ``out`` its attributes, past ``__setattr__`` and properties, or by its ``__setstate__``."""
    if layout.setstate and layout.getstate and _takes(out, values):
        return
    if layout.hash_cache:
        object.__setattr__(out, HASH_CACHE, None)
    for name, value in values.items():
        if name in layout.slots:
            layout.slots[name].__set__(out, value)
        elif layout.has_dict:
            out.__dict__[name] = value
        else:
            raise NoStrategyError(f"field {name}: the class has __slots__, and no place for it")
    if layout.is_model:
        out.__pydantic_fields_set__.update(values)


def _takes(out: Any, values: dict[str, Any]) -> bool:
    """Whether ``out`` takes its attributes as its state, and adds what it does not store: locks, caches."""
    try:
        out.__setstate__(dict(values))
    except Exception:  # noqa: BLE001 - whatever it raises, its state is something else than its attributes
        return False
    return True


def type_arguments(cls: type, base: type) -> tuple[Any, ...]:
    """Return ``(str, int)`` for a class that is declared as ``dict[str, int]``."""
    for parent in cls.__mro__:
        for origin in getattr(parent, "__orig_bases__", ()):
            if typing.get_origin(origin) is base:
                return typing.get_args(origin)
    return ()
