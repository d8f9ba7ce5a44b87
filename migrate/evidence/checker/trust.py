"""Which answers of a checker may be relied on.

A checker takes the type of a variable of a module, and of an attribute, from the first thing stored there,
and that of a container from what it is made with; it reports the stores that do not fit, and answers as if
they were not. So an answer counts only if nothing that it rests on is stored to in several places, or filled.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence.checker.asking import has_unknown
from migrate.evidence.program import Package
from migrate.evidence.source import FunctionNode, Imported, ScopeKind, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.checker.asking import Asking, Question
    from migrate.evidence.inference import Inference
    from migrate.evidence.source import Binding, Scope

_FURTHEST = 100
"""Expressions looked at for one answer."""
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Trust:
    """Looks at what answers rest on, in one program."""

    def __init__(self, inference: Inference, asking: Asking) -> None:
        self._inference = inference
        self._program = inference.program
        self._asking = asking
        self._class_names: frozenset[str] | None = None
        self._methods: dict[str, list[FunctionNode]] | None = None

    def reliable(self, question: Question) -> bool:
        """Whether a checker sees all that decides the type of an expression."""
        waiting, seen = [question], {question[0]}
        while waiting:
            node, scope = waiting.pop()
            inner = (self._program.scope_of(part) for part in ast.walk(node) if isinstance(part, _SCOPES))
            scopes = [scope, *inner]
            for part in ast.walk(node):
                further = list(self._rests_on(part, scopes))
                if None in further or len(seen) > _FURTHEST:
                    return False
                for each in further:
                    if each is not None and each[0] not in seen:
                        seen.add(each[0])
                        waiting.append(each)
        return True

    def _rests_on(self, node: ast.AST, scopes: list[Scope]) -> Iterator[Question | None]:
        """Yield the expressions that the type of a node rests on; None for what a checker may get wrong."""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from self._of_name(node.id, scopes)
        elif isinstance(node, ast.Call):
            yield from self._of_call(node, scopes[0])
        elif isinstance(node, ast.Attribute):
            yield from self._of_attribute(node, scopes)

    def _of_name(self, name: str, scopes: list[Scope]) -> Iterator[Question | None]:
        scope = next((each for each in reversed(scopes) if name in each.names), scopes[0])
        found = self._program.lookup(scope, name)
        if found is None:
            return
        yield from self._of_bindings(name, *found, scope)

    def _of_bindings(
        self, name: str, where: Scope, bindings: list[Binding], scope: Scope
    ) -> Iterator[Question | None]:
        if any(isinstance(binding, Imported) and binding.name is not None for binding in bindings):
            bindings = self._program.values_of(name, scope)
        stores = [binding for binding in bindings if isinstance(binding, Value)]
        if (where, name) in self._program.variable_fills and stores:
            yield None
        elif where.kind is ScopeKind.FUNCTION and all(_inside(store.scope, where) for store in stores):
            # A checker follows what a function does with its own variables, but not what inner ones do.
            yield from ((store.expr, store.scope) for store in stores)
        elif len(stores) > 1 or (stores and name in self._program.stores):
            yield None  # `module.name = …` is a store as well
        else:
            yield from ((store.expr, store.scope) for store in stores)

    def _of_call(self, node: ast.Call, scope: Scope) -> Iterator[Question | None]:
        refs = self._program.refs(node.func, scope)
        called = [ref for ref in refs if isinstance(ref, FunctionNode)]
        if not refs and isinstance(node.func, ast.Attribute):
            called = self._named(node.func.attr)
        called = [function for function in called if not _declares(function)]
        if len(called) > 1:
            yield None  # an override may return something else
        for function in called:
            yield from ((given, function.scope) for given in (*function.returns, *function.yields))

    def _of_attribute(self, node: ast.Attribute, scopes: list[Scope]) -> Iterator[Question | None]:
        for base in self._program.refs(node.value, scopes[0]):
            found = self._program.module_value(base, node.attr) if isinstance(base, Package) else None
            if found is not None:
                yield from self._of_bindings(node.attr, *found, found[0])
        if self._doubtful_attribute(node, scopes):
            yield None

    def _doubtful_attribute(self, node: ast.Attribute, scopes: list[Scope]) -> bool:
        """Whether the tree may store to the attribute in several places, or fill what it holds."""
        stores = [s for s in self._program.stores.get(node.attr, ()) if isinstance(s.value, Value)]
        if not stores:
            return False
        if len(scopes) == 1:
            owners = self._asking.types_of((node.value, scopes[0]))
            foreign = (":" not in ref.name and ref.name != "type" and not has_unknown(ref) for ref in owners)
            if owners and all(foreign):
                return False  # an object of another library
        filled = node.attr in self._program.fills
        return len(stores) > 1 or filled or node.attr in self._in_class_bodies()

    def _in_class_bodies(self) -> frozenset[str]:
        """Return the names that the bodies of the tree's classes give a value."""
        if self._class_names is None:
            nodes = (node for nodes in self._program.classes.values() for node in nodes)
            self._class_names = frozenset(
                name
                for node in nodes
                for name, bindings in node.scope.names.items()
                if any(isinstance(binding, Value) for binding in bindings)
            )
        return self._class_names

    def _named(self, name: str) -> list[FunctionNode]:
        """Return the methods of the tree that are called so."""
        if self._methods is None:
            self._methods = {}
            for module in self._program.modules.values():
                for function in module.functions:
                    if function.owner is not None:
                        self._methods.setdefault(function.name, []).append(function)
        return self._methods.get(name, [])


def _inside(scope: Scope, function: Scope) -> bool:
    """Whether a scope is that of a function, or of a comprehension or lambda in it."""
    current: Scope | None = scope
    while current is not None and current is not function:
        if current in current.module.function_of and not isinstance(
            current.module.function_of[current].node, ast.Lambda
        ):
            return False
        current = current.parent
    return current is function


def _declares(function: FunctionNode) -> bool:
    return getattr(function.node, "returns", None) is not None
