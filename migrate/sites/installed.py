"""Under which names a ``setup.py`` installs directories: ``package_dir={"shop": "src"}``.

Such a directory is imported by the name that it is installed under, and pickles hold that name.
"""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ARGUMENT = "package_dir"


def package_dirs(sources: Mapping[str, bytes]) -> dict[str, str]:
    """Return the packages that are installed from directories of other names: directory → dotted name.

    ``sources`` maps paths to the bytes of files. Only what stands in a ``setup.py`` as a literal counts.
    """
    found: dict[str, str] = {}
    for path in sorted(sources):
        if posixpath.basename(path) == "setup.py" and _ARGUMENT.encode() in sources[path]:
            home = posixpath.dirname(path)
            for package, directory in _literals(sources[path]):
                place = posixpath.normpath(posixpath.join(home, directory))
                if package and place != "." and not place.startswith(".."):
                    found.setdefault(place, package)
    return found


def _literals(source: bytes) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.keyword, ast.Assign)) and _ARGUMENT in _names(node):
            yield from _entries(node.value)


def _names(node: ast.keyword | ast.Assign) -> list[str | None]:
    if isinstance(node, ast.keyword):
        return [node.arg]
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _entries(node: ast.expr) -> Iterator[tuple[str, str]]:
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        names = [part.value for part in (key, value) if isinstance(part, ast.Constant)]
        if len(names) == 2 and all(isinstance(name, str) for name in names):
            yield str(names[0]), str(names[1])
