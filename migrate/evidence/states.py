"""What ``__getstate__`` makes of an object: attributes that it takes out, puts in, or names one by one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.evidence.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrate.evidence.source import FunctionNode


@frozen
class StateShape:
    """How the state of an object differs from its attributes."""

    removed: frozenset[str] = frozenset()
    added: Mapping[str, ast.expr] = field(factory=dict)
    """Name → the value that is stored under it."""
    whole: bool = False
    """There is nothing in it but what is added."""


def state_shape(function: FunctionNode) -> StateShape:
    """Return what a ``__getstate__`` does, as far as its syntax tells."""
    removed = frozenset(name for node in ast.walk(function.node) for name in _removed(node))
    returned = function.returns
    displays = [made for made in returned if isinstance(made, ast.Dict) and _named(made)]
    if returned and len(displays) == len(returned):
        added = {name: value for made in displays for name, value in _entries(made)}
        return StateShape(removed, added, whole=True)
    names = {made.id for made in returned if isinstance(made, ast.Name)}
    stored = (pair for node in ast.walk(function.node) for pair in _stored(node, names))
    return StateShape(removed, dict(stored))


def _named(made: ast.Dict) -> bool:
    return bool(made.keys) and all(
        isinstance(k, ast.Constant) and isinstance(k.value, str) for k in made.keys
    )


def _entries(made: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(made.keys, made.values, strict=True):
        if isinstance(key, ast.Constant):
            yield str(key.value), value


def _stored(node: ast.AST, names: set[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is put into the dict that is returned: ``state["x"] = value``."""
    for target in node.targets if isinstance(node, ast.Assign) else ():
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = target.slice
            literal = isinstance(key, ast.Constant) and isinstance(key.value, str)
            if literal and target.value.id in names and isinstance(node, ast.Assign):
                yield str(key.value if isinstance(key, ast.Constant) else ""), node.value


def _removed(node: ast.AST) -> list[str]:
    """Return the keys that a statement or expression takes out of a dict: ``del d["x"]``, ``d.pop("x")``."""
    keys: list[ast.expr] = []
    if isinstance(node, ast.Delete):
        keys = [target.slice for target in node.targets if isinstance(target, ast.Subscript)]
    elif isinstance(node, ast.Call) and last_name(node) == "pop":
        keys = node.args[:1]
    return [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
