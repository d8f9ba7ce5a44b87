"""Arguments of calls: finding them, dropping them, keeping their layout and comments.

Signatures are those of the pickle module (https://docs.python.org/3/library/pickle.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from migrate.rewrite.search import within

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_HARMLESS = frozenset({"min", "max", "int"})
"""Functions whose calls are taken to do nothing but compute."""


def starred(call: cst.Call) -> bool:
    """Whether arguments arrive as ``*args`` or ``**kwargs``, so that it cannot be seen what they are."""
    return any(arg.star for arg in call.args)


def find(call: cst.Call, name: str, index: int | None = None) -> cst.Arg | None:
    """Return the argument passed by keyword ``name`` or at position ``index``."""
    for at, arg in enumerate(call.args):
        if arg.keyword.value == name if arg.keyword else at == index:
            return arg
    return None


def has_effects(value: cst.BaseExpression) -> bool:
    """Whether evaluating ``value`` may do something, so that the expression must stay."""
    found = within(value, cst.Call, cst.Await, cst.NamedExpr, cst.Yield)
    return any(not _is_harmless(node) for node in found)


def _is_harmless(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in _HARMLESS


def is_literal(value: cst.BaseExpression, codes: Container[str]) -> bool:
    """Whether ``value`` is written as one of ``codes``."""
    return cst.Module([]).code_for_node(value) in codes


def without(args: Sequence[cst.Arg], dropped: Container[cst.Arg]) -> list[cst.Arg]:
    """Return ``args`` less those in ``dropped``; the last one left takes over how the list was closed."""
    kept = [arg for arg in args if arg not in dropped]
    if kept and kept[-1] is not args[-1]:
        kept[-1] = _closing(kept[-1], args[-1])
    return kept


def _closing(arg: cst.Arg, closed: cst.Arg) -> cst.Arg:
    """Give ``arg`` the comma or line break with which ``closed`` ended the list; its own comment stays."""
    own = arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg
    has_comma = isinstance(closed.comma, cst.Comma)
    space = (
        closed.comma.whitespace_after if isinstance(closed.comma, cst.Comma) else closed.whitespace_after_arg
    )
    if isinstance(own, cst.ParenthesizedWhitespace) and own.first_line.comment:
        last_line = space.last_line if isinstance(space, cst.ParenthesizedWhitespace) else own.last_line
        space = own.with_changes(last_line=last_line, indent=getattr(space, "indent", own.indent))
    elif isinstance(space, cst.ParenthesizedWhitespace):
        space = space.with_changes(first_line=cst.TrailingWhitespace(newline=space.first_line.newline))
    if has_comma:
        return arg.with_changes(comma=cst.Comma(whitespace_after=space))
    return arg.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=space)


def bare(arg: cst.Arg) -> cst.Arg:
    """Return ``arg`` without comma and without white space of its own, to be put into another list."""
    return arg.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace(""))
