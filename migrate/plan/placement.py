"""Where the converters module of each file lives, and how the file imports it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.sites import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.sites.importers import ImportGraph
    from migrate.sites.modules import Modules

MARKER = b"# pickle-migrate: converters"
"""The line by which a generated converters module is known again."""

_NO_NAME = re.compile(r"\W+")


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
    in its own folder, with the loose files beside it. Folders of tests are on the path of one process, so
    theirs has a name that no other loose one has.
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
        for path in sorted(self._users, key=lambda path: (is_test(path), path)):
            self.of(path)

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
        preferred = self._that_use_one(path)
        if not preferred and not self._shares_its_folder(path):
            preferred = self._packaged(path)
        return min(preferred, key=lambda p: (not self._package(p)[1], p), default=path)

    def _that_use_one(self, path: str) -> list[str]:
        """Return what ``path`` imports that is rewritten itself."""
        return [p for p in self._graph.imports.get(path, ()) if p in self._users and not is_test(p)]

    def _packaged(self, path: str) -> list[str]:
        """Return what ``path`` imports from packages of the tree."""
        imported = self._graph.imports.get(path, ())
        return [p for p in imported if self._package(p)[1] and not is_test(p)]

    def _shares_its_folder(self, path: str) -> bool:
        """Whether a script beside it needs converters in their folder: the two exchange data.

        Then a package that ``path`` imports for other reasons gets none.
        """
        if is_test(path):
            return False
        return any(
            _parent(other) == _parent(path) and not self._that_use_one(other) and not self._packaged(other)
            for other in self._users
            if other != path and not is_test(other)
        )

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
        stem = self._free_stem(folder, home, loose=not package)
        if package:
            return Place(_join(folder, f"{stem}.py"), f"{package}.{stem}", package.rpartition(".")[2])
        name = folder.rpartition("/")[2] or self._modules.stem_of(self._first_user(folder) or home)
        return Place(_join(folder, f"{stem}.py"), stem, name)

    def _first_user(self, folder: str) -> str | None:
        """Return the first file of ``folder`` that is rewritten, or the one whose data it reads."""
        users = sorted(path for path in self._users if _parent(path) == folder and not is_test(path))
        return self._home(users[0]) if users else None

    def _free_stem(self, folder: str, home: str, *, loose: bool) -> str:
        stems = [self._stem, f"pickle_{self._stem}", f"json_{self._stem}"]
        if loose and is_test(home):
            whole = _NO_NAME.sub("_", folder)
            stems[1:1] = [f"{whole.rpartition('_')[2]}_{self._stem}", f"{whole}_{self._stem}"]
        generated = (s for s in stems if MARKER in self._sources.get(_join(folder, f"{s}.py"), b""))
        known = next(generated, None)
        free = (s for s in stems if self._is_free(folder, s, home, loose=loose))
        return known or next(free, f"pickle_migrate_{self._stem}")

    def _is_free(self, folder: str, stem: str, home: str, *, loose: bool) -> bool:
        """Whether an import of ``stem`` means what will be written there, and nothing that is there now."""
        if (
            _join(folder, f"{stem}.py") in self._sources
            or _join(folder, f"{stem}/__init__.py") in self._sources
        ):
            return False
        if not loose:
            return True
        # Wherever it is, a module of this name may come first on the path.
        in_tests = is_test(home)
        named = [p for p in self._modules.named(stem) if in_tests or MARKER not in self._sources[p]]
        shared = in_tests and any(place.module == stem for place in self._places.values())
        return not named and not shared


def _fixed(path: str, modules: Modules) -> Place:
    module = modules.name_of(path)
    around = module.rpartition(".")[0].rpartition(".")[2] or _parent(path).rpartition("/")[2]
    return Place(path, module, around or module, whole_tree=True)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
