"""Which equations hold about each place of the program: variables, parameters, results, fields."""

from __future__ import annotations

import ast
import math
from functools import partial
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.evidence.docstrings import documented
from migrate.evidence.fills import filled
from migrate.evidence.solver import Equation
from migrate.evidence.source import Annotated, FunctionNode, Imported, Opaque, Parameter, Rest, Step, Value
from migrate.evidence.syntax import last_name
from migrate.model import UNKNOWN, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.evidence.expressions import Expressions
    from migrate.evidence.inference import Inference
    from migrate.evidence.kinds import Declared
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Binding, Fill, Scope, Store
    from migrate.evidence.types import Types

TRANSPARENT = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "wraps",
        "override", "abstractmethod", "final", "setter", "getter", "deleter",
    }
)  # fmt: skip
"""Decorators that do not change what a function returns."""


class Equations:
    """Makes the equations of one program; see `migrate.evidence.inference` for the kinds of slots."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program

    @property
    def _expressions(self) -> Expressions:
        return self._inference.expressions  # made after the solver, which asks for equations

    def about(self, slot: Slot) -> Iterator[Equation]:
        """Yield all equations about a place."""
        kind, owner, name = slot
        if kind == "doubt":
            return iter(())
        if kind in ("args", "content"):
            whole = self._inference.arguments if kind == "args" else self._inference.contents
            return whole.equations(slot)
        makers: dict[str, Callable[..., Iterator[Equation]]] = {
            "var": self._variable,
            "param": self._parameter,
            "return": self._result,
            "field": self._field,
            "classvar": self._class_variable,
            "expr": self._expression,
        }
        return makers[kind](slot, owner, name)

    def _expression(self, slot: Slot, value: Value, _name: str) -> Iterator[Equation]:
        yield self._of_expr(slot, lambda: self.value(value), value.scope, value.line, value.expr)

    def _variable(self, slot: Slot, scope: Scope, name: str) -> Iterator[Equation]:
        made_sure = self._made_sure(scope, name)
        for binding in scope.names[name]:
            for equation in self._binding(slot, binding, scope):
                if made_sure:
                    equation.compute = partial(_narrowed, equation.compute, made_sure)
                yield equation
        for store in self._program.stores_to(scope, name):
            yield from self.assigned(slot, store.value)
        for fill in self._variable_fills(scope, name):
            yield self._fill(slot, fill)

    def _made_sure(self, scope: Scope, name: str) -> Types:
        """Return the classes that a function makes sure of for a variable; none if it does not."""
        guards = scope.module.guards.get((scope, name), ())
        bindings = scope.names[name]
        for guard in guards:
            if all(_line(binding) < guard.line for binding in bindings):
                parts = guard.classes.elts if isinstance(guard.classes, ast.Tuple) else [guard.classes]
                found = t.types(*(annotation(part, guard.scope, self._program) for part in parts))
                if UNKNOWN not in found:
                    return found
        return t.BOTTOM

    def _binding(self, slot: Slot, binding: Binding, scope: Scope) -> Iterator[Equation]:
        if isinstance(binding, Value | Annotated):
            yield from self.assigned(slot, binding)
        elif isinstance(binding, Parameter):
            line = binding.arg.lineno
            yield _equation(slot, lambda: self._inference.read_parameter(binding), scope, line)
        elif isinstance(binding, Opaque):
            yield _equation(slot, lambda: t.ANYTHING, scope, 0)
        elif isinstance(binding, Rest):
            yield self._rest(slot, binding, scope)
        elif isinstance(binding, Imported) and binding.name is not None:
            yield from self._imported(slot, binding)

    def _rest(self, slot: Slot, binding: Rest, scope: Scope) -> Equation:
        node, line = binding.arg.annotation, binding.arg.lineno
        function = scope.module.function_of.get(scope)
        if node is None and function is not None:
            passed = ("args", function, f"*{binding.arg.arg}")
            read = self._inference.solver.read
            return _equation(slot, lambda: _held_by_rest(binding, read(passed)), scope, line)
        held = annotation(node, binding.scope, self._program) if node else UNKNOWN
        whole = _held_by_rest(binding, t.types(held))
        return _equation(slot, lambda: whole, scope, line, Source.DECLARED)

    def _imported(self, slot: Slot, binding: Imported) -> Iterator[Equation]:
        for owner, name, bindings in self._program.origins_of(binding):
            for each in bindings:
                if isinstance(each, Value | Annotated):
                    yield from self.assigned(slot, each)
            for store in self._program.stores_to(owner, name):
                yield from self.assigned(slot, store.value)

    def assigned(
        self, slot: Slot, binding: Value | Annotated, *, as_declared: bool = True
    ) -> Iterator[Equation]:
        """Yield what an assignment says: its annotation if it has one, else its value."""
        scope, line = binding.scope, binding.line
        if isinstance(binding, Value):
            yield self._of_expr(slot, lambda: self.value(binding), scope, line, binding.expr)
            return
        declared = annotation(binding.annotation, scope, self._program)
        if declared != UNKNOWN and as_declared:
            yield _equation(slot, lambda: t.types(declared), scope, line, Source.DECLARED)
        elif binding.value is not None:
            value = Value(binding.value, scope, line)
            yield self._of_expr(slot, lambda: self.value(value), scope, line, value.expr)

    def value(self, binding: Value) -> Types:
        """Return the types of what a target is given."""
        found = self._expressions.of(binding.expr, binding.scope)
        for step in binding.steps:
            found = self._step(found, step)
        return found

    def _step(self, found: Types, step: Step | int) -> Types:
        if step is Step.ENTER:
            own = [ref for ref in t.ordered(found) if ":" in ref.name]
            entered = t.capped(
                part for ref in own for part in self._inference.call_method(ref.name, "__enter__")
            )
            return entered | (t.ANYTHING if len(own) < len(found) else t.BOTTOM)
        if step is Step.ELEMENT:
            own = [ref for ref in t.ordered(found) if ":" in ref.name]
            iterated = t.elements(frozenset(found) - frozenset(own))
            results = (self._inference.call_method(ref.name, "__iter__") for ref in own)
            return iterated | t.elements(frozenset(part for result in results for part in result))
        return t.items(found, step)

    def _parameter(self, slot: Slot, function: FunctionNode, name: str) -> Iterator[Equation]:
        arg = next(arg for arg in function.parameters if arg.arg == name)
        default = _default(function, name)
        scope = function.outer
        declared = annotation(arg.annotation, scope, self._program) if arg.annotation else UNKNOWN
        if declared != UNKNOWN:
            optional = isinstance(default, ast.Constant) and default.value is None
            found = t.types(declared) | (t.types(t.NONE) if optional else t.BOTTOM)
            yield _equation(slot, lambda: found, scope, arg.lineno, Source.DECLARED)
            return
        passed = ("args", function, name)
        yield _equation(slot, lambda: self._inference.solver.read(passed), scope, arg.lineno)
        said = documented(function, name, self._program)
        if said:
            # A docstring is believed only where the calls do not tell, and never to be all.
            told = partial(self._where_unknown, passed, said)
            yield _equation(slot, told, scope, arg.lineno)
        if default is not None:
            yield _equation(slot, lambda: self._expressions.of(default, scope), scope, arg.lineno)

    def _where_unknown(self, slot: Slot, said: Types) -> Types:
        return said if UNKNOWN in self._inference.solver.read(slot) else t.BOTTOM

    def _result(self, slot: Slot, function: FunctionNode, _name: str) -> Iterator[Equation]:
        node, scope = function.node, function.scope
        if isinstance(node, ast.AsyncFunctionDef):
            return
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            declared = annotation(node.returns, function.outer, self._program)
            if declared != UNKNOWN:
                yield _equation(slot, lambda: t.types(declared), scope, node.lineno, Source.DECLARED)
                return
            returned = self._self_result(node.returns, function)
            if returned:
                yield _equation(slot, lambda: returned, scope, node.lineno, Source.DECLARED)
                return
        said = documented(function, "", self._program)
        if said:
            yield _equation(slot, partial(self._where_unknown, slot, said), scope, node.lineno)
        if not function.decorators <= TRANSPARENT:
            yield _equation(slot, lambda: t.ANYTHING, scope, node.lineno)
            if function.generator:
                return
        yield from self._returned(slot, function)

    def _returned(self, slot: Slot, function: FunctionNode) -> Iterator[Equation]:
        """Yield what a function without annotation gives, as far as its decorators leave it."""
        node, scope = function.node, function.scope
        if function.generator:
            yields = function.yields
            yield self._of_expr(
                slot,
                lambda: t.make(
                    "collections.abc.Iterator",
                    [
                        *(r for e in yields for r in self._expressions.of(e, scope)),
                        *(r for e in function.delegates for r in t.elements(self._expressions.of(e, scope))),
                    ],
                ),
                scope,
                node.lineno,
                tuple(yields),
            )
            return
        for expr in function.returns:
            yield self._of_expr(slot, partial(self._expressions.of, expr, scope), scope, expr.lineno, expr)
        if not function.returns and not function.abstract:
            yield _equation(slot, lambda: t.types(t.NONE), scope, node.lineno)

    def _self_result(self, node: ast.expr, function: FunctionNode) -> Types:
        """Return the class for ``-> Self`` or ``-> T`` of a method that returns its own kind."""
        text = node.value if isinstance(node, ast.Constant) else last_name(node)
        return t.types(TypeRef(function.owner.key)) if text == "Self" and function.owner else t.BOTTOM

    def _class_variable(self, slot: Slot, key: str, name: str) -> Iterator[Equation]:
        for node in self._inference.nodes(key):
            for binding in node.scope.names.get(name, ()):
                if isinstance(binding, Value | Annotated):
                    yield from self.assigned(slot, binding)
        for each in (name, *self._inference.mangled(key, name)):
            self._inference.routes.class_stores_to(key, each, partial(self._add_store, slot))
            self._inference.routes.fills_of(key, each, partial(self._add_fill, slot))

    def _field(self, slot: Slot, key: str, name: str) -> Iterator[Equation]:
        for declared in self._inference.declared(key):
            if declared.name == name:
                yield from self._declared_field(slot, key, declared)
        stores = self._inference.self_stores.get(key, {}).get(name, ())
        for store in stores:
            yield from self.assigned(slot, store.value)
        own = [store for store in stores if not self._restores(store)]
        for computed in self._inference.computed.unresolved(key) if not own else ():
            if computed.value is not None:
                compute = partial(self._perhaps, computed.value, computed.scope)
                yield _equation(slot, compute, computed.scope, computed.value.lineno)
        self._inference.routes.stores_to(key, name, partial(self._add_store, slot))
        self._inference.routes.fills_of(key, name, partial(self._add_fill, slot))

    def _restores(self, store: Store) -> bool:
        function = self._program.function_of(store.scope)
        return function is not None and function.name == "__setstate__"

    def _perhaps(self, node: ast.expr, scope: Scope) -> Types:
        return self._expressions.of(node, scope) | t.ANYTHING

    def _declared_field(self, slot: Slot, key: str, declared: Declared) -> Iterator[Equation]:
        scope, line = declared.scope, declared.line
        ref = annotation(declared.annotation, scope, self._program) if declared.annotation else UNKNOWN
        if declared.annotation is not None:
            yield _equation(slot, lambda: t.types(ref), scope, line, Source.DECLARED)
        for value in declared.values:
            yield self._of_expr(slot, partial(self._expressions.of, value, scope), scope, line, value)
        factory = declared.factory
        if ref == UNKNOWN and factory is not None:
            yield _equation(slot, lambda: self._expressions.factory_result(factory, scope), scope, line)
        converter = declared.converter
        if ref == UNKNOWN and converter is not None:
            yield _equation(slot, lambda: self._expressions.factory_result(converter, scope), scope, line)
        if declared.annotation is None:
            yield _equation(
                slot, lambda: self._inference.solver.read(("args", key, declared.name)), scope, line
            )

    def _add_store(self, slot: Slot, store: Store) -> None:
        for equation in self.assigned(slot, store.value):
            self._inference.solver.add(equation)

    # --- containers that are filled --------------------------------------------------------------------

    def _variable_fills(self, scope: Scope, name: str) -> Iterator[Fill]:
        yield from self._program.variable_fills.get((scope, name), ())

    def _add_fill(self, slot: Slot, fill: Fill) -> None:
        self._inference.solver.add(self._fill(slot, fill))

    def _fill(self, slot: Slot, fill: Fill) -> Equation:
        def compute() -> Types:
            return filled(self._inference.solver.read(slot), fill, self._expressions)

        return self._of_expr(slot, compute, fill.scope, fill.line, fill.args)

    def _of_expr(
        self,
        slot: Slot,
        compute: Callable[[], Types],
        scope: Scope,
        line: int,
        exprs: ast.expr | tuple[ast.expr, ...],
    ) -> Equation:
        """Return an equation whose types are those of expressions, which a type checker may have told."""
        found = _equation(slot, compute, scope, line, exprs=exprs)
        told = self._inference.told
        if told and any(each in told for each in found.asked):
            found.source, found.checker = Source.CHECKER, self._inference.checker
        return found


def _equation(
    slot: Slot,
    compute: Callable[[], Types],
    scope: Scope,
    line: int,
    source: Source = Source.INFERRED,
    *,
    exprs: ast.expr | tuple[ast.expr, ...] = (),
) -> Equation:
    return Equation(slot, compute, source, scope.module, line, exprs, scope)


def _line(binding: Binding) -> float:
    """Return where a binding is made; later than everything if that is not known."""
    if isinstance(binding, Parameter | Rest):
        return binding.arg.lineno
    return binding.line if isinstance(binding, Value | Annotated) else math.inf


def _held_by_rest(binding: Rest, held: Types) -> Types:
    if binding.type == "tuple":
        return t.make("tuple", held, [t.ELLIPSIS])
    return t.make("dict", [TypeRef("str")], held)


def _narrowed(compute: Callable[[], Types], made_sure: Types) -> Types:
    found = compute()
    return (found - t.ANYTHING) | made_sure if UNKNOWN in found else found


def _default(function: FunctionNode, name: str) -> ast.expr | None:
    args = function.node.args
    positional = [*args.posonlyargs, *args.args]
    with_default = positional[len(positional) - len(args.defaults) :]
    for arg, default in zip(with_default, args.defaults, strict=True):
        if arg.arg == name:
            return default
    for arg, keyword_default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if arg.arg == name:
            return keyword_default
    return None
