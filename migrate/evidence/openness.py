"""Whether what is inferred from callers may be taken for all there is.

The calls in the tree show what a parameter gets only if nobody else calls the function. A library stores what
its users hand to it; its own tests are no proof of what that is.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.equations import TRANSPARENT
from migrate.evidence.examples import is_example
from migrate.evidence.outside import Outside
from migrate.evidence.passing import PassedOn
from migrate.evidence.program import External
from migrate.evidence.reach import INERT_BASES
from migrate.evidence.source import Annotated, FunctionNode, Scope, Value
from migrate.evidence.syntax import last_name
from migrate.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import ClassNode
    from migrate.model import ClassSchema

_OF_ONE_PLACE = frozenset({"expr", "var"})
"""Kinds of places that hold what is written beside them: a file that nobody looks at adds nothing."""
_NOT_ALL = "only the files nearest the sites were looked at, and others may add to it (--evidence-limit)"


_NAMED_BY_CALLS = frozenset(
    {"__init__", "__new__", "__call__", "__setitem__", "__post_init__", "__attrs_post_init__"}
)
"""Special methods whose calls are seen: by name, by the class, by a store to an item."""


class Openness:
    """Finds the parameters that a value rests on and whose callers are not all seen."""

    def __init__(self, inference: Inference, graph: Mapping[str, ClassSchema]) -> None:
        self._inference = inference
        self._graph = graph
        self._passed_on = PassedOn(inference.program, lambda path: not is_example(path))
        self._slots: dict[Slot, str | None] = {}
        self._parameters: dict[Slot, str | None] = {}
        self._outside = Outside(inference)

    def problem(self, slot: Slot, classes: Iterable[str]) -> str | None:
        """Return why ``slot``, or a field of ``classes`` which it can hold, may get more than is seen.

        That is the first reason; None if there is none.
        """
        return self._of_slot(slot) or self.of_classes(classes)

    def of_classes(self, classes: Iterable[str]) -> str | None:
        """Return why the fields of ``classes`` may get more than is seen; None if they cannot."""
        classes = sorted(classes)
        if classes and self._inference.program.partial:
            return _NOT_ALL
        return next(filter(None, map(self._of_class, classes)), None)

    def _of_class(self, key: str) -> str | None:
        taker = self._inference.doubts.of_descriptors(key)
        if taker:
            return taker
        names = {field.name for field in self._graph[key].fields}
        owners = self._inference.lineage(key)
        slots: Iterator[Slot] = (
            ("field", owner, name)
            for owner in owners
            for name in self._inference.field_names(owner)
            if name in names
        )
        found = next(filter(None, map(self._of_slot, slots)), None)
        # What a class binds itself is no field, unless an instance is given one of its own.
        bound = ((owner, name) for owner in owners for name in self._class_variables(owner))
        given = (self._of_attribute(("classvar", owner, name), owner, name) for owner, name in bound)
        return found or next(filter(None, given), None)

    def _class_variables(self, key: str) -> Iterator[str]:
        if self._graph[key].kind is Kind.ENUM:
            return
        for node in self._inference.nodes(key):
            for name, bindings in node.scope.names.items():
                plain = all(isinstance(each, Value | Annotated) for each in bindings)
                if plain and not (name.startswith("__") and name.endswith("__")):
                    yield name

    def _of_slot(self, slot: Slot) -> str | None:
        if slot not in self._slots:
            problems = map(self._of_origin, self._inference.solver.origins(slot))
            self._slots[slot] = next(filter(None, problems), None)
        return self._slots[slot]

    def _of_origin(self, slot: Slot) -> str | None:
        if self._inference.program.partial and slot[0] not in _OF_ONE_PLACE:
            return _NOT_ALL
        kind, owner, name = slot
        if kind == "doubt":
            return str(owner)
        if kind == "var" and isinstance(owner, Scope):
            return self._of_variable(slot, owner)
        if kind in ("field", "classvar"):
            return self._of_attribute(slot, str(owner), name)
        return self._of_parameter(slot) if kind == "args" else None

    def _of_variable(self, slot: Slot, scope: Scope) -> str | None:
        """Return why a global may be given something by code that does not say what it binds."""
        why = self._inference.doubts.of_globals(scope)
        if why or scope is not scope.module.scope:
            return why or None
        where = self._outside.place(slot)
        passed = where and scope.module.path in self._passed_on.modules
        return f"{slot[2]} may be set through a value of an unknown type ({where})" if passed else None

    def _of_attribute(self, slot: Slot, key: str, name: str) -> str | None:
        """Return why an attribute may be given something by code that does not say whose it is."""
        held = self._inference.solver.value(slot)
        for each in self._inference.family(key):
            if each in self._graph and self._graph[each].dynamic:
                return f"{self._graph[each].name} gets attributes under computed names"
            # What is stored through a value of a class below is known there, and not read here.
            foreign = each != key and name not in self._inference.field_names(each)
            if foreign and not self._inference.solver.known_value(("field", each, name)) <= held:
                return f"{self._graph[each].name}.{name} may be something else"
        where = self._outside.place(slot)
        shown = f"{key.rpartition(':')[2]}.{name}"
        return f"{shown} may be set through a value of an unknown type ({where})" if where else None

    def _of_parameter(self, slot: Slot) -> str | None:
        if slot not in self._parameters:
            self._parameters[slot] = self._judged(slot)
        return self._parameters[slot]

    def _judged(self, slot: Slot) -> str | None:
        _, callee, parameter = slot
        equations = [each for each in self._inference.solver.equations(slot) if each.types]
        name = callee.qualname if isinstance(callee, FunctionNode) else str(callee).rpartition(":")[2]
        if is_example(self._path(callee)):
            return None
        if isinstance(callee, FunctionNode):
            if not callee.decorators <= TRANSPARENT:
                return f"parameter {parameter} of {name}() is untyped, and a decorator may call it"
            place = self._passed_on.place(callee)
            if place:
                return f"parameter {parameter} of {name}() is untyped, and {place} passes the function on"
        called = [self._called_by_python(callee)] if isinstance(callee, FunctionNode) else []
        for why in (*called, *map(self._made_elsewhere, self._made_by(callee))):
            if why:
                return f"parameter {parameter} of {name}() is untyped, and {why}"
        if self._exposed(callee):
            return f"parameter {parameter} of {name}() is untyped, and the package offers it to others"
        if not any(not is_example(each.where.rpartition(":")[0]) for each in equations):
            return (
                f"parameter {parameter} of {name}() is untyped, and only tests or examples show what it gets"
            )
        return None

    def _called_by_python(self, method: FunctionNode) -> str:
        """Return who calls a method without naming it: an operator, a base elsewhere, ``getattr``."""
        owner, name = method.owner, method.name
        if owner is None:
            return ""
        if name.startswith("__") and name.endswith("__"):
            return "" if name in _NAMED_BY_CALLS else "Python itself calls it"
        bases = (base for base in self._inference.program.mro(owner) if isinstance(base, External))
        other = next((base.dotted for base in bases if base.dotted not in INERT_BASES), "")
        if other:
            return f"{other} may call it"
        for key in self._inference.family(owner.key):
            for prefix, where in self._looked_up.get(key, ()):
                if name.startswith(prefix):
                    return f"{where} calls methods under computed names"
        for node in self._values_of(owner):
            if isinstance(node, ast.Name) and node.id == name:
                return f"{owner.name} keeps it under another name"
        return ""

    def _values_of(self, owner: ClassNode) -> Iterator[ast.AST]:
        """Yield what stands in the values that a class binds in its body."""
        for bindings in owner.scope.names.values():
            for binding in bindings:
                if isinstance(binding, Value) and last_name(binding.expr) not in TRANSPARENT:
                    yield from ast.walk(binding.expr)

    @cached_property
    def _looked_up(self) -> dict[str, list[tuple[str, str]]]:
        """Class key → how the computed names begin under which it looks up methods, and where."""
        found: dict[str, list[tuple[str, str]]] = {}
        for module in self._inference.program.modules.values():
            for call, scope in module.calls if not is_example(module.path) else ():
                direct = isinstance(call.func, ast.Call)
                asked = call.func if isinstance(call.func, ast.Call) else call
                if last_name(asked.func) == "getattr" and len(asked.args) > 1:
                    owner = self._inference.self_class(asked.args[0], scope)
                    prefix = _beginning(asked.args[1])
                    if owner is not None and (prefix or (direct and prefix is not None)):
                        found.setdefault(owner.key, []).append((prefix, module.where(call.lineno)))
        return found

    def _made_by(self, callee: object) -> list[ClassNode]:
        """Return the classes whose constructor a parameter is of."""
        if not isinstance(callee, FunctionNode):
            start, name = str(callee), ""
        elif callee.owner is not None and callee.name in ("__init__", "__new__"):
            start, name = callee.owner.key, callee.name
        else:
            return []
        keys = (start, *self._inference.program.subclasses.get(start, ()))
        own = [key for key in keys if not name or self._inference.function(key, name) is callee]
        return [node for key in own for node in self._inference.nodes(key)]

    def _made_elsewhere(self, node: ClassNode) -> str:
        """Return why instances of a class may be made by calls that nobody sees."""
        doubts = self._inference.doubts
        if doubts.metaclass_method(node.key, "__call__") is not None:
            return f"the metaclass of {node.name} calls it"
        if doubts.is_handed_on(node):
            return f"a decorator of {node.name} may call it"
        if doubts.of_definition(node):
            return doubts.of_definition(node)
        where = self._called_by_type.get(node.key)
        if where:
            return f"{where} calls {node.name} as the class of a value"
        place = self._passed_on.place(node)
        return f"{place} uses {node.name} as a value" if place else ""

    @cached_property
    def _called_by_type(self) -> dict[str, str]:
        """Class key → the first call of the class through the class of a value: ``type(x)(…)``."""
        found: dict[str, str] = {}
        for call, scope in self._inference.calls.of_classes:
            if not is_example(scope.module.path):
                called = Value(call.func, scope, call.lineno)
                for ref in self._inference.solver.value(("expr", called, "")):
                    for key in [ref.args[0].name] if ref.name == "type" and ref.args else []:
                        below = self._inference.program.subclasses.get(key, ())
                        for each in (key, *below):
                            found.setdefault(each, scope.module.where(call.lineno))
        return found

    def _path(self, callee: object) -> str:
        if isinstance(callee, FunctionNode):
            return callee.scope.module.path
        return self._inference.nodes(str(callee))[-1].module.path

    def _exposed(self, callee: object) -> bool:
        """Whether a package of the tree passes the function or class on to its users."""
        if isinstance(callee, FunctionNode):
            module = callee.scope.module
            owner = callee.owner
            name = owner.name if owner else callee.name
        else:
            node = self._inference.nodes(str(callee))[-1]
            module, name = node.module, node.name
        return not name.startswith("_") and f"{module.name}.{name}" in self._inference.program.offered


def _beginning(name: ast.expr) -> str | None:
    """Return how a computed name begins, as far as it says; None if it is no computed name."""
    if isinstance(name, ast.Constant):
        return None
    first = name
    if isinstance(name, ast.BinOp):
        first = name.left
    elif isinstance(name, ast.JoinedStr) and name.values:
        first = name.values[0]
    text = first.value if isinstance(first, ast.Constant) else ""
    return text.partition("%")[0] if isinstance(text, str) else ""
