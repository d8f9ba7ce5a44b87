"""From legacy bytes to JSON bytes, verified. Pure: it reads and writes no file.

compressed? ──► pickles and JSON lines ──► record ──► wire tree ──► objects ──► typed line ──► back, compared
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from migrate.legacy import (
    DEFAULT_LIMITS,
    Call,
    Format,
    Global,
    Limits,
    MigrateError,
    Record,
    decompress,
    looks_like_pickle,
    sniff,
    walk,
)
from migrate.reencode.containers import check_whole, could_hold, peek, wrap
from migrate.reencode.errors import Foreign, Refused
from migrate.reencode.segments import OURS, PROTO, JsonLine, Pickle, split
from migrate.runtime.landing import MAX_OUTPUT
from migrate.runtime.seals import KIND as SEALED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@frozen
class Line:
    """One record in the new format."""

    text: bytes = field(repr=False)
    """One whole record; of JSON, with its line feed."""
    classes: Mapping[str, int]
    """Registry name → instances."""
    unchecked: str = ""
    """Why the line was not compared as objects but as data; empty if it was."""


class RecordConverter(Protocol):
    """Turns one record into a line that is known to read back equal."""

    def __call__(self, record: Record, room: int) -> Line:
        """Return a line of at most about ``room`` bytes, beyond which :func:`convert` refuses it.

        Raise :class:`~migrate.legacy.MigrateError` when that cannot be had.
        """
        ...


FREE = 16 << 20
"""Bytes that a record may have however short the pickle was."""
MAX_GROWTH = 100
"""So many times as long as the pickle a record may be by default, beyond :data:`FREE`.

