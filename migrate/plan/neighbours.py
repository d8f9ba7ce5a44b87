"""Which classes could flow through a site of which it is not known: those of the files around it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from migrate.evidence.examples import is_example
from migrate.model import Kind
from migrate.sites import is_test
from migrate.sites.libraries import thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.model import ClassSchema, Site
    from migrate.sites.importers import ImportGraph

_LIMIT = 500
"""Classes; they take a line each, and a longer list nobody reads."""
_STEPS = (0, 1, 2, 4, 8)
_NOT_STORED = {"unittest.TestCase", "unittest.case.TestCase", "typing.Protocol", "typing_extensions.Protocol"}


class Neighbours:
    """The classes around each site of one tree. Many sites share a file, and many files their neighbours."""

    def __init__(self, graph: Mapping[str, ClassSchema], imports: ImportGraph) -> None:
        self._imports = imports
        self._classes: defaultdict[str, list[ClassSchema]] = defaultdict(list)
        for schema in graph.values():
            if _storable(schema):
                self._classes[schema.path].append(schema)
        self._found: dict[tuple[str, bool], frozenset[str]] = {}

    def of(self, site: Site) -> frozenset[str]:
        """Return the keys of the classes of the widest neighbourhood that is narrow enough to be of use.

        Classes with methods for pickle were written to be stored: they count however far away they are. Those
        of tests, examples and documentation count for sites of such files only.
        """
        place = (site.path, site.in_test or is_example(site.path))
        if place not in self._found:
            self._found[place] = frozenset({*self._nearest(*place), *self._meant(*place)})
        return self._found[place]

    def _nearest(self, path: str, apart: bool) -> list[str]:
        best: list[str] = []
        for paths in self._imports.widening(path, _STEPS):
            found = [schema.key for schema in self._in(paths, apart)]
            if len(found) > _LIMIT:
                break
            best = found
        return best

    def _meant(self, path: str, apart: bool) -> list[str]:
        connected = self._imports.connected(path)
        return [schema.key for schema in self._in(connected, apart) if schema.hooks]

    def _in(self, paths: Iterable[str], apart: bool) -> list[ClassSchema]:
        return [
            schema
            for path in paths
            if path in self._classes and (apart or not (is_test(path) or is_example(path)))
            for schema in self._classes[path]
        ]


def _storable(schema: ClassSchema) -> bool:
    return (
        schema.picklable
        and schema.kind not in (Kind.TYPED_DICT, Kind.EXCEPTION)
        and not _NOT_STORED & set(schema.bases)
        and not any(found.pickles for base in schema.bases if (found := thing(base)))
        and not schema.name.startswith("Test")
    )
