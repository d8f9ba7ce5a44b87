"""``pickle-migrate stage``: where each store stands, and the next step or the one back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli.configuration import chosen_files, path_argument, tree_options
from migrate.cli.gathering import evidence_options
from migrate.cli.output import write_output
from migrate.cli.show import console, table, write_diff
from migrate.cli.stages_shown import print_conditions, print_store, row, shown_store
from migrate.model import FileEdit
from migrate.plan import VENDOR_FOLDER
from migrate.review.diff import unified_diff
from migrate.rewrite import apply
from migrate.rollout.gates import Gate, together
from migrate.rollout.move import MoveError, move
from migrate.rollout.stores import Store, find_stores, next_stage, stage_before
from migrate.runtime import Stage
from migrate.sites.tree import read_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.cli.stages_shown import Evidence

_FOLDER = ".pickle-migrate"


def _move_options(command: Callable[..., None]) -> Callable[..., Any]:
    for option in (
        click.option("--evidence", "where", type=click.Path(path_type=Path), help="The evidence file."),
        click.option("--write", is_flag=True, help="Change the file (default: print the diff)."),
        click.option("--store", "name", help="The store to move (default: the only one)."),
    ):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show where each store stands in the rollout, or move it.

    Alone, this is `stage show` of the current folder.
    """
    if ctx.invoked_subcommand is None:
        with show.make_context("show", [], parent=ctx) as sub:
            show.invoke(sub)


@command.command()
@path_argument(default=".")
@tree_options
@evidence_options
def show(path: Path, known: Evidence, *, as_json: bool) -> None:
    """Show every store below PATH: its stage, what programs counted, and what keeps it from the next."""
    stores, _ = stores_below(path)
    steps = [_next_step(store, known) for store in stores]
    if as_json:
        shown = [
            shown_store(store, known) | {"next": None if step is None else known.document(step)}
            for store, step in zip(stores, steps, strict=True)
        ]
        click.echo(json.dumps({"version": 1, "stores": shown}, indent=2, ensure_ascii=False))
        return
    rows = [row(store, step, known) for store, step in zip(stores, steps, strict=True)]
    console().print(table(("store", "in code", "running", "next", "gate"), rows))
    for store, step in zip(stores, steps, strict=True):
        print_store(store, step, known)


@command.command("next")
@path_argument(default=".")
@tree_options
@_move_options
@evidence_options
def forward(
    path: Path, name: str | None, where: Path | None, known: Evidence, *, write: bool, as_json: bool
) -> None:
    """Move the default in code of a store to the next stage, if its gate holds.

    Prints the diff on standard output and what was found on standard error. Exits with 1 if the gate does not
    hold, and changes nothing then.
    """
    store, stores, sources = _one(path, name)
    before = _in_code(store)
    after = next_stage(before)
    if after is None:
        raise click.ClickException(f"{store.name!r} is in {before.value}, the last stage")
    followers = [known.gate(other, before, after) for other in _followers(store, stores)]
    step = together(known.gate(store, before, after), followers)
    edits = [_edit(store, after, sources)] if step.holds else []
    _finish(path, step, known, edits, write=write, where=where, as_json=as_json)
    if not step.holds:
        raise SystemExit(1)


@command.command("back")
@path_argument(default=".")
@tree_options
@_move_options
@evidence_options
def back(
    path: Path, name: str | None, where: Path | None, known: Evidence, *, write: bool, as_json: bool
) -> None:
    """Move the default in code of a store one stage back, which needs no gate.

    Each stage reads what the next one wrote. Quicker than a release is the settings file, or the environment.
    """
    store, _, sources = _one(path, name)
    before = _in_code(store)
    after = stage_before(before)
    if after is None:
        raise click.ClickException(
            f"{store.name!r} is in {before.value}, the first stage; "
            "`pickle-migrate undo` takes the rewrite back"
        )
    step = Gate(store.name, before, after, ())
    edits = [_edit(store, after, sources)]
    _finish(path, step, known, edits, write=write, where=where, as_json=as_json)
    if after is Stage.OBSERVE:
        console(stderr=True).print(
            "In observe, pickles are executed when they are read, as before the rewrite."
        )


