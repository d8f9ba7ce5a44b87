"""How opcodes are rewritten so that the C unpickler makes nothing but plain values.

Where an opcode would make an object, fill a dict or a set, or call something, the rewritten pickle asks the
``persistent_load`` of :mod:`._fast_machine`, with a value that only the rewriting can have made: genuine
persistent ids are wrapped in a tuple as well.
"""

from __future__ import annotations

from typing import Final


class Unsure(Exception):  # noqa: N818 - the reference engine says whether anything is wrong
    """The pickle has something that the fast engine does not read."""


SETITEM, INST, ADDITEMS, POP, POP_MARK = range(5)
"""What is asked with ``(x, y, code)``."""
NEWOBJ_EX, FROZENSET, DICT, OBJ, BINPERSID, EMPTY_SET, VALUE, STRING = range(5, 13)
"""What is asked with ``(x, None, code)``.

Of what is frequent, nothing is written but what matters: a call is asked with ``(function, args, new)``, keys
and values for a dict with ``(dict, parts, None)``, and a state that is a dict with ``(object, dict, parts)``.
"""

PROLOGUE: Final = b"(}("
"""Two marks of ours, between them a real dict, of which there is no other once the pickle is rewritten."""
EPILOGUE: Final = b"ll."
"""Returns ``[{}, stack]`` if and only if the pickle closed the marks that it had opened, and no other."""


def _of_two(code: int) -> bytes:
    return b"K%c\x87Q" % code


def _of_one(code: int) -> bytes:
    return b"NK%c\x87Q" % code


_REWRITINGS: Final = {
    b"}": b"\x97",  # NEXT_BUFFER: new, empty records are the buffers
    b"u": b"lN\x87Q",
    b"ub": b"l\x87Q",
    b"s": b"\x86" + _of_two(SETITEM),
    b"\x81": b"\x88\x87Q",
    b"\x92": b"\x87" + _of_one(NEWOBJ_EX),
    b"\x8f": b"N" + _of_one(EMPTY_SET),
    b"\x90": b"l" + _of_two(ADDITEMS),
    b"\x91": b"l" + _of_one(FROZENSET),
    b"d": b"l" + _of_one(DICT),
    b"o": b"l" + _of_one(OBJ),
    b"Q": _of_one(BINPERSID),
    b"0": _of_two(POP),
    b"1": b"l" + _of_two(POP_MARK),
}
AS_VALUE: Final = _of_one(VALUE)
"""After the number of a long value."""
AS_STRING: Final = _of_one(STRING)
"""After the bytes of a string of Python 2."""


_STRINGS: Final = b"US"
_INST: Final = ord("i")
_BINGET: Final = ord("h")
_MOST: Final = 10_000


class _Rewritings(dict[bytes, bytes]):
    """Special → what it becomes. Sequences of opcodes are kept once they are met: few differ."""

    def __missing__(self, special: bytes) -> bytes:
        code = special[0]
        if code in _STRINGS:
            return special + AS_STRING
        if code == _INST:
            return b"lc" + special[1:] + _of_two(INST)
        found = _rewrite(special)
        if len(self) < _MOST:
            self[special] = found
        return found


def _rewrite(codes: bytes) -> bytes:
    out = []
    position = 0
    while position < len(codes):
        if codes[position] == _BINGET:
            found = codes[position : position + 2]
            out.append(found)
        else:
            pair, one = codes[position : position + 2], codes[position : position + 1]
            found = pair if pair in _REWRITINGS else one
            out.append(_REWRITINGS.get(found, found))
        position += len(found)
    return b"".join(out)


rewritten: Final = _Rewritings({b"": b""}).__getitem__
"""Return what a special of :mod:`._fast_tokens` becomes."""
