"""Where a new import goes, and which blank lines go with a statement that is gone. By lines of the file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeGuard

from migrate.rewrite.source import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.model import Import
    from migrate.rewrite.source import SourceFile


def after_imports(source: SourceFile, *, conditional: bool = False) -> Slice:
    """Return the empty slice behind the imports at the top of the file, or behind its docstring.

    A ``try`` or ``if`` that only chooses between imports is one of them, if others follow. With
    ``conditional``, so is an ``if TYPE_CHECKING:`` block, wherever it stands among them.

    An empty slice has ``last == first - 1``; replacing it inserts before line ``first``.
    """
    end = 0
    for at, node in enumerate(source.tree.body):
        docstring = at == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        guarded = conditional and isinstance(node, ast.If) and not node.orelse
        if docstring or guarded or isinstance(node, (ast.Import, ast.ImportFrom)):
            end = node.end_lineno or node.lineno
        elif not _only_imports(node):
            break
    if not end:
        while end < len(source.lines) and source.lines[end].lstrip().startswith("#"):
            end += 1
    piece = next((s for s in source.slices if s.first <= end <= s.last), None)
    return Slice(piece.last + 1, piece.last) if piece else Slice(end + 1, end)


def _only_imports(node: ast.stmt) -> bool:
    """Whether a statement imports one thing or another: ``try: import cPickle … except …: import pickle``."""
    if isinstance(node, ast.Try):
        handled = [inner for handler in node.handlers for inner in handler.body]
        return all(map(_only_imports, [*node.body, *handled, *node.orelse, *node.finalbody]))
    if isinstance(node, ast.If):
        return all(map(_only_imports, [*node.body, *node.orelse]))
    return isinstance(node, (ast.Import, ast.ImportFrom))


def first_of_blocks(tree: ast.Module, imports: Iterable[Import]) -> list[Import]:
    """Return the first import of each block: the later ones find bound what it binds."""
    blocks: dict[int, int] = {}
    for block in (part for node in ast.walk(tree) for _, part in ast.iter_fields(node) if _is_block(part)):
        blocks |= {statement.lineno: id(block) for statement in block}
    first: dict[int, Import] = {}
    for statement in sorted(imports, key=lambda each: each.span):
        first.setdefault(blocks[statement.span.line], statement)
    return list(first.values())


def _is_block(part: object) -> TypeGuard[list[ast.stmt]]:
    return isinstance(part, list) and bool(part) and isinstance(part[0], ast.stmt)


def close_gaps(source: SourceFile, replacements: dict[Slice, str]) -> dict[Slice, str]:
    """Let the blank lines behind a statement that is gone go with it, if there are as many before it."""
    closed: dict[Slice, str] = {}
    for piece, text in replacements.items():
        if text or piece.first > piece.last:
            closed[piece] = text
            continue
        before = _blank(source, range(piece.first - 2, -1, -1))
        after = _blank(source, range(piece.last, len(source.lines)))
        at_top = piece.first - 1 == before
        closed[Slice(piece.first, piece.last + (after if at_top else min(before, after)))] = text
    return closed


def _blank(source: SourceFile, rows: range) -> int:
    """Count the blank lines from the start of ``rows`` (indexes of lines)."""
    count = 0
    for row in rows:
        if source.lines[row].strip():
            break
        count += 1
    return count
