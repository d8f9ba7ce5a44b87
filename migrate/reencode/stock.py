"""What a store holds, by format: looked at as ``reencode`` does, but nothing is read as objects.

Only reads, and keeps numbers and a few keys, so that stores of any size can be counted.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from migrate.legacy import (
    DEFAULT_LIMITS,
    Format,
    LegacyError,
    MigrateError,
    decompress,
    looks_like_pickle,
    sniff,
)
from migrate.reencode.archives import MAGIC, InArchives
from migrate.reencode.containers import could_hold, peek
from migrate.reencode.convert import NOTHING_OF_OURS, Conversion
from migrate.reencode.errors import Foreign, Gone, Refused
from migrate.reencode.segments import PROTO, Pickle, split
from migrate.reencode.stores import Keyed
from migrate.reencode.walk import files_below
from migrate.reencode.work import again
from migrate.runtime.seals import KIND as SEALED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrate.reencode.stores import Range, Ranged

_PLACES = 500
_HEAD = 4096
_NOT_DATA = frozenset({".py", ".pyw", ".pyc", ".pyo", ".pyi", ".pyx", ".so", ".pyd"})
_EXAMPLES = 5
PICKLE = "pickle"


@frozen
class Content:
    """What one value is."""

    format: str
    """As its first bytes say; ``pickle`` if a record in it is one, also inside compression."""
    sealed: bool = False
    """A record in it is a sealed pickle."""


@define
class Some:
    """A number of places, and the first few of them."""

    count: int = 0
    examples: list[str] = field(factory=list)

    def add(self, example: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)

    def merge(self, other: Some) -> None:
        """Add what ``other`` counted."""
        self.count += other.count
        self.examples += other.examples[: _EXAMPLES - len(self.examples)]


@define
class Tally:
    """What was counted so far."""

    formats: Counter[str] = field(factory=Counter)
    pickles: Some = field(factory=Some)
    sealed: Some = field(factory=Some)
    unreadable: Some = field(factory=Some)
    """Places whose content could not be told, with why."""

    @property
    def total(self) -> int:
        """How many places were looked at."""
        return self.formats.total()

    def add(self, key: str, data: bytes, look: Callable[[bytes], Content] | None = None) -> None:
        """Count the place ``key``, which holds ``data``; ``look`` tells what that is (`content_of`)."""
        try:
            content = (look or content_of)(data)
        except MigrateError as error:
            self.refuse(key, error.message)
            return
        self.formats[content.format] += 1
        if content.format == PICKLE:
            self.pickles.add(key)
        if content.sealed:
            self.sealed.add(key)

    def refuse(self, key: str, why: str) -> None:
        """Count the place ``key``, of which nobody can tell what it holds."""
        self.formats["unreadable"] += 1
        self.unreadable.add(f"{key}: {why}")

    def merge(self, other: Tally) -> None:
        """Add what ``other`` counted."""
        self.formats += other.formats
        self.pickles.merge(other.pickles)
        self.sealed.merge(other.sealed)
        self.unreadable.merge(other.unreadable)


def count_files(place: Path) -> Tally:
    """Count the files at or below ``place``; source code is passed by, and so are empty files."""
    tally = Tally()

    def unlisted(error: OSError) -> None:
        tally.refuse(str(error.filename), error.strerror or str(error))

    for path in files_below(place, unlisted) if place.is_dir() else [place]:
        if path == place or path.suffix not in _NOT_DATA:
            _count_file(tally, path)
    return tally


def _count_file(tally: Tally, path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            # What cannot be of interest may be large, and is not read on.
            packed = path.suffix.lower() == ".zip" and head.startswith(MAGIC)
            data = head + file.read() if packed or could_hold(head) else head
    except OSError as error:
        tally.refuse(str(path), error.strerror or str(error))
        return
    if data:
        tally.add(str(path), data, content_of_archive if packed else content_of)


def content_of(data: bytes) -> Content:
    """Return what ``data`` holds, looking through compression; a damaged pickle is a pickle.

    Raises :class:`~migrate.legacy.LegacyError` where the compression is damaged, or unpacks to too much.
    """
    found = sniff(data[:16])
    nothing = Format.UNKNOWN.value if found is Format.PICKLE else found.value
    if not could_hold(peek(data, DEFAULT_LIMITS.max_layers)):
        return Content(nothing)
    _, raw = decompress(data, limits=DEFAULT_LIMITS)
    pickled = sealed = False
    try:
        for part in split(raw, DEFAULT_LIMITS):
            if isinstance(part, Pickle):
                if part.text.startswith(PROTO):
                    return Content(PICKLE)
                pickled = True  # if the rest makes sense: some texts begin like protocol 0
            else:
                sealed = sealed or part.kind == SEALED
    except Foreign:
        return Content(PICKLE if looks_like_pickle(raw) else nothing, sealed)
    except LegacyError:  # it begins as a pickle does, and goes on so for a while
        return Content(PICKLE)
    return Content(PICKLE if pickled else found.value, sealed)


def content_of_archive(data: bytes) -> Content:
    """Return what the members of a zip archive hold; ``pickle`` if one of them is.

    Raises :class:`~migrate.legacy.MigrateError` for an archive that is damaged, or that `reencode` refuses.
    """
    found: list[Content] = []

    def look(member: bytes) -> Conversion:
        found.append(content_of(member))
        return NOTHING_OF_OURS

    InArchives(look)(data)
    pickled = any(content.format == PICKLE for content in found)
    return Content(PICKLE if pickled else Format.ZIP.value, any(content.sealed for content in found))


def count(store: Ranged) -> Tally:
    """Count what ``store`` holds, range by range.

    Raises :class:`~migrate.reencode.errors.Unavailable` when it cannot be reached for longer, and
    :class:`~migrate.reencode.errors.StoreError` when it does not let itself be read.
    """
    total = Tally()
    # Objects may be of any size, so they are taken one by one; other stores bound what a range may hold.
    for part in store.ranges(1 if isinstance(store, Keyed) else _PLACES):
        total.merge(again(store, partial(_counted, store, part)))
    return total


def _counted(store: Ranged, part: Range) -> Tally:
    tally = Tally()
    for found in store.read_range(part):
        if isinstance(found.blob, Gone):
            continue  # it was deleted since it was listed
        if isinstance(found.blob, Refused):
            tally.refuse(found.item.key, found.blob.message)
        else:
            tally.add(found.item.key, found.blob.data)
    return tally
