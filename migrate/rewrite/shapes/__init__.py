"""The shapes of sites, one module each: what a site looks like before and after.

A shape is a module with two functions, `edit` and `dropped` (see `shape.Shape`).
"""

from __future__ import annotations

from migrate.model import Operation
from migrate.rewrite.shapes import (
    array_call,
    deep_copy,
    dump_call,
    errors,
    file_call,
    kept_object,
    load_call,
    reference,
    shelf_call,
)
from migrate.rewrite.shapes.shape import Context, Shape

SHAPES: dict[Operation, Shape] = {
    Operation.DUMP: dump_call,
    Operation.DUMPS: dump_call,
    Operation.LOAD: load_call,
    Operation.LOADS: load_call,
    Operation.PICKLER: kept_object,
    Operation.UNPICKLER: kept_object,
    Operation.VALUE: reference,
    Operation.MODULE: reference,
    Operation.CONSTANT: reference,
    Operation.ERROR: errors,
    Operation.SHELF: shelf_call,
    Operation.DUMP_FILE: file_call,
    Operation.LOAD_FILE: file_call,
    Operation.ARRAY: array_call,
}

DEEP_COPY: Shape = deep_copy
"""The edit of ``loads(dumps(x))`` that a user may ask for."""

__all__ = ["DEEP_COPY", "SHAPES", "Context", "Shape"]
