"""The types that an expression may have, from its syntax and from what is known of the places it reads."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.evidence.program import External, Package
from migrate.evidence.source import ClassNode, Defined, FunctionNode, Value
from migrate.model import UNKNOWN, Kind, TypeRef

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.evidence.inference import Inference
    from migrate.evidence.program import Ref
    from migrate.evidence.source import Scope
    from migrate.evidence.types import Types

_MAX_NESTING = 60
"""Nesting of expressions beyond which nothing is inferred, well below Python's recursion limit."""
_BOOL, _INT, _FLOAT, _STR = (TypeRef(name) for name in ("bool", "int", "float", "str"))
_NUMBERS = {_BOOL: 0, _INT: 1, _FLOAT: 2, TypeRef("complex"): 3}
_OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.BitOr: "or", ast.BitAnd: "and", ast.BitXor: "xor",
    ast.LShift: "lshift", ast.RShift: "rshift", ast.MatMult: "matmul",
}  # fmt: skip
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
_COMPARISONS = {
    ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}  # fmt: skip
_TIME_ARITHMETIC = {
    ("datetime.datetime", "-", "datetime.datetime"): "datetime.timedelta",
    ("datetime.date", "-", "datetime.date"): "datetime.timedelta",
    **{
        (left, op, "datetime.timedelta"): left
        for left in ("datetime.datetime", "datetime.date", "datetime.timedelta")
        for op in "+-"
    },
}


