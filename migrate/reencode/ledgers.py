"""From what the user names to a ledger."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.reencode.errors import StoreError
from migrate.reencode.opening import driver_url, filled

if TYPE_CHECKING:
    from migrate.reencode.ledger import Book

_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>[^?#]*)")


def file_of(named: str) -> Path | None:
    """Return the path in the URL of a SQLite file, which is the same as a ledger named by its path.

    None for any other URL, and for a path. Raises :class:`~migrate.reencode.errors.StoreError` for SQLite's
    database in memory, which remembers nothing.
    """
    if not named.startswith(("sqlite:", "sqlite+")):
        return None
    found = _SQLITE.fullmatch(filled(named))
    if found is None or found["path"] in {"", ":memory:"}:
        raise StoreError("a ledger in SQLite is a file: give its path, or sqlite:///PATH without options")
    return Path(found["path"])


def open_url(url: str, *, create: bool = True) -> Book:
    """Open the ledger at a SQLAlchemy URL; ``${NAME}`` in it stands for a variable of the environment.

    Without ``create``, one that is not there is an error. Raises
    :class:`~migrate.reencode.errors.StoreError`, and :class:`~migrate.reencode.errors.LedgerLost` when the
    database cannot be reached.
    """
    from migrate.reencode.sqlledger import SqlLedger

    return SqlLedger(driver_url(filled(url)), create=create)
