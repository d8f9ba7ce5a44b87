"""Where the ledger of reencode is: a file of this machine, or a database that several reach."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.reencode import LEDGER_DIRECTORY, LEDGER_NAME, Ledger, StoreError, Unavailable
from migrate.reencode.ledgers import file_of, open_url
from migrate.reencode.opening import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrate.reencode import Report
    from migrate.reencode.ledger import Book


def ledger_option(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option ``--ledger``; ``text`` says what it is for."""
    return click.option("--ledger", metavar="FILE|URL", help=text)


def default_ledger(paths: Sequence[Path]) -> Path:
    """Return where the ledger is kept.

    Prefer the working directory, if it holds all paths: no data directory gets an unexpected entry.
    """
    places = [path.resolve() if path.is_dir() else path.parent.resolve() for path in paths]
    here = Path.cwd()
    root = here if all(p.is_relative_to(here) for p in places) else Path(os.path.commonpath(places))
    return root / LEDGER_DIRECTORY / LEDGER_NAME


@contextmanager
def open_ledger(
    named: str | None, paths: Sequence[Path], report: Report, *, remembered: bool
) -> Iterator[Book]:
    """Open the ledger that was ``named``, or that of ``paths``; one that is forgotten if not ``remembered``.

    So is one in a file that cannot be used. A database that cannot is a mistake in the command.
    """
    with closing(_opened(named, paths, report) if remembered else Ledger()) as book:
        yield book


@contextmanager
def existing_ledger(named: str | None) -> Iterator[Book]:
    """Open a ledger that is there, to look at it or to ask for something."""
    try:
        if named is not None and _is_elsewhere(named):
            book = open_url(named, create=False)
        else:
            path = Path(LEDGER_DIRECTORY) / LEDGER_NAME if named is None else _path(named)
            if not path.is_file():
                raise click.UsageError(f"There is no ledger {path}; name it with --ledger.")
            book = Ledger(path, create=False)
        with closing(book):
            yield book
    except sqlite3.Error as error:
        raise click.UsageError(f"{path} is no ledger of reencode: {error}") from error
    except StoreError as error:
        raise click.UsageError(error.message) from error
    except Unavailable as error:
        raise click.ClickException(error.message) from error


def _opened(named: str | None, paths: Sequence[Path], report: Report) -> Book:
    if named is not None and _is_elsewhere(named):
        return _in_database(named)
    path = default_ledger(paths) if named is None else _path(named)
    if path.is_dir():
        raise click.UsageError(f"--ledger: {path} is a directory")
    try:
        return Ledger(path)
    except (OSError, sqlite3.Error) as error:
        report.notes.append(f"this run keeps no ledger: {path} cannot be used ({error})")
        return Ledger()


def _is_elsewhere(named: str) -> bool:
    try:
        return is_url(named) and file_of(named) is None
    except StoreError as error:
        raise click.UsageError(error.message) from error


def _path(named: str) -> Path:
    return file_of(named) or Path(named)


def _in_database(url: str) -> Book:
    try:
        return open_url(url)
    except StoreError as error:
        raise click.UsageError(error.message) from error
    except Unavailable as error:
        raise click.ClickException(error.message) from error
