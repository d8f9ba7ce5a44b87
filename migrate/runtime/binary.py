"""Wire tree ⇄ MessagePack and CBOR. The only module that knows their libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import DecodeError, EncodeError, TruncatedRecord
from .formats import CBOR, check_tree, library

if TYPE_CHECKING:
    from .encode import Wire

_TOO_DEEP = "nested deeper than the interpreter's recursion limit"
_MAX_DEPTH = 950
"""Below what the C libraries allow."""


def write_msgpack(wire: Wire) -> bytes:
    """Return ``wire`` as one MessagePack object; raises EncodeError ``too-deep``."""
    import msgspec

    try:
        return msgspec.msgpack.encode(wire)
    except RecursionError as error:
        raise EncodeError(_TOO_DEEP, reason="too-deep") from error


def read_msgpack(data: bytes | memoryview) -> Wire:
    """Return the wire tree of one MessagePack object; raises DecodeError for anything else in ``data``."""
    import msgspec

    try:
        wire = msgspec.msgpack.decode(data, ext_hook=_refuse_extension)
    except RecursionError as error:
        raise DecodeError(_TOO_DEEP, reason="too-deep") from error
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:  # TypeError: a key that has no hash
        kind = TruncatedRecord if "truncated" in str(error) else DecodeError
        raise kind(f"not MessagePack: {error}") from error
    return check_tree(wire)


def _refuse_extension(code: int, _data: memoryview) -> Wire:
    raise DecodeError(f"MessagePack's extension type {code} is not part of the wire format")


def write_cbor(wire: Wire) -> bytes:
    """Return ``wire`` as one CBOR data item; raises EncodeError ``too-deep``."""
    cbor2 = library(CBOR)
    if _depth(wire) > _MAX_DEPTH:
        raise EncodeError(f"nested deeper than {_MAX_DEPTH} levels, which CBOR allows", reason="too-deep")
    encoded: bytes = cbor2.dumps(wire)
    return encoded


def read_cbor(data: bytes) -> Wire:
    """Return the wire tree of one CBOR data item; raises DecodeError for anything else in ``data``."""
    scan_cbor(data)
    cbor2 = library(CBOR)
    try:
        wire = cbor2.loads(data, max_depth=_MAX_DEPTH + 2)
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise DecodeError(f"not CBOR: {error}") from error
    return check_tree(wire)


def scan_cbor(data: bytes) -> None:
    """Check that ``data`` are one CBOR item of the wire format before a library makes anything of it.

    The library would follow shared references, compile patterns and do arithmetic for tags (RFC 8949,
    section 3.4); a wire tree has none of these. Nor has it undefined lengths, or keys other than text.
    Raises DecodeError with the offset, TruncatedRecord when the data end too early.
    """
    position, size = 0, len(data)
    to_come, maps = [1], [False]  # on each open level: how many items, and whether every other one is a key
    while to_come:
        if not to_come[-1]:
            to_come.pop()
            maps.pop()
            continue
        is_key = maps[-1] and to_come[-1] % 2 == 0
        to_come[-1] -= 1
        start = position
        major, argument, position = _cbor_head(data, position)
        if is_key and major != _TEXT:
            raise _refused("a key that is not text", start)
        if major in (_TEXT, _BYTES):
            position += argument
        elif major in (_ARRAY, _MAP):
            to_come.append(argument * (major - _ARRAY + 1))
            maps.append(major == _MAP)
            if argument > size or len(to_come) > _MAX_DEPTH + 2:
                raise _refused("more items than there are bytes, or levels", start)
    if position > size:
        raise TruncatedRecord(f"the record ends too early, after {size} bytes")
    if position < size:
        raise _refused("more than one item", position)


def _cbor_head(data: bytes, start: int) -> tuple[int, int, int]:
    """Return the major type of the item at ``start``, its argument, and where its head ends."""
    if start >= len(data):
        raise TruncatedRecord(f"the record ends too early, after {len(data)} bytes")
    major, info = divmod(data[start], 32)
    if info > 27:
        raise _refused("an undefined length" if info == 31 else "a reserved value", start)
    if major in _NAMES or (major == _SIMPLE and info not in _SIMPLE_VALUES):
        raise _refused(_NAMES.get(major, "a simple value that JSON does not have"), start)
    position = start + 1
    if info < 24:
        return major, info, position
    end = position + (1 << (info - 24))
    return major, int.from_bytes(data[position:end], "big"), end


_BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 2, 3, 4, 5, 7
"""Major types (RFC 8949, section 3.1)."""
_SIMPLE_VALUES = frozenset({20, 21, 22, 25, 26, 27})
"""False, true, null, and floats of three lengths."""
_NAMES = {6: "a tag"}


def _refused(what: str, offset: int) -> DecodeError:
    error = DecodeError(f"not CBOR of the wire format: {what} (at byte {offset})")
    error.offset = offset
    return error


def _depth(wire: Wire) -> int:
    depth, level = 0, [wire]
    while level and depth <= _MAX_DEPTH:
        level = [
            item
            for node in level
            if type(node) in (dict, list)
            for item in (node.values() if type(node) is dict else node)
        ]
        depth += 1
    return depth
