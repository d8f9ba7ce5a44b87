"""Keys and elements that would take too long to hash or to compare.

Two attacks need no code at all: a tuple of tuples that share their halves takes twice as long for each level,
because tuples do not keep their hash; and thousands of numbers with one hash make a dict compare each with
all (CPython hashes numbers modulo 2**61 - 1, without a secret: ``Include/cpython/pyhash.h``).
Texts, bytes and dates are hashed with a secret and need no such care.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULUS: Final = (1 << 61) - 1
_SECRET: Final = frozenset({str, bytes, bool, type(None)})
_SCALARS: Final = frozenset({str, bytes, bool, type(None), int, float, complex})
_NUMBERS: Final = frozenset({int, float, complex})
_NUMBERS_ELSEWHERE: Final = frozenset({"decimal", "fractions", "numpy"})
"""Modules of other types that hash as numbers; named, so that none is imported for it."""
_FREE: Final = 1_000
"""Parts of one key that are not counted against the whole record."""

MAX_KEY_PARTS: Final = 300_000
"""Parts of the large keys of one record, each as often as hashing meets it."""
MAX_EQUAL_HASHES: Final = 1_000
"""Keys of one dict, or elements of one set, that may have the same hash."""


class HashGuard:
    """What the keys of one record have cost so far."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_KEY_PARTS

    def check(self, key: Any, counts: dict[int, int]) -> None:
        """Refuse ``key`` where hashing or inserting it takes too long; ``counts`` belongs to its container.

        Raises DecodeError (``limit``). Says nothing of what cannot be hashed: inserting it does.
        """
        kind = type(key)
        if kind in _SECRET or (kind is int and -_MODULUS < key < _MODULUS):
            return
        if isinstance(key, (tuple, frozenset)):
            if not self._is_plain(key):
                return
        elif kind not in _NUMBERS and kind.__module__ not in _NUMBERS_ELSEWHERE:
            return
        try:
            value = hash(key)
        except TypeError:
            return
        met = counts[value] = counts.get(value, 0) + 1
        if met > MAX_EQUAL_HASHES:
            raise DecodeError(
                f"more than {MAX_EQUAL_HASHES} keys or elements with the same hash", reason="limit"
            )

    def check_all(self, items: Iterable[Any]) -> None:
        """As :meth:`check`, for the elements of one set."""
        counts: dict[int, int] = {}
        for item in items:
            self.check(item, counts)

    def _is_plain(self, key: tuple[Any, ...] | frozenset[Any]) -> bool:
        """Count what hashing ``key`` meets; return whether that is nothing but builtin values."""
        if len(key) <= _FREE and _SCALARS.issuperset(map(type, key)):
            return True
        plain = True
        steps = 0
        pending: list[Any] = [key]
        while pending:
            part = pending.pop()
            steps += 1
            if isinstance(part, tuple):
                pending.extend(tuple.__iter__(part))
            elif isinstance(part, frozenset):
                pending.extend(frozenset.__iter__(part))
            elif type(part) not in _SCALARS:
                plain = False
            if steps + len(pending) > self._left + _FREE:
                raise DecodeError(
                    f"keys or elements of more than {MAX_KEY_PARTS} parts, counted as often as they "
                    "occur, would take too long to hash",
                    reason="limit",
                )
        if steps > _FREE:
            self._left -= steps
        return plain
