"""What checkers print about a question, and the types that they mean by it.

A type as a checker writes it becomes a `TypeRef` of plain names first. Which thing each name means is known
when it is qualified; see `qualified`. What is not understood is not known: nothing is guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import stdlib
from migrate.evidence import types as t
from migrate.evidence.checker.probes import MARK
from migrate.model import UNKNOWN, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST = 30
_REVEALED = re.compile(
    rf"""revealed\ type:\ `?tuple\[
    Literal\[(?P<quote>["'])(?P<id>{MARK}[\w-]+)(?P=quote)\],\ (?P<rest>.*)\]`?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(
    r"""\s*(?: (?P<text>b?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))
    | (?P<name>\.\.\.|@?[A-Za-z_][\w.]*(?:@[\w.]+)?)
    | (?P<number>-?\d+)
    | (?P<mark>[\[\],|()&~:]) )""",
    re.VERBOSE,
)
_UNKNOWN = frozenset(
    {"Unknown", "Any", "Never", "NoReturn", "@_", "object", "Todo", "@Todo", "builtins.object", "Error"}
)
_OPAQUE = frozenset(
    {"Overload", "BoundMethod", "Module", "TypeGuard", "TypeIs", "super", "Unpack", "Concatenate"}
)
_PLAIN = (
    stdlib.SCALARS
    | stdlib.EXCEPTIONS
    | {"list", "dict", "set", "frozenset", "tuple", "type", "...", "Optional", "Union"}
)
"""Names that need no module. A class of the tree may be called so; then they do."""
_ALIASES = {
    "ellipsis": "ellipsis",
    "LiteralString": "str",
    "typing.LiteralString": "str",
    "types.NoneType": "None",
    "NoneType": "None",
    "_collections_abc.dict_keys": "collections.abc.KeysView",
    "_collections_abc.dict_values": "collections.abc.ValuesView",
    "_collections_abc.dict_items": "collections.abc.ItemsView",
    "types.GeneratorType": "collections.abc.Generator",
    "pathlib._local.Path": "pathlib.Path",
}


class AnswerError(ValueError):
    """The text is not a type that is understood."""


@frozen
class Answer:
    """What a checker printed about one question."""

    id: str
    text: str
    """The type, without the names that were put beside the expression to have them qualified."""


def answer_in(message: str) -> Answer | None:
    """Return the question that a message of a checker is about, and the type; None for any other message."""
    found = _REVEALED.search(message)
    return Answer(found["id"], _first(found["rest"])) if found else None


def parse_answer(text: str) -> TypeRef:
    """Return the type that a checker writes as ``text``, its names as they stand there.

    A part that is not known is the unknown type. Raises `AnswerError` for what is not understood: functions,
    intersections, what a later version may print.
    """
    parser = _Parser(text)
    found = parser.union(0)
    if parser.next is not None:
        raise AnswerError(f"{text!r}: {parser.next!r} is not understood")
    return found


