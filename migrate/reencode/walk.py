"""Walking a tree of files past everything that is not the user's data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SKIPPED_DIRECTORIES = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", "CVS"),
        *("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
        *(".tox", ".nox", "node_modules", "site-packages", ".eggs", ".pickle-migrate"),
    }
)


def files_below(directory: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield every file below ``directory``, and every link to one, sorted within each directory.

    Links to directories are not entered; version control, caches and virtual environments (a directory
    with ``pyvenv.cfg``, PEP 405) are passed by. A directory that cannot be listed is handed to
    ``on_error``, and the walk goes on.
    """
    pending = [directory]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            on_error(error)
            continue
        if here != directory and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        yield from (Path(entry.path) for entry in entries if entry.is_file())
        pending += [Path(entry.path) for entry in reversed(entries) if _is_entered(entry)]


def _is_entered(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED_DIRECTORIES
