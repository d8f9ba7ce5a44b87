"""The old bytes of rows and objects, kept in files of their own before anything is replaced.

Every process that writes has a file of its own in the directory, so that no one waits for another. What is in
a file is on the disk before its place is written.
"""

from __future__ import annotations

import heapq
import os
import secrets
import socket
import sqlite3
import time
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.reencode.errors import Refused, StoreError
from migrate.reencode.ledger import digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrate.reencode.stores import Change

SUFFIX = ".backup.sqlite"
_LATER = 0.05
"""Seconds by which the times of files may lag behind the clock."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS store (address TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS old (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    before NOT NULL,           -- the value as the store held it: bytes or text
    after TEXT NOT NULL,       -- SHA-256 of the value that was to replace it
    at REAL NOT NULL           -- seconds since the epoch, and never less than what was written before
);
"""


@frozen
class Old:
    """What stood at a key, and what was to replace it."""

    key: str
    before: bytes | str
    after: str
    at: float


class Backups:
    """Where a process keeps the old values of the store at ``address``.

    Raises :class:`~migrate.reencode.errors.StoreError` when nothing can be written in ``directory``.
    """

    def __init__(self, directory: Path, address: str) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._path = directory / name
        self._address = address
        self._database: sqlite3.Connection | None = None
        self._last = 0.0
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"backups cannot be kept in {directory}: {error.strerror}") from error

    def keep(self, changes: Sequence[Change]) -> None:
        """Keep the old values of ``changes``. Raises :class:`~migrate.reencode.errors.StoreError`."""
        try:
            database = self._open()
            # What was kept last must stand last, even if the clock was put back meanwhile.
            self._last = now = max(time.time(), self._last)
            rows = [(c.item.key, c.expected.raw, digest(c.new), now) for c in changes]
            with database:
                database.executemany("INSERT INTO old (key, before, after, at) VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise StoreError(f"the backup {self._path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()

    def _open(self) -> sqlite3.Connection:
        """Make the file when there is something to keep: a rerun that finds all done leaves none."""
        if self._database is None:
            self._last = _latest(self._path.parent)
            # Threads of a cluster's worker take turns.
            self._database = sqlite3.connect(self._path, check_same_thread=False)
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_SCHEMA)
            with self._database:
                self._database.execute("INSERT INTO store VALUES (?)", (self._address,))
        return self._database


def kept(directory: Path, address: str) -> Iterator[Old]:
    """Yield what is kept in ``directory`` for the store at ``address``, the latest first.

    Raises :class:`~migrate.reencode.errors.StoreError` when there is nothing, or a file is damaged.
    """
    paths = sorted(directory.glob(f"*{SUFFIX}")) if directory.is_dir() else []
    if not paths:
        raise StoreError(f"there are no backups in {directory}")
    files = [(path, _addresses(path)) for path in paths]
    mine = [path for path, found in files if address in found]
    if not mine:
        others = ", ".join(sorted({name for _, found in files for name in found}))
        raise StoreError(f"{directory} has no backups of {address}, but of: {others or 'nothing'}")
    return heapq.merge(*map(_rows, mine), key=lambda old: -old.at)


def _latest(directory: Path) -> float:
    """Return a time that is after all that is kept in ``directory``; 0 if nothing is."""
    written = [path.stat().st_mtime for path in directory.glob(f"*{SUFFIX}")]
    return max(written) + _LATER if written else 0.0


def _addresses(path: Path) -> list[str]:
    database = _reading(path)
    try:
        return [str(row[0]) for row in database.execute("SELECT address FROM store")]
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return []  # killed before the first was kept, so nothing was replaced
        raise StoreError(f"the backup {path} cannot be read: {error}") from error
    finally:
        database.close()


def _rows(path: Path) -> Iterator[Old]:
    database = _reading(path)
    try:
        for row in database.execute("SELECT key, before, after, at FROM old ORDER BY number DESC"):
            yield Old(*row)
    except sqlite3.Error as error:
        raise StoreError(f"the backup {path} cannot be read: {error}") from error
    finally:
        database.close()


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path)


def put_back_needed(old: Old, now: bytes | str) -> bool:
    """Whether the place holds what replaced ``old``. Raises :class:`Refused` when it holds anything else."""
    if now == old.before:
        return False
    if digest(now) != old.after:
        raise Refused("it was written since it was converted", reason="changed-meanwhile")
    return True
