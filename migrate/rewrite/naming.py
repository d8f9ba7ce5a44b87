"""How a file imports and calls its converters module."""

from __future__ import annotations

import ast
from itertools import chain, count
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from migrate.model import FilePlan
    from migrate.rewrite.source import SourceFile

_IMPORTS = (ast.Import, ast.ImportFrom)
_NAMED = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
)


@frozen
class ConvertersImport:
    """The import of the converters module in one file."""

    name: str
    """The local name, by which the edited sites call it."""
    text: str
    """The statement."""
    present: bool
    """The file has it already, at module level."""

    def statement(self) -> cst.BaseSmallStatement:
        """Return the statement as a new node."""
        import libcst as cst  # `bound_by` is wanted where nothing is edited, too

        line = cst.ensure_type(cst.parse_statement(self.text), cst.SimpleStatementLine)
        return line.body[0]


def converters_import(plan: FilePlan, source: SourceFile) -> ConvertersImport:
    """Take the import that the file has, or choose one whose name clashes with nothing in it."""
    package, _, stem = plan.converters.rpartition(".")
    for node in source.tree.body:
        name = _imported_as(node, plan)
        if name:
            return ConvertersImport(name, ast.unparse(node), present=True)
    free = {stem} if stem in plan.names and _only_ours(source, stem, plan) else set()
    taken = plan.names - free
    name = next(n for n in _candidates(stem) if n not in taken)
    alias = stem if name == stem else f"{stem} as {name}"
    if plan.relative:
        text = f"from {'.' * plan.relative} import {alias}"
    else:
        text = f"from {package} import {alias}" if package else f"import {alias}"
    return ConvertersImport(name, text, present=False)


def _candidates(stem: str) -> Iterator[str]:
    return chain([stem, f"pickle_{stem}", f"json_{stem}"], (f"{stem}_{n}" for n in count(2)))


def _imported_as(node: ast.AST, plan: FilePlan) -> str | None:
    """Return the name under which the import statement ``node`` binds the converters module, if it does."""
    package, _, stem = plan.converters.rpartition(".")
    if isinstance(node, ast.ImportFrom):
        ours = (node.module == package and not node.level) or (
            node.module is None and node.level == plan.relative
        )
        return next((a.asname or a.name for a in node.names if ours and a.name == stem), None)
    if isinstance(node, ast.Import):
        return next(
            (
                a.asname or a.name
                for a in node.names
                if a.name == plan.converters and (a.asname or not package)
            ),
            None,
        )
    return None


def _only_ours(source: SourceFile, name: str, plan: FilePlan) -> bool:
    """Whether ``name`` is bound in the file, and by nothing but imports of the converters module."""
    found = False
    for node in source.nodes:
        if name in bound_by(node):
            if _imported_as(node, plan) != name:
                return False
            found = True
    return found


def bound_by(node: ast.AST) -> set[str]:
    """Return the names that ``node`` itself binds, those of ``global`` and ``nonlocal`` included."""
    if isinstance(node, _IMPORTS):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Load) else {node.id}
    if isinstance(node, ast.arg):
        return {node.arg}
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return set(node.names)
    if isinstance(node, _NAMED):
        return {name for name in (getattr(node, "name", None), getattr(node, "rest", None)) if name}
    return set()
