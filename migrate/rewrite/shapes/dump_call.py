"""Calls that write.

    pickle.dump(order, f, protocol=4)               →  converters.dump(order, f)
    pickle.dumps(order, -1, fix_imports=False)      →  converters.dumps(order)
    pickle.dump(*args)                              →  converters.dump(*args)
    pickle.Pickler(f, 2).dump(order)                →  converters.dump(order, f)
    pickler.dump(order)                             →  pickler.dump(order)

What says how to pickle (protocol, fix_imports, buffer_callback=None) goes. An expression that may do
something stays where it is, because the functions of a converters module take pickle's parameters too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.rewrite.shapes import inline_object
from migrate.rewrite.shapes.arguments import find, has_effects, is_literal, starred, without
from migrate.rewrite.shapes.shape import Context, expect_call

if TYPE_CHECKING:
    import libcst as cst

_PROTOCOL_AT = {"dump": 2, "dumps": 1, "Pickler": 1}


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Rename the function and drop pickle's parameters."""
    call = expect_call(node)
    if context.method:
        return call
    if inline_object.construction(call):
        return inline_object.edit(call, context, spare=spare)
    function = context.site.operation.value
    return call.with_changes(
        func=context.name(function), args=without(call.args, spare(call, _PROTOCOL_AT[function]))
    )


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.Arg]:
    """Return the arguments that `edit` drops."""
    call = expect_call(node)
    if context.method:
        return []
    inner = inline_object.construction(call)
    if inner:
        return spare(inner, _PROTOCOL_AT["Pickler"]) if inline_object.foldable(call) else []
    return spare(call, _PROTOCOL_AT[context.site.operation.value])


def spare(call: cst.Call, protocol_at: int = _PROTOCOL_AT["Pickler"]) -> list[cst.Arg]:
    """Return the arguments that only say how to pickle: nothing is lost without them."""
    if starred(call):
        return []
    found = []
    protocol = find(call, "protocol", protocol_at)
    last_positional = sum(arg.keyword is None for arg in call.args) == protocol_at + 1
    if protocol and not has_effects(protocol.value) and (protocol.keyword or last_positional):
        found.append(protocol)
    fix_imports = find(call, "fix_imports")
    if fix_imports and not has_effects(fix_imports.value):
        found.append(fix_imports)
    callback = find(call, "buffer_callback")
    if callback and is_literal(callback.value, {"None"}):
        found.append(callback)
    return found
