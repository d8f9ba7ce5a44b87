"""The file sink: the counters of each process in a file of its own, replaced as a whole.

No process writes into another's file, so there is nothing to lock, and a reader never sees half of one.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import sys
from threading import Lock
from time import monotonic, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .telemetry import Telemetry

VERSION = 1
SUFFIX = ".counts.json"
RELEASE = "PICKLE_MIGRATE_RELEASE"
"""Environment variable with the release of the program, to tell the processes of two releases apart."""


class FileSink:
    """Writes the counters of this process to ``directory``, every ``interval`` seconds and at exit."""

    def __init__(self, directory: str, interval: float) -> None:
        self.directory = directory
        self.interval = interval
        self.error: OSError | None = None
        """Why the last write failed; the program goes on, and the next write is tried as usual."""
        self.begin()
        atexit.register(self._at_exit)

    def begin(self) -> None:
        """Take a new file: at the start, and in the child after a fork."""
        self._lock = Lock()
        self._next = 0.0
        self._telemetry: Telemetry | None = None
        nonce = os.urandom(4).hex()  # a pid comes back
        self.path = os.path.join(  # noqa: PTH118 - see settings.py
            self.directory, f"{socket.gethostname()}-{os.getpid()}-{nonce}{SUFFIX}"
        )

    def flush_if_due(self, telemetry: Telemetry) -> None:
        """Write if the interval is over."""
        self._telemetry = telemetry
        if monotonic() >= self._next:
            self.flush(telemetry)

    def flush(self, telemetry: Telemetry) -> None:
        """Write now, unless another thread is writing."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._next = monotonic() + self.interval
            self._write(_document(telemetry))
            self.error = None
        except OSError as error:
            self.error = error
        finally:
            self._lock.release()

    def _write(self, text: str) -> None:
        os.makedirs(self.directory, exist_ok=True)  # noqa: PTH103
        draft = f"{self.path}.new"
        with open(draft, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
        os.replace(draft, self.path)  # noqa: PTH105

    def _at_exit(self) -> None:
        if self._telemetry is not None and self._telemetry.sink is self:
            self.flush(self._telemetry)


def _document(telemetry: Telemetry) -> str:
    counts = [
        {**{name: part for name, part in key._asdict().items() if part}, "count": n, "last": round(last, 3)}
        for key, (n, last) in telemetry.snapshot().items()
    ]
    return json.dumps(
        {
            "version": VERSION,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "program": sys.argv[0] if sys.argv else "",
            "release": os.environ.get(RELEASE, ""),
            "started": round(telemetry.started, 3),
            "written": round(time(), 3),
            "stages": telemetry.positions,
            "counts": counts,
        },
        indent=1,
    )
