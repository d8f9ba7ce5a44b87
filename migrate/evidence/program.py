"""The whole tree: which thing each name and dotted expression stands for, across files."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import stdlib
from migrate.evidence.aliases import Aliases
from migrate.evidence.scan import FUNCTIONAL, scan
from migrate.evidence.source import (
    ClassNode,
    Defined,
    FunctionNode,
    Imported,
    Scope,
    ScopeKind,
    Value,
)
from migrate.evidence.syntax import last_name
from migrate.sites.modules import Modules

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from migrate.evidence.source import Binding, Fill, Module, Store

_MAX_HOPS = 30
"""Imports and aliases followed for one name; longer chains are cycles."""
_MODULE_GIVERS = {
    "modules": "sys.modules",
    "import_module": "importlib.import_module",
    "__import__": "builtins.__import__",
}
"""What gives a module by its name: last name, and whole."""


@frozen
class External:
    """Something outside the tree, by the dotted name under which the program reaches it."""

    dotted: str


@frozen
class Package:
    """A module or package, of the tree or not, by its dotted name."""

    dotted: str
    importer: str
    """Path of the file that imports it: two roots of one tree may hold modules of one name."""


Ref = ClassNode | FunctionNode | External | Package


class Program:
    """All modules of a tree, scanned, with their names resolved.

    ``sources`` maps paths to bytes. Files that do not parse are left out and kept in ``unparsed``. Of those
    in ``whole`` the syntax trees stay as they are; of the others, what is needed to resolve names and types.
    """

    def __init__(
        self,
        sources: Mapping[str, bytes],
        modules: Modules | None = None,
        whole: Container[str] = (),
        *,
        partial: bool = False,
    ) -> None:
        self.sources = sources
        """Path → bytes, as they were given."""
        self.partial = partial
        """Whether the tree has more files, which nobody looks at."""
        self._modules = modules or Modules(sources)
        self.modules: dict[str, Module] = {}
        """By path, sorted."""
        self.unparsed: dict[str, str] = {}
        for path in sorted(sources):
            try:
                self.modules[path] = scan(path, sources[path], self._modules, whole=path in whole)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # noqa: PERF203  # one bad file
                self.unparsed[path] = f"{type(error).__name__}: {error}"
        self._mro: dict[ClassNode, list[ClassNode | External]] = {}
        self._binding_cache: dict[int, tuple[Ref, ...]] = {}
        self._definitions: dict[int, list[Binding]] = {}
        starred = [(module, *each) for module in self.modules.values() for each in self._starred(module)]
        for module, name, star in starred:
            module.scope.names[name].append(Imported(module.path, star, name, star=True))
        for module in self.modules.values():
            self._make_functional_classes(module)
        # What was asked for in between did not know all classes yet.
        self._mro.clear()
        self._binding_cache.clear()
        self._definitions.clear()

    # --- what there is ---------------------------------------------------------------------------------

    @cached_property
    def classes(self) -> dict[str, list[ClassNode]]:
        """Every class by its key; several nodes where ``if`` or ``try`` define it in several ways."""
        found: defaultdict[str, list[ClassNode]] = defaultdict(list)
        for module in self.modules.values():
            for node in module.classes:
                found[node.key].append(node)
        return dict(sorted(found.items()))

    @cached_property
    def classes_named(self) -> dict[str, tuple[str, ...]]:
        """Keys of all classes that can be found by name, by the last part of it."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key, nodes in self.classes.items():
            if not nodes[-1].local:
                found[nodes[-1].name].append(key)
        return {name: tuple(keys) for name, keys in found.items()}

    @cached_property
    def subclasses(self) -> dict[str, tuple[str, ...]]:
        """Keys of all classes of the tree below each class of the tree, sorted."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for key, nodes in self.classes.items():
            for node in nodes:
                for base in self.mro(node)[1:]:
                    if isinstance(base, ClassNode) and base.key != key:
                        found[base.key].add(key)
        return {key: tuple(sorted(keys)) for key, keys in found.items()}

    @cached_property
    def stores(self) -> dict[str, list[Store]]:
        """Attribute stores by the name of the attribute."""
        found: defaultdict[str, list[Store]] = defaultdict(list)
        for module in self.modules.values():
            for store in module.stores:
                found[store.attribute].append(store)
        return found

    @cached_property
    def fills(self) -> dict[str, list[Fill]]:
        """Fills by the name of the variable or attribute that holds the container."""
        found: defaultdict[str, list[Fill]] = defaultdict(list)
        aliases = Aliases(self)
        for module in self.modules.values():
            for fill in module.fills:
                found[fill.name].append(fill)
                for meant in aliases.of(fill):
                    found[meant.name].append(meant)
        return found

    @cached_property
    def variable_fills(self) -> dict[tuple[Scope, str], list[Fill]]:
        """Fills of containers in variables, by the variable."""
        found: defaultdict[tuple[Scope, str], list[Fill]] = defaultdict(list)
        for name, fills in self.fills.items():
            for fill in fills:
                bound = self.lookup(fill.target_scope, name) if isinstance(fill.target, ast.Name) else None
                if bound is not None:
                    found[bound[0], name].append(fill)
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """Dotted names that any module of the tree imports."""
        return frozenset(name for module in self.modules.values() for name in module.imports)

    @cached_property
    def offered(self) -> frozenset[str]:
        """Dotted names that the tree offers to its users: all of an ``__init__.py``, all in ``__all__``."""
        found: set[str] = set()
        for module in self.modules.values():
            names = module.scope.names if module.package else _all_of(module)
            found.update(f"{module.name}.{name}" for name in names)
            found.update(module.imports if module.package else ())
        return frozenset(found)

    def declared(self, module: Module) -> frozenset[str]:
        """Return the names in the literal ``__all__`` of a module."""
        return frozenset(_all_of(module))

    # --- names -----------------------------------------------------------------------------------------

    def lookup(self, scope: Scope, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that binds ``name`` as seen from ``scope``, and its bindings there."""
        if name in scope.shared:
            scope = scope.shared[name]
        current: Scope | None = scope
        while current is not None:
            if name in current.names and (current is scope or current.kind is not ScopeKind.CLASS):
                return current, current.names[name]
            current = current.parent
        return None

    def refs(self, node: ast.expr, scope: Scope, hops: int = 0) -> tuple[Ref, ...]:
        """Return the classes, functions and modules that ``node`` may stand for; empty for other values."""
        if hops > _MAX_HOPS:
            return ()
        if isinstance(node, ast.Name):
            return self._name_refs(node.id, scope, hops)
        if isinstance(node, ast.Attribute):
            bases = self.refs(node.value, scope, hops + 1)
            if not bases:
                return ()
            found = (self.member(base, node.attr, hops + 1) for base in bases)
            return _unique(ref for refs in found for ref in refs)
        if isinstance(node, ast.Subscript | ast.Call):
            module = self._module_meant(node, scope, hops + 1)
            if module is not None:
                return (module,)
        if isinstance(node, ast.Subscript):
            return tuple(
                ref for ref in self.refs(node.value, scope, hops + 1) if isinstance(ref, ClassNode | External)
            )
        return ()

    def member(self, base: Ref, name: str, hops: int = 0) -> tuple[Ref, ...]:
        """Return what ``base.name`` may stand for."""
        if isinstance(base, External):
            return (External(stdlib.canonical(f"{base.dotted}.{name}")),)
        if isinstance(base, Package):
            return self._module_member(base, name, hops)
        if isinstance(base, ClassNode):
            for owner in self.mro(base):
                if isinstance(owner, ClassNode) and name in owner.scope.names:
                    return self._binding_refs(owner.scope.names[name], hops)
        return ()

    def module_value(self, base: Package, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the bindings of ``name`` in a module of the tree, or in one that it has the names of."""
        return self._module_value(base, name, 0)

    def _module_value(self, base: Package, name: str, hops: int) -> tuple[Scope, list[Binding]] | None:
        module = self._module(base.dotted, base.importer)
        if module is None or hops > _MAX_HOPS:
            return None
        if name in module.scope.names:
            return module.scope, module.scope.names[name]
        starred = (self._module_value(Package(star, module.path), name, hops + 1) for star in module.stars)
        return next(filter(None, starred), None)

    def _starred(self, module: Module) -> Iterator[tuple[str, str]]:
        """Yield globals of a module that a star import may bind anew, and the module that it is from."""
        for name in module.scope.names if module.stars else ():
            for star in module.stars[module.settled.get(name, 0) :]:
                base = Package(star, module.path)
                inside = self._module(star, module.path) is not None
                if not name.startswith("_") and (not inside or self._module_value(base, name, 0)):
                    yield name, star

    def _module_meant(self, node: ast.Subscript | ast.Call, scope: Scope, hops: int) -> Package | None:
        """Return the module that ``sys.modules[name]`` or ``importlib.import_module(name)`` gives."""
        if last_name(node if isinstance(node, ast.Call) else node.value) not in _MODULE_GIVERS:
            return None
        found = self.refs(node.func if isinstance(node, ast.Call) else node.value, scope, hops)
        if not any(isinstance(ref, External) and ref.dotted in _MODULE_GIVERS.values() for ref in found):
            return None
        name = node.slice if isinstance(node, ast.Subscript) else next(iter(node.args), None)
        if isinstance(name, ast.Name) and name.id == "__name__":
            return Package(scope.module.name, scope.module.path)
        literal = name.value if isinstance(name, ast.Constant) else None
        if not isinstance(literal, str) or literal.startswith("."):
            return None
        whole = last_name(node) != "__import__"
        return Package(literal if whole else literal.partition(".")[0], scope.module.path)

    def scopes_of_global(self, node: ast.Attribute, scope: Scope) -> Iterator[Scope]:
        """Yield the scopes of the modules that an attribute is a global of: ``settings.current``."""
        for ref in self.refs(node.value, scope):
            value = self.module_value(ref, node.attr) if isinstance(ref, Package) else None
            if value is not None:
                yield value[0]

    def scope_of(self, node: ast.expr) -> Scope:
        """Return the scope that a lambda or comprehension makes."""
        return self._inner_scopes[node]

    @cached_property
    def _inner_scopes(self) -> dict[ast.AST, Scope]:
        return {node: scope for module in self.modules.values() for node, scope in module.scopes.items()}

    def function_of(self, scope: Scope) -> FunctionNode | None:
        """Return the function whose body ``scope`` belongs to, comprehensions looked through."""
        current: Scope | None = scope
        while current is not None and current.kind is ScopeKind.FUNCTION:
            function = current.module.function_of.get(current)
            if function is not None:
                return function
            current = current.parent
        return None

    def values_of(self, name: str, scope: Scope) -> list[Binding]:
        """Return the bindings of ``name``, those in another module of the tree for an imported name."""
        return self.origin_of(name, scope)[2]

    def origin_of(self, name: str, scope: Scope) -> tuple[Scope, str, list[Binding]]:
        """Return where ``name`` is bound, elsewhere if it is imported, its name there, and its bindings."""
        found = self.lookup(scope, name)
        owner, bindings = found or (scope, [])
        for _ in range(_MAX_HOPS):
            imported = next((b for b in bindings if isinstance(b, Imported) and b.name and not b.star), None)
            value = self._imported_value(imported) if imported else None
            if imported is None or imported.name is None or value is None:
                break
            owner, bindings = value
            name = imported.name
        return owner, name, bindings

    def origins_of(self, binding: Imported) -> Iterator[tuple[Scope, str, list[Binding]]]:
        """Yield every place that an imported name may be bound in, its name there, and its bindings."""
        seen: set[tuple[str, str]] = set()
        pending = [binding]
        while pending:
            imported = pending.pop()
            value = self._imported_value(imported)
            place = (value[0].module.path, imported.name or "") if value else None
            if value is not None and place not in seen and place is not None:
                seen.add(place)
                yield value[0], place[1], value[1]
                pending += [each for each in value[1] if isinstance(each, Imported) and each.name]

    def _imported_value(self, binding: Imported) -> tuple[Scope, list[Binding]] | None:
        base = Package(binding.module, binding.importer)
        return self.module_value(base, binding.name) if binding.name else None

    def stores_to(self, scope: Scope, name: str) -> list[Store]:
        """Return the stores of other modules to a global: ``settings.current = …``."""
        if scope.kind is not ScopeKind.MODULE:
            return []
        return self._module_stores.get((scope.module.path, name), [])

    @cached_property
    def _module_stores(self) -> dict[tuple[str, str], list[Store]]:
        found: defaultdict[tuple[str, str], list[Store]] = defaultdict(list)
        for store in (store for stores in self.stores.values() for store in stores):
            for ref in self.refs(store.receiver, store.scope):
                module = self._module(ref.dotted, ref.importer) if isinstance(ref, Package) else None
                if module is not None:
                    found[module.path, store.attribute].append(store)
        return found

    def computed_globals(self, scope: Scope) -> str:
        """Return where globals of a module are bound under names that are not known; empty if never."""
        return self._computed_globals.get(scope.module.path, "") if scope is scope.module.scope else ""

    @cached_property
    def _computed_globals(self) -> dict[str, str]:
        modules = self.modules.values()
        found = {module.path: module.where(module.rebinds[0]) for module in modules if module.rebinds}
        for computed in (computed for module in modules for computed in module.dynamic):
            for ref in self.refs(computed.receiver, computed.scope):
                if isinstance(ref, Package) and self.path_of(ref):
                    found.setdefault(self.path_of(ref), computed.scope.module.where(computed.receiver.lineno))
        return found

    def _name_refs(self, name: str, scope: Scope, hops: int) -> tuple[Ref, ...]:
        found = self.lookup(scope, name)
        if found is not None:
            where, bindings = found
            if where.kind is ScopeKind.FUNCTION and len(bindings) > 1:
                # A local name that is bound in several ways is a variable, not another name for one thing.
                bindings = self._local_definitions(bindings)
            return self._binding_refs(bindings, hops)
        for star in scope.module.stars:
            refs = self._module_member(Package(star, scope.module.path), name, hops + 1)
            if refs and self._module(star, scope.module.path):
                return refs
        return (External(stdlib.canonical(f"builtins.{name}")),) if hasattr(builtins, name) else ()

    def _local_definitions(self, bindings: list[Binding]) -> list[Binding]:
        key = id(bindings)
        if key not in self._definitions:
            self._definitions[key] = [binding for binding in bindings if not isinstance(binding, Value)]
        return self._definitions[key]

    def _binding_refs(self, bindings: list[Binding], hops: int) -> tuple[Ref, ...]:
        if hops > _MAX_HOPS:
            return ()
        key = id(bindings)  # lists of bindings live as long as their scopes
        if key not in self._binding_cache:
            self._binding_cache[key] = ()  # what a name that is bound to itself sees
            found = (ref for binding in bindings for ref in self._one_binding(binding, hops + 1))
            self._binding_cache[key] = _unique(found)
        return self._binding_cache[key]

    def _one_binding(self, binding: Binding, hops: int) -> tuple[Ref, ...]:
        if isinstance(binding, Defined):
            return (binding.node,)
        if isinstance(binding, Imported):
            base = Package(binding.module, binding.importer)
            return (base,) if binding.name is None else self._module_member(base, binding.name, hops)
        if not isinstance(binding, Value) or binding.steps:
            return ()
        if isinstance(binding.expr, ast.Subscript | ast.Call):
            module = self._module_meant(binding.expr, binding.scope, hops)
            return (module,) if module is not None else ()
        named = isinstance(binding.expr, ast.Name | ast.Attribute)
        return self.refs(binding.expr, binding.scope, hops) if named else ()

    def path_of(self, package: Package) -> str:
        """Return the file of a module of the tree; empty for any other."""
        module = self._module(package.dotted, package.importer)
        return module.path if module else ""

    def _module(self, dotted: str, importer: str) -> Module | None:
        path = self._modules.path_of(dotted, importer=importer or None)
        return self.modules.get(path) if path is not None else None

    def _module_member(self, base: Package, name: str, hops: int) -> tuple[Ref, ...]:
        if hops > _MAX_HOPS:
            return ()
        module = self._module(base.dotted, base.importer)
        below = Package(f"{base.dotted}.{name}", base.importer)
        if module is None:
            if self._is_tree_package(below):
                return (below,)
            return (External(stdlib.canonical(below.dotted)),)
        if name in module.scope.names:
            bindings = module.scope.names[name]
            refs = self._binding_refs(bindings, hops)
            itself = (Package(base.dotted, base.importer),)
            # ``from . import store`` inside the package's own __init__ binds the submodule to its name.
            own = refs == itself or (not refs and self._takes_from_itself(module, name, bindings))
            return (below,) if own and self._is_tree_package(below) else refs
        if self._is_tree_package(below):
            return (below,)
        for star in module.stars:
            refs = self._module_member(Package(star, module.path), name, hops + 1)
            if refs and self._module(star, module.path):
                return refs
        return ()

    def _takes_from_itself(self, module: Module, name: str, bindings: list[Binding]) -> bool:
        """Whether all that binds a name of a package is its import from the package: of a submodule, then."""
        return all(
            isinstance(binding, Imported)
            and binding.name == name
            and self._module(binding.module, binding.importer) is module
            for binding in bindings
        )

    def _is_tree_package(self, package: Package) -> bool:
        if self._module(package.dotted, package.importer):
            return True
        return package.dotted in self._parents

    @cached_property
    def _parents(self) -> frozenset[str]:
        """Namespace packages: parents of modules that have no file of their own."""
        found: set[str] = set()
        for module in self.modules.values():
            parts = module.name.split(".")
            found.update(".".join(parts[:end]) for end in range(1, len(parts)))
        return frozenset(found)

    # --- classes ---------------------------------------------------------------------------------------

    def bases(self, node: ClassNode) -> tuple[ClassNode | External, ...]:
        """Return the bases of a class as far as they can be named, ``object`` left out."""
        if node.call is not None:
            makers = self.refs(node.call.func, node.outer)
            return tuple(ref for ref in makers if isinstance(ref, External))
        found: list[ClassNode | External] = []
        for base in _written_bases(node):
            expr = base.func if isinstance(base, ast.Call) else base
            named = self.refs(expr, node.outer)
            found += [ref for ref in named if isinstance(ref, ClassNode | External) and ref is not node]
            if not named:
                found.append(External(ast.unparse(expr)))
        if getattr(node.node, "type_params", ()):  # class Page[T]
            found.append(External("typing.Generic"))
        return tuple(ref for ref in found if ref != External("object"))

    def mro(self, node: ClassNode) -> list[ClassNode | External]:
        """Return a class and all its bases, nearest first; each once, which is all that is needed of C3."""
        if node not in self._mro:
            self._mro[node] = [node]  # what a class that derives from itself sees
            below = [ref for base in self.bases(node) for ref in self._base_mro(base)]
            # A base shared by several paths comes after all of them, as in C3.
            ordered = list(_unique(reversed(below)))
            self._mro[node] = [node, *(ref for ref in reversed(ordered) if ref is not node)]
        return self._mro[node]

    def _base_mro(self, base: ClassNode | External) -> list[ClassNode | External]:
        return self.mro(base) if isinstance(base, ClassNode) else [base]

    def method(self, node: ClassNode, name: str) -> FunctionNode | None:
        """Return the method that an instance of the class has under ``name``, if it is the tree's own."""
        found = (self.own_method(owner, name) for owner in self.mro(node))
        return next(filter(None, found), None)

    def own_method(self, owner: ClassNode | External, name: str) -> FunctionNode | None:
        """Return the method that a class itself defines."""
        if not isinstance(owner, ClassNode) or name not in owner.scope.names:
            return None
        made = (each.node for each in owner.scope.names[name] if isinstance(each, Defined))
        functions = [node for node in made if isinstance(node, FunctionNode)]
        # The setter of a property stands after it, and says nothing of its value.
        reads = [each for each in functions if not each.decorators & {"setter", "deleter"}]
        return next(reversed(reads or functions), None)

    def _make_functional_classes(self, module: Module) -> None:
        """Turn ``X = namedtuple("X", …)`` and its like into classes."""
        for scope in (module.scope, *(node.scope for node in module.classes)):
            for name, bindings in scope.names.items():
                for position, binding in enumerate(bindings):
                    if isinstance(binding, Value) and self._makes_class(binding):
                        bindings[position] = Defined(_functional(name, binding, scope, module))

    def _makes_class(self, binding: Value) -> bool:
        call = binding.expr
        if not isinstance(call, ast.Call) or binding.steps or last_name(call) not in FUNCTIONAL:
            return False
        if len(call.args) + len(call.keywords) < 2:
            return False
        refs = self.refs(call.func, binding.scope)
        return any(isinstance(ref, External) and ref.dotted in stdlib.CLASS_MAKERS for ref in refs)


def _written_bases(node: ClassNode) -> Iterator[ast.expr]:
    """Yield the bases of a class statement; those behind the metaclass in ``with_metaclass(Meta, Base)``.

    That function is in six, in future, and in the compat module of many a project.
    """
    for base in node.node.bases if node.node else ():
        if isinstance(base, ast.Call) and last_name(base) == "with_metaclass":
            yield from base.args[1:]
        else:
            yield base


def _functional(name: str, binding: Value, scope: Scope, module: Module) -> ClassNode:
    assert isinstance(binding.expr, ast.Call)  # noqa: S101  # checked by _makes_class
    qualname = f"{scope.qualname}.{name}" if scope.qualname else name
    body = Scope(ScopeKind.CLASS, module, scope, qualname)
    made = ClassNode(name, qualname, module, binding.line, scope, body, call=binding.expr)
    module.classes.append(made)
    return made


def _all_of(module: Module) -> Iterator[str]:
    """Yield the names in a literal ``__all__``."""
    for binding in module.scope.names.get("__all__", ()):
        value = binding.expr if isinstance(binding, Value) else None
        for part in value.elts if isinstance(value, ast.List | ast.Tuple) else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _unique(refs: Iterator[Ref] | reversed[ClassNode | External]) -> tuple:  # type: ignore[type-arg]
    return tuple(dict.fromkeys(refs))
