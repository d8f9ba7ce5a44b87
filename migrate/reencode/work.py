"""What is done to one range: read, convert, keep the old bytes, replace. The same in every engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from attrs import define, field, frozen

from migrate.legacy import MigrateError
from migrate.reencode.convert import Conversion
from migrate.reencode.errors import Conflict, Refused, Unavailable
from migrate.reencode.ledger import Entry, State, digest
from migrate.reencode.stores import Change, read_found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.reencode.backups import Backups
    from migrate.reencode.stores import Found, Item, Range, Ranged

Convert = Callable[[bytes], Conversion]
ManyConvert = Callable[[Sequence[bytes]], "list[Conversion | None]"]
MANY = 256
"""Places that are converted together: what was just made is still in the processor's cache."""
T = TypeVar("T")

_BATCH_BYTES = 8 << 20
"""New and old bytes that are held before they are written."""
_PORTION_BYTES = 1 << 20
_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds to wait before a store that was not there is tried again."""


@frozen
class Outcome:
    """What became of one place."""

    key: str
    state: State
    size_before: int
    size_after: int | None = None
    """Bytes that were, or in a dry run would be, written."""
    conversion: Conversion | None = None
    """What the place held and holds, or would hold, now."""
    named: bool = False
    """See :class:`~migrate.reencode.stores.Item`."""
    reason: str = ""
    """Reason code of a failure."""
    path: str = ""
    """Where in the value it failed."""
    message: str = ""

    @property
    def failed(self) -> bool:
        """Whether the place was left as it is although it holds what should be converted."""
        return self.state is State.FAILED


@define
class Work:
    """One conversion over ranges of one store."""

    store: Ranged
    convert: Convert
    dry_run: bool = False
    backups: Backups | None = None
    entries: bool = True
    """Whether the ledger is to know of all places, and not only of those that were left."""
    together: ManyConvert | None = None
    """Converts many at once what it can; ``convert`` gets the others."""
    _pending: list[tuple[Change, Conversion]] = field(factory=list, init=False)
    _held: int = field(default=0, init=False)

    def do(self, part: Range) -> list[tuple[Outcome, Entry | None]]:
        """Convert what is in ``part``; say for each place what became of it, and what a ledger should know.

        A store that is not there is tried again for some seconds. What was done before is then found done.
        Raises :class:`~migrate.reencode.errors.Unavailable` after that.
        """
        return again(self.store, lambda: list(self._do(part)))

    def _do(self, part: Range) -> Iterator[tuple[Outcome, Entry | None]]:
        self._pending, self._held = [], 0
        for some in _portions(self.store.read_range(part)):
            for found, conversion in zip(some, self._ahead(some), strict=True):
                answer = self._consider(found, conversion)
                if answer is not None:
                    yield answer
                if self._held > _BATCH_BYTES:
                    yield from self._flush()
        yield from self._flush()

    def _ahead(self, some: list[Found]) -> list[Conversion | None]:
        """Convert what can be converted together."""
        done: list[Conversion | None] = [None] * len(some)
        if self.together is None or len(some) == 1:
            return done
        places = [number for number, found in enumerate(some) if not isinstance(found.blob, Refused)]
        made = self.together([some[number].blob.data for number in places])  # type: ignore[union-attr]
        for number, conversion in zip(places, made, strict=True):
            done[number] = conversion
        return done

    def _consider(self, found: Found, conversion: Conversion | None) -> tuple[Outcome, Entry | None] | None:
        """Convert what was found, unless it is already; None if it is to be replaced."""
        item, blob = found.item, found.blob
        if isinstance(blob, Refused):
            return failure(item, blob)
        try:
            if conversion is None:
                conversion = self.convert(blob.data)
            data = conversion.data
            if blob.elsewhere and data is None and conversion.kinds:
                data = blob.data
            if data is None or (blob.elsewhere and blob.target == data):
                state = State.NOTHING if conversion.kinds else State.OTHER
                if not self.entries:
                    return _nothing(item, state), None
                return _nothing(item, state), Entry(item.key, blob.version, state, digest(blob.data))
            if blob.elsewhere and blob.target is not None:
                raise Conflict("the new column holds another value already")
            self.store.check(item.key)
            change = Change(item, blob, blob.encode(data))
        except Unavailable:
            raise
        except MigrateError as error:
            return failure(item, error, blob.data, blob.version)
        self._pending.append((change, conversion))
        self._held += len(blob.raw) + len(change.new)
        return None

    def _flush(self) -> Iterator[tuple[Outcome, Entry | None]]:
        pending, self._pending, self._held = self._pending, [], 0
        changes = [change for change, _ in pending]
        if self.dry_run or not pending:
            answers: Sequence[str | Refused] = [change.expected.version for change in changes]
        else:
            if self.backups is not None:
                self.backups.keep(changes)
            answers = self.store.replace_many(changes)
        if any(isinstance(answer, Refused) for answer in answers):
            pending = [(change, self._apart(change, conversion)) for change, conversion in pending]
        state = State.PLANNED if self.dry_run else State.CONVERTED
        for (change, conversion), answer in zip(pending, answers, strict=True):
            item, old, new = change.item, change.expected, change.new
            if isinstance(answer, Refused):
                yield self._refused(change, answer)
                continue
            outcome = Outcome(item.key, state, len(old.raw), len(new), conversion)
            if not self.entries:
                yield outcome, None
            else:
                yield outcome, Entry(item.key, answer, state, digest(old.raw), digest(new))

    def _refused(self, change: Change, refusal: Refused) -> tuple[Outcome, Entry | None]:
        """Say what became of a place that was not written: it is done, if others converted it meanwhile."""
        if isinstance(refusal, Conflict):
            answer = self._consider(read_found(self.store, change.item), None)
            self._pending, self._held = [], 0  # once more is for the next run
            if answer is not None and answer[0].state is State.NOTHING:
                return answer
        return failure(change.item, refusal, change.expected.data, change.expected.version)

    def _apart(self, change: Change, conversion: Conversion) -> Conversion:
        """Return what is to be said of one that was made with others, of which some were not written."""
        return self.convert(change.expected.data) if conversion.together else conversion


def _portions(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Cut what is found into parts that are held in memory at once: many, or few that are large."""
    part: list[Found] = []
    size = 0
    for each in found:
        part.append(each)
        size += 0 if isinstance(each.blob, Refused) else len(each.blob.data)
        if len(part) >= MANY or size >= _PORTION_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


