"""The text arguments of protocol 0: numbers and quoted strings.

CPython parses them with ``int``, ``float`` and the parser of string literals. These functions accept what
a pickler writes and raise :class:`ValueError` for the rest, so that nothing depends on how lenient an
interpreter is.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(rb"[+-]?(?:0|[1-9][0-9]*)")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.)|$)", re.DOTALL)
_ESCAPED = {
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r",
    b"t": b"\t", b"v": b"\v", b"\n": b"",
}  # fmt: skip


def integer(line: bytes) -> int:
    """Return the decimal number. Time is quadratic in the length of ``line``: the caller bounds it."""
    if not _INTEGER.fullmatch(line):
        raise ValueError("not a decimal number")
    return int(line)


def int_or_bool(line: bytes) -> int:
    """Return the argument of INT, which before protocol 2 also stores booleans, as ``00`` and ``01``."""
    if line in (b"00", b"01"):
        return line == b"01"
    return integer(line)


def real(line: bytes) -> float:
    """Return the argument of FLOAT: the ``repr`` of a float."""
    return float(line.decode("ascii"))


def quoted(line: bytes) -> bytes:
    """Return the bytes that Python 2's ``repr`` of an 8-bit string stands for."""
    quote = line[:1]
    if len(line) < 2 or quote not in (b"'", b'"') or line[-1:] != quote:
        raise ValueError("a string without quotes around it")
    return _ESCAPE.sub(_unescape, line[1:-1])


def _unescape(match: re.Match[bytes]) -> bytes:
    hexadecimal, octal, letter = match.groups()
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if letter is None or letter == b"x":
        raise ValueError("a broken escape in a string")
    return _ESCAPED.get(letter, b"\\" + letter)
