"""What all recipes share: ``python RECIPE.py write FOLDER`` and ``python RECIPE.py show FOLDER``."""

import pprint
import sys
from collections.abc import Callable
from pathlib import Path


def main(write: Callable[[Path], None], show: Callable[[Path], object]) -> None:
    """Write samples into the folder, or print a picture of what is read from them.

    The same picture has to come from the original code and from the rewritten code; so it names classes, and
    holds nothing that changes between two runs.
    """
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "write":
        write(folder)
    else:
        pprint.pprint(show(folder), width=100)


def picture(value: object) -> object:
    """Return ``value`` with the classes of its parts named, objects as their attributes."""
    name = type(value).__qualname__
    if isinstance(value, dict):
        return name, [(picture(k), picture(v)) for k, v in value.items()]
    if isinstance(value, (set, frozenset)):
        return name, sorted(map(repr, map(picture, value)))
    if isinstance(value, (list, tuple)):
        return name, [picture(v) for v in value], picture(getattr(value, "__dict__", None))
    if hasattr(value, "__dict__") and not isinstance(value, type):
        text = str(value) if isinstance(value, str) else None
        return name, text, [(k, picture(v)) for k, v in vars(value).items()]
    return name, repr(value)
