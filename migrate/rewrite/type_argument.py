"""When ``converters.load(f, Order)`` may name the class.

Only if every fact about the site is a declaration of one and the same class of the tree, and the file binds
that class once, at module level, by its definition or by an import that is not conditional. Otherwise the
argument is left out: the data say what they are.
"""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from migrate.model import Operation, Source
from migrate.rewrite.naming import bound_by

if TYPE_CHECKING:
    from migrate.model import ClassSchema, Decision
    from migrate.rewrite.source import SourceFile


def type_argument(
    decision: Decision, source: SourceFile, path: str, classes: dict[str, ClassSchema]
) -> str | None:
    """Return the name of the class in the file at ``path``, or None."""
    if decision.site.operation not in (Operation.LOAD, Operation.LOADS) or not decision.evidence:
        return None
    types = {fact.type for fact in decision.evidence}
    said = {fact.source for fact in decision.evidence} - {Source.OBSERVED}  # which can only agree
    if len(types) != 1 or said != {Source.DECLARED}:
        return None
    declared = types.pop()
    schema = classes.get(declared.name)
    if schema is None or declared.args or "." in schema.key.partition(":")[2]:
        return None
    before = decision.site.span.line if not decision.site.scope else None
    return _bound_once(source, path, schema, before)


def _bound_once(source: SourceFile, path: str, schema: ClassSchema, before: int | None) -> str | None:
    names = [
        name
        for node in source.tree.body
        if before is None or node.lineno < before
        for name in _names(node, path, schema)
    ]
    if len(names) != 1:
        return None
    bindings = sum(names[0] in bound_by(node) for node in source.nodes)
    return names[0] if bindings == 1 else None


def _names(node: ast.stmt, path: str, schema: ClassSchema) -> list[str]:
    """Return the names under which the statement ``node`` binds the class itself."""
    if isinstance(node, ast.ClassDef):
        return [node.name] if node.name == schema.name and path == schema.path else []
    if not isinstance(node, ast.ImportFrom) or not _means(node, path, schema):
        return []
    return [alias.asname or alias.name for alias in node.names if alias.name == schema.name]


def _means(node: ast.ImportFrom, path: str, schema: ClassSchema) -> bool:
    """Whether ``node`` imports from the module that defines the class."""
    if not node.level:
        return node.module == schema.module
    folder = posixpath.dirname(path)
    for _ in range(node.level - 1):
        folder = posixpath.dirname(folder)
    stem = posixpath.join(folder, *(node.module or "").split("."))
    return schema.path in (f"{stem}.py", f"{stem}/__init__.py")
