"""Small questions to a piece of syntax, which need no names resolved."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrate.evidence.source import Step

if TYPE_CHECKING:
    from migrate.evidence.source import Value

_TYPED_DOC = re.compile(r"[:@](?:type|rtype|param)\b|^\s*-{4,}\s*$", re.M)
"""What a docstring has that says types; see `migrate.evidence.docstrings`."""
UNSEEN: ast.expr = ast.Await(ast.Constant(None), lineno=0, col_offset=0)
"""Stands for a value that is not in the source; of no expression of this kind is anything known."""


def typed_doc(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the docstring of a class or function, if it says types."""
    first = node.body[0]
    text = first.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None
    doc = text.value if text is not None else None
    return doc if isinstance(doc, str) and _TYPED_DOC.search(doc) else ""


def is_negation(node: ast.expr) -> bool:
    """Whether it is ``not …``."""
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def last_name(node: ast.expr) -> str | None:
    """Return the last name of a dotted expression or of what it calls: ``attr.s(slots=True)`` gives ``s``."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def literal_text(node: ast.expr | None) -> str | None:
    """Return the text of a string constant; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def part_of(value: Value) -> ast.expr:
    """Return an expression for the part of a value that is assigned to an item."""
    expr = value.expr
    for step in value.steps:
        if isinstance(step, int):
            expr = ast.copy_location(ast.Subscript(expr, ast.Constant(step), ast.Load()), value.expr)
        elif step is Step.ELEMENT:
            whole = ast.List([ast.Starred(expr, ast.Load())], ast.Load())
            expr = ast.copy_location(ast.Subscript(whole, ast.Constant(0), ast.Load()), value.expr)
        else:
            return UNSEEN
    return expr


def literal_items(state: ast.expr) -> list[tuple[ast.expr, ast.expr]] | None:
    """Return names and values of ``{"name": value}`` or ``dict(name=value)``; None if a name is not known."""
    if isinstance(state, ast.Dict):
        named = [key for key in state.keys if key is not None and literal_text(key)]
        return list(zip(named, state.values, strict=True)) if len(named) == len(state.keys) else None
    if isinstance(state, ast.Call) and last_name(state) == "dict" and not state.args:
        words = [word for word in state.keywords if word.arg]
        known = len(words) == len(state.keywords)
        return [(ast.Constant(word.arg), word.value) for word in words] if known else None
    return None


def surely_bound(statement: ast.stmt) -> list[str]:
    """Return the names that a statement of a module binds, whatever happens before."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if not isinstance(statement, ast.AnnAssign) or statement.value is None:
        return []
    return [statement.target.id] if isinstance(statement.target, ast.Name) else []


def default_values(args: ast.arguments) -> list[ast.expr]:
    """Return the defaults of all parameters that have one."""
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def is_call_of(node: ast.expr, name: str) -> bool:
    """Whether it calls a method of that name, of whatever."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def is_main_test(test: ast.expr) -> bool:
    """Whether it is ``__name__ == "__main__"``, either way round."""
    if not isinstance(test, ast.Compare) or len(test.comparators) != 1:
        return False
    sides = (test.left, test.comparators[0])
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    texts = {literal_text(side) for side in sides}
    return "__name__" in names and "__main__" in texts
