"""Wire tree → values: the running decode, and the builtin containers and scalars.

Every decoder of a tag has the form ``decoder(wire, run) -> value`` and gets the whole JSON object. All
stand in closed tables; nothing here imports or looks up a name that comes from data.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ..legacy.errors import MigrateError
from .columns import LONG
from .encode import step_of
from .errors import DecodeError, within
from .hashing import HashGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    from .columns_read import ClassReader
    from .encode import Value, Wire

Decoder: TypeAlias = "Callable[[Any, DecodeRun], Any]"
TagDecoder: TypeAlias = "Callable[[dict[str, Any], DecodeRun], Any]"

_HEX = re.compile(r"-?0x[0-9a-f]+")
_SPECIAL_FLOATS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_COMMON = frozenset({"$id", "$same"})

UNKNOWN = -1
"""For :attr:`DecodeRun.signs`: it stays below zero, however many tags are met."""
CONTAINERS = frozenset({dict, list})
"""JSON types that need decoding; the others are what they stand for."""


class DecodeRun:
    """The state of one decode: the tags it knows, and the objects that may be referred to."""

    __slots__ = (
        *("_refs", "column_of", "hashing", "instance_decoder"),
        *("signs", "tags", "typed", "uses_columns"),
    )

    def __init__(
        self,
        tags: Mapping[str, TagDecoder],
        instance_decoder: Callable[[Any], TagDecoder],
        *,
        typed: bool = True,
        column_of: Callable[[str], ClassReader | None] | None = None,
    ) -> None:
        self.column_of = column_of
        """Finds what reads columns of a class by its tag; None when everything is to be read one by one."""
        self.uses_columns = False
        """Whether a column was read, so that an error says nothing about the place."""
        self.signs = UNKNOWN
        """How many "$" of the text that is being read do not belong to a tag that was met: where there are
        none, what has not been looked at stands for itself."""
        self.tags = tags
        self.instance_decoder = instance_decoder
        """Finds the decoder of instances of a registered class by its tag, or raises DecodeError."""
        self.typed = typed
        """False inside ``$untyped``: every place is then read as self-describing."""
        self.hashing = HashGuard()
        self._refs: dict[int, Any] = {}

    def any(self, wire: Wire) -> Value:
        """Return the value of a self-describing ``wire``."""
        return self.pick(wire)(wire, self) if type(wire) in CONTAINERS else wire

    def pick(self, wire: Wire) -> Decoder:
        """Return the decoder of an array or object; not called here, so that a level of data is one frame."""
        if type(wire) is list:
            return decode_items
        for first in wire:
            if first[:1] == "$":
                if first == "$type":
                    return self.instance_decoder(wire[first])
                return self.tags.get(first) or _refuse_tag
            break
        return decode_object

    def remember(self, wire: dict[str, Wire], value: Value) -> Value:
        """Make ``value`` known under the ``$id`` of its JSON object, if it has one; returns it."""
        number = wire.get("$id")
        if number is not None:
            if type(number) is not int or number in self._refs:
                raise DecodeError(f"$id {number!r} is not a new number")
            self._refs[number] = value
        return value

    def finish(self, wire: dict[str, Wire], value: Value) -> Value:
        """As :meth:`remember`, for an object that is made after its content (see ``$same``)."""
        number = wire.get("$same")
        return self.remember(wire, value) if number is None else self.referred(number)

    def referred(self, number: Value) -> Value:
        """Return the object with that ``$id``."""
        if type(number) is not int or number not in self._refs:
            raise DecodeError(f"reference to $id {number!r}, which does not stand before it")
        return self._refs[number]


def decode_items(wire: Iterable[Wire], run: DecodeRun, into: list[Any] | None = None) -> list[Any]:
    """Each element of an array, appended to ``into`` if given, to which the elements may refer."""
    if into is None and run.column_of is not None and run.typed and type(wire) is list and len(wire) >= LONG:
        read: list[Any] = _columns().read_array(wire, run, _columns().read_any)
        return read
    out: list[Any] = [] if into is None else into
    pick = run.pick
    try:
        for item in wire:
            out.append(pick(item)(item, run) if type(item) in CONTAINERS else item)  # noqa: PERF401
    except MigrateError as error:
        raise within(error, f"[{len(out)}]")  # noqa: B904 - the same error, on its way up
    return out


def decode_object(
    wire: dict[str, Wire], run: DecodeRun, into: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the members of a JSON object, put into ``into`` if given, to which they may refer."""
    if into is None and run.column_of is not None and run.typed and len(wire) >= LONG:
        members: dict[str, Any] = _columns().read_object(wire, run)
        return members
    out: dict[str, Any] = {} if into is None else into
    pick = run.pick
    key = ""
    try:
        for key, item in wire.items():
            out[key] = pick(item)(item, run) if type(item) in CONTAINERS else item
    except MigrateError as error:
        raise within(error, step_of(key))  # noqa: B904
    return out


def decode_pairs(wire: Wire, run: DecodeRun) -> Iterable[tuple[Any, Any]]:
    """Keys and values, one after the other, so that a caller can insert each before the next is made."""
    for number, pair in enumerate(expect(wire, list)):
        if type(pair) is not list or len(pair) != 2:
            raise within(DecodeError("not a pair of key and value"), f"[{number}]")
        key = run.any(pair[0])
        try:
            value = run.any(pair[1])
        except MigrateError as error:
            raise within(error, step_of(key))  # noqa: B904
        yield key, value


