"""What stored pickles hold, as bytes and back: for the cache, so that one that is known is not read again.

MessagePack, typed: reading makes the classes named here and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from migrate.evidence.data import Content, ContentClass
from migrate.evidence.samples import Shape
from migrate.evidence.stored import Pools, types_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrate.model import TypeRef


class _Class(msgspec.Struct, array_like=True):
    name: str
    count: int
    shared: bool
    types: list[tuple[str, list[int]]]
    shapes: list[tuple[str, list[tuple[int, int, str, int, int]]]]


class _Content(msgspec.Struct, array_like=True):
    classes: list[_Class]
    types: list[int]
    shared: bool
    values: dict[str, int]
    problem: str
    format: str


class _Document(msgspec.Struct, array_like=True):
    types: list[tuple[str, list[int]]]
    contents: list[tuple[bytes, _Content]]


def dumps(contents: Mapping[bytes, Content]) -> bytes:
    """Return contents and the digests that they go by as bytes.

    Raises :class:`ValueError` for text that UTF-8 cannot hold.
    """
    pools = Pools()
    made = [(digest, _of_content(content, pools)) for digest, content in contents.items()]
    return msgspec.msgpack.encode(_Document(pools.types, made))


def loads(data: bytes) -> dict[bytes, Content]:
    """Return what `dumps` was given. Raises :class:`ValueError` or :class:`IndexError` for other bytes."""
    document = msgspec.msgpack.decode(data, type=_Document)
    types = types_of(document.types)
    return {digest: _to_content(content, types) for digest, content in document.contents}


def _of_content(content: Content, pools: Pools) -> _Content:
    return _Content(
        [_of_class(name, found, pools) for name, found in content.classes.items()],
        [pools.type(ref) for ref in content.types],
        content.shared,
        content.values,
        content.problem,
        content.format,
    )


def _of_class(name: str, found: ContentClass, pools: Pools) -> _Class:
    types = [(attribute, [pools.type(ref) for ref in refs]) for attribute, refs in found.types.items()]
    shapes = [
        (attribute, [(pools.type(s.type), s.count, s.unit, s.least, s.most) for s in shapes])
        for attribute, shapes in found.shapes.items()
    ]
    return _Class(name, found.count, found.shared, types, shapes)


def _to_content(content: _Content, types: Sequence[TypeRef]) -> Content:
    return Content(
        {found.name: _to_class(found, types) for found in content.classes},
        tuple(types[number] for number in content.types),
        content.shared,
        content.values,
        content.problem,
        content.format,
    )


def _to_class(found: _Class, types: Sequence[TypeRef]) -> ContentClass:
    return ContentClass(
        found.count,
        found.shared,
        {attribute: tuple(types[number] for number in numbers) for attribute, numbers in found.types},
        {
            attribute: tuple(
                Shape(types[number], count, unit, least, most) for number, count, unit, least, most in shapes
            )
            for attribute, shapes in found.shapes
        },
    )
