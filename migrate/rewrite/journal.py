"""The undo journal: what a run is about to change, on disk before the first change.

``.pickle-migrate/undo/RUN/`` holds ``originals``, the bytes of all files one after the other, and
``manifest.json``, which says what belongs to which. The manifest is written last, so a journal without one
belongs to a run that changed nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from migrate.rewrite.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrate.model import FileEdit

FOLDER = ".pickle-migrate"
_MANIFEST = "manifest.json"
_ORIGINALS = "originals"


@frozen
class Entry:
    """One file of a run."""

    path: str
    before: str | None
    """SHA-256 of the original bytes; None for a file that is new."""
    after: str
    start: int
    """Where the original bytes begin in ``originals``."""
    length: int
    folders: tuple[str, ...] = ()
    """Folders that did not exist before and were made for it, outermost first."""


@frozen
class Journal:
    """The journal of one run."""

    folder: Path
    entries: tuple[Entry, ...]

    @property
    def run_id(self) -> str:
        """The name of the run; names sort by time."""
        return self.folder.name

    def original(self, entry: Entry) -> bytes | None:
        """Return the bytes of a file before the run; None if there was no file."""
        if entry.before is None:
            return None
        with (self.folder / _ORIGINALS).open("rb") as file:
            file.seek(entry.start)
            return file.read(entry.length)

    def discard(self) -> None:
        """Forget the run."""
        (self.folder / _MANIFEST).unlink()
        shutil.rmtree(self.folder)


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def begin(root: Path, edits: Sequence[FileEdit]) -> Journal:
    """Write the journal of a run over ``edits``; raises OSError if that cannot be done."""
    home = root / FOLDER
    now = datetime.now(timezone.utc)
    folder = home / "undo" / f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}"
    folder.mkdir(parents=True)
    ignore = home / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, b"*\n")
    entries = []
    start = 0
    for edit in edits:
        before = None if edit.before is None else digest(edit.before)
        length = len(edit.before or b"")
        entries.append(
            Entry(edit.path, before, digest(edit.after), start, length, _missing_folders(root, edit.path))
        )
        start += length
    write_atomically(folder / _ORIGINALS, b"".join(edit.before or b"" for edit in edits))
    document = {"version": 1, "files": [asdict(entry) for entry in entries]}
    write_atomically(folder / _MANIFEST, json.dumps(document, indent=1).encode())
    return Journal(folder, tuple(entries))


def find(root: Path, run_id: str | None = None) -> Journal | None:
    """Return the journal of a run, by default of the last one; None if there is none."""
    home = root / FOLDER / "undo"
    names = [run_id] if run_id else _runs(home)
    for name in names:
        manifest = home / name / _MANIFEST
        if manifest.is_file():
            files = json.loads(manifest.read_bytes())["files"]
            entries = tuple(Entry(**{**entry, "folders": tuple(entry["folders"])}) for entry in files)
            return Journal(home / name, entries)
    return None


def _runs(home: Path) -> list[str]:
    """Return the names of all runs, latest first."""
    return sorted((folder.name for folder in home.iterdir()), reverse=True) if home.is_dir() else []


def _missing_folders(root: Path, path: str) -> tuple[str, ...]:
    parents = path.split("/")[:-1]
    folders = ("/".join(parents[: n + 1]) for n in range(len(parents)))
    return tuple(folder for folder in folders if not (root / folder).exists())
