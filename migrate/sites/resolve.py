"""What an expression means: a name of some library or a module of the tree, through aliases and files.

A function re-exported by another module of the tree is found by looking into that module, and so on: the
answer does not depend on the order in which files are read, and cycles of imports end in "unknown".
"""

from __future__ import annotations

import ast
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from migrate.sites.attributes import ClassAttributes
from migrate.sites.libraries import (
    BROAD,
    CODE_PICKLERS,
    PICKLER_BASES,
    PICKLES,
    RELATIVES,
    STANDARD,
    SUPPORTED,
    Thing,
    canonical,
    passed_on,
    thing,
)
from migrate.sites.scopes import Binding, ImportedModule, ImportedName, Outline, Scope, StarImport
from migrate.sites.source import span_of
from migrate.sites.subclasses import judge
from migrate.sites.values import NOT_YET, InTree, Named, OwnClass, Value
from migrate.sites.wrappers import ImportWrappers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from migrate.sites.modules import Modules

_IMPORTERS = frozenset(
    {
        *("importlib.import_module", "builtins.__import__", "lazy_loader.load"),
        *("sys.modules.get", "sys.modules.pop", "sys.modules.setdefault"),
    }
)
"""Functions that give a module for its name."""
_IMPORTERS_BY_NAME = frozenset(
    {
        *("import_module", "importorskip", "import_optional_dependency", "import_optional"),
        *("optional_import", "try_import", "safe_import", "soft_import", "maybe_import"),
        *("import_or_none", "import_if_available", "lazy_import", "lazy_module"),
        *("LazyLoader", "LazyModule", "LazyImport"),
        *("import_string", "import_object", "import_item", "import_from_string"),
    }
)
"""The same of any other library: `pytest.importorskip`, `sympy.external.import_module`. What the tree itself
defines under such a name is judged by what it does."""

Key = tuple[Scope, str]
"""A scope and a name in it."""
Grounds = set[Key | str]
"""What an answer rests on, as far as that may change: names at which a circle was broken, and files that were
not looked into, or not into their functions."""


