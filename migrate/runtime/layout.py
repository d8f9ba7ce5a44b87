"""How the instances of a class are made and what they keep: the facts that pickle goes by.

The order of precedence is that of ``object.__reduce_ex__`` and of ``pickle._Unpickler.load_build``
(CPython, Lib/copyreg.py and Lib/pickle.py).
"""

from __future__ import annotations

import copyreg
import struct
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .content import Content, content_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Value

HASH_CACHE = "_attrs_cached_hash"
"""Where attrs keeps the hash of an instance; it is not valid in another process."""


class Layout:
    """The facts about one class."""

    __slots__ = (
        "cls",
        "content",
        "getstate",
        "has_dict",
        "hash_cache",
        "is_exception",
        "is_model",
        "is_namedtuple",
        "new",
        "newargs",
        "opaque",
        "reducer",
        "setstate",
        "slots",
    )

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.content: Content | None = content_of(cls)
        self.is_exception = issubclass(cls, BaseException)
        self.is_namedtuple = issubclass(cls, tuple) and hasattr(cls, "_fields") and hasattr(cls, "_make")
        self.is_model = _is_model(cls)
        """Whether it is a model of pydantic (version 2), whose state is its ``__dict__`` and its slots."""
        self.has_dict = cls.__dictoffset__ != 0
        self.slots: dict[str, Any] = _slots(cls)
        """Name → descriptor, which reads and writes even where the class forbids assignment."""
        self.reducer: Callable[[Any], Any] | None = _reducer(cls)
        """What pickle would call instead of all below."""
        self.newargs = not self.is_namedtuple and (
            _own(cls, "__getnewargs_ex__") or _own(cls, "__getnewargs__")
        )
        """Name of the method of its own that gives the arguments of ``__new__``."""
        self.new = _own(cls, "__new__") if not self.is_namedtuple else None
        """Whether ``__new__`` is its own."""
        self.getstate = None if self.is_model else _own(cls, "__getstate__")
        self.setstate = None if self.is_model else _own(cls, "__setstate__")
        self.hash_cache = HASH_CACHE in getattr(getattr(cls.__hash__, "__code__", None), "co_names", ())

        self.opaque = not (self.content or self.is_exception or self.reducer or self.getstate) and (
            cls.__basicsize__ > _size_in_python(cls)
        )
        """Whether it keeps something in C that nobody can ask for, as locks do."""

    def attributes(self, value: Value) -> tuple[dict[Any, Any], dict[str, Any]]:
        """Return the attributes in the ``__dict__`` of ``value``, and those in its slots that are set."""
        inner = value.__dict__ if self.has_dict else {}
        if self.hash_cache and HASH_CACHE in inner:
            inner = {k: v for k, v in inner.items() if k != HASH_CACHE}
        slots: dict[str, Any] = {}
        for name, descriptor in self.slots.items():
            try:
                slots[name] = descriptor.__get__(value)
            except AttributeError:  # noqa: PERF203 - there is no other way to ask whether a slot is set
                continue
        return inner, slots

    def create(self) -> Value:
        """Return a new instance without content and attributes, as pickle makes it.

        A class with ``__getnewargs__`` gets here without arguments from pickles of protocols 0 and 1, which
        do not store them and pass over its ``__new__`` (``copyreg._reconstructor``).
        """
        if self.new and not self.newargs:
            return self.cls.__new__(self.cls)  # type: ignore[call-overload]
        if self.content is not None:
            return self.content.new(self.cls)
        cls: Any = self.cls
        made: Any = object.__new__(cls)
        return made


_POINTER = struct.calcsize("P")


def _size_in_python(cls: type) -> int:
    """Return how large an instance of ``cls`` is, if it has but slots, ``__dict__`` and weak references."""
    python = [base for base in cls.__mro__ if "__slots__" in base.__dict__]
    slots = sum(_is_slot(member) for base in python for member in base.__dict__.values())
    size: int = object.__basicsize__
    return size + _POINTER * (slots + bool(cls.__dictoffset__) + bool(cls.__weakrefoffset__))


def _is_slot(member: object) -> bool:
    return type(member).__name__ == "member_descriptor"


@lru_cache(maxsize=2048)
def layout_of(cls: type) -> Layout:
    """Return the facts about ``cls``, found out once."""
    return Layout(cls)


def _slots(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in copyreg._slotnames(cls):  # type: ignore[attr-defined]  # noqa: SLF001 - as pickle finds them
        for base in cls.__mro__:
            descriptor = base.__dict__.get(name)
            if name != HASH_CACHE and _is_slot(descriptor):
                found[name] = descriptor
                break
    return found


def _reducer(cls: type) -> Callable[[Any], Any] | None:
    reducer: Callable[[Any], Any] | None = copyreg.dispatch_table.get(cls)
    if reducer is not None:
        return reducer
    if _own(cls, "__reduce_ex__") or _own(cls, "__reduce__"):
        return lambda value: value.__reduce_ex__(4)
    return None


def _own(cls: type, name: str) -> str | None:
    """Return ``name`` if somebody wrote that method, rather than the interpreter, attrs or dataclasses."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return None if _is_plumbing(base, base.__dict__[name], name) else name
    return None


def _is_plumbing(base: type, method: Value, name: str) -> bool:
    if base is object or (base.__module__ == "builtins" and not base.__flags__ & _HEAP_TYPE):
        # Types of the interpreter: their content is known; others (slice, range …) cannot be derived from.
        return True
    content = content_of(base)
    if content is not None and content.base is base:
        return True
    if base.__module__ == "typing":
        return True
    if name == "__new__":
        return False
    return getattr(method, "__name__", "") in _GENERATED


def _is_model(cls: type) -> bool:
    """Whether ``cls`` is a model that leaves its state to pydantic; without loading pydantic for it."""
    return any(
        base.__module__ == "pydantic.main"
        and base.__name__ == "BaseModel"
        and getattr(cls, "__getstate__", None) is getattr(base, "__getstate__", None)
        and getattr(cls, "__setstate__", None) is getattr(base, "__setstate__", None)
        for base in cls.__mro__
    )


_HEAP_TYPE = 1 << 9
_GENERATED = frozenset({"slots_getstate", "slots_setstate", "_dataclass_getstate", "_dataclass_setstate"})
"""Written by attrs and by dataclasses for classes with slots; they only copy attributes."""


def is_enum(cls: type) -> bool:
    """Whether ``cls`` is an enum; without loading :mod:`enum` for it."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(cls, enum.EnumMeta)


def is_flag(cls: type) -> bool:
    """Whether ``cls`` is an enum of flags."""
    return is_enum(cls) and issubclass(cls, sys.modules["enum"].Flag)
