"""On what the sites of a tree rest: so that a change elsewhere need not be searched for again.

Most files of a tree have nothing to do with pickle. One of them that changes, and still has nothing to do
with it, changes no site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from migrate.sites.prefilter import import_text, imported_words, may_import, may_use_pickle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@frozen
class Export:
    """What others could import from a file."""

    module: bytes
    """The last name of the module, which is empty where nobody knows it."""
    name: bytes
    package: bool
    """Whether the module is a package."""
    pickles: bool
    """Whether it leads to pickle; otherwise it is a relative."""


@frozen
class Traces:
    """What a search has looked at."""

    opened: frozenset[str]
    """Files whose syntax was looked at, or may be by another search."""
    exports: frozenset[Export]
    """What leads to pickle: a file that imports one of these is looked at."""
    asked: dict[str, frozenset[str]]
    """Other files that were asked for names: a file that imports one of them is looked at."""

    def allow(self, changed: Mapping[str, bytes]) -> bool:
        """Whether the sites stay as they are when files have the contents ``changed`` now.

        The files of the tree have to be the same, and their `Modules.naming` as well.
        """
        return all(self._allows(path, source) for path, source in changed.items())

    def _allows(self, path: str, source: bytes) -> bool:
        if path in self.opened or may_use_pickle(source):
            return False
        words = imported_words(source)
        names = self.asked.get(path, ())
        if names and (b"*" in words or any(name.encode() in words for name in names)):
            return False
        text = import_text(source)
        return not any(may_follow(source, export, text, lambda: words) for export in self.exports)


def may_follow(source: bytes, export: Export, text: bytes, words_of: Callable[[], frozenset[bytes]]) -> bool:
    """Whether a file may take what another exports: it imports that, its module, or everything.

    ``text`` is the `import_text` of ``source``, ``words_of`` gives its `imported_words`.
    """
    module, name = export.module, export.name
    if not (name in text or module in text or b"*" in text):
        return False
    if not may_import(source, module, name, package=export.package):
        return False
    words = words_of()
    return not module or name in words or module in words or b"*" in words
