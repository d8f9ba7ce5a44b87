"""Looking at a table before its rows are touched, and the statements for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from migrate.reencode.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, TextClause

DIALECTS = ("sqlite", "postgresql")
"""Databases for which it was shown that nothing is lost."""
_COLLATIONS = {"sqlite": "BINARY", "postgresql": '"C"'}
"""Under which two texts are equal only if all their characters are."""


def connect(url: str, *, any_kind: bool = False) -> Engine:
    """Return an engine for ``url``; ``any_kind``: of what SQLAlchemy knows, not only of what holds pickles.

    Raises :class:`~migrate.reencode.errors.StoreError`.
    """
    try:
        import sqlalchemy
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    except ImportError:
        raise StoreError("databases need the extra: pip install 'pickle-migrate[sql]'") from None
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        if name not in DIALECTS and not any_kind:
            raise StoreError(
                f"databases of the kind {name} are not supported; these are: {', '.join(DIALECTS)}"
            )
        if name == "sqlite":
            if not any_kind:
                _check_file(parsed.database)
            # Waits while the program writes, as long as it takes such a program as a rule.
            return sqlalchemy.create_engine(parsed, connect_args={"timeout": 30})
        return sqlalchemy.create_engine(parsed, pool_size=1)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"no URL of a database: {error}") from None
    except ImportError as error:
        raise StoreError(f"the driver of {parsed.drivername} is not installed: {error}") from None


def _check_file(name: str | None) -> None:
    """Refuse what SQLite would make anew."""
    if not name or name == ":memory:" or not (name.startswith("file:") or Path(name).is_file()):
        raise StoreError(f"there is no SQLite file {name or ':memory:'}")


@frozen
class Table:
    """A table with the columns concerned, and the statements to page, read and write."""

    quoted: str
    key: tuple[str, ...]
    """Quoted, as are ``column`` and ``into``."""
    column: str
    into: str
    into_is_text: bool
    into_is_json: bool
    column_is_json: bool
    makes_numbers: bool
    """The column that is written turns texts that look like numbers into numbers."""
    dialect: str
    count: TextClause = field(init=False)
    planned_rows: TextClause = field(init=False)
    first_keys: TextClause = field(init=False)
    next_keys: TextClause = field(init=False)
    until: TextClause = field(init=False)
    after_until: TextClause = field(init=False)
    from_until: TextClause = field(init=False)
    one: TextClause = field(init=False)

    def __attrs_post_init__(self) -> None:
        keys = ", ".join(self.key)
        postgresql = self.dialect == "postgresql"
        size = "octet_length" if postgresql else "length"
        target = _as_text(self.into) if self.into_is_json and postgresql else self.into
        column = self._old
        also = f", {target}" if self.into else ""
        # Names are quoted, values are bound.
        rows = f"SELECT {keys}, {column}{also} FROM {self.quoted}"  # noqa: S608
        held = f"{self.column} IS NOT NULL"
        listed = f"SELECT {keys}, {size}({column}) FROM {self.quoted} WHERE {held}"  # noqa: S608
        page, order = f"ORDER BY {keys} LIMIT :size", f"AND {held} ORDER BY {keys}"
        upto = f"{self._compared('<=', 'z')} {order}"
        statements = {
            "count": f"SELECT count(*) FROM {self.quoted} WHERE {held}",  # noqa: S608
            "planned_rows": "SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)",
            "first_keys": f"{listed} {page}",
            "next_keys": f"{listed} AND {self._compared('>', 'a')} {page}",
            "until": f"{rows} WHERE {upto}",
            "after_until": f"{rows} WHERE {self._compared('>', 'a')} AND {upto}",
            "from_until": f"{rows} WHERE {self._compared('>=', 'a')} AND {upto}",
            "one": f"{rows} WHERE {self._compared('=', 'k')} {order}",
        }
        for name, statement in statements.items():
            object.__setattr__(self, name, _text(statement))

    @property
    def _old(self) -> str:
        """The expression for what the column holds: JSON as its text, which PostgreSQL keeps as it is."""
        is_special = self.column_is_json and self.dialect == "postgresql"
        return _as_text(self.column) if is_special else self.column

    def update(self, *, text: bool) -> TextClause:
        """Return the compare-and-set. ``text``: the old value is text."""
        old = f"{self._old} COLLATE {_COLLATIONS[self.dialect]}" if text else self._old
        empty = f" AND {self.into} IS NULL" if self.into else ""
        as_json = self.into_is_json if self.into else self.column_is_json
        new = "CAST(:new AS JSON)" if as_json and self.dialect == "postgresql" else ":new"
        return _text(
            f"UPDATE {self.quoted} SET {self.into or self.column} = {new} "  # noqa: S608 (names are quoted)
            f"WHERE {self._compared('=', 'k')} AND {old} = :old{empty}"
        )

    def _compared(self, operator: str, letter: str) -> str:
        if len(self.key) == 1:
            return f"{self.key[0]} {operator} :{letter}0"
        if operator == "=":
            return " AND ".join(f"{key} = :{letter}{number}" for number, key in enumerate(self.key))
        values = ", ".join(f":{letter}{number}" for number in range(len(self.key)))
        return f"({', '.join(self.key)}) {operator} ({values})"


def describe(engine: Engine, table: str, column: str, key: tuple[str, ...], into: str | None) -> Table:
    """Look at the table and return its statements. Raises :class:`~migrate.reencode.errors.StoreError`."""
    import sqlalchemy

    found = sqlalchemy.inspect(engine)
    schema, _, name = table.rpartition(".")
    where: dict[str, Any] = {"schema": schema or None}
    if not found.has_table(name, **where):
        names = ", ".join(sorted(found.get_table_names(**where))) or "none"
        raise StoreError(f"there is no table {table!r}; tables: {names}")
    columns = {entry["name"]: entry for entry in found.get_columns(name, **where)}
    for wanted in (column, *key, *([into] if into else [])):
        if wanted not in columns:
            raise StoreError(f"table {table!r} has no column {wanted!r}; columns: {', '.join(columns)}")
    primary = tuple(found.get_pk_constraint(name, **where)["constrained_columns"])
    key = key or primary
    if not key:
        raise StoreError(f"table {table!r} has no primary key; name a unique column with --key")
    if column in key or into in key or into == column:
        raise StoreError("the columns of the key, --column and --into must be different ones")
    unique = [primary, *(tuple(e["column_names"]) for e in found.get_unique_constraints(name, **where))]
    unique += [
        tuple(str(column_name) for column_name in entry["column_names"])
        for entry in found.get_indexes(name, **where)
        if entry["unique"] and not _is_partial(entry)
    ]
    if not any(set(columns_of) <= set(key) for columns_of in unique if columns_of):
        raise StoreError(f"{', '.join(key)}: not known to be unique in {table!r}")
    quote = engine.dialect.identifier_preparer.quote_identifier
    quoted = ".".join(quote(part) for part in (schema, name) if part)
    quoted_key = tuple(map(quote, key))
    _check_no_null_keys(engine, quoted, quoted_key)
    dialect = engine.dialect.name
    _check_type(dialect, column, columns[column]["type"], is_written=not into)
    if into:
        _check_type(dialect, into, columns[into]["type"], is_written=True, is_new=True)
    target = columns[into]["type"] if into else None
    return Table(
        quoted,
        quoted_key,
        quote(column),
        quote(into) if into else "",
        into_is_text=isinstance(target, (sqlalchemy.String, sqlalchemy.JSON)),
        into_is_json=isinstance(target, sqlalchemy.JSON),
        column_is_json=isinstance(columns[column]["type"], sqlalchemy.JSON),
        makes_numbers=dialect == "sqlite" and _has_affinity(columns[into or column]["type"]),
        dialect=dialect,
    )


def _is_partial(index: Any) -> bool:
    """Whether a unique index leaves rows out, and so does not make its columns unique."""
    return any(
        option.endswith("_where") and value is not None
        for option, value in index.get("dialect_options", {}).items()
    )


def _check_no_null_keys(engine: Engine, table: str, key: Sequence[str]) -> None:
    """Refuse rows that no key leads to; SQLite and UNIQUE allow them."""
    nothing = " OR ".join(f"{column} IS NULL" for column in key)
    with engine.connect() as connection:
        if connection.execute(_text(f"SELECT 1 FROM {table} WHERE {nothing} LIMIT 1")).first():  # noqa: S608
            raise StoreError(f"{', '.join(key)}: NULL in some rows; name another unique column with --key")


def _has_affinity(kind: Any) -> bool:
    """Whether SQLite makes numbers of some texts in a column of that type; bytes are always kept.

    Rules of https://sqlite.org/datatype3.html#determination_of_column_affinity.
    """
    import sqlalchemy

    declared = "" if isinstance(kind, sqlalchemy.types.NullType) else str(kind).upper()
    return bool(declared) and not any(word in declared for word in ("CHAR", "CLOB", "TEXT", "BLOB"))


def _as_text(column: str) -> str:
    return f"CAST({column} AS TEXT)"


def _check_type(dialect: str, name: str, kind: Any, *, is_written: bool, is_new: bool = False) -> None:
    """Refuse column types that would not keep what is written exactly."""
    import sqlalchemy

    declared = str(kind).upper()
    if dialect == "sqlite":
        if is_new and _has_affinity(kind) and declared != "JSON":
            raise StoreError(
                f"column {name!r} of type {declared} would make numbers of some texts; use TEXT or BLOB"
            )
        return
    if declared == "JSONB" and is_written:
        raise StoreError(
            f"column {name!r} is JSONB, which keeps neither the order of keys nor -0.0; use JSON or TEXT"
        )
    if not isinstance(kind, (sqlalchemy.LargeBinary, sqlalchemy.String, sqlalchemy.JSON)):
        raise StoreError(f"column {name!r} of type {declared} is neither bytes nor text nor JSON")
    if type(kind).__name__ == "CITEXT" or (isinstance(kind, sqlalchemy.CHAR)):
        raise StoreError(f"column {name!r} of type {declared} does not tell all texts apart")


def _text(statement: str) -> TextClause:
    from sqlalchemy import text

    return text(statement)
