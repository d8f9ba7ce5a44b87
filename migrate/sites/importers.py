"""Which files of a tree import which: the neighbourhood from which objects can reach a site."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.sites.prefilter import import_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.sites.modules import Modules

_STATEMENT = re.compile(
    rb"(?:^|[;:])[ \t]*"
    rb"(?:from[ \t]+(?P<source>\.*[ \t]*[\w.]*)[ \t]+import[ \t]*(?P<names>\((?:[^)#]|#[^\n]*\n)*\)|[^\n#;]*)"
    rb"|import[ \t]+(?P<plain>[\w., \t]+))",
    re.MULTILINE,
)
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


@frozen
class ImportGraph:
    """Imports among the files of one tree."""

    imports: dict[str, frozenset[str]]
    """Path → paths of the files that it imports."""
    importers: dict[str, frozenset[str]]
    relative: frozenset[str]
    """Files that use explicit relative imports (PEP 328)."""

    @classmethod
    def of(cls, imports: dict[str, frozenset[str]], relative: frozenset[str]) -> ImportGraph:
        """Return the graph of ``imports``, with the importers that follow from it."""
        importers: defaultdict[str, set[str]] = defaultdict(set)
        for path, targets in imports.items():
            for target in targets:
                importers[target].add(path)
        return cls(imports, {path: frozenset(found) for path, found in importers.items()}, relative)

    _connected: dict[str, frozenset[str]] = field(factory=dict, init=False, repr=False, eq=False)
    """What has been found out by `connected`."""

    def neighbourhood(self, path: str, *, steps: int) -> frozenset[str]:
        """Return the files at most ``steps`` imports away from ``path``, in either direction."""
        return next(self.widening(path, (steps,)))

    def widening(self, path: str, steps: Iterable[int]) -> Iterator[frozenset[str]]:
        """Yield the neighbourhood of ``path`` for each number of ``steps``, which are ascending."""
        waves = self._waves(path)
        seen: set[str] = set()
        done = -1
        for most in steps:
            for wave in islice(waves, most - done):
                seen |= wave
            done = most
            yield frozenset(seen)

    def connected(self, path: str) -> frozenset[str]:
        """Return all files that imports connect with ``path``, by however many steps."""
        if path not in self._connected:
            found = frozenset().union(*self._waves(path))
            self._connected.update(dict.fromkeys(found, found))
        return self._connected[path]

    def _waves(self, path: str) -> Iterator[set[str]]:
        """Yield the files 0, 1, 2 … steps away, as long as there are any."""
        seen = {path}
        wave = {path}
        while wave:
            yield wave
            wave = {
                other
                for known in wave
                for other in self.imports.get(known, frozenset()) | self.importers.get(known, frozenset())
            } - seen
            seen |= wave


def import_graph(sources: Mapping[str, bytes], modules: Modules) -> ImportGraph:
    """Read the import statements of every file.

    By text, because one pass over all files must cost less than parsing them. An import inside a string is
    taken for one; that only widens a neighbourhood.
    """
    return changed_graph(ImportGraph({}, {}, frozenset()), sources, sources, modules)


def changed_graph(
    before: ImportGraph, changed: Iterable[str], sources: Mapping[str, bytes], modules: Modules
) -> ImportGraph:
    """Return the graph of ``sources`` where ``before`` holds, but for the files ``changed``.

    It has to be of the same paths, with the same names of modules.
    """
    imports = dict(before.imports)
    relative = set(before.relative)
    for path in changed:
        targets = set()
        relative.discard(path)
        for dotted, level in _imported(sources[path]):
            if level:
                relative.add(path)
            absolute = modules.absolute(path, dotted or None, level)
            target = modules.path_of(absolute, importer=path) if absolute else None
            if target and target != path:
                targets.add(target)
        imports[path] = frozenset(targets)
    return ImportGraph.of(imports, frozenset(relative))


def _imported(source: bytes) -> Iterable[tuple[str, int]]:
    """Yield ``(dotted name, level)`` of every module that ``source`` may import."""
    for match in import_statements(source, _STATEMENT):
        if match["plain"] is not None:
            for dotted in _NAME.findall(match["plain"].decode("utf-8", "replace")):
                yield dotted, 0
            continue
        text = match["source"].decode("utf-8", "replace").replace(" ", "")
        base = text.lstrip(".")
        level = len(text) - len(base)
        yield base, level
        for name in _NAME.findall(match["names"].decode("utf-8", "replace")):
            yield f"{base}.{name}" if base else name, level
