"""``pickle-migrate retire``: takes the tool out of a program that has left pickle."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from migrate.cli.configuration import path_argument, tree_options
from migrate.cli.gathering import evidence_options
from migrate.cli.ourselves import refuse_ourselves
from migrate.cli.show import console, table, write_diff
from migrate.cli.stage import stores_below
from migrate.model.wording import counted
from migrate.plan import VENDOR_FOLDER
from migrate.review.diff import unified_diff
from migrate.rewrite import apply
from migrate.rollout.dependencies import replaced
from migrate.rollout.retire import Retired, RetireError, retire
from migrate.sites import find_sites
from migrate.sites.defaults import is_channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrate.cli.stages_shown import Evidence
    from migrate.model import FileEdit
    from migrate.rollout.conditions import Condition
    from migrate.rollout.stores import Store

_PROJECT_FILES = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Pipfile",
    "requirements*.txt",
    "requirements*.in",
)


@click.command()
@path_argument(default=".")
@tree_options
@click.option("--write", is_flag=True, help="Change the files (default: print the diff).")
@click.option(
    "--package",
    default="records",
    show_default=True,
    help="The folder for what reads and writes records, made beside the converters module.",
)
@click.option(
    "--unwatched", is_flag=True, help="Do not ask for telemetry: a script that runs where nobody counts."
)
@evidence_options
def command(
    path: Path, package: str, known: Evidence, *, write: bool, unwatched: bool, as_json: bool
) -> None:
    """Take this tool out of the program below PATH, which has left pickle.

    The converters stay, with everything that was written by them readable. What they need to read and write
    records is put beside them as a package of your own, which needs cattrs and msgspec. Stages, telemetry and
    the reading of pickles go, and the requirement of this tool in the project's files.

    Refuses, and exits with 1, while pickles remain: every store must begin in json-only, no running program
    may have met a pickle in the window, and --stock must hold none, sealed ones included.
    """
    if not package.isidentifier():
        raise click.BadParameter(f"{package!r} cannot name a package", param_hint="--package")
    stores, sources = stores_below(path)
    root = path if path.is_dir() else path.parent
    if write:
        refuse_ourselves(root, sources)
    found = {
        f"{store.name}, {store.path}:{store.line}": known.retirement(store, watched=not unwatched)
        for store in stores
    }
    holds = all(condition.holds for condition in chain.from_iterable(found.values()))
    retired = _retired(path, stores, sources, package) if holds else Retired((), ())
    edits = [*retired.new, *retired.edits]  # so that what is imported is there before it is imported
    applied = apply(root, edits) if write and edits else None
    if as_json:
        click.echo(json.dumps(_document(found, edits, written=bool(applied and applied.written)), indent=2))
    else:
        write_diff(unified_diff(retired.edits))
    _print_gate(found)
    out = console(stderr=True)
    for problem in applied.problems if applied else ():
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    if not holds or (applied and applied.problems):
        out.print("Nothing was changed: this program has not left pickle yet." if not holds else "")
        raise SystemExit(1)
    _print_rest(path, retired, sources, written=applied is not None)


def _retired(path: Path, stores: list[Store], sources: Mapping[str, bytes], package: str) -> Retired:
    try:
        found = retire(stores, sources, package)
    except RetireError as error:
        raise click.ClickException(str(error)) from error
    root = path if path.is_dir() else path.parent
    texts = {
        file.name: file.read_bytes() for pattern in _PROJECT_FILES for file in sorted(root.glob(pattern))
    }
    return Retired((*replaced(texts), *found.edits), found.new, found.folder)


def _document(
    found: Mapping[str, tuple[Condition, ...]], edits: list[FileEdit], *, written: bool
) -> dict[str, Any]:
    return {
        "version": 1,
        "holds": all(condition.holds for condition in chain.from_iterable(found.values())),
        "written": written,
        "stores": {
            store: [{"name": c.name, "holds": c.holds, "says": c.says} for c in conditions]
            for store, conditions in found.items()
        },
        "changed": [edit.path for edit in edits if edit.before is not None],
        "new": [edit.path for edit in edits if edit.before is None],
    }


def _print_gate(found: Mapping[str, tuple[Condition, ...]]) -> None:
    out = console(stderr=True)
    for store, conditions in found.items():
        rows = [("holds" if c.holds else "OPEN", c.name, c.says) for c in conditions]
        out.print(table(("", "to retire", "found"), rows, title=store))


def _print_rest(path: Path, retired: Retired, sources: Mapping[str, bytes], *, written: bool) -> None:
    """Say what the diff does not show, and what is left to do."""
    out = console(stderr=True)
    size = sum(len(edit.after) for edit in retired.new)
    out.print(
        f"{counted(len(retired.new), 'new file')} in {retired.folder}/ ({size:,} bytes): "
        "what reads and writes records."
    )
    for place in sorted(path.rglob(VENDOR_FOLDER)) if path.is_dir() else ():
        out.print(f"Nothing imports {place} any more; remove that folder.")
    files = find_sites(sources).values()
    left = Counter(site.path for file in files for site in file.sites if not is_channel(site))
    if left:
        uses = f"{counted(left.total(), 'use')} of pickle {'is' if left.total() == 1 else 'are'} left"
        out.print(f"{uses} in the code (pickle-migrate scan {path}).")
    if written:
        out.print(f"Undo: pickle-migrate undo {path}")
    else:
        out.print("Nothing was changed. Apply with --write.")
