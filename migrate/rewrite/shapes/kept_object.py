"""A Pickler or Unpickler that is kept in a variable; its methods stay as they are.

pickler = pickle.Pickler(f, 2)                  →  pickler = converters.Pickler(f)
unpickler = pickle.Unpickler(f)                 →  unpickler = converters.Unpickler(f)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import Operation
from migrate.rewrite.shapes import dump_call, load_call
from migrate.rewrite.shapes.arguments import without
from migrate.rewrite.shapes.shape import Context, expect_call

if TYPE_CHECKING:
    import libcst as cst

    from migrate.model import Site


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Rename the class and drop pickle's parameters."""
    call = expect_call(node)
    return call.with_changes(
        func=context.name(_name(context.site)), args=without(call.args, dropped(call, context))
    )


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.Arg]:
    """Return the arguments that `edit` drops."""
    spare = dump_call.spare if context.site.operation is Operation.PICKLER else load_call.spare
    return spare(expect_call(node))


def _name(site: Site) -> str:
    return "Pickler" if site.operation is Operation.PICKLER else "Unpickler"
