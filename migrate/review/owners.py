"""Who owns a file, by CODEOWNERS.

Format: GitHub, "About code owners": one pattern and its owners a line, patterns as in .gitignore, the last
that matches wins; one without owners takes ownership away. Sections of GitLab are read over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen
from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_WORDS = re.compile(r"(?:\\.|[^\s\\])+")


@frozen
class _Rule:
    pattern: str
    owners: tuple[str, ...]
    spec: GitIgnoreSpec

    def covers(self, path: str) -> bool:
        # Unlike .gitignore, `docs/*` does not reach into the folders of docs.
        if self.pattern.endswith("/*") and path.count("/") > self.pattern.strip("/").count("/"):
            return False
        return self.spec.match_file(path)


@frozen
class Owners:
    """The rules of one repository, in the order of the file."""

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Owners:
        """Read the lines of a CODEOWNERS file."""
        rules = []
        for line in lines:
            words = _WORDS.findall(line.partition(" #")[0])
            if words and not words[0].startswith(("#", "[", "^[")):
                pattern = words[0].replace("\\ ", " ")
                rules.append(_Rule(pattern, tuple(words[1:]), GitIgnoreSpec.from_lines([words[0]])))
        return cls(tuple(rules))

    @classmethod
    def of(cls, repository: Path) -> Owners | None:
        """Read the first CODEOWNERS of ``repository``; None if it has none."""
        for place in PLACES:
            path = repository / place
            if path.is_file():
                return cls.parse(path.read_text(encoding="utf-8", errors="replace").splitlines())
        return None

    def owners_of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a file, whose path is relative to the repository."""
        matching = [rule for rule in self.rules if rule.covers(path)]
        return matching[-1].owners if matching else ()
