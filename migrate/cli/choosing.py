"""The options by which `rewrite` and `review` choose sites, and the decisions file they obey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from attrs import evolve

from migrate.model import Safety
from migrate.review.decisions import (
    EVERYTHING,
    DecisionsError,
    Entry,
    Matched,
    Stale,
    Verdict,
    match_decisions,
    parse_decisions,
)
from migrate.review.planning import overridden
from migrate.review.selection import Selection, SelectionError, choose, selected_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.cli.pipeline import Survey
    from migrate.plan import Options

F = TypeVar("F", bound="Callable[..., None]")

_OPTIONS = (
    click.option(
        "--include",
        type=click.Choice(["safe", "review"]),
        default="safe",
        show_default=True,
        help="'review' also applies the edits that ask a question.",
    ),
    click.option(
        "--only", type=click.Choice(["safe", "review"]), help="Apply edits of this safety and no others."
    ),
    click.option(
        "--site",
        "sites",
        multiple=True,
        metavar="ID",
        help="Only this site: id or PATH:LINE (repeatable).",
    ),
    click.option(
        "--reason",
        "reasons",
        multiple=True,
        metavar="CODE",
        help="Only sites with this code (repeatable).",
    ),
    click.option(
        "--class",
        "classes",
        multiple=True,
        metavar="NAME",
        help="Only sites through which this class flows (repeatable).",
    ),
    click.option(
        "--decisions",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Obey the decisions in this file: what is rejected stays, what is accepted is applied.",
    ),
)


_MEANWHILE = {
    Verdict.ACCEPT: "It does not count",
    Verdict.REJECT: "It stays rejected",
    Verdict.UNDECIDED: "Nothing was decided",
}


def selection_options(function: F) -> F:
    """Add the options to a command; they arrive as keyword arguments of `chosen`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def selected(
    found: Survey,
    *,
    only: str | None,
    sites: tuple[str, ...],
    reasons: tuple[str, ...],
    classes: tuple[str, ...],
) -> frozenset[str]:
    """Return the ids of the sites that the options name in a plan that includes everything.

    Raises `click.UsageError` when an option names what is not there.
    """
    selection = Selection(EVERYTHING, Safety(only) if only else None, sites, reasons, classes)
    try:
        return selected_sites(selection, found.plan.decisions, found.gathered.flows)
    except SelectionError as error:
        raise click.UsageError(str(error)) from error


def chosen(
    found: Survey,
    *,
    include: str,
    only: str | None,
    sites: tuple[str, ...],
    reasons: tuple[str, ...],
    classes: tuple[str, ...],
    decisions: Path | None,
) -> tuple[Survey, Matched]:
    """Plan ``found`` anew with what the options say; also return the decisions as they were matched.

    Raises `click.UsageError` when an option or the file names what is not there.
    """
    if not (only or sites or reasons or classes or decisions or found.decided):
        if found.options.include == included(include):
            return found, Matched()
        return found.replanned(evolve(found.options, include=included(include))), Matched()
    full = found.replanned(evolve(found.options, include=EVERYTHING))
    decided = match_decisions(all_decisions(found, decisions), full.plan.decisions)
    selection = Selection(
        included(include),
        Safety(only) if only else None,
        sites,
        reasons,
        classes,
        decided,
    )
    try:
        choice = choose(selection, full.plan.decisions, found.gathered.flows)
    except SelectionError as error:
        raise click.UsageError(str(error)) from error
    options: Options = evolve(
        found.options, include=choice.include, accepted=choice.accepted, held=choice.held
    )
    return found.replanned(options), decided


def included(include: str) -> frozenset[Safety]:
    """Return the safeties that ``--include`` means."""
    return EVERYTHING if include == "review" else frozenset({Safety.SAFE})


def all_decisions(found: Survey, decisions: Path | None) -> list[Entry]:
    """Return the decisions of the plan file and of the file ``decisions``, which counts for more."""
    return overridden(found.decided, read_decisions(decisions) if decisions else ())


def read_decisions(path: Path) -> list[Entry]:
    """Read a decisions file. Raises `click.UsageError` if it is none, with the place of the fault."""
    try:
        return parse_decisions(path.read_bytes())
    except (DecisionsError, OSError) as error:
        raise click.UsageError(f"{path} {error}") from error


def stale_lines(stale: Iterable[Stale]) -> list[str]:
    """Say which decisions no longer fit, in a line each; those about sites that are gone in one line."""
    changed = [s.entry for s in stale if not s.gone]
    gone = [s.entry for s in stale if s.gone]
    lines = [
        f"Stale decision: {e.path}:{e.line} ({e.verdict.value}): the site, its question or what flows there "
        f"has changed since. {_MEANWHILE[e.verdict]}; look again."
        for e in changed
    ]
    if gone:
        places = ", ".join(f"{e.path}:{e.line}" for e in gone[:5]) + (" …" if len(gone) > 5 else "")
        lines.append(
            f"Decisions about sites that are gone (rewritten, removed or moved): {len(gone)} ({places})."
        )
    return lines
