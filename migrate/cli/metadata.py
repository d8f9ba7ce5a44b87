"""What a project says of itself, as far as the rewrite has to know it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from pathlib import Path

_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_DECLARED = re.compile(
    r"""(?:^[ \t]*python|\brequires-python|\bpython_requires)[ \t]*=  # Poetry, PEP 621, setuptools
        [ \t]*["']?[^"'\n]*?(?:>=|~=|\^|==|~)[ \t]*(\d+)\.(\d+)""",
    re.MULTILINE | re.VERBOSE,
)

_LISTED = re.compile(
    r"""\bpy[-_]modules[ \t]*=\s*            # setuptools
        (\[[^\]]*\] | \([^)]*\) | [\w, \t]+(?:\n[ \t]+[\w, \t]+)*)""",
    re.VERBOSE,
)


@frozen
class Project:
    """What a plan takes from a project's own files besides its sources."""

    oldest_python: tuple[int, int] | None
    listed: tuple[str, ...]
    """Modules outside of packages that it installs, sorted; empty if it does not name them."""


def project_at(root: Path) -> Project:
    """Return what the project at ``root`` says of itself."""
    return Project(oldest_python(root), tuple(sorted(listed_modules(root))))


def listed_modules(root: Path) -> frozenset[str]:
    """Return the modules outside of packages that the project at ``root`` installs, if it names them."""
    for name in _FILES:
        path = root / name
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        found = _LISTED.search(text)
        if found:
            return frozenset(re.findall(r"\w+", found[1]))
    return frozenset()


def oldest_python(root: Path) -> tuple[int, int] | None:
    """Return the oldest Python that the project at ``root`` (or just above) says it supports, if any."""
    for folder in (root, root.resolve().parent):
        for name in _FILES:
            path = folder / name
            text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            found = _DECLARED.search(text)
            if found:
                return int(found[1]), int(found[2])
    return None
