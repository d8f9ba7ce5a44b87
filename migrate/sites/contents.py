"""The contents of the files of a tree: read when somebody asks, and told apart without being read.

What the file system says of a file that has not changed is what it said when the file was read: its device,
inode, size, and the times of its last change. So a file of which that is known need not be read to know its
digest. git decides in the same way (``Documentation/technical/racy-git.txt`` in its source): a file that was
changed at about the time at which it was read may change again without a later time, so nothing is noted.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DIGEST = 16
"""Bytes of a digest."""
_SETTLED = 2_000_000_000
"""Nanoseconds: no file system that Python runs on tells times less than two seconds apart as one (FAT)."""

Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times at which content and status changed, in nanoseconds."""


@frozen
class Known:
    """What is known of a file from the last time."""

    stamp: Stamp
    digest: bytes


class ChangedError(Exception):
    """A file has changed since its tree was listed; the message names it."""


def stamp_of(status: os.stat_result) -> Stamp:
    """Return by what a file that has not changed is known."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def settled(stamp: Stamp, now: int) -> bool:
    """Whether a change of the file after ``now``, in nanoseconds, would give it another stamp."""
    return max(stamp[3], stamp[4]) + _SETTLED <= now


def digest_of(content: bytes) -> bytes:
    """Return the digest by which contents are told apart."""
    return hashlib.blake2b(content, digest_size=DIGEST).digest()


def read_stamped(path: str) -> tuple[bytes, Stamp | None]:
    """Return the content of a file, and its stamp if that will tell a later change. Raises `OSError`."""
    now = time.time_ns()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a `Path` for each file costs more
        stamp = stamp_of(os.fstat(file.fileno()))
        return file.readall(), stamp if settled(stamp, now) else None


class Contents(Mapping[str, bytes]):
    """Paths below ``root`` and what the files hold, in the order in which they are added.

    ``known`` are files from the last time. One of them that has the same stamp is read only when it is asked
    for; if it is another by then, that raises `ChangedError`.
    """

    def __init__(self, root: str, known: Mapping[str, Known] | None = None) -> None:
        self._root = root
        self._known = known or {}
        self._held: dict[str, bytes | None] = {}
        self._stamps: dict[str, Stamp | None] = {}
        self._digests: dict[str, bytes] = {}

    def add(self, path: str) -> None:
        """Add the file at ``path``. Raises :class:`OSError` if it cannot be read."""
        full = f"{self._root}/{path}"
        known = self._known.get(path)
        if known is not None and known.stamp == stamp_of(os.lstat(full)):
            self._held[path], self._stamps[path], self._digests[path] = None, known.stamp, known.digest
        else:
            self._held[path], self._stamps[path] = read_stamped(full)

    def put(self, path: str, content: bytes) -> None:
        """Add a file that has ``content``, whatever lies at ``path``."""
        self._held[path], self._stamps[path] = content, None

    def __getitem__(self, path: str) -> bytes:
        content = self._held[path]
        if content is None:
            content = self._held[path] = self._read(path)
        return content

    def _read(self, path: str) -> bytes:
        try:
            content, stamp = read_stamped(f"{self._root}/{path}")
        except OSError as error:
            raise ChangedError(f"{path} could be read before, and cannot now ({error.strerror})") from error
        if stamp != self._stamps[path]:
            raise ChangedError(f"{path} has changed while its tree was looked at")
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, path: object) -> bool:
        return path in self._held

    def size_of(self, path: str) -> int:
        """Return the length of a file, without reading it."""
        stamp = self._stamps[path] if self._held[path] is None else None
        return stamp[2] if stamp is not None else len(self[path])

    def digest_of(self, path: str) -> bytes:
        """Return the digest of a file, without reading it where that is known."""
        if path not in self._digests:
            self._digests[path] = digest_of(self[path])
        return self._digests[path]

    def index(self) -> dict[str, Known]:
        """Return what to know the next time."""
        return {
            path: Known(stamp, self.digest_of(path))
            for path, stamp in self._stamps.items()
            if stamp is not None
        }

    def select(self, wanted: Callable[[str], bool]) -> Contents:
        """Return those of the files whose paths are ``wanted``."""
        return self._of(filter(wanted, self._held))

    def sorted(self) -> Contents:
        """Return the files in the order of their paths."""
        return self._of(sorted(self._held))

    def _of(self, paths: Iterable[str]) -> Contents:
        made = Contents(self._root)
        for path in paths:
            made._held[path], made._stamps[path] = self._held[path], self._stamps[path]
        made._digests = self._digests  # which of two asks first makes no difference
        return made


def sizes(sources: Mapping[str, bytes]) -> dict[str, int]:
    """Return the length of each file; of `Contents`, without reading them."""
    if isinstance(sources, Contents):
        return {path: sources.size_of(path) for path in sources}
    return {path: len(source) for path, source in sources.items()}


def digests(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the digest of each file; of `Contents`, without reading those that are known."""
    if isinstance(sources, Contents):
        return {path: sources.digest_of(path) for path in sources}
    return {path: digest_of(source) for path, source in sources.items()}
