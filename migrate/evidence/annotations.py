"""Annotations as types."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from migrate.evidence.program import External, Package
from migrate.evidence.source import ClassNode, Value
from migrate.evidence.types import CALLABLE, ELLIPSIS, NONE, join, opened
from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.evidence.program import Program, Ref
    from migrate.evidence.source import Binding, Scope

_WRAPPERS = frozenset(
    f"typing.{name}"
    for name in ("Annotated", "Final", "Required", "NotRequired", "ReadOnly", "Concatenate", "Unpack")
)
_UNKNOWN_FORMS = frozenset(
    f"typing.{name}"
    for name in ("Any", "TypeVar", "Generic", "Protocol", "NoReturn", "Never", "Self", "LiteralString")
) | {"object"}
# ``-> any`` is written where ``Any`` is meant: functions are no types.
_FUNCTIONS = frozenset(name for name, value in vars(builtins).items() if not isinstance(value, type))
_MAX_ALIASES = 10


def annotation(node: ast.expr, scope: Scope, program: Program, depth: int = 0) -> TypeRef:
    """Return the type that ``node`` declares; unknown for what cannot be resolved."""
    if depth > _MAX_ALIASES:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return _constant(node, scope, program, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join([annotation(side, scope, program, depth) for side in (node.left, node.right)])
    if isinstance(node, ast.Subscript):
        return _subscript(node, scope, program, depth)
    if isinstance(node, (ast.Name, ast.Attribute)):
        found = [ref for ref in program.refs(node, scope) if not isinstance(ref, Package)]
        if found:
            return join(_plain(ref) for ref in found)
        return _alias(node, scope, program, depth)
    return UNKNOWN


def excluded(node: ast.expr, scope: Scope, program: Program) -> bool:
    """Whether the annotation says that there is no such field: ``ClassVar``, ``InitVar``, ``KW_ONLY``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        parsed = _parse(node.value)
        return parsed is not None and excluded(parsed, scope, program)
    if isinstance(node, ast.Subscript):
        if _external(node.value, scope, program) in _WRAPPERS:
            inner = (
                node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            )
            return excluded(inner, scope, program)
        node = node.value
    names = ("typing.ClassVar", "dataclasses.InitVar", "dataclasses.KW_ONLY", "typing.TypeAlias")
    return _external(node, scope, program) in names


def _constant(node: ast.Constant, scope: Scope, program: Program, depth: int) -> TypeRef:
    if node.value is None:
        return NONE
    if node.value is Ellipsis:
        return ELLIPSIS
    parsed = _parse(node.value) if isinstance(node.value, str) else None
    return annotation(parsed, scope, program, depth + 1) if parsed is not None else UNKNOWN


def _parse(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _external(node: ast.expr, scope: Scope, program: Program) -> str | None:
    for ref in program.refs(node, scope):
        if isinstance(ref, External):
            return ref.dotted
    return None


def _plain(ref: Ref) -> TypeRef:
    if isinstance(ref, ClassNode):
        return TypeRef(ref.key)
    if not isinstance(ref, External) or ref.dotted in _UNKNOWN_FORMS | _FUNCTIONS:
        return UNKNOWN
    return opened(TypeRef(ref.dotted))


def _subscript(node: ast.Subscript, scope: Scope, program: Program, depth: int) -> TypeRef:
    args = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if isinstance(node.slice, ast.Tuple) and not args:
        return TypeRef("tuple", ())  # tuple[()] holds nothing
    form = _external(node.value, scope, program)
    if form in _WRAPPERS or form in ("typing.Optional", "typing.Union"):
        inner = [annotation(arg, scope, program, depth) for arg in args]
        if form == "typing.Optional":
            return join([*inner, NONE])
        return join(inner) if form == "typing.Union" else inner[0]
    if form == "typing.Literal":
        return join(_literal(arg) for arg in args)
    if form == CALLABLE.name:
        return CALLABLE
    base = annotation(node.value, scope, program, depth)
    if base == UNKNOWN:
        return UNKNOWN
    return TypeRef(base.name, tuple(annotation(arg, scope, program, depth) for arg in args))


def _literal(node: ast.expr) -> TypeRef:
    value = node.value if isinstance(node, ast.Constant) else node
    if value is None:
        return NONE
    return TypeRef(type(value).__name__) if isinstance(value, (str, int, bytes)) else UNKNOWN


def _alias(node: ast.Name | ast.Attribute, scope: Scope, program: Program, depth: int) -> TypeRef:
    """Follow ``Orders = list[Order]`` and ``Money = NewType("Money", int)``."""
    values = [binding for binding in _bindings(node, scope, program) if isinstance(binding, Value)]
    if len(values) != 1 or values[0].steps:
        return UNKNOWN
    expr, inner = values[0].expr, values[0].scope
    if (
        isinstance(expr, ast.Call)
        and len(expr.args) == 2
        and _external(expr.func, inner, program) == "typing.NewType"
    ):
        return annotation(expr.args[1], inner, program, depth + 1)
    if isinstance(expr, (ast.Subscript, ast.BinOp)):
        return annotation(expr, inner, program, depth + 1)
    return UNKNOWN


def _bindings(node: ast.Name | ast.Attribute, scope: Scope, program: Program) -> Sequence[Binding]:
    if isinstance(node, ast.Name):
        return program.values_of(node.id, scope)
    for base in program.refs(node.value, scope):
        if isinstance(base, Package):
            found = program.module_value(base, node.attr)
            return found[1] if found else ()
    return ()
