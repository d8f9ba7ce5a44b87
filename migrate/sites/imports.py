"""The import statements of a file that bind pickle, and how much each of them may be removed.

try:                            # one Import: the whole statement is the dance around Python 2's cPickle
    import cPickle as pickle
except ImportError:
    import pickle
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import Factory, define

from migrate.model import Import
from migrate.sites.libraries import PARTLY_SERVED
from migrate.sites.scopes import Binding, ImportedModule, ImportedName, Outline, Scope, position
from migrate.sites.source import span_of
from migrate.sites.values import Named

if TYPE_CHECKING:
    from migrate.sites.resolve import Resolver

_ALWAYS_THERE = frozenset({"pickle", "_pickle", "shelve"})
_IMPORT_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@define
class _Group:
    """What one statement binds of pickle."""

    scope: Scope
    names: list[str] = Factory(list)
    libraries: list[str] = Factory(list)


def find_imports(outline: Outline, resolver: Resolver) -> list[Import]:
    """Return the imports of pickle in a file, in source order.

    ``import six.moves.cPickle`` counts as binding ``six``.
    """
    groups: dict[ast.stmt, _Group] = {}
    leaves = _pickle_imports(outline, resolver)
    for scope, name, binding, library in leaves:
        statement = _whole_statement(outline, binding, {leaf.node for _, _, leaf, _ in leaves})
        group = groups.setdefault(statement, _Group(scope))
        if name not in group.names:
            group.names.append(name)
        group.libraries.append(library)
    pure = {binding.node for _, _, binding, _ in leaves}
    exported = resolver.taken.get(outline.path, set()) | declared_exports(outline)
    found = [
        Import(
            path=outline.path,
            span=span_of(statement),
            library=min(group.libraries, key=lambda name: (name not in PARTLY_SERVED, name != "pickle")),
            names=tuple(group.names),
            scope=group.scope.qualified_name,
            whole=_does_nothing_else(statement, pure, set(group.names)),
            reexported=tuple(n for n in group.names if group.scope.kind == "module" and n in exported),
        )
        for statement, group in groups.items()
    ]
    return sorted([*found, *_own_imports(outline, resolver, exported)], key=lambda item: item.span)


def _own_imports(outline: Outline, resolver: Resolver, exported: set[str]) -> list[Import]:
    """Return the imports of what other files of the program made of pickle: its functions and classes."""
    found = []
    for scope in outline.scopes:
        for name, bindings in scope.bindings.items():
            if not isinstance(bindings[0].meaning, ImportedName) or len(bindings) > 1:
                continue
            value = resolver.imported(outline, bindings[0])
            if not isinstance(value, Named) or not value.pickles or value.instance or value.origin is None:
                continue
            statement = outline.statement(bindings[0].node)
            found.append(
                Import(
                    path=outline.path,
                    span=span_of(statement),
                    library=value.thing.library if value.thing else "",
                    names=(name,),
                    scope=scope.qualified_name,
                    whole=False,
                    reexported=(name,) if scope.kind == "module" and name in exported else (),
                    own=True,
                )
            )
    return found


def declared_exports(outline: Outline) -> set[str]:
    """Return the names that a module declares as its own: ``__all__``, and ``import x as x`` (PEP 484).

    2to3 turns ``import cPickle as pickle`` into ``import pickle as pickle``. So the second counts only in a
    module that has no use of the name itself.
    """
    names: set[str] = set()
    repeated: set[str] = set()
    for binding in outline.module.bindings.get("__all__", ()):
        statement = outline.statement(binding.node)
        names.update(
            node.value
            for node in ast.walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    for name, bindings in outline.module.bindings.items():
        if any(isinstance(b.node, ast.alias) and b.node.asname == b.node.name == name for b in bindings):
            repeated.add(name)
    return names | {name for name in repeated if not _is_read(outline, name)}


def _is_read(outline: Outline, name: str) -> bool:
    """Whether the module itself uses a global of its own."""
    return any(
        node.id == name and isinstance(node.ctx, ast.Load) and scope.owner(name) is outline.module
        for node, scope in outline.scope_of.items()
    )


def _pickle_imports(outline: Outline, resolver: Resolver) -> list[tuple[Scope, str, Binding, str]]:
    found = []
    for scope in outline.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if isinstance(binding.meaning, ImportedModule | ImportedName):
                    value = resolver.imported(outline, binding)
                    if isinstance(value, Named) and value.served and value.thing and value.origin is None:
                        found.append((scope, name, binding, value.thing.library))
    return sorted(found, key=lambda leaf: position(leaf[2].node))


def _whole_statement(outline: Outline, binding: Binding, imported: set[ast.AST]) -> ast.stmt:
    """Return the statement that stands for an import: itself, or the ``try`` or ``if`` of its dance."""
    names = _bound_by(outline.parents[binding.node])
    whole = outline.statement(binding.node)
    for ancestor in outline.ancestors(whole):
        if isinstance(ancestor, ast.ExceptHandler):
            continue
        if not isinstance(ancestor, ast.Try | ast.If):
            break
        if _does_nothing_else(ancestor, imported, names) or _depends_on_failure(ancestor, imported):
            whole = ancestor
    return whole


def _does_nothing_else(statement: ast.stmt, imported: set[ast.AST], names: set[str]) -> bool:
    """Whether the statement only binds ``names``, and those only to pickle, to each other, or to None."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return all(alias in imported for alias in statement.names)
    if isinstance(statement, ast.Assign):
        return _is_placeholder(statement, names)
    if isinstance(statement, ast.Pass):
        return True
    return isinstance(statement, ast.Try | ast.If) and all(
        _does_nothing_else(inner, imported, names) for inner in _branches(statement)
    )


def _is_placeholder(statement: ast.Assign, names: set[str]) -> bool:
    targets = all(isinstance(target, ast.Name) and target.id in names for target in statement.targets)
    value = statement.value
    nothing = isinstance(value, ast.Constant) and value.value is None
    return targets and (nothing or (isinstance(value, ast.Name) and value.id in names))


def _depends_on_failure(statement: ast.stmt, imported: set[ast.AST]) -> bool:
    """Whether a ``try`` asks if a module exists that may not: without its import, another branch runs."""
    if not isinstance(statement, ast.Try) or not any(map(_catches_import_errors, statement.handlers)):
        return False
    return any(
        alias in imported and not _is_always_there(node)
        for child in statement.body
        for node in ast.walk(child)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _is_always_there(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and node.module in _ALWAYS_THERE
    return all(alias.name in _ALWAYS_THERE for alias in node.names)


def _catches_import_errors(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in _IMPORT_FAILURES for node in ast.walk(handler.type))


def _branches(statement: ast.Try | ast.If) -> list[ast.stmt]:
    inner = [*statement.body, *statement.orelse]
    if isinstance(statement, ast.Try):
        inner += [child for handler in statement.handlers for child in handler.body]
        inner += statement.finalbody
    return inner


def _bound_by(statement: ast.AST) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    return set()
