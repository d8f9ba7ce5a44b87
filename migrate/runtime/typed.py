"""Typed places: how a value is written where its type is declared.

A value that conforms exactly is written plainly. Any other is written in self-describing form, escaped where
that could be read as the plain one. A reader accepts both. So nothing depends on the annotation being true.
"""

from __future__ import annotations

import sys
import types
import typing
from base64 import b64encode
from collections import deque
from threading import local
from typing import TYPE_CHECKING, Any, NamedTuple

from ..legacy.errors import MigrateError
from .columns import LONG, of_kind
from .columns_read import read_any, read_array, read_lists, read_texts
from .columns_write import write_any, write_array, write_lists, write_texts
from .decode import decode_base64, hashable
from .encode import INT_MAX, INT_MIN, SCALARS, escape, has_plain_keys, is_tagged, step_of
from .errors import DecodeError, within
from .standard import PLAIN, in_range, standard

if TYPE_CHECKING:
    from collections.abc import Callable

    from .columns import Column, ColumnFunction
    from .decode import Decoder, DecodeRun
    from .encode import Encoder, EncodeRun, Value, Wire


class Coder(NamedTuple):
    """Both directions of one typed place."""

    encode: Encoder
    decode: Decoder
    write: ColumnFunction | None = None
    """Writes many values at a time, see :mod:`.columns`; None: one after the other."""
    read: ColumnFunction | None = None

    def write_column(self, column: Column, run: EncodeRun) -> Column:
        """Write each of ``column``."""
        if self.write is not None and len(column) >= LONG:
            return self.write(column, run)
        encode = self.encode
        return [encode(value, run) for value in column]

    def read_column(self, column: Column, run: DecodeRun) -> Column:
        """Read each of ``column``."""
        if self.read is not None and len(column) >= LONG:
            return self.read(column, run)
        decode = self.decode
        return [decode(wire, run) for wire in column]


def encode_any(value: Value, run: EncodeRun) -> Wire:
    """Return the self-describing form."""
    cls = type(value)
    return (run.encoders.get(cls) or run.encoder_of(cls))(value, run)


def decode_any(wire: Wire, run: DecodeRun) -> Value:
    """Return the value of a self-describing form."""
    return run.any(wire)


ANY = Coder(encode_any, decode_any, write_any, read_any)
"""A place without a usable type: self-describing."""


class _UnderWay(local):
    def __init__(self) -> None:
        self.kinds: set[Any] = set()


class Coders:
    """Coders by type, each built once.

    ``class_coder`` gives that of a registered class or enum, ``hooked`` that of a type for which the user
    registered hooks; both give None for other types.
    """

    def __init__(
        self, class_coder: Callable[[type], Coder | None], hooked: Callable[[Any], Coder | None]
    ) -> None:
        self._class_coder = class_coder
        self._hooked = hooked
        self._known: dict[Any, Coder] = {}
        self._own: dict[Any, Coder] = {}
        self._under_way = _UnderWay()  # of each thread: what another builds is no circle here

    def of(self, kind: Value) -> Coder:
        """Return the coder of a place declared as ``kind``."""
        try:
            known = self._known.get(kind)
        except TypeError:  # an unhashable annotation, such as Literal[[]]
            return ANY
        if known is None:
            known = self._known[kind] = self._hooked(kind) or self.own(kind)
        return known

    def own(self, kind: Value) -> Coder:
        """As :meth:`of`, as if the user had registered no hook for ``kind`` itself."""
        known = self._own.get(kind)
        if known is None:
            under_way = self._under_way.kinds
            if kind in under_way:  # a named tuple or TypedDict that holds others of its kind
                return self._later(kind)
            under_way.add(kind)
            try:
                known = self._own[kind] = self._build(kind)
            finally:
                under_way.discard(kind)
        return known

    def _later(self, kind: Value) -> Coder:
        """Return the coder of a type whose own coder is being built."""
        return Coder(
            lambda value, run: self.own(kind).encode(value, run),
            lambda wire, run: self.own(kind).decode(wire, run),
        )

    def clear(self) -> None:
        """Forget what was built, after a registration."""
        self._known.clear()
        self._own.clear()

    def _build(self, kind: Value) -> Coder:
        bare = unwrap(kind)
        if bare is not kind:
            return self.of(bare)
        origin: Any = typing.get_origin(kind)
        if origin is None:
            origin = kind
        if not isinstance(origin, type):
            return ANY
        build = _GENERIC.get(origin)
        if build is not None:
            return build(self, typing.get_args(kind))
        if origin is bytes:
            return _BYTES
        plain = PLAIN.get(f"{origin.__module__}:{origin.__qualname__}")
        if plain is not None and standard(f"{origin.__module__}:{origin.__qualname__}") is origin:
            return _string(origin, plain.write, plain.read)
        if typing.is_typeddict(origin):
            return self._typed_dict(origin)
        return self._class_coder(origin) or ANY

    def _typed_dict(self, kind: Value) -> Coder:
        try:
            hints = typing.get_type_hints(kind)
        except Exception:  # noqa: BLE001 - whatever evaluating an annotation raises, the types are unknown
            return ANY
        return _object({name: self.of(hint) for name, hint in hints.items()}, ANY)


