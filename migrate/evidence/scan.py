"""One pass over the syntax tree of a module, which records its scopes and what happens in them."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from migrate.evidence.namespaces import is_globals, owner_of
from migrate.evidence.source import (
    Annotated,
    ClassNode,
    Computed,
    Defined,
    Fill,
    FunctionNode,
    Guard,
    Imported,
    Module,
    Opaque,
    Parameter,
    Rest,
    Scope,
    ScopeKind,
    Step,
    Store,
    Value,
    private_name,
)
from migrate.evidence.syntax import (
    UNSEEN,
    default_values,
    is_call_of,
    is_main_test,
    is_negation,
    last_name,
    literal_items,
    literal_text,
    part_of,
    surely_bound,
    typed_doc,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.evidence.source import Binding
    from migrate.sites.modules import Modules

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Function = ast.FunctionDef | ast.AsyncFunctionDef

FUNCTIONAL = frozenset(
    {"namedtuple", "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
)
"""Last names of the functions that make a class when called with its name."""
_FILLS = frozenset(
    {"append", "appendleft", "add", "insert", "extend", "extendleft", "update", "setdefault", "push"}
    | {"symmetric_difference_update"}
)
_PUTS = {
    **dict.fromkeys(("heappush", "heapreplace", "heappushpop"), "append"),
    **dict.fromkeys(("insort", "insort_left", "insort_right"), "append"),
    **dict.fromkeys(("iadd", "iconcat"), "extend"),
    "ior": "update",
}
"""Functions that put their second argument into the first, and the method that does so."""
_PASSING = (ast.Call, ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Subscript)
"""Expressions whose value may be one that has a name elsewhere."""
_UNBOUND = frozenset({"list", "dict", "set"})
"""Classes whose methods are called with the container as an argument now and then."""


def scan(path: str, source: bytes, modules: Modules, *, whole: bool = True) -> Module:
    """Parse and scan one file.

    Unless it is to stay ``whole``, statements are let go of: what was recorded holds its expressions itself.
    Raises `SyntaxError`, `ValueError` (NUL bytes, a wrong encoding), `RecursionError` or `MemoryError`, as
    :func:`ast.parse` does; the sites room reports such files.
    """
    tree = parsed(path, source)
    module = Module(modules.name_of(path), path, tree, package=modules.is_package(path))
    _Scanner(module, modules).run()
    if not whole:
        _let_go(module)
    return module


def parsed(path: str, source: bytes) -> ast.Module:
    """Return the syntax tree of a file. Raises as `scan` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, path)


def _let_go(module: Module) -> None:
    """Drop the statements of a module, but for those that are looked at later.

    These are a ``raise`` at the end of a function (see `FunctionNode.abstract`) and what ``__getstate__``
    does.
    """
    module.tree.body = []
    for made in module.classes:
        if made.node is not None:
            made.node.body = []
    for function in module.functions:
        body = function.node.body
        if isinstance(body, list) and "__getstate__" not in function.qualname.split("."):
            function.node.body = [last for last in body[-1:] if isinstance(last, ast.Raise)]


_SILENT = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop, ast.Name, ast.Constant)
"""Nodes in which there is nothing to visit: more than half of all."""


