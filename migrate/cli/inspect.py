"""``pickle-migrate inspect``: shows what a stored pickle holds, without executing it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen

from migrate.legacy import DEFAULT_LIMITS, Limits, MigrateError, decompress
from migrate.legacy.inspect import describe, printable, to_json, verdict
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
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--max-lines",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Lines shown of each pickle.",
)
def command(files: tuple[Path, ...], max_lines: int, *, as_json: bool) -> None:
    """Show what the pickles in FILES hold, and what pickle.load would have executed.

    Nothing in them is executed or imported here. Compressed files and files of several records are read as
    such.

    Exit status: 1 when a file holds no pickle or JSON record, or is damaged.
    """
    found = [_read(path) for path in files]
    if as_json:
        click.echo(json.dumps([_document(contents) for contents in found], indent=2))
    else:
        for contents in found:
            for line in _lines(contents, max_lines):
                click.echo(line)
    if any(contents.error for contents in found):
        raise SystemExit(1)


def _read(path: Path, limits: Limits = DEFAULT_LIMITS) -> _Contents:
    layers: tuple[str, ...] = ()
    records: list[Pickle | JsonLine] = []
    try:
        if not path.is_file():
            raise Refused("not a regular file", reason="unreadable")
        if path.stat().st_size > limits.max_bytes:
            raise Refused(f"larger than {limits.max_bytes} bytes", reason="limit")
        formats, raw = decompress(path.read_bytes(), limits=limits)
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


def _lines(contents: _Contents, max_lines: int) -> Iterator[str]:
    name = printable(str(contents.path))
    within = f", in {' in '.join(reversed(contents.layers))}" if contents.layers else ""
    total = len(contents.records)
    for number, record in enumerate(contents.records, 1):
        which = f" {number} of {total}" if total > 1 else ""
        if isinstance(record, JsonLine):
            yield f"{name}: JSON record{which}, {len(record.text)} bytes{within}"
            continue
        yield f"{name}: pickle{which}, protocol {record.protocol}{within}"
        yield from (f"  {line}" for line in describe(record.record, max_lines=max_lines))
        yield from (f"  {line}" for line in _judgement(verdict(record.record, record.dropped)))
    if contents.error is not None:
        yield f"{name}: {printable(str(contents.error))} ({contents.error.reason})"


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


def _document(contents: _Contents) -> dict[str, Any]:
    error = contents.error
    return {
        "file": str(contents.path),
        "compression": list(contents.layers),
        "records": [_record(record) for record in contents.records],
        "error": None if error is None else {"reason": error.reason, "message": str(error)},
    }


def _record(record: Pickle | JsonLine) -> dict[str, Any]:
    if isinstance(record, JsonLine):
        return {"format": "json", "bytes": len(record.text)}
    return {
        "format": "pickle",
        "protocol": record.protocol,
        "value": to_json(record.record),
        "verdict": {
            name: list(names) for name, names in verdict(record.record, record.dropped)._asdict().items()
        },
    }
