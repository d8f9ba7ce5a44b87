"""The fixpoint: every place gets the least set of types that satisfies all equations about it.

Equations of a place are asked for when the place is first read, so that only what is needed is ever looked
at. When the types of a place grow, the equations that have read it are evaluated again.
"""

from __future__ import annotations

from collections import Counter, deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from attrs import define, field

from migrate.evidence.types import ANYTHING, BOTTOM, Types, bounded, capped, united

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from migrate.evidence.source import Module, Scope
    from migrate.model import Source, TypeRef

    Slot = tuple[str, Hashable, str]
    """A place that holds values: its kind, its owner, its name."""

MAX_EVALUATIONS = 25
"""After which an equation that still changes is taken to be about anything."""
_ROOM = 25
"""Nesting of expressions up to which equations are evaluated inside of one another: the stack is short."""
_FEW = 8
"""Equations about one place whose types are joined anew when one changes."""
GROWING = frozenset({"args", "field", "receiver", "content"})
"""Kinds of places about which equations may be added later."""


@define(eq=False)
class Equation:
    """One thing that the source says about a place: these types flow into it."""

    slot: Slot
    compute: Callable[[], Types] = field(repr=False)
    source: Source
    module: Module = field(repr=False)
    line: int
    exprs: ast.expr | tuple[ast.expr, ...] = field(default=(), repr=False)
    """The expressions that the types come from, where there are such."""
    scope: Scope | None = field(default=None, repr=False)
    """Where those stand."""
    checker: str = ""
    """The type checker that the types are from."""
    types: Types = BOTTOM
    reads: dict[Slot, None] = field(factory=dict, repr=False)
    """Places that it depends on, in the order of reading."""
    evaluations: int = 0
    rank: int = 0
    """Its place in the order of evaluation, one of its own."""

    @property
    def asked(self) -> tuple[ast.expr, ...]:
        """The expressions, as a tuple."""
        return self.exprs if isinstance(self.exprs, tuple) else (self.exprs,)

    @property
    def where(self) -> str:
        """The place in source that says so, put together when somebody asks: most are never shown."""
        place = self.module.where(self.line)
        return f"{place} ({self.checker})" if self.checker else place


