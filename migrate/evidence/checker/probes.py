"""Putting questions into source: an expression becomes one whose type a checker reveals.

``pickle.dump(order, f)`` becomes ``pickle.dump(reveal_type(("ask3", (order)))[1], f)``: the value stays what
it was, also inside lambdas, comprehensions and conditions, and the answer carries the question's name.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES = "_pickle_migrate_names"
"""The module of the overlay whose classes force a checker to qualify the names that they share."""
MARK = "ask"
"""What the names of all questions begin with."""
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")
_OWN_IGNORES = re.compile(rb"#(\s*)(pyrefly|ty)\b")
"""Comments that would keep the checker from answering."""


@frozen
class Probe:
    """A question: of which type an expression is."""

    id: str
    """Its name in the answers."""
    path: str
    node: ast.expr
    names: tuple[str, ...] = ()
    """Names to be qualified in the answer."""


def probed(source: bytes, probes: Sequence[Probe], mark: str) -> tuple[bytes, tuple[str, ...]] | None:
    """Return the source with the questions in it, and the ids of those that could be put.

    ``mark`` is a question of the file's own, which a checker that reads the file must answer. None if the
    file cannot be asked about: it is not to be decoded, or the questions would break it.
    """
    text = _utf8(source)
    if text is None:
        return None
    lines = _lines(text)
    wanted = [(probe, span) for probe in probes if (span := _span(probe.node, text, lines)) is not None]
    head = _head(text, lines)
    if not wanted or head is None:
        return None
    mine = f'import {NAMES}; reveal_type(("{mark}", 0))\n'.encode()
    made = _inserted(text, head, mine, [(*span, *_around(probe)) for probe, span in wanted])
    made = _OWN_IGNORES.sub(rb"#\1not-\2", made)
    if b"reveal_type" in text or not _parses(made):
        return None  # a name of the program's own, or a place where no question may stand
    return made, tuple(probe.id for probe, _ in wanted)


def plain(source: bytes) -> bytes | None:
    """Return a source as the overlay has it when nothing is asked in it: in UTF-8, as checkers read it."""
    return _utf8(source)


def _around(probe: Probe) -> tuple[bytes, bytes]:
    names = "".join(f", {NAMES}.{name}" for name in probe.names)
    return f'reveal_type(("{probe.id}", ('.encode(), f"){names}))[1]".encode()


def _utf8(source: bytes) -> bytes | None:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding).encode()
    except (SyntaxError, UnicodeError, LookupError):
        return None


def _lines(text: bytes) -> list[int]:
    """Return where each line begins, as the parser counts lines."""
    starts = [0]
    starts += [match.end() for match in _LINE.finditer(text) if match.end() > match.start()]
    return starts


def _span(node: ast.expr, text: bytes, lines: Sequence[int]) -> tuple[int, int] | None:
    """Return where an expression stands; None unless it stands there word for word.

    Parts of f-strings have no places of their own before Python 3.12, and the brackets of a generator may be
    those of a call.
    """
    if isinstance(node, ast.GeneratorExp | ast.Starred) or node.end_lineno is None:
        return None
    if max(node.lineno, node.end_lineno) > len(lines) or node.end_col_offset is None:
        return None
    start = lines[node.lineno - 1] + node.col_offset
    end = lines[node.end_lineno - 1] + node.end_col_offset
    try:
        found = ast.parse(b"(" + text[start:end] + b"\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return (start, end) if ast.dump(found) == ast.dump(node) else None


def _head(text: bytes, lines: Sequence[int]) -> int | None:
    """Return the place of the first statement that an import may stand before; None if there is none."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            continue
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
        return lines[first - 1] if statement.col_offset == 0 or first != statement.lineno else None
    return None


def _inserted(text: bytes, head: int, line: bytes, spans: Iterable[tuple[int, int, bytes, bytes]]) -> bytes:
    """Put a line at ``head``, and text before and after each span; what encloses another goes around it."""
    marks = [(head, 1, -len(text) - 1, line)]
    for start, end, before, after in spans:
        marks.append((start, 1, -end, before))
        marks.append((end, 0, -start, after))
    parts, done = [], 0
    for at, _, _, added in sorted(marks, key=lambda mark: mark[:3]):
        parts += [text[done:at], added]
        done = at
    return b"".join([*parts, text[done:]])


def _parses(text: bytes) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
