"""What must hold of a file after it was edited; otherwise the edit is not used."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from migrate.rewrite.naming import bound_by
from migrate.rewrite.refusal import CannotEdit
from migrate.rewrite.source import SourceError, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.rewrite.source import Slice

_END = ast.Load()
"""Stands for the end of a class: a node that is no statement."""


def check(before: SourceFile, data: bytes, edited: set[Slice], gone: set[str]) -> None:
    """Check ``data``, the outcome of editing the slices ``edited`` of ``before``.

    It parses; the statements outside the edited slices are the same and in the same order; no name of
    ``gone``, whose import was removed, is still used without being bound, or assigned by the module: whether
    it was imported may then have been a question that the program asks. Raises `CannotEdit`.
    """
    try:
        after = SourceFile(data)
    except SourceError as error:
        raise CannotEdit(f"the edited file {error}") from error
    if after.encoding != before.encoding or after.bom != before.bom:
        raise CannotEdit("the edited file would be decoded differently")
    given = _flat(after.tree.body)
    if not all(
        any(_same(node, other, before, after) for other in given) for node in _untouched(before, edited)
    ):
        raise CannotEdit("a statement that was not to be edited has changed")
    unbound = _unbound_uses(after, gone)
    if unbound:
        name, line = min(unbound.items())
        raise CannotEdit(f"{name} would be used without an import, at line {line} of the edited file")
    assigned = _assignments(after.tree, gone)
    if assigned:
        name, line = min(assigned.items())
        raise CannotEdit(f"{name} is imported and also assigned, at line {line} of the edited file")


def _untouched(source: SourceFile, edited: set[Slice]) -> Iterator[ast.AST]:
    for node in _flat(source.tree.body):
        line = node.lineno if isinstance(node, ast.stmt) else None
        if line is None or not any(line in piece for piece in edited):
            yield node


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield statements; of a class what is written above its body, then the body, then a mark for its end."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            above = {**dict(ast.iter_fields(statement)), "body": []}
            yield ast.copy_location(ast.ClassDef(**above), statement)
            yield from _flat(statement.body)
            yield _END
        else:
            yield statement


def _same(one: ast.AST, other: ast.AST, before: SourceFile, after: SourceFile) -> bool:
    """Whether a node of the one file is as that of the other: by their text, or at least by their syntax."""
    text = _text(one, before)
    return (text is not None and text == _text(other, after)) or _equal(one, other)


def _text(node: ast.AST, source: SourceFile) -> tuple[type[ast.AST], int, int, tuple[str, ...]] | None:
    """Return what a statement says and where on its lines; None for what is only a part of a statement."""
    if isinstance(node, ast.ClassDef) or not isinstance(node, ast.stmt):
        return None
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    lines = source.lines[first - 1 : node.end_lineno]
    return type(node), node.col_offset, node.end_col_offset or 0, lines


def _equal(one: ast.AST, other: ast.AST) -> bool:
    """Whether two trees are equal but for positions. Not recursive: literals may nest deep."""
    stack: list[tuple[object, object]] = [(one, other)]
    while stack:
        a, b = stack.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, ast.AST) and isinstance(b, ast.AST):
            stack += [(getattr(a, name, None), getattr(b, name, None)) for name in a._fields]
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            stack += zip(a, b, strict=True)
        elif a != b and repr(a) != repr(b):
            return False
    return True


def _unbound_uses(source: SourceFile, names: set[str]) -> dict[str, int]:
    """Return those of ``names`` that the file uses and binds nowhere, with the line of a use."""
    uses: dict[str, int] = {}
    bound: set[str] = set()
    for node in source.nodes if names else ():
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            if node.id in names:
                uses.setdefault(node.id, node.lineno)
        else:
            bound |= names & bound_by(node)
    return {name: line for name, line in uses.items() if name not in bound and not hasattr(builtins, name)}


def _assignments(tree: ast.Module, names: set[str]) -> dict[str, int]:
    """Return those of ``names`` that the module, outside functions and classes, assigns, with the line."""
    found: dict[str, int] = {}
    stack: list[ast.AST] = list(tree.body) if names else []
    while stack:
        node = stack.pop()
        if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.comprehension)
        ):
            continue
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Store):
            found[node.id] = node.lineno
        stack += ast.iter_child_nodes(node)
    return found
