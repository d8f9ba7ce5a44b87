"""Other names of a container that is filled: ``rows = table.rows; rows.append(x)``, ``fill(table.rows)``.

A fill of a variable is one of whatever the variable stands for as well: of the attribute, the global or the
argument that it got, of an element of what a loop goes through, of what a function returns.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve

from migrate.evidence.namespaces import is_globals
from migrate.evidence.source import ClassNode, FunctionNode, Imported, Parameter, Step, Value, private_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.program import Program
    from migrate.evidence.source import Fill, Scope

    Path = tuple[ast.expr | None, ...]
    Meaning = tuple[ast.expr, Path, Scope]
    """An expression for a container, the way from it to the one that is filled, and where it stands."""

_MOST = 24
"""Meanings of one fill that are followed."""
_FEW = 3
"""Methods of one name beyond which it does not tell which is called."""
_SAME = frozenset({"iter", "reversed", "list", "tuple", "sorted", "set", "enumerate", "values", "copy"})
"""Calls whose result has the elements of their argument, or of what they are a method of."""
_ELEMENT = frozenset({"get", "setdefault", "pop"})
"""Methods that give an element."""


class Aliases:
    """Follows the targets of fills through one program, by syntax and names alone."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def of(self, fill: Fill) -> Iterator[Fill]:
        """Yield a fill as one of each other variable and attribute that its target may stand for."""
        seen: set[tuple[Scope, str]] = set()
        pending: list[Meaning] = [(fill.target, fill.path, fill.scope)]
        while pending and len(seen) < _MOST:
            target, path, scope = pending.pop()
            for expr, way, where in self._reduced(target, path, scope):
                place = (where, ast.unparse(expr))
                if place in seen:
                    continue
                seen.add(place)
                if not isinstance(expr, ast.Name | ast.Attribute):  # what a function returns
                    pending.append((expr, way, where))
                    continue
                if expr is not fill.target:
                    yield evolve(fill, target=expr, name=_name(expr, where), path=way, within=where)
                pending += self._meanings(expr, way, where)

    def _reduced(self, node: ast.expr, path: Path, scope: Scope) -> Iterator[Meaning]:
        """Yield the variables, attributes and results that an expression takes its container from."""
        if isinstance(node, ast.Name | ast.Attribute):
            yield node, path, scope
        elif isinstance(node, ast.Subscript) and is_globals(node.value, at_module=False):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                named = ast.copy_location(ast.Name(node.slice.value, ast.Load()), node)
                yield named, path, scope.module.scope
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            key = node.slice if isinstance(node.slice, ast.Constant) else None
            yield from self._reduced(node.value, (key, *path), scope)
        elif isinstance(node, ast.IfExp):
            yield from self._reduced(node.body, path, scope)
            yield from self._reduced(node.orelse, path, scope)
        elif isinstance(node, ast.BoolOp):
            for part in node.values:
                yield from self._reduced(part, path, scope)
        elif isinstance(node, ast.NamedExpr):
            yield from self._reduced(node.value, path, scope)
        elif isinstance(node, ast.Call):
            yield from self._result(node, path, scope)

    def _result(self, node: ast.Call, path: Path, scope: Scope) -> Iterator[Meaning]:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        of = function.value if isinstance(function, ast.Attribute) else next(iter(node.args), None)
        if name in _SAME and path and of is not None:
            yield from self._reduced(of, path, scope)
            return
        if name in _ELEMENT and isinstance(function, ast.Attribute):
            yield from self._reduced(function.value, (None, *path), scope)
        if name:
            refs = self._program.refs(function, scope)
            functions = [ref for ref in refs if isinstance(ref, FunctionNode)]
            if not refs and isinstance(function, ast.Attribute):
                functions = self._methods.get(name, [])
            yield from self._returned(functions, path)

    def _returned(self, functions: list[FunctionNode], path: Path) -> Iterator[Meaning]:
        for function in functions:
            yield from ((result, path, function.scope) for result in function.returns)

    @cached_property
    def _methods(self) -> dict[str, list[FunctionNode]]:
        """Methods by their names, where few have the name."""
        found: defaultdict[str, list[FunctionNode]] = defaultdict(list)
        for module in self._program.modules.values():
            for function in module.functions:
                if function.owner is not None:
                    found[function.name].append(function)
        return {name: functions for name, functions in found.items() if len(functions) <= _FEW}

    def _meanings(self, node: ast.expr, path: Path, scope: Scope) -> Iterator[Meaning]:
        """Yield what a variable or an attribute of a module was given."""
        if isinstance(node, ast.Attribute):
            for where in self._program.scopes_of_global(node, scope):
                yield ast.copy_location(ast.Name(node.attr, ast.Load()), node), path, where
            properties = [e for e in self._methods.get(node.attr, ()) if "property" in e.decorators]
            yield from self._returned(properties, path)
            yield from self._kept(node, path, scope)
        if not isinstance(node, ast.Name):
            return
        found = self._program.lookup(scope, node.id)
        for binding in found[1] if found else ():
            if isinstance(binding, Value):
                yield from self._given(binding, path)
            elif isinstance(binding, Parameter):
                yield from self._passed(binding, path)
            elif isinstance(binding, Imported):
                for owner, name, _ in self._program.origins_of(binding):
                    yield ast.copy_location(ast.Name(name, ast.Load()), node), path, owner

    def _kept(self, node: ast.Attribute, path: Path, scope: Scope) -> Iterator[Meaning]:
        """Yield what the methods of a class keep in an attribute of ``self``."""
        owner = self._owner(node.value, scope)
        for store in self._program.stores.get(_name(node, scope), ()) if owner is not None else ():
            if isinstance(store.value, Value) and self._owner(store.receiver, store.scope) is owner:
                yield from self._given(store.value, path)

    def _owner(self, node: ast.expr, scope: Scope) -> ClassNode | None:
        """Return the class of which ``node`` is ``self``."""
        found = self._program.lookup(scope, node.id) if isinstance(node, ast.Name) else None
        for binding in found[1] if found else ():
            if isinstance(binding, Parameter) and binding.is_receiver:
                return binding.function.owner
        return None

    def _given(self, binding: Value, path: Path) -> Iterator[Meaning]:
        if not binding.steps:
            yield binding.expr, path, binding.scope
        elif binding.steps[0] is Step.ELEMENT:
            yield from self._element(binding.expr, binding.steps[1:], path, binding.scope)

    def _element(
        self, node: ast.expr, steps: tuple[Step | int, ...], path: Path, scope: Scope
    ) -> Iterator[Meaning]:
        """Yield the container that a loop goes through; ``steps`` lead from its element to the variable."""
        name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if isinstance(node, ast.Call) and steps:
            called = getattr(node.func, "id", "")
            first = steps[0]
            if name == "items" and first == 1 and isinstance(node.func, ast.Attribute):
                yield node.func.value, (None, *path), scope
            elif called == "enumerate" and first == 1 and node.args:
                yield node.args[0], (None, *path), scope
            elif called == "zip" and isinstance(first, int) and first < len(node.args):
                yield node.args[first], (None, *path), scope
        elif not steps:
            yield node, (None, *path), scope

    def _passed(self, binding: Parameter, path: Path) -> Iterator[Meaning]:
        function = binding.function
        positional = [*function.node.args.posonlyargs, *function.node.args.args]
        place = positional.index(binding.arg) if binding.arg in positional else None
        index = place - int(function.bound) if place else place
        for call, scope in self._calls.get(function, ()):
            named = [word.value for word in call.keywords if word.arg == binding.arg.arg]
            given = named or (call.args[index : index + 1] if index is not None else [])
            yield from ((each, path, scope) for each in given if not isinstance(each, ast.Starred))
        defaults = function.node.args.defaults
        if place is not None and place >= len(positional) - len(defaults):
            yield defaults[place - len(positional)], path, function.outer

    @cached_property
    def _calls(self) -> dict[FunctionNode, list[tuple[ast.Call, Scope]]]:
        """Calls of functions and classes by name; those of methods are not told apart by it."""
        found: defaultdict[FunctionNode, list[tuple[ast.Call, Scope]]] = defaultdict(list)
        for module in self._program.modules.values():
            for call, scope in module.calls:
                for ref in self._program.refs(call.func, scope):
                    made = self._program.method(ref, "__init__") if isinstance(ref, ClassNode) else None
                    called = ref if isinstance(ref, FunctionNode) and ref.owner is None else made
                    if called is not None:
                        found[called].append((call, scope))
        return found


def _name(node: ast.expr, scope: Scope) -> str:
    """Return the name of a variable, or of an attribute as stored."""
    if isinstance(node, ast.Name):
        return node.id
    name = node.attr if isinstance(node, ast.Attribute) else ""
    owner = scope.qualname.partition(".<locals>")[0].rpartition(".")[0]
    return private_name(owner.rpartition(".")[2], name) if owner else name
