"""Evidence by a type checker: asked, over a copy of the sources, about what our own solver left open.

The checker is a program that reads source and runs none of it: neither the user's code nor an interpreter of
theirs, and no plugin, since it gets a configuration of ours. The user's tree is never touched.
"""

from __future__ import annotations

from migrate.evidence.checker.consulting import Checker, Consulted, Solved, consult
from migrate.evidence.checker.engine import Engine, EngineError, Overlay
from migrate.evidence.checker.pyrefly import Pyrefly, find_pyrefly
from migrate.evidence.checker.ty import Ty, find_ty

__all__ = [
    "Checker",
    "Consulted",
    "Engine",
    "EngineError",
    "Overlay",
    "Pyrefly",
    "Solved",
    "Ty",
    "consult",
    "find_pyrefly",
    "find_ty",
]