class Resets(Protocol):
    """What has connections."""

    def reset(self) -> None:
        """Give them up, so that the next call makes new ones."""
        ...


def again(store: Resets, action: Callable[[], T]) -> T:
    """Return ``action()``, tried again while the store is :class:`~migrate.reencode.errors.Unavailable`."""
    for wait in _WAITS:
        try:
            return action()
        except Unavailable:  # noqa: PERF203 (a few times)
            store.reset()
            time.sleep(wait)
    return action()


def failure(
    item: Item, error: MigrateError, data: bytes | None = None, version: str = ""
) -> tuple[Outcome, Entry]:
    """Return the answer for a place that is left as it is."""
    before = None if data is None else digest(data)
    entry = Entry(item.key, version, State.FAILED, before, reason=error.reason, message=str(error))
    outcome = Outcome(
        item.key, State.FAILED, item.size, reason=error.reason, path=error.path, message=sentence(error)
    )
    return outcome, entry


def _nothing(item: Item, state: State) -> Outcome:
    message = "already JSON" if state is State.NOTHING else "holds neither pickles nor JSON"
    return Outcome(item.key, state, item.size, named=item.named, message=message)


def known(item: Item, state: State) -> Outcome:
    """Return the outcome for a place that the ledger knows to be done with."""
    return _nothing(item, State.OTHER if state is State.OTHER else State.NOTHING)


def sentence(error: MigrateError) -> str:
    """Say what went wrong, without the path, which an outcome has by itself."""
    text = str(error)
    return text.removeprefix(f"{error.path}: ") if error.path else text
