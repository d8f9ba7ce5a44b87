"""Which functions a call goes to, and what their parameters are declared to take."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence.annotations import annotation
from migrate.evidence.calls import parameters_filled
from migrate.evidence.source import ClassNode, FunctionNode, Value
from migrate.model import UNKNOWN, Evidence, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.source import Scope


class Receivers:
    """Reads the signatures of the functions of one program."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program

    def declared(self, call: ast.Call, passed: ast.expr, scope: Scope) -> Iterator[Evidence]:
        """Yield the declared types of the parameters that take ``passed``, an argument of ``call``."""
        for function, filled in self._functions(call, scope):
            arg = _parameter(function, call, passed, filled)
            if arg is not None and arg.annotation is not None:
                ref = annotation(arg.annotation, function.outer, self._program)
                ref = UNKNOWN if ref.name == "object" else ref
                yield Evidence(ref, Source.DECLARED, function.scope.module.where(arg.lineno))
        for made in self._program.refs(call.func, scope):
            if isinstance(made, ClassNode) and self._program.method(made, "__init__") is None:
                yield from self._field(made, call, passed)

    def callers(self, function: FunctionNode) -> list[tuple[ast.Call, Scope]]:
        """Return the calls of a function, also those through values whose types tell that it is meant."""
        found = [(call, scope) for call, scope, _ in self._inference.calls.sure(function)]
        if function.owner is not None:
            self._inference.routes.calls_of(function, found.append)
            self._inference.solver.solve()
        return list(dict.fromkeys(found))

    def _functions(self, call: ast.Call, scope: Scope) -> Iterator[tuple[FunctionNode, int]]:
        """Yield the functions that a call goes to, and how many parameters the access to each fills."""
        refs = self._program.refs(call.func, scope)
        for ref in refs:
            made = self._program.method(ref, "__init__") if isinstance(ref, ClassNode) else None
            if made is not None:
                yield made, 1
            elif isinstance(ref, FunctionNode):
                yield ref, parameters_filled(ref, call)
        if not refs and isinstance(call.func, ast.Attribute):
            receiver = Value(call.func.value, scope, call.lineno)
            for found in sorted(self._inference.solver.value(("expr", receiver, ""))):
                method = self._inference.function(found.name, call.func.attr) if ":" in found.name else None
                if method is not None:
                    yield method, int(method.bound)

    def _field(self, made: ClassNode, call: ast.Call, passed: ast.expr) -> Iterator[Evidence]:
        """Yield what is declared of the field of a dataclass or the like that takes an argument."""
        lineage = reversed(self._inference.lineage(made.key))
        fields = {each.name: each for owner in lineage for each in self._inference.declared(owner)}
        named = next((word.arg for word in call.keywords if word.value is passed), None)
        if named is None and passed in call.args:
            named = next(iter(list(fields)[call.args.index(passed) :]), None)
        field = fields.get(named or "")
        if field is not None and field.annotation is not None:
            ref = annotation(field.annotation, field.scope, self._program)
            yield Evidence(ref, Source.DECLARED, field.scope.module.where(field.line))


def _parameter(function: FunctionNode, call: ast.Call, passed: ast.expr, filled: int) -> ast.arg | None:
    args = function.node.args
    for word in call.keywords:
        if word.value is passed:
            return next((arg for arg in function.parameters if arg.arg == word.arg), None)
    positional = [*args.posonlyargs, *args.args][filled:]
    before = call.args[: call.args.index(passed)] if passed in call.args else None
    if before is None or any(isinstance(each, ast.Starred) for each in before):
        return None
    return positional[len(before)] if len(before) < len(positional) else args.vararg
