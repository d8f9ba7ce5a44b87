"""From source text to a plan, without a disk."""

from __future__ import annotations

import textwrap

from migrate.evidence import gather
from migrate.model import Decision, Plan, Safety
from migrate.plan import Options, make_plan
from migrate.sites import Modules, find_sites

BOTH = frozenset({Safety.SAFE, Safety.REVIEW})


def plan_of(sources: dict[str, str], **options) -> Plan:
    """Plan a tree that is given as path → text."""
    tree = {path: textwrap.dedent(text).encode() for path, text in sources.items()}
    modules = Modules(tree)
    files = find_sites(tree, modules=modules)
    return make_plan(files, gather(tree, files, modules=modules), tree, modules, Options(**options))


def at(plan: Plan, text: str) -> Decision:
    """Return the only decision whose site begins with ``text``."""
    found = [d for d in plan.decisions if d.site.text.startswith(text)]
    assert len(found) == 1, [d.site.text for d in plan.decisions]
    return found[0]
