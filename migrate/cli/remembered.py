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

import msgspec

import migrate
from migrate.evidence import stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.evidence.stored import Found
    from migrate.model import FileSites
    from migrate.sites.modules import Naming

SMALLEST = 200
"""Files of a tree that is worth an entry: a smaller one is surveyed in the time that looking it up takes."""
_ENTRIES = 16
_BYTES = 256 << 20
_SUFFIX = ".msgpack"
_KIND = "surveys"
_DIGEST = 32


def key_of(
    looked_at: Mapping[str, bytes],
    paths: Iterable[str],
    stored: Mapping[str, bytes],
    files: Mapping[str, FileSites],
    naming: Naming,
    *,
    package: str,
    types: str = "",
) -> str | None:
    """Return the name of the entry for the evidence of a tree; None if a path of a site is no text.

    ``looked_at`` are the digests of the files that it follows from, of all ``paths`` of the tree, ``stored``
    those of its stored pickles, ``files`` its sites, ``naming`` how modules are called, ``package`` the name
    of the root, ``types`` the type checker and what it looks at besides.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST)
    feed(digest, (program(), sys.version, package, types))
    everything = sorted(paths)
    for names in (everything, *zip(*naming, strict=True)):
        feed(digest, (str(len(names)), *names))
    for found in (looked_at, stored):
        feed(digest, (str(len(found)),))
        for name in sorted(found):
            feed(digest, (name, found[name].hex()))
    try:
        digest.update(msgspec.msgpack.encode(list(files.values()), order="deterministic"))
    except ValueError:
        return None
    return digest.hexdigest()


def recall(key: str) -> Found | None:
    """Return the entry of that name; None if there is none, or not as it was written."""
    body = load(_KIND, key)
    try:
        return stored.loads(body) if body is not None else None
    except (ValueError, IndexError):
        return None


def remember(key: str, found: Found) -> None:
    """Keep ``found`` under that name, and drop the oldest entries beyond the bound."""
    store(_KIND, key, stored.dumps(found))


def load(kind: str, key: str) -> bytes | None:
    """Return what an entry of a kind holds; None if there is none, or not as it was written."""
    try:
        path = _folder(kind) / f"{key}{_SUFFIX}"
        data = path.read_bytes()
        head, body = data[:_DIGEST], data[_DIGEST:]
        if head != _seal(key, body):
            return None
        os.utime(path)  # the oldest go first
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return body


def store(kind: str, key: str, body: bytes) -> None:
    """Write an entry of a kind, and drop the oldest of that kind beyond the bound."""
    import tempfile  # here, for what is kept already needs none

    # A full disk or a home that may not be written to costs the user time, and nothing else.
    with suppress(OSError, RuntimeError):
        folder = _folder(kind)
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


def _folder(kind: str) -> Path:
    """Return where a user's caches are kept on this system, and ours of a kind in it."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if Path(chosen).is_absolute():
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "pickle-migrate" / kind


def _seal(key: str, body: bytes) -> bytes:
    return hashlib.blake2b(body, key=key.encode()[:64], digest_size=_DIGEST).digest()


@cache
def program() -> str:
    """Return a digest of this program's own source, whatever version it says it is."""
    root = Path(migrate.__file__).parent
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for path in sorted(root.rglob("*.py")):
        feed(digest, (path.relative_to(root).as_posix(), str(path.stat().st_size)))
        digest.update(path.read_bytes())
    return digest.hexdigest()


def feed(digest: hashlib.blake2b, texts: Iterable[str]) -> None:
    """Add texts to a digest, so that none can be taken for another or for two."""
    for text in texts:
        part = text.encode("utf-8", "surrogateescape")
        digest.update(len(part).to_bytes(8, "little") + part)


def place_of(root: Path, *more: str) -> str:
    """Return the name of an entry about the tree at a place, as this program keeps it."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    feed(digest, (program(), sys.version, str(root.resolve()), *more))
    return digest.hexdigest()


def named(path: Path, root: Path) -> str:
    """Return what a file goes by: its path below ``root``, or the whole of it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
