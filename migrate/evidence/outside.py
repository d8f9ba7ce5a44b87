"""Attributes that are given something through a value of an unknown type: ``thing.items = Secret()``.

Whose attribute it is cannot be told, so it may be that of any class which has one of that name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.evidence.examples import is_example
from migrate.evidence.fills import filled
from migrate.evidence.source import Value
from migrate.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Fill, Scope, Store
    from migrate.evidence.types import Types


class Outside:
    """Stores and fills by the name of the attribute; ask when all is solved."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._stores: dict[str, list[tuple[Store, Types]]] = {}
        self._fills: dict[str, list[Fill]] = {}

    def place(self, slot: Slot) -> str:
        """Return the first place that may give an attribute what it is not known to hold; empty if none."""
        _, _, name = slot
        if name not in self._stores:
            self._stores[name] = list(self._stores_to(name))
            self._fills[name] = list(self._fills_of(name))
        held = self._inference.solver.value(slot)
        for store, given in self._stores[name]:
            if not given <= held:
                value = store.value
                return store.scope.module.where(value.line)
        for fill in self._fills[name]:
            if self._adds(fill, held):
                return fill.scope.module.where(fill.line)
        return ""

    def _stores_to(self, name: str) -> Iterator[tuple[Store, Types]]:
        for store in self._inference.foreign_stores.get(name, ()):
            if self._unknown(store.receiver, store.scope):
                value = store.value
                known = isinstance(value, Value)
                given = self._inference.solver.value(("expr", value, "")) if known else t.ANYTHING
                yield store, given

    def _fills_of(self, name: str) -> Iterator[Fill]:
        for fill in self._inference.program.fills.get(name, ()):
            if isinstance(fill.target, ast.Attribute) and self._unknown(fill.target.value, fill.target_scope):
                yield fill

    def _adds(self, fill: Fill, held: Types) -> bool:
        """Whether a container that is ``held`` would hold something else after a fill."""
        filled(held, fill, self._inference.expressions)  # asks for what is not solved yet
        self._inference.solver.solve()
        return not t.types(t.join(held | filled(held, fill, self._inference.expressions))) <= t.types(
            t.join(held)
        )

    def _unknown(self, receiver: ast.expr, scope: Scope) -> bool:
        """Whether code that counts does not tell of which class a value is."""
        if is_example(scope.module.path) or self._inference.program.refs(receiver, scope):
            return False
        found = self._inference.solver.value(("expr", Value(receiver, scope, receiver.lineno), ""))
        return UNKNOWN in found or any(map(self._inference.doubts.is_protocol, (r.name for r in found)))
