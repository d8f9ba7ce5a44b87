"""The ledger: what was found, planned and done, kept in SQLite so that a rerun is cheap and a person can ask.

It is never the source of truth: whether a blob is legacy is decided by its bytes. A ledger that is lost
costs a rerun some reading.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

LEDGER_DIRECTORY = ".pickle-migrate"
LEDGER_NAME = "reencode.sqlite"
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
    started REAL NOT NULL,     -- seconds since the epoch, like the next
    updated REAL NOT NULL,
    seconds REAL NOT NULL,     -- worked, pauses and interruptions not counted
    total INTEGER NOT NULL,    -- estimate of all places; 0 if not known
    report TEXT NOT NULL,      -- the figures so far, as JSON
    watermark TEXT,            -- everything up to this key is done
    place TEXT NOT NULL        -- machine and process
)
"""
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


class Ledger:
    """The ledger at ``path``; without a path, one that is forgotten with the process.

    Raises :class:`OSError` or :class:`sqlite3.Error` when the file cannot be made or is no ledger.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            _prepare_directory(path.parent)
        self._database = sqlite3.connect(
            ":memory:" if path is None else path, timeout=30, isolation_level=None
        )
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

    def settled(self, key: str, version: str, store: str = "") -> State | None:
        """Return the state of ``key`` if it is done with, provided that it still has ``version``."""
        if not version:
            return None
        row = self._database.execute(_SETTLED, (os.fsencode(_prefix(store) + key), version)).fetchone()
        return None if row is None else State(row[0])

    def record(self, entry: Entry) -> None:
        """Write ``entry`` over what was known of its key."""
        self._database.execute(_RECORD, _row(entry, ""))

    def record_all(self, entries: Iterable[Entry], store: str = "") -> None:
        """Write ``entries`` of the store at the address ``store`` over what was known of their keys."""
        self._database.executemany(_RECORD, [_row(entry, store) for entry in entries])

    def forget(self, store: str, keys: Iterable[str]) -> None:
        """Forget what is known of ``keys``, because they are looked at anew."""
        rows = [(os.fsencode(_prefix(store) + key),) for key in keys]
        self._database.executemany("DELETE FROM blobs WHERE key = ?", rows)

    def failed_keys(self, store: str) -> list[str]:
        """Return the keys in the store at the address ``store`` that were left as they are."""
        found = self._database.execute(
            "SELECT key FROM blobs WHERE key >= ? AND key < ? AND state = 'failed' ORDER BY key", _span(store)
        )
        return [os.fsdecode(row[0])[len(_prefix(store)) :] for row in found]

    def written(self, key: str) -> str | None:
        """Return the SHA-256 of what was last written at ``key``; None if nothing was."""
        row = self._database.execute(
            "SELECT after FROM blobs WHERE key = ? AND state IN ('converted', 'planned')", (os.fsencode(key),)
        ).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the database for statements that count together or not at all."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _prefix(store: str) -> str:
    return f"{store} " if store else ""


def _span(store: str) -> tuple[bytes, bytes]:
    prefix = os.fsencode(_prefix(store))
    return prefix, prefix + b"\xff"


def _row(entry: Entry, store: str) -> tuple[object, ...]:
    key = os.fsencode(_prefix(store) + entry.key)
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
