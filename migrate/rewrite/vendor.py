"""Writes the runtime into the user's package, so that the program needs nothing of ours installed.

Both rooms, ``legacy`` and ``runtime``, import each other relatively and nothing else of this package, so they
work under any name. Their own dependencies, cattrs and msgspec, remain.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import migrate
from migrate.model import FileEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.abc import Traversable

    from migrate.model import Plan

ROOMS = ("legacy", "runtime")


def vendored(plan: Plan, sources: Mapping[str, bytes]) -> list[FileEdit]:
    """Return the files of the runtime that the tree lacks below ``plan.vendor``, or has otherwise."""
    if plan.vendor is None:
        return []
    folder = vendor_folder(plan)
    wanted = {f"{folder}/__init__.py": _about().encode()}
    for room in ROOMS:
        for name, data in _sources(files("migrate") / room):
            wanted[f"{folder}/{room}/{name}"] = data
    return [
        FileEdit(path, sources.get(path), data)
        for path, data in sorted(wanted.items())
        if sources.get(path) != data
    ]


def vendor_folder(plan: Plan) -> str:
    """Return the folder that is imported as ``plan.vendor``.

    It lies beside the converters modules: where the tree has a ``src`` folder, so has this path.
    """
    parts = (plan.vendor or "").split(".")
    for converters in plan.converters:
        steps = converters.module.count(".") + 1
        root = converters.path.split("/")[:-steps]
        if converters.module.split(".")[0] == parts[0] or len(parts) == 1:
            return "/".join([*root, *parts])
    return "/".join(parts)


def _sources(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _about() -> str:
    return f'''"""The runtime of pickle-migrate {migrate.__version__}, copied here by its --vendor option.

Do not edit: running the tool again replaces these files. Licence: Apache-2.0.
"""

__version__ = "{migrate.__version__}"
'''
