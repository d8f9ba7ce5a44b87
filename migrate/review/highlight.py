"""Python source as coloured pieces, and what would deceive the eye made visible.

A piece is a class name and a text; a line is a flat list of them (class, text, class, text …), which is short
in JSON and is put into the page as text, never as markup.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pygments.lexers.python import PythonLexer
from pygments.token import Token

_CLASSES = (
    (Token.Keyword, "k"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "n"),
    (Token.Comment, "c"),
    (Token.Name.Builtin, "b"),
    (Token.Name.Function, "f"),
    (Token.Name.Class, "f"),
    (Token.Name.Decorator, "d"),
    (Token.Operator.Word, "k"),
)
_DECEPTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Control characters, marks of direction and of no width (CVE-2021-42574), and halves of surrogate pairs."""


@lru_cache(maxsize=4096)
def pieces(line: str) -> tuple[str, ...]:
    """Return one line of Python as (class, text, class, text …).

    By the line, not by the file: a line inside a multi-line string is coloured as code, which costs
    nothing but colour and saves reading every file twice.
    """
    found: list[str] = []
    for _, token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(line):
        name = next((short for kind, short in _CLASSES if token in kind), "")
        shown = visible(text)
        if found and found[-2] == name:
            found[-1] += shown
        else:
            found += [name, shown]
    return tuple(found)


def visible(text: str) -> str:
    """Return ``text`` with characters that would not be seen, or would reorder others, as ``⟨U+202E⟩``."""
    return _DECEPTIVE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
