"""Whether the process of a run still lives, as far as that can be told without asking it.

On its own machine the system tells. From elsewhere there are only the beats that it leaves in the ledger.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

from attrs import frozen

from migrate.reencode.ledger import digest

BEAT = 10.0
"""Seconds between two beats."""
SILENCE = 300.0
"""Seconds without a beat after which a process counts as gone.

Much longer than a run waits for a ledger that is away, and than one call keeps Python from its other threads.
"""
_ZOMBIE, _DEAD = "Z", "X"


@frozen
class Place:
    """A process, as a run writes it down."""

    host: str
    number: int
    space: str
    """What tells the machine since it was started, or the container; empty where the system does not say."""
    began: str
    """When the process began, by the clock of that system."""

    def __str__(self) -> str:
        return f"{self.host}:{self.number}:{self.space}:{self.began}"

    @classmethod
    def here(cls) -> Place:
        """Return this process."""
        number = os.getpid()
        return cls(socket.gethostname(), number, _space(), (_status(number) or ("", ""))[1])

    @classmethod
    def of(cls, text: str) -> Place | None:
        """Return what ``str`` made; None for the place of an earlier version, which left no beats."""
        host, *rest = text.split(":")
        if len(rest) != 3 or not rest[0].isdecimal():
            return None
        return cls(host, int(rest[0]), rest[1], rest[2])

    def lives(self, silence: float | None) -> bool:
        """Tell whether it lives, or may live. Its last beat was ``silence`` seconds ago; None: unknown."""
        told = self._as_the_system_says() if self.space and self.space == _space() else None
        return told if told is not None else silence is None or silence < SILENCE

    def _as_the_system_says(self) -> bool | None:
        """Ask the system that it ran on, which is this one; None if the answer is not to be had."""
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            pass  # another user's
        status = _status(self.number)
        if status is None or not self.began:
            return None
        state, began = status
        return began == self.began and state not in {_ZOMBIE, _DEAD}


def _status(number: int) -> tuple[str, str] | None:
    """Return the state of a process and when it began, see proc(5); None where they are not to be had."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name of a program may hold anything
    return fields[0], fields[19]


@cache
def _space() -> str:
    """Return what two processes share exactly if they see the same numbers and clock; empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        numbers = str(Path("/proc/self/ns/pid").readlink())
        clock = Path("/proc/self/ns/time")
        clocks = str(clock.readlink()) if clock.is_symlink() else ""  # since Linux 5.6
    except (OSError, ValueError):
        return ""
    return digest(f"{socket.gethostname()} {boot} {numbers} {clocks}")[:16]
