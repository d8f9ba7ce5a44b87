"""Which functions and classes the calls of the tree go to, as far as names alone tell."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from migrate.evidence.program import External
from migrate.evidence.source import ClassNode, FunctionNode, Parameter
from migrate.evidence.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.program import Program, Ref
    from migrate.evidence.source import Scope

    Reached = tuple[ast.Call, Scope, int]
    """A call, its scope, and how many parameters are filled before its first argument."""

_COPIERS = frozenset({"dataclasses.replace", "copy.replace", "attr.evolve", "attr.assoc", "attrs.evolve"})
"""Functions that copy an instance with other values."""


class CallIndex:
    """Calls by what they go to."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program: Program = inference.program
        self._sure: defaultdict[FunctionNode | str, list[Reached]] = defaultdict(list)
        self._possible: defaultdict[str, list[tuple[ast.Call, Scope]]] = defaultdict(list)
        self._constructors: dict[ClassNode, list[FunctionNode]] = {}
        self.copies: list[tuple[ast.Call, Scope, ast.expr]] = []
        """Calls that copy an instance with other values, and the instance."""
        self.of_classes: list[tuple[ast.Call, Scope]] = []
        """Calls of what may be a class by the type of a value: ``type(x)(…)``, ``cls: type[Task]``."""
        for module in self._program.modules.values():
            for call, scope in module.calls:
                self._enter(call, scope)

    def sure(self, callee: FunctionNode | str) -> list[Reached]:
        """Return the calls whose names resolve to a function, or to a class without its own constructor."""
        return self._sure.get(callee, [])

    def possible(self, method: str) -> list[tuple[ast.Call, Scope]]:
        """Return the calls of a method of that name on values, which may be of any class."""
        return self._possible.get(method, [])

    def _enter(self, call: ast.Call, scope: Scope) -> None:
        refs = self._program.refs(call.func, scope) or tuple(self._classes(call.func, scope))
        for ref in refs:
            if isinstance(ref, ClassNode):
                self._construction(call, scope, ref)
            elif isinstance(ref, FunctionNode):
                self._sure[ref].append((call, scope, parameters_filled(ref, call)))
        copied = self._copied(call, refs)
        if copied is not None:
            self.copies.append((call, scope, copied))
        if not refs and self._is_class_of(call.func, scope):
            self.of_classes.append((call, scope))
        if refs or not isinstance(call.func, ast.Attribute):
            return
        if _is_super(call.func.value):
            self._inherited(call, scope, call.func.attr)
        else:
            self._possible[call.func.attr].append((call, scope))

    def _copied(self, call: ast.Call, refs: tuple[Ref, ...]) -> ast.expr | None:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("_replace", "__replace__"):
            return call.func.value
        by_function = any(isinstance(ref, External) and ref.dotted in _COPIERS for ref in refs)
        return call.args[0] if by_function and call.args else None

    def _is_class_of(self, node: ast.expr, scope: Scope) -> bool:
        if isinstance(node, ast.Name):
            found = self._program.lookup(scope, node.id)
            bindings = found[1] if found else ()
            return any(isinstance(each, Parameter) and each.arg.annotation is not None for each in bindings)
        by_call = isinstance(node, ast.Call) and last_name(node) == "type" and len(node.args) == 1
        return by_call or (isinstance(node, ast.Attribute) and node.attr == "__class__")

    def _construction(self, call: ast.Call, scope: Scope, made: ClassNode) -> None:
        if made not in self._constructors:
            constructors = [self._program.method(made, name) for name in ("__init__", "__new__")]
            self._constructors[made] = [each for each in constructors if each is not None]
        found = self._constructors[made]
        for constructor in found:
            self._sure[constructor].append((call, scope, 1))
        if not found:
            for owner in self._inference.lineage(made.key):
                self._sure[owner].append((call, scope, 0))

    def _inherited(self, call: ast.Call, scope: Scope, name: str) -> None:
        """Enter ``super().name(…)``."""
        owner = self._owner(scope)
        below = self._program.subclasses.get(owner.key, ()) if owner else ()
        lines = [self._program.mro(node) for key in below for node in self._inference.nodes(key)]
        lines = [line[line.index(owner) :] for line in lines if owner in line]
        found = (
            [self._next_method(line, name) for line in [self._program.mro(owner), *lines]] if owner else []
        )
        for method in dict.fromkeys(filter(None, found)):
            self._sure[method].append((call, scope, int(method.bound)))

    def _next_method(self, line: list[ClassNode | External], name: str) -> FunctionNode | None:
        """Return the method that comes after the first class of a line of classes."""
        methods = (self._program.own_method(base, name) for base in line[1:])
        return next(filter(None, methods), None)

    def _classes(self, node: ast.expr, scope: Scope) -> Iterator[Ref]:
        """Yield what ``cls``, ``type(self)`` or ``self.__class__`` stands for: a class and its subclasses."""
        if isinstance(node, ast.Call) and last_name(node) == "type" and len(node.args) == 1:
            owner = self._self(node.args[0], scope, takes_class=False)
        elif isinstance(node, ast.Attribute) and node.attr == "__class__":
            owner = self._self(node.value, scope, takes_class=False)
        else:
            owner = self._self(node, scope, takes_class=True)
        if owner is not None:
            yield owner
            for key in self._program.subclasses.get(owner.key, ()):
                yield from self._inference.nodes(key)

    def _self(self, node: ast.expr, scope: Scope, *, takes_class: bool) -> ClassNode | None:
        """Return the class of which ``node`` is ``self`` (or, with ``takes_class``, ``cls``)."""
        found = self._program.lookup(scope, node.id) if isinstance(node, ast.Name) else None
        for binding in found[1] if found else ():
            function = binding.function if isinstance(binding, Parameter) and binding.is_receiver else None
            if function is not None and function.takes_class is takes_class:
                return function.owner
        return None

    def _owner(self, scope: Scope) -> ClassNode | None:
        function = self._program.function_of(scope)
        while function is not None and function.owner is None:
            function = self._program.function_of(function.outer)
        return function.owner if function else None


def parameters_filled(function: FunctionNode, call: ast.Call) -> int:
    """Return how many parameters the attribute access fills: none for ``Class.method(obj, …)``."""
    through_class = isinstance(call.func, ast.Attribute) and function.owner is not None
    fills = function.bound and (function.takes_class or not through_class) and function.name != "__new__"
    return int(fills)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
