"""What is known of each place of the program, and of its classes, while equations are solved and after."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.evidence.arguments import Arguments
from migrate.evidence.bynames import Families
from migrate.evidence.calls import CallIndex
from migrate.evidence.computed import ComputedNames
from migrate.evidence.contents import Contents
from migrate.evidence.doubts import Doubts
from migrate.evidence.equations import Equations
from migrate.evidence.expressions import Expressions
from migrate.evidence.kinds import Declared, declared_fields, kind_of, own_slots
from migrate.evidence.routes import Routes
from migrate.evidence.solver import Solver
from migrate.evidence.source import (
    Annotated,
    ClassNode,
    Defined,
    FunctionNode,
    Imported,
    Parameter,
    Value,
    private_name,
)
from migrate.evidence.syntax import last_name
from migrate.model import Kind, TypeRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from migrate.evidence.program import Program
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Binding, Scope, Store
    from migrate.evidence.types import Types


class Inference:
    """The equations of one program and their solution.

    Slots are ``("var", scope, name)``, ``("param", function, name)``, ``("return", function, "")``,
    ``("args", function or class key, name)``, which is what callers pass, ``("field", class key, name)``,
    ``("classvar", class key, name)``, ``("content", class key, "")`` of a container,
    ``("expr", value, "")``, and ``("doubt", text, "")``, which says why a value that has read it may be more
    than is seen.
    """

    def __init__(
        self, program: Program, told: Mapping[ast.expr, Types] | None = None, checker: str = ""
    ) -> None:
        self.program = program
        self.told: Mapping[ast.expr, Types] = told or {}
        """Expressions whose types are known from a type checker, and which."""
        self.checker = checker
        """Name and version of the type checker."""
        self._kinds: dict[str, Kind] = {}
        self._lineages: dict[str, list[str]] = {}
        self._families: dict[str, dict[str, None]] = {}
        self._field_names: dict[str, dict[str, None]] = {}
        self._declared: dict[str, list[Declared]] = {}
        self._functions: dict[tuple[str, str], FunctionNode | None] = {}
        self._overrides: dict[tuple[str, str], tuple[FunctionNode, ...]] = {}
        self._known_properties: dict[tuple[str, str], list[FunctionNode]] = {}
        self._called: dict[tuple[str, str], tuple[FunctionNode, ...]] = {}
        self._attribute_slots: dict[tuple[str, str], tuple[Slot, ...]] = {}
        self._variable_slots: dict[tuple[Scope, str], Slot | None] = {}
        equations = Equations(self)
        self.solver = Solver(equations.about)
        self.expressions = Expressions(self)
        self.arguments = Arguments(self)
        self.families = Families(program)
        self.computed = ComputedNames(self)
        self.contents = Contents(self)
        self.doubts = Doubts(self)
        self.calls = CallIndex(self)
        self.routes = Routes(self, self.calls)
        self.results: dict[ast.Call, Callable[[], Types]] = {}
        """Calls whose results are known from elsewhere: the loads of paired dumps."""

    # --- classes ---------------------------------------------------------------------------------------

    def nodes(self, key: str) -> list[ClassNode]:
        """Return the definitions of a class."""
        return self.program.classes.get(key, [])

    def kind(self, key: str) -> Kind:
        """Return how a class of the tree is made."""
        if key not in self._kinds:
            self._kinds[key] = kind_of(self.nodes(key)[-1], self.program)
        return self._kinds[key]

    def declared(self, key: str) -> list[Declared]:
        """Return the fields that a class itself declares."""
        if key not in self._declared:
            kind = self.kind(key)
            found = (each for node in self.nodes(key) for each in declared_fields(node, kind, self.program))
            self._declared[key] = list(found)
        return self._declared[key]

    def lineage(self, key: str) -> list[str]:
        """Return the keys of a class and its bases inside the tree, nearest first."""
        if key not in self._lineages:
            bases = (base for node in self.nodes(key) for base in self.program.mro(node))
            self._lineages[key] = list(dict.fromkeys(b.key for b in bases if isinstance(b, ClassNode)))
        return self._lineages[key]

    def family(self, key: str) -> Mapping[str, None]:
        """Return the keys of a class, its bases, those below it and their bases, itself and its bases first.

        An instance of the class may have attributes that any of these gives it.
        """
        if key not in self._families:
            keys = (key, *self.program.subclasses.get(key, ()))
            self._families[key] = dict.fromkeys(each for one in keys for each in self.lineage(one))
        return self._families[key]

    def field_names(self, key: str) -> Mapping[str, None]:
        """Return the names of the attributes that a class itself gives its instances, in source order."""
        if key not in self._field_names:
            names = [declared.name for declared in self.declared(key)]
            names += [name for node in self.nodes(key) for name in own_slots(node) or ()]
            names += [name for name in self.self_stores.get(key, ()) if not self.has_descriptor(key, name)]
            self._field_names[key] = dict.fromkeys(names)
        return self._field_names[key]

    @cached_property
    def self_stores(self) -> dict[str, dict[str, list[Store]]]:
        """Class key → attribute → stores to it through the first parameter of the class's methods."""
        found: defaultdict[str, dict[str, list[Store]]] = defaultdict(dict)
        for module in self.program.modules.values():
            for store in module.stores:
                owner = self.self_class(store.receiver, store.scope)
                if owner is not None:
                    found[owner.key].setdefault(store.attribute, []).append(store)
        for key, store in self.computed.stores():
            found[key].setdefault(store.attribute, []).append(store)
        return found

    @cached_property
    def foreign_stores(self) -> dict[str, list[Store]]:
        """Attribute → stores to it through any other expression."""
        own = {id(s) for by_name in self.self_stores.values() for stores in by_name.values() for s in stores}
        found = {
            name: [s for s in stores if id(s) not in own] for name, stores in self.program.stores.items()
        }
        return {name: stores for name, stores in found.items() if stores}

    def self_class(self, node: ast.expr, scope: Scope) -> ClassNode | None:
        """Return the class of which ``node`` is ``self``."""
        if not isinstance(node, ast.Name):
            return None
        found = self.program.lookup(scope, node.id)
        for binding in found[1] if found else ():
            if isinstance(binding, Parameter) and binding.is_receiver and not binding.function.takes_class:
                return binding.function.owner
        return None

    def has_descriptor(self, key: str, name: str) -> bool:
        """Whether a property takes what is stored under ``name``, so that it is no attribute of its own."""
        nodes = (node for owner in self.lineage(key) for node in self.nodes(owner))
        return any(
            _is_property_binding(binding) for node in nodes for binding in node.scope.names.get(name, ())
        )

    # --- reading places --------------------------------------------------------------------------------

    def doubt(self, why: str) -> None:
        """Note that what is being found out may be more than is seen; nothing, if ``why`` is empty."""
        if why:
            self.solver.read(("doubt", why, ""))

    def read_variable(self, scope: Scope, name: str) -> Types:
        """Return the types of the values (not classes, functions and modules) that ``name`` is bound to."""
        key = (scope, name)
        if key not in self._variable_slots:
            bindings = scope.names.get(name, ())
            none = all(isinstance(binding, Defined) or _plain_import(binding) for binding in bindings)
            self._variable_slots[key] = None if none else ("var", scope, name)
        slot = self._variable_slots[key]
        return t.BOTTOM if slot is None else self.solver.read(slot)

    def read_parameter(self, binding: Parameter) -> Types:
        """Return the types of a parameter."""
        owner = binding.function.owner
        if owner is not None and binding.is_receiver:
            ref = TypeRef(owner.key)
            return t.types(TypeRef("type", (ref,)) if binding.function.takes_class else ref)
        return self.solver.read(("param", binding.function, binding.arg.arg))

    def read_return(self, function: FunctionNode) -> Types:
        """Return the types of the results of a function."""
        return self.solver.read(("return", function, ""))

    def read_class_variable(self, key: str, name: str) -> Types:
        """Return the types of an attribute of the class itself."""
        self.doubt(self.doubts.of_class_attribute(key, name))
        for owner in self.lineage(key):
            for node in self.nodes(owner):
                if name in node.scope.names:
                    return self._described(self.solver.read(("classvar", owner, name)))
        return t.ANYTHING

    def read_variable_of_class(self, key: str, name: str) -> Types:
        """Return the types of an attribute of a class or of one below it, whichever a value may be."""
        below = (each for each in self.program.subclasses.get(key, ()))
        own = [each for each in below if any(name in node.scope.names for node in self.nodes(each))]
        return t.united([self.read_class_variable(each, name) for each in (key, *own)])

    def _described(self, held: Types) -> Types:
        """Return what an attribute of a class gives: what a descriptor of the tree makes of itself."""
        makers = [ref for ref in held if ":" in ref.name and self.function(ref.name, "__get__")]
        given = [self.call_method(ref.name, "__get__") for ref in makers]
        return t.united([held - frozenset(makers), *given]) if makers else held

    def read_attribute(self, key: str, name: str) -> Types:
        """Return the types of an attribute of an instance."""
        function = self.function(key, name)
        if function is not None and not _is_property(function):
            return t.types(t.CALLABLE)
        if name == "__dict__":
            return self.read_state(key)
        found = [self.read_return(each) for each in self._properties(key, name)]
        if function is None:
            place = (key, name)
            if place not in self._attribute_slots:
                self._attribute_slots[place] = tuple(self._slots_of_attribute(key, name))
            found += [self._read_held(slot) for slot in self._attribute_slots[place]]
            if any(map(self.computed.is_open, self.lineage(key))):
                found.append(t.ANYTHING)
        self.doubt(self.doubts.of_attribute(key, name))
        return t.united(found) if found else t.ANYTHING

    def _read_held(self, slot: Slot) -> Types:
        held = self.solver.read(slot)
        return self._described(held) if slot[0] == "classvar" else held

    def _properties(self, key: str, name: str) -> list[FunctionNode]:
        """Return the properties of that name of a class and of those below it."""
        place = (key, name)
        if place not in self._known_properties:
            found = [each for each in self.overrides(key, name) if _is_property(each)]
            self._known_properties[place] = [each for each in found if not each.abstract] or found
        return self._known_properties[place]

    def _slots_of_attribute(self, key: str, name: str) -> Iterator[Slot]:
        """Yield the places whose values an attribute of an instance may have."""
        names = (name, *self.mangled(key, name))
        for owner in self.lineage(key):
            anything = self.computed.is_open(owner)
            for each in names:
                if anything or each in self.field_names(owner) or each in self.foreign_stores:
                    yield ("field", owner, each)
            if any(name in node.scope.names for node in self.nodes(owner)):
                yield ("classvar", owner, name)
        for below in self.family(key):
            if below in self.lineage(key):
                continue
            if name in self.field_names(below):
                yield ("field", below, name)
            bindings = (each for node in self.nodes(below) for each in node.scope.names.get(name, ()))
            if any(isinstance(each, Value | Annotated) for each in bindings):
                yield ("classvar", below, name)

    def mangled(self, key: str, name: str) -> Iterator[str]:
        """Yield what a private attribute is stored as by a class and its bases; nothing for any other.

        A class binds its own names as they are written, so they are read so.
        """
        for owner in self.lineage(key):
            stored = private_name(self.nodes(owner)[-1].name, name)
            if stored != name:
                yield stored

    def read_state(self, key: str) -> Types:
        """Return the type of an instance's ``__dict__``."""
        names = [name for owner in self.lineage(key) for name in self.field_names(owner)]
        return t.make(
            "dict", [TypeRef("str")], [ref for name in names for ref in self.read_attribute(key, name)]
        )

    def call_method(self, key: str, name: str) -> Types:
        """Return what calling a method of an instance gives, overrides in subclasses included."""
        if name in ("__new__", "_replace", "_make", "__copy__", "__deepcopy__") and not self.function(
            key, name
        ):
            return t.types(TypeRef(key))
        place = (key, name)
        self.doubt(self.doubts.of_method(key, name))
        if place not in self._called:
            found = self.overrides(key, name)
            concrete = tuple(function for function in found if not function.abstract)
            self._called[place] = concrete or found
        called = self._called[place]
        if not called and name in ("__getitem__", "__iter__") and self.contents.base(key):
            held = self.solver.read(("content", key, ""))
            return (
                t.items(held)
                if name == "__getitem__"
                else t.make("collections.abc.Iterator", t.elements(held))
            )
        if not called:
            return self._call_held(key, name)
        return t.united([self.read_return(each) for each in called])

    def _call_held(self, key: str, name: str) -> Types:
        """Return what calling the value of an attribute may give, beside anything: a class makes instances.

        What such a call passes to the constructor is not followed, so the set is never taken for closed.
        """
        held = (ref.args[0] for ref in self.read_attribute(key, name) if ref.name == "type" and ref.args)
        return t.types(*held) | t.ANYTHING

    def call_unknown(self, name: str) -> Types:
        """Return what calling a method of a value of an unknown type may give, besides anything."""
        found = [method for method in self.families.methods(name) if not method.abstract]
        return t.united([t.ANYTHING, *(self.read_return(each) for each in found)]) if found else t.ANYTHING

    def overrides(self, key: str, name: str) -> tuple[FunctionNode, ...]:
        """Return the method of a class, then those of its subclasses, each once."""
        place = (key, name)
        if place not in self._overrides:
            functions = (self.function(owner, name) for owner in (key, *self.program.subclasses.get(key, ())))
            self._overrides[place] = tuple(dict.fromkeys(f for f in functions if f is not None))
        return self._overrides[place]

    def super_of(self, scope: Scope) -> Types:
        """Return the types that ``super()`` stands for in ``scope``."""
        function = self.program.function_of(scope)
        while function is not None and function.owner is None:
            function = self.program.function_of(function.outer)
        if function is None or function.owner is None:
            return t.ANYTHING
        owner = function.owner
        lines = [
            self.program.mro(node)
            for key in self.program.subclasses.get(owner.key, ())
            for node in self.nodes(key)
        ]
        after = [line[line.index(owner) + 1] for line in lines if owner in line[:-1]]
        bases = [base for base in (*self.program.bases(owner), *after) if isinstance(base, ClassNode)]
        return t.types(*(TypeRef(base.key) for base in bases)) or t.ANYTHING

    def declared_result(self, node: ast.Call) -> Types | None:
        """Return the result of a call that is known from elsewhere."""
        result = self.results.get(node)
        return result() if result else None

    def function(self, key: str, name: str) -> FunctionNode | None:
        """Return the method of a class."""
        place = (key, name)
        if place not in self._functions:
            found = (self.program.method(node, name) for node in self.nodes(key))
            self._functions[place] = next((function for function in found if function is not None), None)
        return self._functions[place]


def _plain_import(binding: Binding) -> bool:
    return isinstance(binding, Imported) and binding.name is None


def _is_property_binding(binding: Binding) -> bool:
    if isinstance(binding, Defined) and isinstance(binding.node, FunctionNode):
        decorators = binding.node.decorators - {"cached_property"}
        return any(name.endswith("property") for name in decorators)
    return isinstance(binding, Value) and last_name(binding.expr) == "property"


def _is_property(function: FunctionNode) -> bool:
    return bool(function.decorators & {"property", "cached_property", "setter", "getter", "abstractproperty"})
