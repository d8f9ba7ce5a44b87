"""Functions of the tree that import the module whose name they are given, and return it.

def optional(name, default=None):
    try:
        return importlib.import_module(name)
    except ImportError:
        return default

dill = optional("dill")                   # is an import of dill

What counts is what the function does, not what it is called. It is looked for only where a call is given the
name of pickle or of a relative, so that few functions of a tree are ever read.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import define, field

from migrate.sites.scopes import ImportedName
from migrate.sites.values import InTree, OwnClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from migrate.sites.resolve import Grounds, Key, Resolver
    from migrate.sites.scopes import Binding, Outline, Scope

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@define(eq=False)
class ImportWrappers:
    """Looks up functions for a `Resolver`."""

    resolver: Resolver
    outline_of: Callable[[str], Outline | None]
    """Gives the outline of any file of the tree."""
    _given: dict[ast.AST, tuple[str | None, Grounds]] = field(factory=dict)

    def defined(self, outline: Outline, callee: ast.expr) -> list[tuple[Outline, _Function]]:
        """Return the functions of the tree that ``callee`` can mean."""
        return list(self._functions(outline, callee, set()))

    def name_given(self, outline: Outline, call: ast.Call) -> ast.expr | None:
        """Return the argument of a call in which a function of the tree takes the name of what it imports."""
        for home, function in self.defined(outline, call.func):
            parameter = self._parameter(home, function)
            argument = _argument(call, function, parameter) if parameter else None
            if argument is not None:
                return argument
        return None

    # --- definitions ----------------------------------------------------------------------------------------

    def _functions(
        self, outline: Outline, node: ast.expr, seen: set[tuple[str, str]]
    ) -> Iterator[tuple[Outline, _Function]]:
        if isinstance(node, ast.Name):
            scope = outline.scope_of.get(node)
            owner = scope.owner(node.id) if scope is not None else None
            if owner is None:
                yield from self._from_stars(outline, node.id, seen)
            else:
                yield from self._bound(outline, owner.bindings[node.id], seen)
        elif isinstance(node, ast.Attribute):
            base = self.resolver.expression(outline, node.value)
            owner_class = base if isinstance(base, OwnClass) else None
            if base is None:
                owner_class = self.resolver.attributes.class_of_self(outline, node.value)
            if isinstance(base, InTree):
                yield from self._exported(base.path, node.attr, seen)
            elif owner_class is not None:
                nearest = next(self.resolver.attributes.bound_in(owner_class, node.attr), None)
                if nearest is not None:
                    yield from self._bound(*nearest, seen)

    def _bound(
        self, outline: Outline, bindings: Iterable[Binding], seen: set[tuple[str, str]]
    ) -> Iterator[tuple[Outline, _Function]]:
        for binding in bindings:
            if isinstance(binding.node, _Function):
                yield outline, binding.node
            elif isinstance(binding.meaning, ImportedName):
                meaning = binding.meaning
                base = self.resolver.modules.absolute(outline.path, meaning.module, meaning.level)
                path = self.resolver.modules.path_of(base, importer=outline.path) if base else None
                if path is not None:
                    yield from self._exported(path, meaning.name, seen)
            elif isinstance(binding.meaning, ast.Name | ast.Attribute):
                yield from self._functions(outline, binding.meaning, seen)

    def _exported(
        self, path: str, name: str, seen: set[tuple[str, str]]
    ) -> Iterator[tuple[Outline, _Function]]:
        outline = self.outline_of(path) if (path, name) not in seen else None
        seen.add((path, name))
        if outline is None:
            return
        if name in outline.module.bindings:
            yield from self._bound(outline, outline.module.bindings[name], seen)
        else:
            yield from self._from_stars(outline, name, seen)

    def _from_stars(
        self, outline: Outline, name: str, seen: set[tuple[str, str]]
    ) -> Iterator[tuple[Outline, _Function]]:
        for star in outline.stars:
            source = self.resolver.star_source(outline, star)
            if isinstance(source, InTree):
                yield from self._exported(source.path, name, seen)

    # --- what a function does -------------------------------------------------------------------------------

    def _parameter(self, outline: Outline, function: _Function) -> str | None:
        """Return the parameter that names the module which the function imports and returns."""
        if function not in self._given:
            self._given[function] = None, set()  # What calls itself says nothing more by that.
            own = next(scope for scope in outline.scopes if scope.node is function and scope.name)
            with self.resolver.grounds() as grounds:
                self._given[function] = self._returned(outline, function, own), grounds
        found, grounds = self._given[function]
        self.resolver.rest_on(grounds)
        return found

    def drop(self, gone: AbstractSet[Key | str]) -> None:
        """Forget what was found by answers which rest on any of ``gone``."""
        for function in [f for f, (_, grounds) in self._given.items() if not gone.isdisjoint(grounds)]:
            del self._given[function]

    def _returned(self, outline: Outline, function: _Function, own: Scope) -> str | None:
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        imported: dict[ast.AST, str] = {}
        for node in nodes:
            if isinstance(node, ast.Call | ast.Subscript):
                base = node.func if isinstance(node, ast.Call) else node.value
                name = self.resolver.name_of_import(outline, node, self.resolver.expression(outline, base))
                if isinstance(name, ast.Name) and _is_only_passed(name, outline, own):
                    imported[node] = name.id
        parameters = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
        found = _values(nodes, {node: name for node, name in imported.items() if name in parameters})
        returns = (node.value for node in nodes if isinstance(node, ast.Return) and node.value is not None)
        return next((found[value] for value in map(_plain, returns) if value in found), None)


def _is_only_passed(name: ast.Name, outline: Outline, own: Scope) -> bool:
    """Whether a name is of the function ``own`` and bound once: what is passed is used as it is."""
    return outline.scope_of[name].owner(name.id) is own and len(own.bindings[name.id]) == 1


def _values(nodes: list[ast.AST], imported: dict[ast.AST, str]) -> dict[ast.AST, str]:
    """Return the expressions whose value is an imported module, with the parameter that names it."""
    found = dict(imported)
    names: dict[str, str] = {}
    before = -1
    while before != len(found):
        before = len(found)
        for node in nodes:
            if isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign) and node.value in found:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update((t.id, found[node.value]) for t in targets if isinstance(t, ast.Name))
            if isinstance(node, ast.Name) and node.id in names:
                found.setdefault(node, names[node.id])
            for part in _alternatives(node):
                if part in found:
                    found.setdefault(node, found[part])
    return found


def _alternatives(node: ast.AST) -> list[ast.expr]:
    """Return the parts of an expression one of which is its value."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.NamedExpr):
        return [node.value]
    return node.values if isinstance(node, ast.BoolOp) else []


def _plain(node: ast.expr) -> ast.expr:
    """Return what a `typing.cast` is about; anything else as it is."""
    if isinstance(node, ast.Call) and len(node.args) == 2:
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return node.args[1] if last == "cast" else node
    return node


def _argument(call: ast.Call, function: _Function, parameter: str) -> ast.expr | None:
    """Return what a call passes for a parameter of the function, if that can be seen."""
    for keyword in call.keywords:
        if keyword.arg == parameter:
            return keyword.value
    names = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    if parameter not in names:
        return None
    position = names.index(parameter)
    if isinstance(call.func, ast.Attribute) and names[0] in ("self", "cls"):
        position -= 1
    given = call.args[: position + 1]
    seen = len(given) > position >= 0 and not any(isinstance(item, ast.Starred) for item in given)
    return given[position] if seen else None
