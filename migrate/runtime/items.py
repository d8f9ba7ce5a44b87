"""Large lists and dicts item by item: a record that opens, one for each item, one that closes.

Each item is a record of its own, so neither the writer nor the reader holds more than one. An object that
two items share becomes two, as it does with two dumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..legacy.errors import MigrateError
from .decode import hashable, only
from .errors import DecodeError, TruncatedRecord, within
from .hashing import HashGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .encode import Value, Wire

KINDS = ("list", "dict")


class Opening(NamedTuple):
    """The record before the items."""

    kind: str


class Closing(NamedTuple):
    """The record behind the items."""

    number: int


def opening(kind: str) -> Wire:
    """Return the record before the items of a ``list`` or a ``dict``."""
    return {"$stream": kind}


def closing(count: int) -> Wire:
    """Return the record behind ``count`` items."""
    return {"$end": count}


def is_mark(wire: Wire) -> bool:
    """Whether a record stands before or behind the items of a stream."""
    return type(wire) is dict and ("$stream" in wire or "$end" in wire)


def mark_of(wire: dict[str, Wire]) -> Opening | Closing:
    """Return what a record with ``$stream`` or ``$end`` stands for; raises DecodeError."""
    if "$stream" in wire:
        only(wire, "$stream")
        if wire["$stream"] not in KINDS:
            raise DecodeError(f"a stream of {str(wire['$stream'])[:60]!r}", reason="unknown-tag")
        return Opening(wire["$stream"])
    only(wire, "$end")
    if type(wire["$end"]) is not int:
        raise DecodeError("the end of a stream without its number of items")
    return Closing(wire["$end"])


def write_items(
    items: Iterable[Any],
    write: Callable[[bytes], object],
    dumps: Callable[[Any], bytes],
    write_wire: Callable[[Wire], bytes],
) -> int:
    """Write a stream of ``items``, and return their number; raises EncodeError with the item's path.

    A mapping, known by its ``keys`` and ``items`` methods, becomes a stream of its pairs.
    """
    is_mapping = hasattr(items, "keys") and hasattr(items, "items")
    write(write_wire(opening("dict" if is_mapping else "list")))
    count = 0
    for item in items.items() if is_mapping else items:  # type: ignore[attr-defined]
        try:
            record = dumps(item)
        except MigrateError as error:
            raise within(error, _step(count, error)) from error.__cause__
        write(record)
        count += 1
    write(write_wire(closing(count)))
    return count


def read_items(kind: str, following: Callable[[], Value]) -> Iterator[Any]:
    """Yield the items of a stream that was opened; ``following`` returns the next record's value.

    Raises TruncatedRecord when the stream does not end, DecodeError when items are missing.
    """
    count = 0
    while True:
        try:
            item = following()
        except TruncatedRecord:
            raise
        except EOFError as error:
            raise TruncatedRecord(f"the stream ends after {count} items, without its end") from error
        except MigrateError as error:
            raise within(error, _step(count, error)) from error.__cause__
        if type(item) is Closing:
            if item.number != count:
                raise DecodeError(f"the stream had {item.number} items, and {count} are here")
            return
        if type(item) is Opening:
            raise DecodeError("a stream inside of a stream")
        if kind == "dict" and (type(item) is not tuple or len(item) != 2):
            raise within(DecodeError("not a pair of key and value"), f"[{count}]")
        yield item
        count += 1


def collect(kind: str, items: Iterator[Any]) -> list[Any] | dict[Any, Any]:
    """Return the whole list or dict."""
    if kind == "list":
        return list(items)
    out: dict[Any, Any] = {}
    guard, counts = HashGuard(), dict[int, int]()
    for key, value in items:
        guard.check(key, counts)
        hashable(out.__setitem__, key, value)
    return out


def items_of(value: Value) -> Iterator[Any]:
    """Yield the items of a value that was not written as a stream; raises DecodeError if it has none."""
    if type(value) is dict:
        yield from value.items()
    elif type(value) in (list, tuple, set, frozenset):
        yield from value
    else:
        raise DecodeError(
            f"a {type(value).__name__} where a list, a dict or a stream belongs", reason="type-mismatch"
        )


def _step(number: int, error: MigrateError) -> str:
    return f"[{number}]" if error.path[:1] in ("", "[", ".") else f"[{number}]."
