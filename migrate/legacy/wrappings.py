"""Looking through everything that programs put around pickles: compression, and text that carries bytes.

Databases and configuration often hold ``base64.b64encode(pickle.dumps(x))``, or ``pickle.dumps(x)`` decoded
as latin-1. Unlike a compressed file, such text has no magic number; it counts as a wrapping only when a
pickle, or a compressed layer, is inside.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from typing import TYPE_CHECKING, Any, Final, cast

from .errors import LegacyError, LimitExceeded, MalformedPickle
from .limits import DEFAULT_LIMITS, Limits
from .sniff import Format, looks_like_pickle, sniff
from .unpack import decompress

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 26
_COMPRESSED: Final = frozenset({Format.GZIP, Format.BZ2, Format.XZ, Format.LZMA, Format.ZLIB, Format.ZSTD})
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_\s-]+")
_SHORTEST: Final = 8
_LATIN1_PROTO: Final = b"\xc2\x80"
"""PROTO (0x80) as a character of latin-1, in UTF-8."""


def unwrap(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[tuple[Format, ...], bytes]:
    """Return the layers around ``data``, outermost first, and what is inside.

    Knows what :func:`~.unpack.decompress` does, and zstd (with Python 3.14, or the package ``zstandard``),
    base64 in both alphabets with any line breaks, and latin-1 text in UTF-8.

    Raises :class:`~.errors.LimitExceeded` for a bomb, :class:`~.errors.LegacyError` for a damaged layer, or
    for zstd when nothing is installed that reads it.
    """
    layers: list[Format] = []
    while True:
        found, data = decompress(data, limits=limits)
        layers += found
        if len(layers) > limits.max_layers:
            raise LimitExceeded(f"more than max_layers={limits.max_layers} wrappings", limit="max_layers")
        if sniff(data[:6]) is Format.ZSTD:
            layers.append(Format.ZSTD)
            data = _unzstd(data, limits)
            continue
        layer, inner = _from_text(data, limits)
        if layer is None:
            return tuple(layers), data
        layers.append(layer)
        data = inner


def _from_text(data: bytes, limits: Limits) -> tuple[Format | None, bytes]:
    if data.startswith(_LATIN1_PROTO):
        try:
            inner = data.decode("utf-8").encode("latin-1")
        except UnicodeError:
            return None, data
        return (Format.LATIN1, inner) if _is_content(inner, limits) else (None, data)
    # A pickle ends with a full stop, which base64 does not have.
    if len(data) < _SHORTEST or not _BASE64.fullmatch(data[:_CHUNK].rstrip(b"=\r\n\t ")):
        return None, data
    try:
        compact = b"".join(data.split()).translate(bytes.maketrans(b"-_", b"+/"))
        inner = b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except ValueError:
        return None, data
    return (Format.BASE64, inner) if _is_content(inner, limits) else (None, data)


def _is_content(inner: bytes, limits: Limits) -> bool:
    return sniff(inner[:6]) in _COMPRESSED or looks_like_pickle(inner, limits=limits)


def _unzstd(data: bytes, limits: Limits) -> bytes:
    read = _zstd_reader(data)
    limit = min(limits.max_unpacked, max(_SMALL, limits.max_ratio * len(data)))
    out = bytearray()
    try:
        while piece := read(_CHUNK):
            out += piece
            if len(out) > limit:
                named = "max_unpacked" if limit == limits.max_unpacked else "max_ratio"
                raise LimitExceeded(
                    f"{len(data)} bytes of zstd unpack to more than {named}={getattr(limits, named)} allows",
                    limit=named,
                )
    except LegacyError:
        raise
    except Exception as error:  # each of the packages has an error class of its own
        raise MalformedPickle(f"damaged zstd data: {error}") from error
    return bytes(out)


def _zstd_reader(data: bytes) -> Callable[[int], bytes]:
    from io import BytesIO

    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdFile

        read: Callable[[int], bytes] = ZstdFile(BytesIO(data)).read
        return read
    try:
        import zstandard
    except ImportError:
        raise LegacyError(
            "the data are compressed with zstd: pip install 'pickle-migrate[zstd]'", reason="unreadable"
        ) from None
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    stream: Any = decompressor.stream_reader(BytesIO(data), read_across_frames=True)
    return cast("Callable[[int], bytes]", stream.read)
