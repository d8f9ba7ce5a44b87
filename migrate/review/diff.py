"""The edits as a unified diff that ``git apply`` takes, bytes in and bytes out.

Format: git's documentation, "Generating patch text with -p" (``git help diff-generate-patch``), and POSIX
``diff -u``. Lines end at a line feed and nowhere else, so that CRLF, form feeds and bytes that are no UTF-8
come through.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.model import FileEdit

CONTEXT = 3
"""Unchanged lines around each change."""

_ESCAPES = {ord('"'): b'\\"', ord("\\"): b"\\\\", 7: b"\\a", 8: b"\\b", 9: b"\\t", 10: b"\\n"}
_ESCAPES |= {11: b"\\v", 12: b"\\f", 13: b"\\r"}

_Opcode = tuple[str, int, int, int, int]


def unified_diff(edits: Iterable[FileEdit]) -> bytes:
    """Return one patch for ``edits``, whose paths are relative to where it will be applied."""
    return b"".join(part for edit in edits if edit.before != edit.after for part in _file(edit))


def _file(edit: FileEdit) -> Iterator[bytes]:
    old, new = _quoted("a/" + edit.path), _quoted("b/" + edit.path)
    yield b"diff --git %s %s\n" % (old, new)
    if edit.before is None:
        yield b"new file mode 100644\n"
        if not edit.after:
            # Without hunks git recognises an empty new file only by its index line.
            yield b"index 0000000..e69de29\n"
            return
    yield b"--- %s\n" % (b"/dev/null" if edit.before is None else old + _end_of_name(old))
    yield b"+++ %s\n" % (new + _end_of_name(new))
    before, after = _lines(edit.before or b""), _lines(edit.after)
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        yield from _hunk(group, before, after)


def _hunk(group: Sequence[_Opcode], before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[bytes]:
    first, last = group[0], group[-1]
    yield b"@@ -%s +%s @@\n" % (_range(first[1], last[2]), _range(first[3], last[4]))
    for tag, start, end, new_start, new_end in group:
        if tag == "equal":
            yield from _marked(b" ", before[start:end])
            continue
        yield from _marked(b"-", before[start:end])
        yield from _marked(b"+", after[new_start:new_end])


def _range(start: int, end: int) -> bytes:
    """Return lines ``start`` to ``end`` (counted from 0, end excluded) as a hunk header says them."""
    length = end - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _marked(mark: bytes, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line
        if not line.endswith(b"\n"):
            yield b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _quoted(path: str) -> bytes:
    """Return the path as git writes it: in quotes and escaped if it has anything but printable ASCII."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    return b'"%s"' % b"".join(_escaped(byte) for byte in raw)


def _escaped(byte: int) -> bytes:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _end_of_name(quoted: bytes) -> bytes:
    """Return the tab with which git ends a name that has blanks in it, so that no date is looked for."""
    return b"\t" if b" " in quoted and not quoted.startswith(b'"') else b""
