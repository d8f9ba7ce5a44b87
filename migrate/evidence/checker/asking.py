"""Which expressions a checker is asked about.

These are the places where types stop being known: an expression that our own solver cannot follow although
all that it reads from the tree is known; and the value that is dumped. What a variable or field holds is
otherwise for the solver to say, which joins all that is stored there.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence.source import Value
from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Iterable

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Equation, Slot
    from migrate.evidence.source import Scope
    from migrate.evidence.types import Types

    _Asking = Generator[Slot, bool | None, bool]
    """What wants to know of slots whether there are questions behind them, and then says it of its own."""

Question = tuple[ast.expr, "Scope"]
"""An expression, and the scope that it stands in."""


class Asking:
    """Finds what to ask about one program as far as it is solved.

    ``asked`` are the expressions that have been asked about before.
    """

    def __init__(self, inference: Inference, asked: Container[ast.expr] = ()) -> None:
        self._inference = inference
        self._program = inference.program
        self._asked = asked
        self._stuck: set[Slot] = set()
        self._types: dict[ast.expr, Types] = {}
        self._seen: dict[Slot, bool] = {}
        self._questions: dict[ast.expr, Scope] = {}

    def about(self, slots: Iterable[Slot]) -> list[Question]:
        """Return the expressions at which the types of ``slots`` stop being known, in a fixed order."""
        for slot in slots:
            self._inference.solver.value(slot)
            self._visit(slot)
        return list(self._questions.items())

    def stuck(self, slot: Slot) -> bool:
        """Whether ``slot``, which :meth:`about` has been given, stays unknown whatever is answered now.

        So it is if something behind it is unknown that there is no question about, or one without an answer.
        """
        return slot in self._stuck

    def types_of(self, question: Question) -> Types:
        """Return what the solver knows of an expression."""
        node, scope = question
        if node not in self._types:
            self._types[node] = self._inference.solver.value(("expr", Value(node, scope, node.lineno), ""))
        return self._types[node]

    def open_value(self, question: Question) -> bool:
        """Whether something of the type of an expression is unknown."""
        return any(has_unknown(ref) for ref in self.types_of(question))

    # --- where types stop being known ------------------------------------------------------------------

    def _visit(self, slot: Slot) -> bool:
        """Collect the questions behind ``slot``; return whether there are any.

        Chains of a large program are longer than Python's stack, so what each slot waits for is kept here.
        """
        if slot in self._seen:
            return self._seen[slot]
        waiting = [self._behind(slot)]
        answer: bool | None = None
        while waiting:
            try:
                wanted = waiting[-1].send(answer)
            except StopIteration as done:
                waiting.pop()
                answer = done.value
                continue
            answer = self._seen.get(wanted)
            if answer is None:
                waiting.append(self._behind(wanted))
        return self._seen[slot]

    def _behind(self, slot: Slot) -> _Asking:
        self._seen[slot] = False
        for equation in self._inference.solver.known_equations(slot):
            if any(has_unknown(ref) for ref in equation.types):
                self._seen[slot] |= yield from self._of_equation(equation)
        return self._seen[slot]

    def _of_equation(self, equation: Equation) -> _Asking:
        read = self._inference.solver.known_value
        unknown = [slot for slot in equation.reads if any(has_unknown(ref) for ref in read(slot))]
        deeper = False
        for slot in unknown:
            if slot != equation.slot:
                deeper |= bool((yield slot))
        if deeper:
            if not self._stuck.isdisjoint(unknown):
                self._stuck.add(equation.slot)
            return True
        wanted = [node for node in equation.asked if self._worth_asking(node, equation)]
        if not wanted or any(node in self._asked for node in wanted):
            self._stuck.add(equation.slot)
        if equation.scope is not None:
            self._questions.update(dict.fromkeys(wanted, equation.scope))
        return bool(wanted)

    def _worth_asking(self, node: ast.expr, equation: Equation) -> bool:
        if isinstance(node, ast.Constant | ast.Starred | ast.Lambda) or equation.scope is None:
            return False
        return self.open_value((node, equation.scope))


def has_unknown(ref: TypeRef) -> bool:
    """Whether a part of a type is unknown. A container that nothing was put into has no such part."""
    return ref == UNKNOWN or any(has_unknown(arg) for arg in ref.args)