@define(eq=False)
class Resolver:
    """Resolves names and expressions of all files of one tree."""

    modules: Modules
    outline_for: Callable[[str, str], Outline | None]
    """Gives the outline of a file of the tree, asked for one name; None if no import there binds it."""
    outline_of: Callable[[str], Outline | None]
    """The same, whatever the file is asked for; None if it cannot be parsed."""
    taken: defaultdict[str, set[str]] = field(factory=lambda: defaultdict(set))
    """Path → the names of pickle things that other files take from it."""
    assumed: Mapping[Key, Value | None] = field(factory=dict)
    """What an earlier resolver found for the names at which it had to break a circle."""
    _known: dict[Key, Value | None] = field(factory=dict)
    _in_progress: set[Key] = field(factory=set)
    _circles: set[Key] = field(factory=set)
    _grounds: Grounds = field(factory=set)
    """Those of the answer that is being found."""
    _resting: dict[Key, Grounds] = field(factory=dict)
    """Those of the answers that have any: few."""
    attributes: ClassAttributes = field(init=False)
    wrappers: ImportWrappers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.attributes = ClassAttributes(self)
        self.wrappers = ImportWrappers(self, self.outline_of)

    def broken_circles(self) -> dict[Key, Value | None]:
        """Return the names at which circles were broken, with what they turned out to mean.

        Where this differs from `assumed`, the answers may depend on the order of the questions; another
        resolver that assumes it comes nearer to the fixpoint, which does not.
        """
        found = {key: self._known[key] for key in self._circles if self._known[key] is not NOT_YET}
        # Most circles are like `x = x.strip()` and mean nothing; what once seemed to mean something is kept.
        return {key: value for key, value in found.items() if value is not None or key in self.assumed}

    def forget(self) -> None:
        """Forget what was found. The resolver and its parts hold each other, and all syntax with them."""
        self._known.clear()
        self._resting.clear()
        self._circles.clear()
        self._grounds = set()
        self.assumed = {}
        self.attributes = ClassAttributes(self)
        self.wrappers = ImportWrappers(self, self.outline_of)

    @contextmanager
    def grounds(self) -> Iterator[Grounds]:
        """Collect what the answers rest on that are asked for inside."""
        around, self._grounds = self._grounds, set()
        inside = self._grounds
        try:
            yield inside
        finally:
            around |= inside
            self._grounds = around

    def rest_on(self, grounds: Iterable[Key | str]) -> None:
        """Say that the answer which is being found rests on these as well."""
        self._grounds.update(grounds)

    def drop(self, gone: AbstractSet[Key | str]) -> AbstractSet[Key | str]:
        """Forget the answers that rest on any of ``gone``; returns it."""
        stale = [key for key, grounds in self._resting.items() if not gone.isdisjoint(grounds)]
        for key in stale:
            del self._known[key], self._resting[key]
        self._circles.difference_update(stale)
        self.attributes.drop(gone)
        self.wrappers.drop(gone)
        return gone

    def assume(self, found: Mapping[Key, Value | None]) -> AbstractSet[Key | str]:
        """Assume what was found at broken circles, and forget what rests on another assumption.

        Returns the names of which something else is assumed now.
        """
        before = self.assumed
        changed = {
            key for key in found.keys() | before.keys() if found.get(key, NOT_YET) != before.get(key, NOT_YET)
        }
        self.assumed = found
        return self.drop(changed)

    def once(self, key: Key, find: Callable[[], Value | None]) -> Value | None:
        """Return what ``key`` means, found at most once; `NOT_YET` while it is being found."""
        if key in self._known:
            if key in self._resting:
                self._grounds |= self._resting[key]
            return self._known[key]
        if key in self._in_progress:
            self._circles.add(key)
            self._grounds.add(key)
            return self.assumed.get(key, NOT_YET)
        self._in_progress.add(key)
        around, self._grounds = self._grounds, set()
        found = self._known[key] = find()
        if self._grounds:
            self._resting[key] = self._grounds
            around |= self._grounds
        self._grounds = around
        self._in_progress.remove(key)
        return found

    # --- expressions ----------------------------------------------------------------------------------------

    def expression(self, outline: Outline, node: ast.expr) -> Value | None:
        """Return what ``node`` means, or None if it is nothing that was imported."""
        if isinstance(node, ast.Name):
            return self.name(outline, node)
        if isinstance(node, ast.Attribute):
            base = self.expression(outline, node.value)
            if base is None:
                return self.attributes.of_self(outline, node)
            return self.attribute(base, node.attr, outline.path)
        if isinstance(node, ast.NamedExpr):
            return self.expression(outline, node.value)
        if isinstance(node, ast.Call):
            return self._called(outline, node)
        if isinstance(node, ast.Subscript):
            return self._dynamic(outline, node, self.expression(outline, node.value))
        return None

    def name(self, outline: Outline, node: ast.Name) -> Value | None:
        """Return what a name that is read means."""
        scope = outline.scope_of.get(node)
        if scope is None:
            return None
        owner = scope.owner(node.id)
        if owner is None:
            return self._from_stars(outline, node.id)
        return self.bound(outline, owner, node.id)

    def attribute(self, base: Value, name: str, importer: str) -> Value | None:
        """Return what ``name`` of a module means, as seen from the file ``importer``."""
        if base is NOT_YET:
            return NOT_YET
        if isinstance(base, InTree):
            return self._exported(base.path, name, importer)
        if isinstance(base, OwnClass):
            return self.attributes.of_class(base, name)
        if base.instance or (base.thing is not None and base.thing.name):
            return None
        found = self._module(passed_on(base.dotted, name) or f"{base.dotted}.{name}", importer)
        return evolve(found, origin=base.origin, reason=base.reason) if isinstance(found, Named) else found

    def _called(self, outline: Outline, node: ast.Call) -> Value | None:
        function = self.expression(outline, node.func)
        if isinstance(function, OwnClass):
            return function
        if isinstance(function, Named) and not function.instance and function.pickles:
            if function.thing is not None and function.thing.name in PICKLER_BASES:
                return evolve(function, instance=True, origin=(outline.path, span_of(node)))
            return None
        if function is None and node.args and self._is_builtin(outline, node.func, "staticmethod"):
            return self.expression(outline, node.args[0])
        return self._dynamic(outline, node, function)

    def _dynamic(self, outline: Outline, node: ast.Call | ast.Subscript, value: Value | None) -> Value | None:
        dotted = self.imported_dynamically(outline, node, value)
        here = (outline.path, span_of(node))
        return Named(canonical(dotted), origin=here, reason="dynamic-module") if dotted else None

    def imported_dynamically(
        self, outline: Outline, node: ast.Call | ast.Subscript, value: Value | None
    ) -> str | None:
        """Return the module that ``node`` asks for by a name in a string, if it is of interest.

        ``value`` is what the callee, or the object before the bracket, means: ``import_module("pickle")``,
        ``__import__("pickle")``, ``sys.modules["pickle"]``.
        """
        if isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if not any(map(names_pickle, given)):
                return None
        return _interesting(self.name_of_import(outline, node, value))

    def name_of_import(
        self, outline: Outline, node: ast.Call | ast.Subscript, value: Value | None
    ) -> ast.expr | None:
        """Return the expression that names the module for which ``node`` asks, if it asks for one."""
        if isinstance(node, ast.Subscript):
            loaded = isinstance(value, Named) and value.dotted == "sys.modules"
            return node.slice if loaded else None
        by_name = value is None and self._is_builtin(outline, node.func, "__import__")
        by_library = isinstance(value, Named) and (
            value.dotted in _IMPORTERS or value.dotted.rpartition(".")[2] in _IMPORTERS_BY_NAME
        )
        if value is None and not by_name:
            if self.wrappers.defined(outline, node.func):
                return self.wrappers.name_given(outline, node)
            by_name = _last_name(node.func) in _IMPORTERS_BY_NAME
        if not (by_name or by_library):
            return None
        named = (keyword.value for keyword in node.keywords if keyword.arg == "name")
        return node.args[0] if node.args else next(named, None)

    def _is_builtin(self, outline: Outline, node: ast.expr, name: str) -> bool:
        """Whether ``node`` is the name of a builtin that nothing around it hides."""
        scope = outline.scope_of.get(node) if isinstance(node, ast.Name) and node.id == name else None
        return scope is not None and scope.owner(name) is None

    # --- bindings -------------------------------------------------------------------------------------------

    def bound(self, outline: Outline, scope: Scope, name: str) -> Value | None:
        """Return what ``name`` means in the scope that binds it."""
        return self.once((scope, name), lambda: self.combine(outline, scope.bindings[name]))

    def binding(self, outline: Outline, binding: Binding) -> Value | None:
        """Return what one binding binds its name to."""
        meaning = binding.meaning
        if isinstance(meaning, ImportedModule):
            return self._module(meaning.dotted, outline.path)
        if isinstance(meaning, ImportedName):
            return self._imported_name(outline.path, meaning)
        if isinstance(meaning, ast.ClassDef):
            return self._subclass(outline, meaning) or self.attributes.own_class(outline, meaning)
        if meaning is None:
            return None
        value = self.expression(outline, meaning)
        if isinstance(value, Named) and value.pickles and value.origin is None:
            return evolve(value, origin=(outline.path, span_of(meaning)))
        return value

    def imported(self, outline: Outline, binding: Binding) -> Value | None:
        """Return what an import is for: in ``import six.moves.cPickle`` not ``six``, which it binds."""
        if isinstance(binding.node, ast.alias) and binding.node.asname is None and "." in binding.node.name:
            return self._module(binding.node.name, outline.path)
        return self.binding(outline, binding)

    def combine(self, outline: Outline, bindings: list[Binding]) -> Value | None:
        """Judge all bindings of one name in one scope together."""
        found = [
            (binding, self.binding(outline, binding)) for binding in bindings if not _is_nothing(binding)
        ]
        values = [(binding, value) for binding, value in found if value is not NOT_YET]
        if found and not values:
            return NOT_YET
        pickles = [(b, value) for b, value in values if isinstance(value, Named) and value.pickles]
        if not pickles:
            return self._relative_among([value for _, value in values])
        direct = [value for binding, value in pickles if _is_import(binding)]
        always = [binding for binding, value in pickles if _library(value) in ("pickle", "_pickle")]
        others = [b for b, v in values if not _is_pickle(v) and not _is_fallback_for(outline, b, always)]
        best = min(direct or [value for _, value in pickles], key=_rank)
        if others or len({_member(value) for _, value in pickles if not value.instance}) > 1:
            return evolve(best, reason="dynamic-module") if direct else None
        return best

    def _relative_among(self, values: list[Value | None]) -> Value | None:
        """Of several meanings without pickle, take the relative: it is there, whatever else may be."""
        if len(set(values)) == 1:
            return values[0]
        found = [value for value in values if isinstance(value, Named) and value.thing]
        return min(found, key=lambda value: value.dotted, default=None)

    def _subclass(self, outline: Outline, node: ast.ClassDef) -> Value | None:
        for base in node.bases:
            value = self.expression(outline, base)
            if (
                isinstance(value, Named)
                and value.pickles
                and value.thing
                and value.thing.name in PICKLER_BASES
            ):
                origin = value.origin or (outline.path, span_of(base))
                verdict = judge(node, outline, self)
                # A class derived from one of the program's own is no site, which could tell the renames.
                known = verdict.spare and not (verdict.renames and value.origin)
                own = None if known else verdict.reason
                return evolve(value, origin=origin, reason=value.reason or own)
        return None

    # --- modules --------------------------------------------------------------------------------------------

    def _module(self, dotted: str, importer: str) -> Value | None:
        name = canonical(dotted)
        path = self.modules.path_of(dotted, importer=importer) if name == dotted else None
        found = thing(name)
        if path is None or (found is not None and not self._hides(found, path, importer)):
            return Named(name)
        return InTree(path)

    def _hides(self, library: Thing, path: str, importer: str) -> bool:
        """Whether a file of the tree stands before a library for ``importer``.

        So it does if it lies in the directory that Python puts first on ``sys.path``. One of the standard
        library does not if that is the standard library itself. A package (``src/joblib``) is what it is
        called, for all of the tree; a loose file of that name is not.
        """
        root = self.modules.root_of(path)
        same = root == self.modules.root_of(importer)
        if library.library not in STANDARD:
            return same or self.modules.is_package(path)
        prefix = f"{root}/" if root else ""
        return same and not self.modules.contains(f"{prefix}os.py")

    def _imported_name(self, path: str, meaning: ImportedName) -> Value | None:
        base = self.modules.absolute(path, meaning.module, meaning.level)
        if base is None:
            base = meaning.module or ""
        full = f"{base}.{meaning.name}"
        if canonical(full) != full:
            return Named(canonical(full))
        module = self._module(base, path)
        return self.attribute(module, meaning.name, path) if module is not None else None

    def _exported(self, path: str, name: str, importer: str) -> Value | None:
        """Return what another file binds ``name`` to at module level; else its submodule of that name."""
        outline = self.outline_for(path, name)
        if outline is None or not outline.whole:
            self._grounds.add(path)
        submodule = self.modules.path_of(f"{self.modules.name_of(path)}.{name}", importer=importer)
        if outline is None or (submodule and (outline.module, name) in self._in_progress):
            # `from . import store` in a package: the package itself is asked for its submodule.
            return InTree(submodule) if submodule else None
        if name in outline.module.bindings:
            return self._take(path, name, importer, self.bound(outline, outline.module, name))
        value = self._from_stars(outline, name)
        return InTree(submodule) if submodule and value is None else self._take(path, name, importer, value)

    def _take(self, path: str, name: str, importer: str, value: Value | None) -> Value | None:
        if path != importer and isinstance(value, Named) and value.served:
            self.taken[path].add(name)
        return value

    def _from_stars(self, outline: Outline, name: str) -> Value | None:
        key = (outline.module, f"{name} from *")
        return self.once(key, lambda: next(self._star_values(outline, name), None))

    def _star_values(self, outline: Outline, name: str) -> Iterator[Value]:
        for star in outline.stars:
            value = self.star_source(outline, star)
            if isinstance(value, InTree) and not name.startswith("_"):
                value = self._exported(value.path, name, outline.path)
                if value is not None:
                    yield evolve(value, reason="star-import") if isinstance(value, Named) else value
            elif isinstance(value, Named) and name in _star_names(value.dotted):
                yield Named(f"{value.dotted}.{name}", reason="star-import")

    def star_source(self, outline: Outline, star: StarImport) -> Value | None:
        """Return the module of a star import."""
        base = self.modules.absolute(outline.path, star.node.module, star.node.level)
        return self._module(base, outline.path) if base else None


