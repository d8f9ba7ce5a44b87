"""Reading a tree from disk: the one place in this room that does input.

What is left out: what git ignores (git itself is asked in a work tree; elsewhere ``.gitignore`` files are
read), version control and cache directories, virtual environments, installed packages and bundled copies of
the standard library, build output, symbolic links.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from migrate.model import Problem
from migrate.sites.contents import Contents
from migrate.sites.ignored import NAME as GITIGNORE
from migrate.sites.ignored import Ignored
from migrate.sites.modules import NOTEBOOK, is_notebook
from migrate.sites.notebooks import NotANotebookError, Notebook
from migrate.sites.prefilter import may_use_pickle

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from migrate.sites.contents import Known

_SOURCE_SUFFIXES = frozenset({".py", ".pyw"})
_NEVER_DATA = _SOURCE_SUFFIXES | {".pyc", ".pyo", ".pyi", ".pyx", ".so", ".pyd"}
_SHEBANG = re.compile(rb"#![^\n]*\bpython[\d.]*\b")

_NOT_OURS = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", "_darcs", "CVS"),
        *("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"),
        *(".tox", ".nox", ".eggs", "node_modules", ".pickle-migrate"),
    }
)
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_BUILD_OUTPUT = frozenset({"build", "dist"})
_INIT = "__init__.py"
_MARKS = ("pyvenv.cfg", "conda-meta", "os.py", "site.py")
"""What tells an environment or a copy of the standard library."""


@frozen
class Tree:
    """The Python source of a tree, as bytes."""

    sources: Contents
    """Path relative to the root, with forward slashes → content; sorted by path. Of a notebook its code."""
    problems: tuple[Problem, ...] = ()
    """Files and directories that could not be read."""
    skipped: tuple[str, ...] = ()
    """Directories left out although they hold Python source: environments, copies of the standard library."""
    notebooks: dict[str, Notebook] = Factory(dict)
    """The notebooks among the ``sources``."""

    @property
    def stored(self) -> dict[str, bytes]:
        """The ``sources`` as they lie on disk."""
        return {**self.sources, **{path: notebook.data for path, notebook in self.notebooks.items()}}

    @property
    def texts(self) -> Contents:
        """The ``sources`` that lie on disk as they are, so that columns are known."""
        return self.sources.select(lambda path: path not in self.notebooks)


def read_tree(
    root: Path,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    wanted: Callable[[str], bool] | None = None,
    gitignore: bool = True,
    notebooks: bool = False,
    known: Mapping[str, Known] | None = None,
) -> Tree:
    """Read all Python source below ``root``, or the one file that ``root`` is.

    That is ``*.py``, ``*.pyw`` and scripts without extension whose first line names Python. ``include`` and
    ``exclude`` are shell patterns for relative paths, for file names or for directories; with ``include``,
    nothing else is read. ``wanted`` is asked for each relative path that is left. Without ``gitignore``,
    files that git ignores are read too. With ``notebooks``, those in Python (``*.ipynb``) are read as source.
    Files that are ``known`` from the last time (`Contents.index`) and have not changed are read when somebody
    asks for them.
    """
    if root.is_file():
        reader = _Reader(root.parent, notebooks=notebooks)
        reader.read(root.name)
        return reader.tree()
    reader = _Reader(root, Contents(str(root), known), notebooks=notebooks)
    for path in reader.regular_files(gitignore=gitignore):
        chosen = _selected(path, include, exclude) and (wanted is None or wanted(path))
        if chosen and reader.is_source(path):
            reader.read(path)
    return reader.tree()


def data_files(root: Path) -> Iterator[Path]:
    """Yield the files below ``root`` that could hold data, in order of their paths.

    Files that git ignores are among them, because stored data often are. Nothing is opened.
    """
    found = (
        path
        for path, entry in _Reader(root).walk()
        if _suffix(entry.name) not in _NEVER_DATA and _is_filled(entry)
    )
    yield from (root / path for path in sorted(found))


@define
class _Reader:
    root: Path
    sources: Contents = Factory(lambda reader: Contents(str(reader.root)), takes_self=True)
    problems: list[Problem] = Factory(list)
    skipped: list[str] = Factory(list)
    found: dict[str, Notebook] = Factory(dict)
    notebooks: bool = False

    def tree(self) -> Tree:
        problems = sorted(self.problems, key=lambda problem: problem.path)
        return Tree(self.sources.sorted(), tuple(problems), tuple(sorted(self.skipped)), self.found)

    def regular_files(self, *, gitignore: bool) -> Iterator[str]:
        """Yield the relative paths of the program's own files that are no links and no devices."""
        listed = self.listed_by_git() if gitignore else []
        if listed:
            yield from (path for path in listed if self.is_regular(path))
            return
        for path, entry in self.walk(ignored=Ignored(self.root) if gitignore else None):
            if _is_regular(entry):
                yield path

    def listed_by_git(self) -> list[str]:
        """Return the files that git tracks or would track; none where git cannot tell."""
        if not _in_work_tree(self.root):
            return []
        # Hooks and settings of the tree must not run: core.fsmonitor may name a program.
        command = [
            "git",
            "-c",
            "core.fsmonitor=false",
            "-C",
            str(self.root),
            "ls-files",
            "-coz",
            "--exclude-standard",
        ]
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        try:
            run = subprocess.run(command, capture_output=True, check=True, env=env)  # noqa: S603 - fixed command
        except (OSError, subprocess.CalledProcessError):
            return []
        paths = sorted({os.fsdecode(path) for path in run.stdout.split(b"\0") if path})
        left_out: dict[str, bool] = {"": False}
        kept = [path for path in paths if not self._left_out(path.rpartition("/")[0], left_out)]
        submodules = [path for path in kept if self._is_directory(path)]
        inner = [path for submodule in submodules for path, _ in self.walk(submodule)]
        return sorted(set(kept) - set(submodules) | set(inner))

    def _left_out(self, directory: str, known: dict[str, bool]) -> bool:
        if directory not in known:
            parent, _, name = directory.rpartition("/")
            known[directory] = self._left_out(parent, known) or not self._is_ours(directory, name)
        return known[directory]

    def walk(self, below: str = "", ignored: Ignored | None = None) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Yield all files that are the program's own, less those ``ignored``: relative path and entry."""
        pending = [below]
        while pending:
            directory = pending.pop()
            entries = self._entries(directory)
            names = {entry.name for entry in entries}
            if directory != below:
                if directory.rpartition("/")[2] in _BUILD_OUTPUT and _INIT not in names:
                    continue
                if _is_environment(names) or _is_library(names):
                    self.skipped.append(directory)
                    continue
            prefix = f"{directory}/" if directory else ""
            if ignored is not None and GITIGNORE in names:
                ignored.enter(directory)
            for entry in entries:
                path = prefix + entry.name
                is_directory = _is_directory(entry)
                if ignored is not None and ignored.hides(path, directory=is_directory):
                    continue
                if not is_directory:
                    yield path, entry
                elif self._may_enter(path, entry):
                    pending.append(path)

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._full(directory)) as entries:
                return list(entries)
        except OSError as error:
            path = directory or "."
            message = f"{path}/: could not be listed ({error.strerror})"
            self.problems.append(Problem(path, "unreadable", message))
            return []

    def _may_enter(self, path: str, entry: os.DirEntry[str]) -> bool:
        """Whether a directory is the program's own, as far as its name says."""
        if entry.is_symlink():
            self._is_ours(path, entry.name)  # a link to an environment is said to be left out
            return False
        if entry.name in _INSTALLED:
            self.skipped.append(path)
            return False
        return _is_ours_by_name(entry.name)

    def _is_ours(self, path: str, name: str) -> bool:
        """Whether a directory is the program's own, by its name and by what is in it."""
        if not _is_ours_by_name(name):
            return False
        full = self._full(path)
        there = {mark for mark in _MARKS if os.path.exists(f"{full}/{mark}")}  # noqa: PTH110 - see _full
        if name in _INSTALLED or _is_environment(there) or _is_library(there):
            self.skipped.append(path)
            return False
        return not os.path.islink(full)  # noqa: PTH114 - see _full

    def _is_directory(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(self._full(path)).st_mode)
        except OSError:
            return False

    def is_source(self, path: str) -> bool:
        """Whether a regular file holds Python source, by its name or by its first line."""
        name = path.rpartition("/")[2]
        if "." in name.lstrip("."):
            suffix = _suffix(name)
            return suffix in _SOURCE_SUFFIXES or (self.notebooks and suffix == NOTEBOOK)
        try:
            with open(self._full(path), "rb", buffering=0) as file:  # noqa: PTH123 - see _full
                return _SHEBANG.match(file.read(128)) is not None
        except OSError:
            # Without extension and unreadable: nothing says that it is Python.
            return False

    def is_regular(self, path: str) -> bool:
        """Whether ``path`` is a file of its own: no link, no device, not deleted since it was listed."""
        try:
            return stat.S_ISREG(os.lstat(self._full(path)).st_mode)
        except OSError:
            return False

    def _full(self, path: str) -> str:
        """Return a path to give to the system: making a `Path` for each file costs more than reading it."""
        return f"{self.root}/{path}" if path else str(self.root)

    def read(self, path: str) -> None:
        try:
            if self.notebooks and is_notebook(path):
                self.read_notebook(path, read_bytes(self._full(path)))
            else:
                self.sources.add(path)
        except OSError as error:
            self.problems.append(Problem(path, "unreadable", f"{path}: could not be read ({error.strerror})"))

    def read_notebook(self, path: str, data: bytes) -> None:
        try:
            notebook = Notebook(path, data)
        except NotANotebookError as error:
            if may_use_pickle(data):
                self.problems.append(Problem(path, "does-not-parse", f"{error}; it was not looked at"))
            return
        self.problems += notebook.problems
        if notebook.code:
            self.sources.put(path, notebook.code)
            self.found[path] = notebook


