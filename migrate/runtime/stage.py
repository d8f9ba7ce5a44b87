"""The stages of a rollout: what a codec reads, and what it writes."""

from __future__ import annotations

import os
import re
from enum import Enum


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


VARIABLE = "PICKLE_MIGRATE_STAGE"


def variable_of(name: str) -> str:
    """Return the environment variable for the stage of the codec ``name``: ``shop-eu`` → ``…_SHOP_EU``."""
    return f"{VARIABLE}_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def parse_stage(word: Stage | str, source: str) -> Stage:
    """Return the stage called ``word``.

    Raises ValueError, which names the words and ``source``, the place that the word came from.
    """
    try:
        return Stage(word)
    except ValueError:
        words = ", ".join(s.value for s in Stage)
        raise ValueError(f"{source}: {word!r} is not a stage; the stages are {words}") from None


def effective_stage(name: str, default: Stage | str) -> Stage:
    """Return the stage of the codec ``name``: from its variable, the one for all codecs, or ``default``."""
    for variable in (variable_of(name), VARIABLE):
        word = os.environ.get(variable)
        if word:
            return parse_stage(word, f"environment variable {variable}")
    return parse_stage(default, f"codec {name!r}")
