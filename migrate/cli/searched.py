"""The sites that were found in a tree the last time, kept in the user's cache directory.

An entry is named by the place of the tree and the names of its files, and holds a digest of each. It is used
when no file has changed, or only files that neither had nor have anything to do with pickle: what they are
read for is said by `migrate.sites.Traces`.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from attrs import frozen

from migrate.cli.remembered import SMALLEST, feed, load, program, store
from migrate.model import FileSites  # noqa: TC001 - msgspec looks at the types of its classes
from migrate.sites import Modules, Traces, search
from migrate.sites.contents import DIGEST, digests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KIND = "sites"


@frozen
class _Entry:
    naming: tuple[tuple[str, str], ...]
    """What decides the names of modules."""
    digests: bytes
    """Of the files, in the order of their paths."""
    files: tuple[FileSites, ...]
    traces: Traces


def sites_of(
    sources: Mapping[str, bytes], root: Path, *, package: str, modules: Modules, keep: bool
) -> dict[str, FileSites]:
    """Return what `find_sites` does, from what was kept where that holds; ``keep`` what is found.

    ``package`` is the name of the ``root``, ``modules`` names the ``sources``. Raises nothing.
    """
    if not keep or len(sources) < SMALLEST:
        return search(sources, modules)[0]
    key = _key_of(sources, root, package)
    found = digests(sources)
    ordered = [found[path] for path in sorted(found)]
    kept = _decoded(load(_KIND, key))
    if kept is not None and _holds(kept, sources, ordered, modules):
        return {file.path: file for file in kept.files}
    files, traces = search(sources, modules)
    entry = _Entry(modules.naming(), b"".join(ordered), tuple(files.values()), traces)
    with suppress(ValueError):  # a path that is no text cannot be written
        store(_KIND, key, msgspec.msgpack.encode(entry))
    return files


def _key_of(sources: Mapping[str, bytes], root: Path, package: str) -> str:
    digest = hashlib.blake2b(digest_size=32)
    feed(digest, (program(), sys.version, str(root.resolve()), package, *sorted(sources)))
    return digest.hexdigest()


def _decoded(body: bytes | None) -> _Entry | None:
    try:
        return msgspec.msgpack.decode(body, type=_Entry) if body is not None else None
    except ValueError:
        return None


def _holds(kept: _Entry, sources: Mapping[str, bytes], found: list[bytes], modules: Modules) -> bool:
    if b"".join(found) == kept.digests:
        return True
    if len(kept.digests) != len(found) * DIGEST:
        return False
    changed = {
        path: sources[path]
        for number, path in enumerate(sorted(sources))
        if found[number] != kept.digests[number * DIGEST : (number + 1) * DIGEST]
    }
    return kept.traces.allow(changed) and kept.naming == modules.naming()