def unwrap(kind: Value) -> Value:
    """Return the type that decides how ``kind`` is written.

    That is ``T`` for ``Annotated[T, …]``, ``Final[T]``, a NewType or a type alias, and also for
    ``Optional[T]``: None is self-describing.
    """
    origin: Any = typing.get_origin(kind)
    if origin is typing.Union or (sys.version_info >= (3, 10) and origin is types.UnionType):
        rest = [arg for arg in typing.get_args(kind) if arg is not type(None)]
        return rest[0] if len(rest) == 1 else Any
    if origin is typing.Annotated or origin is typing.Final:
        return typing.get_args(kind)[0]
    if hasattr(kind, "__supertype__"):
        return kind.__supertype__
    if type(kind).__name__ == "TypeAliasType":
        return kind.__value__
    return kind


# --- strings ------------------------------------------------------------------------------------


def _string(cls: type, write: Callable[[Any], str | None], read: Callable[[str], Any]) -> Coder:
    def encode(value: Value, run: EncodeRun) -> Wire:
        if type(value) is cls:
            text = write(value)
            if text is not None:
                return text
        return escape(run.any(value), str)

    def decode(wire: Wire, run: DecodeRun) -> Value:
        return in_range(read, wire) if type(wire) is str else run.any(wire)

    name = f"{cls.__module__}:{cls.__qualname__}"
    return Coder(encode, decode, write_texts(name, cls, write, encode), read_texts(name, cls, read, decode))


_BYTES = _string(bytes, lambda value: b64encode(value).decode("ascii"), decode_base64)


# --- arrays -------------------------------------------------------------------------------------


def _array(cls: Any, item: Coder, make: Callable[[list[Any]], Any]) -> Coder:
    encode = _array_encoder(cls, item)
    decode = _array_decoder(item, make, hashed=cls in _HASHED)
    if cls is not list:
        return Coder(encode, decode)

    def write(column: Column, run: EncodeRun) -> Column:
        return write_lists(column, run, item.write_column)

    def read(column: Column, run: DecodeRun) -> Column:
        return read_lists(column, run, item.read_column)

    return Coder(encode, decode, of_kind(list, write, encode), of_kind(list, read, decode))


def _array_encoder(cls: Any, item: Coder) -> Encoder:
    write = item.encode

    def encode(value: Value, run: EncodeRun) -> Wire:
        if type(value) is not cls or (cls is deque and value.maxlen is not None):
            return escape(run.any(value), list)
        if cls in _MUTABLE or not SCALARS.issuperset(map(type, value)):
            instead = run.instead(value)
            if instead is not None:
                return instead
        if cls is list and run.column_of is not None and len(value) >= LONG:
            return write_array(list(value), run, item.write_column)
        out: list[Wire] = []
        try:
            for member in value:
                out.append(write(member, run))  # noqa: PERF401 - the error wants to know how far it came
        except MigrateError as error:
            raise within(error, f"[{len(out)}]")  # noqa: B904
        if run.sharing and cls in _HASHED and any(type(w) is dict for w in out):
            run.verify = True  # an element inside a cycle would be hashed before it is complete
        return out

    return encode


