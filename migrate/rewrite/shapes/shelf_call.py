"""Shelves.

    shelve.open(path, "r")                          →  converters.open_shelf(path, "r")
    shelve.open(path, protocol=2, writeback=True)   →  converters.open_shelf(path, writeback=True)
    shelve.DbfilenameShelf(path)                    →  converters.open_shelf(path)
    shelve.Shelf(mapping)                           →  converters.shelf(mapping)

The arguments are the same; the protocol goes where nothing is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes import dump_call
from migrate.rewrite.shapes.arguments import without
from migrate.rewrite.shapes.shape import Context, expect_call
from migrate.sites.libraries import SHELVES

if TYPE_CHECKING:
    import libcst as cst

_PROTOCOL_AT = {"open_shelf": 2, "shelf": 1}


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Rename the function and drop the protocol."""
    call = expect_call(node)
    return call.with_changes(
        func=context.name(_counterpart(context)), args=without(call.args, dropped(call, context))
    )


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.Arg]:
    """Return the arguments that `edit` drops."""
    return dump_call.spare(expect_call(node), _PROTOCOL_AT[_counterpart(context)])


def _counterpart(context: Context) -> str:
    name = SHELVES.get(context.site.function)
    if name is None:
        raise CannotEdit(f"{context.site.function} opens no shelf")
    return name