def names_in(ref: TypeRef, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names in an answer that say nothing without their modules; ``own`` are names of the tree."""
    last = ref.name.rpartition(".")[2]
    plain = ref.name in _PLAIN and ref.name not in own
    if ref != UNKNOWN and not plain and ref.name not in _ALIASES and last.isidentifier():
        yield last
    for arg in ref.args:
        yield from names_in(arg, own)


def qualified(ref: TypeRef, keys: Mapping[str, str]) -> TypeRef:
    """Return a type whose names are qualified in this program's terms.

    ``keys`` maps dotted names of the tree's classes to their keys. A name without a module that should have
    one is unknown, and so is an array that may hold objects.
    """
    name = ref.name
    if ref == UNKNOWN or ref.name in _PLAIN:
        return t.join([TypeRef(name, tuple(qualified(arg, keys) for arg in ref.args))])
    if name in keys:
        return TypeRef(keys[name], tuple(qualified(arg, keys) for arg in ref.args))
    if name.startswith("builtins.") or name in _ALIASES:
        plain = _ALIASES.get(name, name.removeprefix("builtins."))
        return TypeRef(plain, tuple(qualified(arg, keys) for arg in ref.args))
    if "." not in name:
        return UNKNOWN
    if name == "numpy.ndarray":
        return TypeRef(name) if _holds_numbers(ref) else UNKNOWN
    name = _public(name)
    if name in stdlib.VALUES and name != "collections.Counter":
        return TypeRef(name)
    return TypeRef(name, tuple(qualified(arg, keys) for arg in ref.args))


def _holds_numbers(ref: TypeRef) -> bool:
    """Whether the dtype of an array is known to be one of numbers, dates or text."""
    dtype = ref.args[1] if len(ref.args) == 2 else UNKNOWN
    return dtype.name == "numpy.dtype" and len(dtype.args) == 1 and dtype.args[0].name in stdlib.NUMPY


def _public(name: str) -> str:
    """Return the name under which the standard library offers what a private module of it defines."""
    module, _, last = name.rpartition(".")
    public = f"{module.removeprefix('_')}.{last}"
    return stdlib.canonical(public if public in stdlib.VALUES else name)


def _first(rest: str) -> str:
    """Return the first of the members of a tuple, which stand in ``rest``."""
    depth = at = 0
    while at < len(rest):
        word = _WORD.match(rest, at)
        if word is not None and (word["text"] or word["name"]):
            at = word.end()
            continue
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(rest[at], 0)
        if rest[at] == "," and depth == 0:
            return rest[:at]
        at += 1
    return rest


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._words = list(self._split())

    @property
    def next(self) -> str | None:
        return self._words[self._at][1] if self._at < len(self._words) else None

    def _split(self) -> Iterator[tuple[str, str]]:
        at = 0
        text = self._text.rstrip()
        while at < len(text):
            word = _WORD.match(text, at)
            if word is None or word.lastgroup is None:
                raise AnswerError(f"{text!r} is not understood at {text[at : at + 10]!r}")
            yield word.lastgroup, word[word.lastgroup]
            at = word.end()

    def union(self, depth: int) -> TypeRef:
        parts = [self._both(depth)]
        while self._take("|"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else t.join(parts)

    def _both(self, depth: int) -> TypeRef:
        """Read an intersection: ``Unknown & Order & ~AlwaysFalsy`` is an Order of which more is known.

        What is of two classes is of a third one, which nobody names.
        """
        found = dict.fromkeys([self._part(depth)])
        while self._take("&"):
            found[self._part(depth)] = None
        known = [ref for ref in found if ref != UNKNOWN]
        if len(known) > 1:
            raise AnswerError(f"{self._text!r} is of several types at once")
        return known[0] if known else UNKNOWN

    def _part(self, depth: int) -> TypeRef:
        """Read a part of an intersection; nothing is known by what a value is not."""
        if self._take("~"):
            self._one(depth + 1)
            return UNKNOWN
        return self._one(depth)

    def _one(self, depth: int) -> TypeRef:
        if depth > _DEEPEST:
            raise AnswerError("nested too deeply")
        if self._take("("):
            inner = self.union(depth + 1)
            self._need(")")
            return inner
        kind, name = self._word()
        if kind != "name" or name in _OPAQUE:
            raise AnswerError(f"{self._text!r}: {name!r} is no type")
        if self._take("("):
            self._facets()
        if name == "Literal":
            return self._literals()
        base, at, where = name.partition("@")
        if at and base not in ("", "Self"):
            return self._unknown(depth)  # a type variable
        name = where if base == "Self" and at else name
        args = tuple(self._arguments(depth)) if self._take("[") else ()
        return UNKNOWN if name in _UNKNOWN or name.startswith("@") else TypeRef(name, args)

    def _unknown(self, depth: int) -> TypeRef:
        if self._take("["):
            list(self._arguments(depth))
        return UNKNOWN

    def _arguments(self, depth: int) -> Iterator[TypeRef]:
        if [word for _, word in self._words[self._at : self._at + 3]] == ["(", ")", "]"]:  # tuple[()]
            self._at += 3
            return
        yield self.union(depth + 1)
        while self._take(","):
            yield self.union(depth + 1)
        self._need("]")

    def _literals(self) -> TypeRef:
        self._need("[")
        found = [self._literal()]
        while self._take(","):
            found.append(self._literal())
        self._need("]")
        return t.join(found)

    def _literal(self) -> TypeRef:
        kind, word = self._word()
        if kind == "text":
            return TypeRef("bytes" if word.startswith("b") else "str")
        if kind == "number":
            return TypeRef("int")
        if kind == "name" and word in ("True", "False"):
            return TypeRef("bool")
        if kind == "name" and "." in word:
            return TypeRef(word.rpartition(".")[0])  # a member of an enum
        raise AnswerError(f"{self._text!r}: {word!r} is no literal")

    def _facets(self) -> None:
        """Pass over ``(_.x: T)``, what the checker knows of attributes at this place."""
        depth = 1
        while depth:
            _, word = self._word()
            depth += {"(": 1, ")": -1}.get(word, 0)

    def _word(self) -> tuple[str, str]:
        if self._at >= len(self._words):
            raise AnswerError(f"{self._text!r} ends too early")
        self._at += 1
        return self._words[self._at - 1]

    def _take(self, word: str) -> bool:
        if self.next != word:
            return False
        self._at += 1
        return True

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise AnswerError(f"{self._text!r}: {self.next!r} stands where {word!r} is meant")
