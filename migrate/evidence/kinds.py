"""How each class is made, and the fields that it declares."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import stdlib
from migrate.evidence.annotations import excluded
from migrate.evidence.program import External
from migrate.evidence.source import Annotated, ClassNode, Defined, FunctionNode, Value
from migrate.evidence.syntax import last_name
from migrate.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from migrate.evidence.program import Program
    from migrate.evidence.source import Scope

HOOKS = frozenset(
    {"__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__"}
)

_ATTRS = frozenset({"attr.s", "attr.define", "attr.frozen", "attr.mutable", "attr.dataclass"})
_ATTRS_FIELDS = frozenset(
    {"attr.ib", "attr.field", "dataclasses.field", "pydantic.Field", "pydantic.fields.Field"}
)
_ENUMS = frozenset(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"))
_BASE_KINDS = {
    **dict.fromkeys(_ENUMS, Kind.ENUM),
    "typing.NamedTuple": Kind.NAMEDTUPLE,
    "collections.namedtuple": Kind.NAMEDTUPLE,
    "typing.TypedDict": Kind.TYPED_DICT,
    "pydantic.BaseModel": Kind.PYDANTIC,
    **dict.fromkeys(stdlib.EXCEPTIONS, Kind.EXCEPTION),
    **dict.fromkeys(stdlib.BUILTIN_BASES, Kind.BUILTIN_SUBCLASS),
}


@frozen
class Declared:
    """A field as its class declares it."""

    name: str
    line: int
    scope: Scope
    annotation: ast.expr | None = None
    values: tuple[ast.expr, ...] = ()
    """Expressions whose values it takes: defaults."""
    factory: ast.expr | None = None
    """What is called for its default."""
    converter: ast.expr | None = None
    """What is called with each value that it is given."""


def kind_of(node: ClassNode, program: Program) -> Kind:
    """Return how a class is made, which decides how it is restored."""
    decorators = [ref for decorator in _decorators(node) for ref in _externals(decorator, node, program)]
    if any(name in _ATTRS for name in decorators):
        return Kind.ATTRS
    if "dataclasses.dataclass" in decorators:
        return Kind.DATACLASS
    for base in program.mro(node):
        if isinstance(base, External) and base.dotted in _BASE_KINDS:
            return _BASE_KINDS[base.dotted]
    return Kind.SLOTS if slots(node, program) is not None else Kind.PLAIN


def slots(node: ClassNode, program: Program) -> tuple[str, ...] | None:
    """Return the slots of a class and its bases, base first; None if instances have a ``__dict__``."""
    names: list[str] = []
    for base in reversed(program.mro(node)):
        if not isinstance(base, ClassNode):
            continue
        own = own_slots(base)
        if own is None:
            return None
        names += own
    return tuple(dict.fromkeys(names))


def own_slots(node: ClassNode) -> list[str] | None:
    """Return the literal names in the ``__slots__`` of this class; None if it has none."""
    bindings = node.scope.names.get("__slots__", [])
    values = [binding.expr for binding in bindings if isinstance(binding, Value)]
    values += [binding.value for binding in bindings if isinstance(binding, Annotated) and binding.value]
    if not values:
        return None
    value = values[-1]
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List, ast.Set)) else [value]
    if isinstance(value, ast.Dict):
        parts = [key for key in value.keys if key is not None]
    names = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [_mangled(name, node.name) for name in names if name not in ("__dict__", "__weakref__")]


def hooks_of(node: ClassNode, program: Program) -> frozenset[str]:
    """Return the pickle hooks that a class of the tree defines or inherits from one."""
    owners = [base for base in program.mro(node) if isinstance(base, ClassNode)]
    return frozenset(name for name in HOOKS if any(name in owner.scope.names for owner in owners))


def declared_fields(node: ClassNode, kind: Kind, program: Program) -> list[Declared]:
    """Return the fields that the class statement itself declares, without inherited ones."""
    if node.call is not None:
        return list(_functional_fields(node.call, node))
    found = list(_functional_base(node, program)) if kind is Kind.NAMEDTUPLE else []
    for name, bindings in node.scope.names.items():
        for binding in bindings:
            field = _field(name, binding, node, program, kind)
            if field is not None:
                found.append(field)
    return found


def _field(name: str, binding: object, node: ClassNode, program: Program, kind: Kind) -> Declared | None:
    if name in ("__slots__", "__match_args__", "model_config") or kind is Kind.ENUM:
        return None
    if isinstance(binding, Annotated):
        if excluded(binding.annotation, binding.scope, program):
            return None
        if kind is Kind.PYDANTIC and name.startswith("_"):
            return None
        return _with_default(name, binding, node, program)
    if isinstance(binding, Value) and kind is Kind.ATTRS and _is_field_call(binding.expr, node, program):
        return _field_call(name, binding.expr, binding.line, node, None, program)
    if isinstance(binding, Defined) and isinstance(binding.node, FunctionNode):
        function = binding.node
        if "cached_property" in function.decorators:
            returns = getattr(function.node, "returns", None)
            return Declared(name, function.node.lineno, node.scope, returns)
    return None


def _with_default(name: str, binding: Annotated, node: ClassNode, program: Program) -> Declared:
    stored = _mangled(name, node.name)
    if binding.value is None:
        return Declared(stored, binding.line, node.scope, binding.annotation)
    if _is_field_call(binding.value, node, program):
        return _field_call(stored, binding.value, binding.line, node, binding.annotation, program)
    return Declared(stored, binding.line, node.scope, binding.annotation, (binding.value,))


def _is_field_call(expr: ast.expr, node: ClassNode, program: Program) -> TypeGuard[ast.Call]:
    return isinstance(expr, ast.Call) and any(
        name in _ATTRS_FIELDS for name in _externals(expr.func, node, program)
    )


def _field_call(
    name: str, expr: ast.Call, line: int, node: ClassNode, annotation: ast.expr | None, program: Program
) -> Declared:
    keywords = {keyword.arg: keyword.value for keyword in expr.keywords}
    annotation = annotation or keywords.get("type") or _validated(keywords.get("validator"), node, program)
    default = keywords.get("default")
    factory = keywords.get("factory") or keywords.get("default_factory")
    if isinstance(default, ast.Call) and last_name(default) == "Factory" and default.args:
        factory = default.args[0]
        default = None
    converter = keywords.get("converter")
    return Declared(name, line, node.scope, annotation, (default,) if default else (), factory, converter)


def _validated(validator: ast.expr | None, node: ClassNode, program: Program) -> ast.expr | None:
    """Return the class that ``validator=instance_of(Class)`` demands."""
    if not isinstance(validator, ast.Call) or len(validator.args) != 1:
        return None
    demanded = "attr.validators.instance_of" in _externals(validator.func, node, program)
    return validator.args[0] if demanded and not isinstance(validator.args[0], ast.Tuple) else None


def _functional_base(node: ClassNode, program: Program) -> Iterator[Declared]:
    """Yield the fields of ``class Point(namedtuple("Point", "x y"))``."""
    for base in node.node.bases if node.node else ():
        if isinstance(base, ast.Call) and set(_externals(base.func, node, program)) & stdlib.CLASS_MAKERS:
            yield from _functional_fields(base, node)


def _functional_fields(call: ast.Call, node: ClassNode) -> Iterator[Declared]:
    if last_name(call) not in ("namedtuple", "NamedTuple", "TypedDict") or len(call.args) < 2:
        return
    names = call.args[1]
    line = call.lineno
    if isinstance(names, ast.Constant) and isinstance(names.value, str):
        for name in names.value.replace(",", " ").split():
            yield Declared(name, line, node.outer)
    elif isinstance(names, ast.Dict):
        for key, value in zip(names.keys, names.values, strict=True):
            if isinstance(key, ast.Constant):
                yield Declared(str(key.value), line, node.outer, value)
    elif isinstance(names, (ast.List, ast.Tuple)):
        yield from _listed_fields(names.elts, line, node)


def _listed_fields(parts: list[ast.expr], line: int, node: ClassNode) -> Iterator[Declared]:
    for part in parts:
        if isinstance(part, ast.Constant):
            yield Declared(str(part.value), line, node.outer)
        elif isinstance(part, ast.Tuple) and len(part.elts) == 2 and isinstance(part.elts[0], ast.Constant):
            yield Declared(str(part.elts[0].value), line, node.outer, part.elts[1])


def _decorators(node: ClassNode) -> list[ast.expr]:
    decorators = node.node.decorator_list if node.node else []
    return [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in decorators]


def _externals(expr: ast.expr, node: ClassNode, program: Program) -> list[str]:
    return [ref.dotted for ref in program.refs(expr, node.outer) if isinstance(ref, External)]


def _mangled(name: str, owner: str) -> str:
    owner = owner.lstrip("_")
    private = name.startswith("__") and not name.endswith("__") and owner
    return f"_{owner}{name}" if private else name
