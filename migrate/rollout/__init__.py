"""Moves stores from stage to stage: what the code says, what programs counted, and whether that is enough.

Pure but for `read_counts`, which reads the directories that the file sinks of the runtime write, and for
`look_at`, which counts what is stored.
"""

from migrate.rollout.conditions import Condition
from migrate.rollout.counts import Counts, ProcessCounts, read_counts
from migrate.rollout.dependencies import replaced
from migrate.rollout.evidence import document
from migrate.rollout.gates import Gate, Policy, gate, retirement, together
from migrate.rollout.move import MoveError, move
from migrate.rollout.ratchet import gone_back, reached_now
from migrate.rollout.retire import Retired, RetireError, retire
from migrate.rollout.stock import Look, Stock, look_at
from migrate.rollout.stores import ORDER, Store, find_stores, next_stage, stage_before

__all__ = [
    "ORDER",
    "Condition",
    "Counts",
    "Gate",
    "Look",
    "MoveError",
    "Policy",
    "ProcessCounts",
    "RetireError",
    "Retired",
    "Stock",
    "Store",
    "document",
    "find_stores",
    "gate",
    "gone_back",
    "look_at",
    "move",
    "next_stage",
    "reached_now",
    "read_counts",
    "replaced",
    "retire",
    "retirement",
    "stage_before",
    "together",
]
