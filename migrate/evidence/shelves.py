"""What is stored in a shelf: the values of ``db[key] = value``, where the variable that holds it is seen.

    with shelve.open(path) as db:
        db["anna"] = cart

A shelf that is passed on or returned, or that writes back what it gave out, may hold anything.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence.source import ScopeKind, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.places import Place, Places
    from migrate.evidence.program import Program
    from migrate.evidence.source import Fill, Scope

_HARMLESS = frozenset(
    {"close", "sync", "get", "keys", "values", "items", "pop", "popitem", "clear", "__contains__"}
)
"""Methods of a shelf that store nothing."""
_READERS = frozenset({"len", "list", "dict", "sorted", "set", "tuple", "iter", "bool", "print"})
"""Functions that only look into a mapping."""


@frozen
class Stored:
    """What is seen to be stored in one shelf."""

    values: tuple[Value, ...] = ()
    problem: str = ""
    """Why more may be stored than is seen; empty if it cannot."""


def stored_in(place: Place, places: Places, program: Program) -> Stored:
    """Return what is stored through the variable that the shelf opened at ``place`` is bound to."""
    text = place.site.text.splitlines()[0]
    if _is_harmless(place.call, places, place):
        return Stored()
    name = _bound_name(place, places)
    if name is None:
        return Stored(problem=f"what is stored through {text} is not visible here")
    if _writes_back(place.call):
        return Stored(problem=f"with writeback, what is changed in place is stored through {name} as well")
    found = program.lookup(place.scope, name)
    if found is None or found[0].kind is ScopeKind.CLASS:
        return Stored(problem=f"what is stored through {text} is not visible here")
    owner = found[0]
    module = place.module
    if owner.kind is ScopeKind.MODULE and module.name in program.imported:
        return Stored(problem=f"other modules can store through {name}")
    fills = {fill.target: fill for fill in module.fills if fill.name == name}
    values: list[Value] = []
    for node in _names(module.tree, owner, name, program):
        if not _is_harmless(node, places, place):
            fill = fills.get(node)
            if fill is None or fill.path or fill.method not in ("[]", "setdefault") or len(fill.args) != 2:
                return Stored(problem=f"what else is done with {name} (line {node.lineno}) may store more")
            values.append(_value_of(fill))
    return Stored(tuple(values))


def _value_of(fill: Fill) -> Value:
    return Value(fill.args[1], fill.scope, fill.line)


def _bound_name(place: Place, places: Places) -> str | None:
    """Return the variable that holds the shelf: of an assignment, or of ``with``, also by ``closing``."""
    call: ast.AST = place.call
    parent = places.parent(call, place.module)
    if isinstance(parent, ast.Call) and parent.args == [call] and _called(parent) == "closing":
        call, parent = parent, places.parent(parent, place.module)
    target: ast.expr | None = None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
    elif isinstance(parent, ast.withitem) and parent.context_expr is call:
        target = parent.optional_vars
    return target.id if isinstance(target, ast.Name) else None


def _names(tree: ast.Module, owner: Scope, name: str, program: Program) -> Iterator[ast.Name]:
    """Yield the places that read variable ``name``, those of inner functions with one of their own too."""
    function = program.function_of(owner)
    root: ast.AST = tree if function is None else function.node
    for node in ast.walk(root):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node


def _is_harmless(node: ast.expr, places: Places, place: Place) -> bool:
    """Whether nothing is stored where the shelf is read here."""
    parent = places.parent(node, place.module)
    if isinstance(parent, ast.Subscript):
        return isinstance(parent.ctx, (ast.Load, ast.Del))
    if isinstance(parent, ast.Attribute):
        return parent.attr in _HARMLESS and isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call):
        return node in parent.args and _called(parent) in _READERS
    if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
        return parent.iter is node
    if isinstance(parent, ast.withitem):
        return parent.optional_vars is None
    return isinstance(parent, (ast.Compare, ast.If, ast.UnaryOp))


def _writes_back(call: ast.Call) -> bool:
    given = [k.value for k in call.keywords if k.arg in ("writeback", None)] + call.args[3:4]
    starred = any(isinstance(arg, ast.Starred) for arg in call.args)
    return starred or any(not (isinstance(value, ast.Constant) and not value.value) for value in given)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
