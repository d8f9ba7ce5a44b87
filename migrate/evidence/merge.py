"""Bringing together what source says and what data show."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.evidence.graph import make_field
from migrate.model import Evidence, Kind, TypeRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.evidence.data import DataClass, DataEvidence
    from migrate.model import ClassSchema, Field

_MAIN = ("__main__", "__mp_main__")
"""Modules of a running script; the second in processes that :mod:`multiprocessing` started."""


class Likeness(Enum):
    """How a name in data was matched with a class of the tree."""

    EXACT = "exact"
    MAIN = "main"
    """Stored by a script, in whose run the class is in ``__main__``."""
    MOVED = "moved"
    """Another module of the tree still offers the class under this name, or it is the only class so named and
    has all attributes of the stored objects.
    """
    UNKNOWN = "unknown"
    """Of another library, gone, or not to be told from others of its name."""


@frozen
class Match:
    """What a class name in data means."""

    name: str
    how: Likeness
    key: str | None = None
    """The class of the tree."""
    candidates: tuple[str, ...] = ()
    """Classes of that name, where none is certain."""


def match(data: DataEvidence, graph: Mapping[str, ClassSchema]) -> dict[str, Match]:
    """Say for each class name in ``data`` which class of the tree it means."""
    by_qualname: defaultdict[str, list[str]] = defaultdict(list)
    for key, schema in graph.items():
        if schema.picklable:
            by_qualname[key.partition(":")[2]].append(key)
    known = {alias: key for key, schema in graph.items() for alias in schema.aliases}
    return {name: _match(seen, graph, known, by_qualname) for name, seen in data.classes.items()}


def _match(
    seen: DataClass,
    graph: Mapping[str, ClassSchema],
    known: Mapping[str, str],
    by_qualname: Mapping[str, list[str]],
) -> Match:
    if seen.name in graph:
        return Match(seen.name, Likeness.EXACT, seen.name)
    module, _, qualname = seen.name.partition(":")
    if seen.name in known:
        how = Likeness.MAIN if module in _MAIN else Likeness.MOVED
        return Match(seen.name, how, known[seen.name])
    candidates = tuple(sorted(by_qualname.get(qualname, ())))
    scripts = tuple(key for key in candidates if graph[key].script)
    if module in _MAIN:
        possible = scripts or candidates
        if len(possible) == 1:
            return Match(seen.name, Likeness.MAIN, possible[0])
    elif len(candidates) == 1 and _agrees(seen, graph[candidates[0]]):
        return Match(seen.name, Likeness.MOVED, candidates[0])
    return Match(seen.name, Likeness.UNKNOWN, None, candidates)


def _agrees(seen: DataClass, schema: ClassSchema) -> bool:
    """Whether all attributes of the stored objects are fields of the class; a name alone proves little."""
    stored = {field.name for field in seen.fields}
    if not stored:
        return schema.kind in (Kind.ENUM, Kind.NAMEDTUPLE) or not schema.fields
    return stored <= {field.name for field in schema.fields}


def merge(graph: Mapping[str, ClassSchema], data: DataEvidence) -> dict[str, ClassSchema]:
    """Return the graph with the fields, types and names that data show, each with its provenance.

    Contradictions stay side by side in the evidence of the field.
    """
    merged = dict(graph)
    matches = match(data, graph)
    meaning = {name: found.key for name, found in matches.items() if found.key is not None}
    for name, key in meaning.items():
        schema = merged[key]
        aliases = schema.aliases if name == key else tuple(dict.fromkeys((*schema.aliases, name)))
        merged[key] = evolve(schema, aliases=aliases, fields=_fields(schema, data.classes[name], meaning))
    return merged


def _fields(schema: ClassSchema, seen: DataClass, meaning: Mapping[str, str]) -> tuple[Field, ...]:
    if schema.kind is Kind.ENUM:
        return schema.fields
    found: dict[str, list[Evidence]] = {field.name: list(field.evidence) for field in schema.fields}
    for field in seen.fields:
        facts = [evolve(fact, type=renamed(fact.type, meaning)) for fact in field.evidence]
        found.setdefault(field.name, []).extend(facts)
    return tuple(make_field(name, evidence) for name, evidence in found.items())


def renamed(ref: TypeRef, meaning: Mapping[str, str]) -> TypeRef:
    """Return a type of the data in terms of the tree's classes."""
    return TypeRef(meaning.get(ref.name, ref.name), tuple(renamed(arg, meaning) for arg in ref.args))
