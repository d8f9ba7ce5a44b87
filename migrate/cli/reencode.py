"""``pickle-migrate reencode``: converts stored pickles in place."""

from __future__ import annotations

import codecs
import json
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli.ledgers import ledger_option, open_ledger
from migrate.cli.reencode_report import print_report, shown
from migrate.cli.reencode_status import pause, resume, status
from migrate.cli.show import console
from migrate.cli.sources import SourceType
from migrate.legacy import MigrateError
from migrate.reencode import (
    BACKUP_SUFFIX,
    ClusterError,
    ConvertersError,
    Loaded,
    Report,
    StoreError,
    TakenOver,
    TooManyFailures,
    Unavailable,
    find_converters,
    load_converters,
    progress,
)
from migrate.reencode.cluster import Cluster
from migrate.reencode.convert import MAX_GROWTH
from migrate.reencode.opening import Source, open_source, source_of
from migrate.reencode.pool import Pool
from migrate.reencode.recipe import Recipe, Worker
from migrate.reencode.remote import fingerprint
from migrate.reencode.run import Engine, Inline, Run
from migrate.reencode.runs import Keeper
from migrate.runtime import Codec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrate.reencode.stores import Ranged

_ROWS, _FILES, _FILES_OF_A_CLUSTER = 500, 32, 200
"""Places in a range: of a database; of files, when several processes share them, or several machines."""


_STORE_OPTIONS = (
    click.option("--match", metavar="PATTERN", help="Of Redis: the keys to look at, as in SCAN."),
    click.option("--table", metavar="NAME", help="Of a database: the table."),
    click.option("--key", metavar="NAME,...", help="The columns of a unique key (default: the primary key)."),
    click.option("--column", metavar="NAME", help="The column that holds the pickles."),
    click.option(
        "--base64",
        type=click.Choice(["standard", "url"]),
        help="The alphabet of base64 in texts, where they do not tell.",
    ),
    click.option(
        "--into", metavar="NAME", help="Write to this column instead, and leave the old one as it is."
    ),
)


