"""Small pickles of the plainest kind, read as quickly as can be: the rows of many a table are such.

A *sketch* says less than a record does (:mod:`.records`), and is made without a call in Python. As with the
fast engine, the C unpickler makes it, of a pickle in which every opcode was looked at before: those that fill
lists and dicts, name a class, make an instance without arguments, give it its state, or call something. What
the pickle names is one of the types below, made for that name; nothing is imported, and what is called is of
these types' making.

Nothing is said of what is wrong with a pickle: what is not read here is read, or refused, by
:func:`~.engines.examine`.
"""

from __future__ import annotations

import re
import sys
from _pickle import Unpickler
from functools import cache, lru_cache, partial
from io import BytesIO
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ._fast_rules import Unsure
from ._fast_tokens import any_of, counted
from .limits import Limits
from .opcodes import FRAME, HIGHEST_PROTOCOL, PROTO, STOP
from .records import Global

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CallSketch", "InstanceSketch", "Sketcher", "Unsure", "calling", "instances"]

MAX_SIZE: Final = 1 << 15
"""Larger pickles are not read here."""
_MAX_NAMES: Final = 1024
_LEAST: Final = Limits(
    max_bytes=MAX_SIZE, max_ops=MAX_SIZE, max_depth=1_000, max_memo=1 << 16, max_globals=_MAX_NAMES
)
"""A smaller limit could be passed without being noticed."""


class InstanceSketch(list[Any]):
    """An instance that was made without arguments: the list of the states that it was given.

    BUILD is the only opcode that adds to it.
    """

    __slots__ = ()
    name: ClassVar[tuple[str, str]]
    """Module and name of the class, as the pickle has them."""
    __setstate__ = list.append
    __init__ = append = extend = __setitem__ = None  # type: ignore[assignment]  # refused, as by an error


class CallSketch(partial[Any]):
    """A call, of :attr:`func`, which is a :class:`~.records.Global`, with :attr:`args`."""

    __slots__ = ()
    __setstate__ = None  # nothing is ever done to one


class _Function(partial[Any]):
    """What makes :class:`CallSketch` instances of one name; the pickle cannot change it."""

    __slots__ = ()
    __setstate__ = None


def instances(module: str, name: str) -> type[InstanceSketch]:
    """Return what stands for a class of which instances are made, each time a new one."""
    return type(name, (InstanceSketch,), {"__slots__": (), "name": (module, name)})


def calling(module: str, name: str) -> Callable[..., CallSketch]:
    """Return what stands for a class or function that is called."""
    return _Function(CallSketch, Global(module, name))


class Sketcher:
    """Reads pickles that name nothing but what ``named`` knows.

    ``named`` takes a module and a name and returns one of :func:`instances` or :func:`calling`; it is asked
    once for each. It raises for what it does not know.
    """

    def __init__(self, named: Callable[[str, str], Any]) -> None:
        found = staticmethod(lru_cache(_MAX_NAMES)(named))
        self._machine: Any = type("Machine", (Unpickler,), {"find_class": found})
        self._grammar = _grammar(_TOKENS)
        self._match = self._grammar.match

    def read(self, data: bytes) -> Any:
        """Return the sketch of the pickle that ``data`` is from the first to the last byte.

        Raises whatever comes up when that is not possible: then the sketch says nothing.
        """
        size = len(data)
        if size > MAX_SIZE or data[0] != PROTO or not 2 <= data[1] <= HIGHEST_PROTOCOL:
            raise Unsure
        start = 2
        if data[2] == FRAME:
            start = 11
            if _length_at(data, 3) != (size - start,):
                raise Unsure
        if data[start] in _FILLING:
            raise Unsure
        end = self._match(data, start).end()  # type: ignore[union-attr]  # an empty match, if no other
        if end != size - 1:
            _check_further(data, start, self._grammar)
        if data[-1] != STOP or data.count(b"\x85") > _MOST_TUPLES:
            raise Unsure
        # One frame, so that it is read in one go.
        begin = _begin(_HEAD, size - start - 1 + _AROUND)
        file = BytesIO(b"".join((begin, _OPENING, data[start:-1], _CLOSING)))
        ours, stack = self._machine(file).load()
        if type(ours) is not bytearray or ours or len(stack) != 1:
            raise Unsure
        return stack[0]


def _check_further(data: bytes, start: int, grammar: re.Pattern[bytes]) -> None:
    """Raise :class:`Unsure` if the opcodes, long arguments and tuples among them, are not of the grammar."""
    runs = _runs(data, start, grammar)
    if data[runs[-1][1]] in _TUPLES:
        runs = _runs(data, start, _grammar((*_TOKENS, _TUPLE)))
        _check_tuples(data, runs)
    if runs[-1][1] != len(data) - 1:
        raise Unsure


