"""Which files of a tree import which, kept in the user's cache directory.

An entry is named by the place of the tree, and holds a digest of each file. Only files that have changed are
read again, unless there are others than before, or modules are called otherwise.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from migrate.cli.remembered import SMALLEST, load, place_of, store
from migrate.sites.contents import DIGEST, digests
from migrate.sites.importers import ImportGraph, changed_graph, import_graph
from migrate.sites.modules import Modules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KIND = "imports"


class _Entry(msgspec.Struct, array_like=True):
    package: str
    naming: list[tuple[str, str]]
    paths: list[str]
    digests: bytes
    imports: list[list[int]]
    """For each of ``paths``, those of the files that it imports."""
    relative: list[int]


def modules_and_imports(
    sources: Mapping[str, bytes], root: Path, *, package: str, keep: bool
) -> tuple[Modules, ImportGraph]:
    """Return the modules of a tree and what they import, from what was kept where that holds.

    ``package`` is the name of the ``root``; ``keep`` what is found. Raises nothing.
    """
    if not keep or len(sources) < SMALLEST:
        modules = Modules(sources, package=package)
        return modules, import_graph(sources, modules)
    found = digests(sources)
    kept = _load(root)
    if kept is None or kept.paths != list(sources) or kept.package != package:
        modules = Modules(sources, package=package)
        imports = import_graph(sources, modules)
    else:
        changed = [
            path
            for number, (path, digest) in enumerate(found.items())
            if digest != kept.digests[number * DIGEST : (number + 1) * DIGEST]
        ]
        if not changed:
            return Modules(sources, package=package, naming=tuple(kept.naming)), _graph(kept)
        modules = Modules(sources, package=package)
        same = modules.naming() == tuple(kept.naming)
        imports = (
            changed_graph(_graph(kept), changed, sources, modules) if same else import_graph(sources, modules)
        )
    _store(root, package, modules, found, imports)
    return modules, imports


def _load(root: Path) -> _Entry | None:
    body = load(_KIND, place_of(root))
    try:
        entry = msgspec.msgpack.decode(body, type=_Entry) if body is not None else None
    except ValueError:
        return None
    return entry if entry is not None and _is_whole(entry) else None


def _is_whole(entry: _Entry) -> bool:
    count = len(entry.paths)
    numbers = (number for numbers in (*entry.imports, entry.relative) for number in numbers)
    return (
        len(entry.imports) == count
        and len(entry.digests) == count * DIGEST
        and ("", "") in entry.naming
        and all(0 <= number < count for number in numbers)
    )


def _graph(entry: _Entry) -> ImportGraph:
    paths = entry.paths
    imports = {
        path: frozenset(paths[number] for number in numbers)
        for path, numbers in zip(paths, entry.imports, strict=True)
    }
    return ImportGraph.of(imports, frozenset(paths[number] for number in entry.relative))


def _store(
    root: Path, package: str, modules: Modules, found: Mapping[str, bytes], graph: ImportGraph
) -> None:
    places = {path: number for number, path in enumerate(found)}
    entry = _Entry(
        package,
        list(modules.naming()),
        list(places),
        b"".join(found.values()),
        [sorted(places[other] for other in graph.imports[path]) for path in places],
        sorted(places[path] for path in graph.relative),
    )
    with suppress(ValueError):  # a path that is no text cannot be written
        store(_KIND, place_of(root), msgspec.msgpack.encode(entry))
