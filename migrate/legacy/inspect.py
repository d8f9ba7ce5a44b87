"""Showing what a pickle holds: as text, as JSON, and what ``pickle.load`` would have executed.

All of it is bounded and works on hostile input.
"""

from .describe import describe, printable
from .tojson import to_json
from .verdict import COMPUTED, Verdict, verdict

__all__ = ["COMPUTED", "Verdict", "describe", "printable", "to_json", "verdict"]
