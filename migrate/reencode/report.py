"""What a run did, added up as it goes, for people and for machines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import define, field

from migrate.reencode.convert import Conversion, label
from migrate.reencode.ledger import State
from migrate.reencode.work import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = 10_000
"""Outcomes of a kind that are kept one by one; the ledger knows every failure."""


@define
class Report:
    """The sum of a run's outcomes."""

    dry_run: bool = False
    converters: str = ""
    """How the program imports the converters module; empty when there is none."""
    notes: list[str] = field(factory=list)
    """What the user should know beyond the figures, e.g. that classes could not be imported."""
    stopped: bool = False
    """The run ended before all was looked at."""
    done: list[Outcome] = field(factory=list)
    """Converted, or in a dry run to be converted; as far as kept, like the next two."""
    failures: list[Outcome] = field(factory=list)
    left: list[Outcome] = field(factory=list)
    """Named by the user, and neither pickle nor JSON."""
    converted: int = 0
    failed: int = 0
    other: int = 0
    """Places that hold neither pickles nor JSON."""
    nothing: int = 0
    """Places that are JSON already."""
    reasons: Counter[str] = field(factory=Counter)
    """Reason code → places that failed for it."""
    formats: Counter[str] = field(factory=Counter)
    """Formats before → files converted."""
    classes: Counter[str] = field(factory=Counter)
    """Registry name → instances converted."""
    pickles: int = 0
    size_before: int = 0
    """Bytes of the files converted; likewise ``size_after``."""
    size_after: int = 0
    seconds: float = 0.0
    """How long the run worked; ``total`` is how many places there are, if that is known."""
    total: int = 0

    @property
    def estimate(self) -> dict[str, int]:
        """What all places would take and give, by what was seen; empty when that is not to be told."""
        if not self.seen or not self.total:
            return {}
        share = max(self.total / self.seen, 1.0)
        figures = {
            "seconds": self.seconds,
            "failures": self.failed,
            "bytes_before": self.size_before,
            "bytes_after": self.size_after,
        }
        return {"places": self.total, **{name: round(figure * share) for name, figure in figures.items()}}

    def stop(self, why: str) -> None:
        """Say that the run ended before all was looked at."""
        self.notes.append(why)
        self.stopped = True

    @property
    def seen(self) -> int:
        """Places looked at."""
        return self.converted + self.failed + self.other + self.nothing

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.state is State.FAILED:
            self.failed += 1
            self.reasons[outcome.reason] += 1
            _keep(self.failures, [outcome])
        elif outcome.state is State.NOTHING:
            self.nothing += 1
        elif outcome.state is State.OTHER:
            self.other += 1
            _keep(self.left, [outcome] if outcome.named else [])
        else:
            self._add_conversion(outcome)

    def merge(self, part: Report) -> None:
        """Add the figures of ``part``."""
        for name in _FIGURES:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(part, name))
        for name in _LISTS:
            _keep(getattr(self, name), getattr(part, name))
        self.notes += [note for note in part.notes if note not in self.notes]

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; the names are part of the command's interface."""
        return {
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "converters": self.converters or None,
            "converted": [_file(outcome) for outcome in self.done],
            "converted_count": self.converted,
            "already_json": self.nothing,
            "not_pickles": [outcome.key for outcome in self.left],
            "failed": [_file(outcome) for outcome in self.failures],
            "failed_count": self.failed,
            "formats": dict(self.formats),
            "classes": dict(self.classes),
            "pickles": self.pickles,
            "bytes_before": self.size_before,
            "bytes_after": self.size_after,
            "reasons": dict(self.reasons),
            "notes": self.notes,
            **({"estimate": self.estimate} if self.dry_run else {}),
        }

    def to_plain(self, keep: int = KEPT) -> dict[str, Any]:
        """Return what :meth:`from_plain` takes, with at most ``keep`` outcomes of a kind."""
        figures: dict[str, Any] = {name: getattr(self, name) for name in (*_FIGURES, "notes")}
        counters = {name: dict(getattr(self, name)) for name in _COUNTERS}
        lists = {name: [_plain(outcome) for outcome in getattr(self, name)[:keep]] for name in _LISTS}
        return {**figures, **counters, **lists}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Report:
        """Return the report that another process made."""
        made: dict[str, Any] = {name: plain[name] for name in (*_FIGURES, "notes")}
        made |= {name: Counter(plain[name]) for name in _COUNTERS}
        made |= {name: [_outcome(entry) for entry in plain[name]] for name in _LISTS}
        return cls(**made)

    def _add_conversion(self, outcome: Outcome) -> None:
        self.converted += 1
        _keep(self.done, [outcome])
        self.size_before += outcome.size_before
        self.size_after += outcome.size_after or 0
        conversion = outcome.conversion
        if conversion is None:
            return
        self.formats[label(conversion.kinds, conversion.layers)] += 1
        if conversion.classes:
            self.classes.update(conversion.classes)
        self.pickles += conversion.pickles
        if conversion.unchecked and conversion.unchecked not in self.notes:
            self.notes.append(conversion.unchecked)


_FIGURES = ("converted", "failed", "other", "nothing", "pickles", "size_before", "size_after")
_COUNTERS = ("reasons", "formats", "classes")
_LISTS = ("done", "failures", "left")


def _keep(kept: list[Outcome], more: list[Outcome]) -> None:
    kept += more[: max(KEPT - len(kept), 0)]


def _plain(outcome: Outcome) -> dict[str, Any]:
    found = outcome.conversion
    kept = None
    if found is not None:
        kept = [list(found.kinds), list(found.layers), found.pickles, dict(found.classes), found.unchecked]
    return {
        **{name: getattr(outcome, name) for name in _OUTCOME},
        "state": outcome.state.value,
        "conversion": kept,
    }


_OUTCOME = ("key", "size_before", "size_after", "named", "reason", "path", "message")


def _outcome(plain: Mapping[str, Any]) -> Outcome:
    conversion = None
    if plain["conversion"] is not None:
        kinds, layers, pickles, classes, unchecked = plain["conversion"]
        conversion = Conversion(
            tuple(kinds), tuple(layers), pickles=pickles, classes=classes, unchecked=unchecked
        )
    return Outcome(
        **{name: plain[name] for name in _OUTCOME}, state=State(plain["state"]), conversion=conversion
    )


def _file(outcome: Outcome) -> dict[str, Any]:
    if outcome.state is State.FAILED:
        place = {"file": outcome.key, "reason": outcome.reason, "path": outcome.path}
        return {**place, "message": outcome.message}
    conversion = outcome.conversion
    return {
        "file": outcome.key,
        "format": conversion.label if conversion else "",
        "pickles": conversion.pickles if conversion else 0,
        "bytes_before": outcome.size_before,
        "bytes_after": outcome.size_after,
        "checked_as_objects": not (conversion and conversion.unchecked),
    }
