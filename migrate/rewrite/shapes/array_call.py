"""Calls that tell numpy to pickle arrays of objects; what stands in the place of True is False.

    numpy.load(path, allow_pickle=True)             →  numpy.load(path, allow_pickle=False)
    numpy.save(path, array, True)                   →  numpy.save(path, array, False)

numpy then refuses arrays of objects, and reads and writes all others as before.
"""

from __future__ import annotations

import libcst as cst

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.arguments import find, is_literal, starred
from migrate.rewrite.shapes.shape import Context, expect_call

_AT = 2


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Say False where True is said."""
    call = expect_call(node)
    told = find(call, "allow_pickle", _AT)
    if told is None or starred(call) or not is_literal(told.value, {"True"}):
        raise CannotEdit(f"{context.site.text} does not say allow_pickle=True")
    args = [arg.with_changes(value=cst.Name("False")) if arg is told else arg for arg in call.args]
    return call.with_changes(args=args)


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.CSTNode]:  # noqa: ARG001 - the interface of a shape
    """Nothing is dropped."""
    return []