def _runs(data: bytes, start: int, grammar: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Return where opcodes of ``grammar`` begin and end, up to one of no such; long arguments lie between."""
    match: Any = grammar.match  # an empty match, if no other
    runs = []
    while True:
        end = match(data, start).end()
        runs.append((start, end))
        if data[end] not in _WORDS:
            return runs
        start = end + 5 + _word(data, end + 1)[0]


def _check_tuples(data: bytes, runs: list[tuple[int, int]]) -> None:
    """Raise :class:`Unsure` if a tuple is fetched from the memo.

    A tuple of a tuple twice, and so on, takes endless time as the key of a dict.
    """
    memo = puts = tuples = 0
    known: set[bytes | int] = set()
    on_top = False
    """Whether a tuple may be what the next opcode would store."""
    for run in runs:
        for before, opcode in _about_memo(data, *run):
            code = opcode[0]
            on_top = (on_top and not before) or code in _TUPLES_AND_BUILD
            if code in _TUPLES_AND_BUILD:
                tuples += 1
            elif code == MEMOIZE:
                if on_top:
                    known.add(memo)
                memo += 1
            elif code in _PUTS:
                puts += 1
                if on_top:
                    known.add(int.from_bytes(opcode[1:], "little"))
            else:
                on_top = False
                if int.from_bytes(opcode[1:], "little") in known:
                    raise Unsure
        on_top = False  # a long argument is there
    if tuples > _MOST_TUPLES or (memo and puts):  # both ways of counting: no pickler does that
        raise Unsure


def _about_memo(data: bytes, start: int, end: int) -> list[tuple[bytes, bytes]]:
    """Return the opcodes of a run that are about the memo, each with all that is before it.

    Raises :class:`Unsure` if a byte has no place: were one skipped, arguments could pass for opcodes.
    """
    found: list[tuple[bytes, bytes]] = _memo_opcodes().findall(data, start, end)
    if sum(len(before) + len(opcode) for before, opcode in found) != end - start:
        raise Unsure
    while found and not found[-1][1]:  # the end of the run
        found.pop()
    return found


_MOST_TUPLES: Final = 1_000
"""Each may be within the one before, and C would recurse to hash the outermost."""
_TUPLES: Final = b"\x86\x87t"
"""Opcodes of tuples of several items; tuples of one cannot grow."""
_TUPLES_AND_BUILD: Final = b"\x85\x86\x87tb"
"""BUILD leaves a tuple where it is when there is nothing to build."""
_PUTS: Final = b"qr"
MEMOIZE: Final = 0x94
_WORDS: Final = b"XB"
"""Opcodes whose arguments may be longer than what the grammar spells out."""


def within(limits: Limits) -> bool:
    """Whether nothing that is read here can pass one of ``limits``."""
    return all(limit >= least for limit, least in zip(limits[:5], _LEAST[:5], strict=True))


_length_at: Final = Struct("<Q").unpack_from
_word: Final = Struct("<I").unpack_from
_begin: Final = Struct("<3sQ").pack
_HEAD: Final = bytes((PROTO, 4, FRAME))
_OPENING: Final = b"(\x96" + bytes(8) + b"("
"""Two marks of ours, between them an empty bytearray, of which the grammar allows no other."""
_CLOSING: Final = b"ll."
"""Returns ``[bytearray(), stack]`` if and only if the pickle closed the marks it opened, and no other.

What the pickle could close a mark of ours with, and leave the bytearray in its place: :data:`_FILLING`, with
items, which are then in it, or right at the beginning, with none.
"""
_FILLING: Final = b"eu"
_AROUND: Final = len(_OPENING) + len(_CLOSING)

# Every match goes on to succeed: possessive quantifiers (Python 3.11) are only faster.
_ALL: Final = b"*+" if sys.version_info >= (3, 11) else b"*"
_MORE: Final = b"++" if sys.version_info >= (3, 11) else b""

# Not there: opcodes that drop something (POP) or ask for something outside the pickle, protocols 0 and 1,
# 8-bit strings of Python 2, long arguments, memo indexes that would take memory. NEWOBJ has no arguments:
# EMPTY_TUPLE stands right before it. A mark is followed by an item, or APPENDS and SETITEMS would not look
# at what they add nothing to.
_TIME: Final = rb"C\x0a.{10}(?:\x94|q.)h.\x86"
"""A time with its time zone: a tuple that has but one item from the memo, and cannot grow either."""
_NUMBER: Final = rb"\x8a" + counted(longest=17)
"""Up to those of UUIDs. Longer ones have many digits, and a pickle could refer to one very often."""
_TOKENS: Final = (
    rb"\x8c" + counted(),
    rb"\x94",
    rb"h.",
    rb"K.",
    rb"\((?=[^eu])",
    rb"\)\x81?",
    any_of(b"N\x88\x89]}\x85ueasbR\x93") + _MORE,
    rb"q.",
    rb"X(?=.\x00\x00\x00)" + counted(3),
    rb"G.{8}",
    rb"M..",
    rb"J....",
    _TIME,
    b"C" + counted(),
    _NUMBER,
    rb"c[^\n]*\n[^\n]*\n",
    rb"[rj]..\x00\x00",
)
_TUPLE: Final = any_of(_TUPLES)
_MEMO: Final = (_TUPLE, rb"[b\x85]", rb"\x94", rb"[qh].", rb"[rj]....")
_OTHERS: Final = (
    rb"\x8c" + counted(),
    rb"K.",
    any_of(b"(N)\x81\x88\x89]}ueasR\x93"),
    rb"X(?=.\x00\x00\x00)" + counted(3),
    rb"G.{8}",
    rb"M..",
    rb"J....",
    b"C" + counted(),
    _NUMBER,
    rb"c[^\n]*\n[^\n]*\n",
)


@cache
def _grammar(tokens: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(b"(?:" + b"|".join(tokens) + b")" + _ALL, re.DOTALL)


@cache
def _memo_opcodes() -> re.Pattern[bytes]:
    """Match what is not about the memo, and an opcode that is, or nothing at the end."""
    others, memo = b"|".join(_OTHERS), b"|".join(_MEMO)
    return re.compile(b"((?:" + others + b")" + _ALL + b")(" + memo + rb"|\Z)", re.DOTALL)
