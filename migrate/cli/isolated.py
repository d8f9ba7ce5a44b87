"""A command in a worker process that the kernel keeps within bounds, whatever becomes of it.

Reading pickles as data is bounded by :class:`migrate.legacy.Limits`. This is the second wall, for those who
do not want to rely on the first: a fault of the interpreter itself ends the worker, not the caller.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.legacy import MigrateError

if TYPE_CHECKING:
    from collections.abc import Sequence

_OUT_OF_MEMORY = 77
_BOOTSTRAP = """
import sys
sys.path[:] = sys.argv[1].split({separator!r})
del sys.argv[1]
from migrate.cli.isolated import confine
confine({memory}, {seconds})
try:
    {code}
except MemoryError:
    sys.stdout = None
    sys.exit({out_of_memory})
except Exception:
    import traceback
    traceback.print_exc()
    sys.exit(3)
"""
RUN_COMMAND = "from migrate.cli import cli; cli(prog_name='pickle-migrate')"
"""Code for :func:`run_confined`: the command line itself, with the arguments given."""


@frozen
class Bounds:
    """What the worker may use."""

    memory: int = 2 << 30
    """Bytes of address space (``RLIMIT_AS``), the interpreter's own included."""
    seconds: int = 60
    """Of processor time (``RLIMIT_CPU``)."""
    patience: int = 3
    """How many times as long all may take, waiting included."""


@frozen
class Output:
    """What the worker printed, and its exit status."""

    status: int
    stdout: bytes
    stderr: bytes


def confine(memory: int, seconds: int) -> None:
    """Give this process its bounds, for good: memory, time, no files written, no core dumps."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def run_confined(
    arguments: Sequence[str], *, code: str = RUN_COMMAND, bounds: Bounds | None = None
) -> Output:
    """Run ``code`` with ``arguments`` as its ``sys.argv[1:]`` in a worker process.

    Raises MigrateError (``worker-died``) when the worker was ended, by a bound or a fault of the interpreter.
    """
    if os.name != "posix":
        raise MigrateError("--isolated needs a POSIX system (setrlimit)", reason="worker-died")
    bounds = bounds or Bounds()
    longest = bounds.patience * bounds.seconds
    program = _BOOTSTRAP.format(
        separator=os.pathsep,
        memory=bounds.memory,
        seconds=bounds.seconds,
        code=code,
        out_of_memory=_OUT_OF_MEMORY,
    )
    # -I: nothing is imported from the current directory, which may be a hostile one; the path is our own.
    command = [sys.executable, "-I", "-B", "-c", program, os.pathsep.join(filter(None, sys.path)), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=longest, check=False
        )
    except subprocess.TimeoutExpired:
        raise _died(f"did not end within {longest} s") from None
    if done.returncode == _OUT_OF_MEMORY:
        raise _died(f"wanted more than {bounds.memory >> 20} MiB of memory")
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _died(f"was ended by {signal.Signals(-done.returncode).name}, after at most {bounds.seconds} s")
    if done.returncode < 0:
        raise _died(f"was ended by {signal.Signals(-done.returncode).name}")
    return Output(done.returncode, done.stdout, done.stderr)


def _died(how: str) -> MigrateError:
    return MigrateError(f"the worker process {how}; nothing else was affected", reason="worker-died")
