"""Functions that are passed on as values, so that nobody sees all their calls: ``Thread(target=save)``."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from migrate.evidence.scan import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.evidence.program import Program
    from migrate.evidence.source import FunctionNode, Module


class PassedOn:
    """Looks for the names of functions where they are not called."""

    def __init__(self, program: Program, counts: Callable[[str], bool]) -> None:
        """``counts`` says of the path of a file whether what is done there counts."""
        self._program = program
        self._counts = counts
        self._known: dict[FunctionNode, str] = {}
        self._named: dict[str, frozenset[tuple[str, bool]]] = {}
        """Path → names that stand there without being called, and whether after a dot."""

    def place(self, function: FunctionNode) -> str:
        """Return the first file that uses the function as a value; empty if none does.

        Methods are known by their names alone.
        """
        if function not in self._known:
            self._known[function] = next(self._places(function), "")
        return self._known[function]

    def _places(self, function: FunctionNode) -> Iterator[str]:
        word = re.compile(rb"\b" + re.escape(function.name.encode()) + rb"\b(?!\s*\()")
        for path, module in self._program.modules.items():
            if self._counts(path) and word.search(self._program.sources[path]):
                names = self._names(path)
                alone = function.owner is None and (function.name, False) in names
                if (function.name, True) in names or (alone and _knows(module, function)):
                    yield path

    def _names(self, path: str) -> frozenset[tuple[str, bool]]:
        if path not in self._named:
            self._named[path] = frozenset(_uncalled(parsed(path, self._program.sources[path])))
        return self._named[path]


def _knows(module: Module, function: FunctionNode) -> bool:
    return module is function.scope.module or function.name in module.scope.names or bool(module.stars)


def _uncalled(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            if id(node) not in called:
                attribute = isinstance(node, ast.Attribute)
                yield (node.attr if isinstance(node, ast.Attribute) else node.id), attribute
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr" and len(node.args) > 1:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, True
