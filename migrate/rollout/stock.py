"""The stock by format: what stored files are, by their content."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections import Counter
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

from attrs import frozen

from migrate.evidence import legacy_files
from migrate.legacy import Format, sniff
from migrate.runtime.seals import HEAD
from migrate.sites.tree import data_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HEAD = 16
_CHUNK = 1 << 20


@frozen
class Stock:
    """How many files there are of each format; None of all means that nobody looked."""

    formats: dict[str, int]
    pickles: tuple[str, ...]
    """Paths of the files that hold pickles, also inside compression."""
    sealed: tuple[str, ...] = ()
    """Paths of those of the others that hold sealed pickles."""


def take_stock(paths: Iterable[Path]) -> Stock:
    """Look at every data file in ``paths``, files or folders. Raises OSError when a file cannot be read."""
    formats: Counter[str] = Counter()
    pickles: list[str] = []
    sealed: list[str] = []
    for path in paths:
        files = list(data_files(path)) if path.is_dir() else [path]
        legacy = set(legacy_files(files))
        for file in files:
            if file in legacy:
                formats["pickle"] += 1
                pickles.append(str(file))
                continue
            with file.open("rb") as handle:
                found = sniff(handle.read(_HEAD))
            formats[Format.UNKNOWN.value if found is Format.PICKLE else found.value] += 1
            if _holds_seals(file):
                sealed.append(str(file))
    return Stock(dict(formats), tuple(pickles), tuple(sealed))


def _holds_seals(path: Path) -> bool:
    """Whether a record in the file, which is not compressed or is so in one layer, is a sealed pickle."""
    with suppress(EOFError, gzip.BadGzipFile, lzma.LZMAError), _opened(path) as file:
        tail = b"\n"
        while chunk := file.read(_CHUNK):
            if b"\n" + HEAD in tail + chunk:
                return True
            tail = chunk[-len(HEAD) :]
    return False


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(3)
    if start.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if start == b"BZh":
        return bz2.open(path, "rb")
    return lzma.open(path, "rb") if start == b"\xfd7z" else path.open("rb")
