"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from migrate.legacy.inspect import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from migrate.reencode.report import Report

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(total: int, out: Console, *, unit: str = "files") -> Iterator[Callable[[Report], None]]:
    """Give a function for the figures of each part of a run over ``total`` places; shows them on ``out``.

    ``total`` is 0 where it is not known.
    """
    if not out.is_terminal:
        yield _Lines(total, out, unit).advance
        return
    columns = (TextColumn("{task.fields[rate]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        clock = _Clock(total, unit)
        task = bar.add_task("", total=total or None, rate="")

        def advance(part: Report) -> None:
            clock.done += part.seen
            bar.update(task, advance=part.seen, rate=clock.rate)
            for outcome in part.failures:
                out.print(printable(f"{outcome.key}: {outcome.message} ({outcome.reason})"))

        yield advance


@define
class _Clock:
    total: int
    unit: str
    done: int = 0
    started: float = field(factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        return max(time.monotonic() - self.started, 1e-6)

    @property
    def rate(self) -> str:
        return f"{self.done / self.elapsed:,.0f} {self.unit}/s"

    @property
    def seconds_left(self) -> float:
        return max(self.total - self.done, 0) * self.elapsed / max(self.done, 1)


class _Lines:
    """Progress for logs."""

    def __init__(self, total: int, out: Console, unit: str) -> None:
        self._clock = _Clock(total, unit)
        self._out = out
        self._shown_at = 0.0

    def advance(self, part: Report) -> None:
        clock = self._clock
        clock.done += part.seen
        if clock.elapsed - self._shown_at >= _SECONDS_BETWEEN_LINES:
            self._shown_at = clock.elapsed
            self._out.print(self._line())

    def _line(self) -> str:
        clock = self._clock
        if not clock.total:
            return f"{clock.done:,} {clock.unit}, {clock.rate}"
        of = f"{clock.done:,} of {clock.total:,} {clock.unit}"
        return f"{of}, {clock.rate}, {clock.seconds_left:,.0f} s left"
