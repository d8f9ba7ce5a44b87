"""What the engine asks of a place where legacy data are kept.

A store knows nothing of pickles. It lists keys, reads whole blobs with a version, and replaces a blob
if, and only if, it is still the one that was read (compare-and-set).
:class:`~migrate.reencode.localtree.LocalTree` is the one for files; a database or an object store fits
the same protocol with a row's old bytes or an ETag as the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator


@frozen
class Item:
    """A place that may hold legacy data."""

    key: str
    size: int
    """Bytes, as far as known before reading."""
    version: str = ""
    """Changes whenever the bytes do, and is had without reading them; empty where there is no such thing."""
    named: bool = False
    """The user named this very place, so that it gets an answer even when it holds nothing of interest."""


@frozen
class Blob:
    """The bytes at one key, and which state of the place they belong to."""

    data: bytes = field(repr=False)
    version: str


class Store(Protocol):
    """A place where legacy data are kept."""

    def items(self) -> Iterator[Item]:
        """List the places to look at, in a stable order; lists each place once."""
        ...

    def read(self, key: str) -> Blob:
        """Read the bytes at ``key``. Raises :class:`~migrate.reencode.errors.Refused`."""
        ...

    def check(self, key: str) -> None:
        """Raise what ``replace`` is sure to raise for ``key``, without writing."""
        ...

    def replace(self, key: str, expected: Blob, data: bytes) -> str:
        """Put ``data`` in the place of ``expected``, all or nothing, and return the new version.

        Raises :class:`~migrate.reencode.errors.Conflict` when the place no longer holds ``expected``,
        and :class:`~migrate.reencode.errors.Refused` when it cannot be written; either way it holds what
        it held before.
        """
        ...
