"""What the engine asks of a place where legacy data are kept.

A store knows nothing of pickles. It lists keys, reads whole blobs, and replaces a blob if, and only if, it
is still the one that was read (compare-and-set). :class:`Store` is all that another store has to offer; a
store that can do many keys at once offers :class:`Ranged`. :class:`Keyed` makes the one into the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import evolve, field, frozen

from migrate.reencode.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


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
    elsewhere: bool = False
    """The new bytes go to another place than these; ``target`` is what stands there, None for nothing."""
    target: bytes | None = field(default=None, repr=False)

    @property
    def raw(self) -> bytes | str:
        """What the store itself holds: text where ``data`` is written as text, e.g. in base64."""
        return self.data

    def encode(self, data: bytes) -> bytes | str:
        """Return what the store is to hold, so that ``data`` is read from it. Raises :class:`Refused`."""
        return data


class Store(Protocol):
    """A place where legacy data are kept. May also have ``address`` and ``close()``, see :class:`Ranged`."""

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
        it held before. :class:`~migrate.reencode.errors.Unavailable` from any method makes the engine try
        again, and then stop the run.
        """
        ...


@frozen
class Range:
    """A part of a store that is done in one go: keys, never blobs, so that it can be sent to a worker."""

    number: int
    """Position in the order of the store, from 0."""
    count: int
    """Places in it when it was listed."""
    after: str | None = None
    """The key before the first, None for the beginning; ``last`` is the last key. In stores with an order."""
    last: str | None = None
    items: tuple[Item, ...] = ()
    """The places themselves, in stores without an order."""


@frozen
class Found:
    """A place with what was read from it, or why it could not be read."""

    item: Item
    blob: Blob | Refused


@frozen
class Change:
    """What is to be put in a place."""

    item: Item
    expected: Blob = field(repr=False)
    new: bytes | str = field(repr=False)
    """As the store holds it, see :meth:`Blob.encode`."""
    undo: bool = False
    """The value is put back from a backup; such changes come in any order."""


class Ranged(Protocol):
    """A store in which many keys are read and replaced at once."""

    @property
    def address(self) -> str:
        """Names the store in the ledger and in messages, without a password; empty for local files."""
        ...

    @property
    def ordered(self) -> bool:
        """Whether keys have an order that stays, so that a run can go on after the last key that was done."""
        ...

    def estimate(self) -> int:
        """Say how many places there are, roughly; 0 if that is not to be had quickly."""
        ...

    def ranges(self, size: int, after: str | None = None) -> Iterator[Range]:
        """Cut the places after the key ``after`` into ranges of about ``size``, in the order of the store."""
        ...

    def read_range(self, part: Range) -> Iterator[Found]:
        """Read what is in a range now; each key once."""
        ...

    def read(self, key: str) -> Blob:
        """Read one place, see :class:`Store`."""
        ...

    def check(self, key: str) -> None:
        """See :class:`Store`."""
        ...

    def replace_many(self, changes: Sequence[Change]) -> list[str | Refused]:
        """Make each change if its place still holds what was expected; returns its version or why not."""
        ...

    def reset(self) -> None:
        """Give up connections, so that the next call makes new ones."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Keyed:
    """A :class:`Store` as a :class:`Ranged` one: its keys are listed, and done one by one."""

    def __init__(self, store: Store, items: Iterable[Item] | None = None) -> None:
        self._store = store
        self._items = items

    ordered = False

    @property
    def note(self) -> str:
        """What the user should know of writing there."""
        return str(getattr(self._store, "note", ""))

    @property
    def address(self) -> str:
        """See :class:`Ranged`."""
        return str(getattr(self._store, "address", ""))

    def estimate(self) -> int:
        """See :class:`Ranged`; known when the items were given as a sequence or the store says."""
        if isinstance(self._items, (list, tuple)):
            return len(self._items)
        estimate = getattr(self._store, "estimate", None)
        return int(estimate()) if estimate else 0

    def ranges(self, size: int, after: str | None = None) -> Iterator[Range]:  # noqa: ARG002 (no order)
        """Cut the list of keys into ranges; always all of them, because the order of keys means nothing."""
        chunk: list[Item] = []
        number = 0
        for item in self._store.items() if self._items is None else self._items:
            chunk.append(item)
            if len(chunk) == size:
                yield Range(number, size, items=tuple(chunk))
                chunk, number = [], number + 1
        if chunk:
            yield Range(number, len(chunk), items=tuple(chunk))

    def read_range(self, part: Range) -> Iterator[Found]:
        """See :class:`Ranged`."""
        for item in part.items:
            yield read_found(self._store, item)

    def read(self, key: str) -> Blob:
        """See :class:`Store`."""
        return self._store.read(key)

    def check(self, key: str) -> None:
        """See :class:`Store`."""
        self._store.check(key)

    def replace_many(self, changes: Sequence[Change]) -> list[str | Refused]:
        """See :class:`Ranged`."""
        return [self._replace(change) for change in changes]

    def _replace(self, change: Change) -> str | Refused:
        new = change.new.encode() if isinstance(change.new, str) else change.new
        try:
            return self._store.replace(change.item.key, change.expected, new)
        except Refused as error:
            return error

    def reset(self) -> None:
        """See :class:`Ranged`."""
        reset = getattr(self._store, "reset", None)
        if reset:
            reset()

    def close(self) -> None:
        """See :class:`Ranged`."""
        close = getattr(self._store, "close", None)
        if close:
            close()


def read_found(store: Store | Ranged, item: Item) -> Found:
    """Read one place by its key."""
    try:
        return Found(item, store.read(item.key))
    except Refused as error:
        return Found(item, error)


def renumbered(part: Range, number: int) -> Range:
    """Return ``part`` at another position."""
    return evolve(part, number=number)
