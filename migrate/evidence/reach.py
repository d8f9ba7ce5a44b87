"""Which classes are reachable from a type, and whether everything on the way is known."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.model import UNKNOWN, Evidence, Kind, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.model import ClassSchema, Field

_INERT_BASES = (
    stdlib.EXCEPTIONS
    | stdlib.BUILTIN_BASES
    | stdlib.CLASS_MAKERS
    | {"typing.Generic", "abc.ABC", "enum.ReprEnum", "pydantic.BaseModel"}
    | {f"collections.abc.{name}" for name in ("Mapping", "MutableMapping", "Sequence", "MutableSequence")}
    | {
        f"collections.abc.{name}"
        for name in ("Set", "MutableSet", "Iterable", "Sized", "Container", "Hashable")
    }
    | {f"collections.abc.{name}" for name in ("Collection", "Callable", "Iterator", "Reversible")}
    | {"collections.UserDict", "collections.UserList", "collections.UserString"}
)
"""Bases outside the tree that give instances no attributes but those that the wire format knows."""
_ITERATORS = frozenset(
    f"collections.abc.{name}" for name in ("Iterator", "Generator", "KeysView", "ValuesView", "ItemsView")
)


@frozen
class Reach:
    """What can be reached from a type."""

    classes: frozenset[str]
    """Keys of classes of the tree, subclasses included."""
    problems: tuple[str, ...]
    """Why the set of classes may not be complete, nearest first; empty if it is."""
    open_fields: tuple[str, ...]
    """``module:Class.field`` of fields whose types are not wholly known."""


def settled(field: Field) -> TypeRef:
    """Return the type of a field as far as source vouches for it.

    What data show is what occurred, not what may occur: they settle only attributes that no source assigns
    any more, which nothing but data can bring.
    """
    declared = [fact.type for fact in field.evidence if fact.source is Source.DECLARED]
    derived = [fact.type for fact in field.evidence if fact.source is Source.INFERRED]
    return t.join(declared or derived or [fact.type for fact in field.evidence])


class Reachability:
    """Follows types through fields, containers and subclasses of one class graph."""

    def __init__(self, graph: Mapping[str, ClassSchema]) -> None:
        self._graph = graph
        self._below: defaultdict[str, list[str]] = defaultdict(list)
        for key, schema in graph.items():
            for base in schema.bases:
                self._below[base].append(key)

    def of(self, evidence: Iterable[Evidence], label: str) -> Reach:
        """Return what a value can hold about which ``evidence`` is known; ``label`` names it in problems."""
        facts = tuple(evidence)
        walk = _Walk()
        self._facts(walk, facts, t.join(fact.type for fact in facts), label)
        while walk.pending:
            self._class(walk, walk.pending.popleft())
        return Reach(frozenset(walk.classes), tuple(walk.problems), tuple(walk.open_fields))

    def _facts(self, walk: _Walk, facts: Iterable[Evidence], settled_type: TypeRef, label: str) -> None:
        """Visit what is settled, which decides, and all other facts, which may add classes."""
        self._type(walk, settled_type, label)
        for fact in facts:
            self._type(_Silent(walk), fact.type, label)

    def _type(self, walk: _Walk, ref: TypeRef, label: str) -> None:
        problem = self._problem(ref, label)
        if problem:
            walk.problem(problem)
        if ref.name in self._graph:
            self._enter(walk, ref.name)
        for arg in ref.args:
            self._type(walk, arg, label)

    def _problem(self, ref: TypeRef, label: str) -> str | None:
        name = ref.name
        if ref == UNKNOWN:
            return f"{label} has an unknown type"
        if name in _ITERATORS:
            return f"{label} may be an iterator, which cannot be stored"
        if name in t.CONTAINERS:
            empty = not ref.args and name != "tuple"
            return f"what {label} holds is unknown" if empty or t.NEVER in ref.args else None
        if ref == t.CALLABLE:
            return f"{label} may be a function"
        if name in stdlib.SCALARS | stdlib.VALUES | {"...", "Optional", "Union", "Never", "type"}:
            return None
        if ":" in name:
            return None if name in self._graph else f"{label} may be {name}, which the tree does not have"
        return f"{label} may be {name}, which is not a class of the tree"

    def _enter(self, walk: _Walk, key: str) -> None:
        queue = deque([key])
        while queue:
            current = queue.popleft()
            if current not in walk.classes:
                walk.classes[current] = None
                walk.pending.append(current)
                queue.extend(self._below.get(current, ()))

    def _class(self, walk: _Walk, key: str) -> None:
        schema = self._graph[key]
        if not schema.picklable:
            walk.problem(f"{schema.name} is a class that pickle cannot find by name")
        if schema.dynamic:
            walk.problem(f"{schema.name} gets attributes under computed names")
        for base in schema.bases:
            if ":" not in base and base not in _INERT_BASES and base != "enum.Enum":
                walk.problem(f"{schema.name} derives from {base}, which is not in the tree")
        if schema.kind is Kind.ENUM:
            return
        for field in schema.fields:
            before = len(walk.problems)
            found = settled(field)
            self._facts(walk, field.evidence, found, f"{schema.name}.{field.name}")
            if len(walk.problems) > before or not t.known(found):
                walk.open_fields[f"{key}.{field.name}"] = None


class _Walk:
    """What one visit has met so far."""

    def __init__(self) -> None:
        self.classes: dict[str, None] = {}
        self.pending: deque[str] = deque()
        self.problems: dict[str, None] = {}
        self.open_fields: dict[str, None] = {}

    def problem(self, text: str) -> None:
        self.problems.setdefault(text, None)


class _Silent(_Walk):
    """A view of a walk that takes classes and leaves problems: for facts that do not decide."""

    def __init__(self, walk: _Walk) -> None:
        super().__init__()
        self.classes = walk.classes
        self.pending = walk.pending
