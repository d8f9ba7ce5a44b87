"""Rows: the same few opcodes, again and again, with arguments of the same length.

That is how lists of floats, of dates, of digests, of small arrays are stored. Whether the next thousand
repeat is seen by comparing one byte in so many, which costs a tenth of what finding each opcode does. All
opcodes of a row are among those that the fast engine leaves as they are (see :mod:`._fast_tokens`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

from . import opcodes

_FEWEST: Final = 8
"""Fewer repetitions are not worth it."""
_BATCH: Final = 1_000
"""Picklers fill lists so many items at a time: what follows is another opcode."""
_LONGEST_PERIOD: Final = 12
_LONGEST_START: Final = 4
_LONGEST_ARGUMENT: Final = 1 << 12

_MARK: Final = ord("(")
_APPENDS: Final = ord("e")
_LONG_PUT: Final = ord("r")
_FIXED: Final = {code: opcodes.FIXED[code] for code in b"N\x88\x89])\x85\x86\x87tl2ae\x93\x94Rb(KhqMJjrG"}
_PREFIXED: Final = {code: opcodes.PREFIXED[code] for code in b"CBX\x8a\x8c"}


class Row(NamedTuple):
    """What repeats."""

    width: int
    """Bytes of one repetition."""
    fixed: tuple[tuple[int, bytes], ...]
    """Offset and value of the bytes that are the same each time: opcodes, lengths, high bytes of indexes."""


def find(data: bytes, start: int, end: int, last_index: int) -> tuple[int, Row, int] | None:
    """Return where a row begins, at ``start`` or a few opcodes later, the row, and how often it is repeated.

    What is before it are opcodes that stay as well. Rows with memo indexes above ``last_index`` are not
    found. Returns None if there is no row.
    """
    offsets, tokens = _tokens(data, start, last_index)
    for first in range(min(_LONGEST_START, len(tokens))):
        for second in range(first + 1, (len(tokens) + first) // 2 + 1):
            if tokens[second] != tokens[first] or tokens[second:] != tokens[first : first - second]:
                continue
            if _stays(tokens[first:second]):
                row = _row(data, offsets[first], tokens[first:second])
                times = repetitions(data, offsets[first], row, end)
                if times:
                    return offsets[first], row, times
    return None


def repetitions(data: bytes, start: int, row: Row, end: int) -> int:
    """Return how often ``row`` is repeated from ``start`` on, up to ``end``; 0 if that is seldom."""
    width, fixed = row
    most = min((min(end, len(data)) - start) // width, _BATCH)
    if most < _FEWEST or any(data[start + offset] != value[0] for offset, value in fixed):
        return 0
    for offset, value in fixed:
        column = data[start + offset : start + most * width : width]
        if column != value * most:
            most -= len(column.lstrip(value))
            if most < _FEWEST:
                return 0
    return most


def _tokens(data: bytes, start: int, last_index: int) -> tuple[list[int], list[tuple[int, int]]]:
    """Return offsets of the next opcodes, and these with their widths, up to one that is not for rows."""
    offsets: list[int] = []
    tokens: list[tuple[int, int]] = []
    at, size = start, len(data)
    while at < size and len(tokens) < 2 * _LONGEST_PERIOD + _LONGEST_START:
        code = data[at]
        argument = _FIXED.get(code)
        if argument is None:
            prefix = _PREFIXED.get(code)
            if prefix is None:
                break
            argument = prefix + int.from_bytes(data[at + 1 : at + 1 + prefix], "little")
            if argument > _LONGEST_ARGUMENT:
                break
        elif code == _LONG_PUT and _highest_index(data, at) > last_index:
            break
        offsets.append(at)
        tokens.append((code, 1 + argument))
        at += 1 + argument
    return offsets, tokens


def _highest_index(data: bytes, at: int) -> int:
    """Return the highest memo index of the LONG_BINPUT at ``at`` and those that differ in two bytes only."""
    return (int.from_bytes(data[at + 3 : at + 5], "little") << 16) + 0xFFFF


def _stays(tokens: list[tuple[int, int]]) -> bool:
    """Return whether no MARK is at the end, or before APPENDS: those are for others to look at."""
    codes = [code for code, _ in tokens]
    return codes[-1] != _MARK and (_MARK, _APPENDS) not in pairwise(codes)


def _row(data: bytes, start: int, tokens: list[tuple[int, int]]) -> Row:
    fixed: list[int] = []
    at = 0
    for code, width in tokens:
        fixed.append(at)
        fixed += range(at + 1, at + 1 + _PREFIXED.get(code, 0))
        if code == _LONG_PUT:
            fixed += (at + 3, at + 4)
        at += width
    return Row(at, tuple((offset, data[start + offset : start + offset + 1]) for offset in fixed))
