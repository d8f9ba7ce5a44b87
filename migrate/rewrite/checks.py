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
    if not _is_subsequence(_untouched(before, edited), _flat(after.tree.body)):
        raise CannotEdit("a statement that was not to be edited has changed")
    for name in sorted(gone):
        line = _unbound_use(after.tree, name)
        if line is not None:
            raise CannotEdit(f"{name} would be used without an import, at line {line} of the edited file")
        line = _assignment(after.tree, name)
        if line is not None:
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


def _is_subsequence(wanted: Iterator[ast.AST], given: Iterator[ast.AST]) -> bool:
    return all(any(_same(item, other) for other in given) for item in wanted)


def _same(one: ast.AST, other: ast.AST) -> bool:
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


def _unbound_use(tree: ast.Module, name: str) -> int | None:
    """Return the line of a use of ``name``, if the file uses it and binds it nowhere."""
    use = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Store):
            use = use or node.lineno
        elif name in bound_by(node):
            return None
    return None if hasattr(builtins, name) else use


def _assignment(tree: ast.Module, name: str) -> int | None:
    """Return the line at which the module, outside functions and classes, assigns ``name``."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.comprehension)
        ):
            continue
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return node.lineno
        stack += ast.iter_child_nodes(node)
    return None
