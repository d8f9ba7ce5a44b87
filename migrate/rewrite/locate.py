"""From positions in a file, as `ast` counts them, to nodes of LibCST in one slice of it."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import libcst as cst
from attrs import define
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.search import within
from migrate.rewrite.source import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.model import Span
    from migrate.rewrite.source import SourceFile

Node = TypeVar("Node", bound=cst.CSTNode)
Statement = cst.Import | cst.ImportFrom | cst.Try | cst.TryStar | cst.If
_Position = tuple[int, int, int, int]

_MAX_DEPTH = 400
"""LibCST recurses in native code; a statement nested much deeper could overflow the stack of the process."""


_CLASS = "class _:"
"""Stands in the module above a method, which would not be a module by itself."""


@define
class ParsedSlice:
    """One slice of a file as a LibCST module, with the positions of its nodes in the file."""

    source: SourceFile
    slice: Slice
    module: cst.Module
    indent: str
    """What is before the first statement on its line: a form feed, say. It stays out of the module."""
    header: str
    """What the module has above the slice: a line, or nothing."""

    @classmethod
    def parse(cls, source: SourceFile, piece: Slice) -> ParsedSlice:
        """Parse ``piece``. Raises `CannotEdit` if LibCST cannot take it apart and put it together again."""
        statements = list(_statements(source.tree.body, piece))
        if any(_depth(statement) > _MAX_DEPTH for statement in statements):
            raise CannotEdit(f"line {piece.first}: the statement is nested too deep to be edited")
        text = source.text(piece)
        outermost = any(statement.lineno in piece for statement in source.tree.body)
        indent = text[: len(text) - len(text.lstrip(" \t\f"))] if outermost else ""
        header = "" if outermost else _CLASS + _line_end(text)
        text = header + text.removeprefix(indent)
        try:
            module = cst.parse_module(text)
            if module.code != text:
                raise CannotEdit(f"line {piece.first}: LibCST would change the layout of the statement")
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise CannotEdit(f"line {piece.first}: LibCST cannot parse the statement ({error})") from error
        return cls(source, piece, module, indent, header)

    def edited(self, editor: cst.CSTTransformer) -> str:
        """Return the text of the slice after ``editor`` has been through it; empty if nothing is left."""
        new = self.module.visit(editor).code.removeprefix(self.header)
        return self.indent + new if new.strip() else ""

    def find(self, span: Span, kind: type[Node] | tuple[type[Node], ...]) -> Node:
        """Return the node of ``kind`` at ``span``."""
        wanted = self._position(span)
        for node in self._at.get(wanted, ()):
            if isinstance(node, kind):
                return node
        raise CannotEdit(f"line {span.line}: nothing to edit was found at column {span.column}")

    def statement(self, span: Span) -> Statement:
        """Return the import, ``try`` or ``if`` that starts where ``span`` does.

        The end is not compared: `ast` and LibCST count the end of a block differently.
        """
        start = self._position(span)[:2]
        for node in (n for position, nodes in self._at.items() if position[:2] == start for n in nodes):
            if isinstance(node, (cst.Import, cst.ImportFrom, cst.Try, cst.TryStar, cst.If)):
                return node
        raise CannotEdit(f"line {span.line}: no import was found at column {span.column}")

    def inside(self, outer: cst.CSTNode, span: Span) -> bool:
        """Whether ``span`` lies within ``outer``."""
        around = self._range_of(outer)
        line, column, end_line, end_column = self._position(span)
        return around[:2] <= (line, column) and (end_line, end_column) <= around[2:]

    def is_outermost(self, node: Statement) -> bool:
        """Whether ``node`` stands at the top level of the slice, in no block."""
        return any(
            node is statement or (isinstance(statement, cst.SimpleStatementLine) and node in statement.body)
            for statement in self.module.body
        )

    def imports(self, outer: cst.CSTNode) -> list[cst.Import | cst.ImportFrom]:
        """Return the import statements within ``outer``."""
        return list(within(outer, cst.Import, cst.ImportFrom))

    def _position(self, span: Span) -> _Position:
        return (*self._point(span.line, span.column), *self._point(span.end_line, span.end_column))

    def _point(self, line: int, offset: int) -> tuple[int, int]:
        if line not in self.slice:
            return 0, 0
        row = line - self.slice.first + (2 if self.header else 1)
        return row, self.source.column(line, offset) - (len(self.indent) if row == 1 else 0)

    @cached_property
    def _ranges(self) -> dict[cst.CSTNode, CodeRange]:
        wrapper = MetadataWrapper(self.module, unsafe_skip_copy=True)
        return dict(wrapper.resolve(PositionProvider))

    @cached_property
    def _at(self) -> dict[_Position, list[cst.CSTNode]]:
        found: defaultdict[_Position, list[cst.CSTNode]] = defaultdict(list)
        for node in self._ranges:
            found[self._range_of(node)].append(node)
        return found

    def _range_of(self, node: cst.CSTNode) -> _Position:
        where = self._ranges[node]
        return where.start.line, where.start.column, where.end.line, where.end.column


def _statements(body: Iterable[ast.stmt], piece: Slice) -> Iterator[ast.stmt]:
    """Yield what ``piece`` holds: statements of ``body``, or of a class that it lies in."""
    for statement in body:
        if statement.lineno in piece:
            yield statement
        elif isinstance(statement, ast.ClassDef) and piece.first in Slice(
            statement.lineno, statement.end_lineno or 0
        ):
            yield from _statements(statement.body, piece)


def _line_end(text: str) -> str:
    """Return the first line end of ``text``, which has one unless it is the last line of a file."""
    line = text.splitlines(keepends=True)[0]
    return line[len(line.rstrip("\r\n")) :] or "\n"


def _depth(root: ast.AST) -> int:
    deepest = 0
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest
