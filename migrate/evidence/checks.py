"""What the code after an assignment makes sure of about the value of a name.

order = pickle.load(f)
if not isinstance(order, Order):      # whatever is no Order ends here,
    raise TypeError(order)

value = pickle.load(f)
if isinstance(value, Order):          # and here only one of several answers is named
    return [value]
return value
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise

from migrate.evidence.syntax import last_name

Parent = Callable[[ast.AST], ast.AST | None]
"""Gives the node that holds a node."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Break, ast.Continue)
_BLOCKS = ("body", "orelse", "finalbody")


def asked(name: str, node: ast.AST, function: ast.AST, parent: Parent) -> Iterator[ast.Call]:
    """Yield every ``isinstance(name, …)`` of a function that can be about ``node``, assigned to ``name``."""
    own = _statement(node, parent)
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and _classes(call, name) and not _is_past(call, own, name, parent):
            yield call


def assured(name: str, node: ast.AST, parent: Parent) -> tuple[int, list[ast.expr]] | None:
    """Return the line that lets nothing pass but instances of some classes, and the classes.

    ``node`` is what is assigned to ``name``. The line must be passed by every value before anything else
    leaves the function or binds the name anew.
    """
    for statement in _following(node, parent):
        classes = _demanded(statement, name)
        if classes:
            return None if _is_caught(statement, name, parent) else (statement.lineno, classes)
        if any(_binds(inner, name) or isinstance(inner, _LEAVING) for inner in ast.walk(statement)):
            return None
    return None


def is_replaced(name: str, node: ast.AST, function: ast.AST, parent: Parent) -> bool:
    """Whether ``name`` can come to hold something else after ``node`` was assigned to it in ``function``."""
    own = _statement(node, parent)
    around = [own, *_ancestors(own, parent)]
    loops = [outer for outer in around if isinstance(outer, _LOOPS)]
    for other in ast.walk(function):
        if not _binds(other, name) or any(outer is own for outer in _ancestors(other, parent)):
            continue
        outers = list(_ancestors(other, parent))
        later = getattr(other, "lineno", 0) > own.lineno and not _is_other_branch(around, outers)
        if later or any(loop in outers for loop in loops):
            return True
    return False


def _is_past(call: ast.Call, own: ast.stmt, name: str, parent: Parent) -> bool:
    """Whether a question about ``name`` was over before the statement ``own`` assigns to it.

    ``if isinstance(data, bytes): data = loads(data)`` asks about what was there before. In a loop, the next
    round asks about what was assigned in this one, unless it binds the name anew before it asks.
    """
    if (call.lineno, call.col_offset) > (own.lineno, own.col_offset):
        return False
    around = [own, *_ancestors(own, parent)]
    outers = list(_ancestors(call, parent))
    loop = next((outer for outer in outers if isinstance(outer, _LOOPS) and outer in around), None)
    return loop is None or _starts_anew(loop, call, name)


def _starts_anew(loop: ast.AST, call: ast.Call, name: str) -> bool:
    """Whether each round of a loop binds ``name`` before it comes to ``call``."""
    if isinstance(loop, ast.For | ast.AsyncFor) and any(_binds(part, name) for part in ast.walk(loop.target)):
        return True
    return any(
        _binds(part, name)
        for statement in getattr(loop, "body", [])
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.lineno < call.lineno
        for part in ast.walk(statement)
    )


def _following(node: ast.AST, parent: Parent) -> Iterator[ast.stmt]:
    """Yield the statements after that of ``node`` in its function, or its loop: they see what it assigns."""
    current: ast.AST = _statement(node, parent)
    outer = parent(current)
    while outer is not None and not isinstance(current, (*_FUNCTIONS, *_LOOPS)):
        for field in _BLOCKS:
            block = getattr(outer, field, [])
            if isinstance(block, list) and current in block:
                yield from block[block.index(current) + 1 :]
                if isinstance(outer, ast.Try) and field == "body":
                    yield from outer.orelse
        current, outer = outer, parent(outer)


