"""The stored pickles of a tree: which files hold some, and what is in them.

Both are kept in the user's cache directory: which files hold pickles for as long as the file system says that
they have not changed, and what is in them by their content. So an unchanged file is read once.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import define

from migrate.cli.indexed import load_index, store_index
from migrate.cli.remembered import load, named, place_of, store
from migrate.evidence import stored_contents
from migrate.evidence.data import data_evidence, label, legacy_bytes, read_content, unreadable
from migrate.sites.contents import Known, digest_of, settled, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from migrate.evidence.data import Content, DataEvidence

_INDEX = "stored pickles"
_KIND = "pickles"
_WORTH_KEEPING = 20
"""Files: fewer are read in the time that looking them up takes."""


@define
class StoredData:
    """The stored pickles of a tree."""

    root: Path
    digests: dict[Path, bytes]
    """Files that hold pickles → digest of the content."""
    keep: bool
    """Whether what is in them may be kept, and taken from what was kept."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold pickles."""
        return tuple(self.digests)

    def evidence(self) -> DataEvidence:
        """Return what they hold. The digests are those of what was read then."""
        keep = self.keep and len(self.digests) >= _WORTH_KEEPING
        known = _load(self.root) if keep else {}
        found = {path: self._content(path, known) for path in sorted(self.digests)}
        used = {self.digests[path]: content for path, content in found.items()}
        if keep and used.keys() != known.keys():
            with suppress(ValueError):  # text that UTF-8 cannot hold
                store(_KIND, place_of(self.root), stored_contents.dumps(used))
        return data_evidence((label(path, self.root), content) for path, content in found.items())

    def _content(self, path: Path, known: Mapping[bytes, Content]) -> Content:
        content = known.get(self.digests[path])
        if content is None:
            try:
                data = path.read_bytes()
            except OSError as error:
                self.digests[path] = digest_of(str(error).encode("utf-8", "surrogateescape"))
                return unreadable(error)
            self.digests[path] = digest_of(data)
            content = read_content(data)
        return content


def find_stored(candidates: Iterable[Path], root: Path, *, keep: bool, reread: bool = False) -> StoredData:
    """Return which of ``candidates`` hold pickles, by content; what cannot be read is passed over.

    If it may ``keep`` what is found out, files that have not changed are not opened, unless it is to
    ``reread`` them.
    """
    known = load_index(_INDEX, root) if keep and not reread else {}
    index: dict[str, Known] = {}
    found: dict[Path, bytes] = {}
    for path in candidates:
        name = named(path, root)
        try:
            now = time.time_ns()
            stamp = stamp_of(path.stat())
            before = known.get(name)
            if before is not None and before.stamp == stamp:
                digest = before.digest
            else:
                data = legacy_bytes(path)
                digest = digest_of(data) if data is not None else b""
        except OSError:
            continue
        if settled(stamp, now):
            index[name] = Known(stamp, digest)
        if digest:
            found[path] = digest
    if keep and index != known and len(index) >= _WORTH_KEEPING:
        store_index(_INDEX, root, index)
    return StoredData(root, found, keep)


def _load(root: Path) -> dict[bytes, Content]:
    body = load(_KIND, place_of(root))
    try:
        return stored_contents.loads(body) if body is not None else {}
    except (ValueError, IndexError):
        return {}
