"""Long plain tables, as rich would print them where nothing is coloured, in a quarter of its time.

A scan may have thousands of sites. rich measures and lays out every cell as a text of its own; here that is
done only for those that do not fit as they are.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from attrs import frozen
from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

_GAP = "  "
_LEAST = 8
"""Columns of the terminal for each column of the table; what is narrower rich may settle."""


@frozen
class PlainTable:
    """A table of ``rows`` below the heads ``columns``, without lines between them."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str | None = None

    @staticmethod
    def fits(console: Console, columns: Sequence[str]) -> bool:
        """Whether a table of that many columns can be printed in this way."""
        return not console.is_terminal and console.width >= _LEAST * len(columns)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """See `rich.console.ConsoleRenderable`."""
        widths = self._widths(options.max_width)
        if self.title:
            full = sum(widths) + len(_GAP) * (len(widths) - 1)
            title = options.update(width=full, justify="left", height=None)
            yield from console.render(Text(self.title), title)
        lines = (line for row in (self.columns, *self.rows) for line in _lines(row, widths, console))
        yield Segment("".join(f"{line}\n" for line in lines))

    def _widths(self, most: int) -> list[int]:
        """Return the widths of the columns, without the gaps: the widest give way if there is no room."""
        natural = [
            max((_width(cell) for cell in cells), default=0)
            for cells in zip(self.columns, *self.rows, strict=True)
        ]
        # rich counts a blank on either side of a gap to the columns, and shrinks them with it.
        last = len(natural) - 1
        blanks = [(place > 0) + (place < last) for place in range(len(natural))]
        padded = [min(width + blank, most) for width, blank in zip(natural, blanks, strict=True)]
        shrunk = _shrunk(padded, most)
        return [width - blank for width, blank in zip(shrunk, blanks, strict=True)]


def _width(cell: str) -> int:
    if cell.isascii() and cell.isprintable():
        return len(cell)
    return max(map(cell_len, cell.splitlines()), default=0)


def _shrunk(widths: list[int], most: int) -> list[int]:
    """Return ``widths`` of a sum of ``most``: again and again the widest come down to the next."""
    widths = list(widths)
    while (excess := sum(widths) - most) > 0:
        widest = max(widths)
        following = max((width for width in widths if width != widest), default=0)
        wide = [place for place, width in enumerate(widths) if width == widest]
        step = min(excess, widest - following)
        left = excess
        for number, place in enumerate(wide):
            taken = min(step, round(left / (len(wide) - number)))
            widths[place] -= taken
            left -= taken
    return widths


def _lines(row: Sequence[str], widths: list[int], console: Console) -> Iterator[str]:
    parts = [_folded(cell, width, console) for cell, width in zip(row, widths, strict=True)]
    for line in zip_longest(*parts):
        cells = (
            " " * width if part is None else part + " " * (width - cell_len(part))
            for part, width in zip(line, widths, strict=True)
        )
        yield _GAP.join(cells)


def _folded(cell: str, width: int, console: Console) -> list[str]:
    if len(cell) <= width and cell.isascii() and cell.isprintable():
        return [cell]
    return [line.plain for line in Text(cell).wrap(console, width, overflow="fold", tab_size=8)]
