"""The opcodes of a pickle, as one regular expression over bytes.

A match of :func:`pieces` is a *run* of opcodes that the fast engine leaves as they are, and what ends it: a
*special*, that is, opcodes which are rewritten, or the *rest* of the window, when the next opcode is for
:mod:`._fast_stream` to look at. The expression matches wherever it is tried, so that :meth:`re.Pattern.split`
never skips a byte.

Regular expressions do not count. Arguments of up to 255 bytes that are preceded by their length are spelled
out, one alternative for each length; longer ones end the run.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Final

MAX_DIGITS: Final = 4_300
"""Longest line with a number that stays."""

BOUNDS: Final = (100_000, 1_000_000, 10_000_000)
"""Bounds of memo indexes for :func:`pieces`."""

_STAYING: Final = b"N\x88\x89])\x85\x86\x87tl2ae\x93\x94Rb"
_REWRITTEN: Final = b"}us\x81\x90\x91\x92\x8fdoQ01"

# Every match goes on to succeed: possessive quantifiers (Python 3.11) change nothing but the memory needed.
_ALL: Final = b"+" if sys.version_info >= (3, 11) else b""


def any_of(codes: bytes) -> bytes:
    """Match one of ``codes``."""
    return b"[" + b"".join(b"\\x%02x" % code for code in codes) + b"]"


def counted(more: int = 0, longest: int = 255) -> bytes:
    """Match a length of one byte, up to ``longest``, and as many bytes and ``more``."""
    lengths = range(longest + 1)
    return b"(?:" + b"|".join(b"\\x%02x.{%d}" % (length, length + more) for length in lengths) + b")"


_BYTE: Final = counted()
_WORD: Final = rb"(?=.\x00\x00\x00)" + counted(3)
_ESCAPE: Final = rb"""\\(?:[\\'"abfnrtv]|x[0-9a-fA-F]{2}|(?![4-7][0-7]{2})[0-7]{1,3})"""


def _quoted(quote: bytes) -> bytes:
    return quote + b"(?:[^" + quote + rb"\\\n]|" + _ESCAPE + b")*" + _ALL + quote


_NUMBER: Final = rb"(?:0|-?[1-9][0-9]{0,4290})"

# In the order of how common they are: an alternative that begins with a literal costs next to nothing when it
# is passed over. Numbers come in rows. MARK stays only if the opcode after it is known: not APPENDS, which
# the C unpickler lets pass without a look at its target when it brings no items, and not FRAME, which may
# hide one.
_STAY: Final = (
    rb"K.K.K.K.K.",
    rb"K.",
    rb"\x8c" + _BYTE,
    rb"J....J....J....J....",
    rb"J....",
    rb"M..",
    rb"\x86",
    rb"\((?=[^e\x95])",
    rb"X" + _WORD,
    rb"G.{8}G.{8}",
    rb"G.{8}",
    any_of(_STAYING),
    rb"[C\x8a]" + _BYTE,
    rb"c[^\n]*\n[^\n]*\n",
    rb"j....",
    rb"B" + _WORD,
    rb"g(?:0|[1-9][0-9]{0,9})\n",
    rb"V[^\n]*\n",
    rb"I(?:00|01|" + _NUMBER + rb")\n",
    rb"F(?:nan|-?inf|-?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:e[+-]?[0-9]{1,4})?)\n",
    rb"L" + _NUMBER + rb"L?\n",
    rb"P[^\n]*\n",
)
_PUTS: Final = {
    100_000: (rb"r..\x00\x00", rb"p(?:0|[1-9][0-9]{0,4})\n"),
    1_000_000: (rb"r..[\x00-\x0e]\x00", rb"p(?:0|[1-9][0-9]{0,5})\n"),
    10_000_000: (rb"r..[\x00-\x97]\x00", rb"p(?:0|[1-9][0-9]{0,6})\n"),
}
_SOME_BARE: Final = any_of(_STAYING + _REWRITTEN) + b"{0,30}" + _ALL
# Where one object ends and the next begins, its class is fetched from the memo.
_BARE: Final = _SOME_BARE + rb"(?:h." + _SOME_BARE + rb"|)"
_SPECIAL: Final = (
    any_of(_REWRITTEN) + _BARE,
    rb"U" + _BYTE,
    rb"S(?:" + _quoted(b"'") + b"|" + _quoted(b'"') + rb")\n",
    rb"i[^\n]*\n[^\n]*\n",
)


@cache
def pieces(bound: int) -> re.Pattern[bytes]:
    """Return the expression. Its groups are run, special, rest; the last two exclude each other.

    PUT opcodes with a memo index from ``bound`` on, one of :data:`BOUNDS`, end a run. Compiling takes about
    20 ms, once in a process.
    """
    binary, text = _PUTS[bound]
    run = b"|".join((rb"h.", rb"\x94", rb"q.", binary, *_STAY, text))
    return re.compile(b"((?:" + run + b")*" + _ALL + b")(?:(" + b"|".join(_SPECIAL) + b")|(.*))", re.DOTALL)


_LINES: Final = {
    pattern[0]: pattern
    for pattern in (*_STAY, *_SPECIAL, rb"p(?:0|[1-9][0-9]{0,9})\n")
    if pattern[0] in b"ciILpPV"
}
LINES: Final = frozenset(_LINES)
"""Opcodes with lines that may be longer than what :func:`pieces` is given."""


@cache
def line(opcode: int) -> re.Pattern[bytes]:
    """Return the expression for the whole of an opcode of :data:`LINES`."""
    return re.compile(_LINES[opcode])
