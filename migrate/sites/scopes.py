"""Names and scopes of one file, as Python resolves them.

The rules are those of the language reference, "Naming and binding" (class scopes are invisible to nested
functions; the first iterable of a comprehension, decorators, defaults, annotations and bases belong to the
enclosing scope; a walrus binds outside its comprehension). :mod:`symtable` knows the same but is no help
here: since PEP 709 it drops the tables of comprehensions, and none of its tables leads back to a syntax node.
The tests hold both against each other.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from attrs import Factory, define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.source import SourceFile

ScopeKind = Literal["module", "class", "function", "comprehension", "type parameters"]


@frozen
class ImportedModule:
    """``import a.b as x``: the name means the module ``dotted``."""

    dotted: str


@frozen
class ImportedName:
    """``from ..a import b``."""

    module: str | None
    level: int
    name: str


Meaning = ImportedModule | ImportedName | ast.expr | ast.ClassDef | None
"""What a binding binds: an import, an expression assigned, a class; None for anything else."""


@frozen(eq=False)
class Binding:
    """One place that binds a name."""

    node: ast.AST
    """The statement, target or parameter."""
    meaning: Meaning = None


@frozen(eq=False)
class StarImport:
    """``from a import *``."""

    node: ast.ImportFrom
    scope: Scope


@define(eq=False)
class Scope:
    """A scope and the names bound in it."""

    kind: ScopeKind
    name: str = ""
    parent: Scope | None = None
    node: ast.AST | None = None
    bindings: dict[str, list[Binding]] = Factory(dict)
    globals: set[str] = Factory(set)
    nonlocals: set[str] = Factory(set)

    @property
    def qualified_name(self) -> str:
        """Dotted names of the enclosing classes and functions, empty at module level."""
        names = []
        scope: Scope | None = self
        while scope is not None:
            if scope.name:
                names.append(scope.name)
            scope = scope.parent
        return ".".join(reversed(names))

    @property
    def module(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def owner(self, name: str) -> Scope | None:
        """Return the scope whose binding ``name`` means here; None if no scope of the file binds it."""
        if name in self.globals:
            return self.module if name in self.module.bindings else None
        scope: Scope | None = self
        direct = True
        while scope is not None:
            if name in scope.bindings and (direct or scope.kind != "class"):
                return scope
            # What stands in a type parameter scope sees the names of the class around it (PEP 695).
            direct = direct and scope.kind == "type parameters"
            scope = scope.parent
        return None

    def target(self, name: str) -> Scope:
        """Return the scope in which binding ``name`` here takes effect."""
        if name in self.globals:
            return self.module
        if name in self.nonlocals:
            scope = self.parent
            while scope is not None:
                if scope.kind == "function" and name in scope.bindings:
                    return scope
                scope = scope.parent
        return self


@define(eq=False)
class Outline:
    """A file with its scopes."""

    file: SourceFile
    module: Scope
    parents: dict[ast.AST, ast.AST] = Factory(dict)
    scope_of: dict[ast.Name, Scope] = Factory(dict)
    """For every name that is read or deleted: the scope in which it is looked up."""
    stars: list[StarImport] = Factory(list)
    attributes: list[ast.Attribute] = Factory(list)
    strings: list[ast.Constant] = Factory(list)
    """String constants, docstrings included."""
    names: set[str] = Factory(set)
    """Every identifier bound or read."""
    libraries: set[str] = Factory(set)
    """Top-level names of all modules imported."""
    scopes: list[Scope] = Factory(list)
    whole: bool = True
    """Whether the bodies of functions are in it."""

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.file.path

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around ``node``, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that holds ``node``."""
        if isinstance(node, ast.stmt):
            return node
        return next(ancestor for ancestor in self.ancestors(node) if isinstance(ancestor, ast.stmt))


def outline(file: SourceFile) -> Outline:
    """Find the scopes, bindings and references of a file."""
    return _Builder(file).build()


