"""What a function, a class or an attribute may be instead of what its definition says.

Python lets a program replace a function, make a class return something else, or answer for attributes that
are not there. Such values are not followed. Each question here returns why there may be one, as a text; empty
if nothing in the tree does that. Whoever asks tells the solver (`Inference.doubt`), and the flow is open.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.examples import is_example
from migrate.evidence.program import External
from migrate.evidence.source import ClassNode, FunctionNode, Opaque, Value
from migrate.evidence.syntax import last_name
from migrate.model import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.source import Binding, Scope, Store

_WRAPPERS = frozenset({"property", "cached_property", "staticmethod", "classmethod", "lru_cache", "cache"})
"""Functions whose result does what their argument does."""
_CLASS_MAKERS = frozenset({"type", "new_class", "make_class", "make_dataclass"})
"""Functions that make a class of a name and bases."""
_CLASS_DECORATORS = frozenset(
    {
        "dataclass", "dataclass_transform", "define", "frozen", "mutable", "s", "attrs", "attributes",
        "total_ordering", "unique", "final", "runtime_checkable", "runtime", "verify", "implementer",
        "python_2_unicode_compatible", "add_metaclass", "deprecated",
    }
)  # fmt: skip
"""Last names of decorators that return the class they get, with no attributes of instances added."""


class Doubts:
    """Looks through one program for what replaces things; each answer is found once."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._definitions: dict[FunctionNode | ClassNode, str] = {}
        self._made: dict[ClassNode, str] = {}
        self._methods: dict[tuple[str, str], str] = {}

    # --- functions and classes -------------------------------------------------------------------------

    def of_definition(self, node: FunctionNode | ClassNode) -> str:
        """Return why the name of a function or class may stand for something else."""
        if node not in self._definitions:
            self._definitions[node] = next(self._of_definition(node), "")
        return self._definitions[node]

    def _of_definition(self, node: FunctionNode | ClassNode) -> Iterator[str]:
        scope, name = node.outer, node.name
        yield from self.of_bindings(name, scope.names.get(name, ()))
        if self.of_globals(scope):
            yield self.of_globals(scope)
        for store in _that_count(self._program.stores_to(scope, name)):
            yield f"{name} is replaced at {_where(store)}"

    def of_globals(self, scope: Scope) -> str:
        """Return why globals of a module may be bound by code that does not say which; empty for others."""
        where = self._program.computed_globals(scope)
        return f"names of {scope.module.path} are bound under computed names ({where})" if where else ""

    def of_bindings(self, name: str, bindings: Iterable[Binding]) -> Iterator[str]:
        """Yield why a name that stands for a function or class may stand for something else as well."""
        for binding in bindings:
            if isinstance(binding, Opaque) or (isinstance(binding, Value) and self._replaces(binding)):
                yield f"{name} is bound to something else as well"

    def _replaces(self, binding: Value) -> bool:
        expr = binding.expr
        plain = isinstance(expr, ast.Constant) or last_name(expr) in _WRAPPERS
        return bool(binding.steps) or not (plain or self._program.refs(expr, binding.scope))

    # --- what classes make -----------------------------------------------------------------------------

    def of_made(self, node: ClassNode) -> str:
        """Return why calling a class may give something else than a plain instance of it."""
        if node not in self._made:
            self._made[node] = ""  # what a constructor sees that calls its own class
            self._made[node] = next(self._of_made(node), "")
        return self._made[node]

    def _of_made(self, node: ClassNode) -> Iterator[str]:
        if not self.returns_class(node):
            yield f"a decorator of {node.name} may replace it"
        if self.metaclass_method(node.key, "__call__") is not None:
            yield f"the metaclass of {node.name} decides what calling it gives"
        maker = self._program.method(node, "__new__")
        if maker is not None and not all(self._is_new(result, maker) for result in maker.returns):
            yield f"{node.name}.__new__() may return something else"

    def returns_class(self, node: ClassNode) -> bool:
        """Whether the decorators of a class, as far as the tree defines them, return the class itself."""
        decorators = node.node.decorator_list if node.node else []
        for decorator in decorators:
            if last_name(decorator) in _CLASS_DECORATORS:
                continue
            called = isinstance(decorator, ast.Call)
            refs = self._program.refs(
                decorator.func if isinstance(decorator, ast.Call) else decorator, node.outer
            )
            for ref in refs:
                if isinstance(ref, FunctionNode) and not self._returns_argument(ref, called=called):
                    return False
                if isinstance(ref, ClassNode):
                    return False
        return True

    def is_handed_on(self, node: ClassNode) -> bool:
        """Whether a decorator gets the class that is not known to leave it alone."""
        decorators = node.node.decorator_list if node.node else []
        return any(last_name(decorator) not in _CLASS_DECORATORS for decorator in decorators)

    def _returns_argument(self, function: FunctionNode, *, called: bool) -> bool:
        """Whether a decorator returns what it gets; ``called``, whether the one that it returns does."""
        if called:
            inner = (ref for each in function.returns for ref in self._program.refs(each, function.scope))
            return all(
                isinstance(ref, FunctionNode) and self._returns_argument(ref, called=False) for ref in inner
            )
        first = (
            function.parameters[int(function.bound)]
            if len(function.parameters) > int(function.bound)
            else None
        )
        returned = {each.id if isinstance(each, ast.Name) else "" for each in function.returns}
        return first is not None and returned == {first.arg} and len(function.scope.names[first.arg]) == 1

    def _is_new(self, result: ast.expr, maker: FunctionNode) -> bool:
        """Whether what a ``__new__`` returns was made by another ``__new__``, or is of a known class."""
        if isinstance(result, ast.Name):
            bindings = maker.scope.names.get(result.id, ())
            values = [each.expr for each in bindings if isinstance(each, Value) and not each.steps]
            if len(values) == len(bindings) > 0:
                return all(self._is_new(each, maker) for each in values if not isinstance(each, ast.Name))
        if isinstance(result, ast.Call) and last_name(result) == "__new__":
            return True
        found = self._inference.expressions.of(result, maker.scope)
        own = maker.owner.key if maker.owner else ""
        return UNKNOWN not in found and {ref.name for ref in found} <= set(self._inference.family(own))

    def metaclass_method(self, key: str, name: str) -> FunctionNode | None:
        """Return a method that the metaclass of a class has, if that is a class of the tree."""
        for owner in self._inference.lineage(key):
            for node in self._inference.nodes(owner):
                words = node.node.keywords if node.node else []
                given = next((word.value for word in words if word.arg == "metaclass"), None)
                for ref in self._program.refs(given, node.outer) if given is not None else ():
                    method = self._program.method(ref, name) if isinstance(ref, ClassNode) else None
                    if method is not None:
                        return method
        return None

    # --- methods and attributes ------------------------------------------------------------------------

    def of_method(self, key: str, name: str) -> str:
        """Return why calling a method of an instance may do something else."""
        place = (key, name)
        if place not in self._methods:
            self._methods[place] = next(self._of_method(key, name), "")
        return self._methods[place]

    def _of_method(self, key: str, name: str) -> Iterator[str]:
        family = self._inference.family(key)
        shown = f"{key.rpartition(':')[2]}.{name}"
        yield from self._of_class_changes(key)
        for owner in family:
            if owner in self._changed:
                yield f"{shown} may be another one ({self._changed[owner]})"
            if name in self._inference.self_stores.get(owner, ()):
                yield f"{shown} is also set as an attribute"
            if any(map(self._is_value, self._bound(owner, name))):
                yield f"{shown} is bound to a value as well"
        if "__getattribute__" in self._asked(key, family):
            yield f"__getattribute__() of {key.rpartition(':')[2]} answers for {name}"
        for store in _that_count(self._inference.foreign_stores.get(name, ())):
            if self._may_reach(store, family):
                yield f"{shown} may be replaced at {_where(store)}"

    def _of_class_changes(self, key: str) -> Iterator[str]:
        for store in _that_count(self._inference.foreign_stores.get("__class__", ())):
            if self._may_reach(store, self._inference.family(key)):
                yield f"the class of a {key.rpartition(':')[2]} is changed at {_where(store)}"

    def _bound(self, key: str, name: str) -> Iterator[Binding]:
        for node in self._inference.nodes(key):
            yield from node.scope.names.get(name, ())

    def _is_value(self, binding: Binding) -> bool:
        """Whether a class binds a name to what may be called, and is no function statement."""
        if not isinstance(binding, Value):
            return False
        return not isinstance(binding.expr, ast.Constant) and last_name(binding.expr) not in _WRAPPERS

    @cached_property
    def _changed(self) -> dict[str, str]:
        """Class key → where a class below it is made by a call, or it gets attributes under any name."""
        found: dict[str, str] = {}
        for module in self._program.modules.values():
            named = [(each.receiver, each.scope, each.receiver.lineno) for each in module.dynamic]
            for call, scope in module.calls:
                if last_name(call) in _CLASS_MAKERS and len(call.args) > 1:
                    bases = call.args[1]
                    parts = bases.elts if isinstance(bases, ast.Tuple | ast.List) else [bases]
                    named += [(part, scope, call.lineno) for part in parts]
            for node, scope, line in named if not is_example(module.path) else ():
                refs = self._program.refs(node, scope)
                found.update((r.key, module.where(line)) for r in refs if isinstance(r, ClassNode))
        return found

    def of_attribute(self, key: str, name: str) -> str:
        """Return why reading an attribute of an instance may give something that was never stored there."""
        place = (key, f".{name}")
        if place not in self._methods:
            family = self._inference.family(key)
            asked = self._asked(key, family)
            if "__getattr__" in asked and self._is_there(family, name):
                asked -= {"__getattr__"}
            shown = key.rpartition(":")[2]
            why = f"{min(asked)}() of {shown} may answer for {name}" if asked else ""
            nodes = (node for owner in family for node in self._inference.nodes(owner))
            bindings = (each for node in nodes for each in node.scope.names.get(name, ()))
            if any(self._takes(each, without="__get__") for each in bindings):
                why = why or f"{shown}.{name} is a descriptor, which decides what is stored"
            self._methods[place] = why
        return self._methods[place]

    def of_class_attribute(self, key: str, name: str) -> str:
        """Return why reading an attribute of a class itself may give something else than it binds."""
        asked = self.metaclass_method(key, "__getattribute__")
        return f"the metaclass of {key.rpartition(':')[2]} answers for {name}" if asked else ""

    def of_descriptors(self, key: str) -> str:
        """Return why what is stored in attributes of an instance may be kept as something else."""
        place = (key, "")
        if place not in self._methods:
            self._methods[place] = next(self._of_descriptors(key), "")
        return self._methods[place]

    def _of_descriptors(self, key: str) -> Iterator[str]:
        shown = key.rpartition(":")[2]
        yield from self._of_class_changes(key)
        for owner in self._inference.lineage(key):
            for node in self._inference.nodes(owner):
                for name, bindings in node.scope.names.items():
                    if any(map(self._takes, bindings)):
                        yield f"{shown}.{name} is a descriptor, which decides what is stored"

    def _takes(self, binding: Binding, without: str = "") -> bool:
        """Whether an attribute of a class is a descriptor of the tree that takes what is stored."""
        if not isinstance(binding, Value) or binding.steps or not isinstance(binding.expr, ast.Call):
            return False
        refs = self._program.refs(binding.expr.func, binding.scope)
        makers = [ref for ref in refs if isinstance(ref, ClassNode) and self._program.method(ref, "__set__")]
        return any(not without or self._program.method(maker, without) is None for maker in makers)

    def _asked(self, key: str, family: Iterable[str]) -> frozenset[str]:
        """Return the methods that answer for attributes of a class, or of one that is related to it."""
        asked = ("__getattr__", "__getattribute__")
        return frozenset(
            name for name in asked for owner in (key, *family) if self._inference.function(owner, name)
        )

    def _is_there(self, family: Iterable[str], name: str) -> bool:
        """Whether every instance has an attribute, so that ``__getattr__`` is not asked for it."""
        nodes = [node for owner in family for node in self._inference.nodes(owner)]
        if any(name in module.deleted for module in self._program.modules.values()):
            return False
        if any(name in node.scope.names for node in nodes):
            return True
        stores = (s for owner in family for s in self._inference.self_stores.get(owner, {}).get(name, ()))
        functions = (self._program.function_of(store.scope) for store in stores)
        declared = (each.name for owner in family for each in self._inference.declared(owner))
        return any(f is not None and f.name in ("__init__", "__new__") for f in functions) or name in declared

    def _may_reach(self, store: Store, family: Iterable[str]) -> bool:
        """Whether a store from outside may be to one of these classes or its instances."""
        refs = self._program.refs(store.receiver, store.scope)
        if refs:
            return any(isinstance(ref, ClassNode) and ref.key in family for ref in refs)
        for ref in self._inference.expressions.of(store.receiver, store.scope):
            inner = ref.args[0] if ref.name == "type" and ref.args else ref
            if inner == UNKNOWN or inner.name in family:
                return True
        return False

    def is_protocol(self, key: str) -> bool:
        """Whether a class only says what others have: a value of that type may be of any class."""
        return any(
            isinstance(base, External) and base.dotted.endswith(".Protocol")
            for node in self._inference.nodes(key)
            for base in self._program.mro(node)
        )


def _that_count(stores: Iterable[Store]) -> Iterator[Store]:
    """Yield the stores that no test or example makes."""
    return (store for store in stores if not is_example(store.scope.module.path))


def _where(store: Store) -> str:
    value = store.value
    return store.scope.module.where(value.line)
