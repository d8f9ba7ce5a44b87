"""What a worker is told, as plain data, so that it can be a process here or on another machine."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from migrate.reencode.archives import InArchives
from migrate.reencode.backups import Backups
from migrate.reencode.convert import MAX_GROWTH, convert
from migrate.reencode.converters import Loaded, load_converters
from migrate.reencode.ledger import Entry, State
from migrate.reencode.objects import ThroughCodec, writing_json
from migrate.reencode.opening import Source, open_source
from migrate.reencode.report import Report
from migrate.reencode.stores import Item, Range
from migrate.reencode.together import Together
from migrate.reencode.verify import Verification
from migrate.reencode.work import Work
from migrate.runtime import Codec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrate.reencode.stores import Ranged
    from migrate.reencode.work import Convert

_SHOWN = 20
"""Converted places of a database that are told one by one."""


@frozen
class Recipe:
    """All that a worker must know. It holds the password of the store, if the URL does."""

    source: Source
    converters: str | None = None
    """The converters module, as for :func:`~migrate.reencode.converters.load_converters`; None for none."""
    encoding: str = "ASCII"
    use_classes: bool = True
    dry_run: bool = False
    verify_only: bool = False
    backup_to: str | None = None
    """Directory for the old bytes; not for local files, which have them beside them."""
    python2: dict[str, str] = field(factory=dict)
    """What 8-bit strings are, by place, beside what the codec declares."""
    max_growth: int = MAX_GROWTH
    """How many times as long as its pickle a record may be; see :mod:`~migrate.reencode.convert`."""

    def to_plain(self) -> dict[str, Any]:
        """Return what :meth:`from_plain` takes."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Recipe:
        """Return the recipe that another process wrote."""
        return cls(**{**plain, "source": Source(**plain["source"])})


@frozen
class Answer:
    """What became of a range."""

    report: Report
    entries: list[Entry]
    forget: list[str] = field(factory=list)
    """Keys of which nothing need be known any more."""

    def to_plain(self) -> dict[str, Any]:
        """Return what :meth:`from_plain` takes."""
        entries = [asdict(entry, value_serializer=_plain_state) for entry in self.entries]
        return {"report": self.report.to_plain(), "entries": entries, "forget": self.forget}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Answer:
        """Return the answer that another process made."""
        entries = [Entry(**{**entry, "state": State(entry["state"])}) for entry in plain["entries"]]
        return cls(Report.from_plain(plain["report"]), entries, plain["forget"])


def _plain_state(_: object, __: object, value: Any) -> Any:
    return value.value if isinstance(value, State) else value


def plain_range(part: Range) -> dict[str, Any]:
    """Return what :func:`read_range` takes."""
    return asdict(part)


def read_range(plain: Mapping[str, Any]) -> Range:
    """Return the range that another process wrote."""
    return Range(**{**plain, "items": tuple(Item(**item) for item in plain["items"])})


class Worker:
    """A recipe at work in this process.

    Raises :class:`~migrate.reencode.errors.StoreError`, :class:`~migrate.reencode.errors.ConvertersError` or
    :class:`~migrate.reencode.errors.Unavailable`.
    """

    def __init__(self, recipe: Recipe, *, store: Ranged | None = None, loaded: Loaded | None = None) -> None:
        self.store = open_source(recipe.source) if store is None else store
        if loaded is None:
            loaded = (
                load_converters(recipe.converters) if recipe.converters else Loaded("", Codec("reencode"))
            )
        backups = None
        if recipe.backup_to is not None and not recipe.dry_run:
            backups = Backups(Path(recipe.backup_to), self.store.address)
        self._backups = backups
        convert, together = _conversion(recipe, loaded)
        self._work = Work(self.store, convert, recipe.dry_run, backups, together=together)

    def do(self, part: Range) -> Answer:
        """Do one range."""
        with _collecting_seldom():
            return self._do(part)

    def _do(self, part: Range) -> Answer:
        report, entries = Report(), []
        versioned = not self.store.address or any(item.version for item in part.items)
        self._work.entries = versioned
        for outcome, entry in self._work.do(part):
            report.add(outcome)
            if entry is not None:
                entries.append(entry)
        if not part.items:
            report.done = report.done[: _SHOWN if part.number == 0 else 0]
        return Answer(report, entries, [item.key for item in part.items] if not versioned else [])

    def close(self) -> None:
        """Let go of the store and the backups."""
        self.store.close()
        if self._backups is not None:
            self._backups.close()


_BETWEEN_COLLECTIONS = 100_000


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Have the garbage collector look less often: many objects are made here, next to none in cycles.

    By its own measure it looks at them after each 700 that are made, which takes a third of the time.
    """
    before = gc.get_threshold()
    if 0 < before[0] < _BETWEEN_COLLECTIONS:
        gc.set_threshold(_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _conversion(recipe: Recipe, loaded: Loaded) -> tuple[Convert, Together | None]:
    made: Convert
    together = None
    if recipe.verify_only:
        made = Verification(writing_json(loaded.codec), use_classes=recipe.use_classes)
    else:
        codec = loaded.codec.with_python2(recipe.python2) if recipe.python2 else loaded.codec
        through = ThroughCodec(codec, recipe.encoding, use_classes=recipe.use_classes)
        made = partial(convert, convert_record=through, max_growth=recipe.max_growth)
        together = Together.of(through.codec, recipe.max_growth) if recipe.use_classes else None
    return InArchives(made) if recipe.source.is_local else made, together
