"""Telling by content what bytes are: a JSON record, a pickle, or something compressed."""

from __future__ import annotations

from enum import Enum
from typing import Final

from . import opcodes
from .engines import examine
from .errors import LegacyError, LimitExceeded, UnsupportedOpcode
from .limits import DEFAULT_LIMITS, Limits


class Format(Enum):
    """What the first bytes say."""

    EMPTY = "empty"
    JSON = "json"
    YAML = "yaml"
    MSGPACK = "msgpack"
    CBOR = "cbor"
    ENVELOPE = "signed, encrypted or sealed"
    PICKLE = "pickle"
    GZIP = "gzip"
    BZ2 = "bz2"
    XZ = "xz"
    LZMA = "lzma"
    ZLIB = "zlib"
    ZSTD = "zstd"
    ZIP = "zip"
    BASE64 = "base64"
    LATIN1 = "latin-1 text"
    UNKNOWN = "unknown"


_MAGIC: Final = (
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh", Format.BZ2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x5d\x00\x00", Format.LZMA),  # its usual properties; no pickle goes on like this
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"%YAML 1.", Format.YAML),  # records of a codec (docs/wire-format.md); "%" is no opcode,
    (b"\xc1mp1", Format.MSGPACK),  # C1 neither, nor does MessagePack use it,
    (b"\xd9\xd9\xf7", Format.CBOR),  # nor is this tag of self-described CBOR (RFC 8949, section 3.4.6),
    (b"~signed ", Format.ENVELOPE),  # nor "~"
    (b"~encrypted ", Format.ENVELOPE),
    (b"~sealed ", Format.ENVELOPE),
)
"""Whole magic numbers, tried before pickle: the first bytes of bz2, zip and zstd are opcodes too."""

_JSON_START: Final = frozenset(b' \t\r\n{["-0123456789tfn')
# The opcodes of protocols 0 and 1, which have no header, that need nothing below them on the stack.
_PICKLE_START: Final = frozenset(b"()]}NILFGSTUVXJKMcP")
_ZLIB_LEVELS: Final = frozenset((0x01, 0x5E, 0x9C, 0xDA))


def sniff(head: bytes) -> Format:
    """Return what data that begin with ``head`` are.

    One byte is enough to tell JSON from pickle: no pickle begins with a byte with which a JSON record
    begins. Sixteen bytes are enough for everything else.
    """
    if not head:
        return Format.EMPTY
    first = head[0]
    if first in _JSON_START:  # and no magic number begins so
        return Format.JSON
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if first == 0x78 and len(head) > 1 and head[1] in _ZLIB_LEVELS:
        return Format.ZLIB
    if first in _PICKLE_START:
        return Format.PICKLE
    if first == opcodes.PROTO and (len(head) == 1 or head[1] <= opcodes.HIGHEST_PROTOCOL):
        return Format.PICKLE
    return Format.UNKNOWN


def looks_like_pickle(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Return whether a file with this content holds pickles.

    Strict enough for a tree of arbitrary files. What begins with PROTO (protocol 2 and up) must hold a
    whole pickle, or one that is refused for its size or its opcodes, or begin as only protocols 4 and 5
    do: damaged pickles are to be found as well. Protocols 0 and 1 have no mark of their own, so the whole
    file must be pickles, with records of a codec allowed after the first.
    """
    if sniff(data[:6]) is not Format.PICKLE:
        return False
    if data[0] == opcodes.PROTO:
        return _framed(data) or _decodes(data, limits)
    return _is_stream(data, limits)


def _framed(data: bytes) -> bool:
    """PROTO 4 or 5, then FRAME with a length below 2**40."""
    return data[1:3] in (b"\x04\x95", b"\x05\x95") and data[8:11] == b"\x00\x00\x00"


def _decodes(data: bytes, limits: Limits) -> bool:
    try:
        examine(data, limits=limits)
    except (LimitExceeded, UnsupportedOpcode):
        return True
    except LegacyError:
        return False
    return True


def _is_stream(data: bytes, limits: Limits) -> bool:
    position = 0
    while position < len(data):
        head = data[position : position + 1]
        if position and head in b"{[%~\xc1\xd9":
            return True
        try:
            position = examine(data, start=position, limits=limits).end
        except LegacyError:
            return False
    return True
