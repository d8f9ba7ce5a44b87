"""Compression around legacy data: taken off to convert, put back as it was."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import TYPE_CHECKING, Any

from migrate.legacy import Format, sniff
from migrate.reencode.errors import Refused
from migrate.reencode.jsonlines import is_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HEAD = 4096
"""Unpacked bytes that tell what is in a container."""
_GZIP_MTIME = slice(4, 8)
_GZIP_FLAGS = 3
_GZIP_FNAME = 0x08
_GZIP_FEXTRA = 0x04
_XZ_CHECK = 7
"""Offset of the check's id in the header of an xz stream (xz file format 1.2, section 2.1.1.2)."""


def could_hold(head: bytes) -> bool:
    """Whether what begins with ``head`` can be of interest: pickles, records of a codec, or a container."""
    match sniff(head):
        case Format.PICKLE | Format.GZIP | Format.BZ2 | Format.XZ | Format.LZMA | Format.ZLIB:
            return True
        case Format.JSON:
            line, newline, _ = head.partition(b"\n")
            return not newline or is_record(line + newline)
        case Format.YAML | Format.MSGPACK | Format.CBOR | Format.ENVELOPE:
            return True
        case _:
            return False


def peek(data: bytes, max_layers: int) -> bytes:
    """Return the first bytes within the containers around ``data``, without unpacking the rest.

    Empty when a container's first bytes are damaged. When more than its first bytes is needed, the
    container's own are returned.
    """
    head = data
    for _ in range(max_layers):
        opener = _STREAMS.get(sniff(head[:6]))
        if opener is None:
            break
        try:
            inner = opener().decompress(head, _HEAD)
        except (OSError, EOFError, zlib.error, lzma.LZMAError):
            return b""
        if not inner:
            break
        head = inner
    return head[:_HEAD]


def check_whole(layers: Sequence[Format], data: bytes) -> None:
    """Refuse bytes that follow a container: programs skip them when they read, but they are not ours to drop.

    ``data`` was unpacked before, so its size is known to be within limits. Zero bytes are padding.
    """
    for layer in layers:
        inner = b""
        rest = data
        while sniff(rest[:6]) is layer:
            stream = _STREAMS[layer]()
            inner += stream.decompress(rest)
            rest = stream.unused_data
            if layer is Format.ZLIB:
                break  # zlib has no members
        if rest.strip(b"\0"):
            message = f"{len(rest)} bytes follow the {layer.name.lower()} data"
            raise Refused(message, reason="malformed")
        data = inner


def wrap(layers: Sequence[Format], original: bytes, data: bytes) -> bytes:
    """Compress ``data`` as ``original`` is, ``layers`` outermost first.

    A gzip's own time stamp and file name are kept. Levels are not stored in these formats: the library's
    default is used.
    """
    for position, layer in reversed(list(enumerate(layers))):
        # Only the outermost header is at hand; those within are made anew.
        header = original if position == 0 else b""
        data = _WRAPPERS[layer](header, data)
    return data


def _gzip(header: bytes, data: bytes) -> bytes:
    mtime = int.from_bytes(header[_GZIP_MTIME], "little")
    buffer = io.BytesIO()
    with gzip.GzipFile(_gzip_name(header), "wb", fileobj=buffer, mtime=mtime) as file:
        file.write(data)
    return buffer.getvalue()


def _gzip_name(header: bytes) -> str:
    """Return the name in a gzip header (RFC 1952, section 2.3); empty if there is none."""
    if not header or not header[_GZIP_FLAGS] & _GZIP_FNAME:
        return ""
    start = 10
    if header[_GZIP_FLAGS] & _GZIP_FEXTRA:
        start += 2 + int.from_bytes(header[start : start + 2], "little")
    return header[start : header.index(0, start)].decode("latin-1")


def _xz(header: bytes, data: bytes) -> bytes:
    return lzma.compress(data, check=header[_XZ_CHECK] if header else -1)


_STREAMS: dict[Format, Callable[[], Any]] = {
    Format.GZIP: lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    Format.BZ2: bz2.BZ2Decompressor,
    Format.XZ: lzma.LZMADecompressor,
    Format.LZMA: lzma.LZMADecompressor,
    Format.ZLIB: zlib.decompressobj,
}
_WRAPPERS: dict[Format, Callable[[bytes, bytes], bytes]] = {
    Format.GZIP: _gzip,
    Format.BZ2: lambda _, data: bz2.compress(data),
    Format.XZ: _xz,
    Format.LZMA: lambda _, data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    Format.ZLIB: lambda _, data: zlib.compress(data),
}
