"""``pickle-migrate observe``: what passes through the sites while a program runs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from migrate.cli.configuration import root_option, tree_options
from migrate.cli.pipeline import read_observed, read_sites
from migrate.cli.show import console
from migrate.evidence.notes import Gaps, joined
from migrate.evidence.observed import ObservedFile, dump_observed
from migrate.evidence.observing import run_watched
from migrate.model.wording import counted

_SHOWN = 5


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@tree_options
@root_option
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("pickle-migrate.observed.json"),
    show_default=True,
    help="Where to write what was seen; an earlier file of this kind is replaced.",
)
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def command(root: Path, out: Path, program: tuple[str, ...]) -> None:
    """Run COMMAND, a program of yours, and write down which types pass through its pickle calls.

    The program runs as it always does, and its own pickles are loaded as it always loads them. Names of
    classes, attributes and types are written, never values. `scan`, `rewrite` and `review` take the file with
    --observed. Exits with the exit code of COMMAND.
    """
    _check(out)
    try:
        run = run_watched(program, root)
    except OSError as error:
        raise click.UsageError(f"{program[0]} cannot be started: {error.strerror}") from error
    seen, gaps = joined(run.lines, read_sites(root))
    try:
        out.write_bytes(dump_observed(seen))
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from error
    _report(seen, gaps, out, root)
    raise SystemExit(run.code)


def _check(out: Path) -> None:
    """Refuse a place that cannot be written, or where a file of another kind is, before anything runs."""
    if out.exists():
        read_observed(out)
    if not os.access(out if out.exists() else out.absolute().parent, os.W_OK):
        raise click.UsageError(f"{out} cannot be written; say with --out where to")


def _report(seen: ObservedFile, gaps: Gaps, out: Path, root: Path) -> None:
    show = console(stderr=True)
    sites = {place.site for place in seen.places if place.site}
    calls = sum(place.calls for place in seen.places)
    show.print(
        f"Observed: {counted(calls, 'call')} at {counted(len(sites), 'site')}, "
        f"{counted(len(seen.classes), 'class', 'classes')}, "
        f"in {counted(gaps.processes, 'Python process', 'Python processes')}. Written: {out}"
    )
    if not gaps.processes:
        show.print("No Python process came by the watch. A program run with -I or -E cannot be watched.")
    for path, line, function in gaps.unplaced[:_SHOWN]:
        show.print(f"{path}:{line}: {function} was called here, and no site stands here by itself.")
    if len(gaps.unplaced) > _SHOWN:
        show.print(f"… and at {counted(len(gaps.unplaced) - _SHOWN, 'more such place')}.")
    if gaps.elsewhere and not sites:
        most = sorted(gaps.elsewhere, key=lambda name: (-gaps.elsewhere[name], name))[:_SHOWN]
        show.print("The tree is")
        show.print(f"  {root.resolve()}", soft_wrap=True)
        show.print("and all calls came from files outside of it:")
        for name in most:
            show.print(f"  {name}", soft_wrap=True)
    for trouble in gaps.troubles:
        show.print(f"Note: {trouble}.")
    if sites:
        show.print(f"Next: pickle-migrate review {root} --observed {out}")
