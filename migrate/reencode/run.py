"""A run over a store of any size: ranges, a ledger and an engine.

The parent lists keys, hands out ranges and writes the ledger; workers read, convert and replace. A range
that is done twice, or half, does no harm: what is JSON already is left alone.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from attrs import define, evolve, field

from migrate.reencode.errors import LedgerLost, TakenOver, TooManyFailures
from migrate.reencode.report import Report
from migrate.reencode.stores import Item, Range, renumbered
from migrate.reencode.work import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrate.reencode.ledger import Book
    from migrate.reencode.recipe import Answer, Worker
    from migrate.reencode.runs import Keeper
    from migrate.reencode.stores import Ranged

_TICK = 0.1
"""Seconds between two looks at whether to go on."""
_ASK_EVERY = 0.5
"""Seconds between two looks at what was asked for from outside."""


class Engine(Protocol):
    """Who does the ranges."""

    def run(self, parts: Iterable[Range | None]) -> Iterator[tuple[Range, Answer]]:
        """Do ``parts`` in any order and yield their answers; None among them means: not yet."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


@define
class Inline:
    """The process itself does them."""

    worker: Worker

    def run(self, parts: Iterable[Range | None]) -> Iterator[tuple[Range, Answer]]:
        """See :class:`Engine`."""
        for part in parts:
            if part is not None:
                yield part, self.worker.do(part)

    def close(self) -> None:
        """See :class:`Engine`."""
        self.worker.close()


@define
class Run:
    """One run; iterate over :meth:`go`."""

    store: Ranged
    engine: Engine
    keeper: Keeper
    ledger: Book
    size: int = 500
    """Places in a range."""
    max_failures: int | None = None
    max_rate: float | None = None
    """Places per second over all workers."""
    limit: int | None = None
    """Places to look at, for an estimate."""
    _skipped: Report = field(factory=Report, init=False)
    _open_until: float = field(default=0.0, init=False)
    _asked_at: float = field(default=0.0, init=False)

    def go(self, tell: Callable[[Report], None]) -> None:
        """Do all that is to be done, and ``tell`` the figures of each range, and of what needs no work.

        Raises :class:`~migrate.reencode.errors.TooManyFailures`,
        :class:`~migrate.reencode.errors.Unavailable` when the store or the ledger is gone for longer, or
        :class:`~migrate.reencode.errors.TakenOver`. Whatever is raised, the ledger says how far it is, and a
        rerun goes on.
        """
        failures = 0
        mark = _Watermark(self.keeper.watermark)
        try:
            with self.keeper.beating():
                for part, answer in self.engine.run(self._parts()):
                    self._tell_skipped(tell)
                    self.keeper.advance(answer.report, answer.entries, mark.after(part), answer.forget)
                    tell(answer.report)
                    failures += answer.report.failed
                    if self.max_failures is not None and failures > self.max_failures:
                        allowed = f"more than the {self.max_failures} allowed"
                        raise TooManyFailures(f"stopped: {failures} failures are {allowed}")
                self._tell_skipped(tell)
        except (LedgerLost, TakenOver):
            raise
        except BaseException:
            self.keeper.turn("stopped")
            raise
        self.keeper.turn("finished")

    def _tell_skipped(self, tell: Callable[[Report], None]) -> None:
        if self._skipped.seen:
            skipped, self._skipped = self._skipped, Report()
            self.keeper.advance(skipped, (), self.keeper.watermark)
            tell(skipped)

    def _parts(self) -> Iterator[Range | None]:
        """Yield the ranges to do, each when it may be begun, and None while nothing may."""
        number, left = 0, self.limit
        for listed in self._listed():
            part = renumbered(self._unsettled(listed), number)
            if listed.items and not part.items:
                continue
            yield from self._gate(part.count)
            yield part
            number += 1
            if left is not None:
                left -= part.count
                if left <= 0:
                    return

    def _listed(self) -> Iterator[Range]:
        store = self.store
        failed = self.ledger.failed_keys(self.keeper.prefix) if self.keeper.prefix else []
        if self.keeper.watermark is None:
            self.ledger.forget(self.keeper.prefix, failed)
        else:
            # What failed before the kill or the stop is tried again.
            for start in range(0, len(failed), self.size):
                chunk = failed[start : start + self.size]
                yield Range(0, len(chunk), items=tuple(Item(key, 0) for key in chunk))
        yield from store.ranges(self.size, self.keeper.watermark)

    def _unsettled(self, part: Range) -> Range:
        """Take out what the ledger knows to be done with."""
        versions = {item.key: item.version for item in part.items if item.version}
        if not versions:
            return part
        settled = self.ledger.settled(versions, self.keeper.prefix)
        left = []
        for item in part.items:
            if item.key in settled:
                self._skipped.add(known(item, settled[item.key]))
            else:
                left.append(item)
        return evolve(part, items=tuple(left), count=len(left))

    def _gate(self, count: int) -> Iterator[None]:
        """Wait, and yield at times, while the run is paused or too fast."""
        paused = False
        while self._wants_pause():
            if not paused:
                self.keeper.turn("paused")
                paused = True
            time.sleep(_TICK)
            yield None
        if paused:
            self.keeper.turn("running")
        if self.max_rate is None:
            return
        while (now := time.monotonic()) < self._open_until:
            time.sleep(min(_TICK, self._open_until - now))
            yield None
        self._open_until = max(self._open_until, now) + count / self.max_rate

    def _wants_pause(self) -> bool:
        now = time.monotonic()
        if self.keeper.paused or now - self._asked_at >= _ASK_EVERY:
            self._asked_at = now
            return self.keeper.wanted() == "pause"
        return False


@define
class _Watermark:
    """The key up to which everything is done, though ranges are done in any order."""

    key: str | None
    _next: int = 0
    _done: dict[int, str | None] = field(factory=dict, init=False)

    def after(self, part: Range) -> str | None:
        """Return the key when ``part`` is done, too."""
        self._done[part.number] = part.last
        while self._next in self._done:
            self.key = self._done.pop(self._next) or self.key
            self._next += 1
        return self.key
