"""What the code around a load says about the value that it gets."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence import checks
from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.evidence.program import External
from migrate.evidence.scan import last_name
from migrate.evidence.source import Annotated, Value
from migrate.model import UNKNOWN, Evidence, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.places import Place, Places
    from migrate.evidence.source import FunctionNode

_GENERATORS = frozenset(f"collections.abc.{name}" for name in ("Iterator", "Iterable", "Generator"))


class LoadContext:
    """Reads the expected type of a load from its surroundings: annotations first, then checks."""

    def __init__(self, inference: Inference, places: Places) -> None:
        self._inference = inference
        self._program = inference.program
        self._places = places

    def expected(self, place: Place) -> tuple[Evidence, ...]:
        """Return what is declared of the value of a load, else what is derived, else what may be guessed.

        Empty if nothing is. A guess does not say that the value can be nothing else.
        """
        found = [fact for fact in self._around(place.call, place) if fact.type != UNKNOWN]
        declared = [fact for fact in found if fact.source is Source.DECLARED]
        derived = [fact for fact in found if fact.source is not Source.GUESSED]
        return tuple(dict.fromkeys(declared or derived or found))

    def _around(self, node: ast.expr, place: Place) -> Iterator[Evidence]:
        parent = self._places.parent(node, place.module)
        if isinstance(parent, (ast.BoolOp, ast.IfExp, ast.NamedExpr)):
            yield from self._around(parent, place)
        elif isinstance(parent, ast.AnnAssign):
            yield self._declared(parent.annotation, place, parent.lineno)
        elif isinstance(parent, ast.Assign):
            for target in parent.targets:
                yield from self._assigned(target, place)
        elif isinstance(parent, (ast.Return, ast.Yield)):
            yield from self._returned(place, yielded=isinstance(parent, ast.Yield))
        elif isinstance(parent, ast.Call):
            yield from self._passed(parent, place)

    def _declared(self, node: ast.expr, place: Place, line: int) -> Evidence:
        ref = annotation(node, place.scope, self._program)
        return Evidence(ref, Source.DECLARED, place.module.where(line))

    def _returned(self, place: Place, *, yielded: bool) -> Iterator[Evidence]:
        function = self._program.function_of(place.scope)
        returns = getattr(function.node, "returns", None) if function else None
        if function is None or returns is None:
            return
        ref = annotation(returns, function.outer, self._program)
        if ref == UNKNOWN and function.owner and last_name(returns) == "Self":
            ref = TypeRef(function.owner.key)
        if yielded:
            ref = ref.args[0] if ref.name in _GENERATORS and ref.args else UNKNOWN
        yield Evidence(ref, Source.DECLARED, place.module.where(function.node.lineno))

    def _passed(self, call: ast.Call, place: Place) -> Iterator[Evidence]:
        refs = self._program.refs(call.func, place.scope)
        if External("typing.cast") in refs and len(call.args) == 2:
            yield self._declared(call.args[0], place, call.lineno)
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "update" and _is_state(function.value):
            yield from self._state_of(function.value, place)

    def _assigned(self, target: ast.expr, place: Place) -> Iterator[Evidence]:
        if isinstance(target, ast.Name):
            yield from self._variable(target.id, place)
        elif isinstance(target, ast.Attribute) and _is_state(target):
            yield from self._state_of(target, place)
        elif isinstance(target, ast.Attribute):
            yield from self._attribute(target, place)

    def _variable(self, name: str, place: Place) -> Iterator[Evidence]:
        found = self._program.lookup(place.scope, name)
        bindings = found[1] if found else []
        for binding in bindings:
            if isinstance(binding, Annotated):
                yield self._declared(binding.annotation, place, binding.line)
        function = self._program.function_of(place.scope)
        if function is None:
            return
        if any(isinstance(result, ast.Name) and result.id == name for result in function.returns):
            replaced = checks.is_replaced(name, place.call, function.node, self._parent(place))
            for fact in self._returned(place, yielded=False):
                # What is returned under this name may be something else, if the name is bound twice.
                source = fact.source if len(bindings) == 1 else Source.INFERRED
                yield Evidence(fact.type, Source.GUESSED if replaced else source, fact.where)
        yield from self._checked(name, function, place)

    def _checked(self, name: str, function: FunctionNode, place: Place) -> Iterator[Evidence]:
        """Yield the classes of which the function makes sure, else those for which it asks: a guess."""
        sure = checks.assured(name, place.call, self._parent(place))
        if sure is not None:
            line, classes = sure
            yield self._either(classes, Source.INFERRED, line, place)
        for call in checks.asked(name, function.node):
            yield self._either(checks.classes_asked(call), Source.GUESSED, call.lineno, place)

    def _either(self, classes: list[ast.expr], source: Source, line: int, place: Place) -> Evidence:
        ref = t.join(annotation(part, place.scope, self._program) for part in classes)
        return Evidence(ref, source, place.module.where(line))

    def _parent(self, place: Place) -> checks.Parent:
        return lambda node: self._places.parent(node, place.module)

    def _attribute(self, target: ast.Attribute, place: Place) -> Iterator[Evidence]:
        """Yield what is declared of an attribute that the load is stored in."""
        receiver = Value(target.value, place.scope, target.lineno)
        for ref in sorted(self._inference.solver.value(("expr", receiver, ""))):
            for owner in self._inference.lineage(ref.name) if ":" in ref.name else ():
                if target.attr in self._inference.field_names(owner):
                    for equation in self._inference.solver.equations(("field", owner, target.attr)):
                        if equation.source is Source.DECLARED:
                            yield Evidence(t.join(equation.types), equation.source, equation.where)

    def _state_of(self, state: ast.expr, place: Place) -> Iterator[Evidence]:
        value = Value(state, place.scope, state.lineno)
        for ref in sorted(self._inference.solver.value(("expr", value, ""))):
            yield Evidence(ref, Source.INFERRED, place.module.where(state.lineno))


def _is_state(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"
