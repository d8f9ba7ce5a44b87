"""Comments by which a person settles a site: ``# pickle-migrate: keep[reason]``, and those for linters.

A suppression covers the line it stands on and every site of a statement that has this line; alone on its
line, it covers the next line of code as well. ``keep-file[reason]``, alone on a line, covers the whole file.
Only real comments count, not text in strings.
"""

from __future__ import annotations

import re
import tokenize
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from migrate.model import Problem, Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.model import FileSites

_MENTION = b"pickle-migrate:"
_DIRECTIVE = re.compile(r"#\s*pickle-migrate:\s*([A-Za-z][\w-]*)(?:\s*\[((?:[^\[\]]|\[[^\[\]]*\])*)\])?")
_KEEP, _KEEP_FILE = "keep", "keep-file"
_OTHER_WORDS = frozenset({"converters", "tests"})
"""What generated modules say of themselves."""

_LINTERS = re.compile(
    r"""\#\s*(
        noqa:[^#]*\bS(?:30[12]|40[37])\b[^#]*   # ruff and flake8-bandit: pickle, marshal, their imports
      | nosec\b(?:(?!\s*:?\s*B\d)|[^#]*\bB(?:30[12]|40[37])\b)[^#]*   # bandit, all rules or these
      | nosemgrep(?::[^#]*pickle)?[^#]*
    )""",
    re.VERBOSE | re.IGNORECASE,
)


@frozen
class _Comment:
    """A suppression as it stands in the source."""

    line: int
    word: str
    reason: str
    covers: frozenset[int]


@define
class Suppressions:
    """The suppressions of one file, and which of them served."""

    path: str
    comments: tuple[_Comment, ...] = ()
    used: set[int] = Factory(set)
    """Lines of the comments that suppressed a site."""

    @classmethod
    def of(cls, path: str, lines: Sequence[bytes], *, parsed: bool = True) -> Suppressions:
        """Find them in the ``lines`` of a file, with their ends; by their look if it was not parsed."""
        if not any(_MENTION in line for line in lines):
            return cls(path)
        text = [line.decode("utf-8", "replace").rstrip("\r\n") for line in lines]
        found = _tokens(text) if parsed else _alone(text)
        return cls(path, tuple(_comments(text, found)))

    def settle(self, lines: Iterable[int]) -> str | None:
        """Return the reason for keeping a site whose code has these ``lines``; None for one that is not kept.

        The reason is empty where the comment gives none.
        """
        wanted = set(lines)
        reason = None
        for comment in self.comments:
            if comment.word == _KEEP_FILE or (comment.word == _KEEP and comment.covers & wanted):
                self.used.add(comment.line)
                reason = reason or comment.reason
        return reason

    def outcome(self) -> tuple[Suppression, ...]:
        """Return them all, with whether they served."""
        return tuple(
            Suppression(self.path, c.line, c.word, c.reason, used=c.line in self.used) for c in self.comments
        )


def silenced(lines: Iterable[str]) -> str:
    """Return the comment by which one of ``lines`` silences a linter about pickle; empty if none does."""
    for line in lines:
        found = _LINTERS.search(line) if "#" in line else None
        if found:
            return found[0].strip()
    return ""


def suppression_problems(files: Iterable[FileSites]) -> tuple[Problem, ...]:
    """Return what is wrong with the suppressions of ``files``: no reason given, or nothing to suppress."""
    return tuple(
        problem
        for file in files
        for suppression in file.suppressions
        if (problem := problem_of(suppression)) is not None
    )


def problem_of(suppression: Suppression) -> Problem | None:
    """Return what is wrong with one suppression, if anything is."""
    word, line = suppression.word, suppression.line
    if word not in (_KEEP, _KEEP_FILE):
        message = (
            f"line {line}: `{word}` is no word of pickle-migrate; keep[reason] and keep-file[reason] are"
        )
        return Problem(suppression.path, "unused-suppression", message)
    if not suppression.used:
        where = "in this file" if word == _KEEP_FILE else "on this statement"
        message = (
            f"line {line}: `{word}` suppresses nothing, for there is no site {where}; remove the comment"
        )
        return Problem(suppression.path, "unused-suppression", message)
    if not suppression.reason:
        message = f"line {line}: `{word}` gives no reason; write {word}[why it stays]"
        return Problem(suppression.path, "suppression-without-reason", message)
    return None


def _comments(text: Sequence[str], found: Iterable[tuple[int, str, bool]]) -> Iterator[_Comment]:
    for line, comment, alone in found:
        directive = _DIRECTIVE.match(comment) or _DIRECTIVE.search(comment)
        if directive is None or directive[1] in _OTHER_WORDS:
            continue
        if directive.start() and directive[1] not in (_KEEP, _KEEP_FILE):
            # Further back in a comment it is prose that speaks of the tool.
            continue
        word, reason = directive[1], " ".join((directive[2] or "").split())
        covers = {line, _next_code(text, line)} if alone else {line}
        if word == _KEEP_FILE and not alone:
            word = _KEEP
        yield _Comment(line, word, reason, frozenset(covers))


def _next_code(text: Sequence[str], line: int) -> int:
    """Return the line of code right below a comment; other comments may stand between, an empty line not."""
    for number in range(line + 1, len(text) + 1):
        content = text[number - 1].strip()
        if not content.startswith("#"):
            return number if content else line
    return line


def _tokens(text: Sequence[str]) -> list[tuple[int, str, bool]]:
    """Return line and text of every comment, and whether it stands alone on its line."""
    lines = iter([f"{line}\n" for line in text])
    try:
        return [
            (token.start[0], token.string, not token.line[: token.start[1]].strip())
            for token in tokenize.generate_tokens(lambda: next(lines, ""))
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        # What the parser takes and the tokenizer in Python does not, such as a form feed before an indent.
        return _alone(text)


def _alone(text: Sequence[str]) -> list[tuple[int, str, bool]]:
    """Return the lines that look like a comment, of text that cannot be split into tokens."""
    return [
        (number, line.strip(), True) for number, line in enumerate(text, 1) if line.lstrip().startswith("#")
    ]
