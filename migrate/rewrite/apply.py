"""Writes edits to disk, and takes them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from migrate.model import Problem
from migrate.rewrite import journal
from migrate.rewrite.atomic import is_read_only, replace_content, sync_folder, temporary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from migrate.model import FileEdit
    from migrate.rewrite.journal import Entry, Journal


@frozen
class Applied:
    """The outcome of writing, or of taking back."""

    run_id: str | None
    """The name by which the run can be undone; None if nothing was written."""
    written: tuple[str, ...] = ()
    """Paths of the files that were changed."""
    problems: tuple[Problem, ...] = ()


def apply(root: Path, edits: Sequence[FileEdit]) -> Applied:
    """Write ``edits`` below ``root``.

    Every file is replaced in one step, and only if it is still as it was when the edit was computed. A file
    that cannot be written becomes a problem and the rest goes on; but edits without sites (converters
    modules, the vendored runtime) are what the others import, so if one of those fails, nothing is written
    at all. Killed at any point, every file is old or new, and `undo` works.
    """
    problems = [problem for edit in edits if (problem := _obstacle(root, edit))]
    blocked = {problem.path for problem in problems}
    if any(edit.path in blocked and not edit.sites for edit in edits):
        return Applied(None, (), tuple(problems))
    free = sorted((e for e in edits if e.path not in blocked), key=lambda e: bool(e.sites))
    if not free:
        return Applied(None, (), tuple(problems))
    try:
        run = journal.begin(root, free)
    except OSError as error:
        return Applied(None, (), (*problems, _problem(journal.FOLDER, error)))
    return _write(root, free, run, problems)


def undo(root: Path, run_id: str | None = None, *, force: bool = False) -> Applied:
    """Restore the files of a run, by default the last one, byte for byte, and remove those that were new.

    A file that was changed since is a problem and stays, unless ``force``. The journal goes when nothing is
    left to restore.
    """
    run = journal.find(root, run_id)
    if run is None:
        name = f"run {run_id}" if run_id else "run"
        return Applied(
            None, (), (Problem(str(root), "nothing-to-undo", f"no {name} of this tool is on record here"),)
        )
    written: list[str] = []
    problems: list[Problem] = []
    for entry in run.entries:
        outcome = _restore(root, run, entry, force=force)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        elif outcome:
            written.append(entry.path)
    _sync(root, written)
    for folder in sorted({f for entry in run.entries for f in entry.folders}, reverse=True):
        _remove_if_empty(root / folder)
    if not problems:
        run.discard()
    return Applied(run.run_id, tuple(written), tuple(problems))


def _obstacle(root: Path, edit: FileEdit) -> Problem | None:
    """Return why an edit cannot be written, as far as can be known before trying."""
    path = root / edit.path
    try:
        if _content(path) != edit.before:
            return Problem(edit.path, "changed-since", "was changed while the edit was prepared; run again")
        if is_read_only(path):
            return Problem(edit.path, "read-only", "is read-only; make it writable and run again")
    except OSError as error:
        return _problem(edit.path, error)
    return None


def _write(root: Path, edits: Iterable[FileEdit], run: Journal, problems: list[Problem]) -> Applied:
    written: list[str] = []
    for edit in edits:
        path = root / edit.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_content(path, edit.after)
        except OSError as error:
            problems.append(_problem(edit.path, error))
            if not edit.sites:
                taken_back = undo(root, run.run_id)
                return Applied(None, (), (*problems, *taken_back.problems))
        else:
            written.append(edit.path)
    _sync(root, written)
    return Applied(run.run_id, tuple(written), tuple(problems))


def _restore(root: Path, run: Journal, entry: Entry, *, force: bool) -> bool | Problem:
    """Restore one file; return whether anything had to be done, or why it could not be."""
    path = root / entry.path
    try:
        temporary(path).unlink(missing_ok=True)
        now = _content(path)
        found = None if now is None else journal.digest(now)
        if found == entry.before:
            return False
        if found != entry.after and not force:
            message = "was changed since; it stays as it is (--force restores it all the same)"
            return Problem(entry.path, "changed-since", message)
        original = run.original(entry)
        if original is not None:
            replace_content(path, original)
        else:
            path.unlink()
    except OSError as error:
        return _problem(entry.path, error)
    return True


def _sync(root: Path, paths: Iterable[str]) -> None:
    for folder in {(root / path).resolve().parent for path in paths}:
        if folder.is_dir():
            sync_folder(folder)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _remove_if_empty(folder: Path) -> None:
    cache = folder / "__pycache__"
    if cache.is_dir():
        for file in cache.iterdir():
            file.unlink()
        cache.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _problem(path: str, error: OSError) -> Problem:
    read_only = isinstance(error, PermissionError)
    reason = "read-only" if read_only else "write-failed"
    return Problem(path, reason, f"could not be written: {error.strerror or error}")
