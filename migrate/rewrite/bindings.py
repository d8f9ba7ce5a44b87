"""Which import serves which site, and which bindings nobody needs any more."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.sites.libraries import PARTLY_SERVED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.model import FilePlan, Import, Site, Span
    from migrate.rewrite.source import SourceFile


@frozen
class Bindings:
    """The imports of pickle in one file, and the sites that reach pickle through them."""

    plan: FilePlan
    source: SourceFile

    def serving(self, site: Site) -> tuple[Import, ...]:
        """Return the imports through which ``site`` reaches pickle: those of the innermost scope."""
        root = site.binding.partition(".")[0]
        named = [i for i in self.plan.imports if root in _roots(i.names)]
        visible = [i for i in named if i.scope and self.sees(i, site)]
        if not visible:
            return tuple(i for i in named if not i.scope)
        innermost = max(len(i.scope) for i in visible)
        return tuple(i for i in visible if len(i.scope) == innermost)

    def removable(self, done: Iterable[Site]) -> dict[Import, frozenset[str]]:
        """Return the names of each import that can go when the sites in ``done`` are edited."""
        finished = {site.id for site in done}
        needed: set[tuple[Import, str]] = set()
        used: set[tuple[Import, str]] = set()
        for decision in self.plan.decisions:
            site = decision.site
            root = site.binding.partition(".")[0]
            pairs = {(i, root) for i in self.serving(site)}
            used |= pairs
            if site.id not in finished:
                needed |= pairs
        edited = [site.span for site in done]
        return {
            i: frozenset(
                name
                for name in i.names
                if (i, name.partition(".")[0]) not in needed
                and name not in i.reexported
                and ((i, name.partition(".")[0]) in used or not self._meant_for_others(i))
                and not (i.own and (i, name) not in used)
                and not (
                    (self._dotted(i, name) or i.library in PARTLY_SERVED or i.own)
                    and self._other_uses(name.partition(".")[0], edited)
                )
            )
            for i in self.plan.imports
        }

    def sees(self, statement: Import, site: Site) -> bool:
        """Whether names that ``statement`` binds in its scope, not the module's, are visible at ``site``."""
        if statement.scope in self._classes:
            return site.scope == statement.scope
        return f"{site.scope}.".startswith(f"{statement.scope}.")

    @cached_property
    def _classes(self) -> set[str]:
        """Return the dotted names of all classes: what they bind cannot be seen from their methods."""
        found: set[str] = set()
        stack: list[tuple[ast.AST, str]] = [(self.source.tree, "")]
        while stack:
            node, scope = stack.pop()
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                scope = f"{scope}.{node.name}".lstrip(".")
                if isinstance(node, ast.ClassDef):
                    found.add(scope)
            stack += [(child, scope) for child in ast.iter_child_nodes(node)]
        return found

    def _meant_for_others(self, statement: Import) -> bool:
        """Whether a name that nothing here uses is likely there for importers, or for users of a class."""
        if statement.scope in self._classes:
            return True
        line = self.source.lines[statement.span.end_line - 1]
        return "noqa" in line or self.plan.path.rpartition("/")[2] == "__init__.py"

    @cached_property
    def _dotted_imports(self) -> list[ast.Import]:
        """Return the statements like ``import a.b``, which bind ``a`` and may serve others too."""
        return [
            node
            for node in self.source.nodes
            if isinstance(node, ast.Import) and any("." in a.name and not a.asname for a in node.names)
        ]

    def _dotted(self, statement: Import, name: str) -> bool:
        return any(
            alias.asname is None and alias.name.startswith(f"{name.partition('.')[0]}.")
            for node in self._dotted_imports
            if _within(node, [statement.span])
            for alias in node.names
        )

    def _other_uses(self, name: str, edited: list[Span]) -> bool:
        return any(
            isinstance(node, ast.Name) and node.id == name and not _within(node, edited)
            for node in self.source.nodes
        )


def _roots(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def _within(node: ast.expr | ast.stmt, spans: Iterable[Span]) -> bool:
    start = (node.lineno, node.col_offset)
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return any((s.line, s.column) <= start and end <= (s.end_line, s.end_column) for s in spans)