class Solver:
    """Evaluates equations until nothing changes.

    ``equations`` returns all equations about a place. A place without any holds just anything; one whose
    equations yield nothing, not even after everything else is known, does so too.
    """

    def __init__(self, equations: Callable[[Slot], Iterable[Equation]]) -> None:
        self._equations = equations
        self._about: dict[Slot, list[Equation]] = {}
        self._values: dict[Slot, Types] = {}
        self._counts: dict[Slot, Counter[TypeRef]] = {}
        """How many equations yield each type of a place, for places about which there are many."""
        self._readers: dict[Slot, list[Equation]] = {}
        self._queue: list[tuple[int, Equation]] = []
        """A heap: what was found last comes first, since others rest on it."""
        self._found = 0
        self._queued: set[Equation] = set()
        self._current: Equation | None = None
        self.nesting = 0
        """How deep the equation being evaluated is in expressions; kept by those who evaluate them."""
        self._outer_nesting = 0
        """The same of all equations that wait for it, each counted as one more."""
        self._unsettled: dict[Slot, None] = {}
        """Places first read since the last solution."""

    def read(self, slot: Slot) -> Types:
        """Return what is known of ``slot`` so far; the equation being evaluated will hear of changes."""
        if slot not in self._about:
            self._demand(slot)
        current = self._current
        if current is not None and slot not in current.reads:
            current.reads[slot] = None
            if slot in self._readers:
                self._readers[slot].append(current)
            else:
                self._readers[slot] = [current]
        return self._values[slot]

    def solve(self, slots: Iterable[Slot] = ()) -> None:
        """Evaluate everything that ``slots`` depend on."""
        for slot in slots:
            self.read(slot)
        self._drain()
        # What nothing is known of by now is unknown: first the roots, parameters that nobody is seen to call.
        for only_arguments in (True, False):
            for slot in [slot for slot in self._unsettled if not self._values[slot]]:
                if slot[0] == "args" or not only_arguments:
                    self._set(slot, ANYTHING)
            self._drain()
        self._unsettled.clear()

    def value(self, slot: Slot) -> Types:
        """Return the types of ``slot``, solving what is missing."""
        if slot not in self._about:
            self.solve([slot])
        return self._values[slot]

    def equations(self, slot: Slot) -> list[Equation]:
        """Return the equations about ``slot`` with what they yielded."""
        self.value(slot)
        return self._about[slot]

    def known_equations(self, slot: Slot) -> Sequence[Equation]:
        """Return the equations about ``slot`` so far; none if nothing has read it."""
        return self._about.get(slot, ())

    def known_value(self, slot: Slot) -> Types:
        """Return the types of ``slot`` so far."""
        return self._values.get(slot, BOTTOM)

    def origins(self, slot: Slot) -> Iterator[Slot]:
        """Yield all slots that the value of ``slot`` rests on, itself included, nearest first."""
        seen = {slot}
        queue = deque([slot])
        while queue:
            current = queue.popleft()
            yield current
            for equation in self._about.get(current, ()):
                for read in equation.reads:
                    if read not in seen:
                        seen.add(read)
                        queue.append(read)

    def _demand(self, slot: Slot) -> None:
        self._about[slot] = []
        self._unsettled[slot] = None
        self._values[slot] = BOTTOM
        for equation in self._equations(slot):
            self.add(equation)
        if not self._about[slot] and slot[0] not in GROWING:
            self._values[slot] = ANYTHING
        elif self._outer_nesting + self.nesting < _ROOM:
            self._evaluate_first(slot)

    def _evaluate_first(self, slot: Slot) -> None:
        """Evaluate what a place rests on before its reader goes on, who would have to come back otherwise."""
        waiting, self.nesting = self.nesting + 1, 0
        self._outer_nesting += waiting
        reader = self._current
        try:
            for equation in tuple(self._about[slot]):
                if equation in self._queued:
                    self._queued.discard(equation)
                    self._evaluate(equation)
        finally:
            self._current = reader
            self._outer_nesting -= waiting
            self.nesting = waiting - 1

    def add(self, equation: Equation) -> None:
        """Add an equation that was found after its place was first read."""
        self._about.setdefault(equation.slot, []).append(equation)
        self._values.setdefault(equation.slot, BOTTOM)
        self._found += 1
        equation.rank = -self._found
        self._enqueue(equation)

    def _enqueue(self, equation: Equation) -> None:
        if equation not in self._queued and equation.evaluations <= MAX_EVALUATIONS:
            self._queued.add(equation)
            heappush(self._queue, (equation.rank, equation))

    def _drain(self) -> None:
        while self._queue:
            _, equation = heappop(self._queue)
            if equation in self._queued:  # and not evaluated since, before its reader went on
                self._queued.discard(equation)
                self._evaluate(equation)

    def _evaluate(self, equation: Equation) -> None:
        equation.evaluations += 1
        self._current = equation
        try:
            types = equation.compute() if equation.evaluations <= MAX_EVALUATIONS else ANYTHING
        finally:
            self._current = None
        if types != equation.types:
            before, equation.types = equation.types, types
            self._set(equation.slot, self._together(equation, before))

    def _together(self, changed: Equation, before: Types) -> Types:
        """Return what all equations about a place yield, of which one has yielded ``before``."""
        slot, types = changed.slot, changed.types
        about = self._about[slot]
        if len(about) == 1:
            return bounded(types)
        if len(about) <= _FEW:
            return united([equation.types for equation in about])
        counts = self._counts.get(slot)
        if counts is None:
            self._counts[slot] = counts = Counter(ref for equation in about for ref in equation.types)
            return capped(counts)
        counts.update(types - before)
        for ref in before - types:
            counts[ref] -= 1
            if not counts[ref]:
                del counts[ref]
        return capped(counts)

    def _set(self, slot: Slot, types: Types) -> None:
        if types != self._values[slot]:
            self._values[slot] = types
            for reader in self._readers.get(slot, ()):
                self._enqueue(reader)
