"""Which classes are reachable from a type, and whether everything on the way is known."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.model import UNKNOWN, Evidence, Kind, Source, TypeRef
from migrate.sites.modules import is_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from migrate.model import ClassSchema, Field

INERT_BASES = (
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
_FRAMES = frozenset({"pandas.DataFrame", "pandas.Series", "pandas.core.frame.DataFrame"})
_ITERATORS = frozenset(
    f"collections.abc.{name}" for name in ("Iterator", "Generator", "KeysView", "ValuesView", "ItemsView")
)

_DERIVED = (Source.INFERRED, Source.CHECKER)


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
    derived = [fact.type for fact in field.evidence if fact.source in _DERIVED]
    return t.join(declared or derived or [fact.type for fact in field.evidence])


class Reachability:
    """Follows types through fields, containers and subclasses of one class graph."""

    def __init__(
        self,
        graph: Mapping[str, ClassSchema],
        contents: Callable[[str], tuple[Evidence, ...]] = lambda _key: (),
    ) -> None:
        """``contents`` says what instances of a class hold if it is a container."""
        self._graph = graph
        self._contents = contents
        self._parts: dict[str, tuple[_Part, ...]] = {}
        self._from: dict[tuple[str, ...], Reach] = {}
        self._below: defaultdict[str, list[str]] = defaultdict(list)
        for key, schema in graph.items():
            for base in schema.bases:
                self._below[base].append(key)

    def of(self, evidence: Iterable[Evidence], label: str) -> Reach:
        """Return what a value can hold about which ``evidence`` is known; ``label`` names it in problems."""
        facts = tuple(evidence)
        part = self._part(facts, t.join(fact.type for fact in facts), label)
        # Many values lead to the same classes, and those of a large tree to thousands of others.
        if part.classes not in self._from:
            self._from[part.classes] = self._walk(part.classes)
        beyond = self._from[part.classes]
        return evolve(beyond, problems=tuple(dict.fromkeys((*part.problems, *beyond.problems))))

    def _walk(self, classes: tuple[str, ...]) -> Reach:
        """Return what can be reached from instances of ``classes``."""
        walk = _Walk()
        self._take(walk, _Part((), classes))
        while walk.pending:
            key = walk.pending.popleft()
            if key not in self._parts:
                self._parts[key] = tuple(self._parts_of(key))
            for part in self._parts[key]:
                self._take(walk, part)
        return Reach(frozenset(walk.classes), tuple(walk.problems), tuple(walk.open_fields))

    def _take(self, walk: _Walk, part: _Part) -> None:
        new = [problem for problem in part.problems if problem not in walk.problems]
        walk.problems.update(dict.fromkeys(new))
        for key in part.classes:
            if key not in walk.classes:
                self._enter(walk, key)
        if part.field and (part.unknown or new):
            walk.open_fields[part.field] = None

    def _part(
        self, facts: Iterable[Evidence], settled_type: TypeRef, label: str, *, field: str = ""
    ) -> _Part:
        """Visit what is settled, which decides, and all other facts, which may add classes."""
        alternatives = t.split(settled_type)
        problems = (self._problem(ref, label, inside=ref not in alternatives) for ref in nested(settled_type))
        types = (settled_type, *(fact.type for fact in facts))
        names = (ref.name for each in types for ref in nested(each))
        return _Part(
            problems=tuple(dict.fromkeys(filter(None, problems))),
            classes=tuple(dict.fromkeys(name for name in names if name in self._graph)),
            field=field,
            unknown=not t.known(settled_type),
        )

    def _problem(self, ref: TypeRef, label: str, *, inside: bool) -> str | None:
        """Say what keeps a type from being known; ``inside`` if values of it are in what ``label`` names."""
        name = ref.name
        if ref == UNKNOWN:
            return f"what {label} holds is unknown" if inside else f"{label} has an unknown type"
        if name in _ITERATORS:
            return f"{label} may be an iterator, which cannot be stored"
        if name in t.CONTAINERS:
            empty = not ref.args and name != "tuple"
            return f"what {label} holds is unknown" if empty or t.NEVER in ref.args else None
        if ref == t.CALLABLE:
            return f"{label} may be a function"
        if name == "types.SimpleNamespace":
            return f"what {label} holds is unknown"
        if name in stdlib.SCALARS | stdlib.VALUES | {"...", "Optional", "Union", "Never", "type"}:
            return None
        if name in _FRAMES:
            return f"{label} may be a frame of pandas, whose columns of objects can hold anything"
        if ":" in name:
            schema = self._graph.get(name)
            if schema is None:
                return f"{label} may be {name}, which the tree does not have"
            alone = schema.generic and not ref.args
            return f"{label} may be any {schema.name}[…], each a class of its own" if alone else None
        return f"{label} may be {name}, which is not a class of the tree"

    def _enter(self, walk: _Walk, key: str) -> None:
        queue = deque([key])
        while queue:
            current = queue.popleft()
            if current not in walk.classes:
                walk.classes[current] = None
                walk.pending.append(current)
                queue.extend(self._below.get(current, ()))

    def _parts_of(self, key: str) -> Iterator[_Part]:
        """Yield what a class adds to a visit: itself, then its fields."""
        schema = self._graph[key]
        problems = tuple(_problems_of(schema))
        if problems:
            yield _Part(problems)
        yield from self._content(schema)
        for field in schema.fields if schema.kind is not Kind.ENUM else ():
            label = f"{schema.name}.{field.name}"
            part = self._part(field.evidence, settled(field), label, field=f"{key}.{field.name}")
            if part.problems or part.classes or part.unknown:
                yield part

    def _content(self, schema: ClassSchema) -> Iterator[_Part]:
        """Yield what the items of a container add. What is put in does not show what else can be."""
        facts = self._contents(schema.key)
        if facts:
            part = self._part(facts, t.join(fact.type for fact in facts), schema.name)
            declared = all(fact.source is Source.DECLARED for fact in facts)
            problems = part.problems or (() if declared else (f"what {schema.name} holds is not declared",))
            yield evolve(part, problems=problems)


@frozen
class _Part:
    """What one value, field or class adds to a visit. Many visits meet the same classes."""

    problems: tuple[str, ...]
    classes: tuple[str, ...] = ()
    field: str = ""
    unknown: bool = False
    """Whether the type of the field is not wholly known."""


class _Walk:
    """What one visit has met so far."""

    def __init__(self) -> None:
        self.classes: dict[str, None] = {}
        self.pending: deque[str] = deque()
        self.problems: dict[str, None] = {}
        self.open_fields: dict[str, None] = {}


def _problems_of(schema: ClassSchema) -> Iterator[str]:
    if is_notebook(schema.path):
        yield f"{schema.name} is a class of the notebook {schema.path}, which nothing can import"
    elif not schema.picklable:
        yield f"{schema.name} is a class that pickle cannot find by name"
    if schema.dynamic:
        yield f"{schema.name} gets attributes under computed names"
    for base in schema.bases:
        if ":" not in base and base not in INERT_BASES and base != "enum.Enum":
            yield f"{schema.name} derives from {base}, which is not in the tree"


def nested(ref: TypeRef) -> Iterator[TypeRef]:
    """Yield a type and all that it is made of, outermost first."""
    yield ref
    for arg in ref.args:
        yield from nested(arg)
