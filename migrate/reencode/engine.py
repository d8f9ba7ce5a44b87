"""Running a conversion over a store with a ledger: one place after the other, each on its own.

Nothing that happens at one place stops the others. Correctness rests on the store's compare-and-set and
on the conversion's verification, not on the order or the number of those who run this. Large stores, several
processes and machines: :mod:`~migrate.reencode.run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.reencode.errors import TooManyFailures
from migrate.reencode.stores import Keyed, Range
from migrate.reencode.work import Convert, Outcome, Work, known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.reencode.ledger import Ledger
    from migrate.reencode.stores import Item, Store

__all__ = ["Convert", "Outcome", "reencode"]


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
    work = Work(Keyed(store), convert, dry_run)
    for item in store.items() if items is None else items:
        settled = ledger.settled({item.key: item.version}).get(item.key)
        if settled is not None:
            yield known(item, settled)
            continue
        for outcome, entry in work.do(Range(0, 1, items=(item,))):
            if entry is not None:
                ledger.record(entry)
            yield outcome
            failures += outcome.failed
        if max_failures is not None and failures > max_failures:
            raise TooManyFailures(f"stopped: {failures} failures are more than the {max_failures} allowed")
