"""A column of a database table as a store, through SQLAlchemy.

Rows are listed in pages by their key, read by ranges of keys, and replaced with ``UPDATE … WHERE key = ?
AND column = ?``, so that what another transaction wrote meanwhile is never overwritten. Before the commit the
rows are read back in the same transaction: triggers, rules and type affinities get no chance to change
what was verified.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from migrate.reencode.cells import Cell, as_text, open_cell
from migrate.reencode.errors import Conflict, Gone, Refused, Unavailable
from migrate.reencode.jsoncells import open_json
from migrate.reencode.keys import read_key, write_key
from migrate.reencode.sqlerrors import meaning
from migrate.reencode.sqltable import Table, connect, describe
from migrate.reencode.stores import Change, Found, Item, Range, read_found
from migrate.reencode.work import again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, TextClause

_NUMBER = re.compile(r"\s*[-+.]?\d")
_RANGE_BYTES = 8 << 20
"""A range ends when its blobs are larger than this together, however few they are."""
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"


class SqlColumn:
    """The values of ``column`` in ``table`` at the SQLAlchemy URL ``url``.

    ``key`` names the columns of the key, by default the primary key. With ``into`` the new values go to that
    column of the same row, and ``column`` stays as it is. ``base64`` is the alphabet, see
    :func:`~migrate.reencode.cells.open_cell`.

    Raises :class:`~migrate.reencode.errors.StoreError` when there is no such thing, and
    :class:`~migrate.reencode.errors.Unavailable` when the database cannot be reached.
    """

    ordered = True

    def __init__(
        self,
        url: str,
        *,
        table: str,
        column: str,
        key: Sequence[str] = (),
        into: str | None = None,
        base64: str = "",
    ) -> None:
        self._engine = connect(url)
        self._alphabet = base64
        try:
            with self._reporting():
                self._table: Table = describe(self._engine, table, column, tuple(key), into)
        except BaseException:
            self._engine.dispose()
            raise
        self._open: Callable[..., Cell] = open_json if self._table.column_is_json else open_cell
        shown = self._engine.url.render_as_string(hide_password=True)
        self.address = f"{shown}#{table}.{column}" + (f" into {into}" if into else "")

    def estimate(self) -> int:
        """Count the rows; take the own estimate of PostgreSQL if there is one, because counting is slow."""
        with self._reporting(), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                found = connection.execute(self._table.planned_rows, {"name": self._table.quoted}).scalar()
                if found is not None and found > 0:
                    return int(found)
            return int(connection.execute(self._table.count).scalar() or 0)

    def ranges(self, size: int, after: str | None = None) -> Iterator[Range]:
        """Page through the keys; a range ends early when its blobs are large."""
        number = 0
        while True:
            rows = again(self, partial(self._page, after, size))
            part: list[Any] = []
            total = 0
            for row in rows:
                part.append(row)
                total += row[-1] or 0
                if total >= _RANGE_BYTES:
                    yield (found := _range(number, part, after))
                    after, number, part, total = found.last, number + 1, [], 0
            if part:
                yield (found := _range(number, part, after))
                after, number = found.last, number + 1
            if len(rows) < size:
                return

    def read_range(self, part: Range) -> Iterator[Found]:
        """Read the rows from ``after`` to ``last``, or those at the keys in ``items``."""
        if part.items:
            for item in part.items:
                yield read_found(self, item)
            return
        with self._reporting(), self._engine.connect() as connection:
            statement, values = self._between(part.after, part.last)
            rows = connection.execute(statement, values).fetchall()
        for row in rows:
            yield self._found(row)

    def read(self, key: str) -> Cell:
        """Read one row; see :class:`~migrate.reencode.stores.Store`."""
        with self._reporting(), self._engine.connect() as connection:
            row = connection.execute(self._table.one, self._named(read_key(key), "k")).first()
        if row is None:
            raise Gone("the row is gone, or holds NULL")
        blob = self._found(row).blob
        if isinstance(blob, Refused):
            raise blob
        return blob  # type: ignore[return-value] # _found makes cells

    def check(self, key: str) -> None:
        """Nothing can be said before a row is written."""

    def replace_many(self, changes: Sequence[Change]) -> list[str | Refused]:
        """Make all changes in one transaction; if the database refuses one, each in its own."""
        try:
            return self._replace(changes)
        except Unavailable:
            raise
        except Refused as error:
            if len(changes) == 1:
                return [error]
            return [answer for change in changes for answer in self.replace_many([change])]

    def reset(self) -> None:
        """Drop all connections."""
        self._engine.dispose()

    def close(self) -> None:
        """Drop all connections."""
        self._engine.dispose()

    def _replace(self, changes: Sequence[Change]) -> list[str | Refused]:
        table = self._table
        keys = [read_key(change.item.key) for change in changes]
        new = [self._new(change) for change in changes]
        with self._reporting(), self._engine.begin() as connection:
            self._before_writing(connection)
            for kind in (bytes, str):
                rows = [
                    (*key, change.expected.raw, value)
                    for key, change, value in zip(keys, changes, new, strict=True)
                    if isinstance(change.expected.raw, kind)
                ]
                if rows:
                    self._update(connection, rows, text=kind is str)
            now = self._current(connection, changes)
            answers = [
                _answer(change, value, now.get(write_key(key)), into=bool(table.into))
                for key, change, value in zip(keys, changes, new, strict=True)
            ]
            lost = next((a for a in answers if isinstance(a, Refused) and a.reason == "verify-failed"), None)
            if lost is not None:
                raise lost  # rolls back
        return answers

    def _update(self, connection: Connection, rows: list[tuple[Any, ...]], *, text: bool) -> None:
        """Set rows, given as key, old and new value. The driver gets them as it wants them: they are many."""
        names = [*(f"k{number}" for number in range(len(self._table.key))), "old", "new"]
        compiled: Any = self._table.update(text=text).compile(dialect=self._engine.dialect)
        values: list[Any]
        if compiled.positional:
            values = [*map(itemgetter(*map(names.index, compiled.positiontup)), rows)]
        else:
            values = [dict(zip(names, row, strict=True)) for row in rows]
        connection.exec_driver_sql(str(compiled), values)

    def _new(self, change: Change) -> bytes | str:
        new = change.new
        if self._table.into_is_text and isinstance(new, bytes):
            new = as_text(new)
        if self._table.makes_numbers and isinstance(new, str) and _NUMBER.match(new):
            message = "the column would make a number of the text; give it the type TEXT, or use --into"
            raise Refused(message, reason="write-failed")
        return new

    def _before_writing(self, connection: Connection) -> None:
        if self._engine.dialect.name == "postgresql":
            connection.exec_driver_sql(_LOCK_TIMEOUT)

    def _current(self, connection: Connection, changes: Sequence[Change]) -> dict[str, tuple[Any, Any]]:
        """Return what the rows hold now: key → (old column, new column)."""
        width = len(self._table.key)
        found: dict[str, tuple[Any, Any]] = {}
        if len(changes) == 1 or changes[0].undo:
            names = [self._named(read_key(change.item.key), "k") for change in changes]
            read = [connection.execute(self._table.one, values).first() for values in names]
            rows: Sequence[Any] = [row for row in read if row is not None]
        else:
            statement, values = self._between(changes[0].item.key, changes[-1].item.key, including_first=True)
            rows = connection.execute(statement, values).fetchall()
        for row in rows:
            found[write_key(row[:width])] = (_value(row[width]), _value(row[-1]))
        return found

    def _page(self, after: str | None, size: int) -> Sequence[Any]:
        with self._reporting(), self._engine.connect() as connection:
            if after is None:
                return connection.execute(self._table.first_keys, {"size": size}).fetchall()
            values = {**self._named(read_key(after), "a"), "size": size}
            return connection.execute(self._table.next_keys, values).fetchall()

    def _between(
        self, after: str | None, last: str | None, *, including_first: bool = False
    ) -> tuple[TextClause, dict[str, Any]]:
        values = {} if last is None else self._named(read_key(last), "z")
        if after is None:
            return self._table.until, values
        values |= self._named(read_key(after), "a")
        return (self._table.from_until if including_first else self._table.after_until), values

    def _named(self, values: Sequence[Any], letter: str) -> dict[str, Any]:
        return {f"{letter}{number}": value for number, value in enumerate(values)}

    def _found(self, row: Any) -> Found:
        width = len(self._table.key)
        value = _value(row[width])
        size = len(value) if isinstance(value, (bytes, str)) else 0
        item = Item(write_key(row[:width]), size)
        try:
            cell = self._open(value, alphabet=self._alphabet)
            if not self._table.into:
                return Found(item, cell)
            target = _value(row[-1])
            there = target.encode() if isinstance(target, str) else target
            return Found(item, Cell(cell.data, "", elsewhere=True, target=there, held=cell.held, style=""))
        except Refused as error:
            return Found(item, error)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            raise meaning(error) from error


def _range(number: int, rows: Sequence[Any], after: str | None) -> Range:
    return Range(number, len(rows), after=after, last=write_key(rows[-1][:-1]))


def _value(value: Any) -> Any:
    return bytes(value) if type(value) in _BUFFERS else value


_BUFFERS = frozenset({memoryview, bytearray})


def _answer(change: Change, new: bytes | str, now: tuple[Any, Any] | None, *, into: bool) -> str | Refused:
    """Say what became of a change, by what the row holds after it in the same transaction."""
    if now is None:
        return Conflict("the row was deleted since it was read")
    column, target = now
    if not into and column == new:
        return ""
    if (target if into else column) == new:
        return (
            ""
            if not into or column == change.expected.raw
            else Conflict("the old column was changed meanwhile")
        )
    if column == change.expected.raw and (not into or target is None):
        return Refused(
            "the database did not keep what was written; a trigger, a rule, or the type of the column?",
            reason="verify-failed",
        )
    return Conflict("another program wrote the row since it was read; run again")
