"""What a survey found, as bytes and back: for the cache, so that an unchanged tree is not surveyed twice.

MessagePack, typed: reading makes the classes named here and nothing else. Types, facts and fields are written
once and referred to by number, since most classes inherit most of what they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from attrs import define

from migrate.evidence.flows import Flow
from migrate.evidence.merge import Match  # noqa: TC001 - msgspec looks at the types of its structs
from migrate.model import ClassSchema, Evidence, Field, Kind, Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

T = TypeVar("T")


class _Class(msgspec.Struct, array_like=True):
    key: str
    kind: Kind
    path: str
    line: int
    bases: list[str]
    fields: list[int]
    hooks: list[str]
    script: bool
    picklable: bool
    dynamic: bool
    aliases: list[str]


class _Flow(msgspec.Struct, array_like=True):
    types: list[int]
    classes: list[int]
    closed: bool
    why: str
    open_fields: list[str]


class _Document(msgspec.Struct, array_like=True):
    types: list[tuple[str, list[int]]]
    facts: list[tuple[int, Source, str]]
    fields: list[tuple[str, int, list[int]]]
    classes: list[_Class]
    flows: dict[str, _Flow]
    matches: dict[str, Match]
    about_types: str = ""


@define
class Found:
    """What `migrate.evidence.gather` says of one tree, without the data."""

    graph: dict[str, ClassSchema]
    flows: dict[str, Flow]
    matches: dict[str, Match]
    about_types: str = ""
    """What a type checker had to do with it."""


def dumps(found: Found) -> bytes:
    """Return ``found`` as bytes. Raises nothing."""
    pools = Pools()
    numbers = {key: number for number, key in enumerate(found.graph)}
    document = _Document(
        types=pools.types,
        facts=pools.facts,
        fields=pools.fields,
        classes=[_of_class(schema, pools) for schema in found.graph.values()],
        flows={
            id_: _Flow(
                [pools.fact(fact) for fact in flow.types],
                sorted(numbers[key] for key in flow.classes),
                flow.closed,
                flow.why,
                list(flow.open_fields),
            )
            for id_, flow in found.flows.items()
        },
        matches=found.matches,
        about_types=found.about_types,
    )
    return msgspec.msgpack.encode(document)


def loads(data: bytes) -> Found:
    """Return what `dumps` was given. Raises :class:`ValueError` or :class:`IndexError` for other bytes."""
    document = msgspec.msgpack.decode(data, type=_Document)
    types = types_of(document.types)
    facts = [Evidence(types[ref], source, where) for ref, source, where in document.facts]
    fields = [
        Field(name, types[ref], tuple(facts[number] for number in numbers))
        for name, ref, numbers in document.fields
    ]
    keys = [each.key for each in document.classes]
    return Found(
        graph={each.key: _to_class(each, fields) for each in document.classes},
        flows={
            id_: Flow(
                tuple(facts[number] for number in flow.types),
                frozenset(keys[number] for number in flow.classes),
                flow.closed,
                flow.why,
                tuple(flow.open_fields),
            )
            for id_, flow in document.flows.items()
        },
        matches=document.matches,
        about_types=document.about_types,
    )


def types_of(pool: Iterable[tuple[str, list[int]]]) -> list[TypeRef]:
    """Return the types of `Pools.types`. Raises :class:`IndexError` if one refers to none."""
    types: list[TypeRef] = []
    for name, args in pool:
        types.append(TypeRef(name, tuple(types[number] for number in args)))
    return types


class Pools:
    """Everything that is referred to by number, in the order in which it is met."""

    def __init__(self) -> None:
        self.types: list[tuple[str, list[int]]] = []
        self.facts: list[tuple[int, Source, str]] = []
        self.fields: list[tuple[str, int, list[int]]] = []
        self._numbers: dict[tuple[str, Hashable], int] = {}

    def type(self, ref: TypeRef) -> int:
        """Return the number of a type."""
        return self._number("type", ref, self.types, lambda: (ref.name, [self.type(arg) for arg in ref.args]))

    def fact(self, fact: Evidence) -> int:
        """Return the number of a fact."""
        return self._number("fact", fact, self.facts, lambda: (self.type(fact.type), fact.source, fact.where))

    def field(self, field: Field) -> int:
        """Return the number of a field."""
        # By identity, since its hash is that of all its facts; equal ones are only written twice.
        return self._number(
            "field",
            id(field),
            self.fields,
            lambda: (field.name, self.type(field.type), [self.fact(fact) for fact in field.evidence]),
        )

    def _number(self, kind: str, key: Hashable, pool: list[T], make: Callable[[], T]) -> int:
        number = self._numbers.get((kind, key))
        if number is None:
            pool.append(make())  # what it is made of gets its number first
            number = self._numbers[kind, key] = len(pool) - 1
        return number


def _of_class(schema: ClassSchema, pools: Pools) -> _Class:
    return _Class(
        schema.key,
        schema.kind,
        schema.path,
        schema.line,
        list(schema.bases),
        [pools.field(field) for field in schema.fields],
        sorted(schema.hooks),
        schema.script,
        schema.picklable,
        schema.dynamic,
        list(schema.aliases),
    )


def _to_class(found: _Class, fields: list[Field]) -> ClassSchema:
    return ClassSchema(
        found.key,
        found.kind,
        found.path,
        found.line,
        tuple(found.bases),
        tuple(fields[number] for number in found.fields),
        frozenset(found.hooks),
        found.script,
        found.picklable,
        found.dynamic,
        tuple(found.aliases),
    )
