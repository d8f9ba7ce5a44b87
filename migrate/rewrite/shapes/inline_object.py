"""A Pickler or Unpickler that is made and used in one expression.

    pickle.Pickler(f, 2).dump(order)                →  converters.dump(order, f)
    pickle.Unpickler(f, encoding="bytes").load()    →  converters.load(f, encoding="bytes")
    pickle.Pickler(*args).dump(order)               →  converters.Pickler(*args).dump(order)

The last form also serves when folding both calls into one would lose a comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.arguments import bare, find, starred

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrate.rewrite.shapes.shape import Context

_NAMES = {"dump": "Pickler", "load": "Unpickler"}


def construction(call: cst.Call) -> cst.Call | None:
    """Return the call that makes the object, when ``call`` is a method call on it."""
    if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Call):
        return call.func.value
    return None


def foldable(call: cst.Call) -> bool:
    """Whether both calls can become one and nothing is lost."""
    inner = construction(call)
    if inner is None or starred(call) or starred(inner) or find(inner, "file", 0) is None:
        return False
    plain = "#" not in cst.Module([]).code_for_node(call.with_changes(args=[]))
    return plain and len(call.args) <= 1


def edit(call: cst.Call, context: Context, *, spare: Callable[[cst.Call], Sequence[cst.Arg]]) -> cst.Call:
    """Fold both calls into one, or rename the class; ``spare`` tells which arguments are not needed."""
    inner = construction(call)
    function = context.site.operation.value
    if inner is None or function not in _NAMES:
        raise CannotEdit("expected a Pickler or Unpickler that is made and used at once")
    if not foldable(call):
        renamed = inner.with_changes(func=context.name(_NAMES[function]))
        return call.with_changes(func=cst.ensure_type(call.func, cst.Attribute).with_changes(value=renamed))
    gone = spare(inner)
    return call.with_changes(
        func=context.name(function),
        args=_ordered([*map(bare, call.args), *(bare(arg) for arg in inner.args if arg not in gone)]),
        whitespace_before_args=cst.SimpleWhitespace(""),
    )


def _ordered(args: list[cst.Arg]) -> list[cst.Arg]:
    """Put positional arguments first; if one had to move before ``obj=``, its place is given by name."""
    if args and args[0].keyword and any(arg.keyword is None for arg in args):
        args[0] = args[0].with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
    return args
