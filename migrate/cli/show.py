"""Printing: tables and diffs, on a terminal or in a pipe."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from migrate.cli.tables import PlainTable

_COLOURS = {b"+": b"\x1b[32m", b"-": b"\x1b[31m", b"@": b"\x1b[36m"}
_MANY = 50
"""Rows of a table that takes rich a time that is felt."""
_HEADERS = (b"diff --git", b"--- ", b"+++ ", b"new file", b"index ")


def console(*, stderr: bool = False) -> Console:
    """Return a console that reads no markup in what it is given: source code is full of square brackets.

    Where NO_COLOR is set, it writes no bold either.
    """
    from rich.console import Console  # rich is loaded to print with it, not before

    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(
        stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=False, color_system=colours
    )


def folded(line: str) -> str:
    """Return a line of names as lines that fit the terminal; what goes on is indented further."""
    width = shutil.get_terminal_size().columns
    if len(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line.lstrip(),
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


@contextmanager
def step(text: str, *, shown: bool = True) -> Iterator[None]:
    """Say on standard error what is being done, while it is; nothing unless ``shown`` and on a terminal."""
    out = console(stderr=True) if shown else None
    if out is None or not out.is_terminal:
        yield
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # only long runs pay

    with Progress(
        SpinnerColumn(), TextColumn(text, markup=False), TimeElapsedColumn(), console=out, transient=True
    ) as bar:
        bar.add_task("", total=None)
        yield


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None
) -> Table | PlainTable:
    """Return a plain table whose cells are shown as they are."""
    rows = list(rows)
    if len(rows) >= _MANY:
        from migrate.cli.tables import PlainTable

        if PlainTable.fits(console(), columns):
            return PlainTable(columns, rows, title)
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=title, title_justify="left", box=None, pad_edge=False, title_style="bold", header_style="bold"
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def write_diff(diff: bytes) -> None:
    """Write ``diff`` to standard output byte for byte; coloured on a terminal, unless NO_COLOR is set."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        diff = b"".join(_coloured(line) for line in diff.splitlines(keepends=True))
    sys.stdout.flush()
    sys.stdout.buffer.write(diff)
    sys.stdout.buffer.flush()


def _coloured(line: bytes) -> bytes:
    colour = b"\x1b[1m" if line.startswith(_HEADERS) else _COLOURS.get(line[:1])
    if colour is None:
        return line
    body = line.rstrip(b"\r\n")
    return colour + body + b"\x1b[0m" + line[len(body) :]
