"""What attributes of the program's own classes mean: ``self.codec``, ``cls.codec``, ``Store.codec``.

class Base:
    codec = pickle                        # in the body of the class,

class Store(Base):
    def __init__(self):
        self.load = pickle.load           # by a method,

    def put(self, order):
        return self.codec.dumps(order)    # or inherited, also from another file

An attribute means pickle only if everything that the nearest class binds it to does.
"""

from __future__ import annotations

import ast
from itertools import islice
from typing import TYPE_CHECKING

from attrs import define, field

from migrate.sites.scopes import Binding, Outline, Scope
from migrate.sites.values import NOT_YET, Named, OwnClass, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from migrate.sites.resolve import Grounds, Key, Resolver

_MEANINGFUL = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.NamedExpr)
_Assigned = dict[tuple[ast.AST, str], list[ast.expr | None]]


@define(eq=False)
class ClassAttributes:
    """Looks up attributes of classes for a `Resolver`."""

    resolver: Resolver
    _assigned: dict[str, _Assigned] = field(factory=dict)
    _outlines: dict[Scope, Outline] = field(factory=dict)
    _classes: dict[str, dict[ast.AST, Scope]] = field(factory=dict)
    _known_bases: dict[Scope, tuple[tuple[OwnClass, ...], Grounds]] = field(factory=dict)

    def own_class(self, outline: Outline, node: ast.AST | None) -> OwnClass | None:
        """Return the class that ``node`` defines; None for what is no class."""
        if outline.path not in self._classes:
            classes = (scope for scope in outline.scopes if scope.kind == "class")
            self._classes[outline.path] = {scope.node: scope for scope in classes if scope.node is not None}
        scope = self._classes[outline.path].get(node) if node is not None else None
        if scope is None:
            return None
        self._outlines[scope] = outline
        return OwnClass(outline.path, scope)

    def of_self(self, outline: Outline, node: ast.Attribute) -> Value | None:
        """Return what ``self.x`` or ``cls.x`` means in a method; None for other attributes."""
        owner = self.class_of_self(outline, node.value)
        return self.of_class(owner, node.attr) if owner is not None else None

    def class_of_self(self, outline: Outline, node: ast.expr) -> OwnClass | None:
        """Return the class of what is ``self`` or ``cls`` in a method; None for anything else."""
        scope = _class_of_self(outline, node)
        return self.own_class(outline, scope.node) if scope is not None else None

    def bound_in(self, owner: OwnClass, name: str) -> Iterator[tuple[Outline, list[Binding]]]:
        """Yield what the bodies of a class and its bases bind ``name`` to, the nearest first."""
        for ancestor in self._line(owner):
            if name in ancestor.scope.bindings:
                yield self._outlines[ancestor.scope], ancestor.scope.bindings[name]

    def of_class(self, owner: OwnClass, name: str) -> Value | None:
        """Return what the attribute ``name`` of a class means, by the first class in its line to bind it."""
        key = (owner.scope, f".{name}")
        return self.resolver.once(key, lambda: self._first(self._line(owner), name))

    def inherited(self, owner: OwnClass, name: str) -> Value | None:
        """Return what ``name`` would mean if the class itself did not bind it."""
        return self._first(islice(self._line(owner), 1, None), name)

    def _first(self, line: Iterable[OwnClass], name: str) -> Value | None:
        for ancestor in line:
            outline = self._outlines[ancestor.scope]
            assigned = self._assigned_in(outline).get((_node(ancestor.scope), name))
            if assigned is not None:
                return self._judged(outline, ancestor.scope, name, assigned)
            if name in ancestor.scope.bindings:
                return self.resolver.bound(outline, ancestor.scope, name)
        return None

    def keeps_pickle(self, owner: OwnClass) -> bool:
        """Whether an attribute of the class, its own or inherited, is pickle or something in it."""
        names = {name for ancestor in self._line(owner) for name in self._promising(ancestor.scope)}
        found = (self.of_class(owner, name) for name in names)
        return any(isinstance(value, Named) and value.pickles for value in found)

    def _promising(self, scope: Scope) -> Iterator[str]:
        """Yield the names that a class binds to what could have a meaning: most are methods."""
        for name, bindings in scope.bindings.items():
            if any(binding.meaning is not None for binding in bindings):
                yield name
        for (node, name), values in self._assigned_in(self._outlines[scope]).items():
            if node is scope.node and any(isinstance(value, _MEANINGFUL) for value in values):
                yield name

    def own_names(self, owner: OwnClass) -> Iterator[str]:
        """Yield the names of the attributes that the class itself binds."""
        yield from owner.scope.bindings
        assigned = self._assigned_in(self._outlines[owner.scope])
        yield from (name for node, name in assigned if node is owner.scope.node)

    def _judged(
        self, outline: Outline, scope: Scope, name: str, assigned: list[ast.expr | None]
    ) -> Value | None:
        bindings = [Binding(value or _node(scope), value) for value in assigned]
        key = (scope, f"self.{name}")
        found = self.resolver.once(key, lambda: self.resolver.combine(outline, bindings))
        return found if isinstance(found, Named) and found.pickles else None

    def _line(self, owner: OwnClass) -> Iterator[OwnClass]:
        """Yield the class and its bases in the tree, depth first: Python's order but for diamonds."""
        seen: set[Scope] = set()
        pending = [owner]
        while pending:
            current = pending.pop()
            if current.scope in seen:
                continue
            seen.add(current.scope)
            yield current
            pending += reversed(self._bases(current))

    def _bases(self, owner: OwnClass) -> tuple[OwnClass, ...]:
        known = self._known_bases.get(owner.scope)
        if known is not None:
            self.resolver.rest_on(known[1])
            return known[0]
        node = owner.scope.node
        outline = self._outlines[owner.scope]
        # Base[int] is Base with a type argument.
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        plain = [base.value if isinstance(base, ast.Subscript) else base for base in bases]
        with self.resolver.grounds() as grounds:
            values = [self.resolver.expression(outline, base) for base in plain]
        found = tuple(value for value in values if isinstance(value, OwnClass))
        if NOT_YET not in values:
            self._known_bases[owner.scope] = found, grounds
        return found

    def drop(self, gone: AbstractSet[Key | str]) -> None:
        """Forget the bases found by answers that rest on any of ``gone``, and what is in its files."""
        for path in (path for path in gone if isinstance(path, str)):
            self._classes.pop(path, None)
            self._assigned.pop(path, None)
        for scope in [s for s, (_, grounds) in self._known_bases.items() if not gone.isdisjoint(grounds)]:
            del self._known_bases[scope]

    def _assigned_in(self, outline: Outline) -> _Assigned:
        """Return all values that methods assign to attributes of ``self``; None for other bindings."""
        if outline.path not in self._assigned:
            found: _Assigned = {}
            for node in outline.attributes:
                owner = _class_of_self(outline, node.value) if isinstance(node.ctx, ast.Store) else None
                if owner is not None:
                    statement = outline.parents[node]
                    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
                    found.setdefault((_node(owner), node.attr), []).append(value)
            self._assigned[outline.path] = found
        return self._assigned[outline.path]


def _node(scope: Scope) -> ast.AST:
    if scope.node is None:
        raise AssertionError("a class scope without its class")
    return scope.node


def _class_of_self(outline: Outline, node: ast.expr) -> Scope | None:
    """Return the class whose method has ``node`` for its first parameter, never bound anew."""
    if not isinstance(node, ast.Name) or node not in outline.scope_of:
        return None
    method = outline.scope_of[node].owner(node.id)
    if method is None or not isinstance(method.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    arguments = method.node.args
    parameters = [*arguments.posonlyargs, *arguments.args]
    if not parameters or parameters[0].arg != node.id or len(method.bindings[node.id]) > 1:
        return None
    if any(isinstance(item, ast.Name) and item.id == "staticmethod" for item in method.node.decorator_list):
        return None
    parent = method.parent
    while parent is not None and parent.kind == "type parameters":
        parent = parent.parent
    return parent if parent is not None and parent.kind == "class" else None