def stores_below(path: Path) -> tuple[list[Store], dict[str, bytes]]:
    """Return the stores below ``path``, and the sources; raises ClickException when there is no store."""
    selection = chosen_files()
    tree = read_tree(path, wanted=selection.wants, gitignore=selection.gitignore)
    sources = {name: text for name, text in tree.sources.items() if VENDOR_FOLDER not in name.split("/")}
    stores, problems = find_stores(sources)
    for problem in (*tree.problems, *problems):
        console(stderr=True).print(f"{problem.path}: {problem.message} ({problem.reason})")
    if not stores:
        raise click.ClickException(
            f"no store below {path}: no module makes a Codec of migrate.runtime; "
            "`rewrite --write` generates one"
        )
    return stores, sources


def _followers(store: Store, stores: list[Store]) -> list[Store]:
    """Return the stores that move with ``store``, because they name no stage of their own."""
    found = [other for other in stores if (other.path, other.follows) == (store.path, store.name)]
    return found + [further for other in found for further in _followers(other, stores)]


def _one(path: Path, name: str | None) -> tuple[Store, list[Store], dict[str, bytes]]:
    stores, sources = stores_below(path)
    names = sorted({store.name for store in stores})
    if name is None and len(names) > 1:
        raise click.UsageError(f"which store? --store {' or --store '.join(names)}")
    found = [store for store in stores if name in (None, store.name)]
    if not found:
        raise click.BadParameter(
            f"{name!r} is no store here; there are {', '.join(names)}", param_hint="--store"
        )
    if len(found) > 1:
        places = ", ".join(f"{store.path}:{store.line}" for store in found)
        raise click.ClickException(f"{found[0].name!r} is declared in several places: {places}")
    return found[0], stores, sources


def _in_code(store: Store) -> Stage:
    if store.stage is None:
        raise click.ClickException(
            f"{store.path}:{store.line}: the stage of {store.name!r} is computed, or the file is not UTF-8; "
            "move it by hand, by a settings file, or by the environment"
        )
    return store.stage


def _edit(store: Store, stage: Stage, sources: dict[str, bytes]) -> FileEdit:
    try:
        return move(store, stage, sources[store.path])
    except MoveError as error:
        raise click.ClickException(str(error)) from error


def _next_step(store: Store, evidence: Evidence) -> Gate | None:
    after = None if store.stage is None else next_stage(store.stage)
    return None if store.stage is None or after is None else evidence.gate(store, store.stage, after)


def _finish(
    path: Path,
    step: Gate,
    known: Evidence,
    edits: list[FileEdit],
    *,
    write: bool,
    where: Path | None,
    as_json: bool,
) -> None:
    """Print, and with ``write`` change the file and keep the evidence, both or neither."""
    root = path if path.is_dir() else path.parent
    found = known.document(step)
    out = console(stderr=True)
    if write and edits and where is None:
        where = root / _FOLDER / "evidence" / f"{_file_name(step)}.json"
    proof = [] if where is None else [_evidence_edit(root, where, found)]
    applied = apply(root, [*proof, *edits]) if write and edits else None
    if applied is None and where is not None:
        where.parent.mkdir(parents=True, exist_ok=True)
        write_output(where, proof[0].after)
    if as_json:
        click.echo(
            json.dumps(found | {"written": bool(applied and applied.written)}, indent=2, ensure_ascii=False)
        )
    else:
        write_diff(unified_diff(edits))
    print_conditions(step, stderr=True)
    for problem in applied.problems if applied else ():
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    if applied and applied.problems:
        raise SystemExit(1)
    if where is not None:
        out.print(f"Evidence: {where}")
    if not edits:
        out.print(f"{step.store} stays in {step.before.value}: the gate to {step.after.value} does not hold.")
    elif applied:
        out.print(f"{step.store} begins in {step.after.value} from the next release on.")
        out.print(f"Undo: pickle-migrate undo {path}")
    else:
        out.print("Nothing was changed. Apply with --write.")


def _evidence_edit(root: Path, where: Path, found: dict[str, Any]) -> FileEdit:
    """Return the edit that writes the evidence; it goes the same way as that of the code."""
    full, top = where.resolve(), root.resolve()
    name = (full.relative_to(top) if full.is_relative_to(top) else full).as_posix()
    try:
        before = full.read_bytes()
    except FileNotFoundError:
        before = None
    except OSError as error:
        raise click.ClickException(f"{where} cannot be written: {error.strerror}") from error
    return FileEdit(name, before, (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode())


def _file_name(step: Gate) -> str:
    name = re.sub(r"[^\w.-]", "_", step.store)
    return f"{name}-{step.before.value}-to-{step.after.value}"
