"""Imports of pickle that other files take: who still takes them after the rewrite, and what to do then.

# shop/compat.py                            # shop/store.py, before
try:                                        from shop.compat import pickle
    import cPickle as pickle
except ImportError:
    import pickle
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrate.model import Decision
    from migrate.sites.importers import ImportGraph

_REMOVE = "remove it when nothing outside the tree takes it"


def say_who_takes(
    decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> dict[str, tuple[Decision, ...]]:
    """Return the decisions with a word on each re-export: who still needs it, or that it may go."""
    return {
        path: tuple(
            evolve(d, why=_why(d, decided, imports)) if d.site.reason == "re-export" else d for d in decisions
        )
        for path, decisions in decided.items()
    }


def _why(reexport: Decision, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph) -> str:
    if reexport.site.spare:
        return f"nothing in the tree takes `{reexport.site.binding}` from here; {_REMOVE}"
    users = list(_users(reexport, decided, imports))
    staying = next((d.site for d in users if not d.apply), None)
    if staying is not None:
        return f"{staying.place} takes `{reexport.site.binding}` from here and stays for now"
    return f"what takes `{reexport.site.binding}` in the tree is rewritten; {_REMOVE}" if users else ""


def _users(
    reexport: Decision, decided: Mapping[str, tuple[Decision, ...]], imports: ImportGraph
) -> Iterator[Decision]:
    """Yield the decisions on sites that reach pickle by the name, in files that import this one."""
    for path in sorted(imports.importers.get(reexport.site.path, ())):
        for decision in decided.get(path, ()):
            if reexport.site.binding in decision.site.binding.split("."):
                yield decision
