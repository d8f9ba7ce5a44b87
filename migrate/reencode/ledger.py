"""The ledger: what was found, planned and done, so that a rerun is cheap and a person can ask.

It is never the source of truth: whether a blob is legacy is decided by its bytes. A ledger that is lost
costs a rerun some reading. :class:`Ledger` is a file of this machine;
:class:`~migrate.reencode.sqlledger.SqlLedger` is a database that others reach, too.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from contextlib import closing, contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

LEDGER_DIRECTORY = ".pickle-migrate"
LEDGER_NAME = "reencode.sqlite"
BEAT_PATIENCE = 5.0
"""Seconds that a beat waits for the file; the next one comes soon enough."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blobs (
    key BLOB PRIMARY KEY,      -- the place, as the file system's bytes
    version TEXT NOT NULL,     -- of the place, after what `state` says
    state TEXT NOT NULL,       -- planned, converted, nothing, other, failed
    before TEXT,               -- SHA-256 of the bytes found
    after TEXT,                -- SHA-256 of the bytes written
    reason TEXT NOT NULL,      -- reason code of a failure
    message TEXT NOT NULL,
    at REAL NOT NULL           -- seconds since the epoch
) WITHOUT ROWID
"""
RUNS_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    store TEXT NOT NULL,       -- address without password, or the paths
    state TEXT NOT NULL,       -- running, paused, stopped, finished
    control TEXT NOT NULL,     -- what was asked for: run or pause
    started REAL NOT NULL,     -- seconds since the epoch
    updated REAL NOT NULL,     -- by the clock of the ledger; a run that goes on does it every few seconds
    seconds REAL NOT NULL,     -- worked, pauses and interruptions not counted
    total INTEGER NOT NULL,    -- estimate of all places; 0 if not known
    report TEXT NOT NULL,      -- the figures so far, as JSON
    watermark TEXT,            -- everything up to this key is done
    place TEXT NOT NULL        -- machine and process, see alive.py
)
"""
RUN_COLUMNS = (
    *("id", "store", "state", "control", "started", "updated"),
    *("seconds", "total", "report", "watermark", "place"),
)
GOING = ("running", "paused")
"""The states of a run in which there is a process."""
_RECORD = "INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SETTLED = (
    "SELECT state FROM blobs WHERE key = ? AND version = ? AND state IN ('converted', 'nothing', 'other')"
)


class State(Enum):
    """How far a blob has got."""

    PLANNED = "planned"
    """Converted and verified, but not (yet) put in its place."""
    CONVERTED = "converted"
    NOTHING = "nothing"
    """It is JSON already."""
    OTHER = "other"
    """It holds neither pickles nor JSON records."""
    FAILED = "failed"


@frozen
class Entry:
    """One row: what is known of one place."""

    key: str
    version: str
    state: State
    before: str | None = None
    """SHA-256 of the bytes found, in hexadecimal; likewise ``after`` of the bytes written."""
    after: str | None = None
    reason: str = ""
    message: str = ""


class Book(Protocol):
    """What a run asks of a ledger, wherever it is kept. Each method counts as a whole or not at all.

    One that is elsewhere raises :class:`~migrate.reencode.errors.LedgerLost` when it cannot be reached.
    """

    def close(self) -> None:
        """Let go of it; the ledger is of no use afterwards."""
        ...

    def settled(self, versions: Mapping[str, str], store: str = "") -> dict[str, State]:
        """Return the states of those keys that are done with, and still have the version given for them."""
        ...

    def failed_keys(self, store: str) -> list[str]:
        """Return the keys in the store at the address ``store`` that were left as they are."""
        ...

    def forget(self, store: str, keys: Iterable[str]) -> None:
        """Forget what is known of ``keys``, because they are looked at anew."""
        ...

    def written(self, key: str) -> str | None:
        """Return the SHA-256 of what was last written at the local file ``key``; None if nothing was."""
        ...

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs by the names of ``RUN_COLUMNS``, the latest first."""
        ...

    def begin(self, values: Mapping[str, Any]) -> int:
        """Add a run and return its ``id``; ``updated`` is the ledger's to say, here and in :meth:`change`."""
        ...

    def beat(self, number: int, place: str) -> None:
        """Say that the run lives, if it is at ``place`` and goes on; from any thread, and without patience.

        Raises :class:`sqlite3.Error` or what :class:`~migrate.reencode.errors.StoreError` covers.
        """
        ...

    def now(self) -> float | None:
        """Return the time by the clock that tells ``updated``; None if that of each machine does."""
        ...

    def change(
        self,
        number: int,
        values: Mapping[str, Any],
        *,
        place: str | None = None,
        entries: Iterable[Entry] = (),
        forget: Iterable[str] = (),
        store: str = "",
    ) -> bool:
        """Change a run, if it is still at ``place``; with it what is known of keys of ``store``."""
        ...

    def control(self, number: int) -> str | None:
        """Return what somebody asked the run for: ``run`` or ``pause``; None if there is no such run."""
        ...

    def ask(self, control: str) -> int:
        """Ask every unfinished run to ``pause`` or to ``run``; returns how many there are."""
        ...


