"""What a project says of itself, as far as the rewrite has to know it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_DECLARED = re.compile(
    r"""(?:^[ \t]*python|\brequires-python|\bpython_requires)[ \t]*=  # Poetry, PEP 621, setuptools
        [ \t]*["']?[^"'\n]*?(?:>=|~=|\^|==|~)[ \t]*(\d+)\.(\d+)""",
    re.MULTILINE | re.VERBOSE,
)


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
