"""What callers pass: from calls to the parameters of functions and the fields of classes."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import types as t
from migrate.evidence.examples import is_example
from migrate.evidence.solver import Equation
from migrate.evidence.source import FunctionNode
from migrate.model import UNKNOWN, Kind, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Scope
    from migrate.evidence.types import Types


@frozen
class _Position:
    """Where a parameter stands in a call."""

    name: str
    index: int | None
    """Among the positional arguments; None if it is keyword-only."""
    default: ast.expr | None
    scope: Scope
    """Of the default."""
    factory: ast.expr | None = None
    """What is called for the default."""
    rest: str = ""
    """For ``*args`` and ``**kwargs``: ``tuple`` or ``dict``."""
    taken: frozenset[str] = frozenset()
    """Names of the other parameters."""


class Arguments:
    """Equations for slots ``("args", function or class key, name)``."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program

    def equations(self, slot: Slot) -> Iterator[Equation]:
        """Yield one equation for each call that may reach the function or class of ``slot``."""
        _, callee, name = slot
        if isinstance(callee, FunctionNode):
            position = _rest_position(callee, name) if name[:1] == "*" else _parameter_position(callee, name)
        else:
            callee = str(callee)
            position = self._field_position(callee, name)
        for call, scope, offset in self._inference.calls.sure(callee):
            yield self._equation(slot, position, call, scope, offset)
        if isinstance(callee, str):
            yield from self._replaced(slot, callee, position)
        if isinstance(callee, FunctionNode) and callee.owner is not None:
            self._inference.routes.calls_of(callee, partial(self._add, slot, position, int(callee.bound)))
            if self._inference.families.methods(callee.name):
                self._inference.routes.guessed_calls_of(callee, partial(self._guess, slot, position, callee))

    def _replaced(self, slot: Slot, key: str, position: _Position) -> Iterator[Equation]:
        """Yield what calls put into copies of instances: ``point._replace(x=1)``."""
        for call, scope, receiver in self._inference.calls.copies:
            words = [word for word in call.keywords if word.arg in (position.name, None)]
            if words:
                compute = partial(self._put_in, key, receiver, words[0], scope)
                exprs = words[0].value
                yield Equation(slot, compute, Source.INFERRED, scope.module, call.lineno, exprs, scope)

    def _put_in(self, key: str, receiver: ast.expr, word: ast.keyword, scope: Scope) -> Types:
        of, where = self._inference.expressions.of, scope.module.where(word.value.lineno)
        found = of(receiver, scope)
        if any(ref.name in self._inference.family(key) for ref in found):
            given = of(word.value, scope) if word.arg else t.ANYTHING
            if UNKNOWN in given:
                self._inference.doubt(
                    f"a copy of {key.rpartition(':')[2]} gets a value of an unknown type ({where})"
                )
            return given - t.ANYTHING
        if UNKNOWN in found and word.arg and not is_example(scope.module.path):
            self._inference.doubt(f"{word.arg} of an unknown value is replaced ({where})")
        return t.BOTTOM

    def _add(self, slot: Slot, position: _Position, offset: int, found: tuple[ast.Call, Scope]) -> None:
        call, scope = found
        self._inference.solver.add(self._equation(slot, position, call, scope, offset))

    def _equation(
        self, slot: Slot, position: _Position, call: ast.Call, scope: Scope, offset: int
    ) -> Equation:
        compute = partial(self._computed(position), position, call, scope, offset)
        found = Equation(slot, compute, Source.INFERRED, scope.module, call.lineno, scope=scope)
        passed = None if position.rest else _argument(position, call, offset)
        if passed is not None:
            found.exprs = passed
            if passed in self._inference.told:
                found.source, found.checker = Source.CHECKER, self._inference.checker
        return found

    def _guess(
        self, slot: Slot, position: _Position, callee: FunctionNode, found: tuple[ast.Call, Scope]
    ) -> None:
        call, scope = found

        def compute() -> Types:
            return self._computed(position)(position, call, scope, int(callee.bound)) | t.ANYTHING

        self._inference.solver.add(Equation(slot, compute, Source.GUESSED, scope.module, call.lineno))

    def _passed(self, position: _Position, call: ast.Call, scope: Scope, offset: int) -> Types:
        passed = None if position.rest else _argument(position, call, offset)
        if passed is not None:
            return (
                t.ANYTHING
                if isinstance(passed, ast.Starred)
                else self._inference.expressions.of(passed, scope)
            )
        if any(keyword.arg is None for keyword in call.keywords):
            return t.ANYTHING
        if position.default is not None:
            return self._inference.expressions.of(position.default, position.scope)
        if position.factory is not None:
            return self._inference.expressions.factory_result(position.factory, position.scope)
        return t.BOTTOM

    def _computed(self, position: _Position) -> Callable[[_Position, ast.Call, Scope, int], Types]:
        return self._left_over if position.rest else self._passed

    def _left_over(self, position: _Position, call: ast.Call, scope: Scope, offset: int) -> Types:
        """Return what a call passes that no parameter but ``*args`` or ``**kwargs`` takes."""
        of = self._inference.expressions.of
        if position.rest == "dict":
            left = [keyword for keyword in call.keywords if keyword.arg not in position.taken]
            return t.united([of(k.value, scope) if k.arg else t.items(of(k.value, scope)) for k in left])
        first = max((position.index or 0) - offset, 0)
        starred = [number for number, arg in enumerate(call.args) if isinstance(arg, ast.Starred)]
        return t.united(
            [
                t.elements(of(arg.value, scope)) if isinstance(arg, ast.Starred) else of(arg, scope)
                for arg in call.args[min([first, *starred]) :]
            ]
        )

    # --- positions -------------------------------------------------------------------------------------

    def _field_position(self, key: str, name: str) -> _Position:
        lineage = reversed(self._inference.lineage(key))
        declared = {field.name: field for owner in lineage for field in self._inference.declared(owner)}
        index = list(declared).index(name)
        init_name = name.lstrip("_") if self._inference.kind(key) is Kind.ATTRS else name
        field = declared[name]
        default = field.values[0] if field.values else None
        return _Position(init_name, index, default, field.scope, field.factory)


def _argument(position: _Position, call: ast.Call, offset: int) -> ast.expr | None:
    """Return what a call passes at a position; the starred argument, if that may be it."""
    for keyword in call.keywords:
        if keyword.arg == position.name:
            return keyword.value
    if position.index is not None:
        for number, arg in enumerate(call.args):
            if isinstance(arg, ast.Starred) or number + offset == position.index:
                return arg
    return None


def _rest_position(function: FunctionNode, name: str) -> _Position:
    """Return the position of ``*args`` (whose index is that of the first) or ``**kwargs``."""
    args = function.node.args
    rest = "tuple" if args.vararg is not None and args.vararg.arg == name[1:] else "dict"
    taken = frozenset(arg.arg for arg in function.parameters)
    places = len(args.posonlyargs) + len(args.args)
    return _Position(name, places, None, function.outer, rest=rest, taken=taken)


def _parameter_position(function: FunctionNode, name: str) -> _Position:
    args = function.node.args
    positional = [*args.posonlyargs, *args.args]
    first_default = len(positional) - len(args.defaults)
    for index, arg in enumerate(positional):
        if arg.arg == name:
            default = args.defaults[index - first_default] if index >= first_default else None
            return _Position(name, index, default, function.outer)
    for arg, keyword_default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if arg.arg == name:
            return _Position(name, None, keyword_default, function.outer)
    return _Position(name, None, None, function.outer)
