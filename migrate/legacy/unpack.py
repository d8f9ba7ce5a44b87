"""Looking through compression, with a bound on what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from .errors import LegacyError, LimitExceeded, MalformedPickle, TruncatedPickle
from .limits import DEFAULT_LIMITS, Limits
from .sniff import Format, sniff

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 26
"""Up to this size (64 MiB) any ratio of compression is believed."""
_XZ_MEMORY: Final = 1 << 27


class _Stream(Protocol):
    """What the decompressors of :mod:`bz2` and :mod:`lzma` have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def decompress(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[tuple[Format, ...], bytes]:
    """Return the layers of gzip, bz2, xz, lzma or zlib around ``data``, outermost first, and what is inside.

    Data that are not compressed come back as they are, with no layers. Several members in a row are read
    as one, as :mod:`gzip` does; bytes after the last member are ignored, as zero padding is.

    Raises :class:`~.errors.LimitExceeded` for a bomb, :class:`~.errors.LegacyError` for a damaged layer.
    """
    layers: list[Format] = []
    while (found := sniff(data[:6])) in _OPENERS:
        if len(layers) >= limits.max_layers:
            raise LimitExceeded(f"more than max_layers={limits.max_layers} compressions", limit="max_layers")
        try:
            data = _inflate(data, found, limits)
        except _BadLayer as error:
            if found is Format.ZLIB:  # two bytes are no proof that it ever was zlib
                break
            raise error.reason from None
        layers.append(found)
    return tuple(layers), data


class _BadLayer(Exception):  # noqa: N818 - carries the error to raise if this really was a layer
    def __init__(self, reason: LegacyError) -> None:
        super().__init__(reason)
        self.reason = reason


def _inflate(data: bytes, layer: Format, limits: Limits) -> bytes:
    size, name = len(data), layer.value
    limit = min(limits.max_unpacked, max(_SMALL, limits.max_ratio * size))
    out = bytearray()
    while True:
        stream = _OPENERS[layer]()
        pending = data
        while not stream.eof:
            try:
                piece = stream.decompress(pending, _CHUNK)
            except _errors() as error:
                raise _BadLayer(MalformedPickle(f"damaged {name} data: {error}")) from None
            pending = b""
            out += piece
            if len(out) > limit:
                named = "max_unpacked" if limit == limits.max_unpacked else "max_ratio"
                raise LimitExceeded(
                    f"{size} bytes of {name} unpack to more than {named}={getattr(limits, named)} allows",
                    limit=named,
                )
            if not piece and not stream.eof:
                raise _BadLayer(TruncatedPickle(f"the {name} data end early", offset=size))
        data = stream.unused_data
        if sniff(data[:6]) is not layer or layer is Format.ZLIB:
            return bytes(out)


class _Zlib:
    """Gives :mod:`zlib` the interface that :mod:`bz2` and :mod:`lzma` have."""

    def __init__(self, wbits: int) -> None:
        import zlib

        self._stream = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


def _open_bz2() -> _Stream:
    import bz2

    return bz2.BZ2Decompressor()


def _open_xz() -> _Stream:
    import lzma

    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


def _errors() -> tuple[type[Exception], ...]:
    import lzma
    import zlib

    return (OSError, ValueError, EOFError, lzma.LZMAError, zlib.error)


_OPENERS: Final[dict[Format, Callable[[], _Stream]]] = {
    Format.GZIP: lambda: _Zlib(31),
    Format.ZLIB: lambda: _Zlib(15),
    Format.BZ2: _open_bz2,
    Format.XZ: _open_xz,
    Format.LZMA: _open_xz,
}
