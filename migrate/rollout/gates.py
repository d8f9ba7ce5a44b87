"""The gates: what must be known before a store takes the next step, and what a step back costs.

Readers go first: a store writes JSON only when every process that was seen reads it, and refuses pickles only
when none was met for a while. Nothing is assumed of what nobody counted: no telemetry is a reason to stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from migrate.model.wording import counted
from migrate.rollout.conditions import Condition, converted
from migrate.rollout.stores import ORDER
from migrate.runtime import Stage

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from migrate.rollout.counts import Counts, ProcessCounts
    from migrate.rollout.stock import Stock
    from migrate.rollout.stores import Store
    from migrate.runtime.telemetry import Key

_DAY = 86_400.0


@frozen
class Policy:
    """How much evidence is enough."""

    window: float = 7 * _DAY
    """Seconds for which a store must have been watched, and in which nothing may have happened."""
    fresh: float = _DAY
    """Seconds after which the newest telemetry is too old to say anything of today."""


@frozen
class Gate:
    """Whether a store may go from one stage to the next, and why."""

    store: str
    before: Stage
    after: Stage
    conditions: tuple[Condition, ...]

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return all(condition.holds for condition in self.conditions)


def gate(
    store: Store, before: Stage, after: Stage, counts: Counts, stock: Stock | None, policy: Policy, now: float
) -> Gate:
    """Return the gate between two stages that follow each other, with what the evidence says.

    ``now`` is in seconds since the epoch.
    """
    evidence = _Evidence(store.name, counts, policy, now)
    conditions = [*evidence.watched()]
    if not counts.of(store.name):
        conditions += converted(stock) if after is Stage.JSON_ONLY else []
    elif after is Stage.DUAL_READ:
        conditions += evidence.none_refused("pickle", "read")
    elif after is Stage.JSON:
        conditions += [
            evidence.all_at(Stage.DUAL_READ),
            evidence.nothing("failed-read", "pickles could not be read as data"),
            *evidence.none_refused("json", "written"),
        ]
    else:
        conditions += [
            evidence.all_at(Stage.JSON),
            evidence.nothing("fallback-read", "pickles were still read"),
            evidence.nothing("failed-read", "pickles could not be read as data"),
            *converted(stock),
        ]
    return Gate(store.name, before, after, tuple(conditions))


def retirement(
    store: Store, counts: Counts, stock: Stock | None, policy: Policy, now: float, *, watched: bool = True
) -> tuple[Condition, ...]:
    """Return what must hold before the tool is taken out of a program, for one store.

    Without ``watched`` the telemetry is not asked: for a script that ran where nobody counts.
    """
    stage = "computed" if store.stage is None else store.stage.value
    conditions = [
        Condition("in code", store.stage is Stage.JSON_ONLY, f"it begins in {stage}, wanted is json-only")
    ]
    if watched:
        evidence = _Evidence(store.name, counts, policy, now)
        conditions += evidence.watched()
        if counts.of(store.name):
            conditions += [
                evidence.all_at(Stage.JSON_ONLY),
                evidence.nothing("refused-read", "pickles were refused"),
                evidence.nothing("sealed-read", "sealed pickles were read"),
                evidence.nothing("sealed-write", "values were kept as sealed pickles"),
            ]
    return (*conditions, *converted(stock, seals=True))


def together(step: Gate, followers: Sequence[Gate]) -> Gate:
    """Return ``step`` with the conditions of the stores that move with it, because they name no stage."""
    return evolve(
        step,
        conditions=(
            *step.conditions,
            *(
                evolve(condition, name=f"{follower.store}: {condition.name}")
                for follower in followers
                for condition in follower.conditions
            ),
        ),
    )


@frozen
class _Evidence:
    store: str
    counts: Counts
    policy: Policy
    now: float

    @property
    def since(self) -> float:
        return self.now - self.policy.window

    def watched(self) -> Iterator[Condition]:
        """Whether there is telemetry at all, for long enough, and up to now."""
        processes = self.counts.of(self.store)
        problems = self.counts.problems
        yield Condition(
            "telemetry",
            bool(processes) and not problems,
            f"{counted(len(problems), 'problem')} with it, first: {problems[0].path}: {problems[0].message}"
            if problems
            else f"{counted(len(processes), 'process', 'processes')} counted"
            if processes
            else "no process counted anything (PICKLE_MIGRATE_TELEMETRY, --telemetry)",
        )
        if not processes:
            return
        first, last = min(p.started for p in processes), max(p.written for p in processes)
        yield Condition(
            "watched long enough",
            first <= self.since,
            f"watched for {_span(self.now - first)}, wanted are {_span(self.policy.window)}",
        )
        gap = _longest_gap(processes, max(first, self.since), self.now)
        yield Condition(
            "watched without a gap",
            gap <= self.policy.fresh,
            f"the longest time without a word of any process is {_span(gap)}, "
            f"the last word is {_span(self.now - last)} old, allowed are {_span(self.policy.fresh)}",
        )

    def all_at(self, least: Stage) -> Condition:
        """Whether every process of the window stands at ``least`` or later."""
        enough = {stage.value for stage in ORDER[ORDER.index(least) :]}
        late = [
            p
            for p in self.counts.of(self.store)
            if p.written >= self._recent and p.stages[self.store] not in enough
        ]
        releases = sorted({p.release or "(unnamed)" for p in late})
        return Condition(
            f"every process at {least.value}",
            not late,
            f"{counted(len(late), 'process is', 'processes are')} not there yet, "
            f"of release {', '.join(releases)}"
            if late
            else f"every process of the last {_span(self.policy.fresh)} is",
        )

    @property
    def _recent(self) -> float:
        return self.now - self.policy.fresh

    def nothing(self, event: str, what: str) -> Condition:
        """Whether ``event`` did not happen in the window."""
        found = self.counts.events(self.store, event, since=self.since)
        total = sum(found.values())
        return Condition(f"no {event}", not total, f"{total} {what}{_examples(found)}" if total else "none")

    def none_refused(self, format: str, done: str) -> Iterator[Condition]:  # noqa: A002
        """Whether values were checked in shadow, and all of them passed."""
        checks = sum(self.counts.events(self.store, "shadow-check", since=self.since, format=format).values())
        says = counted(checks, f"value that was {done} was", f"values that were {done} were")
        yield Condition("checked in shadow", checks > 0, f"{says} checked in shadow")
        for event, what in (
            ("would-refuse", "would be refused"),
            ("shadow-mismatch", "would come back changed"),
        ):
            found = self.counts.events(self.store, event, since=self.since, format=format)
            total = sum(found.values())
            yield Condition(
                f"no {event}", not total, f"{total} {what}{_examples(found)}" if total else "none"
            )


def _longest_gap(processes: tuple[ProcessCounts, ...], begin: float, end: float) -> float:
    """Return the longest time between ``begin`` and ``end`` of which no process says anything."""
    gap, covered = 0.0, begin
    for started, written in sorted((p.started, p.written) for p in processes):
        gap = max(gap, min(started, end) - covered)
        covered = max(covered, written)
    return max(gap, end - covered, 0.0)


def _examples(found: Counter[Key]) -> str:
    shown = [
        " ".join(
            part
            for part in (key.cls, key.path and f"at {key.path}", key.reason and f"({key.reason})", key.site)
            if part
        )
        for key, _ in found.most_common(3)
    ]
    return ": " + "; ".join(shown) if any(shown) else ""


def _span(seconds: float) -> str:
    for unit, name in ((_DAY, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if abs(seconds) >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.3g} seconds"
