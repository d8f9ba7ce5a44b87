"""Names that Python 3 moved, as pickles of Python 2 (and of Python 3 up to protocol 2) still have them.

The tables are CPython's own (``Lib/_compat_pickle.py``), which is data and imports nothing.
"""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING


def modern_name(module: str, name: str) -> tuple[str, str]:
    """Return what ``pickle.load`` takes ``module.name`` for; the same if it never moved."""
    moved = NAME_MAPPING.get((module, name))
    if moved is not None:
        return moved
    return IMPORT_MAPPING.get(module, module), name
