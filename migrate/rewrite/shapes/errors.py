"""Pickle's exceptions, in handlers and elsewhere.

    except pickle.UnpicklingError:                  →  except converters.DecodeError:
    except (pickle.PickleError, EOFError):          →  except (converters.ConverterError, EOFError):
    raise pickle.PicklingError("no socket")         →  raise converters.EncodeError("no socket")

The errors of a converters module derive from pickle's, so both sides may move at different times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.shapes.shape import Context, keep_parentheses

if TYPE_CHECKING:
    from collections.abc import Container, Sequence


COUNTERPARTS = {
    "UnpicklingError": "DecodeError",
    "PicklingError": "EncodeError",
    "PickleError": "ConverterError",
}


def edit(node: cst.BaseExpression, context: Context) -> cst.BaseExpression:
    """Put the counterpart in the place of the reference."""
    if not isinstance(node, (cst.Name, cst.Attribute)) or context.site.function not in COUNTERPARTS:
        raise CannotEdit(f"{context.site.text} has no counterpart")
    return keep_parentheses(context.name(COUNTERPARTS[context.site.function]), node)


def dropped(node: cst.BaseExpression, context: Context) -> list[cst.CSTNode]:  # noqa: ARG001 - the interface of a shape
    """Nothing is dropped."""
    return []


def without_repeats(
    before: Sequence[cst.BaseElement], after: Sequence[cst.BaseElement], edited: Container[cst.CSTNode]
) -> list[cst.BaseElement]:
    """Return the elements of a tuple of exceptions, less those that an edit made equal to an earlier one."""
    seen: set[str] = set()
    kept: list[cst.BaseElement] = []
    for old, new in zip(before, after, strict=True):
        code = cst.Module([]).code_for_node(new.value)
        if old.value not in edited or code not in seen:
            kept.append(new)
        seen.add(code)
    if kept and kept[-1] is not after[-1]:
        comma = after[-1].comma if len(kept) > 1 else cst.Comma()
        kept[-1] = kept[-1].with_changes(comma=comma)
    return kept
