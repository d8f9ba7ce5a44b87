"""What running programs counted: reads the directories of the runtime's file sinks."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from migrate.model import Problem
from migrate.runtime.sink import SUFFIX, VERSION
from migrate.runtime.telemetry import Count, Key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@frozen
class ProcessCounts:
    """The file of one process."""

    host: str
    pid: int
    release: str
    started: float
    """Seconds since the epoch, as `written`."""
    written: float
    stages: dict[str, str]
    """Name of a store → the stage in which it stood in this process, when the file was written."""
    counts: dict[Key, Count]


@frozen
class Counts:
    """The files of all processes."""

    processes: tuple[ProcessCounts, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    """Files that could not be understood."""

    def of(self, store: str) -> tuple[ProcessCounts, ...]:
        """Return the processes in which ``store`` was in use."""
        return tuple(process for process in self.processes if store in process.stages)

    def events(self, store: str, event: str, *, since: float = 0.0, format: str = "") -> Counter[Key]:  # noqa: A002
        """Return how often ``event`` happened, by what was counted, in counters that moved since then."""
        total: Counter[Key] = Counter()
        for process in self.processes:
            for key, count in process.counts.items():
                named = key.codec == store and key.event == event and key.format in (format or key.format,)
                if named and count.last >= since:
                    total[key] += count.number
        return total


def read_counts(directories: Iterable[Path]) -> Counts:
    """Read what processes left in ``directories``.

    A directory that is missing, or a file that is damaged, is a problem; the rest is read.
    """
    processes: list[ProcessCounts] = []
    problems: list[Problem] = []
    for directory in directories:
        if not directory.is_dir():
            problems.append(Problem(str(directory), "unreadable", "is no directory with telemetry"))
            continue
        for path in sorted(directory.rglob(f"*{SUFFIX}")):
            found = _read(path)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                processes.append(found)
    return Counts(tuple(processes), tuple(problems))


def _read(path: Path) -> ProcessCounts | Problem:
    try:
        return _process(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"cannot be read as telemetry: {type(error).__name__}: {error}"
        return Problem(str(path), "unreadable", message)


def _process(document: dict[str, Any]) -> ProcessCounts:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']!r}; this tool reads version {VERSION}")
    counts = {
        Key(**{name: str(part) for name, part in entry.items() if name in Key._fields}): Count(
            int(entry["count"]), float(entry["last"])
        )
        for entry in document["counts"]
    }
    return ProcessCounts(
        str(document["host"]),
        int(document["pid"]),
        str(document["release"]),
        float(document["started"]),
        float(document["written"]),
        {str(name): str(stage) for name, stage in document["stages"].items()},
        counts,
    )
