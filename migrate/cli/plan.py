"""``pickle-migrate plan``: what is known of sites and classes, as a file that a person corrects."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrate.cli.configuration import (
    cache_option,
    converters_option,
    observed_option,
    path_argument,
    tree_options,
    types_option,
)
from migrate.cli.patching import owners_around
from migrate.cli.pipeline import read_plan, survey, types_lines
from migrate.cli.show import console
from migrate.model.wording import counted
from migrate.plan import Options
from migrate.review.decisions import EVERYTHING, Verdict
from migrate.review.planfile import PlanFile, dump_plan, foreign_comments
from migrate.review.planning import draft, obey, updated
from migrate.rewrite.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXISTING = click.Path(exists=True, path_type=Path)
_SHOWN = 40


@click.command()
@path_argument(default=Path())
@tree_options
@cache_option
@types_option
@converters_option
@click.option(
    "--data", multiple=True, type=_EXISTING, help="Stored pickles to learn classes from (repeatable)."
)
@observed_option
@click.option(
    "-o",
    "--out",
    "plan",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("pickle-migrate.plan.toml"),
    show_default=True,
    help="The file; JSON if it is called so. One that is there keeps its edits.",
)
def command(path: Path, data: tuple[Path, ...], observed: tuple[Path, ...], plan: Path) -> None:
    """Write what is known of the sites and classes below PATH (default: here) to a file to be edited.

    `rewrite` and `review` obey the file (--plan, or `plan` in the configuration): types and names of classes,
    and the decision on each site. A further run keeps the edits and prints what has changed.
    """
    as_json = plan.suffix == ".json"
    before = read_plan(plan) if plan.exists() else None
    found = survey(path, Options(include=EVERYTHING), data, observed)
    made = draft(found.plan, found.gathered.graph, owners_around(found.root))
    changes: list[str] = []
    if before is not None:
        made, changes = updated(before, made, found.tree.stored)
    contradictions = obey(made, found.gathered.graph, plan.name).lines
    old = plan.read_bytes() if before is not None else b""
    new = dump_plan(made, as_json=as_json)
    try:
        lost = 0 if as_json else foreign_comments(old)
        if lost:
            plan.with_name(f"{plan.name}.old").write_bytes(old)
        if new != old:
            write_atomically(plan, new)
    except OSError as error:
        raise click.ClickException(f"{plan} cannot be written: {error.strerror}") from error
    _report(made, changes, [*contradictions, *found.notes, *types_lines(found)], plan, path, lost)


def _report(
    made: PlanFile, changes: Sequence[str], contradictions: Sequence[str], plan: Path, path: Path, lost: int
) -> None:
    out = console(stderr=True)
    for line in [*changes[:_SHOWN], *contradictions]:
        out.print(line)
    if len(changes) > _SHOWN:
        out.print(f"… and {counted(len(changes) - _SHOWN, 'more change')}.")
    if lost:
        kept = f"the file with them is {plan}.old"
        out.print(f"Comments are not kept, only `comment`: {counted(lost, 'line')}; {kept}.")
    sites = [site for site in made.sites.values() if not site.gone]
    safety = Counter(site.safety for site in sites)
    decided = sum(site.decision is not Verdict.UNDECIDED for site in sites)
    counts = ", ".join(f"{safety[name]} {name}" for name in ("safe", "review", "manual"))
    out.print(
        f"Plan: {counted(len(sites), 'site')} ({counts}; {decided} decided), "
        f"{counted(len(made.classes), 'class', 'classes')}. "
        f"Written: {plan}"
    )
    out.print(f"Next: edit it, then pickle-migrate rewrite {path} --plan {plan}")
