"""References that are passed on, kept or compared: a function, a class, the module itself, a constant.

map(pickle.loads, rows)                         →  map(converters.loads, rows)
pickler = pickle.Pickler                        →  pickler = converters.Pickler
opener = shelve.open                            →  opener = converters.open_shelf
Session(serializer=pickle)                      →  Session(serializer=converters)
PROTOCOL = pickle.HIGHEST_PROTOCOL              →  PROTOCOL = converters.HIGHEST_PROTOCOL
"""

from __future__ import annotations

import libcst as cst

from migrate.model import Operation
from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.shape import Context, keep_parentheses
from migrate.sites.libraries import SHELVES

COUNTERPARTS = frozenset(
    {"dump", "dumps", "load", "loads", "Pickler", "Unpickler", "HIGHEST_PROTOCOL", "DEFAULT_PROTOCOL"}
)
NAMES = COUNTERPARTS | {"DecodeError", "EncodeError", "ConverterError"}
"""All that a converters module can offer; whoever gets the module as a value may use any of it."""


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Put the counterpart of the converters module in the place of the reference."""
    if not isinstance(node, (cst.Name, cst.Attribute)):
        raise CannotEdit(f"expected a name, found {type(node).__name__}")
    if context.site.operation is Operation.MODULE:
        context.uses.update(NAMES)
        return keep_parentheses(cst.Name(context.converters), node)
    if context.site.library == "shelve" and context.site.function in SHELVES:
        return keep_parentheses(context.name(SHELVES[context.site.function]), node)
    if context.site.function not in COUNTERPARTS:
        raise CannotEdit(f"{context.site.function} has no counterpart")
    return keep_parentheses(context.name(context.site.function), node)


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.CSTNode]:  # noqa: ARG001 - the interface of a shape
    """Nothing is dropped."""
    return []