class Ledger:
    """The ledger at ``path``; without a path, one that is forgotten with the process. See :class:`Book`.

    Raises :class:`OSError` or :class:`sqlite3.Error` when the file cannot be made or is no ledger. Without
    ``create``, what is no ledger stays as it is, and the first question raises.
    """

    def __init__(self, path: Path | None = None, *, create: bool = True) -> None:
        if path is not None and create:
            _prepare_directory(path.parent)
        self._path = path
        self._database = sqlite3.connect(
            ":memory:" if path is None else path, timeout=30, isolation_level=None
        )
        if not create:
            return
        try:
            # In WAL with NORMAL a power cut may lose the last rows, never the file; the bytes decide anyway.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_SCHEMA)
            self._database.execute(RUNS_SCHEMA)
        except sqlite3.Error:
            self._database.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the ledger is of no use afterwards."""
        self._database.close()

    def settled(self, versions: Mapping[str, str], store: str = "") -> dict[str, State]:
        """See :class:`Book`."""
        found = {}
        for key, version in versions.items():
            if not version:
                continue
            row = self._database.execute(_SETTLED, (os.fsencode(prefix(store) + key), version)).fetchone()
            if row is not None:
                found[key] = State(row[0])
        return found

    def record(self, entry: Entry) -> None:
        """Write ``entry`` over what was known of its key."""
        self._database.execute(_RECORD, _row(entry, ""))

    def failed_keys(self, store: str) -> list[str]:
        """See :class:`Book`."""
        found = self._database.execute(
            "SELECT key FROM blobs WHERE key >= ? AND key < ? AND state = 'failed' ORDER BY key", _span(store)
        )
        return [os.fsdecode(row[0])[len(prefix(store)) :] for row in found]

    def forget(self, store: str, keys: Iterable[str]) -> None:
        """See :class:`Book`."""
        rows = [(os.fsencode(prefix(store) + key),) for key in keys]
        self._database.executemany("DELETE FROM blobs WHERE key = ?", rows)

    def written(self, key: str) -> str | None:
        """See :class:`Book`."""
        row = self._database.execute(
            "SELECT after FROM blobs WHERE key = ? AND state IN ('converted', 'planned')", (os.fsencode(key),)
        ).fetchone()
        return None if row is None else row[0]

    def runs(self) -> list[dict[str, Any]]:
        """See :class:`Book`."""
        rows = self._database.execute(f"SELECT {', '.join(RUN_COLUMNS)} FROM runs ORDER BY id DESC")  # noqa: S608 (constants)
        return [dict(zip(RUN_COLUMNS, row, strict=True)) for row in rows]

    def begin(self, values: Mapping[str, Any]) -> int:
        """See :class:`Book`."""
        row = {**values, "updated": time.time()}
        statement = f"INSERT INTO runs ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608
        made = self._database.execute(statement, [*row.values()])
        return int(made.lastrowid or 0)

    def beat(self, number: int, place: str) -> None:
        """See :class:`Book`."""
        if self._path is None:
            return  # nobody else sees it
        # A connection of its own: those of sqlite3 stay in the thread that made them.
        with closing(sqlite3.connect(self._path, timeout=BEAT_PATIENCE, isolation_level=None)) as database:
            database.execute(
                "UPDATE runs SET updated = ? WHERE id = ? AND place = ? AND state IN (?, ?)",
                (time.time(), number, place, *GOING),
            )

    def now(self) -> float:
        """See :class:`Book`."""
        return time.time()

    def change(
        self,
        number: int,
        values: Mapping[str, Any],
        *,
        place: str | None = None,
        entries: Iterable[Entry] = (),
        forget: Iterable[str] = (),
        store: str = "",
    ) -> bool:
        """See :class:`Book`."""
        values = {**values, "updated": time.time()}
        setting = ", ".join(f"{name} = ?" for name in values)
        statement = f"UPDATE runs SET {setting} WHERE id = ? AND (? IS NULL OR place = ?)"  # noqa: S608 (names of columns)
        with self._transaction():
            done = self._database.execute(statement, (*values.values(), number, place, place)).rowcount
            if done:
                self.forget(store, forget)
                self._database.executemany(_RECORD, [_row(entry, store) for entry in entries])
        return bool(done)

    def control(self, number: int) -> str | None:
        """See :class:`Book`."""
        with self._transaction():  # waits for who writes it
            row = self._database.execute("SELECT control FROM runs WHERE id = ?", (number,)).fetchone()
        return None if row is None else str(row[0])

    def ask(self, control: str) -> int:
        """See :class:`Book`."""
        found = self._database.execute("UPDATE runs SET control = ? WHERE state IN (?, ?)", (control, *GOING))
        return found.rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Let the statements inside count together or not at all."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def prefix(store: str) -> str:
    """Return what stands before the keys of the store at the address ``store``; local files have none."""
    return f"{store} " if store else ""


def _span(store: str) -> tuple[bytes, bytes]:
    first = os.fsencode(prefix(store))
    return first, first + b"\xff"


def _row(entry: Entry, store: str) -> tuple[object, ...]:
    key = os.fsencode(prefix(store) + entry.key)
    return (
        *(key, entry.version, entry.state.value, entry.before, entry.after),
        *(entry.reason, entry.message, time.time()),
    )


def digest(data: bytes | str) -> str:
    """SHA-256 of ``data`` (text: of its UTF-8) in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def _prepare_directory(directory: Path) -> None:
    """Make the ledger's directory, hidden from Git if it is the usual one."""
    directory.mkdir(parents=True, exist_ok=True)
    ignore = directory / ".gitignore"
    if directory.name == LEDGER_DIRECTORY and not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")
