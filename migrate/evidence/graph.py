"""The class graph: every class of the tree with its kind, bases, fields and hooks."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from attrs import evolve

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.evidence.elsewhere import with_other_names
from migrate.evidence.expressions import parse
from migrate.evidence.inference import Inference
from migrate.evidence.kinds import hooks_of
from migrate.evidence.program import External, Program
from migrate.evidence.source import ClassNode, Value
from migrate.evidence.states import StateShape, state_shape
from migrate.model import UNKNOWN, ClassSchema, Evidence, Field, Kind, Source
from migrate.model.collector import paused_collection
from migrate.sites.modules import is_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence.solver import Equation
    from migrate.evidence.source import FunctionNode, Module
    from migrate.model import TypeRef

_DERIVED = (Source.INFERRED, Source.CHECKER)
_CONTENT_KINDS = frozenset({Kind.ENUM, Kind.TYPED_DICT})
"""Kinds whose instances have no attributes of their own that are stored."""


def class_graph(sources: Mapping[str, bytes]) -> dict[str, ClassSchema]:
    """Return every class of the tree by its key ``module:qualname``, sorted.

    ``sources`` maps paths to bytes; files that do not parse are passed over, and the order of files makes no
    difference.
    """
    with paused_collection():
        return build_graph(Inference(Program(sources)))


def build_graph(inference: Inference) -> dict[str, ClassSchema]:
    """Return the class graph of the program that ``inference`` is about."""
    return _Builder(inference).build()


def facts(equations: Iterable[Equation]) -> tuple[Evidence, ...]:
    """Return what equations yielded as evidence: a fact for each type and place, in source order."""
    found = (
        Evidence(ref, equation.source, equation.where) for equation in equations for ref in _said(equation)
    )
    return tuple(dict.fromkeys(found))


def _said(equation: Equation) -> list[TypeRef]:
    """Return the type that an equation yielded; what is known apart from what is not."""
    known = equation.types - t.ANYTHING
    unknown = sorted(equation.types & t.ANYTHING)
    return [*([t.join(known)] if known else []), *unknown]


class _Builder:
    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program
        self._solver = inference.solver
        self._facts: dict[tuple[str, str], tuple[Evidence, ...]] = {}
        self._made: dict[tuple[str, ...], Field] = {}
        """Fields by their names and the classes that say something about them: most are inherited."""
        self._shapes: dict[FunctionNode, StateShape] = {}
        """What each ``__getstate__`` does: whole families of classes inherit one."""

    def build(self) -> dict[str, ClassSchema]:
        keys = list(self._program.classes)
        own = {key: self._own_names(key) for key in keys}
        self._solver.solve(("field", key, name) for key, names in own.items() for name in names)
        for key, name in self._foreign_fields():
            own[key].setdefault(name, None)
        self._solver.solve(("field", key, name) for key, names in own.items() for name in names)
        dynamic = self._dynamic()
        graph = {key: self._schema(key, own, key in dynamic) for key in keys}
        return with_other_names(_with_main_aliases(graph), self._program)

    def _own_names(self, key: str) -> dict[str, None]:
        if self._inference.kind(key) is Kind.ENUM:
            return {}
        return dict.fromkeys(self._inference.field_names(key))

    def _foreign_fields(self) -> list[tuple[str, str]]:
        """Return class and attribute of stores from outside to receivers whose class is known."""
        found: dict[tuple[str, str], None] = {}
        for name, stores in self._inference.foreign_stores.items():
            for store in stores:
                receiver = Value(store.receiver, store.scope, store.value.line)
                for ref in sorted(self._solver.value(("expr", receiver, ""))):
                    if ":" in ref.name and self._takes(ref.name, name):
                        found[ref.name, name] = None
        return sorted(found)

    def _takes(self, key: str, name: str) -> bool:
        return self._inference.kind(key) not in _CONTENT_KINDS and not self._inference.has_descriptor(
            key, name
        )

    def _dynamic(self) -> frozenset[str]:
        """Return the classes whose instances get attributes under computed names."""
        found: set[str] = set()
        for module in self._program.modules.values():
            for computed in module.dynamic:
                if (
                    computed not in self._inference.computed.resolved
                    and not self._inference.computed.restores(computed)
                ):
                    receiver = Value(computed.receiver, computed.scope, computed.receiver.lineno)
                    found.update(
                        ref.name for ref in self._solver.value(("expr", receiver, "")) if ":" in ref.name
                    )
        below = {sub for key in found for sub in self._program.subclasses.get(key, ())}
        return frozenset(found | below)

    # --- one class -------------------------------------------------------------------------------------

    def _schema(self, key: str, own: Mapping[str, Mapping[str, None]], dynamic: bool) -> ClassSchema:
        nodes = self._program.classes[key]
        node = nodes[-1]
        return ClassSchema(
            key=key,
            kind=self._inference.kind(key),
            path=node.module.path,
            line=nodes[0].line,
            bases=tuple(dict.fromkeys(_base_name(base) for n in nodes for base in self._program.bases(n))),
            fields=self._fields(key, own),
            hooks=frozenset(hook for n in nodes for hook in hooks_of(n, self._program)),
            script=_is_script(node.module, self._program),
            picklable=not node.local and _named_as_bound(node) and not is_notebook(node.module.path),
            dynamic=dynamic,
        )

    def _fields(self, key: str, own_names: Mapping[str, Mapping[str, None]]) -> tuple[Field, ...]:
        """Return inherited fields first, each with what all classes of the lineage say about it."""
        owners: defaultdict[str, list[str]] = defaultdict(list)
        for owner in reversed(self._inference.lineage(key)):
            for name in own_names[owner]:
                owners[name].append(owner)
        states = tuple(self._state(key))
        dropped = frozenset(name for _, shape in states for name in shape.removed)
        added = {made.name: made for function, shape in states for made in self._added(function, shape)}
        if states and all(shape.whole for _, shape in states):
            return tuple(added.values())
        outside = {field.name: field for field in self._outside(key)}
        own = {name: self._field(name, *found) for name, found in owners.items() if name not in dropped}
        return tuple({**outside, **own, **added}.values())

    def _outside(self, key: str) -> Iterator[Field]:
        """Yield the attributes that bases outside the tree give."""
        for node in self._inference.nodes(key):
            for base in self._program.mro(node):
                for name, held in stdlib.FIELDS.get(getattr(base, "dotted", ""), {}).items():
                    where = f"{node.module.path}:{node.line}"
                    yield make_field(name, (Evidence(parse(held), Source.INFERRED, where),))

    def _field(self, name: str, *owners: str) -> Field:
        place = (name, *owners)
        if place not in self._made:
            evidence = (fact for owner in owners for fact in self._facts_of(owner, name))
            self._made[place] = make_field(name, evidence)
        return self._made[place]

    def _facts_of(self, owner: str, name: str) -> tuple[Evidence, ...]:
        place = (owner, name)
        if place not in self._facts:
            self._facts[place] = facts(self._solver.equations(("field", owner, name)))
        return self._facts[place]

    def _state(self, key: str) -> Iterator[tuple[FunctionNode, StateShape]]:
        """Yield what the class's ``__getstate__`` does; nothing if it has none of the tree's own."""
        for node in self._inference.nodes(key):
            function = self._program.method(node, "__getstate__")
            if function is not None:
                if function not in self._shapes:
                    self._shapes[function] = state_shape(function)
                yield function, self._shapes[function]

    def _added(self, function: FunctionNode, shape: StateShape) -> Iterator[Field]:
        for name, value in shape.added.items():
            given = Value(value, function.scope, value.lineno)
            yield make_field(name, facts(self._solver.equations(("expr", given, ""))))


def make_field(name: str, evidence: Iterable[Evidence]) -> Field:
    """Return a field whose type is what the evidence amounts to.

    A declaration counts for more than what is derived; what contradicts it stays among the evidence, and what
    only agrees is left out. Data and observations stand in for what source does not tell.
    """
    unique = tuple(dict.fromkeys(evidence))
    declared = [fact.type for fact in unique if fact.source is Source.DECLARED]
    if declared:
        whole = t.join(declared)
        unique = tuple(f for f in unique if f.source not in _DERIVED or t.join([whole, f.type]) != whole)
    found = declared or [fact.type for fact in unique if fact.source is not Source.GUESSED]
    if any(fact.source in (Source.DATA, Source.OBSERVED) for fact in unique):
        found = [ref for ref in found if ref != UNKNOWN]
    return Field(name, t.finish(t.join(found)), unique)


def _base_name(base: ClassNode | External) -> str:
    return base.key if isinstance(base, ClassNode) else base.dotted


def _named_as_bound(node: ClassNode) -> bool:
    """Whether pickle finds a class made by a call: it looks for the name given to the call."""
    if node.call is None or not node.call.args:
        return True
    name = node.call.args[0]
    return not isinstance(name, ast.Constant) or name.value == node.name


def _is_script(module: Module, program: Program) -> bool:
    if module.main_block:
        return True
    return not module.package and "." not in module.name and module.name not in program.imported


def _with_main_aliases(graph: dict[str, ClassSchema]) -> dict[str, ClassSchema]:
    """Add ``__main__:Name`` to classes of scripts, unless two scripts have a class of that name."""
    scripts = [schema for schema in graph.values() if schema.script and schema.picklable]
    names = Counter(schema.key.partition(":")[2] for schema in scripts)
    for schema in scripts:
        qualname = schema.key.partition(":")[2]
        if names[qualname] == 1:
            graph[schema.key] = evolve(schema, aliases=(f"__main__:{qualname}",))
    return graph
