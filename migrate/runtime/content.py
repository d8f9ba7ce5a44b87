"""What instances of subclasses of builtin containers and scalars hold, apart from their attributes.

It is read and filled with the methods of the builtin base: an overridden ``__iter__`` or ``append`` of the
subclass would see, or make, something else than what is there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Value


class Content(NamedTuple):
    """The content of one builtin base."""

    base: Any
    part: str
    """The member of the JSON object that holds it: ``$value``, ``$items`` or ``$pairs``."""
    read: Callable[[Any], Any]
    """The content as plain Python: a scalar, a tuple, or an iterable of items or pairs."""
    insert: Callable[..., Any] | None = None
    """Adds an item or a pair; None for a content that must be there when the object is made."""

    def new(self, cls: type) -> Value:
        """Return an empty instance of ``cls``; its own ``__new__`` and ``__init__`` are not called."""
        return self.base.__new__(cls)

    def make(self, cls: type, *args: Value) -> Value:
        """Return an instance of ``cls`` from arguments for the base."""
        if self.insert is None and self.base is not bytearray:
            return self.base.__new__(cls, *args)
        out = self.base.__new__(cls)
        self.base.__init__(out, *args)
        return out


def _read_complex(value: Value) -> complex:
    real, imag = complex.real, complex.imag
    return complex(real.__get__(value), imag.__get__(value))


def _all_of(base: Value) -> Callable[[Any], Any]:
    everything = slice(None)
    return lambda value: base.__getitem__(value, everything)


_CONTENTS: dict[str, Content] = {
    "builtins:str": Content(str, "$value", str.__str__),
    "builtins:int": Content(int, "$value", int.__int__),
    "builtins:float": Content(float, "$value", float.__float__),
    "builtins:complex": Content(complex, "$value", _read_complex),
    "builtins:bytes": Content(bytes, "$value", _all_of(bytes)),
    "builtins:bytearray": Content(bytearray, "$value", lambda value: bytes(memoryview(value))),
    "builtins:tuple": Content(tuple, "$value", _all_of(tuple)),
    "builtins:frozenset": Content(frozenset, "$value", lambda value: tuple(frozenset.__iter__(value))),
    "builtins:list": Content(list, "$items", list.__iter__, list.append),
    "builtins:set": Content(set, "$items", set.__iter__, set.add),
    "builtins:dict": Content(dict, "$pairs", dict.items, dict.__setitem__),
}


def content_of(cls: type) -> Content | None:
    """Return the content that instances of ``cls`` have by their nearest builtin base, if any."""
    for base in cls.__mro__:
        name = f"{base.__module__}:{base.__qualname__}"
        found = _CONTENTS.get(name) or _collection(base, name)
        if found is not None and found.base is base:
            return found
    return None


def _collection(base: Value, name: str) -> Content | None:
    """Bases of :mod:`collections`, which is loaded if one of them is met."""
    if name == "collections:deque":
        return Content(base, "$items", base.__iter__, base.append)
    if name in ("collections:OrderedDict", "collections:defaultdict", "collections:Counter"):
        found: Any = getattr(sys.modules.get("collections"), base.__name__, None)
        if found is not base:
            return None
        setter = dict.__setitem__ if found.__name__ != "OrderedDict" else found.__setitem__
        return Content(found, "$pairs", found.items, setter)
    return None