class Expressions:
    """Types of expressions. It reads places through ``inference``, so its answers grow while that solves."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._solver = inference.solver
        self._told = inference.told
        self._resolved: dict[ast.expr, tuple[Scope, tuple[Ref, ...]]] = {}
        self._doubted: dict[ast.expr, tuple[str, ...]] = {}
        self._names: dict[ast.Name, tuple[Scope, Types, Scope | None]] = {}
        self._handlers: dict[type[ast.expr], Callable[..., Types]] = {
            ast.Constant: self._constant,
            ast.JoinedStr: lambda _node, _scope: t.types(_STR),
            ast.List: lambda node, scope: self._display("list", node.elts, scope),
            ast.Set: lambda node, scope: self._display("set", node.elts, scope),
            ast.Tuple: self._tuple,
            ast.Dict: self._dict,
            ast.ListComp: lambda node, _scope: self._comprehension("list", node),
            ast.SetComp: lambda node, _scope: self._comprehension("set", node),
            ast.GeneratorExp: lambda node, _scope: self._comprehension("collections.abc.Iterator", node),
            ast.DictComp: self._dict_comprehension,
            ast.Compare: self._compare,
            ast.BoolOp: self._bool_op,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.IfExp: lambda node, scope: self.of(node.body, scope) | self.of(node.orelse, scope),
            ast.NamedExpr: lambda node, scope: self.of(node.value, scope),
            ast.Lambda: lambda _node, _scope: t.types(t.CALLABLE),
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
        }

    def of(self, node: ast.expr, scope: Scope) -> Types:
        """Return the types that ``node`` may have; the empty set while nothing is known."""
        if self._told and node in self._told:
            return self._told[node]
        handler = self._handlers.get(type(node))
        solver = self._solver
        if handler is None or solver.nesting > _MAX_NESTING:
            return t.ANYTHING
        solver.nesting += 1
        try:
            return t.bounded(handler(node, scope))
        finally:
            solver.nesting -= 1

    # --- literals and displays -------------------------------------------------------------------------

    def _constant(self, node: ast.Constant, _scope: Scope) -> Types:
        return t.types(t.NONE if node.value is None else TypeRef(type(node.value).__name__))

    def _display(self, name: str, parts: list[ast.expr], scope: Scope) -> Types:
        return t.make(name, [ref for part in parts for ref in self._part(part, scope)])

    def _part(self, part: ast.expr, scope: Scope) -> Types:
        if isinstance(part, ast.Starred):
            return t.elements(self.of(part.value, scope))
        return self.of(part, scope)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Types:
        if any(isinstance(part, ast.Starred) for part in node.elts):
            return t.make(
                "tuple", [ref for part in node.elts for ref in self._part(part, scope)], [t.ELLIPSIS]
            )
        return t.make("tuple", *(self.of(part, scope) for part in node.elts))

    def _dict(self, node: ast.Dict, scope: Scope) -> Types:
        keys: set[TypeRef] = set()
        values: set[TypeRef] = set()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                merged = self.of(value, scope)
                keys |= t.elements(merged)
                values |= t.items(merged)
            else:
                keys |= self.of(key, scope)
                values |= self.of(value, scope)
        return t.make("dict", keys, values)

    def _comprehension(self, name: str, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Types:
        return t.make(name, self.of(node.elt, self._program.scope_of(node)))

    def _dict_comprehension(self, node: ast.DictComp, _scope: Scope) -> Types:
        inner = self._program.scope_of(node)
        return t.make("dict", self.of(node.key, inner), self.of(node.value, inner))

    # --- operators -------------------------------------------------------------------------------------

    def _bool_op(self, node: ast.BoolOp, scope: Scope) -> Types:
        found: Types = t.BOTTOM
        for position, value in enumerate(node.values):
            part = self.of(value, scope)
            last = position == len(node.values) - 1
            # ``x or y`` is never a None that x held, unless y is one.
            found |= part - {t.NONE} if isinstance(node.op, ast.Or) and not last else part
        return found

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Types:
        if isinstance(node.op, ast.Not):
            return t.types(_BOOL)
        found = self.of(node.operand, scope)
        own = [ref for ref in found if ":" in ref.name]
        special = _UNARY.get(type(node.op), "")
        made = [self._inference.call_method(ref.name, special) for ref in own]
        return t.united([frozenset(_INT if ref == _BOOL else ref for ref in found - frozenset(own)), *made])

    def _compare(self, node: ast.Compare, scope: Scope) -> Types:
        """Return what a comparison gives: a bool, unless a class of the tree compares in its own way."""
        sides = [ref for side in (node.left, *node.comparators) for ref in self.of(side, scope)]
        names = {_COMPARISONS[type(op)] for op in node.ops if type(op) in _COMPARISONS}
        own = [(ref.name, name) for ref in sides if ":" in ref.name for name in sorted(names)]
        called = [each for each in own if self._inference.function(*each)]
        return t.united([t.types(_BOOL), *(self._inference.call_method(*each) for each in called)])

    def _binary(self, node: ast.BinOp, scope: Scope) -> Types:
        left = self.of(node.left, scope)
        if isinstance(node.op, ast.Mod) and left and left <= {_STR, TypeRef("bytes")}:
            return left
        right = self.of(node.right, scope)
        own = frozenset(ref for ref in left if ":" in ref.name)
        special = f"__{_OPERATORS.get(type(node.op), '')}__"
        made = [self._inference.call_method(ref.name, special) for ref in own]
        found = frozenset(ref for a in left - own for b in right for ref in _operate(a, node.op, b))
        return t.united([found, *made])

    # --- names, attributes, items ----------------------------------------------------------------------

    def _refs(self, node: ast.expr, scope: Scope) -> tuple[Ref, ...]:
        """Return what an expression stands for; it is asked at every evaluation, and never changes."""
        known = self._resolved.get(node)
        if known is None or known[0] is not scope:
            known = self._resolved[node] = (scope, self._program.refs(node, scope))
        return known[1]

    def _name(self, node: ast.Name, scope: Scope) -> Types:
        known = self._names.get(node)
        if known is None or known[0] is not scope:
            known = self._names[node] = (scope, *self._named(node, scope))
        _, found, where = known
        return found if where is None else found | self._inference.read_variable(where, node.id)

    def _named(self, node: ast.Name, scope: Scope) -> tuple[Types, Scope | None]:
        """Return the types of what a name stands for, and the scope where it is a variable as well."""
        found = frozenset(part for ref in self._program.refs(node, scope) for part in _as_value(ref))
        local = self._program.lookup(scope, node.id)
        if local is not None:
            return found, local[0]
        constant = stdlib.CONSTANTS.get(node.id)
        return found or (t.types(parse(constant)) if constant else t.ANYTHING), None

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Types:
        if node.attr == "__class__":
            return frozenset(TypeRef("type", (ref,)) for ref in self.of(node.value, scope))
        refs = self._refs(node.value, scope)
        if refs:
            return t.BOTTOM.union(*[self._member(ref, node.attr) for ref in refs])
        return self.attribute(self.of(node.value, scope), node.attr)

    def _member(self, base: object, name: str) -> Types:
        if isinstance(base, Package):
            value = self._program.module_value(base, name)
            if value is not None:
                refs = self._program.member(base, name)
                return frozenset(
                    part for ref in refs for part in _as_value(ref)
                ) | self._inference.read_variable(value[0], name)
            base = External(stdlib.canonical(base.dotted))
        if isinstance(base, External):
            constant = stdlib.CONSTANTS.get(f"{base.dotted}.{name}")
            return t.types(parse(constant)) if constant else t.ANYTHING
        return self._class_member(base, name) if isinstance(base, ClassNode) else t.ANYTHING

    def _class_member(self, node: ClassNode, name: str) -> Types:
        if self._inference.kind(node.key) is Kind.ENUM and name in node.scope.names:
            return t.types(TypeRef(node.key))
        return self._inference.read_class_variable(node.key, name)

    def attribute(self, owners: Types, name: str) -> Types:
        """Return the types of the attribute ``name`` of a value of one of the types ``owners``."""
        return t.united([self._attribute_of(owner, name) for owner in t.ordered(owners) if owner != t.NONE])

    def _attribute_of(self, owner: TypeRef, name: str) -> Types:
        if owner == UNKNOWN:
            return t.ANYTHING
        if ":" in owner.name:
            return self._inference.read_attribute(owner.name, name)
        if owner.name == "type" and owner.args and ":" in owner.args[0].name:
            return self._inference.read_variable_of_class(owner.args[0].name, name)
        spec = stdlib.ATTRIBUTES.get(owner.name, {}).get(name)
        return resolve(spec, owner, []) if spec else t.ANYTHING

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Types:
        refs = self._refs(node.value, scope)
        if any(isinstance(ref, ClassNode | External) for ref in refs):
            return t.types(*(part for ref in refs for part in _as_value(ref)))
        base = self.of(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            return frozenset(_sliced(ref) for ref in base - {t.NONE})
        return t.united([self._item(ref, _literal_key(node.slice)) for ref in t.ordered(base)])

    def _item(self, owner: TypeRef, key: object) -> Types:
        if ":" in owner.name:
            return self._inference.call_method(owner.name, "__getitem__")
        return t.items(t.types(owner), key)

    # --- calls -----------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope) -> Types:
        declared = self._inference.declared_result(node)
        if declared is not None:
            return declared
        if isinstance(node.func, ast.Attribute) and node.func.attr == "__new__" and node.args:
            made = self.of(node.args[0], scope)
            if made and all(ref.name == "type" and ref.args for ref in made):
                return t.types(*(ref.args[0] for ref in made))
        refs = self._refs(node.func, scope)
        if refs:
            for why in self._doubts_of(node.func, scope, refs):
                self._inference.doubt(why)
            return t.united([self._call_ref(ref, node, scope) for ref in refs])
        if isinstance(node.func, ast.Attribute):
            return self._call_method(node, node.func, scope)
        if isinstance(node.func, ast.Subscript):
            entries = [
                self._call_entry(entry, node, within) for entry, within in self._table(node.func.value, scope)
            ]
            if entries:
                return t.united([t.ANYTHING, *entries])
        return t.united([self._call_value(ref) for ref in t.ordered(self.of(node.func, scope))])

    def _doubts_of(self, node: ast.expr, scope: Scope, refs: tuple[Ref, ...]) -> tuple[str, ...]:
        """Return why calling what ``node`` names may call something else, or give something else."""
        if node not in self._doubted:
            doubts = self._inference.doubts
            found = [doubts.of_definition(r) for r in refs if isinstance(r, ClassNode | FunctionNode)]
            found += [doubts.of_made(ref) for ref in refs if isinstance(ref, ClassNode)]
            bound = self._program.lookup(scope, node.id) if isinstance(node, ast.Name) else None
            if bound is not None and isinstance(node, ast.Name):
                found += doubts.of_bindings(node.id, bound[1])
            self._doubted[node] = tuple(dict.fromkeys(filter(None, found)))
        return self._doubted[node]

    def _table(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """Return the values of a dict that a name is bound to, if they can be functions."""
        bindings = self._program.values_of(node.id, scope) if isinstance(node, ast.Name) else []
        return [
            (entry, binding.scope)
            for binding in bindings
            if isinstance(binding, Value) and not binding.steps and isinstance(binding.expr, ast.Dict)
            for entry in binding.expr.values
            if isinstance(entry, ast.Lambda | ast.Name | ast.Attribute)
        ]

    def _call_entry(self, entry: ast.expr, call: ast.Call, scope: Scope) -> Types:
        if isinstance(entry, ast.Lambda):
            return self.of(entry.body, self._program.scope_of(entry))
        return t.united([self._call_ref(ref, call, scope) for ref in self._refs(entry, scope)])

    def _call_value(self, ref: TypeRef) -> Types:
        if ref.name == "type" and ref.args:
            return t.types(ref.args[0])
        return self._inference.call_method(ref.name, "__call__") if ":" in ref.name else t.ANYTHING

    def _call_ref(self, ref: object, node: ast.Call, scope: Scope) -> Types:
        if isinstance(ref, ClassNode):
            # Of pydantic, Page[Order] is a class of its own; elsewhere it makes a Page like any other.
            own = isinstance(node.func, ast.Subscript) and self._inference.kind(ref.key) is Kind.PYDANTIC
            return t.types(annotation(node.func, scope, self._program) if own else TypeRef(ref.key))
        if isinstance(ref, FunctionNode):
            return self._inference.read_return(ref)
        return self._call_external(ref.dotted, node, scope) if isinstance(ref, External) else t.ANYTHING

    def _call_external(self, name: str, node: ast.Call, scope: Scope) -> Types:
        if name == "typing.cast" and node.args:
            return t.types(annotation(node.args[0], scope, self._program))
        if name == "type" and len(node.args) == 1:
            return frozenset(TypeRef("type", (ref,)) for ref in self.of(node.args[0], scope))
        if name in ("min", "max"):
            parts = [self.of(arg, scope) for arg in node.args]
            return (
                t.elements(parts[0]) if len(parts) == 1 else frozenset(ref for part in parts for ref in part)
            )
        if name in ("sum", "round", "pow"):
            return self._arithmetic_function(name, node, scope)
        if name == "getattr" and len(node.args) >= 2 and isinstance(_literal_key(node.args[1]), str):
            default = self.of(node.args[2], scope) if len(node.args) == 3 else t.BOTTOM
            return self.attribute(self.of(node.args[0], scope), str(_literal_key(node.args[1]))) | default
        if name == "super":
            return self._inference.super_of(scope)
        if name == "functools.partial" and node.args:
            made = self.of(node.args[0], scope)
            return made if all(ref.name == "type" for ref in made) else t.types(t.CALLABLE)
        if name in ("copy.copy", "copy.deepcopy") and node.args:
            return self._copied(self.of(node.args[0], scope), f"__{name.rpartition('.')[2]}__")
        spec = stdlib.FUNCTIONS.get(name)
        if spec is not None:
            return resolve(spec, UNKNOWN, [self._part(arg, scope) for arg in node.args])
        return self._construct(name, node, scope)

    def _copied(self, found: Types, special: str) -> Types:
        own = [ref for ref in found if ":" in ref.name and self._inference.function(ref.name, special)]
        made = [self._inference.call_method(ref.name, special) for ref in own]
        return t.united([found - frozenset(own), *made])

    def _arithmetic_function(self, name: str, node: ast.Call, scope: Scope) -> Types:
        if name == "round" and len(node.args) == 1:
            return t.types(_INT)
        found = self.of(node.args[0], scope) if node.args else t.ANYTHING
        return frozenset(
            _INT if ref == _BOOL else ref for ref in (t.elements(found) if name == "sum" else found)
        )

    def _construct(self, name: str, node: ast.Call, scope: Scope) -> Types:
        if name in t.CONTAINERS:
            return self._construct_container(name, node, scope)
        if name.startswith(("unittest.mock.", "mock.")):
            return t.BOTTOM  # stands for a value of whatever type the place has
        if name in stdlib.CALLED or name.rpartition(".")[2][:1].isupper():
            return t.types(TypeRef(name))
        return t.ANYTHING

    def _construct_container(self, name: str, node: ast.Call, scope: Scope) -> Types:
        args = list(node.args)
        factory = (
            self._factory(args.pop(0), scope) if name == "collections.defaultdict" and args else t.BOTTOM
        )
        content = self.of(args[0], scope) if args else t.BOTTOM
        unknown = t.ANYTHING if content == t.ANYTHING else t.BOTTOM
        if name in t.MAPPINGS or name == t.COUNTER:
            pairs = unknown or self._pairs(content)
            keys = [*(unknown or t.elements(pairs)), *(_STR for keyword in node.keywords if keyword.arg)]
            if name == t.COUNTER:
                return t.make(name, unknown or t.elements(content))
            values = [*(unknown or t.items(pairs)), *factory]
            for keyword in node.keywords:
                values += self.of(keyword.value, scope) if keyword.arg else t.ANYTHING
            return t.make(name, keys, values)
        found = t.elements(content)
        return t.make(name, found, [t.ELLIPSIS]) if name == "tuple" else t.make(name, found)

    def _pairs(self, content: Types) -> Types:
        """Return ``content`` as mappings: an iterable of pairs is as good as one."""
        found: set[TypeRef] = set()
        for ref in content:
            if ref.name in t.MAPPINGS:
                found.add(ref)
                continue
            for pair in t.elements(t.types(ref)):
                found |= t.make("dict", t.items(t.types(pair), 0), t.items(t.types(pair), 1))
        return frozenset(found)

    def _factory(self, node: ast.expr, scope: Scope) -> Types:
        """Return what calling ``node`` without arguments gives."""
        if isinstance(node, ast.Lambda):
            return self.of(node.body, self._program.scope_of(node))
        if isinstance(node, ast.Constant):
            return t.BOTTOM
        return self.of(ast.copy_location(ast.Call(node, [], []), node), scope)

    def factory_result(self, node: ast.expr, scope: Scope) -> Types:
        """Return what the default factory ``node`` makes."""
        return self._factory(node, scope)

    def _call_method(self, node: ast.Call, function: ast.Attribute, scope: Scope) -> Types:
        owners = self.of(function.value, scope) - {t.NONE}
        args: list[Types] | None = None
        found: set[TypeRef] = set()
        for owner in t.ordered(owners):
            if ":" in owner.name:
                found |= self._inference.call_method(owner.name, function.attr)
            elif owner.name == "type" and owner.args and ":" in owner.args[0].name:
                found |= self._inference.call_method(owner.args[0].name, function.attr)
            elif owner == UNKNOWN:
                found |= self._inference.call_unknown(function.attr)
            else:
                args = args if args is not None else [self._part(arg, scope) for arg in node.args]
                found |= _builtin_method(owner, function.attr, args)
        return frozenset(found)


def _builtin_method(owner: TypeRef, name: str, args: list[Types]) -> Types:
    family = "pathlib.Path" if owner.name.startswith("pathlib.") else owner.name
    spec = stdlib.METHODS.get(family, {}).get(name)
    if spec is None:
        return t.ANYTHING
    padded = [*args, t.types(t.NONE)] if name == "get" and len(args) == 1 else args
    return resolve(spec, owner, padded)


def _as_value(ref: object) -> Types:
    """Return the type of a class or function used as a value."""
    if isinstance(ref, ClassNode):
        return t.types(TypeRef("type", (TypeRef(ref.key),)))
    if isinstance(ref, FunctionNode):
        return t.BOTTOM if "property" in ref.decorators else t.types(t.CALLABLE)
    if isinstance(ref, External):
        constant = stdlib.CONSTANTS.get(ref.dotted)
        if constant:
            return t.types(parse(constant))
        if ref.dotted in stdlib.CALLED or ref.dotted in t.CONTAINERS:
            return t.types(TypeRef("type", (TypeRef(ref.dotted),)))
    return t.ANYTHING


def _operate(left: TypeRef, op: ast.operator, right: TypeRef) -> Types:
    if UNKNOWN in (left, right):
        # The left side decides for text: "…" + x is text or an error.
        return t.types(_STR) if _STR in (left, right) and isinstance(op, ast.Add) else t.ANYTHING
    if left in _NUMBERS and right in _NUMBERS:
        return t.types(_number(left, op, right))
    symbol = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}.get(type(op), "")
    if left.name == right.name and left.name in t.CONTAINERS | {"str", "bytes"}:
        return t.types(t.join([left, right]))
    if symbol == "*" and _INT in (left, right):
        return t.types(left if right == _INT else right)
    if symbol == "/" and left.name.startswith("pathlib."):
        return t.types(left)
    if left == right and left.name in ("decimal.Decimal", "fractions.Fraction"):
        return t.types(left)
    known = _TIME_ARITHMETIC.get((left.name, symbol, right.name))
    return t.types(TypeRef(known)) if known else t.ANYTHING


def _number(left: TypeRef, op: ast.operator, right: TypeRef) -> TypeRef:
    wider = max(left, right, key=_NUMBERS.__getitem__)
    if isinstance(op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
        return wider
    if isinstance(op, ast.Div) and _NUMBERS[wider] < _NUMBERS[_FLOAT]:
        return _FLOAT
    return _INT if wider == _BOOL else wider


def _sliced(ref: TypeRef) -> TypeRef:
    if ref.name == "tuple" and ref.args and t.ELLIPSIS not in ref.args:
        return TypeRef("tuple", (t.join(ref.args), t.ELLIPSIS))
    return ref if ref.name in t.COLLECTIONS | {"str", "bytes", "bytearray", "tuple"} else UNKNOWN


def _literal_key(node: ast.expr) -> object:
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        value = node.operand.value
        return -value if isinstance(value, int) else None
    return node.value if isinstance(node, ast.Constant) else None


@cache
def parse(spec: str) -> TypeRef:
    """Return a type written as in `migrate.evidence.stdlib`."""
    head, bracket, rest = spec.partition("[")
    if not bracket:
        return TypeRef(spec.strip())
    args: list[str] = [""]
    depth = 0
    for char in rest[:-1]:
        depth += (char == "[") - (char == "]")
        if char == "," and not depth:
            args.append("")
        else:
            args[-1] += char
    return TypeRef(head.strip(), tuple(parse(arg.strip()) for arg in args))


def resolve(spec: str, owner: TypeRef, args: list[Types]) -> Types:
    """Return the types that ``spec`` stands for, given the receiver's type and those of the arguments."""
    return _fill(parse(spec), owner, args)


def _fill(ref: TypeRef, owner: TypeRef, args: list[Types]) -> Types:
    sign, number = ref.name[:1], ref.name[1:]
    if ref.name == "self":
        return t.types(owner)
    if sign == "@":
        position = int(number)
        return t.types(owner.args[position]) if position < len(owner.args) else t.ANYTHING
    if sign in "$*":
        position = int(number)
        found = args[position] if position < len(args) else t.BOTTOM
        return t.elements(found) if sign == "*" else found
    if ref.name in ("Union", "Optional"):
        parts = frozenset(part for arg in ref.args for part in _fill(arg, owner, args))
        return parts | {t.NONE} if ref.name == "Optional" else parts
    if not ref.args:
        return t.types(ref)
    return t.make(ref.name, *(_fill(arg, owner, args) for arg in ref.args))


def is_method(binding: object) -> bool:
    """Whether a binding in a class body is a function."""
    return isinstance(binding, Defined) and isinstance(binding.node, FunctionNode)
