"""What an error of a database means for a run: this row, the whole store, or try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.reencode.errors import Conflict, Refused, StoreError, Unavailable

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from migrate.legacy import MigrateError

_AGAIN = ("40", "08", "57P", "53300", "53400")
"""SQLSTATE: rolled back for others; connection; shut down; too many connections (PostgreSQL, app. A)."""
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "database is locked", "table is locked")
_READ_ONLY_STATES = ("25006", "42501")
_FULL_STATE = "53100"
_FULL = ("SQLITE_FULL", "database or disk is full")
_LOCK_TIMEOUT = "55P03"


def meaning(error: DBAPIError) -> MigrateError:
    """Return the error to raise for ``error``: Refused or Conflict for a row, else one for the whole store.

    That is Unavailable where it helps to try again, and StoreError where it does not.
    """
    cause = error.orig
    what = " ".join(str(cause or error).split())
    state = str(getattr(cause, "sqlstate", None) or "")
    sqlite = f"{getattr(cause, 'sqlite_errorname', '')} {what}"
    if state == _LOCK_TIMEOUT:
        return Conflict("another transaction holds the row; run again")
    if state == _FULL_STATE or any(sign in sqlite for sign in _FULL):
        return StoreError(f"there is no room left for the database ({what}); make some")
    if error.connection_invalidated or state.startswith(_AGAIN) or any(sign in sqlite for sign in _BUSY):
        return Unavailable(what)
    if state in _READ_ONLY_STATES or "readonly" in sqlite or "READONLY" in sqlite:
        return Refused(what, reason="read-only")
    if not state and type(error).__name__ in {"OperationalError", "InterfaceError"} and not _is_sqlite(cause):
        return Unavailable(what)
    return Refused(what, reason="write-failed")


def _is_sqlite(cause: BaseException | None) -> bool:
    return type(cause).__module__.startswith("sqlite3")
