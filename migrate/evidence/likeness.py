"""Which class of the tree has certain attributes: a suggestion of what a value may be."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.bynames import COMMON

if TYPE_CHECKING:
    from collections.abc import Set

    from migrate.evidence.inference import Inference

_FEWEST = 2
"""Attributes that it takes: one may be of anything."""


class Likenesses:
    """The classes of one program by their attributes and methods."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def having(self, names: Set[str]) -> tuple[str, ...]:
        """Return the key of the one class, or root of one family, that has all of ``names``; else nothing.

        Names that values of the standard library have tell nothing.
        """
        telling = sorted(name for name in names if name not in COMMON and not name.startswith("__"))
        if len(telling) < _FEWEST:
            return ()
        found = set.intersection(*(self._by_name.get(name, set()) for name in telling))
        roots = [key for key in found if not found & set(self._inference.lineage(key)[1:])]
        return tuple(roots) if len(roots) == 1 else ()

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for key, nodes in self._inference.program.classes.items():
            if nodes[-1].local:
                continue
            for owner in self._inference.lineage(key):
                names = {name for node in self._inference.nodes(owner) for name in node.scope.names}
                for name in names.union(self._inference.field_names(owner)):
                    found[name].add(key)
        return found