def fill_pairs(insert: Callable[[Any, Any], object], wire: Wire, run: DecodeRun) -> None:
    """Call ``insert(key, value)`` for each pair."""
    counts: dict[int, int] = {}
    check = run.hashing.check
    for key, value in decode_pairs(wire, run):
        check(key, counts)
        hashable(insert, key, value)


def hashable(call: Callable[..., Any], *args: Value) -> Value:
    """``call(*args)``, where data that cannot be hashed are an error of the data."""
    try:
        return call(*args)
    except TypeError as error:
        if "unhashable" not in str(error):
            raise
        raise DecodeError(f"{error}, so it cannot be a key or an element", reason="bad-value") from None


def expect(wire: Wire, cls: type) -> Value:
    """``wire`` itself, which must be a ``cls`` in JSON."""
    if type(wire) is not cls:
        raise DecodeError(f"{json_name(type(wire))} where {json_name(cls)} belongs")
    return wire


def json_name(cls: type) -> str:
    """Return what JSON calls the type."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "a number"}
    return names.get(cls, "null" if cls is type(None) else "a number")


def only(wire: dict[str, Wire], *keys: str) -> None:
    """Refuse members that the tag does not have: to ignore one would be to lose it."""
    for key in wire:
        if key not in keys and key not in _COMMON:
            raise DecodeError(f"unexpected {key[:60]!r} beside {next(iter(wire))!r}")


def decode_base64(wire: Wire) -> bytes:
    """Strict base64, or the bytes themselves where a format has them (see :data:`.formats.OF_BYTES`)."""
    return wire if type(wire) is bytes else _from_base64(wire, bytes)


def decode_buffer(wire: Wire) -> bytearray:
    """As :func:`decode_base64`, into memory of its own that may be written to."""
    return bytearray(wire) if type(wire) is bytes else _from_base64(wire, bytearray)


def _from_base64(wire: Wire, kind: type) -> Value:
    """Decode by msgspec, which is several times faster than :mod:`binascii` is with its check."""
    import msgspec

    try:
        return msgspec.convert(expect(wire, str), kind)
    except msgspec.ValidationError:
        raise DecodeError("not base64 (RFC 4648, section 4, padded)", reason="bad-value") from None


# --- tags ---------------------------------------------------------------------------------------


def _refuse_tag(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    raise DecodeError(f"unknown tag {next(iter(wire))[:60]!r}", reason="unknown-tag")


def _ref(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$ref")
    return run.referred(wire["$ref"])


def _untyped(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$untyped")
    outer, run.typed = run.typed, False
    try:
        return run.any(wire["$untyped"])
    finally:
        run.typed = outer


def _str(wire: dict[str, Wire], _run: DecodeRun) -> str:
    only(wire, "$str")
    text: str = expect(wire["$str"], str)
    return text


def _utf8(wire: dict[str, Wire], _run: DecodeRun) -> str:
    only(wire, "$utf8")
    try:
        return decode_base64(wire["$utf8"]).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: {error}", reason="bad-value") from None


def _int(wire: dict[str, Wire], _run: DecodeRun) -> int:
    only(wire, "$int")
    text = expect(wire["$int"], str)
    if not _HEX.fullmatch(text):
        raise DecodeError(f"not a hexadecimal number: {text[:60]!r}", reason="bad-value")
    return int(text, 16)


def _float(wire: dict[str, Wire], _run: DecodeRun) -> float:
    only(wire, "$float")
    try:
        return _SPECIAL_FLOATS[expect(wire["$float"], str)]
    except KeyError:
        raise DecodeError(f"not a special float: {wire['$float'][:60]!r}", reason="bad-value") from None


def _bytes(wire: dict[str, Wire], _run: DecodeRun) -> bytes:
    only(wire, "$bytes")
    return decode_base64(wire["$bytes"])


def _bytearray(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$bytearray")
    return run.remember(wire, decode_buffer(wire["$bytearray"]))


def _list(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$list")
    return decode_items(expect(wire["$list"], list), run, run.remember(wire, []))


def _tuple(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$tuple")
    return run.finish(wire, tuple(decode_items(expect(wire["$tuple"], list), run)))


def _frozenset(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$frozenset")
    items = decode_items(expect(wire["$frozenset"], list), run)
    run.hashing.check_all(items)
    return run.finish(wire, hashable(frozenset, items))


def _set(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$set")
    out: set[Any] = run.remember(wire, set())
    items = decode_items(expect(wire["$set"], list), run)
    run.hashing.check_all(items)
    hashable(out.update, items)
    return out


def _dict(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$dict")
    out: dict[Any, Any] = run.remember(wire, {})
    content = wire["$dict"]
    if type(content) is dict:
        return decode_object(content, run, out)
    fill_pairs(out.__setitem__, content, run)
    return out


BUILTIN_TAGS: dict[str, TagDecoder] = {
    "$ref": _ref,
    "$untyped": _untyped,
    "$str": _str,
    "$utf8": _utf8,
    "$int": _int,
    "$float": _float,
    "$bytes": _bytes,
    "$bytearray": _bytearray,
    "$list": _list,
    "$tuple": _tuple,
    "$frozenset": _frozenset,
    "$set": _set,
    "$dict": _dict,
}


@cache
def _columns() -> ModuleType:
    from . import columns_read  # which needs this module

    return columns_read
