"""Which files evidence is gathered from: all, or in a tree beyond a limit those nearest to the sites.

What a place can hold follows from all that may reach it, so every file counts; and the syntax of every file
has to be kept while equations are solved, some twenty times the bytes of its source. Beyond the limit the
files are taken in the order of their distance to a site, in imports either way. What was not found in them is
then no proof that there is none: see `migrate.evidence.openness`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.sites.contents import sizes
from migrate.sites.importers import import_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.sites.importers import ImportGraph
    from migrate.sites.modules import Modules

LIMIT = 32
"""Megabytes of source (of 10^6 bytes) that evidence is gathered from unless something else is said."""


def exceeds(sources: Mapping[str, bytes], limit: float) -> bool:
    """Whether ``sources`` are more than ``limit`` megabytes; 0 is no limit."""
    return limit > 0 and sum(sizes(sources).values()) > limit * 1e6


def nearest(
    sources: Mapping[str, bytes],
    modules: Modules,
    starts: Iterable[str],
    limit: float,
    imports: ImportGraph | None = None,
) -> Mapping[str, bytes]:
    """Return ``sources``, or the files nearest to those at ``starts`` that ``limit`` megabytes hold.

    The files at ``starts`` are among them in any case. ``imports`` are read if they are not given. The order
    of files makes no difference.
    """
    if not exceeds(sources, limit):
        return sources
    imports = imports or import_graph(sources, modules)
    size = sizes(sources)
    seen = set(starts) & sources.keys()
    left = limit * 1e6 - sum(size[path] for path in seen)
    wave = sorted(seen)
    while wave:
        further = {
            other
            for path in wave
            for other in imports.imports.get(path, frozenset()) | imports.importers.get(path, frozenset())
        }
        wave = []
        for path in sorted(further - seen):
            left -= size[path]
            if left < 0:
                return {path: sources[path] for path in sources if path in seen}
            seen.add(path)
            wave.append(path)
    return {path: sources[path] for path in sources if path in seen}
