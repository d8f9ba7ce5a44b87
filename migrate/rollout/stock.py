"""The stock by format: what stored files are, by their content."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import legacy_files
from migrate.legacy import Format, sniff
from migrate.sites.tree import data_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HEAD = 16


@frozen
class Stock:
    """How many files there are of each format; None of all means that nobody looked."""

    formats: dict[str, int]
    pickles: tuple[str, ...]
    """Paths of the files that hold pickles, also inside compression."""


def take_stock(paths: Iterable[Path]) -> Stock:
    """Look at every data file in ``paths``, files or folders. Raises OSError when a file cannot be read."""
    formats: Counter[str] = Counter()
    pickles: list[str] = []
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
    return Stock(dict(formats), tuple(pickles))