A pickle refers to a text or a tuple as often as it likes for two bytes, JSON writes it out each time.
"""


def room_for(size: int, max_growth: int | None) -> int:
    """Return how long the record of a pickle of ``size`` bytes may be; None: as long as any may."""
    return MAX_OUTPUT if max_growth is None else min(max(FREE, size * max_growth), MAX_OUTPUT)


def too_long(room: int, path: str = "") -> Refused:
    """Return the refusal of a record that has more bytes than ``room``."""
    what = f"as JSON it would be longer than {room:,} bytes: the pickle refers to the same values very often"
    return Refused(f"{what} (--max-growth N allows for more)", reason="limit", path=path)


@frozen
class Conversion:
    """What a blob holds and what it becomes."""

    kinds: tuple[str, ...] = ()
    """What the records are: ``("JSON", "pickle 2")``. Empty: nothing of ours."""
    layers: tuple[str, ...] = ()
    """Compression around them, outermost first: ``("gzip",)``."""
    data: bytes | None = field(default=None, repr=False)
    """The new bytes; None when there is nothing to convert."""
    pickles: int = 0
    classes: Mapping[str, int] = field(factory=dict)
    unchecked: str = ""
    """Why at least one record was not compared as objects."""
    together: bool = False
    """Made with others, of which the first has the ``classes`` of all (:mod:`~migrate.reencode.together`)."""

    @property
    def label(self) -> str:
        """The formats in a few words: ``pickle 2 in gzip``."""
        return label(self.kinds, self.layers)


@lru_cache(maxsize=256)
def label(kinds: tuple[str, ...], layers: tuple[str, ...]) -> str:
    """Return :attr:`Conversion.label`."""
    return " in ".join([" + ".join(kinds), *reversed(layers)])


NOTHING_OF_OURS = Conversion()


def convert(
    data: bytes,
    convert_record: RecordConverter,
    *,
    limits: Limits = DEFAULT_LIMITS,
    max_growth: int | None = None,
) -> Conversion:
    """Convert every pickle in ``data``; JSON records between them and compression around them are kept.

    A record that is longer than :func:`room_for` allows is refused.

    Raises :class:`~migrate.legacy.MigrateError` (a damaged pickle, a value that has no exact form, a
    limit) when not all of it can be converted.
    """
    layers, parts = take_apart(data, limits)
    if not parts:
        return NOTHING_OF_OURS
    kinds = kinds_of(parts)
    around = tuple(layer.value for layer in layers)
    if not any(isinstance(part, Pickle) for part in parts):
        return Conversion(kinds, around)
    lines = list(_lines(parts, convert_record, max_growth))
    text = b"".join(line.text for line in lines)
    return Conversion(
        kinds,
        around,
        put_together(layers, data, text, limits),
        pickles=sum(isinstance(part, Pickle) for part in parts),
        classes=_classes(lines),
        unchecked=next((line.unchecked for line in lines if line.unchecked), ""),
    )


def take_apart(data: bytes, limits: Limits) -> tuple[tuple[Format, ...], list[Pickle | JsonLine]]:
    """Return the compression around ``data`` and the records inside; no records if it is nothing of ours.

    Raises :class:`~migrate.legacy.MigrateError` for damage, and for bytes that follow a pickle, sealed or
    not, and are neither a pickle nor a record.
    """
    if sniff(data[:2]) is Format.PICKLE and data.startswith(PROTO):
        layers: tuple[Format, ...] = ()  # so are most
        raw = data
    else:
        if not could_hold(peek(data, limits.max_layers)):
            return (), []
        layers, raw = decompress(data, limits=limits)
        check_whole(layers, data)
    if not raw.startswith(PROTO) and sniff(raw[:16]) not in OURS and not looks_like_pickle(raw):
        return layers, []
    parts: list[Pickle | JsonLine] = []
    try:
        for part in split(raw, limits):
            parts.append(part)  # noqa: PERF402 (what was read before an error matters below)
    except Foreign:
        if any(isinstance(part, Pickle) or part.kind == SEALED for part in parts):
            raise
        return layers, []
    return layers, parts


def put_together(layers: Sequence[Format], original: bytes, text: bytes, limits: Limits) -> bytes:
    """Return ``text`` compressed as ``original`` was, after it was unpacked again and compared."""
    if not layers:
        return text
    new = wrap(layers, original, text)
    if decompress(new, limits=limits) != (tuple(layers), text):
        raise Refused("the compressed form does not unpack to what was packed", reason="verify-failed")
    return new


def _lines(
    parts: Sequence[Pickle | JsonLine], convert_record: RecordConverter, max_growth: int | None
) -> Iterator[Line]:
    for number, part in enumerate(parts, 1):
        if isinstance(part, JsonLine):
            yield Line(part.text, {})
            continue
        try:
            _refuse_dropped_calls(part)
            room = room_for(len(part.text), max_growth)
            line = convert_record(part.record, room)
            if len(line.text) > room:
                raise too_long(room)
            yield line
        except MigrateError as error:
            where = f" (record {number} of {len(parts)})" if len(parts) > 1 else ""
            raise Refused(error.message + where, reason=error.reason, path=error.path) from error


def _classes(lines: Sequence[Line]) -> dict[str, int]:
    if len(lines) == 1:
        return dict(lines[0].classes)
    found = Counter[str]()
    for line in lines:
        found.update(line.classes)
    return dict(found)


def _refuse_dropped_calls(pickle: Pickle) -> None:
    """Refuse a call whose result is thrown away: it was made for its effect.

    What pickle itself drops (the elements of a tuple that contains itself) is also met from the root.
    """
    if not pickle.dropped:
        return
    calls = [node for node in walk(*pickle.dropped) if isinstance(node, Call)]
    if not calls:
        return
    kept = {id(node) for node in walk(pickle.record)}
    for call in calls:
        if id(call) not in kept:
            name = call.function
            what = f"{name.module}.{name.name}" if isinstance(name, Global) else "something"
            raise Refused(f"the pickle calls {what} and throws the result away", reason="unsafe-global")


def kinds_of(parts: Sequence[Pickle | JsonLine]) -> tuple[str, ...]:
    """Return what the records are, in words."""
    kinds = {f"pickle {part.protocol}" if isinstance(part, Pickle) else part.kind for part in parts}
    return tuple(sorted(kinds))