def _array_decoder(item: Coder, make: Callable[[list[Any]], Any], *, hashed: bool) -> Decoder:
    read = item.decode

    def decode(wire: Wire, run: DecodeRun) -> Value:
        if type(wire) is not list:
            return run.any(wire)
        if make is _same and run.column_of is not None and len(wire) >= LONG:
            return read_array(wire, run, item.read_column)
        out: list[Any] = []
        try:
            for member in wire:
                out.append(read(member, run))  # noqa: PERF401
        except MigrateError as error:
            raise within(error, f"[{len(out)}]")  # noqa: B904
        if hashed:
            run.hashing.check_all(out)
        return make(out)

    return decode


_MUTABLE = frozenset({list, set, deque})
_HASHED = frozenset({set, frozenset})


def _same(items: list[Any]) -> list[Any]:
    return items


def _array_of(cls: type) -> Callable[[Coders, tuple[Any, ...]], Coder]:
    def make(items: list[Any]) -> Value:
        return hashable(cls, items)

    def build(coders: Coders, args: tuple[Any, ...]) -> Coder:
        item = coders.of(args[0]) if args else ANY
        if cls is list:
            return item if item is ANY else _array(cls, item, _same)
        return _array(cls, item, make)

    return build


def _tuple_of(coders: Coders, args: tuple[Any, ...]) -> Coder:
    if not args or args[-1] is ...:
        return _array(tuple, coders.of(args[0]) if args else ANY, tuple)
    return fixed(tuple, [coders.of(arg) for arg in args if arg != ()], tuple)


def fixed(
    cls: Any, items: list[Coder], make: Callable[[list[Any]], Any], required: int | None = None
) -> Coder:
    """Return an array with a type for each position; ``required`` of them must be there when it is read."""
    least = len(items) if required is None else required

    def encode(value: Any, run: EncodeRun) -> Wire:
        if type(value) is not cls or len(value) != len(items):
            return escape(run.any(value), list)
        if not SCALARS.issuperset(map(type, value)):
            instead = run.instead(value)
            if instead is not None:
                return instead
        out: list[Wire] = []
        try:
            for item, member in zip(items, tuple.__iter__(value), strict=True):
                out.append(item.encode(member, run))
        except MigrateError as error:
            raise within(error, f"[{len(out)}]")  # noqa: B904
        return out

    def decode(wire: Wire, run: DecodeRun) -> Value:
        return make(decode_fixed(wire, run, items, least)) if type(wire) is list else run.any(wire)

    return Coder(encode, decode)


def decode_fixed(wire: list[Wire], run: DecodeRun, items: list[Coder], least: int) -> list[Any]:
    """Return the elements of an array that has a type for each position."""
    if not least <= len(wire) <= len(items):
        raise DecodeError(f"{len(wire)} elements where {len(items)} belong", reason="bad-value")
    out: list[Any] = []
    try:
        for item, member in zip(items, wire, strict=False):
            out.append(item.decode(member, run) if run.typed else run.any(member))
    except MigrateError as error:
        raise within(error, f"[{len(out)}]")  # noqa: B904
    return out


# --- objects ------------------------------------------------------------------------------------


def _dict_of(coders: Coders, args: tuple[Any, ...]) -> Coder:
    if len(args) != 2:
        return ANY
    value = coders.of(args[1])
    if args[0] is str:
        return ANY if value is ANY else _object({}, value)
    if args[0] is int:
        return _numbered_object(value)
    key = coders.of(args[0])
    return ANY if key is ANY and value is ANY and args[0] is Any else _pairs(key, value)


