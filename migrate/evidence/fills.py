"""What containers are filled with: ``items.append(x)``, ``d[k] = v``, ``d.setdefault(k, []).append(x)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.evidence import types as t

if TYPE_CHECKING:
    import ast

    from migrate.evidence.expressions import Expressions
    from migrate.evidence.source import Fill
    from migrate.evidence.types import Types
    from migrate.model import TypeRef

_SEQUENCES = frozenset({"list", "collections.deque"})
_METHODS = {
    "append": _SEQUENCES,
    "appendleft": _SEQUENCES,
    "insert": _SEQUENCES,
    "extend": _SEQUENCES,
    "extendleft": _SEQUENCES,
    "add": frozenset({"set"}),
    "update": frozenset({"set", t.COUNTER}) | t.MAPPINGS,
    "symmetric_difference_update": frozenset({"set"}),
    "setdefault": t.MAPPINGS,
    "[]": frozenset({"list", t.COUNTER}) | t.MAPPINGS,
}


def filled(current: Types, fill: Fill, expressions: Expressions) -> Types:
    """Return the container types that ``fill`` makes of those that a place holds now.

    Nothing follows if the place holds no container that has such a method: the call is one of another class.
    """
    return _inside(current, list(fill.path), fill, expressions)


def _inside(current: Types, path: list[ast.expr | None], fill: Fill, expressions: Expressions) -> Types:
    if not path:
        found = (part for ref in t.ordered(current) for part in _fill_one(ref, fill, expressions))
        return t.capped(found)
    key = path[0]
    keys = expressions.of(key, fill.scope) if key is not None else t.BOTTOM
    result: set[TypeRef] = set()
    for ref in t.ordered(current):
        inner = _inside(t.items(t.types(ref)), path[1:], fill, expressions)
        if not inner:
            continue
        if ref.name in t.MAPPINGS:
            result |= t.make(ref.name, keys or t.elements(t.types(ref)), inner)
        elif ref.name in _SEQUENCES:
            result |= t.make(ref.name, inner)
    return frozenset(result)


def _fill_one(ref: TypeRef, fill: Fill, expressions: Expressions) -> Types:
    if ref.name not in _METHODS.get(fill.method, ()):
        return t.BOTTOM
    args = [expressions.of(arg, fill.scope) for arg in fill.args]
    if ref.name in t.MAPPINGS:
        return _fill_mapping(ref.name, fill, args)
    if ref.name == t.COUNTER:
        return t.make(ref.name, args[0] if fill.method == "[]" else t.elements(args[0]))
    if fill.method in ("extend", "extendleft", "update", "symmetric_difference_update"):
        return t.make(ref.name, *(t.elements(arg) for arg in args[:1]))
    position = 1 if fill.method in ("insert", "[]") else 0
    return t.make(ref.name, args[position]) if position < len(args) else t.BOTTOM


def _fill_mapping(name: str, fill: Fill, args: list[Types]) -> Types:
    if fill.method == "update":
        mappings = frozenset(ref for ref in args[0] if ref.name in t.MAPPINGS)
        unknown = t.ANYTHING if len(mappings) < len(args[0]) else t.BOTTOM
        return t.make(name, t.elements(mappings) | unknown, t.items(mappings) | unknown)
    values = args[1] if len(args) > 1 else t.types(t.NONE)
    return t.make(name, args[0], values)
