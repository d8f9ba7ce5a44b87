"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from migrate.legacy.inspect import printable
from migrate.reencode.ledger import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from migrate.reencode.engine import Outcome

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(total: int, out: Console) -> Iterator[Callable[[Outcome], None]]:
    """Give a function for every outcome of a run over ``total`` places; shows them on ``out``."""
    if not out.is_terminal:
        yield _Lines(total, out).advance
        return
    columns = (TextColumn("{task.fields[rate]}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        clock = _Clock(total)
        task = bar.add_task("", total=total, rate="")

        def advance(outcome: Outcome) -> None:
            clock.done += 1
            bar.update(task, advance=1, rate=clock.rate)
            if outcome.state is State.FAILED:
                out.print(printable(f"{outcome.key}: {outcome.message} ({outcome.reason})"))

        yield advance


@define
class _Clock:
    total: int
    done: int = 0
    started: float = field(factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        return max(time.monotonic() - self.started, 1e-6)

    @property
    def rate(self) -> str:
        return f"{self.done / self.elapsed:,.0f} files/s"

    @property
    def seconds_left(self) -> float:
        return (self.total - self.done) * self.elapsed / max(self.done, 1)


class _Lines:
    """Progress for logs."""

    def __init__(self, total: int, out: Console) -> None:
        self._clock = _Clock(total)
        self._out = out
        self._shown_at = 0.0

    def advance(self, _: Outcome) -> None:
        clock = self._clock
        clock.done += 1
        if clock.elapsed - self._shown_at >= _SECONDS_BETWEEN_LINES:
            self._shown_at = clock.elapsed
            line = f"{clock.done:,} of {clock.total:,} files, {clock.rate}, {clock.seconds_left:,.0f} s left"
            self._out.print(line)
