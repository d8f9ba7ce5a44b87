"""The ledger in a database that several machines reach, through SQLAlchemy.

The same rows as in the file (:class:`~migrate.reencode.ledger.Ledger`), in two tables of their own. Keys of
objects and paths are longer than what databases index, so that rows are found by a digest of the key.
"""

from __future__ import annotations

import hashlib
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from migrate.reencode.errors import LedgerLost, StoreError, Unavailable
from migrate.reencode.ledger import GOING, RUN_COLUMNS, State
from migrate.reencode.opening import shown
from migrate.reencode.sqlerrors import meaning
from migrate.reencode.sqltable import connect
from migrate.reencode.work import again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, MetaData, Select
    from sqlalchemy.exc import DBAPIError

    from migrate.reencode.ledger import Entry

BLOBS, RUNS = "pickle_migrate_blobs", "pickle_migrate_runs"
_DONE = (State.CONVERTED.value, State.NOTHING.value, State.OTHER.value)
_CLOCKS = {
    "postgresql": "EXTRACT(EPOCH FROM clock_timestamp())",
    "mysql": "UNIX_TIMESTAMP()",
    "mariadb": "UNIX_TIMESTAMP()",
    "mssql": "DATEDIFF_BIG(SECOND, '1970-01-01', SYSUTCDATETIME())",
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
}
"""Seconds since the epoch by the clock of the database: those of the machines around it differ."""
_AT_ONCE = 500
"""Keys in one statement."""
_MADE_MEANWHILE = ("42P07", "42710")
"""SQLSTATE: the table, or another object, exists already (PostgreSQL)."""
T = TypeVar("T")


