"""Attributes under computed names, where the source tells which: ``for n in NAMES: setattr(self, n, …)``."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.source import ClassNode, Computed, Step, Store, Value
from migrate.evidence.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.source import Binding, Scope

_MOST = 200
"""Names of one place beyond which they are not told apart."""
Names = frozenset[str]


class ComputedNames:
    """Finds the names in stores through ``self``, each class by its own constants."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._open: dict[str, bool] = {}

    def unresolved(self, key: str) -> Iterator[Computed]:
        """Yield the places where a class itself stores under names that are not known."""
        for module in {node.module for node in self._inference.nodes(key)}:
            for computed in module.dynamic:
                owner = self._inference.self_class(computed.receiver, computed.scope)
                if owner is not None and owner.key == key and computed not in self.resolved:
                    yield computed

    def is_open(self, key: str) -> bool:
        """Whether methods of a class store anything new under names that are not known."""
        if key not in self._open:
            self._open[key] = any(not self.restores(computed) for computed in self.unresolved(key))
        return self._open[key]

    def restores(self, computed: Computed) -> bool:
        """Whether the attributes are those that an instance of the class had before."""
        function = self._program.function_of(computed.scope)
        if function is not None and function.name in ("__setstate__", "__copy__", "__deepcopy__"):
            return True
        state = computed.state
        if isinstance(state, ast.Attribute):
            return state.attr == "__dict__"
        return isinstance(state, ast.Call) and last_name(state) in ("load", "loads")

    def stores(self) -> list[tuple[str, Store]]:
        """Return class key and store for every name that is known."""
        return self._known[0]

    @property
    def resolved(self) -> set[Computed]:
        """Places whose names are known for every class that they are about."""
        return self._known[1]

    @cached_property
    def _known(self) -> tuple[list[tuple[str, Store]], set[Computed]]:
        stores: list[tuple[str, Store]] = []
        resolved: set[Computed] = set()
        for module in self._program.modules.values():
            for computed in module.dynamic:
                owner = self._inference.self_class(computed.receiver, computed.scope)
                if owner is not None and computed.name is not None and computed.value is not None:
                    named = self._names_of(owner, computed.name, computed.scope)
                    leaves = [each for each in named if not self._program.subclasses.get(each)]
                    if all(named[each] for each in leaves):
                        resolved.add(computed)
                    stored = Value(computed.value, computed.scope, computed.value.lineno)
                    stores += [
                        (key, Store(computed.receiver, name, stored, computed.scope))
                        for key, names in named.items()
                        for name in sorted(names or ())
                    ]
        return stores, resolved

    def _names_of(self, owner: ClassNode, name: ast.expr, scope: Scope) -> dict[str, Names | None]:
        """Return the names for a class and each below it; None where they are not known."""
        keys = (owner.key, *self._program.subclasses.get(owner.key, ()))
        return {key: self._texts(name, scope, key) for key in keys}

    def _texts(self, node: ast.expr, scope: Scope, key: str) -> Names | None:
        """Return the texts that an expression may be in a method of a class; None if that is not known."""
        if isinstance(node, ast.Constant):
            return frozenset({node.value}) if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._variable(node, scope, key)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._together([node.left, node.right], scope, key)
        if isinstance(node, ast.JoinedStr):
            return self._together([_plain(part) for part in node.values], scope, key)
        return None

    def _together(self, parts: list[ast.expr], scope: Scope, key: str) -> Names | None:
        made: Names = frozenset({""})
        for part in parts:
            texts = self._texts(part, scope, key)
            if not texts or len(texts) * len(made) > _MOST:
                return None
            made = frozenset(left + right for left in made for right in texts)
        return made

    def _variable(self, node: ast.Name, scope: Scope, key: str) -> Names | None:
        """Return the texts of a variable of a loop: the last one before its use that has the name."""
        found = self._program.lookup(scope, node.id)
        before = [b for b in (found[1] if found else ()) if getattr(b, "line", node.lineno) <= node.lineno]
        last = before[-1] if before else None
        if not (isinstance(last, Value) and last.steps in ((Step.ELEMENT,), (Step.ELEMENT, 0))):
            return None
        return self._elements(last.expr, last.scope, key) or None

    def _elements(self, node: ast.expr, scope: Scope, key: str) -> Names | None:
        """Return what iterating over a constant gives, or the first of each pair."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            return (
                self._elements(node.func.value, scope, key) if node.func.attr in ("keys", "items") else None
            )
        if isinstance(node, ast.Dict):
            return _constants([part for part in node.keys if part is not None])
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return _constants([_first(part) for part in node.elts])
        bindings = self._constant(node, scope, key)
        if len(bindings) == 1 and isinstance(bindings[0], Value) and not bindings[0].steps:
            value = bindings[0].expr
            literal = isinstance(value, ast.Dict | ast.List | ast.Tuple | ast.Set)
            return self._elements(value, bindings[0].scope, key) if literal else None
        return None

    def _constant(self, node: ast.expr, scope: Scope, key: str) -> list[Binding]:
        """Return the bindings of a global name, or of an attribute of the class itself."""
        if isinstance(node, ast.Name):
            return self._program.values_of(node.id, scope)
        if isinstance(node, ast.Attribute):
            for owner in self._inference.lineage(key):
                for made in self._inference.nodes(owner):
                    if node.attr in made.scope.names:
                        return made.scope.names[node.attr]
        return []


def _plain(part: ast.expr) -> ast.expr:
    return part.value if isinstance(part, ast.FormattedValue) and part.format_spec is None else part


def _first(part: ast.expr) -> ast.expr:
    return part.elts[0] if isinstance(part, ast.Tuple | ast.List) and part.elts else part


def _constants(parts: list[ast.expr]) -> Names | None:
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    known = [text for text in texts if isinstance(text, str)]
    return frozenset(known) if len(known) == len(parts) <= _MOST else None
