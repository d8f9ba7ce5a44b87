"""``pickle-migrate reencode``: converts stored pickles in place."""

from __future__ import annotations

import codecs
import json
import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli.show import console, table
from migrate.legacy.inspect import printable
from migrate.model import REASONS
from migrate.reencode import (
    BACKUP_SUFFIX,
    LEDGER_DIRECTORY,
    LEDGER_NAME,
    ConvertersError,
    Ledger,
    Loaded,
    LocalTree,
    Outcome,
    Report,
    ThroughCodec,
    TooManyFailures,
    convert,
    could_hold,
    find_converters,
    load_converters,
    progress,
    reencode,
)
from migrate.runtime import Codec

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTED = 20
"""Converted files that are listed one by one; beyond it the figures say more."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--converters", metavar="MODULE|FILE", help="The converters module (default: found by its marker)."
)
@click.option("--dry-run", is_flag=True, help="Do everything but replace the files.")
@click.option("--backup/--no-backup", help=f"Keep the old bytes beside each file, as NAME{BACKUP_SUFFIX}.")
@click.option(
    "--encoding", default="ASCII", show_default=True, help="Of 8-bit strings of Python 2, as in pickle.load."
)
@click.option(
    "--as-data", is_flag=True, help="Do not import the program's classes to check the values against them."
)
@click.option(
    "--max-failures", type=click.IntRange(min=0), metavar="N", help="Stop after more than N failures."
)
@click.option(
    "--ledger", type=click.Path(dir_okay=False, path_type=Path), help="Where to remember what is done."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(  # noqa: PLR0913 (one parameter per option)
    paths: tuple[Path, ...],
    converters: str | None,
    encoding: str,
    max_failures: int | None,
    ledger: Path | None,
    *,
    dry_run: bool,
    backup: bool,
    as_data: bool,
    as_json: bool,
) -> None:
    """Convert the pickles in PATHS to JSON, in place.

    Files are found by content, not by name; compression around them is kept. Each is read without executing
    anything, converted, read back and compared, and only then replaced, all or nothing. What cannot be
    converted is left as it is and listed with the reason.

    Exit status: 0 when nothing was left behind, 1 when something was, 2 for a mistake in the command.
    """
    _check_encoding(encoding)
    loaded = _load(converters, paths)
    try:
        convert_record = ThroughCodec(loaded.codec, encoding, use_classes=not as_data)
    except ConvertersError as error:
        raise click.UsageError(str(error)) from error
    report = Report(dry_run, loaded.name, [loaded.note] if loaded.note else [])
    store = LocalTree(paths, interesting=could_hold, backup=backup)
    conversion = partial(convert, convert_record=convert_record)
    with _open_ledger(ledger or _default_ledger(paths), report, dry_run=dry_run) as book:
        items = list(store.items())
        run = reencode(store, conversion, book, items=items, dry_run=dry_run, max_failures=max_failures)
        try:
            with progress(len(items), console(stderr=True)) as advance:
                for outcome in run:
                    report.add(outcome)
                    advance(outcome)
        except TooManyFailures as error:
            report.notes.append(str(error))
            report.stopped = True
        except sqlite3.Error as error:
            report.notes.append(
                f"stopped: the ledger could not be written ({error}); what was converted stays so"
            )
            report.stopped = True
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=True))
    else:
        _print(report)
    if report.failures or report.stopped:
        raise SystemExit(1)


def _load(named: str | None, paths: Sequence[Path]) -> Loaded:
    """Load the converters module that was named, or the only one there is."""
    try:
        if named is not None:
            return load_converters(named)
        found = find_converters([Path.cwd(), *paths])
        if len(found) == 1:
            return load_converters(str(found[0]))
    except ConvertersError as error:
        raise click.UsageError(str(error)) from error
    if found:
        listed = "".join(f"\n  --converters {_shown(str(path))}" for path in found)
        raise click.UsageError(
            f"There are {len(found)} converters modules; say which one knows these data:{listed}"
        )
    note = "no converters module found: only data without classes of your own can be converted"
    return Loaded("", Codec("reencode"), note)


def _check_encoding(name: str) -> None:
    """Refuse a name that no codec has; ``bytes`` is pickle.load's word for leaving the strings undecoded."""
    if name == "bytes":
        return
    try:
        codecs.lookup(name)
    except LookupError:
        raise click.UsageError(
            f"There is no encoding {name!r}; use the name of a Python codec, or bytes."
        ) from None