class _Scanner(ast.NodeVisitor):
    _visitors: ClassVar[dict[type[ast.AST], Callable[[_Scanner, Any], None] | None]] = {}
    """The method for each kind of node met, so that no name is put together for every node."""

    def __init__(self, module: Module, modules: Modules) -> None:
        self.module = module
        self.modules = modules
        self.scope = module.scope
        self.classes: list[ClassNode] = []
        self._setters = {"setattr"}
        """Names of ``setattr`` in this file."""
        self._spaces: dict[tuple[Scope, str], ast.expr] = {}
        """Variables that hold the dict of something's attributes, and the expression that gave it."""

    def run(self) -> None:
        for statement in self.module.tree.body:
            self.visit(statement)
            for name in surely_bound(statement):
                self.module.settled[name] = len(self.module.stars)

    def visit(self, node: ast.AST) -> None:
        kind = type(node)
        if kind not in self._visitors:
            method = getattr(type(self), f"visit_{kind.__name__}", type(self).generic_visit)
            self._visitors[kind] = None if issubclass(kind, _SILENT) else method
        visitor = self._visitors[kind]
        if visitor is not None:
            visitor(self, node)

    def generic_visit(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)

    # --- names -----------------------------------------------------------------------------------------

    def _bind(self, name: str, binding: Binding) -> None:
        scope = self.scope.shared.get(name, self.scope)
        scope.names.setdefault(name, []).append(binding)

    def _target(self, target: ast.expr, value: Value) -> None:
        """Record that (a part of) ``value`` is assigned to ``target``."""
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.visit(target.value)
            self._store(target.value, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self.visit(target)
            self._subscript_store(target, Value(part_of(value), value.scope, value.line))
        elif isinstance(target, ast.Starred):
            self._target(
                target.value, Value(value.expr, value.scope, value.line, (*value.steps, Step.ELEMENT))
            )
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)

    def _unpack(self, targets: list[ast.expr], value: Value) -> None:
        if not value.steps and isinstance(value.expr, ast.Tuple) and len(value.expr.elts) == len(targets):
            for target, part in zip(targets, value.expr.elts, strict=True):
                self._target(target, Value(part, value.scope, value.line))
            return
        starred = any(isinstance(target, ast.Starred) for target in targets)
        for position, target in enumerate(targets):
            if isinstance(target, ast.Starred):
                self._target(
                    target.value, Value(ast.Constant(None), value.scope, value.line, (Step.ELEMENT,))
                )
                continue
            step = Step.ELEMENT if starred else position
            self._target(target, Value(value.expr, value.scope, value.line, (*value.steps, step)))

    def _store(self, receiver: ast.expr, name: str, value: Value | Annotated) -> None:
        if name == "__dict__" and isinstance(value, Value):
            self._state(receiver, value.expr)
            return
        self.module.stores.append(Store(receiver, self._mangled(name), value, self.scope))

    def _mangled(self, name: str) -> str:
        """Return the name under which an attribute is stored."""
        return private_name(self.classes[-1].name, name) if self.classes else name

    def _state(self, receiver: ast.expr | None, state: ast.expr) -> None:
        """Record ``receiver.__dict__.update(state)``; ``globals().update(state)`` without a receiver."""
        pairs = literal_items(state)
        if pairs is None:
            self._computed(receiver, Computed(receiver or state, state, self.scope), state.lineno)
        for name, value in pairs or ():
            self._put(receiver, name, Value(value, self.scope, value.lineno))

    def _put(self, receiver: ast.expr | None, name: ast.expr, value: Value) -> None:
        """Record ``receiver.__dict__[name] = value``; ``globals()[name] = value`` without a receiver."""
        literal = literal_text(name)
        if literal is None:
            self._computed(receiver, Computed(receiver or name, None, self.scope), name.lineno)
        elif receiver is None:
            self.module.scope.names.setdefault(literal, []).append(value)
        else:
            self.module.stores.append(Store(receiver, literal, value, self.scope))

    def _computed(self, receiver: ast.expr | None, computed: Computed, line: int) -> None:
        if receiver is None:
            self.module.rebinds.append(line)
        else:
            self.module.dynamic.append(computed)

    def _space(self, node: ast.expr) -> tuple[bool, ast.expr | None]:
        """Return whether ``node`` is a dict of attributes, and of what; of the module if that is None."""
        scope: Scope | None = self.scope
        while isinstance(node, ast.Name) and scope is not None:
            node, scope = self._spaces.get((scope, node.id), node), scope.parent
        owner = owner_of(node)
        return owner is not None or is_globals(node, at_module=self.scope is self.module.scope), owner

    def _subscript_store(self, target: ast.Subscript, value: Value) -> None:
        base = target.value
        is_space, owner = self._space(base)
        if is_space:
            self._put(owner, target.slice, value)
        elif isinstance(target.slice, ast.Slice):
            self._fill(base, "extend", (value.expr,), target.lineno)
        else:
            self._fill(base, "[]", (target.slice, value.expr), target.lineno)
            method = ast.copy_location(ast.Attribute(base, "__setitem__", ast.Load()), target)
            call = ast.copy_location(ast.Call(method, [target.slice, value.expr], []), target)
            self.module.calls.append((call, self.scope))

    def _fill(self, container: ast.expr, method: str, args: tuple[ast.expr, ...], line: int) -> None:
        path: list[ast.expr | None] = []
        while True:
            if isinstance(container, ast.Subscript) and not is_globals(container.value, at_module=False):
                path.insert(0, container.slice)
                container = container.value
            elif is_call_of(container, "setdefault") and isinstance(container, ast.Call) and container.args:
                path.insert(0, container.args[0])
                container = container.func.value  # type: ignore[attr-defined]  # checked by the function above
            else:
                break
        if isinstance(container, (ast.Name, ast.Attribute)):
            name = container.id if isinstance(container, ast.Name) else self._mangled(container.attr)
            self.module.fills.append(Fill(container, name, tuple(path), method, args, self.scope, line))
        elif isinstance(container, _PASSING):
            self.module.fills.append(Fill(container, "", tuple(path), method, args, self.scope, line))

    # --- statements ------------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.module.imports.add(alias.name)
            whole = alias.name if alias.asname else alias.name.partition(".")[0]
            self._bind(alias.asname or whole, Imported(self.module.path, whole))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = self.modules.absolute(self.module.path, node.module, node.level)
        if module is None:
            for alias in node.names:
                self._bind(alias.asname or alias.name, Opaque())
            return
        self.module.imports.add(module)
        for alias in node.names:
            self.module.imports.add(f"{module}.{alias.name}")
            if alias.name == "*":
                self.module.stars.append(module)
            else:
                self._bind(alias.asname or alias.name, Imported(self.module.path, module, alias.name))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._target(target, Value(node.value, self.scope, node.lineno))
            if isinstance(target, ast.Name):
                self._other_name(target.id, node.value)

    def _other_name(self, name: str, value: ast.expr) -> None:
        """Remember a variable that stands for ``setattr``, or for the dict of something's attributes."""
        if last_name(value) in ("setattr", "__setattr__") and not isinstance(value, ast.Call):
            self._setters.add(name)
        elif self._space(value)[0] and not isinstance(value, ast.Name):
            self._spaces[self.scope, name] = value

    def visit_Delete(self, node: ast.Delete) -> None:
        self.module.deleted.update(each.attr for each in node.targets if isinstance(each, ast.Attribute))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        binding = Annotated(node.annotation, self.scope, node.lineno, node.value)
        if isinstance(node.target, ast.Name):
            self._bind(node.target.id, binding)
        elif isinstance(node.target, ast.Attribute):
            self._store(node.target.value, node.target.attr, binding)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        is_space, owner = self._space(node.target)
        if is_space and isinstance(node.target, ast.Name):
            self._state(owner, node.value)
        result = ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)
        self._target(node.target, Value(result, self.scope, node.lineno))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        # PEP 572: a walrus in a comprehension binds in the scope around it.
        while self.scope.qualname.endswith("<comp>") and self.scope.parent is not None:
            self.scope = self.scope.parent
        self._target(node.target, Value(node.value, scope, node.lineno))
        self.scope = scope

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._target(node.target, Value(node.iter, self.scope, node.lineno, (Step.ELEMENT,)))
        self._visit_all([*node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                value = Value(item.context_expr, self.scope, node.lineno, (Step.ENTER,))
                self._target(item.optional_vars, value)
        self._visit_all(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, Opaque())
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name, Opaque())
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name, Opaque())

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest, Opaque())
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        for name in node.names:
            if self.scope is not self.module.scope:
                self.scope.shared[name] = self.module.scope

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            outer = self.scope.parent
            while outer is not None and (outer.kind is not ScopeKind.FUNCTION or name not in outer.names):
                outer = outer.parent
            around = self.scope.parent  # where it is bound further down
            if outer is not None or (around is not None and around.kind is ScopeKind.FUNCTION):
                self.scope.shared[name] = outer or around or self.scope

    def visit_If(self, node: ast.If) -> None:
        if self.scope is self.module.scope and is_main_test(node.test):
            self.module.main_block = True
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        function = self.module.function_of.get(self.scope)
        if function is not None:
            function.returns.append(node.value or ast.copy_location(ast.Constant(None), node))
        self.generic_visit(node)

    def _visit_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        function = self.module.function_of.get(self.scope)
        if function is not None:
            function.generator = True
            if isinstance(node, ast.YieldFrom):
                function.delegates.append(node.value)
            elif node.value is not None:
                function.yields.append(node.value)
        self.generic_visit(node)

    visit_Yield = _visit_yield  # noqa: N815
    visit_YieldFrom = _visit_yield  # noqa: N815

    # --- classes and functions -------------------------------------------------------------------------

    def _qualified(self, name: str) -> str:
        outer = self.scope
        if name in outer.shared:
            return name
        if not outer.qualname:
            return name
        return (
            f"{outer.qualname}.{name}"
            if outer.kind is ScopeKind.CLASS
            else f"{outer.qualname}.<locals>.{name}"
        )

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        qualname = self._qualified(node.name)
        body = Scope(ScopeKind.CLASS, self.module, self.scope, qualname)
        line = min((decorator.lineno for decorator in node.decorator_list), default=node.lineno)
        made = ClassNode(node.name, qualname, self.module, line, self.scope, body, node, doc=typed_doc(node))
        self.module.classes.append(made)
        self._bind(node.name, Defined(made))
        self.classes.append(made)
        self._inside(body, lambda: self._visit_all(node.body))
        self.classes.pop()

    def _visit_function(self, node: _Function) -> None:
        self._visit_all([*node.decorator_list, *default_values(node.args)])
        qualname = self._qualified(node.name)
        owner = self.classes[-1] if self.scope.kind is ScopeKind.CLASS and self.classes else None
        body = Scope(ScopeKind.FUNCTION, self.module, self.scope, qualname)
        made = FunctionNode(node.name, qualname, node, self.scope, body, owner)
        made.decorators = frozenset(filter(None, map(last_name, node.decorator_list)))
        made.doc = typed_doc(node)
        self._guards(node.body, body)
        self._bind(node.name, Defined(made))
        self._function(made, lambda: self._visit_all(node.body))

    visit_FunctionDef = _visit_function  # noqa: N815
    visit_AsyncFunctionDef = _visit_function  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all(default_values(node.args))
        body = Scope(ScopeKind.FUNCTION, self.module, self.scope, self._qualified("<lambda>"))
        made = FunctionNode("<lambda>", body.qualname, node, self.scope, body)
        made.returns.append(node.body)
        self.module.scopes[node] = body
        self._function(made, lambda: self.visit(node.body))

    def _guards(self, body: list[ast.stmt], scope: Scope) -> None:
        """Record what a function makes sure of at its outermost level."""
        for statement in body:
            test: ast.expr | None = None
            if isinstance(statement, ast.Assert):
                test = statement.test
            elif isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise):
                negated = statement.test
                test = negated.operand if is_negation(negated) and isinstance(negated, ast.UnaryOp) else None
            if isinstance(test, ast.Call) and last_name(test.func) == "isinstance" and len(test.args) == 2:
                subject, classes = test.args
                if isinstance(subject, ast.Name):
                    guard = Guard(classes, scope, statement.lineno)
                    self.module.guards.setdefault((scope, subject.id), []).append(guard)

    def _function(self, made: FunctionNode, visit_body: Callable[[], None]) -> None:
        self.module.functions.append(made)
        self.module.function_of[made.scope] = made
        for arg in made.parameters:
            made.scope.names.setdefault(arg.arg, []).append(Parameter(made, arg))
        for rest, kind in ((made.node.args.vararg, "tuple"), (made.node.args.kwarg, "dict")):
            if rest is not None:
                made.scope.names.setdefault(rest.arg, []).append(Rest(kind, rest, made.outer))
        self._inside(made.scope, visit_body)

    def _inside(self, scope: Scope, visit: Callable[[], None]) -> None:
        outer, self.scope = self.scope, scope
        visit()
        self.scope = outer

    # --- expressions -----------------------------------------------------------------------------------

    def _visit_comprehension(self, node: _Comprehension) -> None:
        self.visit(node.generators[0].iter)
        inner = Scope(ScopeKind.FUNCTION, self.module, self.scope, self._qualified("<comp>"))
        self.module.scopes[node] = inner
        self._inside(inner, lambda: self._comprehension_body(node))

    def _comprehension_body(self, node: _Comprehension) -> None:
        for number, generator in enumerate(node.generators):
            if number:
                self.visit(generator.iter)
            scope = self.scope if number else self.scope.parent or self.scope
            self._target(generator.target, Value(generator.iter, scope, node.lineno, (Step.ELEMENT,)))
            self._visit_all(generator.ifs)
        self._visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    visit_ListComp = _visit_comprehension  # noqa: N815
    visit_SetComp = _visit_comprehension  # noqa: N815
    visit_DictComp = _visit_comprehension  # noqa: N815
    visit_GeneratorExp = _visit_comprehension  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        self.module.calls.append((node, self.scope))
        self._special_call(node)
        self.visit(node.func.value if isinstance(node.func, ast.Attribute) else node.func)
        self._visit_all([*node.args, *node.keywords])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self._taken_method(node.value, node.attr, node.lineno)
        self.generic_visit(node)

    def _taken_method(self, container: ast.expr, method: str, line: int) -> None:
        """Record ``put = container.append``: with what it is called, nobody sees."""
        if method in _FILLS:
            self._fill(container, method, (UNSEEN, UNSEEN), line)

    def _special_call(self, node: ast.Call) -> None:
        function, name = node.func, last_name(node.func)
        plain = not any(isinstance(arg, ast.Starred) for arg in node.args)
        if name == "setattr" or (isinstance(function, ast.Name) and name in self._setters):
            if len(node.args) == 3 and plain:
                self._set_attribute(*node.args)
        elif name in _PUTS and len(node.args) >= 2 and plain:
            self._fill(node.args[0], _PUTS[name], (node.args[1],), node.lineno)
        elif name == "getattr" and len(node.args) >= 2 and plain:
            self._taken_method(node.args[0], literal_text(node.args[1]) or "", node.lineno)
        elif name == "setitem" and len(node.args) == 3 and plain:
            container, key, value = node.args
            target = ast.copy_location(ast.Subscript(container, key, ast.Store()), node)
            self._subscript_store(target, Value(value, self.scope, node.lineno))
        elif name == "exec" and isinstance(function, ast.Name):
            # In a function, what it binds is gone after it; what has a dict of its own binds its names there.
            here = self.scope is self.module.scope and len(node.args) == 1
            if here or (len(node.args) > 1 and is_globals(node.args[1], at_module=True)):
                self.module.rebinds.append(node.lineno)
        elif name == "eval" and isinstance(function, ast.Name):
            self.module.looked_up = True
        elif isinstance(function, ast.Attribute):
            self._method_call(node, function)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and literal_text(node.slice) is None:
            self._look_up(node.value)
        self.generic_visit(node)

    def _look_up(self, space: ast.expr) -> None:
        """Record that something is taken out of ``space`` under a computed name."""
        is_space, owner = self._space(space)
        self.module.looked_up |= is_space and owner is None

    def _set_attribute(self, receiver: ast.expr, name: ast.expr, value: ast.expr) -> None:
        """Record ``setattr(receiver, name, value)``."""
        literal = literal_text(name)
        if literal is None:
            self.module.dynamic.append(Computed(receiver, None, self.scope, name, value))
        else:
            self._store(receiver, literal, Value(value, self.scope, value.lineno))

    def _method_call(self, node: ast.Call, function: ast.Attribute) -> None:
        owner, args = function.value, node.args
        if getattr(owner, "id", "") in _UNBOUND and args:  # dict.update(d, …)
            owner, args = args[0], args[1:]
        plain = not any(isinstance(arg, ast.Starred) for arg in args)
        is_space, of = self._space(owner)
        if is_space:
            self._space_call(of, owner, function.attr, args, node.keywords)
        elif function.attr in _FILLS and (args or node.keywords):
            self._filled(self._instead_of_super(owner), function.attr, args, node)
        elif function.attr == "__setattr__" and 2 <= len(args) <= 3 and plain:
            inherited = len(args) == 2
            receiver = self._instead_of_super(owner) if inherited else args[0]
            self._set_attribute(receiver, *args[-2:])
        elif function.attr == "__setitem__" and len(args) == 2 and plain:
            self._fill(self._instead_of_super(owner), "[]", tuple(args), node.lineno)

    def _filled(self, container: ast.expr, method: str, args: list[ast.expr], node: ast.Call) -> None:
        if any(isinstance(arg, ast.Starred) for arg in args):
            args = [UNSEEN, UNSEEN]
        if args:
            self._fill(container, method, tuple(args), node.lineno)
        for keyword in node.keywords if method == "update" else ():
            if keyword.arg:
                put = (ast.Constant(keyword.arg), keyword.value)
                self._fill(container, "[]", put, node.lineno)
            else:
                self._fill(container, method, (keyword.value,), node.lineno)

    def _space_call(
        self,
        of: ast.expr | None,
        space: ast.expr,
        method: str,
        args: list[ast.expr],
        keywords: list[ast.keyword],
    ) -> None:
        """Record the call of a method of a dict of attributes."""
        if method == "update":
            for arg in [*args, *(keyword.value for keyword in keywords if not keyword.arg)]:
                self._state(of, arg)
            for keyword in keywords:
                if keyword.arg:
                    value = Value(keyword.value, self.scope, keyword.value.lineno)
                    self._put(of, ast.Constant(keyword.arg), value)
        elif method in ("setdefault", "__setitem__") and len(args) == 2:
            self._put(of, args[0], Value(args[1], self.scope, args[1].lineno))
        elif method in ("values", "items", "get", "pop"):
            self._look_up(space)

    def _instead_of_super(self, owner: ast.expr) -> ast.expr:
        """Return ``self`` for ``super()``, whose methods put things into the same container."""
        function = self.module.function_of.get(self.scope)
        if last_name(owner) == "super" and isinstance(owner, ast.Call) and function and function.parameters:
            return ast.copy_location(ast.Name(function.parameters[0].arg, ast.Load()), owner)
        return owner

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)
