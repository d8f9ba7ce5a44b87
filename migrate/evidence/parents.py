"""Which node holds which: looked up in the few statements and methods of a module that are asked about."""

from __future__ import annotations

import ast
from bisect import bisect_right


class Parents:
    """The nodes of a module and what holds each of them."""

    def __init__(self, tree: ast.Module) -> None:
        self._known: dict[ast.AST, ast.AST] = dict.fromkeys(tree.body, tree)
        self._unread: list[ast.stmt] = [*tree.body]
        """In order, the statements of the module, and of classes that were looked into."""
        self._first = [_first_line(statement) for statement in tree.body]

    def of(self, node: ast.AST) -> ast.AST | None:
        """Return the node that holds ``node``: None for the module itself, and for what is not part of it."""
        line: int | None = getattr(node, "lineno", None)
        while node not in self._known and self._unread:
            at = len(self._first) - 1 if line is None else bisect_right(self._first, line) - 1
            if at < 0:
                break
            first = self._first[at]
            inside = self._read(at)
            # A statement that starts where the node does may follow another one on that line.
            if not inside and line is not None and first < line:
                break
        return self._known.get(node)

    def _read(self, at: int) -> list[ast.stmt]:
        """Look into a statement; return those that it holds which are left for later."""
        statement = self._unread[at]
        inside = statement.body if isinstance(statement, ast.ClassDef) else []
        self._unread[at : at + 1] = inside
        self._first[at : at + 1] = [_first_line(inner) for inner in inside]
        later = set(inside)
        work: list[ast.AST] = [statement]
        while work:
            outer = work.pop()
            children = list(ast.iter_child_nodes(outer))
            self._known.update(dict.fromkeys(children, outer))
            work += (child for child in children if child not in later)
        return inside


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])