def _default_ledger(paths: Sequence[Path]) -> Path:
    """Prefer the working directory, if it holds all paths: no data directory gets an unexpected entry."""
    places = [path.resolve() if path.is_dir() else path.parent.resolve() for path in paths]
    here = Path.cwd()
    root = here if all(p.is_relative_to(here) for p in places) else Path(os.path.commonpath(places))
    return root / LEDGER_DIRECTORY / LEDGER_NAME


def _open_ledger(path: Path, report: Report, *, dry_run: bool) -> Ledger:
    if dry_run:
        return Ledger()
    try:
        return Ledger(path)
    except (OSError, sqlite3.Error) as error:
        report.notes.append(f"this run keeps no ledger: {path} cannot be used ({error})")
        return Ledger()


def _print(report: Report) -> None:
    out = console()
    for outcome in report.left:
        out.print(f"{_shown(outcome.key)}: {outcome.message}")
    for outcome in report.done[:_LISTED]:
        out.print(_done_line(outcome))
    if len(report.done) > _LISTED:
        out.print(f"... and {len(report.done) - _LISTED} more (--json lists all)")
    if report.done:
        _print_figures(report)
    if report.failures:
        out.print("\nLeft as they are:")
        for outcome in report.failures:
            out.print(_failure_line(outcome))
        advice = ((f"{code} ({n})", _advice(code)) for code, n in report.reasons.most_common())
        out.print(table(("reason", "what it means and what to do"), advice, title="\nReasons"))
        if "python2-bytes" in report.reasons:
            out.print("Here: run again on those files with --encoding, e.g. --encoding utf-8.")
    for note in report.notes:
        out.print(f"Note: {_shown(note)}")
    done = "would be converted" if report.dry_run else "converted"
    out.print(
        f"{len(report.done)} {done}, {len(report.failures)} left as they are, {report.nothing} JSON already."
    )


def _print_figures(report: Report) -> None:
    out = console()
    rows = [(f"{kind} -> JSON", str(n)) for kind, n in sorted(report.formats.items())]
    rows += [
        ("pickles", f"{report.pickles:,}"),
        ("bytes", f"{report.size_before:,} -> {report.size_after:,}"),
    ]
    out.print(table(("files", ""), rows, title="\nConverted" if not report.dry_run else "\nTo be converted"))
    if report.classes:
        found = ((name, f"{n:,}") for name, n in report.classes.most_common())
        out.print(table(("class", "instances"), found, title="\nClasses"))


def _done_line(outcome: Outcome) -> str:
    label = outcome.conversion.label if outcome.conversion else ""
    sizes = f"{outcome.size_before:,} -> {outcome.size_after or 0:,} bytes"
    return f"{_shown(outcome.key)}: {label} -> JSON, {sizes}"


def _failure_line(outcome: Outcome) -> str:
    where = f", at {_shown(outcome.path)}" if outcome.path else ""
    return f"{_shown(outcome.key)}{where}: {_shown(outcome.message)} ({outcome.reason})"


def _advice(code: str) -> str:
    reason = REASONS.get(code)
    return f"{reason.summary} {reason.advice}" if reason else ""


def _shown(text: str) -> str:
    """Make what comes from outside safe to print; files below the working directory are shown from there."""
    return printable(text.removeprefix(f"{Path.cwd()}{os.sep}"), 2000)