def store_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` the options that say which part of a store is meant."""
    for option in reversed(_STORE_OPTIONS):
        command = option(command)
    return command


class _WithDefault(click.Group):
    """A group whose first word may be left out: ``reencode data`` is ``reencode run data``."""

    default = "run"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word in."""
        if not args or args[0] not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Leave the word out of what is shown."""
        name, found, rest = super().resolve_command(ctx, args)
        return ("" if name == self.default else name), found, rest


class _Unnamed(click.Command):
    """A command whose word is left out; click would leave the blanks around it."""

    class context_class(click.Context):  # noqa: N801 (its name in click)
        @property
        def command_path(self) -> str:
            """The words that call it."""
            return super().command_path.rstrip()


@click.command(cls=_WithDefault, name="reencode")
def command() -> None:
    """Convert stored pickles to JSON in place, and look after such runs.

    `run` may be left out: `reencode data` is `reencode run data`.
    """


command.add_command(status)
command.add_command(pause)
command.add_command(resume)


@command.command(
    "run", cls=_Unnamed, epilog="Also: reencode status, reencode pause, reencode resume; each has --help."
)
@click.argument("sources", nargs=-1, required=True, type=SourceType())
@click.option(
    "--converters", metavar="MODULE|FILE", help="The converters module (default: found by its marker)."
)
@click.option("--dry-run", is_flag=True, help="Do everything but replace anything; ends with an estimate.")
@click.option("--verify-only", is_flag=True, help="Convert nothing: check that all is JSON and reads back.")
@click.option("--backup/--no-backup", help=f"Keep the old bytes beside each file, as NAME{BACKUP_SUFFIX}.")
@click.option(
    "--backup-to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the old values of a database or another store in files in DIR, for `restore`.",
)
@click.option(
    "--encoding", default="ASCII", show_default=True, help="Of 8-bit strings of Python 2, as in pickle.load."
)
@click.option(
    "--python2",
    "places",
    multiple=True,
    metavar="PLACE=WHAT",
    help="What the 8-bit strings at PLACE are: bytes, report, declared, or an encoding. PLACE is"
    " module:Class.field or a path, e.g. \"[*]['raw']\".",
)
@click.option(
    "--as-data", is_flag=True, help="Do not import the program's classes to check the values against them."
)
@click.option(
    "--max-growth",
    type=click.IntRange(min=1),
    metavar="N",
    default=MAX_GROWTH,
    show_default=True,
    help="Leave a value whose JSON would be more than N times as long as the pickle, and over 16 MiB.",
)
@click.option(
    "--max-failures", type=click.IntRange(min=0), metavar="N", help="Stop after more than N failures."
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="In a dry run: look at about N places."
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes on this machine (default: 1)."
)
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Who does the work: this machine, or a Dask cluster of yours.",
)
@click.option(
    "--address", metavar="URL", help="Of the scheduler of the Dask cluster, e.g. tcp://scheduler:8786."
)
@click.option(
    "--max-rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="At most N places per second.",
)
@store_options
@ledger_option("Where to remember what is done: a file, or the SQLAlchemy URL of a database.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def run_command(  # noqa: PLR0913, PLR0917 (one parameter per option)
    sources: tuple[str, ...],
    converters: str | None,
    backup_to: Path | None,
    encoding: str,
    places: tuple[str, ...],
    max_growth: int,
    max_failures: int | None,
    limit: int | None,
    workers: int | None,
    engine_name: str,
    address: str | None,
    max_rate: float | None,
    ledger: str | None,
    *,
    dry_run: bool,
    verify_only: bool,
    backup: bool,
    as_data: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Convert the pickles in SOURCES to JSON, in place.

    SOURCES are files and directories, or the URL of one store: a database with --table and --column, Redis,
    or a bucket. Files
    are found by content, not by name; compression around them is kept. Each value is read without executing
    anything, converted, read back and compared, and only then replaced, all or nothing. What cannot be
    converted is left as it is and listed with the reason.

    Exit status: 0 when nothing was left behind, 1 when something was, 2 for a mistake in the command.
    """
    _check_encoding(encoding)
    _check_together(dry_run=dry_run, verify_only=verify_only, limit=limit)
    _check_engine(engine_name, address, workers)
    source = _source(sources, options, backup=backup, backup_to=backup_to)
    paths = [Path(path) for path in source.paths]
    loaded, target = load(converters, paths)
    recipe = Recipe(
        source,
        target,
        encoding,
        not as_data,
        dry_run or verify_only,
        verify_only,
        None if backup_to is None else str(backup_to),
        _python2(places, loaded),
        max_growth,
    )
    report = Report(dry_run or verify_only, loaded.name, [loaded.note] if loaded.note else [])
    with (
        usage_errors(),
        open_ledger(ledger, paths, report, remembered=not report.dry_run) as book,
    ):
        store = open_source(source)
        try:
            total = store.estimate()
            report.notes += [note] if (note := getattr(store, "note", "")) else []
            engine, size = _engine(recipe, store, loaded, workers or 1, address)
            if max_rate is not None:
                size = max(1, min(size, int(max_rate)))
            keeper = Keeper.start(book, _name(source, store), total, resumable=store.ordered)
            run = Run(store, engine, keeper, book, size, max_failures, max_rate, limit)
            _go(run, report, min(total, limit or total))
        finally:
            store.close()
        report.seconds, report.total = keeper.seconds, total
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=True))
    else:
        print_report(report, verify_only=verify_only, unit=_unit(source))
    if report.failed or report.stopped:
        raise SystemExit(1)


def _engine(
    recipe: Recipe, store: Ranged, loaded: Loaded, workers: int, address: str | None
) -> tuple[Engine, int]:
    """Return who does the work, and how many places it gets at a time."""
    local = recipe.source.is_local
    if address is not None:
        return Cluster(recipe, address, fingerprint(loaded)), _FILES_OF_A_CLUSTER if local else _ROWS
    if workers > 1:
        return Pool(recipe, workers), _FILES if local else _ROWS
    return Inline(Worker(recipe, store=store, loaded=loaded)), 1 if local else _ROWS


def _go(run: Run, report: Report, total: int) -> None:
    """Go to the end, or to what stops the run, which is then in the report."""
    unit = "files" if not run.store.address else "values"
    try:
        with progress(total, console(stderr=True), unit=unit) as advance:

            def tell(part: Report) -> None:
                report.merge(part)
                advance(part)

            run.go(tell)
    except (TooManyFailures, TakenOver) as error:
        report.stop(str(error))
    except (Unavailable, StoreError, ConvertersError, ClusterError) as error:
        report.stop(f"stopped: {error.message}; what was converted stays so, run again to go on")
    except sqlite3.Error as error:
        report.stop(f"stopped: the ledger could not be written ({error}); what was converted stays so")
    except KeyboardInterrupt:
        report.stop("stopped by the keyboard; run again to go on")
    finally:
        run.engine.close()


def _unit(source: Source) -> str:
    return "files" if source.is_local else "values"


def _name(source: Source, store: Ranged) -> str:
    return store.address or " ".join(str(Path(path).resolve()) for path in source.paths)


def _check_together(*, dry_run: bool, verify_only: bool, limit: int | None) -> None:
    if dry_run and verify_only:
        raise click.UsageError("--dry-run and --verify-only: one of them, please.")
    if limit is not None and not (dry_run or verify_only):
        raise click.UsageError("--limit is for --dry-run and --verify-only.")


def _check_engine(engine: str, address: str | None, workers: int | None) -> None:
    if engine != "dask":
        if address is not None:
            raise click.UsageError("--address is for --engine dask.")
        return
    if address is None:
        raise click.UsageError(
            "--engine dask needs --address, the scheduler of your cluster: --address tcp://HOST:8786 for one"
            " that `dask scheduler` started. For several processes on this machine there is --workers."
        )
    if workers is not None:
        raise click.UsageError("--workers is for this machine; a Dask cluster has the workers it has.")


def _source(
    places: Sequence[str], options: dict[str, str | None], *, backup: bool, backup_to: Path | None
) -> Source:
    with usage_errors():
        source = source_of(list(places), {k: v for k, v in options.items() if v is not None}, backup=backup)
    if source.is_local and backup_to is not None:
        raise click.UsageError("--backup-to is for stores with a URL; for files there is --backup.")
    if backup and not source.is_local:
        raise click.UsageError("--backup is for files; say where to keep old values with --backup-to DIR.")
    if backup_to is not None and source.options.get("into"):
        raise click.UsageError("--into leaves the old column as it is; there is nothing to back up.")
    return source


@contextmanager
def usage_errors() -> Iterator[None]:
    """Say as a mistake in the command what is wrong with a store or the converters."""
    try:
        yield
    except (StoreError, ConvertersError, ClusterError) as error:
        raise click.UsageError(error.message) from error
    except Unavailable as error:
        raise click.ClickException(f"the store cannot be reached: {error.message}") from error


def load(named: str | None, paths: Sequence[Path]) -> tuple[Loaded, str | None]:
    """Load the converters module that was named, or the only one there is; also returns what names it."""
    try:
        if named is not None:
            return load_converters(named), named
        found = find_converters([Path.cwd(), *paths])
        if len(found) == 1:
            return load_converters(str(found[0])), str(found[0])
    except ConvertersError as error:
        raise click.UsageError(str(error)) from error
    if found:
        listed = "".join(f"\n  --converters {shown(str(path))}" for path in found)
        raise click.UsageError(
            f"There are {len(found)} converters modules; say which one knows these data:{listed}"
        )
    note = "no converters module found: only data without classes of your own can be converted"
    return Loaded("", Codec("reencode"), note), None


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


def _python2(places: Sequence[str], loaded: Loaded) -> dict[str, str]:
    """Return what ``--python2`` says, by place; refuse what no codec takes."""
    declared = {}
    for text in places:
        place, equals, what = text.rpartition("=")
        if not equals:
            raise click.UsageError(f"--python2 {text!r}: say what is there, as in PLACE=bytes")
        declared[place.strip()] = what.strip()
    try:
        strings = loaded.codec.with_python2(declared).strings
        if strings is not None:
            strings.check_classes()
    except (ValueError, MigrateError) as error:
        raise click.UsageError(f"--python2: {error}") from None
    return declared
