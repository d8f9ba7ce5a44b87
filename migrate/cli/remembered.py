"""What was found in a tree the last time, kept in the user's cache directory.

An entry is named by a digest of everything that it follows from: the sources, the stored pickles, this
program's own source and the interpreter. So nothing in it can be out of date; a tree that has changed
anywhere has no entry. An entry that is not what was written is passed over, and so is a directory that cannot
be read or written: a cache may only save time.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import migrate
from migrate.evidence import stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.evidence.stored import Found

SMALLEST = 200
"""Files of a tree that is worth an entry: a smaller one is surveyed in the time that looking it up takes."""
_MOST_DATA = 64 << 20
"""Bytes of stored pickles that are read only to name an entry."""
_ENTRIES = 16
_BYTES = 256 << 20
_SUFFIX = ".msgpack"
_DIGEST = 32


def key_of(
    sources: Mapping[str, bytes],
    legacy: Sequence[Path],
    *,
    root: Path,
    package: str,
    types: str = "",
    limit: float = 0,
) -> str | None:
    """Return the name of the entry for a tree; None for one that is not kept.

    ``sources`` are the files surveyed, ``legacy`` its stored pickles, ``package`` the name of the root,
    ``types`` the type checker and what it looks at besides, ``limit`` how much source is looked at.
    """
    if len(sources) < SMALLEST:
        return None
    try:
        if sum(path.stat().st_size for path in legacy) > _MOST_DATA:
            return None
        data = {_named(path, root): path.read_bytes() for path in legacy}
    except OSError:
        return None  # whoever reads it next says why
    digest = hashlib.blake2b(digest_size=_DIGEST)
    _feed(digest, (_program(), sys.version, package, types, str(limit)))
    for files in (sources, data):
        _feed(digest, (str(len(files)),))
        for name in sorted(files):
            content = files[name]
            _feed(digest, (name, str(len(content))))
            digest.update(content)
    return digest.hexdigest()


def recall(key: str) -> Found | None:
    """Return the entry of that name; None if there is none, or not as it was written."""
    try:
        path = _folder() / f"{key}{_SUFFIX}"
        data = path.read_bytes()
        head, body = data[:_DIGEST], data[_DIGEST:]
        if head != _seal(key, body):
            return None
        found = stored.loads(body)
        os.utime(path)  # the oldest go first
    except (OSError, RuntimeError, ValueError, IndexError):  # RuntimeError: there is no home
        return None
    return found


def remember(key: str, found: Found) -> None:
    """Keep ``found`` under that name, and drop the oldest entries beyond the bound."""
    import tempfile  # here, for what is kept already needs none

    body = stored.dumps(found)
    # A full disk or a home that may not be written to costs the user time, and nothing else.
    with suppress(OSError, RuntimeError):
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_seal(key, body) + body)
            Path(name).replace(folder / f"{key}{_SUFFIX}")
        finally:
            Path(name).unlink(missing_ok=True)
        _prune(folder)


def _prune(folder: Path) -> None:
    entries = [(path.stat(), path) for path in folder.glob(f"*{_SUFFIX}")]
    entries.sort(key=lambda entry: (-entry[0].st_mtime_ns, entry[1].name))
    total = 0
    for position, (status, path) in enumerate(entries):
        total += status.st_size
        if position and (position >= _ENTRIES or total > _BYTES):
            path.unlink(missing_ok=True)


def _folder() -> Path:
    """Return where a user's caches are kept on this system, and ours in it."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if Path(chosen).is_absolute():
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "pickle-migrate" / "surveys"


def _seal(key: str, body: bytes) -> bytes:
    return hashlib.blake2b(body, key=key.encode()[:64], digest_size=_DIGEST).digest()


@cache
def _program() -> str:
    """Return a digest of this program's own source, whatever version it says it is."""
    root = Path(migrate.__file__).parent
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for path in sorted(root.rglob("*.py")):
        _feed(digest, (path.relative_to(root).as_posix(), str(path.stat().st_size)))
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _feed(digest: hashlib.blake2b, texts: Iterable[str]) -> None:
    for text in texts:
        part = text.encode("utf-8", "surrogateescape")
        digest.update(len(part).to_bytes(8, "little") + part)


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
