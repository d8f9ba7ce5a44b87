"""Where a stock holds 8-bit strings of Python 2, and how they look: what ``python2`` of a codec is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, define

from migrate.legacy import NO_STATE, ByteString, Call, Dict, FrozenSet, Record, Set
from migrate.legacy.calls import raw_of, shape_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = 64
"""Keys of one dict that are told apart."""
_PLACES = 1_000
_ELSEWHERE = "elsewhere"


@define
class Looks:
    """The 8-bit strings at one place, counted."""

    ascii: int = 0
    utf8: int = 0
    other: int = 0

    def add(self, raw: bytes) -> None:
        """Count one."""
        if raw.isascii():
            self.ascii += 1
            return
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            self.other += 1
        else:
            self.utf8 += 1

    def __str__(self) -> str:
        words = (("ASCII", self.ascii), ("UTF-8", self.utf8), ("neither", self.other))
        return ", ".join(f"{count:,} {word}" for word, count in words if count)


class Strings:
    """What was found, by place: ``module:Class.field``, or the path in data without classes."""

    def __init__(self) -> None:
        self.places: dict[str, Looks] = {}

    def read(self, root: Record) -> None:
        """Count the strings of one pickle. Shared objects count where they are met first."""
        seen: set[int] = set()
        pending: list[tuple[str, Record]] = [("", root)]
        while pending:
            place, record = pending.pop()
            if type(record) is ByteString:
                self._looks(place).add(record.raw)
                continue
            if not isinstance(record, (list, tuple, Dict, Set, FrozenSet, Call)) or id(record) in seen:
                continue
            seen.add(id(record))
            pending += _inside(record, place)

    def _looks(self, place: str) -> Looks:
        if place not in self.places and len(self.places) >= _PLACES:
            place = _ELSEWHERE
        return self.places.setdefault(place or "the value itself", Looks())

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {place: asdict(looks) for place, looks in sorted(self.places.items())}

    def lines(self) -> Iterator[str]:
        """For a person."""
        for place, looks in sorted(self.places.items()):
            yield f"{place}: {looks}"


def _inside(record: Any, place: str) -> Iterator[tuple[str, Record]]:
    """Yield what a container or an object holds, each with the key that a declaration would have for it."""
    in_field = ":" in place.partition("[")[0]
    if isinstance(record, Call):
        yield from _of_call(record, place)
    elif isinstance(record, Dict):
        many = len(record.pairs) > _KEYS
        for key, value in record.pairs:
            yield place, key
            text = None if many or in_field else text_of(key)
            yield place if in_field else f"{place}[{'*' if text is None else ascii(text)}]", value
    else:
        items = record if isinstance(record, (list, tuple)) else record.items
        for item in items:
            yield place if in_field else f"{place}[*]", item


def _of_call(call: Call, place: str) -> Iterator[tuple[str, Record]]:
    shape = shape_of(call)
    if shape is None or raw_of(call) is not None:
        return
    made_plainly = not (call.new or call.old) and call.state is shape.value is NO_STATE
    if made_plainly:  # most likely a value of the standard library
        content = (*shape.args, *shape.items, *(part for pair in shape.pairs for part in pair))
        yield from ((place, part) for part in content)
        return
    name = ":".join(shape.name)
    parts = (shape.value, *shape.args, *shape.items, *(part for pair in shape.pairs for part in pair))
    yield from ((f"{name}.*", part) for part in parts)
    states = shape.state if isinstance(shape.state, tuple) and len(shape.state) == 2 else (shape.state,)
    for state in states:
        if isinstance(state, Dict):
            yield from ((f"{name}.{text_of(key) or '*'}", value) for key, value in state.pairs)
        else:
            yield f"{name}.*", state
