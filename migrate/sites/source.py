"""The text of one file: decoding, parsing, positions, and why a file cannot be parsed.

Columns count bytes of the UTF-8 form of a line whatever the file's encoding, as :mod:`ast` does.
"""

from __future__ import annotations

import ast
import re
import tokenize
import warnings
from typing import TYPE_CHECKING

from attrs import define, frozen

from migrate.model import Span

if TYPE_CHECKING:
    from typing_extensions import Self

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")

_NEWLINE = re.compile(rb"\r\n|\r|\n")

_PYTHON2_MESSAGES = re.compile(
    r"Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthesized"
    r"|leading zeros in decimal integer literals|inconsistent use of tabs"
)
_PYTHON2_LINE = re.compile(
    r"""
    ^\s* print \s+ [^\s=(.\[,] | ^\s* print \s* >>                 # print "x", print >>f
  | ^\s* exec \s+ [^\s=(.\[,]                                      # exec code in scope
  | \b except \s+ [\w.()\s,]+ , \s* \w+ \s* :                      # except Error, e:
  | ^\s* raise \s+ [\w.]+ \s* , \s* \S                             # raise Error, "text"
  | \b 0[0-7]+ \b | \b \d+[lL] \b | \b 0[xX][0-9a-fA-F]+[lL] \b    # 0777, 10L, 0xFFL
  | \b [uU][rR] ["'] | ` | <>                                      # ur"", backticks, <>
  | ^\s* def \s+ \w+ \s* \( [^)]* \( \s* \w+ \s* ,                 # def f(a, (b, c)):
  | \b lambda \s* \( \s* \w+ \s* ,                                 # lambda (a, b):
    """,
    re.VERBOSE,
)


@frozen
class ParseFailure(Exception):  # noqa: N818 - an outcome that is kept and reported
    """Why a file has no syntax tree: a reason code, and the line (from 1) at which parsing stopped."""

    reason: str
    message: str
    line: int = 1


@define
class SourceFile:
    """A parsed file."""

    path: str
    tree: ast.Module
    lines: list[bytes]
    """Its lines in UTF-8 with their ends, without byte order mark."""

    @classmethod
    def parse(cls, path: str, source: bytes) -> Self:
        """Parse ``source``. Raises `ParseFailure`, never anything else."""
        text = _decode(source)
        return cls(path, _parse(source, text), split_lines(text))

    def text(self, span: Span) -> str:
        """Return the source text of a span."""
        lines = self.lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return b"".join(lines).decode()

    def line(self, number: int) -> str:
        """Return a line, counted from 1, without its end."""
        return self.lines[number - 1].decode().rstrip("\r\n")


def span_of(node: ast.stmt | ast.expr) -> Span:
    """Return the span of a node that the parser made."""
    return Span(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)


def lines_of(source: bytes) -> list[bytes]:
    """Return the lines of a file in UTF-8, whatever its encoding. Raises `ParseFailure`."""
    return split_lines(_decode(source))


def split_lines(text: str) -> list[bytes]:
    r"""Split at ``\n``, ``\r\n`` and ``\r``, as the tokenizer does; `str.splitlines` knows more ends."""
    return [line for line in _LINE.findall(text.encode("utf-8", "surrogatepass")) if line]


def _decode(source: bytes) -> str:
    try:
        # The tokenizer ends lines at a lone carriage return as well; io.BytesIO does not.
        head = iter(_NEWLINE.split(source, maxsplit=2)[:2])
        encoding, _ = tokenize.detect_encoding(lambda: next(head, b""))
        return source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        line = source.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 1
        raise ParseFailure("not-utf8", str(error), line) from error


def _parse(source: bytes, text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            # Invalid escapes in the user's strings are theirs to hear of when they run the file, not ours.
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        line = error.lineno or 1
        reason = "python2-source" if _is_python2(error, text, line) else "does-not-parse"
        raise ParseFailure(reason, error.msg, line) from error
    except (ValueError, RecursionError, MemoryError) as error:
        # NUL bytes; nesting past what this interpreter's parser can hold.
        raise ParseFailure("does-not-parse", str(error) or type(error).__name__) from error


def _is_python2(error: SyntaxError, text: str, line: int) -> bool:
    if _PYTHON2_MESSAGES.search(error.msg or ""):
        return True
    lines = text.splitlines()
    near = lines[max(0, line - 2) : line]
    return any(_PYTHON2_LINE.search(_without_strings(candidate)) for candidate in near)


def _without_strings(line: str) -> str:
    """Blank the contents of plain strings and comments, so that their words are not taken for code."""
    return re.sub(r"(\w?)(\"[^\"]*\"|'[^']*')|#.*", lambda m: f'{m[1]}""' if m[2] else "", line)
