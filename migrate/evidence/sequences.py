"""Several values in one file: which of them a load reads.

    pickle.dump(header, f)          header = pickle.load(f)
    pickle.dump(orders, f)          orders = pickle.load(f)

A file gives its values back in the order in which they were written. So where one function writes several
to a handle, one after the other, and another one reads as many, each load is of the dump at its own position.
That holds only if each of the calls is made once: in no loop and under no condition, on a handle with which
nothing else is done that could write, read or move.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence.source import ScopeKind, Value
from migrate.model import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from migrate.evidence.places import Place
    from migrate.evidence.source import Scope

_ONE_OF_MANY = frozenset({Operation.DUMP, Operation.LOAD})
_HARMLESS = frozenset({"close", "flush", "fileno"})
"""Methods of a handle after which the next value is still the next one."""
_STATEMENTS = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.With)
_ONCE = (*_STATEMENTS, ast.withitem, ast.Attribute, ast.Call, ast.Tuple)
"""Nodes around a call that is made once if they are reached at all."""


@frozen
class Position:
    """Where a call stands among those on its handle."""

    index: int
    length: int


class Sequences:
    """The positions of the sites of one tree on their handles; ``parent`` gives the node around a node."""

    def __init__(self, places: Iterable[Place], parent: Callable[[ast.AST, Place], ast.AST | None]) -> None:
        self._parent = parent
        self._on: dict[tuple[Scope, str], list[Place]] = {}
        for place in places:
            handle = _handle(place)
            if handle is not None:
                self._on.setdefault((place.scope, handle.id), []).append(place)
        self._positions: dict[tuple[Scope, str], dict[Place, Position]] = {}

    def matching(self, load: Place, dumps: Sequence[Place]) -> list[Place]:
        """Return those of ``dumps`` that stand where ``load`` does; none if that is not plain to see."""
        place = self._position(load)
        positions = [self._position(dump) for dump in dumps]
        if place is None or any(found is None or found.length != place.length for found in positions):
            return []
        return [dump for dump, found in zip(dumps, positions, strict=True) if found == place]

    def _position(self, place: Place) -> Position | None:
        handle = _handle(place)
        if handle is None:
            return None
        key = (place.scope, handle.id)
        if key not in self._positions:
            self._positions[key] = self._of_handle(*key)
        return self._positions[key].get(place)

    def _of_handle(self, scope: Scope, name: str) -> dict[Place, Position]:
        on = sorted(self._on[scope, name], key=lambda each: (each.call.lineno, each.call.col_offset))
        one_way = len({each.site.operation for each in on}) == 1
        if len(on) < 2 or not one_way or not _opened_once(scope, name):
            return {}
        if not all(self._made_once(each) for each in on) or self._used_otherwise(on, name):
            return {}
        return {each: Position(index, len(on)) for index, each in enumerate(on)}

    def _made_once(self, place: Place) -> bool:
        """Whether nothing around a call in its function repeats it or may leave it out."""
        inner: ast.AST = place.call
        outer = self._parent(inner, place)
        while outer is not None and not isinstance(
            outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module
        ):
            in_body = isinstance(outer, ast.Try) and inner in outer.body
            if not in_body and not isinstance(outer, _ONCE):
                return False
            inner, outer = outer, self._parent(outer, place)
        return True

    def _used_otherwise(self, on: Sequence[Place], name: str) -> bool:
        """Whether the handle is used for anything but the calls themselves and what leaves its position."""
        handles = {id(_handle(each)) for each in on}
        for node in _readings(on[0].scope, name):
            around = self._parent(node, on[0])
            harmless = isinstance(around, ast.Attribute) and around.attr in _HARMLESS
            entered = isinstance(around, ast.withitem) and around.context_expr is node
            if id(node) not in handles and not harmless and not entered:
                return True
        return False


def _handle(place: Place) -> ast.Name | None:
    """Return the variable of the file, Pickler or Unpickler that a site writes to or reads from."""
    call, dumps = place.call, place.site.operation is Operation.DUMP
    if place.site.operation not in _ONE_OF_MANY or any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    named = next((keyword.value for keyword in call.keywords if keyword.arg == "file"), None)
    found = named or next(iter(call.args[int(dumps) :]), None)
    if found is None and isinstance(call.func, ast.Attribute):
        found = call.func.value
    return found if isinstance(found, ast.Name) else None


def _opened_once(scope: Scope, name: str) -> bool:
    """Whether a variable of a function is one handle: it is bound there, and nowhere else."""
    bindings = scope.names.get(name, ()) if scope.kind is ScopeKind.FUNCTION else ()
    return len(bindings) == 1 and isinstance(bindings[0], Value)


def _readings(scope: Scope, name: str) -> Iterator[ast.Name]:
    """Yield every reading of a variable in its function, the functions inside included."""
    function = scope.module.function_of.get(scope)
    for node in ast.walk(function.node) if function else ():
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node
