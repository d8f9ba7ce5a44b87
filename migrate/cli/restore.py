"""``pickle-migrate restore``: puts back what ``reencode`` replaced."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli.ledgers import ledger_option, open_ledger
from migrate.cli.reencode import load, store_options, usage_errors
from migrate.cli.reencode_report import left_alone, print_failures, shown
from migrate.cli.show import console
from migrate.cli.sources import SourceType
from migrate.model.wording import counted
from migrate.reencode import Report, StoreError, ThroughCodec, Unavailable, convert
from migrate.reencode.archives import InArchives
from migrate.reencode.backups import kept
from migrate.reencode.opening import open_source, source_of
from migrate.reencode.restore import restore_files, restore_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.reencode import Outcome
    from migrate.reencode.work import Convert


@click.command()
@click.argument("sources", nargs=-1, required=True, type=SourceType())
@click.option(
    "--from",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where reencode --backup-to kept the old values of a store.",
)
@store_options
@click.option("--force", is_flag=True, help="Put a file's backup back even over what others wrote since.")
@click.option(
    "--converters",
    metavar="MODULE|FILE",
    help="As for reencode: tells what it wrote where the ledger does not know.",
)
@ledger_option("The ledger of the run: a file, or the URL of a database.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    sources: tuple[str, ...],
    directory: Path | None,
    converters: str | None,
    ledger: str | None,
    *,
    force: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Put back, byte for byte, what reencode --backup or --backup-to kept.

    What was written since by others is left alone and listed. Files: the backups beside them are put back and
    removed. A store: give the same URL and columns as to reencode, and --from DIR.

    Exit status: 0 when all is as it was, 1 when something was left, 2 for a mistake in the command.
    """
    report = Report()
    with usage_errors():
        source = source_of(list(sources), {k: v for k, v in options.items() if v is not None})
        if source.is_local and directory is not None:
            raise click.UsageError("--from is for stores with a URL; the backups of files lie beside them.")
        if source.is_local:
            paths = [Path(path) for path in source.paths]
            with open_ledger(ledger, paths, report, remembered=True) as book:
                _add(report, restore_files(paths, book, convert=_converting(converters, paths), force=force))
        else:
            if directory is None:
                raise click.UsageError(
                    "--from DIR is missing: where did reencode --backup-to keep the values?"
                )
            store = open_source(source)
            try:
                _add(report, restore_store(store, kept(directory, store.address)))
            except (Unavailable, StoreError) as error:
                if not report.seen:
                    raise
                report.stop(f"stopped: {error.message}; run again to go on")
            finally:
                store.close()
    _print(report, as_json=as_json)
    if report.failed or report.stopped:
        raise SystemExit(1)


def _converting(named: str | None, paths: list[Path]) -> Convert:
    """Return the conversion of reencode, whose converters are looked for when the first file needs it."""

    @lru_cache(1)
    def converter() -> ThroughCodec:
        return ThroughCodec(load(named, paths)[0].codec)

    return InArchives(lambda data: convert(data, convert_record=converter()))


def _add(report: Report, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        report.add(outcome)


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        figures = report.to_json()
        click.echo(
            json.dumps(
                {
                    "restored": report.converted,
                    "as_it_was": report.nothing,
                    "failed": figures["failed"],
                    "failed_count": report.failed,
                    "stopped": report.stopped,
                    "notes": report.notes,
                },
                indent=2,
            )
        )
        return
    if report.failed:
        print_failures(report)
    for note in report.notes:
        console().print(f"Note: {shown(note)}")
    console().print(
        f"{report.converted:,} restored, {left_alone(report.failed)}, "
        f"{counted(report.nothing, 'was', 'were')} as before."
    )
