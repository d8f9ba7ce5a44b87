"""What a ``find_class`` does to the names in a pickle: it lets them pass, refuses them, or changes them.

    def find_class(self, module, name):
        if module == "builtins" and name in SAFE:
            return getattr(builtins, name)              # passes
        if module == "oldshop":
            module = "shop.models"                      # changes: oldshop:* is shop.models:*
        if module.startswith("shop."):
            return super().find_class(module, name)     # passes
        raise pickle.UnpicklingError(name)              # refuses

The method is followed along its branches, with what each test says about the two names. What it lets pass and
what it refuses need not be known: a reader of records makes registered classes only. What it changes must be,
for those are names in stored pickles. Anything that is not one of the three is not understood: a class made
up, a value kept, a loop that computes a name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeGuard

from attrs import evolve, field, frozen

from migrate.sites.scopes import ImportedName
from migrate.sites.values import InTree, Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.sites.resolve import Resolver
    from migrate.sites.scopes import Outline

Renames = tuple[tuple[str, str], ...]
"""Names in pickles and what they mean now: ``oldshop:Order`` and ``shop.models:Order``, or, for all that a
module held, ``oldshop`` and ``shop.models``."""

_MOST_STATES = 200
"""Branches after which a method counts as not understood; those of real ones are a handful."""
_IMPORTERS = frozenset({"importlib.import_module", "__import__"})
_CLASS = "class"
"""What a variable holds that was given the class."""
_ASKING = frozenset({"get", "keys", "values", "items", "copy"})
_COLLECTIONS = frozenset({"frozenset", "set", "tuple", "list", "dict"})


class _NotUnderstoodError(Exception):
    """The method does something else than to pass, refuse and rename."""


@frozen
class _Text:
    """What a variable holds: the name as it stands in the pickle (None), or this text instead."""

    part: str
    """``module``, ``name``, or ``class`` for what they stand for."""
    new: str | None = None


@frozen
class _State:
    """What is known at one point of the method, on one way to it."""

    variables: Mapping[str, _Text | None]
    """What variables hold; None for what is not followed."""
    module: frozenset[str] | None = None
    """The modules that the pickle can name here; None for any."""
    name: frozenset[str] | None = None
    pairs: frozenset[tuple[str, str]] | None = None
    """Both together, where a test asked for both together."""

    def holding(self, variable: str, value: _Text | None) -> _State:
        return evolve(self, variables={**self.variables, variable: value})

    def knowing(self, part: str, texts: frozenset[str]) -> _State:
        return evolve(self, module=texts) if part == "module" else evolve(self, name=texts)


def renames_of(node: ast.FunctionDef, outline: Outline, resolver: Resolver) -> Renames | None:
    """Return the names that a ``find_class`` changes; empty if it only restricts.

    None if it does anything else, or changes names in a way that does not say which.
    """
    arguments = [*node.args.posonlyargs, *node.args.args]
    more = (node.args.vararg, node.args.kwarg, *node.args.kwonlyargs)
    if len(arguments) != 3 or any(more) or node.decorator_list:
        return None
    _, module, name = (argument.arg for argument in arguments)
    start = _State({module: _Text("module"), name: _Text("name")})
    method = _Method(outline, resolver)
    try:
        if list(method.run(node.body, [start])):
            return None  # it gives None, which no pickle can want
    except _NotUnderstoodError:
        return None
    found = tuple(dict.fromkeys(method.renames))
    return found if all(map(method.is_in_tree, found)) else None


@frozen
class _Method:
    outline: Outline
    resolver: Resolver
    renames: list[tuple[str, str]] = field(factory=list)

    # --- statements -----------------------------------------------------------------------------------------

    def run(self, body: Iterable[ast.stmt], states: list[_State]) -> list[_State]:
        """Return the states in which ``body`` ends, of those that reach its end."""
        statements = list(body)
        if statements and isinstance(statements[-1], ast.Raise) and not _leaves(statements):
            return []  # what is said before a refusal makes no difference
        for statement in statements:
            states = self.step(statement, states)
            if len(states) > _MOST_STATES:
                raise _NotUnderstoodError
        return states

    def step(self, statement: ast.stmt, states: list[_State]) -> list[_State]:
        if isinstance(statement, ast.Raise):
            return []
        if isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom | ast.Assert):
            return states
        if isinstance(statement, ast.Return):
            for state in states:
                self.gives(statement.value, state)
            return []
        if isinstance(statement, ast.If):
            inside = [narrowed for state in states for narrowed in self.where(statement.test, state)]
            return [*self.run(statement.body, inside), *self.run(statement.orelse, states)]
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            return [after for state in states for after in self.assign(statement, state)]
        if isinstance(statement, ast.For):
            once = [state for start in states for state in self.unknown(statement.target, start)]
            return self.run(statement.orelse, [*states, *self.run(statement.body, once)])
        if isinstance(statement, ast.Try):
            return self.attempt(statement, states)
        if isinstance(statement, ast.Expr) and self.says_nothing(statement.value):
            return states
        raise _NotUnderstoodError

    def attempt(self, statement: ast.Try, states: list[_State]) -> list[_State]:
        done = self.run(statement.orelse, self.run(statement.body, states))
        caught = [state for handler in statement.handlers for state in self.run(handler.body, states)]
        return self.run(statement.finalbody, [*done, *caught])

    def says_nothing(self, node: ast.expr) -> bool:
        """Whether it is a docstring, or imports the module that the pickle names."""
        return isinstance(node, ast.Constant) or (
            isinstance(node, ast.Call) and self.dotted(node.func) in _IMPORTERS
        )

    def assign(self, statement: ast.Assign | ast.AnnAssign, state: _State) -> Iterator[_State]:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        target = targets[0]
        value = statement.value
        if len(targets) != 1 or value is None:
            raise _NotUnderstoodError
        if isinstance(target, ast.Name) and self.asks(value):
            self.gives(value, state)
            yield state.holding(target.id, _Text(_CLASS))
        elif isinstance(target, ast.Name):
            for text, found in self.texts(value, state):
                yield found.holding(target.id, text)
        else:
            yield from self.assign_pair(target, value, state)

    def assign_pair(self, target: ast.expr, value: ast.expr, state: _State) -> Iterator[_State]:
        """``module, name = MOVED.get((module, name), (module, name))``."""
        names = [each.id for each in getattr(target, "elts", ()) if isinstance(each, ast.Name)]
        looked_up = self.looked_up(value, state)
        if len(names) != 2 or looked_up is None:
            yield from self.unknown(target, state)
            return
        table, otherwise = looked_up
        for old, new in table.items():
            if not (_is_pair(old) and _is_pair(new)):
                raise _NotUnderstoodError
            found = evolve(state, pairs=frozenset({old}))
            yield found.holding(names[0], _Text("module", new[0])).holding(names[1], _Text("name", new[1]))
        if otherwise is not None:
            same = [self.text(each, state) for each in getattr(otherwise, "elts", ())]
            yield state.holding(names[0], same[0]).holding(names[1], same[1]) if len(same) == 2 else state

    def unknown(self, target: ast.expr, state: _State) -> Iterator[_State]:
        """Forget what the variables of a target held; a target that is no variable keeps a value."""
        if any(isinstance(each, ast.Attribute | ast.Subscript) for each in ast.walk(target)):
            raise _NotUnderstoodError
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                state = state.holding(each.id, None)
        yield state

    # --- tests ----------------------------------------------------------------------------------------------

    def where(self, test: ast.expr, state: _State) -> list[_State]:
        """Return the state in which a test has been passed, with what it says of the names."""
        if any(isinstance(each, ast.NamedExpr) for each in ast.walk(test)):
            raise _NotUnderstoodError
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            found = [state]
            for part in test.values:
                found = [narrowed for each in found for narrowed in self.where(part, each)]
            return found
        if isinstance(test, ast.BoolOp):
            return [narrowed for part in test.values for narrowed in self.where(part, state)]
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return [self.compared(test.left, test.ops[0], test.comparators[0], state)]
        return [state]

    def compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr, state: _State) -> _State:
        value = self.literal(right)
        if isinstance(op, ast.Eq):
            value = (value,)
        elif not isinstance(op, ast.In):
            return state
        if not isinstance(value, tuple | list | set | frozenset | dict):
            return state
        if isinstance(left, ast.Tuple) and [self.part(each, state) for each in left.elts] == [
            "module",
            "name",
        ]:
            pairs = frozenset(each for each in value if _is_pair(each))
            return evolve(state, pairs=pairs) if len(pairs) == len(value) else state
        part = self.part(left, state)
        texts = frozenset(each for each in value if isinstance(each, str))
        if part is None or len(texts) != len(value):
            return state
        return state.knowing(part, texts)

    def part(self, node: ast.expr, state: _State) -> str | None:
        """Return which of the two names, as it stands in the pickle, an expression is."""
        text = self.text(node, state)
        return text.part if text is not None and text.new is None else None

    # --- values ---------------------------------------------------------------------------------------------

    def texts(self, node: ast.expr, state: _State) -> Iterator[tuple[_Text | None, _State]]:
        """Yield what an expression can be, each with the state in which it is that."""
        looked_up = self.looked_up(node, state)
        if looked_up is None:
            yield self.text(node, state), state
            return
        table, otherwise = looked_up
        part = self.part(_key(node), state)
        if part is None or not all(isinstance(text, str) for pair in table.items() for text in pair):
            yield None, state
            return
        for old, new in table.items():
            yield _Text(part, str(new)), state.knowing(part, frozenset({str(old)}))
        if otherwise is not None:
            yield self.text(otherwise, state), state

    def text(self, node: ast.expr | None, state: _State) -> _Text | None:
        """Return which name an expression is, or a module by; None for anything else."""
        if isinstance(node, ast.Name) and node.id in state.variables:
            return state.variables[node.id]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return _Text("", node.value)
        if isinstance(node, ast.Call) and self.dotted(node.func) in _IMPORTERS and node.args:
            return self.text(node.args[0], state)
        if isinstance(node, ast.Subscript) and self.dotted(node.value) == "sys.modules":
            return self.text(node.slice, state)
        module = self.module(node)
        return _Text("", module) if module is not None else None

    def module(self, node: ast.expr | None) -> str | None:
        """Return the name of a module that an expression names."""
        value = self.resolver.expression(self.outline, node) if node is not None else None
        if isinstance(value, InTree):
            return self.resolver.modules.name_of(value.path)
        return value.dotted if isinstance(value, Named) and not value.instance else None

    def dotted(self, node: ast.expr) -> str:
        value = self.resolver.expression(self.outline, node)
        if isinstance(value, Named):
            return value.dotted
        return node.id if value is None and isinstance(node, ast.Name) else ""

    def is_changed(self, table: ast.Name | ast.Attribute) -> bool:
        """Whether the file does more with a table than to look up and to ask what is in it."""
        name = _last_name(table)
        for node in ast.walk(self.outline.file.tree):
            if not isinstance(node, ast.Name | ast.Attribute) or _last_name(node) != name:
                continue
            parent = self.outline.parents[node]
            if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
                return True
            if isinstance(parent, ast.Attribute) and parent.attr not in _ASKING:
                return True
        return False

    def looked_up(self, node: ast.expr, state: _State) -> tuple[dict[object, object], ast.expr | None] | None:
        """Return the table in which an expression looks a name up, and what it is without an entry."""
        if isinstance(node, ast.Subscript):
            table, otherwise = self.literal(node.value), None
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and len(node.args) == 2
        ):
            table, otherwise = self.literal(node.func.value), node.args[1]
        else:
            return None
        key = _key(node)
        parts = [self.part(each, state) for each in getattr(key, "elts", (key,))]
        return (table, otherwise) if isinstance(table, dict) and None not in parts else None

    def literal(self, node: ast.expr) -> object:
        """Return the value of a constant, by way of a global or an attribute of the class; else None."""
        if isinstance(node, ast.Name | ast.Attribute) and self.is_changed(node):
            return None
        if isinstance(node, ast.Name):
            bindings = self.outline.module.bindings.get(node.id, [])
        elif isinstance(node, ast.Attribute):
            classes = [scope for scope in self.outline.scopes if scope.kind == "class"]
            bindings = [b for scope in classes for b in scope.bindings.get(node.attr, ())]
        else:
            bindings = []
        if len(bindings) == 1 and isinstance(bindings[0].meaning, ast.expr):
            node = bindings[0].meaning
        if isinstance(node, ast.Call) and len(node.args) == 1 and self.dotted(node.func) in _COLLECTIONS:
            node = node.args[0]
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, MemoryError, RecursionError):
            return None

    def asks(self, node: ast.expr) -> bool:
        """Whether it asks for a class by its names: ``super().find_class(…)``, ``getattr(module, name)``."""
        if not isinstance(node, ast.Call) or node.keywords:
            return False
        if isinstance(node.func, ast.Attribute) and node.func.attr == "find_class":
            return self.is_inherited(node.func.value, len(node.args))
        return len(node.args) == 2 and self.dotted(node.func) == "getattr"

    def is_inherited(self, owner: ast.expr, arguments: int) -> bool:
        """Whether ``owner`` is ``super()``, or the class of pickle, which is also given the object."""
        if isinstance(owner, ast.Call):
            return arguments == 2 and isinstance(owner.func, ast.Name) and owner.func.id == "super"
        value = self.resolver.expression(self.outline, owner)
        return arguments == 3 and isinstance(value, Named) and value.pickles and value.reason is None

    # --- results --------------------------------------------------------------------------------------------

    def gives(self, node: ast.expr | None, state: _State) -> None:
        """Note what the class that is returned was called in the pickle."""
        if isinstance(node, ast.Call) and self.asks(node):
            self.found(self.text(node.args[-2], state), self.text(node.args[-1], state), state)
            return
        if isinstance(node, ast.Name) and state.variables.get(node.id) == _Text(_CLASS):
            return
        home, name = self.named(node)
        self.found(_Text("", home), _Text("", name), state)

    def named(self, node: ast.expr | None) -> tuple[str, str]:
        """Return module and name of a class that an expression names: its own, imported, of a module."""
        if isinstance(node, ast.Attribute):
            module = self.module(node.value)
            if module is not None:
                return module, node.attr
        elif isinstance(node, ast.Name):
            bindings = self.outline.module.bindings.get(node.id, [])
            meaning = bindings[0].meaning if len(bindings) == 1 else None
            if isinstance(meaning, ast.ClassDef):
                return self.resolver.modules.name_of(self.outline.path), meaning.name
            if isinstance(meaning, ImportedName):
                home = self.resolver.modules.absolute(self.outline.path, meaning.module, meaning.level)
                return home or meaning.module or "", meaning.name
        raise _NotUnderstoodError

    def found(self, module: _Text | None, name: _Text | None, state: _State) -> None:
        """Note a rename, unless the class is the one that the pickle named."""
        if (
            module is None
            or name is None
            or module.part not in ("module", "")
            or name.part not in ("name", "")
        ):
            raise _NotUnderstoodError
        if module.new == "builtins" and name.new is None:
            return  # pickles of Python 2 say __builtin__, and every reader knows
        if module.new is None and name.new is None:
            return
        for old_module, old_name in _named(state, name):
            new_module, new_name = module.new or old_module, name.new or old_name
            if (old_module, old_name) == (new_module, new_name):
                continue
            if old_name is None:
                self.renames.append((old_module, new_module))
            else:
                self.renames.append((f"{old_module}:{old_name}", f"{new_module}:{new_name}"))

    def is_in_tree(self, rename: tuple[str, str]) -> bool:
        """Whether what a name means now is a module of the tree, or in one."""
        return self.resolver.modules.path_of(rename[1].partition(":")[0]) is not None


def _named(state: _State, name: _Text) -> Iterator[tuple[str, str | None]]:
    """Yield what the pickle can name here, as far as a rename needs to know it."""
    if state.pairs is not None:
        yield from sorted(state.pairs)
        return
    if state.module is None or (state.name is None and name.new is not None):
        raise _NotUnderstoodError  # which old module, or which old name?
    for old_module in sorted(state.module):
        if state.name is None:
            yield old_module, None
        else:
            yield from ((old_module, old_name) for old_name in sorted(state.name))


def _leaves(statements: Iterable[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Return) for statement in statements for node in ast.walk(statement))


def _key(node: ast.expr) -> ast.expr:
    """Return what is looked up in a table."""
    if isinstance(node, ast.Call):
        return node.args[0]
    return node.slice if isinstance(node, ast.Subscript) else node


def _last_name(node: ast.Name | ast.Attribute) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _is_pair(value: object) -> TypeGuard[tuple[str, str]]:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, str) for each in value)
