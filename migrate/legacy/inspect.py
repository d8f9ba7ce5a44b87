"""Showing what a pickle holds: as text, as JSON, and what ``pickle.load`` would have executed.

All of it is bounded and works on hostile input.
"""

from .describe import describe, find, head, printable
from .tojson import to_json
from .trace import Op, trace
from .verdict import COMPUTED, Verdict, verdict

__all__ = [
    "COMPUTED",
    "Op",
    "Verdict",
    "describe",
    "find",
    "head",
    "printable",
    "to_json",
    "trace",
    "verdict",
]
