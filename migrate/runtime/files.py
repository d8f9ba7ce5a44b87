"""Whole files of one value each: what ``joblib.dump`` and ``DataFrame.to_pickle`` do with a path.

    converters.dump_file(frame, "sales.pkl.gz")        # was: frame.to_pickle("sales.pkl.gz")
    frame = converters.load_file("sales.pkl.gz")       # was: pandas.read_pickle("sales.pkl.gz")

A file is compressed as its name says, or as asked for, and read as its content says.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from typing import TYPE_CHECKING, Any, Final

from .errors import DecodeError, EncodeError, MigrateError, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from .records import Records
    from .streams import Readable, Writable

    Target = str | os.PathLike[str] | Writable
    Source = str | os.PathLike[str] | Readable

_COMPRESSORS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
}
_BY_NAME: Final = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".lzma": "lzma", ".z": "zlib"}
_MAGIC: Final[tuple[tuple[bytes, Callable[[bytes], bytes]], ...]] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ\x00", lzma.decompress),
    (b"\x5d\x00\x00", lzma.decompress),
    *((bytes((0x78, level)), zlib.decompress) for level in (0x01, 0x5E, 0x9C, 0xDA)),
)
"""No record begins so (docs/wire-format.md)."""
_NOT_SERVED: Final = (".zip", ".zst", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".lz4")


def dump_file(codec: Records, obj: object, file: Target, compression: str | None) -> None:
    """Write one record to a path, compressed, or to an open file as it is.

    Nothing is opened before the record is made, so a value that is refused leaves the old file as it was.
    """
    record = codec.dumps(obj)
    if not isinstance(file, (str, os.PathLike)):
        file.write(record)
        return
    path = _local(file, EncodeError)
    method = _by_name(path, EncodeError) if compression == "infer" else compression
    if method is not None and method not in _COMPRESSORS:
        known = ", ".join(_COMPRESSORS)
        raise ValueError(f"compression={method!r} is none of infer, None, {known}")
    data = record if method is None else _COMPRESSORS[method](record)
    with open(path, "wb") as opened:  # noqa: PTH123 - a path of any kind
        opened.write(data)


def load_file(codec: Records, file: Source, type: Any = None, **options: Any) -> Any:  # noqa: A002
    """Read the one record of a path, or the next one of an open file."""
    if not isinstance(file, (str, os.PathLike)):
        return codec.load(file, type, **options)
    path = _local(file, DecodeError)
    _by_name(path, DecodeError)
    with open(path, "rb") as opened:  # noqa: PTH123
        data = opened.read()
    try:
        return codec.loads(codec.unpacked(data), type, **options)
    except MigrateError as error:
        raise within(error, path)  # noqa: B904 - the same error, with its place
    except EOFError as error:
        raise EOFError(f"{path} is empty") from error


def inflated(data: bytes) -> bytes:
    """Return what is inside compressed data; others as they are. Raises DecodeError if they are damaged."""
    for magic, inflate in _MAGIC:
        if data.startswith(magic):
            try:
                return inflate(data)
            except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError) as error:
                raise DecodeError(f"damaged compressed data: {error}", reason="malformed") from error
    return data


def _local(file: str | os.PathLike[str], error: type[MigrateError]) -> str:
    path = os.fspath(file)
    if "://" in path:
        raise error(
            f"{path} is no file of this machine; open it, and pass what you opened", reason="bad-value"
        )
    return path


def _by_name(path: str, error: type[MigrateError]) -> str | None:
    """Return the compression that a name asks for."""
    lower = path.lower()
    other = next((suffix for suffix in _NOT_SERVED if lower.endswith(suffix)), None)
    if other is not None:
        raise error(f"{path}: files named {other} are not read or written here", reason="bad-value")
    return next((method for suffix, method in _BY_NAME.items() if lower.endswith(suffix)), None)
