"""The shapes of stored values: of which types they are, how many, and how long. Never what they are.

A report is mailed about and kept, and stored values may be secrets. So no value leaves this module, nor a
part of one: of a number its digits are counted, of everything else its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from migrate.evidence.types import CONTAINERS, COUNTER
from migrate.legacy.records import ByteString, Call, Dict, FrozenSet, Global, Set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.legacy.records import Record
    from migrate.model import TypeRef

_COUNTED_EXACTLY = 4_000
"""Bits of an integer up to which its digits are counted by writing it down; Python refuses to above."""


@frozen
class Shape:
    """The stored values of one type in one place."""

    type: TypeRef
    count: int
    unit: str = ""
    """What is counted: characters, bytes, items or digits; empty for types without a size."""
    least: int = 0
    most: int = 0

    @property
    def size(self) -> str:
        """The sizes in words: ``4 to 17 characters``; empty for types without a size."""
        if not self.unit:
            return ""
        if self.least != self.most:
            return f"{self.least:,} to {self.most:,} {self.unit}"
        return f"{self.most:,} {self.unit[:-1] if self.most == 1 else self.unit}"


@define
class Tally:
    """Counts the values of one place."""

    _seen: dict[tuple[TypeRef, str], tuple[int, int, int]] = field(factory=dict)
    """Type and unit → how many, the least and the most."""

    def add(self, ref: TypeRef, value: Record) -> None:
        """Count ``value``, which is of the type ``ref``."""
        unit, size = _measured(ref, value)
        count, least, most = self._seen.get((ref, unit), (0, size, size))
        self._seen[ref, unit] = (count + 1, min(least, size), max(most, size))

    def shapes(self) -> tuple[Shape, ...]:
        """Return what was counted, the most frequent first."""
        found = (Shape(ref, n, unit, least, most) for (ref, unit), (n, least, most) in self._seen.items())
        return tuple(sorted(found, key=lambda shape: (-shape.count, shape.type, shape.unit)))


def joined(shapes: Iterable[Shape]) -> tuple[Shape, ...]:
    """Return the shapes of several places as those of one, the most frequent first."""
    found: dict[tuple[TypeRef, str], Shape] = {}
    for shape in shapes:
        known = found.get((shape.type, shape.unit), shape)
        count = shape.count if known is shape else known.count + shape.count
        found[shape.type, shape.unit] = Shape(
            shape.type, count, shape.unit, min(known.least, shape.least), max(known.most, shape.most)
        )
    return tuple(sorted(found.values(), key=lambda shape: (-shape.count, shape.type, shape.unit)))


def _measured(ref: TypeRef, value: Record) -> tuple[str, int]:
    """Return unit and size of a value."""
    if isinstance(value, str):
        return "characters", len(value)
    if isinstance(value, (bytes, bytearray)):
        return "bytes", len(value)
    if isinstance(value, ByteString):
        return "bytes", len(value.raw)
    if isinstance(value, int) and not isinstance(value, bool):
        return "digits", _digits(value)
    if isinstance(value, (list, tuple)):
        return "items", len(value)
    if isinstance(value, Dict):
        return "items", len(value.parts) // 2
    if isinstance(value, (Set, FrozenSet)):
        return "items", len(value.items)
    if isinstance(value, Call):
        return _measured_call(ref, value)
    return "", 0


def _measured_call(ref: TypeRef, call: Call) -> tuple[str, int]:
    if ref.name in CONTAINERS | {COUNTER}:
        return "items", _items_of(call)
    text = call.args[0] if call.args else None
    if ref.name == "bytes" and isinstance(text, str):  # in protocols 0 to 2: _codecs.encode(text, "latin1")
        return "bytes", len(text)
    return "", 0


def _digits(number: int) -> int:
    if number.bit_length() <= _COUNTED_EXACTLY:
        return len(str(abs(number)))
    return int(number.bit_length() * 0.30103) + 1


def _items_of(call: Call) -> int:
    """Return how many items a container of the standard library was made of: in the call and after it."""
    content = next((arg for arg in call.args if not isinstance(arg, Global)), None)
    size = 0
    if isinstance(content, (list, tuple)):
        size = len(content)
    elif isinstance(content, Dict):
        size = len(content.parts) // 2
    elif isinstance(content, (Set, FrozenSet)):
        size = len(content.items)
    return size + len(call.items) + len(call.parts) // 2
