"""Which files are worth parsing: a look at the bytes, several thousand files a second.

Substring search runs at the speed of memory, a regular expression with many alternatives does not; so the
words are looked for one by one, and the few files that hold one are parsed.
"""

from __future__ import annotations

import re

_NEEDLES = (b"ickl", b"dill", b"shelve", b"joblib", b"marshal", b"torch", b"copyreg", b"copy_reg")
"""``ickl`` stands for pickle, cPickle, Unpickler, read_pickle, cloudpickle, xcom_pickling and so on."""

_SILENT: dict[bytes, tuple[bytes, ...]] = {
    b"rocess": (b"multiprocess", b"ProcessPoolExecutor"),
    b"cach": (b"diskcache", b"cachelib", b"requests_cache", b"dogpile.cache", b"cache.backends", b"_caching"),
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
}
"""What pickles without the word: a part that is looked for first, and then words that have it."""

_IMPORT = re.compile(
    rb"^[^#\n]*\b(?:import|from)\b[^#\n]*\b(?:[\w.]*\.)?(?:c?[pP]ickle5?|_pickle|zodbpickle|dill|cloudpickle|shelve|joblib|pickletools)\b",
    re.MULTILINE,
)


_NAMES = rb"(\((?:[^)#]|#[^\n]*\n)*\)|(?:[^\n#;\\]|\\(?:\r?\n)?)*)"
"""What follows ``import``: in brackets, where comments may stand, or to the end of the line."""
_CLAUSE = re.compile(rb"(?:^|[;:])[ \t\f]*(?:from\b[^\n#;:'\"]*?)?\bimport\b[ \t]*" + _NAMES, re.MULTILINE)
"""An import statement, where one may begin; the ``>>> import`` of a docstring is none."""
_FROM_DOTS = re.compile(rb"from[ \t]*\.[. \t]*import[ \t]*" + _NAMES)
_WORD = re.compile(rb"\w+|\*")


def may_use_pickle(source: bytes) -> bool:
    """Whether the file could use pickle or a relative; never False for one that does by its own words."""
    return any(needle in source for needle in _NEEDLES) or any(
        part in source and any(word in source for word in words) for part, words in _SILENT.items()
    )


def imports_pickle(source: bytes) -> bool:
    """Whether a line reads like an import of pickle; for files that cannot be parsed."""
    return _IMPORT.search(source.replace(b"\r", b"\n")) is not None


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
    return frozenset(word for clause in _CLAUSE.findall(source) for word in _WORD.findall(clause))
