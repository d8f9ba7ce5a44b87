"""A round trip in one expression, where the user asked for copies.

pickle.loads(pickle.dumps(order, -1))           →  copy.deepcopy(order)
"""

from __future__ import annotations

import libcst as cst

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.arguments import bare, find
from migrate.rewrite.shapes.shape import Context, expect_call


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Call ``copy.deepcopy`` with the value that is pickled."""
    call = expect_call(node)
    value = find(expect_call(_inner(call)), "obj", 0)
    if value is None or value.star or "#" in cst.Module([]).code_for_node(call):
        raise CannotEdit("the value that is copied is not written as an argument, or a comment would be lost")
    argument = bare(value).with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return call.with_changes(
        func=cst.parse_expression(context.copy),
        args=[argument],
        whitespace_before_args=cst.SimpleWhitespace(""),
    )


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.CSTNode]:  # noqa: ARG001 - the interface of a shape
    """Return the round trip: the call of ``dumps`` is gone, with the sites in its other arguments."""
    return [_inner(expect_call(node))]


def _inner(call: cst.Call) -> cst.BaseExpression:
    if not call.args:
        raise CannotEdit("loads has no argument")
    return call.args[0].value
