"""Where the sites stand in the syntax trees."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.model import Operation
from migrate.sites.files import FRAME_METHOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.evidence.program import Program
    from migrate.evidence.source import Module, Scope
    from migrate.model import FileSites, Site

_DUMPS = frozenset({Operation.DUMP, Operation.DUMPS, Operation.DUMP_FILE})
_LOADS = frozenset({Operation.LOAD, Operation.LOADS, Operation.LOAD_FILE})
_VALUE_KEYWORDS = frozenset({"obj", "value"})


@frozen(eq=False)
class Place:
    """A site that is a call, with its syntax."""

    site: Site
    call: ast.Call
    scope: Scope
    module: Module

    @property
    def operand(self) -> ast.expr | None:
        """The value that is dumped."""
        if self.site.function == FRAME_METHOD and isinstance(self.call.func, ast.Attribute):
            return self.call.func.value
        for keyword in self.call.keywords:
            if keyword.arg in _VALUE_KEYWORDS:
                return keyword.value
        first = self.call.args[0] if self.call.args else None
        return None if isinstance(first, ast.Starred) else first


class Places:
    """The sites of a tree by what they do, and the parents of nodes around them."""

    def __init__(self, program: Program, files: Mapping[str, FileSites]) -> None:
        self._program = program
        self._files = files
        self._parents: dict[str, dict[ast.AST, ast.AST]] = {}

    @cached_property
    def all(self) -> tuple[Place, ...]:
        """Every site that is a call, in the order of path and position."""
        found: list[Place] = []
        for path in sorted(self._files):
            module = self._program.modules.get(path)
            if module is not None:
                found += self._in_file(module, self._files[path].sites)
        return tuple(found)

    def _in_file(self, module: Module, sites: Iterable[Site]) -> list[Place]:
        calls = {_span(call): (call, scope) for call, scope in module.calls}
        found: list[Place] = []
        for site in sites:
            span = site.span
            at = calls.get((span.line, span.column, span.end_line, span.end_column))
            if at is not None:
                found.append(Place(site, *at, module))
        return found

    @cached_property
    def dumps(self) -> tuple[Place, ...]:
        """Sites that write a value."""
        return tuple(p for p in self.all if p.site.operation in _DUMPS and p.operand)

    @cached_property
    def loads(self) -> tuple[Place, ...]:
        """Sites that read a value."""
        return tuple(p for p in self.all if p.site.operation in _LOADS)

    @cached_property
    def shelves(self) -> tuple[Place, ...]:
        """Sites that open a shelf."""
        return tuple(p for p in self.all if p.site.operation is Operation.SHELF)

    def paired(self, load: Place) -> list[Place]:
        """Return the dumps whose data a load may read: those of its class, else those of its file."""
        beside = [dump for dump in self.dumps if dump.module is load.module and _store(dump) == _store(load)]
        owner = load.site.scope.partition(".")[0]
        same_owner = [dump for dump in beside if owner and dump.site.scope.partition(".")[0] == owner]
        return same_owner or beside

    def parent(self, node: ast.AST, module: Module) -> ast.AST | None:
        """Return the node that holds ``node``."""
        parents = self._parents.get(module.path)
        if parents is None:
            parents = {
                child: outer for outer in ast.walk(module.tree) for child in ast.iter_child_nodes(outer)
            }
            self._parents[module.path] = parents
        return parents.get(node)


def _store(place: Place) -> str:
    """Return the library whose files a site writes or reads whole; empty for pickle's own functions."""
    whole = place.site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE)
    return place.site.library if whole else ""


def _span(call: ast.Call) -> tuple[int, int, int | None, int | None]:
    return call.lineno, call.col_offset, call.end_lineno, call.end_col_offset
