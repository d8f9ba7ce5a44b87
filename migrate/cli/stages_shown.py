"""Printing where the stores stand, and what is known of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from migrate.cli.show import console, table
from migrate.reencode.opening import shown
from migrate.rollout.evidence import document
from migrate.rollout.gates import gate, retirement
from migrate.rollout.stock import Stock, look_at
from migrate.runtime import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.rollout.conditions import Condition
    from migrate.rollout.counts import Counts
    from migrate.rollout.gates import Gate, Policy
    from migrate.rollout.stock import Look
    from migrate.rollout.stores import Store


@define
class Stocktaking:
    """Where the data of each store are, and what was found there: looked at when it is asked for, once."""

    places: tuple[str, ...]
    """Paths and URLs, for every store that has none of its own."""
    own: Mapping[str, tuple[str, ...]]
    """Store → its own places."""
    now: float
    _looks: dict[str, Look] = field(factory=dict, init=False)

    def of(self, store: str) -> Stock | None:
        """Return the stock of ``store``; None if nobody says where it is."""
        places = self.own.get(store, self.places)
        return Stock(tuple(self._look(place) for place in dict.fromkeys(places))) if places else None

    def _look(self, place: str) -> Look:
        if place not in self._looks:
            with console(stderr=True).status(f"Looking at {shown(place)}"):
                self._looks[place] = look_at(place, self.now)
        return self._looks[place]


@frozen
class Evidence:
    """What the options say to look at."""

    counts: Counts
    stock: Stocktaking
    policy: Policy
    now: float

    def gate(self, store: Store, before: Stage, after: Stage) -> Gate:
        """Return the gate of ``store`` between two stages."""
        stock = self._stock(store.name, after)
        return gate(store, before, after, self.counts, stock, self.policy, self.now)

    def retirement(self, store: Store, *, watched: bool) -> tuple[Condition, ...]:
        """Return what must hold before the tool is taken out of a program, for ``store``."""
        stock = self.stock.of(store.name)
        return retirement(store, self.counts, stock, self.policy, self.now, watched=watched)

    def document(self, step: Gate) -> dict[str, Any]:
        """Return ``step`` and all that is known of its store."""
        stock = self._stock(step.store, step.after)
        return document(step, self.counts, stock, self.policy, self.now)

    def _stock(self, store: str, after: Stage) -> Stock | None:
        """Return the stock where it is asked for: counting it may take long."""
        return self.stock.of(store) if after is Stage.JSON_ONLY else None


def _running(store: Store, evidence: Evidence) -> Counter[tuple[str, str]]:
    """Return how many processes were seen at each stage, by release, in the window."""
    since = evidence.now - evidence.policy.window
    return Counter(
        (p.stages[store.name], p.release) for p in evidence.counts.of(store.name) if p.written >= since
    )


def row(store: Store, step: Gate | None, evidence: Evidence) -> tuple[str, ...]:
    """Return a line of the table of all stores."""
    running = Counter[str]()
    for (stage, _), number in _running(store, evidence).items():
        running[stage] += number
    seen = ", ".join(f"{stage} ({number})" for stage, number in running.most_common()) or "not seen"
    code = "computed" if store.stage is None else store.stage.value
    if step is None:
        return store.name, code, seen, "", ""
    failed = sum(not condition.holds for condition in step.conditions)
    return store.name, code, seen, step.after.value, f"{failed} open" if failed else "holds"


def print_store(store: Store, step: Gate | None, evidence: Evidence) -> None:
    """Print what is known of one store."""
    out = console()
    out.print(f"\n{store.name}, {store.path}:{store.line}")
    running = _running(store, evidence)
    if running:
        rows = [(release or "(unnamed)", stage, str(n)) for (stage, release), n in sorted(running.items())]
        out.print(table(("release", "stage", "processes"), rows))
    events = _events(store, evidence)
    if events:
        out.print(
            table(("event", "format", "count"), [(e, f, f"{n:,}") for (e, f), n in sorted(events.items())])
        )
    if step is not None:
        print_conditions(step)


def print_conditions(step: Gate, *, stderr: bool = False) -> None:
    """Print the gate, condition by condition."""
    if step.conditions:
        rows = [("holds" if c.holds else "OPEN", c.name, c.says) for c in step.conditions]
        console(stderr=stderr).print(table(("", f"gate to {step.after.value}", "found"), rows))


def _events(store: Store, evidence: Evidence) -> Counter[tuple[str, str]]:
    total: Counter[tuple[str, str]] = Counter()
    for process in evidence.counts.processes:
        for key, count in process.counts.items():
            if key.codec == store.name and key.event != "start":
                total[key.event, key.format] += count.number
    return total


def shown_store(store: Store, evidence: Evidence) -> dict[str, Any]:
    """Return what is known of one store, as a document."""
    return {
        "store": store.name,
        "path": store.path,
        "line": store.line,
        "stage": None if store.stage is None else store.stage.value,
        "running": [
            {"stage": stage, "release": release, "processes": number}
            for (stage, release), number in sorted(_running(store, evidence).items())
        ],
        "events": [
            {"event": event, "format": form, "count": number}
            for (event, form), number in sorted(_events(store, evidence).items())
        ],
    }
