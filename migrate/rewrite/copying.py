"""How a file that gets a call of ``copy.deepcopy`` imports it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.rewrite import layout
from migrate.rewrite.naming import bound_by
from migrate.rewrite.refusal import CannotEdit

if TYPE_CHECKING:
    from migrate.model import FilePlan
    from migrate.rewrite.source import Slice, SourceFile

_FORMS = {
    "import copy": ("copy", "copy.deepcopy"),
    "from copy import deepcopy": ("deepcopy", "deepcopy"),
    "import copy as copy_module": ("copy_module", "copy_module.deepcopy"),
}
"""Import → the name that it binds, and the function by it."""


@frozen
class CopyImport:
    """The import of the copy module in one file."""

    function: str
    """How the edited sites name ``copy.deepcopy``."""
    text: str
    """The statement."""
    present: bool
    """The file has it already, at module level."""


def copy_import(plan: FilePlan, source: SourceFile) -> CopyImport:
    """Take the import that the file has, or choose one whose name means nothing else in it.

    Raises `CannotEdit` if the file uses all names that it could have.
    """
    for text, (name, function) in _FORMS.items():
        ours = [node for node in source.tree.body if ast.unparse(node) == text]
        others = any(name in bound_by(node) for node in source.nodes if node not in ours)
        if ours and not others:
            return CopyImport(function, text, present=True)
    for text, (name, function) in _FORMS.items():
        if name not in plan.names:
            return CopyImport(function, text, present=False)
    raise CannotEdit("no name is free for the import of the copy module")


def place_of_copy(text: str, plan: FilePlan, source: SourceFile) -> Slice:
    """Return the slice before which the import goes: in order among the imports around that of pickle."""
    lines = {statement.span.line for statement in plan.imports if not statement.scope}
    body = source.tree.body
    at = next((n for n, node in enumerate(body) if node.lineno in lines and _is_import(node)), None)
    if at is None:
        return layout.after_imports(source)
    plain = text.startswith("import")
    while at > 0 and _joins(body[at - 1], body[at]) and _goes_before(text, body[at - 1], plain=plain):
        at -= 1
    return next(s for s in source.slices if s.first <= body[at].lineno <= s.last)


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _joins(first: ast.stmt, second: ast.stmt) -> bool:
    return _is_import(first) and (first.end_lineno or first.lineno) + 1 == second.lineno


def _goes_before(text: str, node: ast.stmt, *, plain: bool) -> bool:
    """Whether isort puts ``text`` before ``node``: plain imports first, each kind by name."""
    if isinstance(node, ast.ImportFrom):
        return node.module != "__future__" and (plain or (node.module or "") > "copy")
    return plain and ast.unparse(node) > text
