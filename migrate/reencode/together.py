"""Many pickles converted at once, if all of them are of the plainest kind: as most rows of most tables are.

pickles ──► sketches ──► objects ──► lines ──► read back ──► held against the sketches

Every line is read back from its own bytes, and compared. What does not come out so goes the general way,
which says what is wrong, if anything is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrate.legacy import DEFAULT_LIMITS
from migrate.legacy.sketches import MAX_SIZE, Sketcher, within
from migrate.reencode.convert import Conversion, room_for
from migrate.reencode.matching import Match
from migrate.reencode.sketched import Build, Names, NotRegular
from migrate.runtime import Codec

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEW = 8
"""Fewer go the general way."""
_TEXT = 1 << 20
"""Length of texts beyond what the pickles have."""
_LONGEST_PAUSE = 256
_KINDS = tuple((f"pickle {protocol}",) for protocol in range(6))


class Together:
    """Converts by ``codec``, which is in the stage ``json``."""

    def __init__(self, codec: Codec, max_growth: int | None = None) -> None:
        self._codec = codec
        self._max_growth = max_growth
        self._names = Names(codec)
        self._sketcher = Sketcher(self._names.named)
        self._pause = self._left_out = 0

    @classmethod
    def of(cls, codec: object, max_growth: int | None = None) -> Together | None:
        """Return what converts by ``codec``; None where that is not for it to do.

        ``max_growth`` is that of :func:`~migrate.reencode.convert.convert`.
        """
        # A codec of a vendored runtime has classes of its own.
        if not isinstance(codec, Codec) or codec.each is None or not within(DEFAULT_LIMITS):
            return None
        return cls(codec, max_growth)

    def __call__(self, blobs: Sequence[bytes]) -> list[Conversion | None]:
        """Convert what is to be converted so; None for what is not.

        The first of several conversions tells the classes of all that were made together with it.
        """
        done: list[Conversion | None] = [None] * len(blobs)
        if self._left_out < self._pause:
            self._left_out += 1
            return done
        sketches, numbers = [], []
        read = self._sketcher.read
        for number, blob in enumerate(blobs):
            if len(blob) > MAX_SIZE:
                continue
            try:
                sketches.append(read(blob))
            except Exception:  # noqa: BLE001, S112 - the general way says what is wrong, if anything
                continue
            numbers.append(number)
        self._convert(sketches, numbers, blobs, done)
        some = any(done)
        # Data of another kind are looked at ever more rarely.
        self._pause = 0 if some else min(2 * self._pause + 1, _LONGEST_PAUSE)
        self._left_out = 0
        return done

    def _convert(
        self, sketches: list[Any], numbers: list[int], blobs: Sequence[bytes], done: list[Conversion | None]
    ) -> None:
        """Convert all, or else each half: a few that are odd should not hold up the others."""
        if len(sketches) < _FEW:
            return
        try:
            lines, classes = self._lines(sketches, sum(len(blobs[number]) for number in numbers))
            if any(len(line) > self._room(blobs[n]) for n, line in zip(numbers, lines, strict=True)):
                raise NotRegular
        except Exception:  # noqa: BLE001 - as above
            middle = len(sketches) // 2
            for part in (slice(middle), slice(middle, None)):
                self._convert(sketches[part], numbers[part], blobs, done)
            return
        for number, line in zip(numbers, lines, strict=True):
            kinds = _KINDS[blobs[number][1]]
            done[number] = Conversion(kinds, (), line, 1, classes, together=True)
            classes = {}

    def _room(self, blob: bytes) -> int:
        return room_for(len(blob), self._max_growth)

    def _lines(self, sketches: list[Any], size: int) -> tuple[list[bytes], dict[str, int]]:
        each = self._codec.each
        if each is None:
            raise NotRegular
        build = Build(self._names, size + _TEXT)
        lines = each.dumps_each(build.column(sketches))
        if not Match(self._names).column(sketches, each.loads_each(lines)):
            raise NotRegular
        return lines, dict(build.classes)
