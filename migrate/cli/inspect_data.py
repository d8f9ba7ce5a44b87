"""What ``inspect`` shows beside a tree: opcodes, and the classes and fields of many files together."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import field, frozen

from migrate.cli.inspect_strings import Strings
from migrate.cli.show import folded
from migrate.legacy import (
    DEFAULT_LIMITS,
    LimitExceeded,
    Limits,
    MigrateError,
    examine,
    looks_like_pickle,
    unwrap,
)
from migrate.legacy.inspect import Op, printable, trace, verdict
from migrate.model.wording import counted
from migrate.reencode.walk import files_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.evidence.data import DataEvidence


@frozen
class Folder:
    """The files below a directory, by whether they hold pickles."""

    holding: list[Path] = field(factory=list)
    others: int = 0
    problems: dict[Path, str] = field(factory=dict)
    """What could not be read, and why."""


def files_with_pickles(path: Path, limits: Limits = DEFAULT_LIMITS) -> Folder:
    """Return the files below a directory; which hold pickles is decided by their content."""
    holding: list[Path] = []
    problems: dict[Path, str] = {}
    others = 0

    def note(error: OSError) -> None:
        problems[Path(error.filename or path)] = error.strerror or str(error)

    for file in files_below(path, note):
        try:
            holds = _holds_pickles(file, limits)
        except OSError as error:  # noqa: PERF203 - each may fail for itself
            note(error)
        except MigrateError as error:
            problems[file] = str(error)
        else:
            holding += [file] * holds
            others += not holds
    return Folder(holding, others, problems)


def _holds_pickles(file: Path, limits: Limits) -> bool:
    if file.stat().st_size > limits.max_bytes:
        raise LimitExceeded(f"larger than max_bytes={limits.max_bytes}", limit="max_bytes")
    return looks_like_pickle(unwrap(file.read_bytes(), limits=limits)[1], limits=limits)


# --- opcodes ------------------------------------------------------------------------------------


@frozen
class Opcodes:
    """The opcodes of every pickle of one file, and what stopped the reading."""

    path: Path
    ops: list[Op]
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {"file": str(self.path), "ops": [op._asdict() for op in self.ops], "error": self.error}

    def lines(self, most: int) -> Iterator[str]:
        """For a person; ``most`` opcodes."""
        yield f"{printable(str(self.path))}: {counted(len(self.ops), 'opcode')}"
        for op in self.ops[:most]:
            yield f"  {op.offset:>7} {op.name:16} {op.argument}{'  # ' * bool(op.note)}{op.note}".rstrip()
        if len(self.ops) > most:
            yield "  … and more"
        if self.error is not None:
            yield f"{printable(str(self.path))}: {printable(self.error)}"


def opcodes_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> Opcodes:
    """Return the opcodes of a file that holds pickles one after the other, up to the first damage."""
    ops: list[Op] = []
    try:
        raw = unwrap(path.read_bytes(), limits=limits)[1]
        position = 0
        while position < len(raw):
            for op in trace(raw, position, limits=limits):
                ops.append(op)  # noqa: PERF402 (what was read before an error is shown)
            position = ops[-1].offset + 1
    except OSError as error:
        return Opcodes(path, ops, error.strerror or str(error))
    except MigrateError as error:
        return Opcodes(path, ops, f"{error} ({error.reason})")
    return Opcodes(path, ops, None if ops else "the file is empty")


# --- summary ------------------------------------------------------------------------------------


@frozen
class Summary:
    """What a stock of files holds."""

    files: list[Path]
    others: int
    data: DataEvidence
    problems: dict[str, str]
    dangerous: dict[str, list[str]]
    """What ``pickle.load`` would execute, and in which files."""
    strings: Strings
    """8-bit strings of Python 2."""

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {
            "files": len(self.files),
            "without_pickles": self.others,
            "classes": [
                {
                    "name": seen.name,
                    "objects": seen.count,
                    "files": len(seen.files),
                    "fields": {f.name: str(f.type) for f in seen.fields},
                }
                for seen in self.data.classes.values()
            ],
            "values": self.data.values,
            "strings_of_python_2": self.strings.as_json(),
            "dangerous": self.dangerous,
            "problems": self.problems,
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{counted(len(self.files), 'file')} with pickles, {self.others} without"
        for seen in self.data.classes.values():
            yield ""
            place = f"{counted(seen.count, 'object')} in {counted(len(seen.files), 'file')}"
            yield f"{printable(seen.name)}  {place}"
            yield from (f"  .{printable(f.name)}: {printable(str(f.type))}" for f in seen.fields)
        if self.data.values:
            yield ""
            yield "stored as values, by their names"
            yield from (f"  {printable(name)}  {count}" for name, count in self.data.values.items())
        if self.strings.places:
            yield ""
            yield "8-bit strings of Python 2, as python2 of a codec names their places"
            yield from (f"  {printable(line)}" for line in self.strings.lines())
        if self.dangerous:
            yield ""
            for name, files in self.dangerous.items():
                shown = ", ".join(printable(file) for file in files[:3])
                more = f" and {len(files) - 3} more" if len(files) > 3 else ""
                yield f"DANGEROUS: pickle.load would execute {printable(name)}: {shown}{more}"
        if self.problems:
            yield ""
            yield from (f"{printable(file)}: {printable(why)}" for file, why in self.problems.items())


def show_summary(paths: Sequence[Path], *, as_json: bool) -> bool:
    """Print what all files together hold; return whether one could not be read."""
    found = summarise(paths)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        for line in found.lines():
            click.echo(folded(line))
    return bool(found.problems)


def summarise(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> Summary:
    """Read files, and directories with all below them, and return what they hold."""
    from migrate.evidence.data import read_data

    files: list[Path] = []
    others = 0
    problems: dict[str, str] = {}
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        folder = files_with_pickles(path, limits)
        files += folder.holding
        others += folder.others
        problems.update((str(file), why) for file, why in folder.problems.items())
    data = read_data(files, root=Path(), limits=limits)
    problems.update(data.problems)
    dangers, strings = _looked_for(files, limits)
    return Summary(files, others, data, problems, dangers, strings)


def _looked_for(files: Iterable[Path], limits: Limits) -> tuple[dict[str, list[str]], Strings]:
    """Return the dangerous names with the files that have them, and the 8-bit strings of Python 2."""
    found: dict[str, list[str]] = {}
    strings = Strings()
    for file in files:
        names: Counter[str] = Counter()
        with suppress(MigrateError, OSError):  # read_data says what is wrong with the file
            raw = unwrap(file.read_bytes(), limits=limits)[1]
            position = 0
            while position < len(raw):
                decoded = examine(raw, start=position, limits=limits)
                names.update(verdict(decoded.root, decoded.dropped).dangerous)
                strings.read(decoded.root)
                position = decoded.end
        for name in names:
            found.setdefault(name, []).append(str(file))
    return found, strings
