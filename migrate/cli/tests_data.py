"""Golden records: a few small ones out of stored data, so that every class is met."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from migrate.legacy import DEFAULT_LIMITS, MigrateError
from migrate.reencode.convert import take_apart
from migrate.reencode.segments import Pickle
from migrate.reencode.walk import files_below
from migrate.runtime import Stage
from migrate.runtime.layout import is_enum, layout_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from migrate.runtime import Codec

_LARGEST_FILE = 1 << 26
_LARGEST_RECORD = 1 << 18
_ENVELOPE = b"~"


@frozen
class Golden:
    """One record that could be kept."""

    record: bytes = field(repr=False)
    pickle: bytes | None = field(repr=False)
    """The pickle that it was, if it was one."""
    classes: frozenset[str]
    """Names of the registered classes in it; that of the value's own type if there are none."""

    @property
    def key(self) -> tuple[bytes, bytes | None]:
        """What tells it from others: sets are written in an order that each process chooses."""
        return bytes(sorted(self.record)), self.pickle


@frozen
class Found:
    """What stored data hold, for one codec."""

    records: tuple[Golden, ...] = ()
    problems: Mapping[str, str] = field(factory=dict)
    """Place → why it could not be read."""


def read_data(codec: Codec, places: Iterable[Path]) -> Found:
    """Return every record in the files at or below ``places``. Pickles are read as data; nothing executes."""
    records: list[Golden] = []
    problems: dict[str, str] = {}
    for path in _files(places, problems):
        try:
            if path.stat().st_size > _LARGEST_FILE:
                problems[str(path)] = f"is larger than {_LARGEST_FILE >> 20} MiB; name a smaller one"
                continue
            _, parts = take_apart(path.read_bytes(), DEFAULT_LIMITS)
        except OSError as error:
            problems[str(path)] = f"cannot be read: {error.strerror}"
            continue
        except MigrateError as error:
            problems[str(path)] = f"{error.message} ({error.reason})"
            continue
        for number, part in enumerate(parts, 1):
            pickle = part.text if isinstance(part, Pickle) else None
            try:
                records.append(golden(codec, part.text, pickle))
            except Exception as error:  # noqa: BLE001 - also what the program's own classes raise
                where = f" (record {number} of {len(parts)})" if len(parts) > 1 else ""
                problems[f"{path}{where}"] = str(error)
    return Found(tuple(records), problems)


def golden(codec: Codec, data: bytes, pickle: bytes | None = None) -> Golden:
    """Return one stored value as a record of today. Raises MigrateError when ``codec`` cannot read it."""
    value = codec.at_stage(Stage.JSON.value).loads(data)
    classes = frozenset(_classes(codec, value)) or frozenset({type(value).__name__})
    return Golden(codec.record(value), pickle, classes)


def is_sealed(record: bytes) -> bool:
    """Whether a record is signed or encrypted, so that reading it takes a key."""
    return record.startswith(_ENVELOPE)


def choose(found: Iterable[Golden], kept: Sequence[Golden], samples: int) -> list[Golden]:
    """Return the smallest of ``found`` that bring every class to ``samples`` records, with those ``kept``."""
    counts = Counter(name for each in kept for name in each.classes)
    known = {each.key for each in kept}
    chosen: list[Golden] = []
    for each in sorted(found, key=lambda g: (len(g.record), g.record, g.pickle or b"")):
        lacking = any(counts[name] < samples for name in each.classes)
        if lacking and each.key not in known and len(each.record) <= _LARGEST_RECORD:
            known.add(each.key)
            chosen.append(each)
            counts.update(each.classes)
    return chosen


def too_large(found: Iterable[Golden], kept: Iterable[Golden]) -> list[str]:
    """Return the classes of ``found`` of which there is no record in ``kept``."""
    there = {name for each in kept for name in each.classes}
    return sorted({name for each in found for name in each.classes} - there)


def _files(places: Iterable[Path], problems: dict[str, str]) -> Iterator[Path]:
    def cannot_list(error: OSError) -> None:
        problems[str(error.filename)] = f"cannot be listed: {error.strerror}"

    for place in places:
        yield from files_below(place, cannot_list) if place.is_dir() else (place,)


def _classes(codec: Codec, value: object) -> Iterator[str]:
    """Yield the tags of registered classes in ``value``, each as often as it is met."""
    seen: dict[int, Any] = {}
    pending: list[Any] = [value]
    while pending:
        here = pending.pop()
        cls = type(here)
        if id(here) in seen or cls in (str, bytes, int, float, bool, type(None)):
            continue
        seen[id(here)] = here  # kept, so that its id stays its own
        tag = codec.lookup(cls.__module__, cls.__qualname__)
        if tag is not None:
            yield tag
        if cls in (list, tuple, set, frozenset):
            pending.extend(here)
        elif cls is dict:
            pending.extend((*here.keys(), *here.values()))
        elif not is_enum(cls) and not isinstance(here, type):
            pending.extend(_parts(here))


def _parts(value: Any) -> Iterator[object]:
    cls: type = type(value)
    layout = layout_of(cls)
    for attributes in layout.attributes(value):
        yield from attributes.values()
    if layout.content is not None:
        held = layout.content.read(value)
        yield from (part for part in held) if not isinstance(held, (str, bytes, int, float, complex)) else ()
