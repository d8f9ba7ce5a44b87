"""Which parts of a file are taken apart: no more than what the edits lie in.

LibCST keeps every blank and every comma, which takes its time. Where a class of thousands of lines has a site
in one method, only the method is parsed and written again.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.rewrite.source import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.rewrite.source import SourceFile


def pieces_of(source: SourceFile, lines: Iterable[int]) -> tuple[Slice, ...]:
    """Return the pieces in which ``lines`` (numbers, from 1) lie, in order; none overlaps another.

    A piece is one of ``source.slices``, or a method, decorators included, where all ``lines`` in the class
    lie in methods.
    """
    wanted = sorted(set(lines))
    found: list[Slice] = []
    for piece in source.slices:
        inside = [line for line in wanted if line in piece]
        if inside:
            found += _narrowed(source, piece, inside)
    return tuple(found)


def _narrowed(source: SourceFile, piece: Slice, lines: Sequence[int]) -> list[Slice]:
    """Return the methods in which ``lines`` lie, or else the whole of ``piece``."""
    statements = [node for node in source.tree.body if node.lineno in piece]
    methods = list(_methods(source, statements))
    chosen = [next((method for method in methods if line in method), None) for line in lines]
    narrow = [method for method in dict.fromkeys(chosen) if method is not None]
    return narrow if None not in chosen else [piece]


def _methods(source: SourceFile, body: Iterable[ast.stmt], *, inside: bool = False) -> Iterator[Slice]:
    """Yield the functions in the classes of ``body`` and in the classes in these."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _methods(source, node.body, inside=True)
        elif inside and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if _begins_statement(source, first):
                yield Slice(first, node.end_lineno or node.lineno)


def _begins_statement(source: SourceFile, line: int) -> bool:
    """Whether a function or its decorator starts on ``line``, not joined by a backslash to the one before."""
    text = source.lines[line - 1].lstrip(" \t")
    before = source.lines[line - 2].rstrip("\r\n")
    return text.startswith(("@", "def", "async")) and not before.endswith("\\")
