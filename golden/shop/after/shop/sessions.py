"""Sessions of the web shop, as blobs in SQLite."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from shop import converters

SCHEMA = "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, seen REAL, data BLOB)"


@dataclass
class Session:
    """What is remembered of a visitor."""

    id: uuid.UUID
    started: datetime
    customer: int | None = None
    viewed: list[str] = field(default_factory=list)
    flash: tuple[str, str] | None = None
    timeout: timedelta = timedelta(minutes=30)


class SessionStore:
    """A table of sessions."""

    def __init__(self, database: str) -> None:
        self._db = sqlite3.connect(database)
        self._db.execute(SCHEMA)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def create(self) -> Session:
        """A new session, already stored."""
        session = Session(uuid.uuid4(), datetime.now(timezone.utc))
        self.save(session)
        return session

    def save(self, session: Session) -> None:
        """Store a session in place of its older self."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?)",
                (str(session.id), datetime.now().timestamp(), converters.dumps(session)),
            )

    def get(self, id: str) -> Session | None:
        """The session of that id."""
        row = self._db.execute("SELECT data FROM session WHERE id = ?", (id,)).fetchone()
        return None if row is None else converters.loads(row[0])

    def all(self) -> list[Session]:
        """Every session, the one seen last first."""
        rows = self._db.execute("SELECT data FROM session ORDER BY seen DESC")
        return list(map(converters.loads, (data for (data,) in rows)))
