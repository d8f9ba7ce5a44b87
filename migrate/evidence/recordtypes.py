"""The types of legacy records, and which class an object record is of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.legacy.python2 import modern_name
from migrate.legacy.records import NO_STATE, ByteString, Call, Dict, FrozenSet, Global, Set
from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.legacy.records import Record

_FACTORIES = {
    "re._compile": "re.Pattern",
    "_codecs.encode": "bytes",
    "array._array_reconstructor": "array.array",
    "zoneinfo.ZoneInfo._unpickle": "zoneinfo.ZoneInfo",
    "joblib.numpy_pickle.NumpyArrayWrapper": "numpy.ndarray",
    **{f"{core}.multiarray.scalar": "numpy.generic" for core in ("numpy.core", "numpy._core")},
    **{f"{core}.numeric._frombuffer": "numpy.ndarray" for core in ("numpy.core", "numpy._core")},
    **{
        f"pathlib._local.{name}": f"pathlib.{name}"
        for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    },
}
"""Functions in pickles of the standard library and of numpy, and what they make."""
_OBJECT_MAKERS = frozenset(
    {
        *("copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"),
        *("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"),
    }
)
"""Functions whose first argument is the class of what they make (``Lib/copyreg.py``, numpy's arrays)."""


def instance_class(call: Call) -> str | None:
    """Return ``module:qualname`` of what made an object; None for the standard library."""
    maker = _maker(call)
    if maker is None or _standard(maker) is not None:
        return None
    return _key(maker)


def attributes(call: Call) -> Iterator[tuple[str, Record]]:
    """Yield the attributes in the state of an object: a dict, or a pair of ``__dict__`` and slots."""
    state = call.state
    if state is NO_STATE:
        return
    parts = state if isinstance(state, tuple) and len(state) == 2 else (state,)
    if all(isinstance(part, Dict) or part is None for part in parts):
        for part in parts:
            for key, value in part.pairs if isinstance(part, Dict) else ():
                name = _text(key)
                if name is not None:
                    yield name, value


class RecordTypes:
    """Types of the records of one pickle. Records are kept by identity, so keep the pickle alive."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], TypeRef] = {}

    def of(self, record: Record, depth: int = t.MAX_DEPTH) -> TypeRef:
        """Return the type of ``record``; nesting beyond ``depth`` is unknown."""
        if isinstance(record, ByteString):
            # Python 2 did not tell text from bytes, and which it was is for the reader to say.
            return TypeRef("str") if record.raw.isascii() else t.join([TypeRef("str"), TypeRef("bytes")])
        if record is None:
            return t.NONE
        if isinstance(record, (bool, int, float, str, bytes, bytearray)):
            return TypeRef(type(record).__name__)
        if depth <= 0:
            return UNKNOWN
        place = (id(record), depth)
        if place not in self._known:
            self._known[place] = t.NEVER  # what a container that holds itself sees
            self._known[place] = self._compound(record, depth - 1)
        return self._known[place]

    def name(self, record: Global) -> str:
        """Return ``module:qualname`` of a class or function that is stored as a value."""
        return _key(record)

    def _compound(self, record: Record, depth: int) -> TypeRef:
        if isinstance(record, list):
            return TypeRef("list", (self._join(record, depth),))
        if isinstance(record, tuple):
            return self._tuple(record, depth)
        if isinstance(record, Dict):
            return TypeRef("dict", self._pairs(record.pairs, depth))
        if isinstance(record, (Set, FrozenSet)):
            name = "set" if isinstance(record, Set) else "frozenset"
            return TypeRef(name, (self._join(record.items, depth),))
        if isinstance(record, Global):
            return TypeRef("type", (_standard(record) or TypeRef(_key(record)),))
        return self._call(record, depth) if isinstance(record, Call) else UNKNOWN

    def _join(self, records: Iterable[Record], depth: int) -> TypeRef:
        return t.join({self.of(record, depth) for record in records}, empty=t.NEVER)

    def _pairs(self, pairs: Iterable[tuple[Record, Record]], depth: int) -> tuple[TypeRef, TypeRef]:
        found = list(pairs)
        return self._join((k for k, _ in found), depth), self._join((v for _, v in found), depth)

    def _tuple(self, record: tuple[Record, ...], depth: int) -> TypeRef:
        if len(record) > t.MAX_ALTERNATIVES:
            return TypeRef("tuple", (self._join(record, depth), t.ELLIPSIS))
        return TypeRef("tuple", tuple(self.of(part, depth) for part in record))

    def _call(self, call: Call, depth: int) -> TypeRef:
        maker = _maker(call)
        if maker is None:
            return UNKNOWN
        standard = _standard(maker)
        if standard is None:
            return TypeRef(_key(maker))
        return self._container(standard.name, call, depth) if standard.name in t.CONTAINERS else standard

    def _container(self, name: str, call: Call, depth: int) -> TypeRef:
        args = call.args[1:] if name == "collections.defaultdict" else call.args
        content = args[0] if args and not isinstance(args[0], Global) else None
        pairs = [*(_pairs_in(content)), *call.pairs]
        if name in t.MAPPINGS:
            return TypeRef(name, self._pairs(pairs, depth))
        if name == t.COUNTER:
            return TypeRef(name, self._pairs(pairs, depth)[:1])
        return TypeRef(name, (self._join([*_items_in(content), *call.items], depth),))


def _pairs_in(content: Record) -> list[tuple[Record, Record]]:
    if isinstance(content, Dict):
        return content.pairs
    items = content if isinstance(content, list) else []
    return [(item[0], item[1]) for item in items if isinstance(item, (list, tuple)) and len(item) == 2]


def _items_in(content: Record) -> Iterable[Record]:
    if isinstance(content, (list, tuple)):
        return content
    return content.items if isinstance(content, (Set, FrozenSet)) else ()


def _maker(call: Call) -> Global | None:
    """Return what makes the object, looking through copyreg's helpers and ``getattr``."""
    function = call.function
    if not isinstance(function, Global):
        return None
    dotted = ".".join(modern_name(function.module, function.name))
    # A member of an enum may be stored as getattr(Class, "NAME").
    if dotted in _OBJECT_MAKERS or dotted == "builtins.getattr":
        first = call.args[0] if call.args else None
        return first if isinstance(first, Global) else None
    return function


def _standard(record: Global) -> TypeRef | None:
    """Return the type of the standard library that a global is or makes; None for anything else."""
    module, name = modern_name(record.module, record.name)
    dotted = _FACTORIES.get(f"{module}.{name}") or stdlib.canonical(f"{module}.{name}")
    if (
        dotted in stdlib.CALLED
        or dotted in t.CONTAINERS
        or module.partition(".")[0] in sys.stdlib_module_names
    ):
        return TypeRef(dotted) if module != "__main__" else None
    return None


def _key(record: Global) -> str:
    return ":".join(modern_name(record.module, record.name))


def _text(record: Record) -> str | None:
    if isinstance(record, ByteString):
        return record.raw.decode("utf-8", "replace")
    return record if isinstance(record, str) else None