def _interesting(node: ast.expr | None) -> str | None:
    """Return the text of a string constant that names pickle or a relative."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or " " in node.value:
        return None
    found = thing(canonical(node.value))
    return node.value if found is not None and found.library not in BROAD else None


def names_pickle(node: ast.expr) -> bool:
    """Whether an expression is a string that names pickle or a relative."""
    return _interesting(node) is not None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _star_names(library: str) -> frozenset[str]:
    return SUPPORTED if library in PICKLES | CODE_PICKLERS else RELATIVES.get(library, frozenset())


def _is_pickle(value: Value | None) -> bool:
    return isinstance(value, Named) and value.pickles


def _rank(value: Named) -> tuple[bool, bool]:
    """Take the library that can do most: ``try: import dill as pickle``, else pickle by its own name."""
    return _library(value) not in CODE_PICKLERS, _library(value) != "pickle"


def _library(value: Named) -> str:
    return value.thing.library if value.thing else ""


def _member(value: Named) -> str:
    return value.thing.name if value.thing else ""


def _is_import(binding: Binding) -> bool:
    return isinstance(binding.meaning, ImportedModule | ImportedName)


def _is_nothing(binding: Binding) -> bool:
    """``pickle = None``: the place-holder for a library that is not there."""
    return isinstance(binding.meaning, ast.Constant) and binding.meaning.value is None


def _is_fallback_for(outline: Outline, binding: Binding, sure: list[Binding]) -> bool:
    """Whether ``binding`` is in the handler of a ``try`` whose body imports a module that is always there."""
    inner: ast.AST = binding.node
    for node in outline.ancestors(binding.node):
        if isinstance(node, ast.Try) and isinstance(inner, ast.ExceptHandler):
            body = {descendant for statement in node.body for descendant in ast.walk(statement)}
            if any(other.node in body for other in sure):
                return True
        inner = node
    return False
