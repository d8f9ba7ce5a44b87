"""The other names under which a class can be found: where it lived before, as far as the tree still says.

``pickle`` finds a class by module and name, so a class that moved stays readable when the old module imports
it, or when the old name is assigned the new class. Stored data may name either place.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve

from migrate.evidence.source import ClassNode, Imported, Value
from migrate.sites.modules import is_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence.program import Program
    from migrate.evidence.source import Module
    from migrate.model import ClassSchema, FileSites


def with_other_names(graph: Mapping[str, ClassSchema], program: Program) -> dict[str, ClassSchema]:
    """Return the graph with the aliases that modules of the tree offer for its classes.

    Offered is what a package's ``__init__.py`` imports, what ``__all__`` names, what a module imports that
    defines nothing of its own, and what is assigned at module level (``OldName = NewName``).
    """
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    modules = (module for module in program.modules.values() if not is_notebook(module.path))
    for module in modules:
        for name in _offered(module, program):
            for ref in program.refs(ast.Name(name, ast.Load()), module.scope):
                if isinstance(ref, ClassNode) and f"{module.name}:{name}" not in graph:
                    found[ref.key][f"{module.name}:{name}"] = None
    return {key: _named(schema, found.get(key, {})) for key, schema in graph.items()}


def with_renames(graph: Mapping[str, ClassSchema], files: Iterable[FileSites]) -> dict[str, ClassSchema]:
    """Return the graph with the old names that unpicklers of the tree translate (`Site.renames`)."""
    renames = [rename for file in files for site in file.sites for rename in site.renames]
    found: dict[str, dict[str, None]] = {}
    for key, schema in graph.items() if renames else ():
        for name in (key, *schema.aliases):
            module, _, qualname = name.partition(":")
            found.setdefault(key, {}).update(
                (old if ":" in old else f"{old}:{qualname}", None)
                for old, new in renames
                if new in (name, module)
            )
    return {key: _named(schema, found.get(key, {})) for key, schema in graph.items()}


def _named(schema: ClassSchema, names: Mapping[str, None]) -> ClassSchema:
    if not (names and schema.picklable):
        return schema
    return evolve(schema, aliases=tuple(dict.fromkeys((*schema.aliases, *sorted(names)))))


def _offered(module: Module, program: Program) -> Iterator[str]:
    """Yield the names of a module that its users may find a class under although it is defined elsewhere."""
    passes_on = module.package or not (module.classes or module.functions)
    declared = program.declared(module)
    for name, bindings in module.scope.names.items():
        imported = any(isinstance(each, Imported) and each.name and not each.star for each in bindings)
        renamed = any(isinstance(b, Value) and not b.steps and isinstance(b.expr, ast.Name) for b in bindings)
        if renamed or (imported and (passes_on or name in declared)):
            yield name
    if passes_on:
        starred = [other for other in program.modules.values() if other.name in module.stars]
        yield from (
            node.name for other in starred for node in other.classes if node.scope.parent is other.scope
        )
