"""What an expression means: a name of some library or a module of the tree, through aliases and files.

A function re-exported by another module of the tree is found by looking into that module, and so on: the
answer does not depend on the order in which files are read, and cycles of imports end in "unknown".
"""

from __future__ import annotations

import ast
from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, Literal

from attrs import define, evolve, field, frozen

from migrate.model import Span
from migrate.sites.libraries import (
    PICKLER_BASES,
    PICKLES,
    RELATIVES,
    STANDARD,
    SUPPORTED,
    Thing,
    canonical,
    thing,
)
from migrate.sites.scopes import Binding, ImportedModule, ImportedName, Outline, Scope, StarImport
from migrate.sites.source import span_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from migrate.sites.modules import Modules

Place = tuple[str, Span]
"""A file and an expression in it."""


@frozen
class Named:
    """Something imported, by its canonical dotted name: ``pickle``, ``pickle.dump``, ``hashlib.md5``."""

    dotted: str
    instance: bool = False
    """An object made by calling what is named: ``pickle.Pickler(f)``."""
    origin: Place | None = None
    """Where the program put it into a variable, class or attribute of its own; None without that."""
    reason: str | None = None
    """Why that it is this, and only this, is not sure or not all there is to say (a reason code)."""

    @property
    def thing(self) -> Thing | None:
        """What it is of pickle or a relative."""
        return thing(self.dotted)

    @property
    def pickles(self) -> bool:
        """Whether it is pickle, or something in it."""
        found = self.thing
        return found is not None and found.pickles


@frozen
class InTree:
    """A module of the tree."""

    path: str


class _NotYet(Enum):
    """What a name means that is asked for again while it is being found: a circle of imports."""

    NOT_YET = "not yet"


NOT_YET = _NotYet.NOT_YET
Value = Named | InTree | Literal[_NotYet.NOT_YET]
_Key = tuple[Scope, str]


