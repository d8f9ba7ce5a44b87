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
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from migrate.model import Problem
from migrate.sites.ignored import Ignored
from migrate.sites.modules import NOTEBOOK, is_notebook
from migrate.sites.notebooks import NotANotebookError, Notebook
from migrate.sites.prefilter import may_use_pickle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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


@frozen
class Tree:
    """The Python source of a tree, as bytes."""

    sources: dict[str, bytes]
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
        return self.sources | {path: notebook.data for path, notebook in self.notebooks.items()}

    @property
    def texts(self) -> dict[str, bytes]:
        """The ``sources`` that lie on disk as they are, so that columns are known."""
        return {path: source for path, source in self.sources.items() if path not in self.notebooks}


def read_tree(
    root: Path,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    wanted: Callable[[str], bool] | None = None,
    gitignore: bool = True,
    notebooks: bool = False,
) -> Tree:
    """Read all Python source below ``root``, or the one file that ``root`` is.

    That is ``*.py``, ``*.pyw`` and scripts without extension whose first line names Python. ``include`` and
    ``exclude`` are shell patterns for relative paths, for file names or for directories; with ``include``,
    nothing else is read. ``wanted`` is asked for each relative path that is left. Without ``gitignore``,
    files that git ignores are read too. With ``notebooks``, those in Python (``*.ipynb``) are read as source.
    """
    if root.is_file():
        reader = _Reader(root.parent, notebooks=notebooks)
        reader.read(root.name)
        return reader.tree()
    reader = _Reader(root, notebooks=notebooks)
    listed = reader.listed_by_git() if gitignore else []
    for path in listed or reader.walk(ignored=Ignored(root) if gitignore else None):
        chosen = _selected(path, include, exclude) and (wanted is None or wanted(path))
        if chosen and reader.is_source(path):
            reader.read(path)
    return reader.tree()


def data_files(root: Path) -> Iterator[Path]:
    """Yield the files below ``root`` that could hold data, in order of their paths.

    Files that git ignores are among them, because stored data often are. Nothing is opened.
    """
    reader = _Reader(root)
    for path in sorted(reader.walk()):
        full = root / path
        if full.suffix not in _NEVER_DATA and reader.is_regular(path) and full.stat().st_size:
            yield full


@define
class _Reader:
    root: Path
    sources: dict[str, bytes] = Factory(dict)
    problems: list[Problem] = Factory(list)
    skipped: list[str] = Factory(list)
    found: dict[str, Notebook] = Factory(dict)
    notebooks: bool = False

    def tree(self) -> Tree:
        problems = sorted(self.problems, key=lambda problem: problem.path)
        sources = dict(sorted(self.sources.items()))
        return Tree(sources, tuple(problems), tuple(sorted(self.skipped)), self.found)

    def listed_by_git(self) -> list[str]:
        """Return the files that git tracks or would track; none where git cannot tell."""
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
        submodules = [
            path for path in kept if (self.root / path).is_dir() and not (self.root / path).is_symlink()
        ]
        inner = [path for submodule in submodules for path in self.walk(submodule)]
        return sorted(set(kept) - set(submodules) | set(inner))

    def _left_out(self, directory: str, known: dict[str, bool]) -> bool:
        if directory not in known:
            parent, _, name = directory.rpartition("/")
            known[directory] = self._left_out(parent, known) or not self._is_ours(directory, name)
        return known[directory]

    def walk(self, below: str = "", ignored: Ignored | None = None) -> Iterator[str]:
        """Yield the relative paths of all files that are the program's own, less those ``ignored``."""
        for directory, names, files in os.walk(self.root / below, onerror=self._unreadable_directory):
            relative = Path(directory).relative_to(self.root).as_posix()
            prefix = "" if relative == "." else f"{relative}/"
            if ignored is not None:
                ignored.enter(prefix[:-1])
                names[:] = [name for name in names if not ignored.hides(prefix + name, directory=True)]
                files[:] = [name for name in files if not ignored.hides(prefix + name)]
            names[:] = sorted(
                name
                for name in names
                if not self._is_build_output(prefix + name, name) and self._is_ours(prefix + name, name)
            )
            yield from (prefix + name for name in sorted(files))

    def _is_ours(self, path: str, name: str) -> bool:
        if name in _NOT_OURS or name.endswith((".egg-info", ".dist-info", ".egg")):
            return False
        directory = self.root / path
        environment = (
            name in _INSTALLED or (directory / "pyvenv.cfg").exists() or (directory / "conda-meta").exists()
        )
        # A copy of the standard library, as frozen applications carry one.
        library = (directory / "os.py").exists() and (directory / "site.py").exists()
        if environment or library:
            self.skipped.append(path)
            return False
        return not directory.is_symlink()

    def _is_build_output(self, path: str, name: str) -> bool:
        return name in _BUILD_OUTPUT and not (self.root / path / "__init__.py").exists()

    def is_source(self, path: str) -> bool:
        """Whether a file holds Python source, by its name or by its first line."""
        name = path.rpartition("/")[2]
        if not self.is_regular(path):
            return False
        if "." in name.lstrip("."):
            suffix = Path(name).suffix
            return suffix in _SOURCE_SUFFIXES or (self.notebooks and suffix == NOTEBOOK)
        try:
            with (self.root / path).open("rb") as file:
                return _SHEBANG.match(file.read(128)) is not None
        except OSError:
            # Without extension and unreadable: nothing says that it is Python.
            return False

    def is_regular(self, path: str) -> bool:
        """Whether ``path`` is a file of its own: no link, no device, not deleted since it was listed."""
        try:
            return stat.S_ISREG((self.root / path).lstat().st_mode)
        except OSError:
            return False

    def read(self, path: str) -> None:
        try:
            data = (self.root / path).read_bytes()
            if self.notebooks and is_notebook(path):
                self.read_notebook(path, data)
            else:
                self.sources[path] = data
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
            self.sources[path], self.found[path] = notebook.code, notebook

    def _unreadable_directory(self, error: OSError) -> None:
        path = Path(error.filename).relative_to(self.root).as_posix()
        self.problems.append(Problem(path, "unreadable", f"{path}/: could not be listed ({error.strerror})"))


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
