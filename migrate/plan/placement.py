"""Where the converters module of each file lives, and how the file imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from migrate.sites import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.sites.importers import ImportGraph
    from migrate.sites.modules import Modules

MARKER = b"# pickle-migrate: converters"
"""The line by which a generated converters module is known again."""


@frozen
class Place:
    """A converters module."""

    path: str
    module: str
    name: str
    """Name of its Codec: that of the package or folder it serves."""
    whole_tree: bool = False
    """Whether it serves every file, because the user said where it is."""


class Placement:
    """Decides for every file of a tree which converters module it uses.

    A package has one, at its top, for all of its modules. A loose file (a script, a test) uses that of the
    first local package or module that it imports, because that is whose data it exchanges; failing that, one
    in its own folder.
    """

    def __init__(
        self,
        sources: Mapping[str, bytes],
        modules: Modules,
        graph: ImportGraph,
        users: Iterable[str],
        *,
        converters: str = "",
    ) -> None:
        """``users`` are the paths of the files that will import a converters module.

        ``converters`` is another name for the modules, or the path of the one that serves the whole tree.
        """
        self._sources = sources
        self._modules = modules
        self._graph = graph
        self._users = frozenset(users)
        self._places: dict[str, Place] = {}
        by_path = converters.endswith(".py")
        self._stem = "converters" if by_path or not converters else converters
        self._fixed = _fixed(converters, modules) if by_path else None

    def of(self, path: str) -> Place:
        """Return the converters module that ``path`` uses."""
        if self._fixed is not None:
            return self._fixed
        home = self._home(path)
        folder, package = self._package(home)
        if folder not in self._places:
            self._places[folder] = self._place(folder, package, home)
        return self._places[folder]

    def relative_level(self, path: str, place: Place) -> int | None:
        """Return how many dots lead from ``path`` to the package of ``place``; None: import absolutely."""
        if path not in self._graph.relative:
            return None
        package = place.module.rpartition(".")[0]
        parts = self._modules.name_of(path).split(".")
        if not self._modules.is_package(path):
            parts.pop()
        depth = len(package.split("."))
        if not package or parts[:depth] != package.split("."):
            return None
        return len(parts) - depth + 1

    def _home(self, path: str) -> str:
        """Return the file in whose package or folder the converters of ``path`` belong."""
        if self._package(path)[1] and not is_test(path):
            return path
        candidates = [p for p in self._graph.imports.get(path, ()) if not is_test(p)]
        preferred = [p for p in candidates if p in self._users] or [
            p for p in candidates if self._package(p)[1]
        ]
        return min(preferred, key=lambda p: (not self._package(p)[1], p), default=path)

    def _package(self, path: str) -> tuple[str, str]:
        """Return folder and dotted name of the outermost package around a file; no name for a loose one."""
        parts = self._modules.name_of(path).split(".")
        if not self._modules.is_package(path):
            parts.pop()
        folder = _parent(path)
        while len(parts) > 1 and _join(_parent(folder), "__init__.py") in self._sources:
            folder = _parent(folder)
            parts.pop()
        return folder, ".".join(parts)

    def _place(self, folder: str, package: str, home: str) -> Place:
        stem = self._free_stem(folder)
        if package:
            return Place(_join(folder, f"{stem}.py"), f"{package}.{stem}", package.rpartition(".")[2])
        name = folder.rpartition("/")[2] or self._modules.stem_of(self._first_user(folder) or home)
        return Place(_join(folder, f"{stem}.py"), stem, name)

    def _first_user(self, folder: str) -> str | None:
        """Return the first file of ``folder`` that is rewritten, or the one whose data it reads."""
        users = sorted(path for path in self._users if _parent(path) == folder and not is_test(path))
        return self._home(users[0]) if users else None

    def _free_stem(self, folder: str) -> str:
        for stem in (self._stem, f"pickle_{self._stem}", f"json_{self._stem}"):
            path = _join(folder, f"{stem}.py")
            taken = path in self._sources and MARKER not in self._sources[path]
            if not taken and _join(folder, f"{stem}/__init__.py") not in self._sources:
                return stem
        return f"pickle_migrate_{self._stem}"


def _fixed(path: str, modules: Modules) -> Place:
    module = modules.name_of(path)
    around = module.rpartition(".")[0].rpartition(".")[2] or _parent(path).rpartition("/")[2]
    return Place(path, module, around or module, whole_tree=True)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
