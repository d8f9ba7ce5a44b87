"""``pickle-migrate inspect``: shows what a stored pickle holds, without executing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen

from migrate.cli.inspect_data import files_with_pickles, opcodes_of, show_summary
from migrate.cli.isolated import run_confined
from migrate.cli.show import folded
from migrate.legacy import DEFAULT_LIMITS, Limits, MigrateError, unwrap
from migrate.legacy.inspect import describe, find, head, printable, to_json, verdict
from migrate.model.wording import counted
from migrate.reencode import Foreign, JsonLine, Pickle, Refused, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.legacy.inspect import Verdict


@frozen
class _Contents:
    """What one file holds: its records as far as they could be read, and what stopped the reading."""

    path: Path
    layers: tuple[str, ...] = ()
    records: list[Pickle | JsonLine] = field(factory=list)
    error: MigrateError | None = None


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--max-lines",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Lines shown of each pickle.",
)
@click.option("--ops", "view", flag_value="ops", help="Show the opcodes, each with what it would do.")
@click.option(
    "--globals", "view", flag_value="globals", help="Show the classes and functions that are named."
)
@click.option("--find", "wanted", metavar="CLASS", help="Show where objects of CLASS are, by their paths.")
@click.option(
    "--summary", "view", flag_value="summary", help="Show the classes and fields of all files together."
)
@click.option(
    "--isolated", is_flag=True, help="Read in a worker process with bounds on memory and time (POSIX)."
)
def command(
    paths: tuple[Path, ...],
    max_lines: int,
    view: str | None,
    wanted: str | None,
    *,
    as_json: bool,
    isolated: bool,
) -> None:
    """Show what the pickles in PATHS hold, and what pickle.load would have executed.

    Nothing in them is executed or imported here. Compressed files and files of several records are read as
    such. Of a directory, all files that hold pickles are summed up, as with --summary.

    Exit status: 1 when a file holds no pickle or JSON record, or is damaged; in a directory, files without
    pickles do not count.
    """
    if wanted is not None and view is not None:
        raise click.UsageError(f"--find and --{view} show different things; give one of them")
    if isolated:
        raise SystemExit(_in_worker(paths, max_lines, view, wanted, as_json=as_json))
    if view == "ops":
        failed = _show_ops([p for path in paths for p in _files(path)], max_lines, as_json=as_json)
    elif view == "summary" or (view is wanted is None and any(path.is_dir() for path in paths)):
        failed = show_summary(paths, as_json=as_json)
    else:
        failed = _show(
            [_read(p) for path in paths for p in _files(path)], view, wanted, max_lines, as_json=as_json
        )
    if failed:
        raise SystemExit(1)


def _in_worker(
    paths: tuple[Path, ...], max_lines: int, view: str | None, wanted: str | None, *, as_json: bool
) -> int:
    """Run this command in a worker process, pass on what it prints, and return its exit status."""
    options = [f"--max-lines={max_lines}"]
    options += ["--json"] * as_json
    options += [f"--{view}"] if view is not None else []
    options += [f"--find={wanted}"] if wanted is not None else []
    try:
        done = run_confined(["inspect", *options, "--", *map(str, paths)])
    except MigrateError as error:
        click.echo(f"{', '.join(printable(str(p)) for p in paths[:3])}: {error} ({error.reason})", err=True)
        return 1
    click.echo(done.stdout, nl=False)
    click.echo(done.stderr, nl=False, err=True)
    return done.status


def _files(path: Path) -> list[Path]:
    return files_with_pickles(path).holding if path.is_dir() else [path]


def _show(
    found: list[_Contents], view: str | None, wanted: str | None, max_lines: int, *, as_json: bool
) -> bool:
    """Print the files one by one; return whether one could not be read."""
    if as_json:
        click.echo(json.dumps([_document(contents, view, wanted) for contents in found], indent=2))
    elif wanted is not None:
        lines = [line for contents in found for line in _found(contents, wanted, max_lines)]
        nothing = f"nothing of {printable(wanted)} in {counted(len(found), 'file')}"
        click.echo("\n".join(lines or [nothing]))
    else:
        for contents in found:
            for line in _lines(contents, view, max_lines):
                click.echo(line)
    return any(contents.error for contents in found)


def _show_ops(files: list[Path], max_lines: int, *, as_json: bool) -> bool:
    documents = [opcodes_of(path) for path in files]
    if as_json:
        click.echo(json.dumps([document.as_json() for document in documents], indent=2))
    else:
        for document in documents:
            for line in document.lines(max_lines):
                click.echo(line)
    return any(document.error for document in documents)


def _read(path: Path, limits: Limits = DEFAULT_LIMITS) -> _Contents:
    layers: tuple[str, ...] = ()
    records: list[Pickle | JsonLine] = []
    try:
        if not path.is_file():
            raise Refused("not a regular file", reason="unreadable")
        if path.stat().st_size > limits.max_bytes:
            raise Refused(f"larger than {limits.max_bytes} bytes", reason="limit")
        formats, raw = unwrap(path.read_bytes(), limits=limits)
        layers = tuple(found.value for found in formats)
        for record in split(raw, limits):
            records.append(record)  # noqa: PERF402 (what was read before an error is shown)
        if not records:
            raise Refused("the file is empty", reason="not-a-pickle")
    except OSError as error:
        refused = Refused(error.strerror or str(error), reason="unreadable")
        return _Contents(path, layers, records, refused)
    except Foreign as error:
        refused = (
            error if records else Refused("holds neither a pickle nor a JSON record", reason="not-a-pickle")
        )
        return _Contents(path, layers, records, refused)
    except MigrateError as error:
        return _Contents(path, layers, records, error)
    return _Contents(path, layers, records)


def _lines(contents: _Contents, view: str | None, max_lines: int) -> Iterator[str]:
    name = printable(str(contents.path))
    within = f", in {' in '.join(reversed(contents.layers))}" if contents.layers else ""
    total = len(contents.records)
    for number, record in enumerate(contents.records, 1):
        which = f" {number} of {total}" if total > 1 else ""
        if isinstance(record, JsonLine):
            yield f"{name}: {record.kind} record{which}, {len(record.text)} bytes{within}"
            continue
        yield f"{name}: pickle{which}, protocol {record.protocol}{within}"
        if view == "globals":
            yield from (f"  {line}" for line in _names(record))
        else:
            yield from (f"  {line}" for line in describe(record.record, max_lines=max_lines))
        yield from (folded(f"  {line}") for line in _judgement(verdict(record.record, record.dropped)))
    if contents.error is not None:
        yield f"{name}: {printable(str(contents.error))} ({contents.error.reason})"


def _found(contents: _Contents, wanted: str, max_lines: int) -> Iterator[str]:
    """Where objects of the class ``wanted`` are in one file, and what stopped the reading."""
    name = printable(str(contents.path))
    for number, record in enumerate(contents.records, 1):
        if isinstance(record, JsonLine):
            continue
        which = f" ({number} of {len(contents.records)})" if len(contents.records) > 1 else ""
        for count, (path, what) in enumerate(find(record.record, wanted)):
            if count == max_lines:
                yield f"{name}{which}: … and more"
                break
            yield f"{name}{which}: {printable(path)}: {printable(head(what))}"
    if contents.error is not None:
        yield f"{name}: {printable(str(contents.error))} ({contents.error.reason})"


def _names(record: Pickle) -> Iterator[str]:
    """What is named, with what ``pickle.load`` would do with it."""
    judged = verdict(record.record, record.dropped)
    for name in sorted({*judged.names, *judged.calls}):
        does = (
            "DANGEROUS" if name in judged.dangerous else "calls it" if name in judged.calls else "imports it"
        )
        yield f"{does:10} {printable(name)}"


def _judgement(found: Verdict) -> Iterator[str]:
    if found.dangerous:
        yield f"DANGEROUS: pickle.load would execute {_listed(found.dangerous)}"
    others = tuple(name for name in found.executes if name not in found.dangerous)
    if others:
        yield f"pickle.load would call {_listed(others)}"
    if not found.executes:
        yield "pickle.load would execute nothing beyond plain constructors"


def _listed(names: tuple[str, ...], most: int = 20) -> str:
    shown = ", ".join(printable(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _document(contents: _Contents, view: str | None, wanted: str | None) -> dict[str, Any]:
    error = contents.error
    return {
        "file": str(contents.path),
        "compression": list(contents.layers),
        "records": [_record(record, view, wanted) for record in contents.records],
        "error": None if error is None else {"reason": error.reason, "message": str(error)},
    }


def _record(record: Pickle | JsonLine, view: str | None, wanted: str | None) -> dict[str, Any]:
    if isinstance(record, JsonLine):
        return {"format": "json", "bytes": len(record.text)}
    body: dict[str, Any] = {"format": "pickle", "protocol": record.protocol}
    if wanted is not None:
        body["found"] = [{"path": path, "what": head(what)} for path, what in find(record.record, wanted)]
        return body
    if view is None:
        body["value"] = to_json(record.record)
    judged = verdict(record.record, record.dropped)
    body["verdict"] = {name: list(names) for name, names in judged._asdict().items()}
    return body
