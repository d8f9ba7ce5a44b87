"""Databases with a table of pickles, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from migrate.reencode import convert
from migrate.reencode.sql import SqlColumn
from migrate.reencode.sqlledger import SqlLedger
from migrate.reencode.work import Work

from .support import plain

OPEN = []
"""What has connections, and is closed after each test: since Python 3.13, sqlite3 warns of open ones."""


def sql_ledger(url):
    made = SqlLedger(url)
    OPEN.append(made.close)
    return made


def close_all():
    while OPEN:
        OPEN.pop()()


class Database:
    def __init__(self, url):
        self.url = url
        self.engine = sa.create_engine(url)
        OPEN.append(self.engine.dispose)
        self.dialect = self.engine.dialect.name
        self.bytes = "BYTEA" if self.dialect == "postgresql" else "BLOB"

    def run(self, statement, *rows):
        with self.engine.begin() as connection:
            found = connection.execute(sa.text(statement), *([list(rows)] if rows else []))
            return [tuple(map(_plain, row)) for row in found] if found.returns_rows else []

    def create(self, columns="id BIGINT PRIMARY KEY, v {bytes}", table="t"):
        self.run(f"DROP TABLE IF EXISTS {table}")
        self.run(f"CREATE TABLE {table} ({columns.format(bytes=self.bytes)})")

    def fill(self, values, table="t"):
        self.run(
            f"INSERT INTO {table} (id, v) VALUES (:id, :v)", *({"id": k, "v": v} for k, v in values.items())
        )

    def values(self, column="v"):
        return dict(self.run(f"SELECT id, {column} FROM t ORDER BY id"))

    def store(self, **options):
        made = SqlColumn(self.url, **{"table": "t", "column": "v", **options})
        OPEN.append(made.close)
        return made


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def outcomes(store, *, size=3, dry_run=False, backups=None, convert_record=plain):
    """Convert a whole store in ranges of ``size``; key → outcome."""
    work = Work(store, partial(convert, convert_record=convert_record), dry_run, backups)
    try:
        return {outcome.key: outcome for part in store.ranges(size) for outcome, _ in work.do(part)}
    finally:
        store.close()