def surface(file: SourceFile) -> Outline:
    """Find what a module and its classes bind, and let go of the bodies of functions in the tree of ``file``.

    They are most of a file, and of what its tree takes in memory. A body that says ``global`` binds names of
    the module, so the outline of such a file is whole.
    """
    if any(b"global" in line for line in file.lines):
        return outline(file)
    pending: list[ast.AST] = [file.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body.clear()
        elif not isinstance(node, ast.expr):
            pending += _children(node)
    found = outline(file)
    found.whole = False
    return found


_Work = tuple[ast.AST, Scope]
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@define(eq=False)
class _Builder:
    """Walks the tree with a worklist, because real files nest deeper than the recursion limit."""

    file: SourceFile
    pending: list[tuple[str, Scope, Binding]] = Factory(list)
    bound: set[ast.AST] = Factory(set)
    """Targets whose meaning is known already from their statement."""
    result: Outline = field(init=False)

    def build(self) -> Outline:
        module = Scope("module", node=self.file.tree)
        self.result = Outline(self.file, module, scopes=[module])
        parents = self.result.parents
        work: list[_Work] = [(self.file.tree, module)]
        while work:
            node, scope = work.pop()
            same = [node]
            while same:  # what stands in one scope: most of a file, so no pair is made for it
                node = same.pop()
                if isinstance(node, ast.Name):
                    self.name(node, scope)
                    continue
                handler = _HANDLERS.get(type(node))
                if handler is None:
                    children = _children(node)
                    for child in children:
                        parents[child] = node
                    same += children
                    continue
                entries = handler(self, node, scope)
                for entry in entries:
                    parents[entry[0]] = node
                work += entries
        self.settle()
        return self.result

    def settle(self) -> None:
        """Bind what was seen, when all ``global`` and ``nonlocal`` statements are known; in source order."""
        self.pending.sort(key=lambda entry: position(entry[2].node))
        for late in (False, True):
            for name, scope, binding in self.pending:
                if (name in scope.nonlocals) == late:
                    scope.target(name).bindings.setdefault(name, []).append(binding)
                    self.result.names.add(name)

    def bind(self, name: str, scope: Scope, node: ast.AST, meaning: Meaning = None) -> None:
        self.pending.append((name, scope, Binding(node, meaning)))

    def new_scope(self, kind: ScopeKind, parent: Scope, node: ast.AST, name: str = "") -> Scope:
        scope = Scope(kind, name, parent, node)
        self.result.scopes.append(scope)
        return scope

    # --- names ----------------------------------------------------------------------------------------------

    def name(self, node: ast.Name, scope: Scope) -> None:
        self.result.names.add(node.id)
        if not isinstance(node.ctx, ast.Store):
            self.result.scope_of[node] = scope
        elif node not in self.bound:
            self.bind(node.id, scope, node)

    def visit_attribute(self, node: ast.Attribute, scope: Scope) -> Iterable[_Work]:
        self.result.attributes.append(node)
        return [(node.value, scope)]

    def visit_constant(self, node: ast.Constant, scope: Scope) -> Iterable[_Work]:  # noqa: ARG002 - a handler
        if isinstance(node.value, str):
            self.result.strings.append(node)
        return ()

    def visit_global(self, node: ast.Global, scope: Scope) -> Iterable[_Work]:
        scope.globals.update(node.names)
        return ()

    def visit_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> Iterable[_Work]:
        scope.nonlocals.update(node.names)
        return ()

    # --- statements that bind -------------------------------------------------------------------------------

    def visit_import(self, node: ast.Import, scope: Scope) -> Iterable[_Work]:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            dotted = alias.name if alias.asname else top
            self.result.libraries.add(top)
            self.bind(alias.asname or top, scope, alias, ImportedModule(dotted))
        return [(alias, scope) for alias in node.names]

    def visit_import_from(self, node: ast.ImportFrom, scope: Scope) -> Iterable[_Work]:
        if node.module and not node.level:
            self.result.libraries.add(node.module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                self.result.stars.append(StarImport(node, scope))
            else:
                meaning = ImportedName(node.module, node.level, alias.name)
                self.bind(alias.asname or alias.name, scope, alias, meaning)
        return [(alias, scope) for alias in node.names]

    def visit_assign(self, node: ast.Assign, scope: Scope) -> Iterable[_Work]:
        for target in node.targets:
            self.bind_target(target, node.value, scope)
        return [(child, scope) for child in _children(node)]

    def visit_assigned(self, node: ast.AnnAssign | ast.NamedExpr, scope: Scope) -> Iterable[_Work]:
        target_scope = scope
        if isinstance(node, ast.NamedExpr):
            while target_scope.kind == "comprehension" and target_scope.parent is not None:
                target_scope = target_scope.parent
        if node.value is not None:
            self.bind_target(node.target, node.value, target_scope)
        return [(child, scope) for child in _children(node)]

    def bind_target(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, scope, target, value)
            self.bound.add(target)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            starred = any(isinstance(item, ast.Starred) for item in [*target.elts, *value.elts])
            if not starred and len(target.elts) == len(value.elts):
                for inner, item in zip(target.elts, value.elts, strict=True):
                    self.bind_target(inner, item, scope)

    def visit_named(self, node: ast.AST, scope: Scope) -> Iterable[_Work]:
        """Bind what handlers and patterns do: ``except E as name``, ``case [*name]``, ``case {**rest}``."""
        name = (
            getattr(node, "rest", None) if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        )
        if name:
            self.bind(name, scope, node)
        return [(child, scope) for child in _children(node)]

    # --- nodes that open a scope ----------------------------------------------------------------------------

    def visit_function(self, node: _FunctionNode, scope: Scope) -> Iterable[_Work]:
        self.bind(node.name, scope, node)
        outer, generic = self.type_parameters(node, scope)
        inner = self.new_scope("function", outer, node, node.name)
        work: list[_Work] = [(decorator, scope) for decorator in node.decorator_list]
        work += generic
        work += self.arguments(node.args, scope, outer, inner)
        if node.returns is not None:
            work.append((node.returns, outer))
        return work + [(statement, inner) for statement in node.body]

    def visit_lambda(self, node: ast.Lambda, scope: Scope) -> Iterable[_Work]:
        inner = self.new_scope("function", scope, node)
        return [*self.arguments(node.args, scope, scope, inner), (node.body, inner)]

    def arguments(self, args: ast.arguments, scope: Scope, annotations: Scope, inner: Scope) -> list[_Work]:
        """Bind parameters in ``inner``; defaults belong to ``scope``, annotations to ``annotations``."""
        parameters = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        parameters += [extra for extra in (args.vararg, args.kwarg) if extra is not None]
        for parameter in parameters:
            self.bind(parameter.arg, inner, parameter)
        work: list[_Work] = [(default, scope) for default in args.defaults]
        work += [(default, scope) for default in args.kw_defaults if default is not None]
        work += [(parameter, annotations) for parameter in parameters]
        return work

    def visit_class(self, node: ast.ClassDef, scope: Scope) -> Iterable[_Work]:
        self.bind(node.name, scope, node, node)
        outer, generic = self.type_parameters(node, scope)
        inner = self.new_scope("class", outer, node, node.name)
        work: list[_Work] = [(decorator, scope) for decorator in node.decorator_list]
        work += generic
        work += [(base, outer) for base in [*node.bases, *node.keywords]]
        return work + [(statement, inner) for statement in node.body]

    def visit_type_alias(self, node: ast.AST, scope: Scope) -> Iterable[_Work]:
        outer, generic = self.type_parameters(node, scope)
        name, value = (getattr(node, field) for field in ("name", "value"))
        return [*generic, (name, scope), (value, outer)]

    def type_parameters(self, node: ast.AST, scope: Scope) -> tuple[Scope, list[_Work]]:
        """Open the scope of ``[T: bound]`` (PEP 695), if the node has any."""
        parameters: list[ast.AST] = getattr(node, "type_params", [])
        if not parameters:
            return scope, []
        inner = self.new_scope("type parameters", scope, node)
        for parameter in parameters:
            name: str = vars(parameter)["name"]
            self.bind(name, inner, parameter)
        return inner, [(parameter, inner) for parameter in parameters]

    def visit_comprehension(self, node: _Comprehension, scope: Scope) -> Iterable[_Work]:
        inner = self.new_scope("comprehension", scope, node)
        generators = node.generators
        work: list[_Work] = []
        for index, generator in enumerate(generators):
            work.append((generator.iter, scope if index == 0 else inner))
            work += [(part, inner) for part in [generator.target, *generator.ifs]]
        results = (getattr(node, field, None) for field in ("elt", "key", "value"))
        return work + [(result, inner) for result in results if result is not None]


_NO_CHILDREN = frozenset({"ctx", "op", "ops", "type_comment", "kind"})
"""Fields with contexts and operators, half of all nodes, and with texts."""
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of nodes that can hold others."""
    found = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _NO_CHILDREN)
    return found


def _children(node: ast.AST) -> list[ast.AST]:
    """Return child nodes, as `ast.iter_child_nodes` does, less contexts and operators."""
    kind = type(node)
    children: list[ast.AST] = []
    for name in _FIELDS.get(kind) or _fields(kind):
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            children.append(value)
        elif isinstance(value, list):
            children += [item for item in value if isinstance(item, ast.AST)]
    return children


def position(node: ast.AST) -> tuple[int, int]:
    """Return where a node starts: line and column."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


_Handler = Callable[[_Builder, Any, Scope], Iterable[_Work]]

_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Attribute: _Builder.visit_attribute,
    ast.Constant: _Builder.visit_constant,
    ast.Global: _Builder.visit_global,
    ast.Nonlocal: _Builder.visit_nonlocal,
    ast.Import: _Builder.visit_import,
    ast.ImportFrom: _Builder.visit_import_from,
    ast.Assign: _Builder.visit_assign,
    ast.AnnAssign: _Builder.visit_assigned,
    ast.NamedExpr: _Builder.visit_assigned,
    ast.ExceptHandler: _Builder.visit_named,
    ast.MatchAs: _Builder.visit_named,
    ast.MatchStar: _Builder.visit_named,
    ast.MatchMapping: _Builder.visit_named,
    ast.FunctionDef: _Builder.visit_function,
    ast.AsyncFunctionDef: _Builder.visit_function,
    ast.Lambda: _Builder.visit_lambda,
    ast.ClassDef: _Builder.visit_class,
    ast.ListComp: _Builder.visit_comprehension,
    ast.SetComp: _Builder.visit_comprehension,
    ast.DictComp: _Builder.visit_comprehension,
    ast.GeneratorExp: _Builder.visit_comprehension,
}
if hasattr(ast, "TypeAlias"):
    _HANDLERS[ast.TypeAlias] = _Builder.visit_type_alias
