"""Functions and classes that are used as values, so that nobody sees all calls: ``Thread(target=save)``."""

from __future__ import annotations

import ast
import re
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.program import Package
from migrate.evidence.scan import parsed
from migrate.evidence.source import ClassNode, FunctionNode
from migrate.evidence.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.evidence.program import Program
    from migrate.evidence.source import Module

_ABOUT_CLASSES = {"isinstance": 1, "issubclass": 1, "super": 0, "__instancecheck__": 0}
"""Calls that ask about classes and make nothing of them, and how many arguments before the class."""
_SUBCLASSES = "__subclasses__"


class Use(Enum):
    """What is done with a name that is not called where it stands."""

    VALUE = "value"
    BASE = "base"
    """An attribute of it is taken."""
    ABOVE = "above"
    """The classes below it are asked for."""


Named = tuple[str, bool, Use]
"""A name, whether it stands after a dot, and its use."""


class PassedOn:
    """Looks for the names of functions and classes where they are not called."""

    def __init__(self, program: Program, counts: Callable[[str], bool]) -> None:
        """``counts`` says of the path of a file whether what is done there counts."""
        self._program = program
        self._counts = counts
        self._known: dict[FunctionNode | ClassNode, str] = {}
        self._named: dict[str, frozenset[Named]] = {}
        """Path → what stands there."""

    def place(self, node: FunctionNode | ClassNode) -> str:
        """Return the first file that uses a function or class as a value; empty if none does.

        Methods are known by their names alone.
        """
        if node not in self._known:
            self._known[node] = next(self._places(node), "")
        return self._known[node]

    def _places(self, node: FunctionNode | ClassNode) -> Iterator[str]:
        if node.outer is node.module.scope and node.module.path in self._looked_up:
            yield node.module.path
        owner = node.owner if isinstance(node, FunctionNode) else None
        # An attribute of a class says nothing of its calls; one of a function may be its ``__call__``.
        uses = {Use.VALUE, Use.BASE} if isinstance(node, FunctionNode) else {Use.VALUE}
        word = re.compile(rb"\b" + re.escape(node.name.encode()) + rb"\b(?!\s*\()")
        for path in self._that_have(word):
            names = self._names(path)
            dotted = any((node.name, True, use) in names for use in uses)
            alone = owner is None and any((node.name, False, use) in names for use in uses)
            if dotted or (alone and _knows(self._program.modules[path], node)):
                yield path
        for base in self._program.mro(node)[1:] if isinstance(node, ClassNode) else ():
            if isinstance(base, ClassNode):
                yield from (
                    path for path, above in self._asked_below if above in (base.name, base.module.path)
                )

    def _that_have(self, word: re.Pattern[bytes]) -> Iterator[str]:
        """Yield the files that count and have a word."""
        for path in self._program.modules:
            if self._counts(path) and word.search(self._program.sources[path]):
                yield path

    @cached_property
    def _asked_below(self) -> list[tuple[str, str]]:
        """Files that ask a class for those below it, with its name; their own path if that is not told."""
        found = []
        for path in self._that_have(re.compile(_SUBCLASSES.encode())):
            above = [name for name, _, use in self._names(path) if use is Use.ABOVE]
            found += [(path, path if name in ("cls", "self", "") else name) for name in sorted(above)]
        return found

    @cached_property
    def _looked_up(self) -> frozenset[str]:
        """Files whose globals are found under computed names."""
        found = {path for path, module in self._program.modules.items() if module.looked_up}
        for path, module in self._program.modules.items():
            for call, scope in module.calls if self._counts(path) else ():
                if last_name(call) in ("getattr", "getmembers", "vars") and call.args:
                    literal = len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
                    refs = () if literal else self._program.refs(call.args[0], scope)
                    found.update(self._program.path_of(ref) for ref in refs if isinstance(ref, Package))
        return frozenset(found)

    @cached_property
    def modules(self) -> frozenset[str]:
        """Files of the modules that are used as values."""
        named: dict[str, list[str]] = {}
        for path, module in self._program.modules.items():
            named.setdefault(module.name.rpartition(".")[2], []).append(path)
        found: set[str] = set()
        for path, module in self._program.modules.items():
            for name, dotted, use in self._names(path) if self._counts(path) else ():
                if use is Use.VALUE and dotted:
                    found.update(named.get(name, ()))
                elif use is Use.VALUE and name in module.scope.names:
                    refs = self._program.refs(ast.Name(name, ast.Load()), module.scope)
                    found.update(self._program.path_of(ref) for ref in refs if isinstance(ref, Package))
        return frozenset(found)

    def _names(self, path: str) -> frozenset[Named]:
        if path not in self._named:
            self._named[path] = frozenset(_uses(parsed(path, self._program.sources[path])))
        return self._named[path]


def _knows(module: Module, node: FunctionNode | ClassNode) -> bool:
    return module is node.module or node.name in module.scope.names or bool(module.stars)


def _uses(tree: ast.AST) -> Iterator[Named]:
    """Yield what is done with names below a node, without those that are called or only asked about."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name | ast.Attribute):
            if isinstance(node.ctx, ast.Load):
                yield from _named(node, Use.VALUE)
            pending += _below(node)
        elif isinstance(node, ast.Call):
            yield from _called(node)
            pending += _passed(node)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            pending += [part for side in sides for part in _below(side)]
        else:
            pending += _parts(node)


def _named(node: ast.AST, use: Use) -> Iterator[Named]:
    if isinstance(node, ast.Name):
        yield node.id, False, use
    elif isinstance(node, ast.Attribute):
        yield node.attr, True, use
        yield from _named(node.value, Use.BASE)


def _below(node: ast.expr) -> list[ast.AST]:
    """Return what stands in a dotted name that is no name itself, or a whole expression of another kind."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return [] if isinstance(node, ast.Name) else [node]


def _called(node: ast.Call) -> Iterator[Named]:
    function = node.func
    if isinstance(function, ast.Attribute):
        yield from _named(function.value, Use.BASE)
        if function.attr == _SUBCLASSES:
            yield last_name(function.value) or "", False, Use.ABOVE
    elif getattr(function, "id", "") == "getattr" and len(node.args) > 1:
        name = node.args[1]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value, True, Use.VALUE


def _passed(node: ast.Call) -> list[ast.AST]:
    name = last_name(node)
    function = [] if isinstance(node.func, ast.Name) else _below(node.func)
    if name == "cast":
        return [*function, *node.args[1:]]
    args = node.args[: _ABOUT_CLASSES.get(name or "", len(node.args))]
    return [*function, *args, *(keyword.value for keyword in node.keywords)]


def _parts(node: ast.AST) -> list[ast.AST]:
    """Return what stands in a node, without annotations, bases and other places that only name a class."""
    left_out: tuple[ast.AST | None, ...] = ()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        left_out = (node.returns,)
    elif isinstance(node, ast.AnnAssign | ast.arg):
        left_out = (node.annotation,)
    elif isinstance(node, ast.ClassDef):
        left_out = tuple(node.bases)
    elif isinstance(node, ast.ExceptHandler):
        left_out = (node.type,)
    elif isinstance(node, ast.Raise):
        left_out = (node.exc,) if isinstance(node.exc, ast.Name | ast.Attribute) else ()
    elif isinstance(node, ast.MatchClass):
        left_out = (node.cls,)
    elif isinstance(node, ast.Subscript) and (last_name(node.value) or "")[:1].isupper():
        left_out = (node.slice,)  # list[Order] as a value is no Order
    return [child for child in ast.iter_child_nodes(node) if not any(child is each for each in left_out)]
