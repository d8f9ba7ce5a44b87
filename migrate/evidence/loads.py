"""What the code around a load says about the value that it gets, best first.

1. an annotation of the variable, of what the function returns, a cast;
2. the type that is expected where the value goes: of a parameter, of an attribute;
3. what else is assigned to the attribute that the value is stored in;
4. ``isinstance`` afterwards;
5. the dumps beside it (`migrate.evidence.places`);
6. what the callers of the function expect that returns it;
7. the class that has the attributes which are read of it.

The first, the second and the fourth say what the value is (`LoadContext.expected`), unless something may get
round them. The others only say what it may be (`LoadContext.hints`): they never close a set.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.evidence import checks
from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.evidence.likeness import Likenesses
from migrate.evidence.program import External
from migrate.evidence.receivers import Receivers
from migrate.evidence.source import Annotated, Value
from migrate.evidence.syntax import last_name
from migrate.model import UNKNOWN, Evidence, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.places import Place, Places
    from migrate.evidence.source import FunctionNode

_GENERATORS = frozenset(f"collections.abc.{name}" for name in ("Iterator", "Iterable", "Generator"))
_MOST_CALLERS = 3
"""How far a value is followed outwards: the caller of the caller of the function that loads it."""
_PASSING = (ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Await, ast.Starred)
"""Expressions whose value may be the one that they hold."""


@frozen
class Hints:
    """What a load may give, as far as places tell that do not decide it."""

    types: tuple[Evidence, ...] = ()
    like: tuple[Evidence, ...] = ()
    """Classes that have what is read of the value, and nothing else says so: for a person to judge."""


class LoadContext:
    """Reads the expected type of a load from its surroundings."""

    def __init__(self, inference: Inference, places: Places) -> None:
        self._inference = inference
        self._program = inference.program
        self._places = places
        self._receivers = Receivers(inference)
        self._likenesses = Likenesses(inference)

    def expected(self, place: Place) -> tuple[Evidence, ...]:
        """Return what is declared of the value of a load, else what is derived, else what may be guessed.

        Empty if nothing is. A guess does not say that the value can be nothing else.
        """
        return _best(self._around(place.call, place))

    def hints(self, place: Place) -> Hints:
        """Return what a load may give, where nothing says what it gives."""
        found = tuple(dict.fromkeys((*self._beside(place), *self._of_callers(place.call, place))))
        return Hints(found) if found else Hints(like=tuple(self._alike(place)))

    # --- where the value goes --------------------------------------------------------------------------

    def _around(self, node: ast.expr, place: Place) -> Iterator[Evidence]:
        parent = self._places.parent(node, place.module)
        if isinstance(parent, _PASSING):
            yield from self._around(parent, place)
        elif isinstance(parent, ast.AnnAssign):
            yield self._declared(parent.annotation, place, parent.lineno)
        elif isinstance(parent, ast.Assign):
            for target in parent.targets:
                yield from self._assigned(target, place)
        elif isinstance(parent, (ast.Return, ast.Yield)):
            yield from self._returned(place, yielded=isinstance(parent, ast.Yield))
        elif isinstance(parent, (ast.Call, ast.keyword)):
            yield from self._passed(node, parent, place)

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

    def _passed(self, node: ast.expr, parent: ast.Call | ast.keyword, place: Place) -> Iterator[Evidence]:
        """Yield what a call expects that ``node`` is passed to."""
        call = self._places.parent(parent, place.module) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or node is call.func:
            return
        refs = self._program.refs(call.func, place.scope)
        if External("typing.cast") in refs and len(call.args) == 2:
            yield self._declared(call.args[0], place, call.lineno)
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "update" and _is_state(function.value):
            yield from self._state_of(function.value, place)
        yield from self._receivers.declared(call, node, place.scope)

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
        if len(bindings) == 1:
            for node in _readings(function, name):
                # It goes there if that line is reached, which a check may have made sure of.
                yield from (evolve(fact, source=Source.GUESSED) for fact in self._used(node, place))
        yield from self._checked(name, function, place)

    def _used(self, node: ast.Name, place: Place) -> Iterator[Evidence]:
        """Yield what is expected where a variable that holds the value is passed on or kept."""
        parent = self._places.parent(node, place.module)
        if isinstance(parent, (ast.Call, ast.keyword)):
            yield from self._passed(node, parent, place)
        elif isinstance(parent, ast.Assign) and parent.value is node:
            for target in parent.targets:
                if isinstance(target, ast.Attribute) and not _is_state(target):
                    yield from self._attribute(target, place)

    def _checked(self, name: str, function: FunctionNode, place: Place) -> Iterator[Evidence]:
        """Yield the classes of which the function makes sure, else those for which it asks: a guess."""
        sure = checks.assured(name, place.call, self._parent(place))
        if sure is not None:
            line, classes = sure
            yield self._either(classes, Source.INFERRED, line, place)
        for call in checks.asked(name, place.call, function.node, self._parent(place)):
            yield self._either(checks.classes_asked(call), Source.GUESSED, call.lineno, place)

    def _either(self, classes: list[ast.expr], source: Source, line: int, place: Place) -> Evidence:
        ref = t.join(annotation(part, place.scope, self._program) for part in classes)
        return Evidence(ref, source, place.module.where(line))

    def _parent(self, place: Place) -> checks.Parent:
        return lambda node: self._places.parent(node, place.module)

    def _attribute(self, target: ast.Attribute, place: Place) -> Iterator[Evidence]:
        """Yield what is declared of an attribute that the load is stored in."""
        for owner in self._owners(target, place):
            for equation in self._inference.solver.equations(("field", owner, target.attr)):
                if equation.source is Source.DECLARED:
                    yield Evidence(t.join(equation.types), equation.source, equation.where)

    def _owners(self, target: ast.Attribute, place: Place) -> Iterator[str]:
        """Yield the keys of the classes that have an attribute which is stored to."""
        receiver = Value(target.value, place.scope, target.lineno)
        for ref in sorted(self._inference.solver.value(("expr", receiver, ""))):
            for owner in self._inference.lineage(ref.name) if ":" in ref.name else ():
                if target.attr in self._inference.field_names(owner):
                    yield owner

    def _state_of(self, state: ast.expr, place: Place) -> Iterator[Evidence]:
        value = Value(state, place.scope, state.lineno)
        for ref in sorted(self._inference.solver.value(("expr", value, ""))):
            yield Evidence(ref, Source.INFERRED, place.module.where(state.lineno))

    # --- hints -----------------------------------------------------------------------------------------

    def _beside(self, place: Place) -> Iterator[Evidence]:
        """Yield what else is assigned to the attributes that the value is stored in, if that is known."""
        kept = [(target, line) for target, line in self._kept_in(place) if isinstance(target, ast.Attribute)]
        for target, line in kept:
            for owner in self._owners(target, place):
                others = [
                    equation
                    for equation in self._inference.solver.equations(("field", owner, target.attr))
                    if (equation.module, equation.line) != (place.module, line)
                ]
                ref = t.finish(t.join(each for equation in others for each in equation.types))
                if others and ref not in (UNKNOWN, t.NONE):
                    yield Evidence(ref, Source.GUESSED, others[0].where)

    def _kept_in(self, place: Place) -> Iterator[tuple[ast.expr, int]]:
        """Yield the targets that a load is assigned to, through a variable too, and in which line."""
        parent = self._places.parent(place.call, place.module)
        for target in parent.targets if isinstance(parent, ast.Assign) else ():
            yield target, target.lineno
            function = self._program.function_of(place.scope)
            if isinstance(target, ast.Name) and function and self._bound_once(target.id, place):
                for node in _readings(function, target.id):
                    around = self._places.parent(node, place.module)
                    if isinstance(around, ast.Assign) and around.value is node:
                        yield from ((kept, kept.lineno) for kept in around.targets)

    def _bound_once(self, name: str, place: Place) -> bool:
        found = self._program.lookup(place.scope, name)
        return found is not None and len(found[1]) == 1

    def _of_callers(self, node: ast.Call, place: Place, depth: int = 1) -> Iterator[Evidence]:
        """Yield what the callers of a function expect which returns the value, and their callers."""
        function = self._program.function_of(place.scope)
        if function is None or depth > _MOST_CALLERS or not self._gives(function, node, place):
            return
        for call, scope in self._receivers.callers(function):
            outer = evolve(place, call=call, scope=scope, module=scope.module)
            said = _best(self._around(call, outer))
            if said:
                yield from (evolve(fact, source=Source.GUESSED) for fact in said)
            else:
                yield from self._of_callers(call, outer, depth + 1)

    def _gives(self, function: FunctionNode, node: ast.Call, place: Place) -> bool:
        """Whether a function returns ``node``, or the one variable that it is assigned to."""
        targets = [target for target, _ in self._kept_in(evolve(place, call=node))]
        names = {
            each.id for each in targets if isinstance(each, ast.Name) and self._bound_once(each.id, place)
        }
        return any(
            result is node or (isinstance(result, ast.Name) and result.id in names)
            for result in function.returns
        )

    def _alike(self, place: Place) -> Iterator[Evidence]:
        """Yield the class that has the attributes which are read of the value."""
        for target, line in self._kept_in(place):
            function = self._program.function_of(place.scope)
            body: ast.AST | None = function.node if function else None
            if isinstance(target, ast.Attribute):
                body = function.owner.node if function and function.owner else None
            elif not isinstance(target, ast.Name) or not self._bound_once(target.id, place):
                continue
            names = _read_of(target, body) if body is not None else set()
            for key in self._likenesses.having(names):
                yield Evidence(TypeRef(key), Source.GUESSED, place.module.where(line))


def _best(facts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    found = [fact for fact in facts if fact.type != UNKNOWN]
    declared = [fact for fact in found if fact.source is Source.DECLARED]
    derived = [fact for fact in found if fact.source is not Source.GUESSED]
    return tuple(dict.fromkeys(declared or derived or found))


def _readings(function: FunctionNode, name: str) -> Iterator[ast.Name]:
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node


def _read_of(target: ast.expr, body: ast.AST) -> set[str]:
    """Return the attributes that ``body`` reads of a variable or attribute."""
    text = ast.unparse(target)
    return {
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, (ast.Name, ast.Attribute))
        and ast.unparse(node.value) == text
    }


def _is_state(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"
