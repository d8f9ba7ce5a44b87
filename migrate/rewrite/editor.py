"""Carries out the edits of one slice: expressions in place, imports replaced or removed, blocks whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from attrs import define, field, frozen

from migrate.rewrite import tidy
from migrate.rewrite.shapes.errors import without_repeats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@frozen
class _Line:
    """What becomes of the small statements of one line."""

    body: list[cst.BaseSmallStatement]
    beside: list[cst.BaseSmallStatement]
    """Imports to be put next to what is left."""
    changed: bool
    partly: bool
    """Something is left of an edited import."""


@define
class Edits:
    """What is to be done in one slice. All nodes are those of the module before the edit."""

    expressions: dict[cst.CSTNode, Callable[[cst.BaseExpression], cst.BaseExpression]] = field(factory=dict)
    exceptions: set[cst.CSTNode] = field(factory=set)
    """Those of ``expressions`` that are exceptions: in a tuple of a handler, none may come to stand twice."""
    names: dict[cst.CSTNode, frozenset[str]] = field(factory=dict)
    """Import statements, and the local names to be taken out of them."""
    insert: dict[cst.CSTNode, cst.BaseSmallStatement] = field(factory=dict)
    """Statements, and the import that takes their place, or stands beside what is left of them."""
    remove: set[cst.CSTNode] = field(factory=set)
    """Compound statements that go as a whole."""

    def __bool__(self) -> bool:
        return bool(self.expressions or self.names or self.insert or self.remove)


class Editor(cst.CSTTransformer):
    """Applies `Edits` to a module."""

    def __init__(self, edits: Edits) -> None:
        super().__init__()
        self._edits = edits
        self._hollow: set[cst.CSTNode] = set()
        self._touched: list[bool] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Enter every node that is not removed as a whole."""
        if isinstance(node, cst.BaseCompoundStatement):
            self._touched.append(False)
        return node not in self._edits.remove

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        """Edit the node if it is to be edited."""
        edit = self._edits.expressions.get(original_node)
        if edit is not None:
            return edit(updated_node)  # type: ignore[arg-type,return-value] # an expression for an expression
        new = super().on_leave(original_node, updated_node)
        if isinstance(original_node, cst.BaseCompoundStatement):
            return self._leave_compound(original_node, new)  # type: ignore[arg-type,return-value]
        return new

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.BaseExpression:  # noqa: N802 - LibCST names it
        """Drop exceptions that have become equal to another one of the tuple."""
        if not any(element.value in self._edits.exceptions for element in original_node.elements):
            return updated_node
        elements = without_repeats(original_node.elements, updated_node.elements, self._edits.exceptions)
        return updated_node.with_changes(elements=elements)

    def leave_SimpleStatementLine(  # noqa: N802 - LibCST names it
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Edit the imports of a line."""
        line = self._line(original_node, updated_node)
        if not line.changed:
            return updated_node
        self._touch()
        space = updated_node.trailing_whitespace
        if not line.partly:
            space = tidy.without_stale_comment(space)
        inline = len(original_node.body) > 1
        body = tidy.separated([*line.body, *line.beside] if inline else line.body)
        if not body:
            return self._mark_hollow(updated_node.leading_lines)
        new = updated_node.with_changes(body=body, trailing_whitespace=space)
        if inline or not line.beside:
            return new
        return cst.FlattenSentinel(
            [new, *(cst.SimpleStatementLine([statement]) for statement in line.beside)]
        )

    def leave_SimpleStatementSuite(  # noqa: N802 - LibCST names it
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        """Edit the imports of a block on one line: ``if PY2: import cPickle as pickle``."""
        line = self._line(original_node, updated_node)
        if not line.changed:
            return updated_node
        self._touch()
        return updated_node.with_changes(body=tidy.separated([*line.body, *line.beside]) or [cst.Pass()])

    def leave_IndentedBlock(  # noqa: N802 - LibCST names it
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.BaseSuite:
        """Close the gaps, and say ``pass`` where nothing is left."""
        if updated_node.body == original_node.body:
            return updated_node
        body, footer = tidy.without_hollow(updated_node.body, self._hollow)
        if not body:
            body = [cst.SimpleStatementLine([cst.Pass()])]
        return updated_node.with_changes(body=body, footer=[*footer, *updated_node.footer])

    def leave_Module(  # noqa: N802 - LibCST names it
        self,
        original_node: cst.Module,  # noqa: ARG002
        updated_node: cst.Module,
    ) -> cst.Module:
        """Close the gaps."""
        body, footer = tidy.without_hollow(updated_node.body, self._hollow)
        return updated_node.with_changes(body=body, footer=[*footer, *updated_node.footer])

    def _line(
        self,
        original: cst.SimpleStatementLine | cst.SimpleStatementSuite,
        updated: cst.SimpleStatementLine | cst.SimpleStatementSuite,
    ) -> _Line:
        body: list[cst.BaseSmallStatement] = []
        beside: list[cst.BaseSmallStatement] = []
        partly = False
        for old, new in zip(original.body, updated.body, strict=True):
            insert = self._edits.insert.get(old)
            names = self._edits.names.get(old, frozenset())
            left = tidy.without_names(new, names) if isinstance(new, (cst.Import, cst.ImportFrom)) else new
            if left is not None:
                body.append(left)
                beside += [insert] if insert else []
                partly = partly or bool(insert or names)
            elif insert:
                body.append(insert)
        changed = bool(beside) or len(body) != len(updated.body)
        changed = changed or any(a is not b for a, b in zip(body, updated.body, strict=True))
        return _Line(body, beside, changed, partly)

    def _leave_compound(
        self, original: cst.BaseCompoundStatement, updated: cst.BaseCompoundStatement
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        touched = self._touched.pop()
        leading = updated.leading_lines if isinstance(updated, (cst.If, cst.Try, cst.TryStar)) else ()
        if original in self._edits.remove:
            self._touch()
            if original not in self._edits.insert:
                return self._mark_hollow(leading)
            return cst.SimpleStatementLine([self._edits.insert[original]], leading_lines=leading)
        hollow = touched and tidy.is_hollow(updated)
        if hollow:
            self._hollow.add(updated)
            self._touch()
        if original not in self._edits.insert:
            return updated
        self._touch()
        line = cst.SimpleStatementLine([self._edits.insert[original]], leading_lines=leading)
        if hollow:
            return line
        return cst.FlattenSentinel([line, updated.with_changes(leading_lines=())])

    def _mark_hollow(self, leading_lines: Sequence[cst.EmptyLine]) -> cst.SimpleStatementLine:
        """Return what stands for a statement that goes, until the block around it is tidied.

        An empty statement would be dropped by LibCST at once, and the comments above it too.
        """
        marker = cst.SimpleStatementLine([cst.Pass()], leading_lines=leading_lines)
        self._hollow.add(marker)
        return marker

    def _touch(self) -> None:
        if self._touched:
            self._touched[-1] = True
