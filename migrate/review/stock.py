"""What stored files are, by their content: the stock by format.

Pickles are told by `migrate.evidence.data`, which reads them whole. Here is the rest of what belongs to a
stock: records of a codec, sealed pickles, and the files of NumPy and PyTorch. Only the first bytes are
looked at.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

from migrate.legacy import Format, sniff
from migrate.runtime.containers import CONTAINER_TAGS
from migrate.runtime.decode import BUILTIN_TAGS
from migrate.runtime.standard import STANDARD_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HEAD = 1 << 16
_ALSO_OF_SCHEMAS = frozenset({"$ref"})
_TAGS = {
    "$type",
    "$enum",
    "$class",
    "$stream",
    *BUILTIN_TAGS,
    *STANDARD_TAGS,
    *CONTAINER_TAGS,
} - _ALSO_OF_SCHEMAS
_TAGGED = re.compile(rb'\{"(?:%s)":' % b"|".join(sorted(re.escape(tag).encode() for tag in _TAGS)))
_RECORDS = frozenset({Format.YAML, Format.MSGPACK, Format.CBOR})
_NPY = b"\x93NUMPY"
_OBJECTS = re.compile(rb"'descr': '\|?O'")


def stock_of(paths: Iterable[Path]) -> dict[str, int]:
    """Return how many of ``paths``, which hold no plain pickles, are of which format.

    Files that are no stock are left out, as are those that cannot be read. A JSON file counts when it has a
    tag of the wire format: without one, nothing tells it from any other JSON.
    """
    found: Counter[str] = Counter()
    for path in paths:
        kind = _kind_of(path)
        if kind:
            found[kind] += 1
    return dict(found)


def _kind_of(path: Path) -> str:
    """Return the format of one file; empty for what is no stock."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        found = sniff(head[:16])
        if found is Format.ZIP:
            return _kind_of_zip(path)
    except (OSError, zipfile.BadZipFile):
        return ""
    if head.startswith(_NPY):
        return "NumPy array of objects (a pickle)" if _OBJECTS.search(head[:200]) else "NumPy array"
    if found is Format.JSON:
        return "JSON" if _TAGGED.search(head) else ""
    if found is Format.ENVELOPE:
        kind = head[1:].partition(b" ")[0].decode("ascii")
        return "sealed pickle" if kind == "sealed" else f"{kind} record"
    return found.value if found in _RECORDS else ""


def _kind_of_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if any(name.endswith("data.pkl") for name in names):
        return "PyTorch archive (a pickle in zip)"
    return "NumPy archive" if names and all(name.endswith(".npy") for name in names) else ""
