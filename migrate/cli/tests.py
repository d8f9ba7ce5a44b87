"""``pickle-migrate tests``: a test module for the converters, in the user's tree."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from migrate.cli.show import console, write_diff
from migrate.cli.stage import stores_below
from migrate.cli.tests_data import Found, choose, golden, is_sealed, read_data, too_large
from migrate.model import FileEdit
from migrate.reencode.converters import MARKER as CONVERTERS
from migrate.reencode.converters import load_file
from migrate.reencode.errors import ConvertersError
from migrate.review.diff import unified_diff
from migrate.rewrite import apply
from migrate.rewrite.tests_module import Subject, module_text, records_folder, was_edited
from migrate.rollout.stores import is_runtime
from migrate.runtime import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    from migrate.cli.tests_data import Golden
    from migrate.reencode.converters import Loaded

_EXISTING = click.Path(exists=True, path_type=Path)
_OUTPUT = "tests/test_converters.py"


@frozen
class Proposal:
    """What to write for one converters module."""

    edits: tuple[FileEdit, ...] = ()
    lines: tuple[str, ...] = ()
    """What the diff does not tell."""
    problems: tuple[str, ...] = ()
    """What was left out, each as one line."""
    unread: Mapping[str, str] | None = None
    """Stored data that this codec cannot read: place → why. None for a module that was left out."""


@click.command()
@click.argument("path", type=_EXISTING, default=".")
@click.option("--write", is_flag=True, help="Write the files (default: print the diff).")
@click.option(
    "--data",
    multiple=True,
    type=_EXISTING,
    help="Stored data, files or folders, of which a few records are kept beside the tests (repeatable).",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many records to keep of each class.",
)
@click.option(
    "--output",
    metavar="FILE",
    help=f"The test module, relative to PATH (default: {_OUTPUT}, or one for each of several converters).",
)
@click.option("--force", is_flag=True, help="Replace a test module that was edited.")
def command(
    path: Path, data: tuple[Path, ...], samples: int, output: str | None, *, write: bool, force: bool
) -> None:
    """Generate tests for the converters modules below PATH.

    Every registered class is written and read back, with values made by hypothesis from its declared types;
    the releases of adjacent stages read each other; and records of --data stay readable. The module is yours
    to edit: an edited one is replaced with --force only. Imports the converters modules and the classes.

    Exits with 1 if something was left out: an edited module, data that cannot be read.
    """
    if output is not None and not _is_module_below(output):
        raise click.BadParameter(f"{output!r} is no .py file below PATH", param_hint="--output")
    root = path if path.is_dir() else path.parent
    modules = _modules(path)
    if output is not None and len(modules) > 1:
        raise click.UsageError(
            f"--output names one file, but there are {', '.join(modules)}; name one as PATH"
        )
    outputs = {module: output or _default_output(module, len(modules)) for module in modules}
    made = [_proposal(root, module, file, data, samples, force=force) for module, file in outputs.items()]
    edits = [edit for proposal in made for edit in proposal.edits]
    write_diff(unified_diff(edit for edit in edits if not edit.path.endswith(".pickle")))
    applied = apply(root, edits) if write and edits else None
    out = console(stderr=True)
    problems = [*(line for proposal in made for line in proposal.problems), *_unread(made)]
    problems += [f"{p.path}: {p.message} ({p.reason})" for p in (applied.problems if applied else ())]
    for line in (*(line for proposal in made for line in proposal.lines), *problems):
        out.print(line)
    if not edits:
        out.print("There is nothing to change.")
    elif applied is None:
        out.print("Nothing was changed. Apply with --write.")
    elif applied.run_id is not None:
        out.print(f"Run them: pytest {' '.join(outputs.values())} (they need hypothesis)")
        out.print(f"Undo: pickle-migrate undo {path}")
    if problems:
        raise SystemExit(1)


def _is_module_below(output: str) -> bool:
    file = Path(output)
    return not file.is_absolute() and ".." not in file.parts and file.suffix == ".py"


def _modules(path: Path) -> list[str]:
    """Return the converters modules below ``path``: those with the mark, or all that make a codec."""
    stores, sources = stores_below(path)
    found = list(dict.fromkeys(store.path for store in stores))
    marked = [name for name in found if CONVERTERS in sources[name][:4096].splitlines()]
    return marked or found


def _default_output(module: str, number: int) -> str:
    if number == 1:
        return _OUTPUT
    name = "_".join(Path(module).with_suffix("").parts)
    return f"tests/test_{name}.py"


def _proposal(
    root: Path, path: str, output: str, data: Sequence[Path], samples: int, *, force: bool
) -> Proposal:
    try:
        loaded = load_file(root / path)
        strategies = _strategies_of(loaded)
    except ConvertersError as error:
        return Proposal(problems=(f"{path}: {error}",))
    problems = [f"{path}: {loaded.note}"] if loaded.note else []
    folder = (Path(output).parent / records_folder(loaded.name)).as_posix()
    suffix = f".{loaded.codec.format}"
    kept, unreadable = _kept(root / folder, suffix, loaded)
    found = read_data(loaded.codec, data)
    if any(is_sealed(each.record) for each in found.records):
        problems.append(f"{path}: its records are signed or encrypted; none is kept, for want of a key")
        found = Found(problems=found.problems)
    chosen = choose(found.records, kept, samples)
    large = too_large(found.records, [*kept, *chosen])
    problems += [f"{path}: of {name} there are large records only; none is kept" for name in large]
    records = _record_edits(root, folder, suffix, chosen)
    text = module_text(
        Subject(
            loaded.name,
            strategies.__name__.rpartition(".")[0],
            strategies.obstacles(loaded.codec),
            suffix,
            records=bool(chosen) or _holds(root / folder, suffix),
            writes_pickles=_writes_pickles(loaded),
            pickles=any(each.pickle for each in chosen) or _holds(root / folder, ".pickle"),
        )
    )
    module, edited = _module_edit(root, output, text, force=force)
    lines = [f"{each.path}: {len(each.after)} bytes" for each in records if each.path.endswith(".pickle")]
    return Proposal(
        (*module, *records), tuple(lines), (*problems, *unreadable, *edited), unread=found.problems
    )


def _unread(made: Sequence[Proposal]) -> Iterator[str]:
    """Yield a line for each stored record that no converters module can read."""
    unread = [proposal.unread for proposal in made if proposal.unread is not None]
    for place, why in unread[0].items() if unread else ():
        if all(place in each for each in unread):
            yield f"{place}: {why}"


def _holds(folder: Path, suffix: str) -> bool:
    return any(folder.glob(f"*{suffix}"))


def _strategies_of(loaded: Loaded) -> ModuleType:
    """Return the module with the strategies, of the runtime that a codec belongs to: ours, or a vendored one.

    Raises ConvertersError if that runtime has none.
    """
    modules = [cls.__module__ for cls in type(loaded.codec).__mro__ if is_runtime(cls.__module__)]
    runtime = modules[0].rpartition(".")[0] if modules else ""
    try:
        return import_module(f"{runtime}.strategies")
    except (ImportError, ValueError) as error:
        raise ConvertersError(
            f"{loaded.name}: its runtime is too old to make test values; vendor it again"
        ) from error


def _writes_pickles(loaded: Loaded) -> bool:
    """Whether the codec writes and reads bare pickles in dual-read: not where all are sealed or signed."""
    codec = loaded.codec.at_stage(Stage.DUAL_READ.value)
    try:
        written = codec.dumps(None)
        codec.loads(written)
    except Exception:  # noqa: BLE001 - a vendored runtime has errors of its own
        return False
    return not is_sealed(written)


def _kept(folder: Path, suffix: str, loaded: Loaded) -> tuple[list[Golden], list[str]]:
    """Return the records that are there already, and a line for each that cannot be read any more."""
    kept: list[Golden] = []
    problems: list[str] = []
    for file in sorted(folder.glob(f"*{suffix}")):
        source = file.with_suffix(".pickle")
        try:
            pickle = source.read_bytes() if source.is_file() else None
            kept.append(golden(loaded.codec, file.read_bytes(), pickle))
        except Exception as error:  # noqa: BLE001 - also what the program's own classes raise
            problems.append(f"{file}: {error}")
    return kept, problems


def _record_edits(root: Path, folder: str, suffix: str, chosen: Sequence[Golden]) -> list[FileEdit]:
    taken = {file.stem for file in (root / folder).glob("*")}
    numbers = (str(n) for n in range(1, len(taken) + len(chosen) + 1) if str(n) not in taken)
    edits: list[FileEdit] = []
    for number, each in zip(numbers, chosen, strict=False):
        edits.append(FileEdit(f"{folder}/{number}{suffix}", None, each.record))
        if each.pickle is not None:
            edits.append(FileEdit(f"{folder}/{number}.pickle", None, each.pickle))
    return edits


def _module_edit(root: Path, output: str, text: bytes, *, force: bool) -> tuple[list[FileEdit], list[str]]:
    """Return the edit of the test module, if there is any, or what keeps it from being made."""
    file = root / output
    before: Any = file.read_bytes() if file.is_file() else None
    if before == text:
        return [], []
    if before is not None and not force and was_edited(before):
        return [], [f"{output}: was edited since it was generated; it stays as it is (--force replaces it)"]
    return [FileEdit(output, before, text)], []