def _object(members: dict[str, Coder], other: Coder) -> Coder:
    def encode(value: Value, run: EncodeRun) -> Wire:
        if type(value) is not dict or not has_plain_keys(value):
            return escape(run.any(value), dict)
        instead = run.instead(value)
        if instead is not None:
            return instead
        out: dict[str, Wire] = {}
        key = ""
        try:
            for key, member in value.items():
                out[key] = members.get(key, other).encode(member, run)
        except MigrateError as error:
            raise within(error, step_of(key))  # noqa: B904
        return out

    def decode(wire: Wire, run: DecodeRun) -> Value:
        if type(wire) is not dict or is_tagged(wire):
            return run.any(wire)
        out: dict[str, Any] = {}
        key = ""
        try:
            for key, member in wire.items():
                out[key] = members.get(key, other).decode(member, run)
        except MigrateError as error:
            raise within(error, step_of(key))  # noqa: B904
        return out

    return Coder(encode, decode)


def _numbered_object(member: Coder) -> Coder:
    def encode(value: Value, run: EncodeRun) -> Wire:
        if type(value) is not dict or not all(type(k) is int and INT_MIN <= k <= INT_MAX for k in value):
            return escape(run.any(value), dict)
        instead = run.instead(value)
        if instead is not None:
            return instead
        out: dict[str, Wire] = {}
        key = 0
        try:
            for key, item in value.items():
                out[str(key)] = member.encode(item, run)
        except MigrateError as error:
            raise within(error, step_of(key))  # noqa: B904
        return out

    def decode(wire: Wire, run: DecodeRun) -> Value:
        if type(wire) is not dict or is_tagged(wire):
            return run.any(wire)
        out: dict[int, Any] = {}
        text = ""
        try:
            for text, item in wire.items():
                out[_decimal(text)] = member.decode(item, run)
        except MigrateError as error:
            raise within(error, step_of(text))  # noqa: B904
        return out

    return Coder(encode, decode)


def _decimal(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or str(number) != text:
        raise DecodeError(f"not a decimal key: {text[:60]!r}", reason="bad-value")
    return number


def _pairs(left: Coder, right: Coder) -> Coder:
    return Coder(_pairs_encoder(left.encode, right.encode), _pairs_decoder(left.decode, right.decode))


def _pairs_encoder(left: Encoder, right: Encoder) -> Encoder:
    def encode(value: Value, run: EncodeRun) -> Wire:
        if type(value) is not dict:
            return escape(run.any(value), list)
        instead = run.instead(value)
        if instead is not None:
            return instead
        out: list[Wire] = []
        key: Any = None
        try:
            for key, item in value.items():
                name = left(key, run)
                if run.sharing and type(name) in (dict, list):
                    run.verify = True  # as for the elements of a set
                out.append([name, right(item, run)])
        except MigrateError as error:
            raise within(error, step_of(key))  # noqa: B904
        return out

    return encode


def _pairs_decoder(left: Decoder, right: Decoder) -> Decoder:
    def decode(wire: Wire, run: DecodeRun) -> Value:
        if type(wire) is not list:
            return run.any(wire)
        out: dict[Any, Any] = {}
        counts: dict[int, int] = {}
        for number, pair in enumerate(wire):
            if type(pair) is not list or len(pair) != 2:
                raise within(DecodeError("not a pair of key and value"), f"[{number}]")
            key = left(pair[0], run)
            try:
                run.hashing.check(key, counts)
                hashable(out.__setitem__, key, right(pair[1], run))
            except MigrateError as error:
                raise within(error, step_of(key))  # noqa: B904
        return out

    return decode


_GENERIC: dict[type, Callable[[Coders, tuple[Any, ...]], Coder]] = {
    list: _array_of(list),
    set: _array_of(set),
    frozenset: _array_of(frozenset),
    deque: _array_of(deque),
    tuple: _tuple_of,
    dict: _dict_of,
}
