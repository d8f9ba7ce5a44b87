"""Whether an ``__init__`` only assigns its arguments to attributes, so that calling it does nothing else.

It is told by its source. Anything that could open a file or reach a server is not called to make test values.
"""

from __future__ import annotations

import ast
import inspect
import textwrap

_PLAIN = (
    *(ast.Constant, ast.Name, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.expr_context),
    *(ast.IfExp, ast.BoolOp, ast.boolop, ast.Compare, ast.Is, ast.IsNot, ast.UnaryOp, ast.unaryop),
)
_EMPTY = frozenset({"dict", "list", "set", "tuple"})


def only_assigns(cls: type) -> bool:
    """Whether ``cls(…)`` runs no code of the program but assignments; True where there is no ``__init__``."""
    init = cls.__init__  # type: ignore[misc]
    if _is_builtin(init):
        return True
    function = _source_of(init)
    if function is None or not function.args.args:
        return False
    me = function.args.args[0].arg
    return all(_assigns(statement, me) or _calls_base(statement, cls) for statement in function.body)


def _is_builtin(init: object) -> bool:
    return not inspect.isfunction(init)


def _source_of(init: object) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(init)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):  # made by exec, or its file is gone
        return None
    found = tree.body[0]
    return found if isinstance(found, ast.FunctionDef) and not found.decorator_list else None


def _assigns(statement: ast.stmt, me: str) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.AnnAssign):
        return _is_attribute(statement.target, me) and _is_plain(statement.value)
    return (
        isinstance(statement, ast.Assign)
        and all(_is_attribute(target, me) for target in statement.targets)
        and _is_plain(statement.value)
    )


def _is_attribute(target: ast.expr, me: str) -> bool:
    if isinstance(target, ast.Tuple):
        return all(_is_attribute(element, me) for element in target.elts)
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == me


def _is_plain(value: ast.expr | None) -> bool:
    if value is None or _is_empty(value):
        return True
    return all(isinstance(node, _PLAIN) for node in ast.walk(value))


def _is_empty(value: ast.expr) -> bool:
    """Whether it is ``list()`` or the like."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in _EMPTY
        and not value.args
        and not value.keywords
    )


def _calls_base(statement: ast.stmt, cls: type) -> bool:
    """Whether it is ``super().__init__(…)``, of a single base that only assigns as well."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    return (
        ast.unparse(call.func) == "super().__init__"
        and all(_is_plain(argument) for argument in call.args)
        and all(_is_plain(keyword.value) for keyword in call.keywords)
        and len(cls.__bases__) == 1
        and only_assigns(cls.__bases__[0])
    )
