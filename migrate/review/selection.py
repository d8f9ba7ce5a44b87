"""Which sites a run is about: what the options and the decisions file say, as a choice for the plan."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.model import REASONS, Operation, Safety
from migrate.plan import Choice, lasting
from migrate.review.decisions import Matched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.evidence import Flow
    from migrate.model import Decision

_SHORTEST = 6
"""Characters of an id that are enough to name a site."""
_FOLLOWERS = frozenset({Operation.ERROR, Operation.CONSTANT})


class SelectionError(ValueError):
    """An option names something that is not there; the message says what is."""


@frozen
class Selection:
    """What the options of a run name. Nothing named selects everything."""

    include: frozenset[Safety] = frozenset({Safety.SAFE})
    only: Safety | None = None
    sites: tuple[str, ...] = ()
    """Ids, beginnings of ids, or ``path:line``."""
    reasons: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """``Name``, ``Outer.Name`` or ``module:Name``."""
    decided: Matched = field(factory=Matched)


def choose(selection: Selection, proposed: Sequence[Decision], flows: Mapping[str, Flow]) -> Choice:
    """Return what is to be applied.

    ``proposed`` are the decisions of a plan that includes everything. Raises `SelectionError` if an option
    names no site, no class that flows anywhere, or no reason code.
    """
    selected = selected_sites(selection, proposed, flows)
    held = dict.fromkeys(_unselected(proposed, selected), "not-selected")
    held |= dict.fromkeys(selection.decided.rejected, "rejected")
    accepted = {
        d.site.id: lasting(d.question or "") for d in proposed if d.site.id in selection.decided.accepted
    }
    include = selection.include if selection.only is None else frozenset({selection.only})
    return Choice(include, {} if selection.only is Safety.SAFE else accepted, held)


def find_sites(name: str, decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions of the sites that ``name`` means: an id, the beginning of one, or ``path:line``.

    Raises `SelectionError` if there are none.
    """
    decisions = list(decisions)
    path, _, line = name.rpartition(":")
    if path and line.isdecimal():
        path = path.removeprefix("./")
        found = [
            d
            for d in decisions
            if d.site.path == path and d.site.span.line <= int(line) <= d.site.span.end_line
        ]
    else:
        found = [d for d in decisions if len(name) >= _SHORTEST and d.site.id.startswith(name)]
        if len({d.site.id for d in found}) > 1:
            raise SelectionError(f"{name!r} is the beginning of more than one site's id; write more of it")
    if not found:
        known = [f"{d.site.path}:{d.site.span.line}" for d in decisions] + [d.site.id for d in decisions]
        raise SelectionError(f"there is no site {name!r}.{_hint(name, known)}")
    return found


def selected_sites(
    selection: Selection, proposed: Sequence[Decision], flows: Mapping[str, Flow]
) -> frozenset[str]:
    """Return the ids of the sites that every kind of option names; raises as `choose`."""
    chosen = {d.site.id for d in proposed}
    if selection.sites:
        chosen &= {d.site.id for name in selection.sites for d in find_sites(name, proposed)}
    if selection.reasons:
        chosen &= {d.site.id for d in proposed if d.reason in _known_codes(selection.reasons)}
    if selection.classes:
        chosen &= {site for name in selection.classes for site in _with_class(name, flows)}
    if selection.only is not None:
        chosen &= {d.site.id for d in proposed if d.safety is selection.only}
    return frozenset(chosen)


def _unselected(proposed: Sequence[Decision], selected: frozenset[str]) -> list[str]:
    """Return the ids to be left. Handlers and constants go along with a call of their file."""
    files = {d.site.path for d in proposed if d.site.id in selected and d.site.operation not in _FOLLOWERS}
    return [
        d.site.id
        for d in proposed
        if d.site.id not in selected and not (d.site.operation in _FOLLOWERS and d.site.path in files)
    ]


def _known_codes(codes: Iterable[str]) -> frozenset[str]:
    for code in codes:
        if code not in REASONS:
            raise SelectionError(f"there is no reason code {code!r}.{_hint(code, REASONS)}")
    return frozenset(codes)


def _with_class(name: str, flows: Mapping[str, Flow]) -> set[str]:
    sites = {site for site, flow in flows.items() if any(_means(name, key) for key in flow.classes)}
    if not sites:
        known = {key for flow in flows.values() for key in flow.classes}
        names = sorted({*known, *(key.partition(":")[2] for key in known)})
        raise SelectionError(f"no class {name!r} is known to flow through any site.{_hint(name, names)}")
    return sites


def _means(name: str, key: str) -> bool:
    qualname = key.partition(":")[2]
    return name in (key, qualname, qualname.rpartition(".")[2], key.replace(":", "."))


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else " `scan --json` lists them."
