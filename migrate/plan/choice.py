"""Which edits a run applies: by their safety, by a person's answers, and what it must leave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.model import Safety

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.model import Decision

_MOVING = re.compile(r"\bline \d+|(?<=[\w/.]):\d+\b")
"""Line numbers in a question; they change when unrelated lines are added above."""


@frozen
class Choice:
    """What a run is asked to apply."""

    include: frozenset[Safety] = frozenset({Safety.SAFE})
    accepted: Mapping[str, str] = field(factory=dict)
    """Site id → the question (see `lasting`) that a person has answered with yes."""
    held: Mapping[str, str] = field(factory=dict)
    """Site id → reason code: sites that stay with pickle because a person or an option says so."""

    deepcopy: bool = False
    """Whether ``loads(dumps(x))`` becomes ``copy.deepcopy(x)``."""

    def applies(self, decision: Decision) -> bool:
        """Whether the edit of ``decision`` is wanted; an answer counts only for its own question."""
        if decision.safety is Safety.MANUAL:
            return False
        answered = self.accepted.get(decision.site.id)
        return decision.safety in self.include or answered == lasting(decision.question or "")


def lasting(text: str) -> str:
    """Return ``text`` without line numbers, so that it stays the same when lines move."""
    return _MOVING.sub("#", text)
