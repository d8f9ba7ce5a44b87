"""A store does not go back by accident: what `guard` holds the stages in code against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import Problem
from migrate.rollout.stores import ORDER
from migrate.runtime import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.rollout.stores import Store

_WORDS = {stage.value: stage for stage in Stage}


def gone_back(stores: Iterable[Store], reached: Mapping[str, str]) -> list[Problem]:
    """Return the stores whose code begins earlier than the stage that they had ``reached``."""
    return [
        Problem(
            store.path,
            "stage-went-back",
            f"line {store.line}: {store.name!r} begins in {store.stage.value}, "
            f"and had reached {reached[store.name]}",
        )
        for store in stores
        if store.stage is not None and _place(store.stage) < _place(_WORDS.get(reached.get(store.name, "")))
    ]


def reached_now(
    stores: Iterable[Store], reached: Mapping[str, str], *, may_go_back: bool = False
) -> dict[str, str]:
    """Return the stages to hold from now on; one that is computed in code stays what it was."""
    now: dict[str, str] = {}
    for store in stores:
        before = _WORDS.get(reached.get(store.name, ""))
        stage = store.stage or before
        if stage is not None:
            if before is not None and not may_go_back and _place(stage) < _place(before):
                stage = before
            now[store.name] = stage.value
    return now


def _place(stage: Stage | None) -> int:
    return -1 if stage is None else ORDER.index(stage)
