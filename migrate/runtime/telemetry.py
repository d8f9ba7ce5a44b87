"""What happens at each codec, counted: per codec, event, format, class, reason, place in the value, and site.

Never a payload: paths are kept without keys and indices, because keys of dicts are data. Counting is on for
the rare events that a rollout waits for (pickles, refusals, mismatches); plain reads and writes of records
are counted when somebody listens, a hook or the file sink.

Safe for threads and asyncio (one short lock, no waiting), and for forks: a child begins with no counts, and
writes a file of its own.
"""

from __future__ import annotations

import os
import re
import sys
from threading import Lock
from time import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sink import FileSink

VARIABLE = "PICKLE_MIGRATE_TELEMETRY"
"""Environment variable with the directory of the file sink."""
OTHERS = "(others)"
MOST_KEYS = 10_000
"""Distinct counters of a process; what comes after is counted together, so that memory stays bounded."""

_STEP = re.compile(r"\[(?:[^\[\]'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\]")
_OURS = __name__.rpartition(".")[0]


class Key(NamedTuple):
    """What a counter counts."""

    codec: str
    event: str
    format: str = ""
    cls: str = ""
    reason: str = ""
    path: str = ""
    site: str = ""


class Count(NamedTuple):
    """A counter: how often, and when last (seconds since the epoch)."""

    number: int
    last: float


class Telemetry:
    """The counters of this process, and who listens to them."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self.sink: FileSink | None = None
        self.active = False
        """Whether somebody listens."""
        self.positions: dict[str, str] = {}
        """The stage in which each codec of this process stands."""
        self._clock = clock
        self._hooks: list[Callable[[Key], object]] = []
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = Lock()
        self._counts: dict[Key, Count] = {}
        self.started = self._clock()
        if self.sink is not None:
            self.sink.begin()

    def add(self, key: Key) -> None:
        """Count one event, and tell the hooks; what a hook raises is counted, and harms nobody else."""
        now = self._clock()
        with self._lock:
            known = self._counts.get(key)
            if known is None and len(self._counts) >= MOST_KEYS:
                key = Key(key.codec, key.event, cls=OTHERS)
                known = self._counts.get(key)
            self._counts[key] = Count(1 if known is None else known.number + 1, now)
        for hook in self._hooks:
            self._tell(hook, key)
        if self.sink is not None:
            self.sink.flush_if_due(self)

    def _tell(self, hook: Callable[[Key], object], key: Key) -> None:
        try:
            hook(key)
        except Exception as error:  # noqa: BLE001 - a monitor that is down must not stop the program
            key = Key("*", "hook-error", reason=type(error).__name__)
            with self._lock:
                self._counts[key] = Count(self._counts.get(key, Count(0, 0)).number + 1, self._clock())

    def snapshot(self) -> dict[Key, Count]:
        """Return the counters as they stand."""
        with self._lock:
            return dict(self._counts)

    def subscribe(self, hook: Callable[[Key], object]) -> Callable[[], None]:
        """Call ``hook`` with each event from now on, in the thread of the event; return what ends it."""
        self._hooks = [*self._hooks, hook]
        self.active = True

        def unsubscribe() -> None:
            self._hooks = [other for other in self._hooks if other is not hook]
            self.active = bool(self._hooks) or self.sink is not None

        return unsubscribe

    def write_to(self, directory: str | os.PathLike[str], *, interval: float = 10.0) -> FileSink:
        """Keep the counters in a file of this process in ``directory``, written every ``interval`` seconds.

        Processes share the directory, each has its file (docs/tasks/stages.md). At most the last interval is
        lost when a process is killed.
        """
        from .sink import FileSink

        self.sink = FileSink(os.fspath(directory), interval)
        self.active = True
        return self.sink

    def reset(self) -> None:
        """Forget all counters, hooks and the sink: for tests."""
        self.sink = None
        self._hooks = []
        self.active = False
        self.positions = {}
        self._begin()


def plain_path(path: str) -> str:
    """Return a path without its keys and indices: ``orders[3].by_name['bob']`` → ``orders[].by_name[]``."""
    return _STEP.sub("[]", path)


def class_name(value: object) -> str:
    """Return the name of the class of ``value`` as the registry writes it."""
    cls = type(value)
    return f"{cls.__module__}:{cls.__qualname__}"


def site() -> str:
    """Return file and line of the innermost frame that is not the runtime's own, when somebody listens."""
    if not TELEMETRY.active:
        return ""
    frame = sys._getframe(1)  # noqa: SLF001 - as logging and warnings find their callers
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


TELEMETRY = Telemetry()
"""The counters of this process."""


def configure() -> None:
    """Attach the file sink if the environment asks for it, once."""
    directory = os.environ.get(VARIABLE)
    if directory and TELEMETRY.sink is None:
        TELEMETRY.write_to(directory)