def _demanded(statement: ast.stmt, name: str) -> list[ast.expr]:
    """Return the classes of which ``name`` is an instance, if the statement is passed."""
    if isinstance(statement, ast.Assert):
        return _if_true(statement.test, name)
    if not isinstance(statement, ast.If):
        return []
    if _ends(statement.body):
        return _if_false(statement.test, name)
    found: list[ast.expr] = []
    while True:
        classes = _if_true(statement.test, name)
        otherwise = statement.orelse
        if not classes or not otherwise:
            return []
        found += classes
        if _ends(otherwise):
            return found
        if len(otherwise) != 1 or not isinstance(otherwise[0], ast.If):
            return []
        statement = otherwise[0]


def _ends(block: list[ast.stmt]) -> bool:
    """Whether nothing that comes into a block gets out of it, but by an exception."""
    inner = (node for statement in block for node in ast.walk(statement))
    return isinstance(block[-1], ast.Raise) and not any(isinstance(node, _LEAVING) for node in inner)


def _is_caught(statement: ast.stmt, name: str, parent: Parent) -> bool:
    """Whether the value of ``name`` outlives an exception that is raised in a statement."""
    for inner, outer in pairwise([statement, *_ancestors(statement, parent)]):
        if isinstance(inner, _FUNCTIONS):
            return False
        if isinstance(outer, ast.Try) and inner in outer.body:
            if not all(_forgets(handler, name) for handler in outer.handlers):
                return True
            if outer.finalbody and any(_reads(step, name) for step in outer.finalbody):
                return True
    return False


def _forgets(handler: ast.ExceptHandler, name: str) -> bool:
    """Whether what ``name`` holds plays no part in a handler, nor after it."""
    binds = any(
        _binds(target, name)
        for step in handler.body
        if isinstance(step, ast.Assign | ast.AnnAssign)
        for target in ast.walk(step)
    )
    leaves = isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Continue | ast.Break)
    return (binds or leaves) and not _reads(handler, name)


def _reads(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(node)
    )


def _if_true(test: ast.expr, name: str) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return next((found for value in test.values if (found := _if_true(value, name))), [])
    return _classes(test, name)


def _if_false(test: ast.expr, name: str) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return next((found for value in test.values if (found := _if_false(value, name))), [])
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    return _if_true(test.operand, name) if isinstance(test, ast.UnaryOp) and negated else []


def _classes(node: ast.AST, name: str) -> list[ast.expr]:
    """Return the classes for which ``isinstance(name, …)`` asks; nothing for anything else."""
    if not isinstance(node, ast.Call) or len(node.args) != 2 or last_name(node.func) != "isinstance":
        return []
    subject, classes = node.args
    if not isinstance(subject, ast.Name) or subject.id != name:
        return []
    return classes.elts if isinstance(classes, ast.Tuple) else [classes]


def classes_asked(call: ast.Call) -> list[ast.expr]:
    """Return the classes for which an `asked` call asks."""
    classes = call.args[1]
    return classes.elts if isinstance(classes, ast.Tuple) else [classes]


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name == name


def _statement(node: ast.AST, parent: Parent) -> ast.stmt:
    if isinstance(node, ast.stmt):
        return node
    return next(outer for outer in _ancestors(node, parent) if isinstance(outer, ast.stmt))


def _ancestors(node: ast.AST, parent: Parent) -> Iterator[ast.AST]:
    outer = parent(node)
    while outer is not None:
        yield outer
        outer = parent(outer)


def _is_other_branch(around: list[ast.AST], outers: list[ast.AST]) -> bool:
    """Whether two statements are in branches of which one is left when the other is taken."""
    for inner, outer in pairwise(around):
        if not isinstance(outer, ast.If | ast.Try) or outer not in outers or inner not in outer.body:
            continue
        beside = outer.orelse if isinstance(outer, ast.If) else outer.handlers
        return any(branch in outers for branch in beside)
    return False
