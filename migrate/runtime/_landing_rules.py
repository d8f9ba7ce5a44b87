"""What the handlers of standard values share: the rule that leads to one, and checks of arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from ..legacy.records import NO_STATE, Dict, FrozenSet, Record, Set

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..legacy.calls import Shape
    from ._landing_run import LandingRun, Place, Wire


class Rule(NamedTuple):
    """How one name is landed, and which parts beside arguments its calls may have."""

    handler: Callable[[LandingRun, Shape, Place], Wire]
    parts: frozenset[str] = frozenset()

    def land(self, run: LandingRun, shape: Shape, place: Place) -> Wire:
        """Land ``shape``, after a check that it has no part that would be lost."""
        present = {part for part in ("items", "pairs") if getattr(shape, part)}
        if shape.kwargs is not None and shape.kwargs.pairs:
            present.add("kwargs")
        if shape.value is not NO_STATE:
            present.add("value")
        if not is_empty(shape.state):
            present.add("state")
        if present - self.parts:
            run.bad(f"{'.'.join(shape.name)} with {' and '.join(sorted(present - self.parts))}", place)
        return self.handler(run, shape, place)


def is_empty(state: Record) -> bool:
    """Whether a state says nothing."""
    return state is NO_STATE or state is None or (isinstance(state, Dict) and not state.pairs)


def wrong(run: LandingRun, shape: Shape, place: Place, what: str = "arguments") -> NoReturn:
    """Refuse a value for its arguments."""
    run.bad(f"{'.'.join(shape.name)} with {what} that it does not take", place)


def is_int(record: Record) -> bool:
    """Whether it is an int and not a bool."""
    return type(record) is int


def sequence(record: Record) -> Sequence[Record] | None:
    """Return the items of a list, tuple or set; None for other values."""
    if isinstance(record, (list, tuple)):
        return record
    if isinstance(record, (Set, FrozenSet)):
        return record.items
    return None


def elements(run: LandingRun, shape: Shape, place: Place) -> Sequence[Record]:
    """Return the elements given as the one argument, or appended, or both."""
    if not shape.args:
        return shape.items
    first = sequence(shape.args[0])
    if first is None or len(shape.args) > 1:
        wrong(run, shape, place)
    return [*first, *shape.items] if shape.items else first
