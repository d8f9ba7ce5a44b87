"""A second opinion on "exactly equal", which shares no code with ``migrate.runtime.differences``.

It describes a value by what ``copyreg`` says of it (``__reduce_ex__``, PEP 307) rather than by the codec's
own idea of classes, so that a hole in the comparator shows as a disagreement.
"""

import copyreg
import enum
import pathlib
import types
from typing import Any

ATOMS = (type(None), bool, int, str, bytes, type(...), type(NotImplemented))
BY_IDENTITY = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType)
NOT_STATE = frozenset({"_attrs_cached_hash"})


def describe(value: Any) -> Any:
    """Return a description of the graph below ``value``; equal ones mean the same to a program."""
    return _Walk().of(value)


class _Walk:
    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.open: list[int] = []
        self.alive: list[Any] = []

    def of(self, value: Any) -> Any:
        cls = type(value)
        if cls in ATOMS:
            return cls.__name__, hex(value) if cls is int else repr(value)
        if cls is float:
            return "float", repr(value)
        if cls is complex:
            return "complex", repr(value.real), repr(value.imag)
        # First, because in Python 3.10 they pass for classes.
        if isinstance(value, types.GenericAlias) or cls.__module__ == "typing":
            return "alias", repr(value)
        if isinstance(value, BY_IDENTITY):
            owner = getattr(value, "__self__", None)  # bound methods are made anew each time
            return ("same", id(value)) if owner is None else ("bound", id(owner), value.__name__)
        if isinstance(value, enum.Enum):
            return "member", id(cls), value.name, self.of(value._value_)
        if isinstance(value, pathlib.PurePath):  # since 3.12 keeps its parts as given, unseen
            return "path", id(cls), str(value)
        if cls is tuple:
            return self.frozen(value, lambda: ("tuple", *map(self.of, value)))
        if cls is frozenset:
            return self.frozen(value, lambda: ("frozenset", *map(self.of, sorted(value, key=_order))))
        if id(value) in self.numbers:
            return "again", self.numbers[id(value)]
        if not _is_scalar_like(value):
            self.numbers[id(value)] = len(self.numbers)
        self.alive.append(value)
        if cls is list:
            return ("list", *map(self.of, value))
        if cls is dict:
            return ("dict", *((self.of(k), self.of(v)) for k, v in value.items()))
        if cls is set:
            return ("set", *map(self.of, sorted(value, key=_order)))
        if cls is bytearray:
            return "bytearray", bytes(value)
        return self.reduced(value, id(cls))

    def frozen(self, value: Any, describe: Any) -> Any:
        if id(value) in self.open:
            return "cycle", len(self.open) - self.open.index(id(value))
        self.open.append(id(value))
        self.alive.append(value)
        try:
            return describe()
        finally:
            self.open.pop()

    def reduced(self, value: Any, kind: int) -> Any:
        reducer = copyreg.dispatch_table.get(type(value))
        try:
            made = reducer(value) if reducer else value.__reduce_ex__(4)
        except AttributeError:  # a state method that wants attributes which are not set
            names = sorted(n for n in copyreg._slotnames(type(value)) if hasattr(value, n))
            return "incomplete", kind, [(n, self.of(getattr(value, n))) for n in names]
        if isinstance(made, str):
            return "global", kind, made
        self.alive.append(made)
        parts = [*made, *[None] * (6 - len(made))]
        return (
            "made",
            kind,
            self.of(parts[0]),
            self.of(parts[1]),
            self.state(parts[2]),
            [self.of(item) for item in parts[3] or ()],
            [self.of(item) for item in parts[4] or ()],
        )

    def state(self, state: Any) -> Any:
        """Attributes are compared by name: the order in which they were set is no part of their meaning."""
        if isinstance(state, tuple) and len(state) == 2 and all(type(s) in (dict, type(None)) for s in state):
            return ("slots", *map(self.state, state))
        if type(state) is not dict:
            return self.of(state)
        if id(state) in self.numbers:
            return "again", self.numbers[id(state)]
        self.numbers[id(state)] = len(self.numbers)
        named = {k: v for k, v in state.items() if k not in NOT_STATE}
        return ("state", *((repr(k), self.of(named[k])) for k in sorted(named, key=repr)))


def _is_scalar_like(value: Any) -> bool:
    """Values of the standard library and of subclasses of scalars that cannot change: sharing is not seen."""
    module = type(value).__module__
    if module in ("datetime", "decimal", "_decimal", "fractions", "uuid", "zoneinfo", "ipaddress", "re"):
        return True
    if module.startswith("pathlib") or isinstance(value, (range, slice)):
        return True
    immutable = isinstance(value, (int, float, complex, str, bytes, tuple, frozenset))
    return immutable and not getattr(value, "__dict__", None)


def _order(value: Any) -> tuple[str, str]:
    return type(value).__qualname__, repr(value) if type(value).__module__ == "builtins" else ""
