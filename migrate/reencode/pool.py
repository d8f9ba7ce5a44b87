"""Several processes on this machine: they get ranges of keys, and answer with figures, as lines of JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from migrate.reencode.errors import Unavailable
from migrate.reencode.messages import result_of
from migrate.reencode.recipe import Answer, plain_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.reencode.recipe import Recipe
    from migrate.reencode.stores import Range

_AHEAD = 2
"""Ranges that wait or run, per worker."""


class Pool:
    """``workers`` processes that do ranges."""

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers)
        self._mine = threading.local()
        self._processes: list[_Process] = []

    def run(self, parts: Iterable[Range | None]) -> Iterator[tuple[Range, Answer]]:
        """Do ``parts`` and yield their answers as they come; None among the parts means: not yet.

        Raises :class:`~migrate.reencode.errors.StoreError` or
        :class:`~migrate.reencode.errors.Unavailable` when a worker cannot go on.
        """
        pending: dict[Future[Answer], Range] = {}
        for part in parts:
            if part is not None:
                pending[self._threads.submit(self._do, part)] = part
            full = len(pending) >= _AHEAD * self._workers
            yield from _finished(pending, None if full else 0)
        while pending:
            yield from _finished(pending, None)

    def close(self) -> None:
        """End the processes; each finishes the range it is at."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()

    def _do(self, part: Range) -> Answer:
        process: _Process | None = getattr(self._mine, "process", None)
        try:
            if process is None:
                process = self._start()
            return process.do(part)
        except EOFError:
            # Killed, by the system for want of memory perhaps. What it did is found done.
            try:
                return self._start().do(part)
            except EOFError:
                where = part.last or (part.items[0].key if part.items else "")
                raise Unavailable(f"worker processes die at the range that ends with {where}") from None

    def _start(self) -> _Process:
        process = _Process(self._recipe)
        self._processes.append(process)
        self._mine.process = process
        return process


def _finished(pending: dict[Future[Answer], Range], timeout: float | None) -> Iterator[tuple[Range, Answer]]:
    done, _ = wait(pending, timeout, FIRST_COMPLETED)
    for future in done:
        yield pending.pop(future), future.result()


class _Process:
    """One worker, which is ``python -m migrate.reencode.worker``."""

    def __init__(self, recipe: Recipe) -> None:
        # Not by fork: a process that has threads and connections is not to be copied.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "migrate.reencode.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent to answer
        )
        self._ask(recipe.to_plain())

    def do(self, part: Range) -> Answer:
        """Have a range done. Raises :class:`EOFError` when the process died."""
        return Answer.from_plain(self._ask(plain_range(part)))

    def close(self) -> None:
        """Tell it that there is no more to do, and wait until it has gone."""
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:  # noqa: PERF203 (two streams)
                continue  # it has gone already
        self._process.wait()

    def _ask(self, message: dict[str, Any]) -> Any:
        reading, writing = self._process.stdout, self._process.stdin
        if reading is None or writing is None:
            raise EOFError
        try:
            writing.write(json.dumps(message).encode("ascii") + b"\n")
            writing.flush()
            line = reading.readline()
        except (OSError, ValueError):
            raise EOFError from None
        if not line.endswith(b"\n"):
            raise EOFError
        return result_of(json.loads(line))
