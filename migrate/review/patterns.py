"""The shape of an edit: what is the same in all edits of one kind, so that they can be approved at once."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.model import Decision
    from migrate.review.sidebyside import Row

_TOKEN = re.compile(
    r"""(?P<string>[rbfuRBFU]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))"""
    r"|(?P<name>[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)|(?P<space>\s+)"
)
_ALWAYS_KEPT = frozenset(
    {"protocol", "fix_imports", "encoding", "errors", "buffer_callback", "buffers", "file", "obj"}
)
_VALUE, _HANDLE = "VALUE", "FILE"


def pattern_of(decision: Decision, rows: Iterable[Row], converters: str) -> str:
    """Return the shape of one edit, as ``before → after``; only the shape before, where nothing is edited.

    The value and the handle of the call become ``VALUE`` and ``FILE``, other names are numbered in the order
    in which they occur, strings become ``"…"``; what belongs to pickle and to the converters module stays.
    """
    site = decision.site
    touched = [row for row in rows if row.old and site.span.line <= row.old <= site.span.end_line]
    if not any(row.changed for row in touched):
        return _Normal(decision, converters).text(site.text)
    normal = _Normal(decision, converters)
    before = normal.text("\n".join(row.before for row in touched))
    after = normal.text("\n".join(row.after for row in touched if row.new))
    return f"{before} → {after}"


class _Normal:
    """Numbers names, the same in both texts of one edit."""

    def __init__(self, decision: Decision, converters: str) -> None:
        site = decision.site
        names = {site.binding, site.function, site.library, converters, "Pickler", "Unpickler"}
        names |= {
            "dump",
            "dumps",
            "load",
            "loads",
            "converters",
            "DecodeError",
            "EncodeError",
            "ConverterError",
        }
        self.kept = {*names, *_ALWAYS_KEPT, *keyword.kwlist, _VALUE, _HANDLE, "None", "True", "False"}
        self.operands = [(t, name) for t, name in ((site.value, _VALUE), (site.handle, _HANDLE)) if t]
        self.numbers: dict[str, str] = {}

    def text(self, source: str) -> str:
        for operand, name in sorted(self.operands, key=lambda pair: -len(pair[0])):
            source = re.sub(rf"(?<![\w.]){re.escape(operand)}(?![\w.])", name, source)
        return _TOKEN.sub(self._replaced, source.strip())

    def _replaced(self, found: re.Match[str]) -> str:
        if found["space"]:
            return " "
        if found["string"]:
            return '"…"'
        parts = re.split(r"\s*\.\s*", found["name"])
        if any(part in self.kept for part in parts):
            return ".".join(part if part in self.kept else self._number(part) for part in parts)
        return self._number(".".join(parts))

    def _number(self, name: str) -> str:
        return self.numbers.setdefault(name, f"${len(self.numbers) + 1}")
