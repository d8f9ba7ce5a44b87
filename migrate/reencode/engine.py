"""Running a conversion over a store with a ledger: one place after the other, each on its own.

Nothing that happens at one place stops the others. Correctness rests on the store's compare-and-set and
on the conversion's verification, not on the order or the number of those who run this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.legacy import MigrateError
from migrate.reencode.convert import Conversion
from migrate.reencode.errors import TooManyFailures
from migrate.reencode.ledger import Entry, Ledger, State, digest

if TYPE_CHECKING:
    from migrate.reencode.stores import Blob, Item, Store

Convert = Callable[[bytes], Conversion]


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


def reencode(
    store: Store,
    convert: Convert,
    ledger: Ledger,
    *,
    items: Iterable[Item] | None = None,
    dry_run: bool = False,
    max_failures: int | None = None,
) -> Iterator[Outcome]:
    """Convert ``items`` (default: all) of ``store``, and yield what became of each as it happens.

    ``convert`` takes the bytes of a place and returns what they hold and become, or raises
    :class:`~migrate.legacy.MigrateError`. In a dry run everything is done but the replacement.

    Raises :class:`~migrate.reencode.errors.TooManyFailures` after the outcome that exceeds ``max_failures``.
    """
    failures = 0
    for item in store.items() if items is None else items:
        settled = ledger.settled(item.key, item.version)
        if settled is not None:
            yield _nothing(item, State.OTHER if settled is State.OTHER else State.NOTHING)
            continue
        outcome = _convert_one(store, item, convert, ledger, dry_run=dry_run)
        yield outcome
        failures += outcome.state is State.FAILED
        if max_failures is not None and failures > max_failures:
            raise TooManyFailures(f"stopped: {failures} failures are more than the {max_failures} allowed")


def _convert_one(store: Store, item: Item, convert: Convert, ledger: Ledger, *, dry_run: bool) -> Outcome:
    blob: Blob | None = None
    try:
        blob = store.read(item.key)
        conversion = convert(blob.data)
        if conversion.data is None:
            state = State.NOTHING if conversion.kinds else State.OTHER
            ledger.record(Entry(item.key, blob.version, state, digest(blob.data)))
            return _nothing(item, state)
        return _replace(store, item, blob, conversion, conversion.data, ledger, dry_run=dry_run)
    except MigrateError as error:
        version, before = ("", None) if blob is None else (blob.version, digest(blob.data))
        state, reason = State.FAILED, error.reason
        ledger.record(Entry(item.key, version, state, before, reason=reason, message=str(error)))
        return Outcome(item.key, state, item.size, reason=reason, path=error.path, message=_sentence(error))


def _nothing(item: Item, state: State) -> Outcome:
    message = "already JSON" if state is State.NOTHING else "holds neither pickles nor JSON"
    return Outcome(item.key, state, item.size, named=item.named, message=message)


def _replace(
    store: Store,
    item: Item,
    blob: Blob,
    conversion: Conversion,
    data: bytes,
    ledger: Ledger,
    *,
    dry_run: bool,
) -> Outcome:
    store.check(item.key)
    state, before, after = State.PLANNED, digest(blob.data), digest(data)
    ledger.record(Entry(item.key, blob.version, state, before, after))
    if not dry_run:
        version = store.replace(item.key, blob, data)
        state = State.CONVERTED
        ledger.record(Entry(item.key, version, state, before, after))
    return Outcome(item.key, state, len(blob.data), len(data), conversion)


def _sentence(error: MigrateError) -> str:
    """Say what went wrong, without the path, which an outcome has by itself."""
    text = str(error)
    return text.removeprefix(f"{error.path}: ") if error.path else text