def read_bytes(path: str) -> bytes:
    """Return the content of a file. Raises :class:`OSError`."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see _Reader._full
        return file.readall()


def _suffix(name: str) -> str:
    """Return what `Path.suffix` does."""
    stem, dot, suffix = name.rpartition(".")
    return dot + suffix if stem.strip(".") and suffix else ""


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def _is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether it is one, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_filled(entry: os.DirEntry[str]) -> bool:
    try:
        return _is_regular(entry) and entry.stat(follow_symlinks=False).st_size > 0
    except OSError:
        return False


def _is_ours_by_name(name: str) -> bool:
    return name not in _NOT_OURS and not name.endswith((".egg-info", ".dist-info", ".egg"))


def _is_environment(names: Collection[str]) -> bool:
    return "pyvenv.cfg" in names or "conda-meta" in names


def _is_library(names: Collection[str]) -> bool:
    """Whether it is a copy of the standard library, as frozen applications carry one."""
    return "os.py" in names and "site.py" in names


def _in_work_tree(root: Path) -> bool:
    """Whether git could know of ``root``: otherwise it need not be started to be asked."""
    folder = root.resolve()
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))


def _selected(path: str, include: Iterable[str], exclude: Iterable[str]) -> bool:
    patterns = list(include)
    wanted = not patterns or any(matches(path, pattern) for pattern in patterns)
    return wanted and not any(matches(path, pattern) for pattern in exclude)


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path is meant by a pattern for paths, for file names or for directories."""
    directory = pattern.rstrip("/")
    name = path.rpartition("/")[2]
    return fnmatchcase(path, pattern) or fnmatchcase(name, pattern) or fnmatchcase(path, f"{directory}/*")


def package_of(root: Path) -> str:
    """Return the dotted name of ``root`` when the user points inside a package, not at its project."""
    parts: list[str] = []
    folder = root.resolve()
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)
