"""A Dask cluster of the user's: its workers get ranges of keys, and answer with figures.

Correctness rests on the store's compare-and-set and on the ledger, which this process alone writes: that Dask
does a range twice, or that an answer is lost, costs some reading.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from concurrent.futures import CancelledError
from operator import methodcaller
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from migrate.reencode.errors import ClusterError, Unavailable
from migrate.reencode.messages import result_of
from migrate.reencode.opening import shown
from migrate.reencode.recipe import Answer, plain_range
from migrate.reencode.remote import VERSION, Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.reencode.recipe import Recipe
    from migrate.reencode.stores import Range

DO_RANGE = "migrate.reencode.remote:do_range"
_AHEAD = 2
"""Ranges that wait or run, per thread of a worker."""
_CONNECT = 20
"""Seconds in which the scheduler must answer."""
_LOUD = ("distributed", "distributed.client", "tornado.application")
"""Loggers of what happens to the connection, with tracebacks; it is told in our own words."""
_LOOK = 0.02
"""Seconds between two looks at what is done."""
_COUNT_EVERY = 5.0
"""Seconds between two looks at how many workers there are."""


@define
class Cluster:
    """The cluster whose scheduler is at ``address``, such as ``tcp://host:8786``; an Engine of a run.

    ``program`` is the digest of the converters module (:func:`~migrate.reencode.remote.fingerprint`).
    ``patience``: seconds to wait while there is no worker at all. Raises
    :class:`~migrate.reencode.errors.ClusterError` when it cannot be used.
    """

    recipe: Recipe
    address: str
    program: str = ""
    patience: float = 60.0
    _client: Any = field(default=None, init=False)
    _job: Job = field(init=False)
    _token: str = field(factory=lambda: secrets.token_hex(4), init=False)
    _pending: dict[str, tuple[Any, Range]] = field(factory=dict, init=False)
    _threads: int = field(default=0, init=False)
    _counted_at: float = field(default=0.0, init=False)
    _seen_at: float = field(factory=time.monotonic, init=False)

    def __attrs_post_init__(self) -> None:
        if self.recipe.source.url.startswith("sqlite"):
            raise ClusterError("a SQLite file is for one machine: convert it there, with --workers N")
        recipe = _everywhere(self.recipe)
        if recipe.backup_to is not None and not recipe.dry_run:
            _make(Path(recipe.backup_to))
        self._job = Job(json.dumps(recipe.to_plain()), self.program)
        self._client = _connect(self.address)

    def run(self, parts: Iterable[Range | None]) -> Iterator[tuple[Range, Answer]]:
        """See :class:`~migrate.reencode.run.Engine`.

        Raises :class:`~migrate.reencode.errors.Unavailable` when the cluster, or the store, is gone, and
        :class:`~migrate.reencode.errors.ClusterError` when a worker cannot do what it is asked to.
        """
        from distributed import as_completed

        going = as_completed(loop=self._client.loop, with_results=True, raise_errors=False)
        for part in parts:
            if part is not None:
                self._submit(part, going)
            yield from self._finished(going, wait=len(self._pending) >= max(_AHEAD * self._count(), _AHEAD))
        while self._pending:
            yield from self._finished(going, wait=True)

    def close(self) -> None:
        """Take back what has not begun; workers finish the ranges they are at."""
        client = self._client
        futures = [future for future, _ in self._pending.values()]
        self._pending.clear()
        if futures and client.status == "running":
            client.cancel(futures, asynchronous=False, force=True)
        client.close(timeout=5)

    def _submit(self, part: Range, going: Any) -> None:
        key = f"pickle-migrate-{self._token}-{part.number}-{len(self._pending)}-{secrets.token_hex(2)}"
        future = self._client.submit(_task(self._job, part), DO_RANGE, key=key, pure=False)
        self._pending[key] = (future, part)
        going.add(future)

    def _finished(self, going: Any, *, wait: bool) -> Iterator[tuple[Range, Answer]]:
        """Yield what is done; with ``wait`` at least one range."""
        while not (batch := going.next_batch(block=False)) and wait:
            self._check_workers()
            time.sleep(_LOOK)
        for future, result in batch:
            _, part = self._pending.pop(future.key)
            self._seen_at = time.monotonic()
            if future.status != "finished":
                raise self._meaning(future, result, part)
            yield part, Answer.from_plain(result_of(result))

    def _count(self) -> int:
        """Return how many ranges the workers do at a time; 0 while there is none."""
        now = time.monotonic()
        if not self._counted_at or now - self._counted_at >= _COUNT_EVERY:
            self._counted_at = now
            try:
                self._threads = sum(self._client.nthreads().values())
            except (OSError, TimeoutError) as error:
                raise self._lost() from error
            if self._threads:
                self._seen_at = now
        return self._threads

    def _check_workers(self) -> None:
        if self._client.status not in {"running", "connecting"}:
            raise self._lost()
        if not self._count() and time.monotonic() - self._seen_at > self.patience:
            waited = f"has had no worker for {self.patience:.0f} s"
            raise Unavailable(f"the Dask scheduler at {self._place} {waited}: start some with `dask worker`")

    def _meaning(self, future: Any, result: Any, part: Range) -> BaseException:
        """Return what to raise for a range that Dask did not get done."""
        from distributed.scheduler import KilledWorker

        error = result[1] if isinstance(result, tuple) else result
        if future.status != "error" or isinstance(error, CancelledError):
            return self._lost()
        if isinstance(error, KilledWorker):
            where = part.last or (part.items[0].key if part.items else "")
            return Unavailable(f"worker processes die at the range that ends with {where}")
        if missing := _missing(error):
            what = f"a worker of the cluster at {self._place} does not have {missing}"
            return ClusterError(f"{what}: install pickle-migrate {VERSION} on all of them")
        return error if isinstance(error, BaseException) else self._lost()

    def _lost(self) -> Unavailable:
        return Unavailable(f"the Dask scheduler at {self._place} went away, or was started again")

    @property
    def _place(self) -> str:
        return shown(self.address)


def _task(job: Job, part: Range) -> Any:
    """Return a function of :data:`DO_RANGE` that looks it up and calls it.

    Made of what every worker has. One that is sent a function of ours, and has no pickle-migrate, would die
    of it, with all that others have there.
    """
    from toolz import compose

    return compose(methodcaller("__call__", job.sealed(), plain_range(part)), resolve_name)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("--engine dask needs the extra: pip install 'pickle-migrate[dask]'") from None
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=_CONNECT, set_as_default=False, name="pickle-migrate")
    except (OSError, TimeoutError, ValueError) as error:
        what = " ".join(str(error).split())
        raise ClusterError(f"no Dask scheduler answers at {shown(address)}: {what}") from error


def _everywhere(recipe: Recipe) -> Recipe:
    """Return the recipe with absolute paths, since workers have working directories of their own."""
    source = evolve(recipe.source, paths=[_absolute(path) for path in recipe.source.paths])
    converters = recipe.converters
    if converters is not None and Path(converters).exists():
        converters = _absolute(converters)
    backup_to = None if recipe.backup_to is None else _absolute(recipe.backup_to)
    return evolve(recipe, source=source, converters=converters, backup_to=backup_to)


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ClusterError(f"backups cannot be kept in {directory}: {error.strerror}") from error


def _missing(error: BaseException | None) -> str:
    """Return which name of ours could not be imported, if that is what went wrong."""
    while error is not None:
        if isinstance(error, (ImportError, AttributeError)) and DO_RANGE.partition(".")[0] in str(error):
            return str(getattr(error, "name", "") or DO_RANGE)
        error = error.__cause__
    return ""
