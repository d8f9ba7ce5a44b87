"""The rows of the ledger that tell how far a run is: to go on after a kill, and to be read from outside."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from migrate.reencode.alive import BEAT, Place
from migrate.reencode.errors import LedgerLost, StoreError, TakenOver
from migrate.reencode.ledger import GOING
from migrate.reencode.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.reencode.ledger import Book, Entry


@frozen
class Run:
    """One row."""

    id: int
    store: str
    state: str
    """``running``, ``paused``, ``finished``, or ``stopped``; for a reader also ``interrupted``.

    The last is what nobody could write down any more: the process was killed, or its machine is gone.
    """
    control: str
    started: float
    updated: float
    seconds: float
    total: int
    report: Report
    watermark: str | None
    place: str

    @property
    def rate(self) -> float:
        """Places per second of work."""
        return self.report.seen / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None if it cannot be told."""
        if not self.total or not self.rate or self.state == "finished":
            return None
        return max(self.total - self.report.seen, 0) / self.rate


def all_runs(ledger: Book) -> list[Run]:
    """Return all runs, the latest first."""
    rows = ledger.runs()
    now = ledger.now() if any(row["state"] in GOING for row in rows) else None
    return [_run(row, now) for row in rows]


def _run(row: dict[str, Any], now: float | None) -> Run:
    run = Run(**{**row, "report": Report.from_plain(json.loads(row["report"]))})
    if run.state not in GOING:
        return run
    place = Place.of(run.place)
    if place is None or place.lives(None if now is None else now - run.updated):
        return run
    return evolve(run, state="interrupted")


@define
class Keeper:
    """Keeps the row of the run that is going on."""

    ledger: Book
    id: int
    store: str
    place: str
    report: Report
    watermark: str | None
    seconds: float
    resumed: bool = False
    """Goes on with an earlier run."""
    _since: float | None = field(factory=time.monotonic, init=False)
    """When the time that is not yet in ``seconds`` began; None while nothing is done."""

    @classmethod
    def start(cls, ledger: Book, store: str, total: int, *, resumable: bool) -> Keeper:
        """Go on with the last run over ``store`` if it did not finish and can be resumed; else begin one.

        A process that is still at that run notices, and stops.
        """
        place = str(Place.here())
        while (run := _unfinished(ledger, store) if resumable else None) is not None:
            now = {"state": "running", "control": "run", "total": total, "place": place}
            # Not if another process has taken it since we looked.
            if ledger.change(run.id, now, place=run.place):
                return cls(ledger, run.id, store, place, run.report, run.watermark, run.seconds, resumed=True)
        values = {
            "store": store,
            "state": "running",
            "control": "run",
            "started": time.time(),
            "seconds": 0.0,
        }
        empty = json.dumps(Report().to_plain())
        number = ledger.begin({**values, "total": total, "report": empty, "watermark": None, "place": place})
        return cls(ledger, number, store, place, Report(), None, 0.0)

    def advance(
        self, report: Report, entries: Iterable[Entry], watermark: str | None, forget: Iterable[str] = ()
    ) -> None:
        """Write down that a part is done, together with what is to be known of its keys.

        What was known of the keys in ``forget`` is no longer so. Raises
        :class:`~migrate.reencode.errors.TakenOver`; what was done counts all the same.
        """
        self.report.merge(report)
        self.watermark = watermark
        # Ranges that were begun before a pause come in during it.
        self._write("paused" if self.paused else "running", entries, forget)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Let those who look from elsewhere see that the run lives, however long one value takes."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ended,), name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(BEAT)

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT):
            # A ledger that is away is the work of the other thread to notice.
            with suppress(LedgerLost, StoreError, sqlite3.Error):
                self.ledger.beat(self.id, self.place)

    @property
    def paused(self) -> bool:
        """Whether nothing is done at present."""
        return self._since is None

    @property
    def prefix(self) -> str:
        """What stands before the keys of the store in the ledger."""
        return self.store if "://" in self.store else ""

    def wanted(self) -> str:
        """Return what somebody asked this run for: ``run`` or ``pause``."""
        return self.ledger.control(self.id) or "run"

    def turn(self, state: str) -> None:
        """Write down that the run is ``paused``, ``running`` again, ``stopped`` or ``finished``."""
        self._write(state)

    def _write(self, state: str, entries: Iterable[Entry] = (), forget: Iterable[str] = ()) -> None:
        now = time.monotonic()
        if self._since is not None:
            self.seconds += now - self._since
        self._since = now if state == "running" else None
        values = {
            "state": state,
            "seconds": self.seconds,
            "report": json.dumps(self.report.to_plain(keep=0)),
            "watermark": self.watermark,
        }
        changed = self.ledger.change(
            self.id, values, place=self.place, entries=entries, forget=forget, store=self.prefix
        )
        if not changed:
            raise TakenOver("stopped: another process goes on with this run; what was converted stays so")


def _unfinished(ledger: Book, store: str) -> Run | None:
    """Return the last run over ``store``, if it did not finish."""
    last = next((run for run in all_runs(ledger) if run.store == store), None)
    return None if last is None or last.state == "finished" else last


def plain_run(run: Run) -> dict[str, Any]:
    """Return a run as plain data; the names are part of the command's interface."""
    figures = run.report
    return {
        "store": run.store,
        "state": run.state,
        "place": ":".join(run.place.split(":")[:2]),
        "started": run.started,
        "updated": run.updated,
        "seconds": round(run.seconds, 3),
        "total": run.total or None,
        "done": figures.seen,
        "per_second": round(run.rate, 1),
        "seconds_left": None if run.seconds_left is None else round(run.seconds_left),
        "converted": figures.converted,
        "already_json": figures.nothing,
        "not_pickles": figures.other,
        "failed": figures.failed,
        "reasons": dict(figures.reasons),
        "bytes_before": figures.size_before,
        "bytes_after": figures.size_after,
    }