@define(eq=False)
class Resolver:
    """Resolves names and expressions of all files of one tree."""

    modules: Modules
    outline_for: Callable[[str, str], Outline | None]
    """Gives the outline of a file of the tree, asked for one name; None if no import there binds it."""
    taken: defaultdict[str, set[str]] = field(factory=lambda: defaultdict(set))
    """Path → the names of pickle things that other files take from it."""
    assumed: Mapping[_Key, Value | None] = field(factory=dict)
    """What an earlier resolver found for the names at which it had to break a circle."""
    _known: dict[_Key, Value | None] = field(factory=dict)
    _in_progress: set[_Key] = field(factory=set)
    _circles: set[_Key] = field(factory=set)
    _attributes: dict[str, dict[tuple[ast.AST, str], list[ast.expr | None]]] = field(factory=dict)

    def broken_circles(self) -> dict[_Key, Value | None]:
        """Return the names at which circles were broken, with what they turned out to mean.

        Where this differs from `assumed`, the answers may depend on the order of the questions; another
        resolver that assumes it comes nearer to the fixpoint, which does not.
        """
        found = {key: self._known[key] for key in self._circles if self._known[key] is not NOT_YET}
        # Most circles are like `x = x.strip()` and mean nothing; what once seemed to mean something is kept.
        return {key: value for key, value in found.items() if value is not None or key in self.assumed}

    def _once(self, key: _Key, find: Callable[[], Value | None]) -> Value | None:
        if key in self._in_progress:
            self._circles.add(key)
            return self.assumed.get(key, NOT_YET)
        if key not in self._known:
            self._in_progress.add(key)
            self._known[key] = find()
            self._in_progress.remove(key)
        return self._known[key]

    # --- expressions ----------------------------------------------------------------------------------------

    def expression(self, outline: Outline, node: ast.expr) -> Value | None:
        """Return what ``node`` means, or None if it is nothing that was imported."""
        if isinstance(node, ast.Name):
            return self.name(outline, node)
        if isinstance(node, ast.Attribute):
            base = self.expression(outline, node.value)
            if base is None:
                return self._own_attribute(outline, node)
            return self.attribute(base, node.attr, outline.path)
        if isinstance(node, ast.NamedExpr):
            return self.expression(outline, node.value)
        if isinstance(node, ast.Call):
            return self._called(outline, node)
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
        if base.instance or (base.thing is not None and base.thing.name):
            return None
        found = self._module(f"{base.dotted}.{name}", importer)
        return evolve(found, origin=base.origin, reason=base.reason) if isinstance(found, Named) else found

    def _called(self, outline: Outline, node: ast.Call) -> Value | None:
        function = self.expression(outline, node.func)
        here = (outline.path, span_of(node))
        if isinstance(function, Named) and not function.instance and function.pickles:
            if function.thing is not None and function.thing.name in PICKLER_BASES:
                return evolve(function, instance=True, origin=here)
            return None
        dotted = imported_by_call(function, node)
        return Named(canonical(dotted), origin=here, reason="dynamic-module") if dotted else None

    # --- bindings -------------------------------------------------------------------------------------------

    def bound(self, outline: Outline, scope: Scope, name: str) -> Value | None:
        """Return what ``name`` means in the scope that binds it."""
        return self._once((scope, name), lambda: self._combine(outline, scope.bindings[name]))

    def binding(self, outline: Outline, binding: Binding) -> Value | None:
        """Return what one binding binds its name to."""
        meaning = binding.meaning
        if isinstance(meaning, ImportedModule):
            return self._module(meaning.dotted, outline.path)
        if isinstance(meaning, ImportedName):
            return self._imported_name(outline.path, meaning)
        if isinstance(meaning, ast.ClassDef):
            return self._subclass(outline, meaning)
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

    def _combine(self, outline: Outline, bindings: list[Binding]) -> Value | None:
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
        best = min(direct or [value for _, value in pickles], key=lambda value: _library(value) != "pickle")
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
                return evolve(value, origin=origin, reason=value.reason or subclass_reason(node))
        return None

    # --- modules --------------------------------------------------------------------------------------------

    def _module(self, dotted: str, importer: str) -> Value | None:
        name = canonical(dotted)
        path = self.modules.path_of(dotted, importer=importer) if name == dotted else None
        found = thing(name)
        if path is None or (
            found is not None and found.library in STANDARD and not self._hides(path, importer)
        ):
            return Named(name)
        return InTree(path)

    def _hides(self, path: str, importer: str) -> bool:
        """Whether a file of the tree stands before the standard library for ``importer``.

        So it does if it lies in the directory that Python puts first on ``sys.path``, unless that is the
        standard library itself.
        """
        root = self.modules.root_of(path)
        prefix = f"{root}/" if root else ""
        return root == self.modules.root_of(importer) and not self.modules.contains(f"{prefix}os.py")

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
        submodule = self.modules.path_of(f"{self.modules.name_of(path)}.{name}", importer=importer)
        if outline is None or (submodule and (outline.module, name) in self._in_progress):
            # `from . import store` in a package: the package itself is asked for its submodule.
            return InTree(submodule) if submodule else None
        if name in outline.module.bindings:
            return self._take(path, name, importer, self.bound(outline, outline.module, name))
        value = self._from_stars(outline, name)
        return InTree(submodule) if submodule and value is None else self._take(path, name, importer, value)

    def _take(self, path: str, name: str, importer: str, value: Value | None) -> Value | None:
        if path != importer and isinstance(value, Named) and value.pickles:
            self.taken[path].add(name)
        return value

    def _from_stars(self, outline: Outline, name: str) -> Value | None:
        key = (outline.module, f"{name} from *")
        return self._once(key, lambda: next(self._star_values(outline, name), None))

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

    # --- attributes of the program's own objects ------------------------------------------------------------

    def _own_attribute(self, outline: Outline, node: ast.Attribute) -> Value | None:
        """``self.x``, when every assignment to it in the class is of the same pickle thing."""
        owner = self._class_of_self(outline, node.value)
        if owner is None or owner.node is None:
            return None
        if outline.path not in self._attributes:
            self._attributes[outline.path] = self._collect_attributes(outline)
        assigned = self._attributes[outline.path].get((owner.node, node.attr))
        if assigned is None:
            return self.bound(outline, owner, node.attr) if node.attr in owner.bindings else None
        bindings = [Binding(value or node, value) for value in assigned]
        found = self._once((owner, f"self.{node.attr}"), lambda: self._combine(outline, bindings))
        return found if isinstance(found, Named) and found.pickles else None

    def _class_of_self(self, outline: Outline, node: ast.expr) -> Scope | None:
        """Return the class whose method has ``node`` for its first parameter."""
        if not isinstance(node, ast.Name) or node not in outline.scope_of:
            return None
        method = outline.scope_of[node].owner(node.id)
        if method is None or not isinstance(method.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        arguments = method.node.args
        parameters = [*arguments.posonlyargs, *arguments.args]
        if not parameters or parameters[0].arg != node.id:
            return None
        parent = method.parent
        while parent is not None and parent.kind == "type parameters":
            parent = parent.parent
        return parent if parent is not None and parent.kind == "class" else None

    def _collect_attributes(self, outline: Outline) -> dict[tuple[ast.AST, str], list[ast.expr | None]]:
        """Return all values that methods assign to attributes of ``self``; None for other bindings."""
        found: dict[tuple[ast.AST, str], list[ast.expr | None]] = {}
        for node in outline.attributes:
            if isinstance(node.ctx, ast.Store):
                owner = self._class_of_self(outline, node.value)
                if owner is not None and owner.node is not None:
                    statement = outline.parents[node]
                    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
                    found.setdefault((owner.node, node.attr), []).append(value)
        return found


def imported_by_call(function: Value | None, node: ast.Call) -> str | None:
    """Return the module of ``import_module("pickle")`` or ``__import__("pickle")``, if it is of interest."""
    by_name = isinstance(node.func, ast.Name) and node.func.id == "__import__" and function is None
    by_library = isinstance(function, Named) and function.dotted in (
        "importlib.import_module",
        "builtins.__import__",
    )
    if not (by_name or by_library) or not node.args:
        return None
    first = node.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    return first.value if thing(canonical(first.value)) else None


def subclass_reason(node: ast.ClassDef) -> str:
    """Return the reason code for a class derived from Pickler or Unpickler."""
    methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return "persistent-id" if methods & {"persistent_id", "persistent_load"} else "subclass-of-pickler"


def _star_names(library: str) -> frozenset[str]:
    return SUPPORTED if library in PICKLES else RELATIVES.get(library, frozenset())


def _is_pickle(value: Value | None) -> bool:
    return isinstance(value, Named) and value.pickles


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
