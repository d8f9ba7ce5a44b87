"""Which files are worth parsing: a look at the bytes, several thousand files a second.

Substring search runs at the speed of memory, a regular expression with many alternatives does not; so the
words are looked for one by one, and the few files that hold one are parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEEDLES = (b"ickl", b"dill", b"shelve", b"joblib", b"marshal", b"torch", b"copyreg", b"copy_reg")
"""``ickl`` stands for pickle, cPickle, Unpickler, read_pickle, cloudpickle, xcom_pickling and so on."""
_BEGINNINGS = frozenset({b"dill", b"marshal", b"torch"})
"""With these, other words begin: dillo, marshalling, torches."""

_SILENT: dict[bytes, tuple[bytes, ...]] = {
    b"rocess": (b"multiprocess", b"ProcessPoolExecutor"),
    b"cach": (
        b"diskcache",
        b"cachelib",
        b"requests_cache",
        b"dogpile.cache",
        b"cache.backends",
        b"flask_caching",
    ),
    b"Handler": (b"SocketHandler", b"DatagramHandler"),
    b"serializ": (b"insecure_serializers", b"x-python-serialize"),
    b"django_redis": (b"django_redis",),
    b" rq": (b"from rq", b"import rq"),
    b"huey": (b"huey",),
    b"apscheduler": (b"apscheduler",),
    b"sqlitedict": (b"sqlitedict",),
    b"_pyobj": (b"_pyobj",),
    b"CACHE_TYPE": (b"CACHE_TYPE",),
    b"XCOM_PICKL": (b"XCOM_PICKL",),
    b"serde": (b"pymemcache",),
    b"ZODB": (b"ZODB",),
    b"playhouse": (b"playhouse.kv",),
    b"beaker": (b"beaker.cache", b"beaker.middleware"),
    b"session": (b"web.session",),
    b"pathos": (b"pathos",),
    b"loky": (b"loky",),
}
"""What pickles without the word: a part that is looked for first, and then words that have it."""

_IMPORT = re.compile(
    rb"^[^#\n]*\b(?:import|from)\b[^#\n]*\b(?:[\w.]*\.)?(?:c?[pP]ickle5?|_pickle|zodbpickle|dill|cloudpickle|shelve|joblib|pickletools)\b",
    re.MULTILINE,
)

_ANY = re.compile(
    b"|".join(map(re.escape, (*_NEEDLES, *(word for words in _SILENT.values() for word in words))))
)
_SIGNS = (b"pickle-migrate:", b"apscheduler", b"import *", b"import*")
"""Where one of these stands, a word may be code that does not look it."""
_UNSAID = (b"numpy", b"load")
"""So it may where all of these stand: ``numpy.load(path, None, True)``."""
_STAR = re.compile(rb"import[ \t(\\]*\s*\*")
_NEAR = 200
_BEFORE = re.compile(rb"[.\\]\w*\Z")
"""What stands before a word that is an attribute, or a part of a string with escapes."""
_FAR_BEFORE = re.compile(rb"\.[\s\\]+\w*\Z")
_IN_PROSE = re.compile(rb"\w*[ \t]+\w")
_AFTER = re.compile(rb"[\w./-]*[\s\\]*(?:['\"\\]|=|:=|import\b)")
"""What follows a word that ends a string, is given something (``allow_pickle=True``), or is imported from."""

_NAMES = rb"(\((?:[^)#]|#[^\n]*\n)*\)|(?:[^\n#;\\]|\\(?:\r?\n)?)*)"
"""What follows ``import``: in brackets, where comments may stand, or to the end of the line."""
_CLAUSE = re.compile(
    rb"(?:^|[;:]|\xef\xbb\xbf)[ \t\f]*(?:from\b[^\n#;:'\"]*?)?\bimport\b[ \t]*" + _NAMES, re.MULTILINE
)
"""An import statement, where one may begin; the ``>>> import`` of a docstring is none."""
_AFTER_IMPORT = re.compile(rb"import\b[ \t]*" + _NAMES)
_FROM_DOTS = re.compile(rb"from[ \t]*\.[. \t]*import[ \t]*" + _NAMES)
_BEGIN = re.compile(rb"[;:]|\xef\xbb\xbf")
_WORD = re.compile(rb"\w+|\*")


def may_use_pickle(source: bytes) -> bool:
    """Whether the file could use pickle or a relative; never False for one that does by its own words."""
    return any(needle in source for needle in _NEEDLES) or any(
        part in source and any(word in source for word in words) for part, words in _SILENT.items()
    )


def says_pickle(name: str) -> bool:
    """Whether a name has one of the words, so that whoever uses it has one as well; for short texts."""
    return _ANY.search(name.encode()) is not None


def only_mentions_pickle(source: bytes) -> bool:
    """Whether all words for which `may_use_pickle` holds stand in prose, as their look tells.

    Code says such a word in an import, after a dot, before ``=``, as the whole of a string or at its end.
    What it says by a name of its own, for something that another file imported, cannot be seen here.
    """
    if any(sign in source for sign in _SIGNS) or _STAR.search(source):
        return False
    if all(word in source for word in _UNSAID):
        return False
    words = [needle for needle in _NEEDLES if needle in source]
    words += [word for part, words in _SILENT.items() if part in source for word in words if word in source]
    imported = imported_words(source.replace(b"\r", b"\n"))
    return not any(_in_code(source, word) for word in words) and not any(
        word.rpartition(b" ")[2] in name for word in words for name in imported
    )


def _in_code(source: bytes, word: bytes) -> bool:
    """Whether one of the places of ``word`` could be code, other than what is imported."""
    start = source.find(word)
    while start >= 0:
        end = start + len(word)
        near = max(0, start - _NEAR)
        other = _is_other_word(source, word, start, end)
        if _BEFORE.search(source, near, start) or (not other and _AFTER.match(source, end)):
            return True
        if _FAR_BEFORE.search(source, near, start) and not _IN_PROSE.match(source, end):
            return True
        start = source.find(word, end)
    return False


def _is_other_word(source: bytes, word: bytes, start: int, end: int) -> bool:
    """Whether it is a part of another word that stands there: armadillo, prickle, marshalling."""
    before, after = source[max(0, start - 1) : start], source[end : end + 1]
    if word == b"ickl":
        return before.isalpha() and before not in (b"p", b"P")
    return word in _BEGINNINGS and after.isalpha()


def imports_pickle(source: bytes) -> bool:
    """Whether a line reads like an import of pickle; for files that cannot be parsed."""
    return _IMPORT.search(source.replace(b"\r", b"\n")) is not None


def import_text(source: bytes) -> bytes:
    """Return what follows each ``import``, in docstrings too: `imported_words` are among its words."""
    return b"\n".join(_AFTER_IMPORT.findall(source))


def may_import(source: bytes, module: bytes, name: bytes, *, package: bool) -> bool:
    """Whether the file could take ``name`` from the module whose last part is ``module`` (empty: any).

    A ``package`` need not be named by the files in it: they write ``from . import name``.
    """
    if name not in source or b"import" not in source:
        return False
    return module in source or (package and _from_dots(source, name))


def _from_dots(source: bytes, name: bytes) -> bool:
    clauses = (_WORD.findall(clause) for clause in _FROM_DOTS.findall(source))
    return any(name in words or b"*" in words for words in clauses)


def imported_words(source: bytes) -> frozenset[bytes]:
    """Return the words of all import clauses, ``*`` among them: every name that an import may bind."""
    clauses = import_statements(source, _CLAUSE)
    return frozenset(word for clause in clauses for word in _WORD.findall(clause[1]))


def import_statements(source: bytes, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield what ``pattern.finditer`` would, for a pattern of import statements, ten times as fast.

    A match has to begin where a line does, at ``;``, ``:`` or a byte order mark, and to say ``import`` on
    its first line.
    """
    done = 0
    place = source.find(b"import")
    while place >= 0:
        start = max(source.rfind(b"\n", 0, place) + 1, done)
        found = pattern.match(source, start)
        if found is None:
            begins = (mark.start() for mark in _BEGIN.finditer(source, start, place))
            found = next(filter(None, (pattern.match(source, begin) for begin in begins)), None)
        if found is not None:
            yield found
            done = found.end()
        place = source.find(b"import", max(done, place + 1))
