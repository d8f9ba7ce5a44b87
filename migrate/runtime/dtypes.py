"""Types of array elements as the wire format has them: a closed grammar, read without numpy.

A *form* is a string for a simple type (``"<f8"``, ``"<U5"``, ``"<M8[ns]"``, ``"|O"``), an object with
``names``, ``formats``, ``offsets`` and ``itemsize`` for a structured one, or an object with ``base`` and
``shape`` for a field that is an array itself. What is outside of the grammar never reaches ``numpy.dtype``.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from .encode import Wire

CODE: Final = re.compile(
    r"\|(?:b1|[iu]1|O|[SV]([1-9][0-9]{0,8}))"
    r"|[<>](?:[iu][248]|f[248]|c(?:8|16)|U([1-9][0-9]{0,8})|[mM]8(?:\[(?:[1-9][0-9]{0,8})?(?:[YMWDhms]|[munpfa]s)\])?)"
)
"""Simple types, written as ``numpy.dtype.str`` does. ``longdouble`` is not among them: its bytes mean
something else on another processor."""
MAX_DIMENSIONS: Final = 32
"""Of an array: the limit of numpy 1."""
_MAX_SIZE: Final = 2**31 - 1
_MAX_FIELDS: Final = 10_000
_MAX_DEPTH: Final = 16
_MEMBERS: Final = frozenset(("names", "formats", "offsets", "itemsize", "aligned", "record"))
_WIDTH: Final = re.compile(r"[0-9]+")
OBJECT: Final = "|O"


class Size(NamedTuple):
    """What has to be known of a form to check the bytes of an array."""

    itemsize: int
    has_objects: bool
    fields: int
    """How many fields it has, those of fields included."""


def size_of(form: Wire, depth: int = 0) -> Size:
    """Return the size of the elements that ``form`` describes; raises ValueError if it describes none."""
    if type(form) is str:
        return _size_of_code(form)
    if type(form) is not dict or depth > _MAX_DEPTH:
        raise ValueError("a dtype is a code, an object with names, or one with a base")
    if "base" in form:
        if form.keys() != {"base", "shape"}:
            raise ValueError("an array as a field has a base and a shape")
        base = size_of(form["base"], depth + 1)
        shape = check_shape(form["shape"])
        return _bounded(Size(base.itemsize * prod(shape), base.has_objects, base.fields))
    return _size_of_fields(form, depth)


def _size_of_code(code: str) -> Size:
    if not CODE.fullmatch(code):
        raise ValueError(f"not the code of a dtype: {code[:60]!r}")
    if code == OBJECT:
        return Size(8, has_objects=True, fields=1)
    width = _WIDTH.search(code)
    itemsize = int(width[0]) if width else 1
    return _bounded(Size(itemsize * 4 if code[1] == "U" else itemsize, has_objects=False, fields=1))


def _size_of_fields(form: dict[str, Any], depth: int) -> Size:
    names, formats, offsets, itemsize = (form.get(k) for k in ("names", "formats", "offsets", "itemsize"))
    if (
        not (type(names) is list and type(formats) is list and type(offsets) is list)
        or form.keys() - _MEMBERS
    ):
        raise ValueError("a dtype with fields has names, formats, offsets and an itemsize")
    if not len(names) == len(formats) == len(offsets) or len({*map(_name, names)}) != len(names):
        raise ValueError("the fields of a dtype differ in name, and each has a format and an offset")
    if type(itemsize) is not int or not all(form.get(flag, True) is True for flag in ("aligned", "record")):
        raise ValueError("the itemsize of a dtype is a number, its flags are true or absent")
    fields, has_objects = 1, False
    for inner, offset in zip(formats, offsets, strict=True):
        size = size_of(inner, depth + 1)
        fields += size.fields
        has_objects = has_objects or size.has_objects
        if type(offset) is not int or not 0 <= offset <= itemsize - size.itemsize:
            raise ValueError("a field of a dtype reaches out of its element")
    return _bounded(Size(itemsize, has_objects, fields))


def _name(name: Wire) -> str:
    if type(name) is not str or not name:
        raise ValueError("the name of a field is not text")
    return name


def _bounded(size: Size) -> Size:
    if not 0 <= size.itemsize <= _MAX_SIZE or size.fields > _MAX_FIELDS:
        raise ValueError("a dtype of more than 2 GB, or of more than 10,000 fields")
    return size


def check_shape(shape: Wire) -> tuple[int, ...]:
    """Return the lengths of the axes; raises ValueError if they are none."""
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise ValueError(f"a shape is a list of at most {MAX_DIMENSIONS} lengths")
    if not all(type(length) is int and 0 <= length < 2**63 for length in shape):
        raise ValueError("a length in a shape is not a number from 0 to 2**63 - 1")
    return tuple(shape)


def check_content(form: Wire, shape: Wire, held: int) -> int:
    """Return how many elements an array has, of which ``held`` elements (of objects) or bytes are there.

    Raises ValueError when these do not fit together.
    """
    size = size_of(form)
    if size.itemsize == 0:
        raise ValueError("an array whose elements take no space")
    if size.has_objects and form != OBJECT:
        raise ValueError("objects in a field of an array")
    count = prod(check_shape(shape))
    needed = count if form == OBJECT else count * size.itemsize
    if needed != held:
        what = "elements" if form == OBJECT else "bytes"
        raise ValueError(f"an array whose shape and dtype take {needed} {what}, with {held}")
    return count
