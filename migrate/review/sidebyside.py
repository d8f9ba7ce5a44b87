"""Before and after of a stretch of a file, line beside line."""

from __future__ import annotations

import io
import re
import tokenize
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.model import Span

CONTEXT = 3
"""Unchanged lines around what a site is shown with."""
MOST = 80
"""Lines of one stretch; a longer one is cut."""

_END = re.compile("\r\n|\r|\n")


@frozen
class Row:
    """A line of the file before, the line of the file after that stands in its place, or both."""

    old: int | None
    """Line number before; None where the line is new."""
    new: int | None
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the two lines differ."""
        return self.old is None or self.new is None or self.before != self.after


@define
class Comparison:
    """One file before and after. Line numbers count from 1, as `ast` counts them."""

    before: list[str]
    after: list[str]

    @classmethod
    def of(cls, before: bytes | None, after: bytes) -> Comparison:
        """Compare two contents of one file; None for a file that is new."""
        return cls(lines_of(before or b""), lines_of(after))

    @cached_property
    def rows(self) -> list[Row]:
        """All lines of the file."""
        return list(self._rows())

    def around(self, span: Span) -> list[Row]:
        """Return the lines of ``span``, the whole of each change that touches them, and some lines around."""
        rows = self.rows
        inside = [i for i, row in enumerate(rows) if row.old and span.line <= row.old <= span.end_line]
        if not inside:
            return []
        first, last = inside[0], inside[-1]
        while first > 0 and rows[first].changed and rows[first - 1].changed:
            first -= 1
        while last + 1 < len(rows) and rows[last].changed and rows[last + 1].changed:
            last += 1
        return rows[max(first - CONTEXT, 0) : last + 1 + CONTEXT][:MOST]

    def _rows(self) -> Iterator[Row]:
        matcher = SequenceMatcher(None, self.before, self.after, autojunk=False)
        for _, start, end, new_start, new_end in matcher.get_opcodes():
            for offset in range(max(end - start, new_end - new_start)):
                old = start + offset if start + offset < end else None
                new = new_start + offset if new_start + offset < new_end else None
                yield Row(
                    None if old is None else old + 1,
                    None if new is None else new + 1,
                    "" if old is None else self.before[old],
                    "" if new is None else self.after[new],
                )


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a source file without their ends, in the encoding that it declares."""
    text = decoded(data)
    lines = _END.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def decoded(data: bytes) -> str:
    """Return source as text, for people: what cannot be decoded is replaced."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, UnicodeDecodeError):
        encoding = "utf-8"
    try:
        return data.decode(encoding, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
