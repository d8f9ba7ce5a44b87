"""Attributes that hold pickle in one class and something else in another, or later.

class Base:
    codec = pickle
    def put(self, order):
        return self.codec.dumps(order)    # pickle's or json's: the object decides

class Text(Base):
    codec = json

Naming pickle's replacement at such a call would take the choice away, without a word.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.sites.values import Named, OwnClass, Place, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.sites.resolve import Resolver
    from migrate.sites.scopes import Outline


def overridden(outlines: Iterable[Outline], resolver: Resolver) -> set[Place]:
    """Return the places that put pickle into an attribute which the tree binds to something else as well."""
    found: set[Place] = set()
    for outline in outlines:
        for inherited, own in (*_by_subclasses(outline, resolver), *_from_outside(outline, resolver)):
            if isinstance(inherited, Named) and inherited.origin and not _is_same(inherited, own):
                found.add(inherited.origin)
    return found


def _by_subclasses(outline: Outline, resolver: Resolver) -> Iterator[tuple[Value | None, Value | None]]:
    """Yield what each attribute of a class means in its bases, and in the class."""
    for scope in outline.scopes:
        owner = resolver.attributes.own_class(outline, scope.node) if _is_derived(scope.node) else None
        if owner is None:
            continue
        for name in resolver.attributes.own_names(owner):
            inherited = resolver.attributes.inherited(owner, name)
            if isinstance(inherited, Named) and inherited.pickles:
                yield inherited, resolver.attributes.of_class(owner, name)


def _from_outside(outline: Outline, resolver: Resolver) -> Iterator[tuple[Value | None, Value | None]]:
    """Yield what the attributes that ``Store.codec = json`` sets mean in the class, and are set to."""
    for node in outline.attributes:
        if isinstance(node.ctx, ast.Load):
            continue
        owner = resolver.expression(outline, node.value)
        if isinstance(owner, OwnClass):
            before = resolver.attributes.of_class(owner, node.attr)
            if isinstance(before, Named) and before.pickles:
                statement = outline.parents[node]
                value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
                yield before, resolver.expression(outline, value) if value is not None else None


def _is_derived(node: ast.AST | None) -> bool:
    return isinstance(node, ast.ClassDef) and bool(node.bases)


def _is_same(left: Named, right: Value | None) -> bool:
    return isinstance(right, Named) and right.pickles and _member(left) == _member(right)


def _member(value: Named) -> str:
    return value.thing.name if value.thing else ""
