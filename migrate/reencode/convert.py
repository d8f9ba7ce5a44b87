"""From legacy bytes to JSON bytes, verified. Pure: it reads and writes no file.

compressed? ──► pickles and JSON lines ──► record ──► wire tree ──► objects ──► typed line ──► back, compared
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from migrate.legacy import (
    DEFAULT_LIMITS,
    Call,
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

    def __call__(self, record: Record) -> Line:
        """Raise :class:`~migrate.legacy.MigrateError` when that cannot be had."""
        ...


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

    @property
    def label(self) -> str:
        """The formats in a few words: ``pickle 2 in gzip``."""
        return " in ".join([" + ".join(self.kinds), *reversed(self.layers)])


NOTHING_OF_OURS = Conversion()


def convert(data: bytes, convert_record: RecordConverter, *, limits: Limits = DEFAULT_LIMITS) -> Conversion:
    """Convert every pickle in ``data``; JSON records between them and compression around them are kept.

    Raises :class:`~migrate.legacy.MigrateError` (a damaged pickle, a value that has no exact form, a
    limit) when not all of it can be converted.
    """
    if not could_hold(peek(data, limits.max_layers)):
        return NOTHING_OF_OURS
    layers, raw = decompress(data, limits=limits)
    check_whole(layers, data)
    if not raw.startswith(PROTO) and sniff(raw[:16]) not in OURS and not looks_like_pickle(raw):
        return NOTHING_OF_OURS
    parts: list[Pickle | JsonLine] = []
    try:
        for part in split(raw, limits):
            parts.append(part)  # noqa: PERF402 (what was read before an error matters below)
    except Foreign:
        if not any(isinstance(part, Pickle) for part in parts):
            return NOTHING_OF_OURS
        raise
    kinds = _kinds(parts)
    around = tuple(layer.value for layer in layers)
    if not any(isinstance(part, Pickle) for part in parts):
        return Conversion(kinds, around)
    lines = list(_lines(parts, convert_record))
    text = b"".join(line.text for line in lines)
    new = wrap(layers, data, text)
    if decompress(new, limits=limits) != (layers, text):
        raise Refused("the compressed form does not unpack to what was packed", reason="verify-failed")
    return Conversion(
        kinds,
        around,
        new,
        pickles=sum(isinstance(part, Pickle) for part in parts),
        classes=dict(sum((Counter(line.classes) for line in lines), Counter[str]())),
        unchecked=next((line.unchecked for line in lines if line.unchecked), ""),
    )


def _lines(parts: Sequence[Pickle | JsonLine], convert_record: RecordConverter) -> Iterator[Line]:
    for number, part in enumerate(parts, 1):
        if isinstance(part, JsonLine):
            yield Line(part.text, {})
            continue
        try:
            _refuse_dropped_calls(part)
            yield convert_record(part.record)
        except MigrateError as error:
            where = f" (record {number} of {len(parts)})" if len(parts) > 1 else ""
            raise Refused(error.message + where, reason=error.reason, path=error.path) from error


def _refuse_dropped_calls(pickle: Pickle) -> None:
    """Refuse a call whose result is thrown away: it was made for its effect.

    What pickle itself drops (the elements of a tuple that contains itself) is also met from the root.
    """
    calls = [node for node in walk(*pickle.dropped) if isinstance(node, Call)]
    if not calls:
        return
    kept = {id(node) for node in walk(pickle.record)}
    for call in calls:
        if id(call) not in kept:
            name = call.function
            what = f"{name.module}.{name.name}" if isinstance(name, Global) else "something"
            raise Refused(f"the pickle calls {what} and throws the result away", reason="unsafe-global")


def _kinds(parts: Sequence[Pickle | JsonLine]) -> tuple[str, ...]:
    kinds = {f"pickle {part.protocol}" if isinstance(part, Pickle) else part.kind for part in parts}
    return tuple(sorted(kinds))
