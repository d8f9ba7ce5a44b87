"""The requirement of this tool in a project's files, replaced by what the records need."""

from __future__ import annotations

import re
from functools import partial
from importlib.metadata import requires
from typing import TYPE_CHECKING

from migrate.model import FileEdit

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEEDED = ("attrs", "cattrs", "msgspec")
_OURS = r"pickle[-_.]migrate(?:\s*\[(?P<extras>[^\]]*)\])?\s*(?:[<>=!~@][^\"'\n;#]*)?"
_QUOTED = re.compile(rf"(?P<quote>[\"']){_OURS}(?P<marker>;[^\"'\n]*)?(?P=quote)")
_LINE = re.compile(rf"^(?P<indent>[ \t]*){_OURS}(?P<marker>;[^\n#]*)?(?P<rest>[^\n]*)$", re.MULTILINE)


def replaced(texts: Mapping[str, bytes]) -> list[FileEdit]:
    """Return the edits of ``texts``, path → content of pyproject.toml, setup files and requirement files."""
    edits = []
    for path, content in texts.items():
        text = content.decode("utf-8", "surrogateescape")
        pattern, write = (_LINE, _lines) if path.endswith((".txt", ".in", "setup.cfg")) else (_QUOTED, _list)
        after = pattern.sub(partial(write, text), text)
        if after != text:
            edits.append(FileEdit(path, content, after.encode("utf-8", "surrogateescape")))
    return edits


def _lines(text: str, match: re.Match[str]) -> str:
    wanted = _requirements(match["extras"], text)
    return (
        "\n".join(f"{match['indent']}{one}" for one in wanted)
        or f"{match['indent']}# (records need nothing more)"
    )


def _list(text: str, match: re.Match[str]) -> str:
    quote = match["quote"]
    wanted = _requirements(match["extras"], text)
    return ", ".join(f"{quote}{one}{quote}" for one in wanted) or f"{quote}cattrs{quote}"


def _requirements(extras: str | None, text: str) -> list[str]:
    """Return what the records need and ``text`` does not ask for yet."""
    chosen = {extra.strip() for extra in (extras or "").split(",")} - {""}
    found = []
    for requirement in requires("pickle-migrate") or ():
        bare, _, marker = requirement.partition(";")
        name = re.split(r"[^\w.-]", bare.strip(), maxsplit=1)[0].lower()
        extra = re.search(r"extra\s*==\s*[\"']([\w-]+)", marker)
        needed = name in _NEEDED if extra is None else extra[1] in chosen and extra[1] != "test"
        if needed and not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE):
            found.append(bare.strip().replace(" ", ""))
    return found
