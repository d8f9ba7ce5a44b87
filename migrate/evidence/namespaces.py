"""Expressions that stand for the attributes of something as a dict: ``vars(x)``, ``globals()``."""

from __future__ import annotations

import ast

_DICT = "__dict__"
_READERS = frozenset({"getattr", "__getattribute__"})


def owner_of(node: ast.expr) -> ast.expr | None:
    """Return the object whose attributes the dict ``node`` holds; None if it is no such dict."""
    if isinstance(node, ast.Attribute):
        return node.value if node.attr == _DICT else None
    if not isinstance(node, ast.Call) or node.keywords:
        return None
    name = _called(node)
    if name == "vars" and len(node.args) == 1:
        return node.args[0]
    asked = node.args[-1] if len(node.args) > 1 else None
    named = isinstance(asked, ast.Constant) and asked.value == _DICT
    return node.args[0] if named and name in _READERS else None


def is_globals(node: ast.expr, *, at_module: bool) -> bool:
    """Whether ``node`` is the dict of its module; ``at_module``, if it stands outside of any function."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("f_globals", "__globals__")
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    return _called(node) in ({"globals", "vars", "locals"} if at_module else {"globals"})


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
