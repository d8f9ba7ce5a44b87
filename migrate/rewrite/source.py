"""A source file as bytes, text, lines and statements, and the way back to the same bytes.

Everything that an edit does not concern stays in its original bytes: line ends (also mixed ones), tabs, form
feeds, the byte order mark, the encoding that the file declares (PEP 263), a missing final newline.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from codecs import BOM_UTF8
from functools import cached_property

from attrs import define, field, frozen

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_BYTE_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class SourceError(Exception):
    """The bytes cannot be taken apart into lines of text and put together again; the message says why."""


@frozen(order=True)
class Slice:
    """Whole lines of a file that hold one statement, or several that share a line.

    ``first`` and ``last`` are line numbers counted from 1, both included. Decorators belong to their
    statement; comments and blank lines between statements belong to no slice.
    """

    first: int
    last: int

    def __contains__(self, line: int) -> bool:
        """Whether ``line`` is one of its lines."""
        return self.first <= line <= self.last


@define
class SourceFile:
    """A file taken apart. Raises `SourceError` on construction if it cannot be put together again."""

    data: bytes
    encoding: str = field(init=False)
    lines: tuple[str, ...] = field(init=False)
    """Each with its line end. The byte order mark belongs to none."""
    byte_lines: tuple[bytes, ...] = field(init=False)
    tree: ast.Module = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Decode and parse."""
        body = self.data.removeprefix(BOM_UTF8)
        try:
            declared, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
            self.encoding = "utf-8" if declared == "utf-8-sig" else declared
            self.lines = tuple(_LINE.findall(body.decode(self.encoding)))
            self.tree = ast.parse(self.data)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise SourceError(f"cannot be parsed: {error}") from error
        self.byte_lines = tuple(_BYTE_LINE.findall(body))
        if len(self.lines) != len(self.byte_lines):
            raise SourceError(f"lines cannot be told apart in {self.encoding}")

    @property
    def bom(self) -> bytes:
        """The byte order mark, or nothing."""
        return BOM_UTF8 if self.data.startswith(BOM_UTF8) else b""

    @cached_property
    def newline(self) -> str:
        """The line end of the first line that has one."""
        for line in self.lines[:1]:
            return line[len(line.rstrip("\r\n")) :] or "\n"
        return "\n"

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All syntax, outer nodes first."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """The top-level statements, in order, as whole lines."""
        found: list[Slice] = []
        for statement in self.tree.body:
            first = self._first_line(statement, floor=found[-1].last if found else 0)
            last = statement.end_lineno or statement.lineno
            if found and first <= found[-1].last:
                found[-1] = Slice(found[-1].first, max(last, found[-1].last))
            else:
                found.append(Slice(first, last))
        return tuple(found)

    def _first_line(self, statement: ast.stmt, floor: int) -> int:
        decorators = getattr(statement, "decorator_list", [])
        first: int = min([statement.lineno, *(d.lineno for d in decorators)])
        if decorators:
            while first > floor + 1 and not self.lines[first - 1].lstrip().startswith("@"):
                first -= 1
        # A backslash joins lines, also behind a semicolon: the statement before must then come along.
        while first > 1 and self.lines[first - 2].rstrip("\r\n").endswith("\\"):
            first -= 1
        return max(first, 1)

    def text(self, piece: Slice) -> str:
        """Return the text of ``piece``; raise `SourceError` if it would not encode to the same bytes."""
        text = "".join(self.lines[piece.first - 1 : piece.last])
        if text.encode(self.encoding) != b"".join(self.byte_lines[piece.first - 1 : piece.last]):
            raise SourceError(f"line {piece.first} has more than one form in {self.encoding}")
        return text

    def column(self, line: int, offset: int) -> int:
        """Turn ``offset``, counted by `ast` in UTF-8 bytes, into characters of line number ``line``."""
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def with_lines(self, replacements: dict[Slice, str]) -> bytes:
        """Return the file with the lines of each slice replaced by a text, all else in its original bytes."""
        parts = [self.bom]
        at = 1
        for piece in sorted(replacements):
            parts += self.byte_lines[at - 1 : piece.first - 1]
            parts.append(replacements[piece].encode(self.encoding))
            at = piece.last + 1
        parts += self.byte_lines[at - 1 :]
        return b"".join(parts)
