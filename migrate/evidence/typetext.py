"""Types as text: what ``str`` makes of a `TypeRef`, and what people write in annotations, read back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.model import TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\s*(\.\.\.|[\[\],|]|[^\s\[\],|]+)")
_DEEPEST = 50


class TypeTextError(ValueError):
    """The text is no type; the message says what stands where."""


def parse_type(text: str) -> TypeRef:
    """Return the type that ``text`` means: ``dict[str, shop.models:Order | None]``.

    Raises `TypeTextError` for what is no type. Whether there are such classes is not looked at.
    """
    words = [match[1] for match in _WORD.finditer(text)]
    parser = _Parser(words, text)
    found = parser.alternatives(0)
    if parser.next is not None:
        raise parser.unexpected()
    return found


class _Parser:
    def __init__(self, words: list[str], text: str) -> None:
        self._words = words
        self._text = text
        self._at = 0

    @property
    def next(self) -> str | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def alternatives(self, depth: int) -> TypeRef:
        """Read ``A | B | …``."""
        parts = [self._one(depth)]
        while self._take("|"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else t.join(parts)

    def _one(self, depth: int) -> TypeRef:
        name = self.next
        if name is None or name in "[],|" or depth > _DEEPEST:
            raise self.unexpected()
        self._at += 1
        args = tuple(self._arguments(depth + 1)) if self._take("[") else ()
        if name == "Optional" and len(args) == 1:
            return t.join([args[0], t.NONE])
        return t.join(args) if name == "Union" and args else TypeRef(name, args)

    def _arguments(self, depth: int) -> Iterator[TypeRef]:
        yield self.alternatives(depth)
        while self._take(","):
            yield self.alternatives(depth)
        if not self._take("]"):
            raise self.unexpected()

    def _take(self, word: str) -> bool:
        if self.next != word:
            return False
        self._at += 1
        return True

    def unexpected(self) -> TypeTextError:
        """Return the error about the next word."""
        there = f"{self.next!r} stands where it cannot" if self.next is not None else "it ends too early"
        return TypeTextError(f"{self._text!r} is no type: {there}")
