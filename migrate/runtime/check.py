"""The type argument of load: a check of what was read, never a conversion."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import DecodeError
from .typed import unwrap

if TYPE_CHECKING:
    from .encode import Value


def check(value: Value, kind: Value) -> None:
    """Raise DecodeError ``type-mismatch`` unless ``value`` is a ``kind``.

    Looks into builtin containers, not into instances. As for a type checker, an int is a float.
    """
    path = mismatch(value, kind, "")
    if path is not None:
        where, found, wanted = path
        name = getattr(wanted, "__qualname__", None) if not typing.get_args(wanted) else None
        raise DecodeError(
            f"the record holds a {type(found).__qualname__}, where {name or wanted} was asked for",
            reason="type-mismatch",
            path=where,
        )


def mismatch(value: Value, kind: Value, path: str) -> tuple[str, Any, Any] | None:
    """Return the first place where ``value`` is not a ``kind``: its path, the value and the type there."""
    origin: Any = typing.get_origin(kind)
    args = typing.get_args(kind)
    if origin is typing.Union or origin is types.UnionType:
        return None if any(mismatch(value, arg, path) is None for arg in args) else (path, value, kind)
    if origin is typing.Literal:
        return None if any(type(value) is type(a) and value == a for a in args) else (path, value, kind)
    bare = unwrap(kind)
    if bare is not kind:
        return mismatch(value, bare, path)
    if kind is None:
        return None if value is None else (path, value, kind)
    cls: Any = origin or kind
    if not isinstance(cls, type) or typing.is_typeddict(cls) or getattr(cls, "_is_protocol", False):
        cls = dict if typing.is_typeddict(cls) else object
    wanted = (int, float) if cls is float else cls
    if not isinstance(value, wanted):
        return path, value, kind
    return _inside(value, args, path)


def _inside(value: Value, args: tuple[Any, ...], path: str) -> tuple[str, Any, Any] | None:
    if not args:
        return None
    if isinstance(value, Mapping):
        pairs = [(k, args[0]) for k in value] + [(v, args[-1]) for v in value.values()]
    elif isinstance(value, tuple) and args[-1] is not ...:
        if len(value) != len(args):
            return path, value, tuple[args]  # type: ignore[valid-type]
        pairs = list(zip(value, args, strict=True))
    elif isinstance(value, (list, tuple, set, frozenset)):
        pairs = [(item, args[0]) for item in value]
    else:
        return None
    for number, (item, kind) in enumerate(pairs):
        found = mismatch(item, kind, f"{path}[{number}]")
        if found is not None:
            return found
    return None
