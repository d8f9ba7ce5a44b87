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
    from collections.abc import Iterable

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Equation, Slot
    from migrate.evidence.source import Scope
    from migrate.evidence.types import Types

Question = tuple[ast.expr, "Scope"]
"""An expression, and the scope that it stands in."""


class Asking:
    """Finds what to ask about one program as far as it is solved."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._types: dict[ast.expr, Types] = {}
        self._seen: dict[Slot, bool] = {}
        self._questions: dict[ast.expr, Scope] = {}

    def about(self, slots: Iterable[Slot]) -> list[Question]:
        """Return the expressions at which the types of ``slots`` stop being known, in a fixed order."""
        for slot in slots:
            self._inference.solver.value(slot)
            self._visit(slot)
        return list(self._questions.items())

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
        """Collect the questions behind ``slot``; return whether there are any."""
        if slot in self._seen:
            return self._seen[slot]
        self._seen[slot] = False
        for equation in self._inference.solver.known_equations(slot):
            if any(has_unknown(ref) for ref in equation.types):
                self._seen[slot] |= self._of_equation(equation)
        return self._seen[slot]

    def _of_equation(self, equation: Equation) -> bool:
        read = self._inference.solver.known_value
        unknown = [slot for slot in equation.reads if any(has_unknown(ref) for ref in read(slot))]
        deeper = [self._visit(slot) for slot in unknown if slot != equation.slot]
        if any(deeper):
            return True
        wanted = [node for node in equation.asked if self._worth_asking(node, equation)]
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
