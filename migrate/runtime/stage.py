"""The stages of a rollout: what a codec reads, and what it writes."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGE, READ, WRITE = "PICKLE_MIGRATE_STAGE", "PICKLE_MIGRATE_READ", "PICKLE_MIGRATE_WRITE"


class Stage(Enum):
    """One word everywhere: in code, environment and documentation."""

    OBSERVE = "observe"
    """Pickle is read by pickle itself, as before the rewrite, and pickle is written."""
    DUAL_READ = "dual-read"
    """Both formats are read, without executing anything; pickle is written."""
    JSON = "json"
    """Both formats are read; JSON is written."""
    JSON_ONLY = "json-only"
    """JSON is read and written; a pickle is refused (``pickle-refused``)."""

    @property
    def writes_pickle(self) -> bool:
        """Whether dump writes pickle in this stage."""
        return self in (Stage.OBSERVE, Stage.DUAL_READ)


class Reads(Enum):
    """The switch for reading. Records are read in each position of it."""

    PICKLE = "pickle"
    """Pickles are executed by pickle itself."""
    BOTH = "both"
    """Pickles are read as data."""
    JSON = "json"
    """Pickles are refused."""


class Writes(Enum):
    """The switch for writing."""

    PICKLE = "pickle"
    JSON = "json"


SWITCHES = {
    Stage.OBSERVE: (Reads.PICKLE, Writes.PICKLE),
    Stage.DUAL_READ: (Reads.BOTH, Writes.PICKLE),
    Stage.JSON: (Reads.BOTH, Writes.JSON),
    Stage.JSON_ONLY: (Reads.JSON, Writes.JSON),
}


class Position(NamedTuple):
    """Where a codec stands: its stage, the two switches, and what is done to a part of the values only."""

    stage: Stage
    reads: Reads
    writes: Writes
    shadow: float = 1.0
    """Per cent of the pickles written that are checked in shadow."""
    canary: float = 100.0
    """Per cent of the keys whose values are written as JSON, where JSON is written."""


KEYS = ("stage", "read", "write", "shadow", "canary")


def start(stage: Stage) -> Position:
    """Return the position that a stage stands for."""
    return Position(stage, *SWITCHES[stage])


def moved(position: Position, changes: Mapping[str, Any], source: str) -> Position:
    """Return ``position`` with the settings in ``changes``; a stage sets both switches, then each may differ.

    Raises ValueError, which names ``source``, for unknown words and for a codec that would refuse its own
    pickles.
    """
    unknown = [key for key in changes if key not in KEYS]
    if unknown:
        raise ValueError(f"{source}: {unknown[0]!r} is not a setting; the settings are {', '.join(KEYS)}")
    if "stage" in changes:
        stage = parse_stage(changes["stage"], source)
        position = Position(stage, *SWITCHES[stage], position.shadow, position.canary)
    if "read" in changes:
        position = position._replace(reads=_word(Reads, changes["read"], f"{source}: read"))
    if "write" in changes:
        position = position._replace(writes=_word(Writes, changes["write"], f"{source}: write"))
    if "shadow" in changes:
        position = position._replace(shadow=_per_cent(changes["shadow"], f"{source}: shadow"))
    if "canary" in changes:
        position = position._replace(canary=_per_cent(changes["canary"], f"{source}: canary"))
    if position.reads is Reads.JSON and (position.writes is Writes.PICKLE or position.canary < 100):
        raise ValueError(f"{source}: the codec would write pickles and refuse to read them")
    return position


def variable_of(name: str, prefix: str = STAGE) -> str:
    """Return the environment variable of the codec ``name``: ``shop-eu`` → ``…_STAGE_SHOP_EU``."""
    return f"{prefix}_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def parse_stage(word: Stage | str, source: str) -> Stage:
    """Return the stage called ``word``.

    Raises ValueError, which names the words and ``source``, the place that the word came from.
    """
    try:
        return Stage(word)
    except ValueError:
        words = ", ".join(s.value for s in Stage)
        raise ValueError(f"{source}: {word!r} is not a stage; the stages are {words}") from None


def _word(kind: Any, word: Any, source: str) -> Any:
    try:
        return kind(word)
    except ValueError:
        words = ", ".join(member.value for member in kind)
        raise ValueError(f"{source}: {word!r} is none of {words}") from None


def _per_cent(number: Any, source: str) -> float:
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= 100:
        raise ValueError(f"{source}: {number!r} is no percentage from 0 to 100")
    return float(number)
