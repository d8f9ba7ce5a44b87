"""Calls that read.

    pickle.load(f, fix_imports=True)                →  converters.load(f)
    pickle.load(f, encoding="latin1")               →  converters.load(f, encoding="latin1")
    pickle.loads(bytes_object=blob)                 →  converters.loads(blob)
    pickle.load(f)          (an Order, as declared) →  converters.load(f, Order)
    pickle.Unpickler(f).load()                      →  converters.load(f)
    unpickler.load()                                →  unpickler.load()

``encoding`` and ``errors`` stay: they say how to read 8-bit strings of Python 2 in stored pickles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from migrate.rewrite.shapes import inline_object
from migrate.rewrite.shapes.arguments import find, has_effects, is_literal, starred, without
from migrate.rewrite.shapes.shape import Context, expect_call

if TYPE_CHECKING:
    from collections.abc import Sequence


_DATA_NAMES = ("data", "bytes_object", "str", "string")
"""What the first parameter of loads was called, from Python 2 to 3.8; it has no name since."""


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Rename the function, drop pickle's parameters, and name the class where it is certain."""
    call = expect_call(node)
    if context.method:
        return call
    if inline_object.construction(call):
        return inline_object.edit(call, context, spare=spare)
    args = without(call.args, spare(call))
    if context.site.operation.value == "loads":
        args = [_positional(arg, first=at == 0) for at, arg in enumerate(args)]
    if context.type_argument and not starred(call):
        args = _with_type(args, context.type_argument)
    return call.with_changes(func=context.name(context.site.operation.value), args=args)


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.Arg]:
    """Return the arguments that `edit` drops."""
    call = expect_call(node)
    if context.method:
        return []
    inner = inline_object.construction(call)
    if inner:
        return spare(inner) if inline_object.foldable(call) else []
    return spare(call)


def spare(call: cst.Call) -> list[cst.Arg]:
    """Return the arguments without which nothing is lost."""
    if starred(call):
        return []
    found = []
    fix_imports = find(call, "fix_imports")
    if fix_imports and not has_effects(fix_imports.value):
        found.append(fix_imports)
    buffers = find(call, "buffers")
    if buffers and is_literal(buffers.value, {"None", "()", "[]"}):
        found.append(buffers)
    return found


def _positional(arg: cst.Arg, *, first: bool) -> cst.Arg:
    """Turn an old keyword of the first parameter into a positional argument, or into today's keyword."""
    if arg.keyword is None or arg.keyword.value not in _DATA_NAMES:
        return arg
    if first:
        return arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return arg.with_changes(keyword=cst.Name("data"))


def _with_type(args: Sequence[cst.Arg], name: str) -> list[cst.Arg]:
    """Insert the class behind a single positional argument on one line; leave anything else alone."""
    one_line = all(isinstance(_space(arg), cst.SimpleWhitespace) for arg in args)
    if not args or args[0].keyword or any(arg.keyword is None for arg in args[1:]) or not one_line:
        return list(args)
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = cst.Arg(cst.Name(name), comma=comma if len(args) > 1 else cst.MaybeSentinel.DEFAULT)
    return [args[0].with_changes(comma=comma), last, *args[1:]]


def _space(arg: cst.Arg) -> cst.BaseParenthesizableWhitespace:
    return arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg
