"""What must hold, one thing each, and what of it the stock says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from migrate.model.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.reencode.stock import Some, Tally
    from migrate.rollout.stock import Stock


@frozen
class Condition:
    """One thing that must hold."""

    name: str
    holds: bool
    says: str
    """What was found, in a sentence."""


def converted(stock: Stock | None, *, seals: bool = False) -> Iterator[Condition]:
    """Yield for each place of the stock whether it holds no pickles, and with ``seals`` no sealed ones."""
    if stock is None or not stock.looks:
        says = "nobody looked at the stock (--stock PATH or URL)"
        yield Condition("stock converted", holds=False, says=says)
        return
    for look in stock.looks:
        if look.problem:
            says = f"could not be looked at: {look.problem}"
            yield Condition("stock converted", holds=False, says=f"{look.source}: {says}")
            continue
        found, unit = look.found, look.unit
        holds = not found.pickles.count and not found.unreadable.count
        yield Condition("stock converted", holds, f"{look.source}: {_found(found, unit)}")
        if seals:
            sealed = found.sealed
            held = f"{counted(sealed.count, f'{unit[:-1]} holds', f'{unit} hold')} sealed pickles"
            says = f"{held}{_example(sealed)}" if sealed.count else "none"
            yield Condition("no seals in the stock", not sealed.count, f"{look.source}: {says}")


def _found(found: Tally, unit: str) -> str:
    every = counted(found.total, unit[:-1])
    if found.pickles.count:
        how = _example(found.pickles)
        hold = "holds" if found.pickles.count == 1 else "hold"
        return f"{found.pickles.count:,} of {every} {hold} pickles{how} (pickle-migrate reencode)"
    if found.unreadable.count:
        return f"{found.unreadable.count:,} of {every} cannot be read{_example(found.unreadable)}"
    formats = ", ".join(f"{name} {number}" for name, number in sorted(found.formats.items()))
    return f"none of {every} holds pickles" + (f" ({formats})" if formats else "")


def _example(some: Some) -> str:
    return f", e.g. {some.examples[0]}" if some.examples else ""
