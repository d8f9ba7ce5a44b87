"""The rows of the ledger that tell how far a run is: to go on after a kill, and to be read from outside."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from migrate.reencode.report import Report

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from migrate.reencode.ledger import Entry, Ledger

_COLUMNS = "id, store, state, control, started, updated, seconds, total, report, watermark, place"


@frozen
class Run:
    """One row."""

    id: int
    store: str
    state: str
    """``running``, ``paused``, ``stopped`` (goes on when run again) or ``finished``."""
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


def all_runs(database: sqlite3.Connection) -> list[Run]:
    """Return all runs, the latest first."""
    rows = database.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY id DESC")  # noqa: S608 (a constant)
    return [_run(row) for row in rows]


def _run(row: Sequence[Any]) -> Run:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Run(**{**values, "report": Report.from_plain(json.loads(values["report"]))})


def ask(database: sqlite3.Connection, control: str) -> int:
    """Ask every unfinished run to ``pause`` or to ``run``; returns how many there are."""
    found = database.execute("UPDATE runs SET control = ? WHERE state IN ('running', 'paused')", (control,))
    database.commit()
    return found.rowcount


@define
class Keeper:
    """Keeps the row of the run that is going on."""

    ledger: Ledger
    id: int
    store: str
    report: Report
    watermark: str | None
    seconds: float
    resumed: bool = False
    """Goes on with an earlier run."""
    _since: float | None = field(factory=time.monotonic, init=False)
    """When the time that is not yet in ``seconds`` began; None while nothing is done."""

    @classmethod
    def start(cls, ledger: Ledger, store: str, total: int, *, resumable: bool) -> Keeper:
        """Go on with the last run over ``store`` if it did not finish and can be resumed; else begin one."""
        place = f"{socket.gethostname()}:{os.getpid()}"
        with ledger.transaction() as database:
            for run in all_runs(database):
                if run.store != store:
                    continue
                if run.state == "finished" or not resumable:
                    break
                database.execute(
                    "UPDATE runs SET state = 'running', control = 'run', total = ?, updated = ?, place = ?"
                    " WHERE id = ?",
                    (total, time.time(), place, run.id),
                )
                return cls(ledger, run.id, store, run.report, run.watermark, run.seconds, resumed=True)
            empty = json.dumps(Report().to_plain())
            now = time.time()
            row = database.execute(
                "INSERT INTO runs (store, state, control, started, updated, seconds, total, report, place)"
                " VALUES (?, 'running', 'run', ?, ?, 0, ?, ?, ?)",
                (store, now, now, total, empty, place),
            )
            return cls(ledger, int(row.lastrowid or 0), store, Report(), None, 0.0)

    def advance(
        self, report: Report, entries: Iterable[Entry], watermark: str | None, forget: Iterable[str] = ()
    ) -> None:
        """Write down that a part is done, together with what is to be known of its keys.

        What was known of the keys in ``forget`` is no longer so.
        """
        self.report.merge(report)
        self.watermark = watermark
        with self.ledger.transaction() as database:
            self.ledger.forget(self.prefix, forget)
            self.ledger.record_all(entries, self.prefix)
            self._write(database, "running")

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
        with self.ledger.transaction() as database:  # waits for who writes it
            row = database.execute("SELECT control FROM runs WHERE id = ?", (self.id,)).fetchone()
        return str(row[0]) if row else "run"

    def turn(self, state: str) -> None:
        """Write down that the run is ``paused``, ``running`` again, ``stopped`` or ``finished``."""
        with self.ledger.transaction() as database:
            self._write(database, state)

    def _write(self, database: sqlite3.Connection, state: str) -> None:
        now = time.monotonic()
        if self._since is not None:
            self.seconds += now - self._since
        self._since = now if state == "running" else None
        database.execute(
            "UPDATE runs SET state = ?, updated = ?, seconds = ?, report = ?, watermark = ? WHERE id = ?",
            (
                state,
                time.time(),
                self.seconds,
                json.dumps(self.report.to_plain(keep=0)),
                self.watermark,
                self.id,
            ),
        )


def plain_run(run: Run) -> dict[str, Any]:
    """Return a run as plain data; the names are part of the command's interface."""
    figures = run.report
    return {
        "store": run.store,
        "state": run.state,
        "place": run.place,
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
