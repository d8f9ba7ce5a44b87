"""What runs in the processes of a Dask cluster: a function of plain data.

A worker gets ranges of keys and answers with figures. It keeps the store open between two ranges, and lets go
of it when no more come for a while, so that nothing is left open when whoever gave the ranges has gone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import socket
import sys
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, define, field, frozen

from migrate import __version__
from migrate.reencode.converters import load_converters
from migrate.reencode.errors import ClusterError, StoreError
from migrate.reencode.messages import TOLD, of_error
from migrate.reencode.recipe import Recipe, Worker, read_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.reencode.converters import Loaded

VERSION = __version__
IDLE = 10.0
"""Seconds after which a worker that has nothing to do lets go of the store."""


@frozen
class Job:
    """What a worker is told with every range."""

    recipe: str = field(repr=False)  # that may hold a password
    """As JSON, see :meth:`~migrate.reencode.recipe.Recipe.to_plain`."""
    program: str
    """Digest of the converters module of who gives the ranges, see :func:`fingerprint`."""
    version: str = VERSION
    """Of pickle-migrate there."""

    def sealed(self) -> io.StringIO:
        """Return it for a task. Dask prints what it gave to a task that failed: of this it has no content."""
        return io.StringIO(json.dumps(asdict(self)))


def do_range(told: io.StringIO, part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to the range ``part``, see :mod:`~migrate.reencode.messages`.

    ``told`` is a :meth:`Job.sealed`.
    """
    where = f"the worker {socket.gethostname()}:{os.getpid()}"
    job = Job(**json.loads(told.getvalue()))
    try:
        if job.version != VERSION:
            here = f"has pickle-migrate {VERSION} (Python {platform.python_version()})"
            raise ClusterError(f"{here}, and here is {job.version}: install the same everywhere")
        worker = _IDLE.take(job)
        # What is raised by a worker does not put it back: it may be in the midst of something.
        answer = worker.do(read_range(part)).to_plain()
        _IDLE.put_back(job, worker)
    except TOLD as error:
        return of_error(error, where)
    return {"result": answer}


def fingerprint(loaded: Loaded) -> str:
    """Return a digest of the source of a converters module; empty when there is none."""
    file = getattr(sys.modules.get(loaded.name), "__file__", None)
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""
    except OSError:
        return ""


@define
class _Idle:
    """Workers that wait for their next range, by what they were told. Each is for one thread at a time."""

    _waiting: list[tuple[Job, Worker, float]] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)
    _timer: threading.Timer | None = None

    def take(self, job: Job) -> Worker:
        with self._lock:
            for entry in reversed(self._waiting):
                if entry[0] == job:
                    self._waiting.remove(entry)
                    return entry[1]
            return _open(job)  # one after the other, since modules are imported

    def put_back(self, job: Job, worker: Worker) -> None:
        with self._lock:
            self._waiting.append((job, worker, time.monotonic()))
            self._watch()

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(IDLE, self._let_go)
            self._timer.daemon = True
            self._timer.start()

    def _let_go(self) -> None:
        before = time.monotonic() - IDLE
        with self._lock:
            old = [entry for entry in self._waiting if entry[2] <= before]
            self._waiting = [entry for entry in self._waiting if entry[2] > before]
            self._timer = None
            if self._waiting:
                self._watch()
        for _, worker, _ in old:
            worker.close()


_IDLE = _Idle()


def _open(job: Job) -> Worker:
    recipe = Recipe.from_plain(json.loads(job.recipe))
    for path in recipe.source.paths:
        if not Path(path).exists():
            raise StoreError(
                f"does not see {path}: the files must be where all machines of the cluster see them"
            )
    if recipe.backup_to is not None and not recipe.dry_run and not Path(recipe.backup_to).is_dir():
        what = "the backups must be kept where all machines of the cluster see them"
        raise StoreError(f"does not see {recipe.backup_to}: {what}")
    if recipe.converters is None:
        return Worker(recipe)
    loaded, program = _load(recipe.converters)
    if program != job.program:
        what = f"has another version of {loaded.name} than this machine"
        raise ClusterError(f"{what}: bring the same program to all, and restart the workers")
    return Worker(recipe, loaded=loaded)


@lru_cache(8)
def _load(target: str) -> tuple[Loaded, str]:
    """Load the converters module once: a process that has imported it never sees a newer one."""
    loaded = load_converters(target)
    return loaded, fingerprint(loaded)