class SqlLedger:
    """The ledger in the database at the SQLAlchemy URL ``url``. See :class:`~migrate.reencode.ledger.Book`.

    Makes its tables when they are not there, unless ``create`` is false. Raises
    :class:`~migrate.reencode.errors.StoreError` when that is not possible, and
    :class:`~migrate.reencode.errors.LedgerLost` when the database cannot be reached.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self._engine: Engine = connect(url, any_kind=True)
        self.address = shown(self._engine.url.render_as_string(hide_password=True))
        tables = _tables()
        self._blobs, self._runs = tables.tables[BLOBS], tables.tables[RUNS]
        try:
            # Once only: who has just typed the command need not wait for a database that is not there.
            there = self._once(_has_tables)
            if create:
                # Another process may make them at the same moment; the second look then finds them.
                self._do(tables.create_all)
            elif not there:
                raise StoreError(f"there is no ledger of reencode at {self.address}")
        except BaseException:
            self._engine.dispose()
            raise

    def reset(self) -> None:
        """Drop all connections; the next call makes new ones."""
        self._engine.dispose()

    def close(self) -> None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        self._engine.dispose()

    def settled(self, versions: Mapping[str, str], store: str = "") -> dict[str, State]:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        blobs = self._blobs
        wanted = {_id(store, key): key for key, version in versions.items() if version}
        found: dict[str, State] = {}
        for ids in _chunks(wanted):
            query = select(blobs.c.id, blobs.c.version, blobs.c.state).where(
                blobs.c.id.in_(ids), blobs.c.state.in_(_DONE)
            )
            for row in self._rows(query):
                key = wanted[row.id]
                if row.version == versions[key]:
                    found[key] = State(row.state)
        return found

    def failed_keys(self, store: str) -> list[str]:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        blobs = self._blobs
        query = select(blobs.c.key).where(blobs.c.store == store, blobs.c.state == State.FAILED.value)
        return sorted(os.fsdecode(bytes(row.key)) for row in self._rows(query))

    def forget(self, store: str, keys: Iterable[str]) -> None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        ids = [_id(store, key) for key in keys]
        if ids:
            self._do(lambda connection: self._delete(connection, ids))

    def written(self, key: str) -> str | None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        blobs = self._blobs
        states = (State.CONVERTED.value, State.PLANNED.value)
        query = select(blobs.c.after).where(blobs.c.id == _id("", key), blobs.c.state.in_(states))
        return self._do(lambda connection: connection.execute(query).scalar())

    def runs(self) -> list[dict[str, Any]]:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        query = select(*(self._runs.c[name] for name in RUN_COLUMNS)).order_by(self._runs.c.id.desc())
        return [dict(row._mapping) for row in self._rows(query)]  # noqa: SLF001 (its public name)

    def begin(self, values: Mapping[str, Any]) -> int:
        """See :class:`~migrate.reencode.ledger.Book`."""
        adding = self._runs.insert().values({**values, "updated": self._updated()})
        made = self._do(lambda connection: connection.execute(adding).inserted_primary_key)
        return int(made[0]) if made else 0

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
        """See :class:`~migrate.reencode.ledger.Book`."""
        runs = self._runs
        update = runs.update().where(runs.c.id == number).values({**values, "updated": self._updated()})
        if place is not None:
            update = update.where(runs.c.place == place)
        # In the same order everywhere: two that write the same rows wait for each other, and not in a circle.
        rows = sorted((_row(entry, store) for entry in entries), key=lambda row: str(row["id"]))
        gone = sorted({*(_id(store, key) for key in forget), *(str(row["id"]) for row in rows)})

        def all_of_it(connection: Connection) -> bool:
            if not connection.execute(update).rowcount:
                return False
            self._delete(connection, gone)
            if rows:
                connection.execute(self._blobs.insert(), rows)
            return True

        return self._do(all_of_it)

    def control(self, number: int) -> str | None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        query = select(self._runs.c.control).where(self._runs.c.id == number)
        return self._do(lambda connection: connection.execute(query).scalar())

    def ask(self, control: str) -> int:
        """See :class:`~migrate.reencode.ledger.Book`."""
        runs = self._runs
        update = runs.update().where(runs.c.state.in_(GOING)).values(control=control)
        return int(self._do(lambda connection: connection.execute(update).rowcount))

    def beat(self, number: int, place: str) -> None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        runs = self._runs
        mine = (runs.c.id == number) & (runs.c.place == place) & runs.c.state.in_(GOING)
        self._once(
            lambda connection: connection.execute(runs.update().where(mine).values(updated=self._updated()))
        )

    def now(self) -> float | None:
        """See :class:`~migrate.reencode.ledger.Book`."""
        from sqlalchemy import select

        clock = self._clock
        if clock is None:
            return None
        return float(self._do(lambda connection: connection.execute(select(clock)).scalar_one()))

    @property
    def _clock(self) -> ColumnElement[float] | None:
        from sqlalchemy import Float, literal_column

        clock = _CLOCKS.get(self._engine.dialect.name)
        return None if clock is None else literal_column(clock, Float(53))

    def _updated(self) -> ColumnElement[float] | float:
        return time.time() if self._clock is None else self._clock

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        return self._do(lambda connection: connection.execute(query).all())

    def _delete(self, connection: Connection, ids: Sequence[str]) -> None:
        for some in _chunks(ids):
            connection.execute(self._blobs.delete().where(self._blobs.c.id.in_(some)))

    def _do(self, action: Callable[[Connection], T]) -> T:
        """Return what ``action`` does in a transaction, begun anew while the database is away for seconds.

        Every action is such that it does no harm when it was done already, and only the answer was lost.
        """
        return again(self, partial(self._once, action))

    def _once(self, action: Callable[[Connection], T]) -> T:
        from sqlalchemy.exc import DBAPIError

        try:
            with self._engine.begin() as connection:
                return action(connection)
        except DBAPIError as error:
            what = " ".join(str(error.orig or error).split())
            if isinstance(meaning(error), Unavailable) or _written_meanwhile(error):
                raise LedgerLost(f"the ledger at {self.address} cannot be reached: {what}") from error
            raise StoreError(f"the ledger at {self.address} cannot be used: {what}") from error


def _tables() -> MetaData:
    from sqlalchemy import (
        BigInteger,
        Column,
        Float,
        Index,
        Integer,
        LargeBinary,
        MetaData,
        String,
        Table,
        Text,
    )

    made = MetaData()
    blobs = Table(
        BLOBS,
        made,
        Column("id", String(64), primary_key=True),  # digest of the store and the key
        Column("store", Text, nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("version", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("before", String(64)),
        Column("after", String(64)),
        Column("reason", String(64), nullable=False),
        Column("message", Text, nullable=False),
        Column("at", Float(53), nullable=False),
    )
    failed = blobs.c.state == State.FAILED.value
    Index(f"{BLOBS}_failed", blobs.c.state, postgresql_where=failed, sqlite_where=failed)
    numbers = BigInteger().with_variant(Integer, "sqlite")
    Table(
        RUNS,
        made,
        Column("id", numbers, primary_key=True, autoincrement=True),
        *(Column(name, Text, nullable=False) for name in ("store", "state", "control")),
        *(Column(name, Float(53), nullable=False) for name in ("started", "updated", "seconds")),
        Column("total", BigInteger, nullable=False),
        Column("report", Text, nullable=False),
        Column("watermark", Text),
        Column("place", Text, nullable=False),
    )
    return made


def _has_tables(connection: Connection) -> bool:
    from sqlalchemy import inspect

    return bool(inspect(connection).has_table(RUNS))


def _row(entry: Entry, store: str) -> dict[str, object]:
    return {
        "id": _id(store, entry.key),
        "store": store,
        "key": os.fsencode(entry.key),
        "version": entry.version,
        "state": entry.state.value,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "message": entry.message.replace("\0", "\\0"),  # PostgreSQL has no such character
        "at": time.time(),
    }


def _id(store: str, key: str) -> str:
    return hashlib.sha256(store.encode() + b"\0" + os.fsencode(key)).hexdigest()


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    every = list(ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


def _written_meanwhile(error: DBAPIError) -> bool:
    """Whether another process made the same table or row at the same moment; a second look finds it."""
    made = str(getattr(error.orig, "sqlstate", "")) in _MADE_MEANWHILE
    return made or type(error).__name__ == "IntegrityError"
