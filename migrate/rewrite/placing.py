"""Where the import of the converters module goes: among the imports of the user's own modules.

    import os                              import os

    import pickle                          from shop import converters
    from shop.models import Order          from shop.models import Order

The order is the default one of isort. A file that imports none of its own modules gets the import as a group
of its own behind the others.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.rewrite import layout
from migrate.rewrite.source import Slice

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from migrate.model import FilePlan
    from migrate.rewrite.source import SourceFile


@frozen
class Place:
    """A text to be put in front of a slice, which is empty where it goes behind a statement."""

    piece: Slice
    text: str


def place_of(
    text: str, plan: FilePlan, source: SourceFile, *, before: int, gone: Container[int]
) -> Place | None:
    """Return where the import statement ``text`` belongs, or None: in place of the import that it replaces.

    It has to be executed before line ``before``, where the first site stands that needs it. At the lines
    ``gone`` are imports of which nothing is left.
    """
    lines = {statement.span.line for statement in plan.imports if not statement.own}
    imports = [node for node in _imports(source, lines) if node.lineno < before]
    own = {*plan.own, plan.converters.partition(".")[0]}
    ours = _key(ast.parse(text).body[0])
    siblings = [node for node in imports if _is_own(node, own)]
    following = next((node for node in siblings if _key(node) > ours), None)
    if following is not None:
        return Place(_slice_of(source, following), text)
    if siblings:
        return Place(_behind(_slice_of(source, siblings[-1])), text)
    end = layout.after_imports(source)
    if not any(node.lineno < end.first for node in imports):
        return None
    at_top = [node for node in _imports(source, gone) if node.lineno < min(before, end.first)]
    return Place(_behind(_slice_of(source, at_top[-1])), source.newline + text)


def _imports(source: SourceFile, gone: Container[int]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports of the module itself, less ``__future__`` and those at the lines ``gone``."""
    for node in source.tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or node.lineno in gone:
            continue
        if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
            yield node


def _is_own(node: ast.Import | ast.ImportFrom, own: set[str]) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in own for alias in node.names)
    return node.level > 0 or (node.module or "").partition(".")[0] in own


def _key(node: ast.stmt) -> tuple[bool, bool, int, str]:
    """Sort absolute imports before relative ones, ``import`` before ``from``, outer packages before inner."""
    if isinstance(node, ast.ImportFrom):
        return node.level > 0, True, -node.level, (node.module or "").lower()
    name = node.names[0].name if isinstance(node, ast.Import) else ""
    return False, False, 0, name.lower()


def _slice_of(source: SourceFile, node: ast.stmt) -> Slice:
    return next(s for s in source.slices if s.first <= node.lineno <= s.last)


def _behind(piece: Slice) -> Slice:
    return Slice(piece.last + 1, piece.last)
