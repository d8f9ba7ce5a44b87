"""What a run did, added up as it goes, for people and for machines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import define, field

from migrate.reencode.ledger import State

if TYPE_CHECKING:
    from migrate.reencode.engine import Outcome


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
    """Converted, or in a dry run to be converted."""
    failures: list[Outcome] = field(factory=list)
    left: list[Outcome] = field(factory=list)
    """Named by the user, and neither pickle nor JSON."""
    nothing: int = 0
    """Files that are JSON already."""
    formats: Counter[str] = field(factory=Counter)
    """Formats before → files converted."""
    classes: Counter[str] = field(factory=Counter)
    """Registry name → instances converted."""
    pickles: int = 0
    size_before: int = 0
    """Bytes of the files converted; likewise ``size_after``."""
    size_after: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.state is State.FAILED:
            self.failures.append(outcome)
        elif outcome.state is State.NOTHING:
            self.nothing += 1
        elif outcome.state is State.OTHER:
            self.left += [outcome] if outcome.named else []
        else:
            self._add_conversion(outcome)

    @property
    def reasons(self) -> Counter[str]:
        """Reason code → files that failed for it."""
        return Counter(outcome.reason for outcome in self.failures)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; the names are part of the command's interface."""
        return {
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "converters": self.converters or None,
            "converted": [_file(outcome) for outcome in self.done],
            "already_json": self.nothing,
            "not_pickles": [outcome.key for outcome in self.left],
            "failed": [_file(outcome) for outcome in self.failures],
            "formats": dict(self.formats),
            "classes": dict(self.classes),
            "pickles": self.pickles,
            "bytes_before": self.size_before,
            "bytes_after": self.size_after,
            "reasons": dict(self.reasons),
            "notes": self.notes,
        }

    def _add_conversion(self, outcome: Outcome) -> None:
        self.done.append(outcome)
        self.size_before += outcome.size_before
        self.size_after += outcome.size_after or 0
        conversion = outcome.conversion
        if conversion is None:
            return
        self.formats[conversion.label] += 1
        self.classes.update(conversion.classes)
        self.pickles += conversion.pickles
        if conversion.unchecked and conversion.unchecked not in self.notes:
            self.notes.append(conversion.unchecked)


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
