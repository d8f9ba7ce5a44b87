"""Which files of a tree have a word in them, kept in the user's cache directory by their contents."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from migrate.cli.remembered import SMALLEST, load, place_of, store
from migrate.sites.contents import digests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KIND = "words"


class _Entry(msgspec.Struct, array_like=True):
    found: list[bytes]
    """Digests of the contents that have the word."""
    others: list[bytes]


def files_with(word: bytes, sources: Mapping[str, bytes], root: Path, *, keep: bool) -> dict[str, bytes]:
    """Return those of ``sources`` that contain ``word``, from what was kept; ``keep`` what is found."""
    if not keep or len(sources) < SMALLEST:
        return {path: source for path, source in sources.items() if word in source}
    name = place_of(root, word.decode())
    kept = _load(name)
    known = dict.fromkeys(kept.others, False) | dict.fromkeys(kept.found, True)
    digest_of = digests(sources)
    found = {
        digest: known[digest] if digest in known else word in sources[path]
        for path, digest in digest_of.items()
    }
    if found.keys() != known.keys():
        entry = _Entry([d for d, has in found.items() if has], [d for d, has in found.items() if not has])
        store(_KIND, name, msgspec.msgpack.encode(entry))
    return {path: sources[path] for path, digest in digest_of.items() if found[digest]}


def _load(name: str) -> _Entry:
    body = load(_KIND, name)
    with suppress(ValueError):
        if body is not None:
            return msgspec.msgpack.decode(body, type=_Entry)
    return _Entry([], [])
