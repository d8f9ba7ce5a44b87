"""What the file system said of the files of a tree the last time, kept in the user's cache directory.

An entry is named by the place of the tree. It is only believed of a file that the file system still says the
same of (`migrate.sites.contents`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from migrate.cli.remembered import SMALLEST, load, place_of, store
from migrate.plan import VENDOR_FOLDER
from migrate.sites.contents import DIGEST, Known
from migrate.sites.tree import read_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrate.cli.configuration import Selection
    from migrate.sites.contents import Contents
    from migrate.sites.tree import Tree

_KIND = "index"
_INDEX = "sources"
_NOTHING = bytes(DIGEST)


class _Index(msgspec.Struct, array_like=True):
    paths: list[str]
    stamps: list[tuple[int, int, int, int, int]]
    digests: bytes
    """Of all files one after the other; zeros for an empty one."""


def known_tree(path: Path, selection: Selection, *, reread: bool = False) -> Tree:
    """Return the tree at ``path``, with its notebooks; files that have not changed are not read yet.

    Unless the ``selection`` says so, or it is to ``reread`` them.
    """
    keep = selection.cache and path.is_dir()
    known = load_index(_INDEX, path) if keep and not (reread or selection.reread) else {}
    tree = read_tree(path, wanted=selection.wants, gitignore=selection.gitignore, notebooks=True, known=known)
    if keep and len(tree.sources) >= SMALLEST:
        index = tree.sources.index()
        if index != known:
            store_index(_INDEX, path, index)
    return tree


def without_runtime(sources: Contents) -> Contents:
    """Return ``sources`` without a vendored runtime, which is ours."""
    return sources.select(lambda path: VENDOR_FOLDER not in path.split("/"))


def load_index(name: str, root: Path) -> dict[str, Known]:
    """Return what is known of the files of the tree at ``root``; ``name`` says which files are meant."""
    body = load(_KIND, place_of(root, name))
    try:
        index = msgspec.msgpack.decode(body, type=_Index) if body is not None else None
    except ValueError:
        return {}
    if index is None or not len(index.paths) == len(index.stamps) == len(index.digests) / DIGEST:
        return {}
    digests = (index.digests[start : start + DIGEST] for start in range(0, len(index.digests), DIGEST))
    return {
        path: Known(stamp, b"" if digest == _NOTHING else digest)
        for path, stamp, digest in zip(index.paths, index.stamps, digests, strict=True)
    }


def store_index(name: str, root: Path, index: Mapping[str, Known]) -> None:
    """Keep ``index`` for the next time."""
    digests = b"".join(known.digest or _NOTHING for known in index.values())
    entry = _Index(list(index), [known.stamp for known in index.values()], digests)
    with suppress(ValueError):  # a path that is no text cannot be written
        store(_KIND, place_of(root, name), msgspec.msgpack.encode(entry))
