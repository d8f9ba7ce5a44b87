"""Where the sites stand in the syntax trees."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence.links import Links
from migrate.evidence.parents import Parents
from migrate.evidence.sequences import Sequences
from migrate.model import APART, Operation
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
        self._parents: dict[str, Parents] = {}
        self._paired: dict[Place, list[Place]] = {}

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
        """Return the dumps whose data a load may read: those of its class, else those of its file.

        Of several values in one file, it is the one at the position of the load.
        """
        if load not in self._paired:
            self._paired[load] = self._pair(load)
        return self._paired[load]

    def linked(self, load: Place) -> bool:
        """Whether a load reads what one of the dumps wrote that it is paired with: both name the place."""
        return self._links.any(load, self.paired(load))

    @cached_property
    def _links(self) -> Links:
        return Links(self._program, lambda node, place: self.parent(node, place.module))

    @cached_property
    def _sequences(self) -> Sequences:
        return Sequences((*self.dumps, *self.loads), lambda node, place: self.parent(node, place.module))

    def _pair(self, load: Place) -> list[Place]:
        beside = [dump for dump in self.dumps if dump.module is load.module and _may_reach(dump, load)]
        owner = _owner(load)
        same_owner = [dump for dump in beside if owner and _owner(dump) == owner]
        found = self._of_same_form(load, same_owner or beside, whole_file=not same_owner)
        return (self._sequences.matching(load, found) if len(found) > 1 else []) or found

    def _of_same_form(self, load: Place, dumps: list[Place], *, whole_file: bool) -> list[Place]:
        """Return the dumps to files for a load from one, those to bytes for bytes, if both are loaded.

        Where one form has no load, its data come out through the other: ``f.write(pickle.dumps(x))``.
        """
        same = [dump for dump in dumps if _in_bytes(dump) is _in_bytes(load)]
        owner = _owner(load)
        others = (
            other
            for other in self.loads
            if other.module is load.module and (whole_file or _owner(other) == owner)
        )
        return same if same and any(_in_bytes(other) is not _in_bytes(load) for other in others) else dumps

    def parent(self, node: ast.AST, module: Module) -> ast.AST | None:
        """Return the node that holds ``node``."""
        if module.path not in self._parents:
            self._parents[module.path] = Parents(module.tree)
        return self._parents[module.path].of(node)


def _owner(place: Place) -> str:
    """Return the class or function of the module that a site stands in; empty for none."""
    return place.site.scope.partition(".")[0]


def _in_bytes(place: Place) -> bool:
    return place.site.operation in (Operation.DUMPS, Operation.LOADS)


def _may_reach(dump: Place, load: Place) -> bool:
    """Whether a load may read what a dump of its file writes.

    Not if they are of different stores, nor if the bytes of the dump end where they are made: a copy, a hash.
    """
    apart = dump.site.reason in APART and load.site.reason not in APART
    return _store(dump) == _store(load) and not apart


def _store(place: Place) -> str:
    """Return the library whose files a site writes or reads whole; empty for pickle's own functions."""
    whole = place.site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE)
    return place.site.library if whole else ""


def _span(call: ast.Call) -> tuple[int, int, int | None, int | None]:
    return call.lineno, call.col_offset, call.end_lineno, call.end_col_offset
