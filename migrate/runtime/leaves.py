"""Small values of the types of the standard library, as strategies of hypothesis.

Each entry is a function of :mod:`hypothesis.strategies`, so that nothing of hypothesis is needed to tell
which types there are strategies for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Value

Leaf = Any
"""A function of the module ``hypothesis.strategies`` that returns a strategy."""


_LETTERS = 'ab0$ "\\\n\x00\x7fé€\u2028😀'
"""Those that formats stumble over. All of Unicode costs hypothesis seconds before the first value."""


def short_texts(st: Value) -> Value:
    """Return texts of few letters."""
    return st.text(_LETTERS, max_size=8)


def _finite(st: Value) -> Value:
    return st.floats(allow_nan=False)


def _decimals(st: Value) -> Value:
    return st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def _datetimes(st: Value) -> Value:
    from datetime import timezone

    return st.datetimes(timezones=st.sampled_from([None, timezone.utc]))


def _paths(name: str) -> Callable[[Any], Any]:
    def make(st: Value) -> Value:
        import pathlib

        return st.text("abc/.", min_size=1, max_size=8).map(getattr(pathlib, name))

    return make


def _zones(st: Value) -> Value:
    from datetime import timedelta, timezone

    return st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


def _addresses(version: int) -> Callable[[Any], Any]:
    return lambda st: st.ip_addresses(v=version)


_LEAVES: dict[str, Callable[[Any], Any]] = {
    "builtins:NoneType": lambda st: st.none(),
    "builtins:bool": lambda st: st.booleans(),
    "builtins:int": lambda st: st.integers(),
    "builtins:float": lambda st: st.floats(),
    "builtins:complex": lambda st: st.complex_numbers(allow_nan=False),
    "builtins:str": short_texts,
    "builtins:bytes": lambda st: st.binary(max_size=8),
    "builtins:bytearray": lambda st: st.binary(max_size=8).map(bytearray),
    "datetime:date": lambda st: st.dates(),
    "datetime:datetime": _datetimes,
    "datetime:time": lambda st: st.times(),
    "datetime:timedelta": lambda st: st.timedeltas(),
    "datetime:timezone": _zones,
    "datetime:tzinfo": _zones,
    "decimal:Decimal": _decimals,
    "fractions:Fraction": lambda st: st.fractions(max_denominator=1000),
    "ipaddress:IPv4Address": _addresses(4),
    "ipaddress:IPv6Address": _addresses(6),
    "pathlib:Path": _paths("Path"),
    "pathlib:PurePath": _paths("PurePath"),
    "pathlib:PosixPath": _paths("Path"),
    "pathlib:PurePosixPath": _paths("PurePosixPath"),
    "pathlib:PureWindowsPath": _paths("PureWindowsPath"),
    "uuid:UUID": lambda st: st.uuids(),
}
_UNHASHABLE = frozenset({"builtins:bytearray"})


def leaf_of(cls: type) -> Leaf | None:
    """Return what makes values of exactly this type of the standard library; None for all other types."""
    return _LEAVES.get(_name(cls))


def is_hashable(cls: type) -> bool:
    """Whether values of a type of this table may be elements of a set."""
    return _name(cls) not in _UNHASHABLE


def key_leaf_of(cls: type) -> Leaf | None:
    """Return :func:`leaf_of` for elements of sets and keys of dicts, where NaN finds nothing again."""
    return _finite if cls is float else leaf_of(cls)


def scalars(st: Value) -> Value:
    """Return what stands in a place that may hold anything."""
    return st.one_of(st.none(), st.booleans(), st.integers(), short_texts(st), st.floats())


def key_scalars(st: Value) -> Value:
    """Return what is a key where anything may be one."""
    return st.one_of(st.integers(), short_texts(st))


def _name(cls: type) -> str:
    return f"{cls.__module__.partition('._')[0]}:{cls.__qualname__}"  # pathlib._local in 3.13
