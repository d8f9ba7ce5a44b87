"""A type checker whose answers a test writes down, and trees to ask it about."""

from __future__ import annotations

import re

from migrate.evidence import Checker, gather
from migrate.evidence.checker import EngineError
from migrate.sites import find_sites

_MARK = re.compile(r'reveal_type\(\("(ask-file\d+)", 0\)\)')
_QUESTION = re.compile(
    r'reveal_type\(\("(ask\d+)", \((.*?)\)((?:, _pickle_migrate_names\.\w+)*)\)\)\[1\]', re.DOTALL
)


class Scripted:
    """Answers what a test says, by the text of the expression; again when names are to be qualified."""

    name = "scripted 1.0"

    def __init__(self, answers=None, *, qualified=None, canary="list[Canary]", error=None, silent=False):
        self.answers = answers or {}
        self.qualified = qualified or {}
        self.canary = canary
        self.error = error
        self.silent = silent
        self.asked: list[str] = []
        self.files: list[set[str]] = []

    def reveal(self, overlay):
        if self.error:
            raise EngineError(self.error)
        self.files.append({p.relative_to(overlay.folder).as_posix() for p in overlay.folder.rglob("*.py")})
        found = {"ask-canary": self.canary}
        for file in overlay.files[1:]:
            text = (overlay.folder / file).read_text(encoding="utf-8")
            if self.silent:
                continue
            found |= dict.fromkeys(_MARK.findall(text), "int")
            for id_, expression, names in _QUESTION.findall(text):
                self.asked.append(expression)
                known = self.qualified if names else self.answers
                if expression in known:
                    found[id_] = known[expression]
        return found


def checked(sources, engine, **more):
    """Return all evidence about a tree, and the flows by the text of the site."""
    files = find_sites(sources)
    found = gather(sources, files, checker=Checker(engine, **more))
    return found, {s.text: found.flows[s.id] for file in files.values() for s in file.sites}
