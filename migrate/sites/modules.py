"""Under which dotted name a program imports each file of a tree.

A file's name follows from its *import root*, the directory that would stand on ``sys.path``: the nearest
directory upwards that is not a package. A directory without ``__init__.py`` is taken for a namespace package
(PEP 420) only if some file of the tree imports it as one; otherwise it holds loose scripts and is a root of
its own, as it is for ``python dir/script.py``. What a ``setup.py`` installs under another name has that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from keyword import iskeyword
from typing import TYPE_CHECKING

from migrate.sites.installed import package_dirs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

# Both begin with a literal, for which `re` searches as fast as `bytes.find`.
_FROM = re.compile(rb"from[ \t]+([A-Za-z_][\w.]*)[ \t]+import[ \t]*(\((?:[^)#]|#[^\n]*\n)*\)|[^\n#;]*)")
_PLAIN = re.compile(rb"import[ \t]+([A-Za-z_][^\n#;(]*)")
_DOTTED = re.compile(rb"[A-Za-z_][\w.]*\.\w[\w.]*")
_NAME = re.compile(rb"[A-Za-z_]\w*")
_SUFFIXES = (".py", ".pyw")
NOTEBOOK = ".ipynb"
Naming: TypeAlias = "tuple[tuple[str, str], ...]"
"""What of the contents of files decides their names."""


class Modules:
    """The modules of one tree: file paths to dotted names and back.

    ``sources`` maps paths relative to the root of the tree, with forward slashes, to the bytes of the files.
    If the root of the tree is itself a package (it has an ``__init__.py``), ``package`` is its dotted
    name. The result does not depend on the order of ``sources``. If their `naming` is known, no file is read.
    """

    def __init__(
        self, sources: Mapping[str, bytes], *, package: str = "", naming: Naming | None = None
    ) -> None:
        self._sources = sources
        self._package = package
        self._names: dict[str, str] = {}
        self._package_dirs = {
            _parent(path) for path in sources if _base(path) in ("__init__.py", "__init__.pyw")
        }
        self._dirs = {ancestor for path in sources for ancestor in _ancestors(_parent(path))}
        if naming is not None:
            split = naming.index(("", ""))
            self._namespaces, self._installed = dict(naming[:split]), dict(naming[split + 1 :])

    @property
    def top(self) -> str:
        """Return the dotted name of the root of the tree, if that is itself a package."""
        return self._package if self._is_package_dir("") else ""

    def name_of(self, path: str) -> str:
        """Return the dotted name of the module at ``path``; that of the package for an ``__init__.py``.

        The name of a loose script is its stem, also where that is no identifier (``run-all``). A notebook
        gets a name that no import can mean.
        """
        found = self._names.get(path)
        if found is None:
            found = self._names[path] = self._installed_name(path) or self._name_in_place(path)
        return found

    def _installed_name(self, path: str) -> str:
        """Return the name that a file has where it is installed; empty if that is its name in the tree."""
        for directory in _ancestors(_parent(path)) if self._installed else ():
            if directory in self._installed:
                parts = _strip_suffix(path[len(directory) + 1 :]).split("/")
                below = parts[:-1] if parts[-1] == "__init__" else parts
                return ".".join([self._installed[directory], *below])
        return ""

    @cached_property
    def _installed(self) -> dict[str, str]:
        return package_dirs(self._sources)

    def _name_in_place(self, path: str) -> str:
        root = self.root_of(path)
        relative = path[len(root) + 1 :] if root else path
        parts = _strip_suffix(relative).split("/")
        if not root and self.top:
            parts[:0] = self._package.split(".")
        if parts[-1] == "__init__" and len(parts) > 1:
            parts.pop()
        return ".".join(parts)

    def stem_of(self, path: str) -> str:
        """Return what a person calls the module: its name, of a notebook the name of the file."""
        return _base(path)[: -len(NOTEBOOK)] if is_notebook(path) else self.name_of(path)

    def root_of(self, path: str) -> str:
        """Return the directory from which ``path`` is imported; empty for the root of the tree."""
        directory = self._script_dir(_parent(path))
        return self._namespaces.get(directory, directory)

    def path_of(self, dotted: str, *, importer: str | None = None) -> str | None:
        """Return the file that ``import dotted`` would run, or None if it is not in the tree.

        Several roots may hold a module of that name. The root of ``importer`` goes first, then the
        one nearest to it, then the file nearest to it, then what setup.py installs by that name. None if
        that leaves a choice, because a wrong file is worse than none.
        """
        found = self._by_name.get(dotted, ())
        if len(found) <= 1:
            return found[0] if found else None
        if importer is None:
            return None
        nearest = max(_common(self.root_of(path), _parent(importer)) for path in found)
        best = [path for path in found if _common(self.root_of(path), _parent(importer)) == nearest]
        same_root = [path for path in best if self.root_of(path) == self.root_of(importer)]
        best = same_root or best
        # setup.py may install a directory under the name of another one, which is often a copy of it.
        nearest = max(_common(_parent(path), _parent(importer)) for path in best)
        best = [path for path in best if _common(_parent(path), _parent(importer)) == nearest]
        best = [path for path in best if self._installed_name(path)] or best
        return best[0] if len(best) == 1 else None

    def named(self, dotted: str) -> tuple[str, ...]:
        """Return all files that have this name, from whichever root."""
        return self._by_name.get(dotted, ())

    def absolute(self, path: str, module: str | None, level: int) -> str | None:
        """Return the absolute name meant by ``from {level dots}{module} import …`` in ``path``.

        None if the dots lead out of the top of the package.
        """
        if level == 0:
            return module
        parts = self.name_of(path).split(".")
        keep = len(parts) - level + self.is_package(path)
        if keep < 0 or (keep == 0 and not module):
            return None
        return ".".join([*parts[:keep], *([module] if module else [])])

    def naming(self) -> Naming:
        """Return what of the contents of files decides their names: the same, and the names are."""
        return (*sorted(self._namespaces.items()), ("", ""), *sorted(self._installed.items()))

    def contains(self, path: str) -> bool:
        """Whether the tree has a file at ``path``."""
        return path in self._sources

    def is_package(self, path: str) -> bool:
        """Whether ``path`` is the ``__init__.py`` of a package."""
        return _strip_suffix(_base(path)) == "__init__"

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """All import roots of the tree, sorted; the root of the tree is the empty string."""
        return tuple(sorted({self.root_of(path) for path in self._sources}))

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self._sources):
            if path.endswith(_SUFFIXES) and not self._shadowed(path):
                names[self.name_of(path)].append(path)
        # Where it is not installed, a program that runs in the tree imports it by its directory.
        for path in sorted(self._sources) if self._installed else ():
            if path.endswith(_SUFFIXES) and self._installed_name(path) and not self._shadowed(path):
                in_place = self._name_in_place(path)
                if in_place not in names:
                    names[in_place].append(path)
        return {name: tuple(paths) for name, paths in names.items()}

    def _shadowed(self, path: str) -> bool:
        """Whether a package of the same name stands beside it, or an ``x.py`` beside ``x.pyw``."""
        stem = _strip_suffix(path)
        return self._is_package_dir(stem) or (path.endswith(".pyw") and f"{stem}.py" in self._sources)

    def _is_package_dir(self, directory: str) -> bool:
        return directory in self._package_dirs and (not directory or _is_identifier(_base(directory)))

    def _script_dir(self, directory: str) -> str:
        """Return the nearest directory upwards that is not a regular package."""
        while directory and self._is_package_dir(directory):
            directory = _parent(directory)
        return directory

    @cached_property
    def _namespaces(self) -> dict[str, str]:
        """Directories that are imported as namespace packages, each with the root from which they are."""
        candidates = self._namespace_candidates()
        if not candidates:
            return {}
        imported = self._imported_names({name.partition(".")[0] for name, _, _ in candidates})
        found: dict[str, str] = {}
        for name, directory, root in candidates:
            children = imported.get(name, ())
            if directory not in found and any(self._has_module(directory, child) for child in children):
                found[directory] = root
        return found

    def _namespace_candidates(self) -> list[tuple[str, str, str]]:
        """``(dotted name, directory, root)`` of what could be a namespace package, shortest names first."""
        directories = {self._script_dir(_parent(path)) for path in self._sources} - {""}
        candidates = []
        for directory in sorted(directories):
            parts = directory.split("/")
            for start in range(len(parts) - 1, -1, -1):
                if not _is_identifier(parts[start]):
                    break
                root = "/".join(parts[:start])
                if not self._is_package_dir(root) or not root:
                    candidates.append((".".join(parts[start:]), directory, root))
        return candidates

    def _imported_names(self, tops: set[str]) -> dict[str, set[str]]:
        """Return what the tree imports below the packages ``tops``: package name → names of children."""
        children: defaultdict[str, set[str]] = defaultdict(set)
        for dotted, names in set(self._import_statements()):
            if dotted.partition(".")[0] not in tops:
                continue
            parts = dotted.split(".")
            for end in range(1, len(parts)):
                children[".".join(parts[:end])].add(parts[end])
            children[dotted].update(names)
        return children

    def _import_statements(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        for source in self._sources.values():
            for dotted, names in _FROM.findall(source):
                yield _text(dotted), tuple(map(_text, _NAME.findall(names)))
            for clause in _PLAIN.findall(source):
                yield from ((_text(dotted), ()) for dotted in _DOTTED.findall(clause))

    def _has_module(self, directory: str, child: str) -> bool:
        stem = f"{directory}/{child}"
        return stem in self._dirs or any(stem + suffix in self._sources for suffix in _SUFFIXES)


def module_name(path: str, sources: Mapping[str, bytes]) -> str:
    """Return the dotted name of one file; build a `Modules` to ask for many."""
    return Modules(sources).name_of(path)


def is_notebook(path: str) -> bool:
    """Whether the path is that of a notebook."""
    return path.endswith(NOTEBOOK)


def import_roots(sources: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the directories that stand on ``sys.path`` when the programs of the tree run."""
    return Modules(sources).roots


def _text(name: bytes) -> str:
    return name.decode("ascii", "replace")


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _strip_suffix(path: str) -> str:
    if path.endswith(NOTEBOOK):
        return f"{path[: -len(NOTEBOOK)]}-notebook"
    for suffix in _SUFFIXES:
        if path.endswith(suffix):
            return path[: -len(suffix)]
    return path


def _ancestors(directory: str) -> Iterable[str]:
    while directory:
        yield directory
        directory = _parent(directory)


def _common(root: str, directory: str) -> int:
    """How many leading parts of two directories agree."""
    count = 0
    for left, right in zip(root.split("/"), directory.split("/"), strict=False):
        if left != right or not left:
            break
        count += 1
    return count


def _is_identifier(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name)
