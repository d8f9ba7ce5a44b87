"""Taking a file apart into its records: pickles, JSON lines and other formats, in any mixture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.legacy import Format, LegacyError, Limits, MalformedPickle, Record, examine, sniff
from migrate.reencode.errors import Foreign
from migrate.reencode.jsonlines import is_record
from migrate.runtime import DecodeError, envelope
from migrate.runtime.formats import form_at

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTO = b"\x80"
"""The opcode that begins every pickle of protocol 2 and later (PEP 307)."""
_CERTAIN = 12
"""Bytes that make sense as opcodes, after which damage is damage and not chance."""
_WHITE = b" \t\r\n"


@frozen
class Pickle:
    """One pickle."""

    record: Record = field(repr=False)
    dropped: tuple[Record, ...] = field(repr=False)
    """What the pickle built and threw away."""
    text: bytes = field(repr=False)
    """The bytes of it."""
    protocol: str
    """``"2"`` to ``"5"``; ``"0-1"`` for one without a PROTO opcode, which those two do not write."""


@frozen
class JsonLine:
    """One record that is no pickle: a JSON line with its line feed, or another format or envelope whole."""

    text: bytes
    kind: str = "JSON"


OURS = frozenset({Format.JSON, Format.YAML, Format.MSGPACK, Format.CBOR, Format.ENVELOPE})
"""What a codec writes."""


def split(data: bytes, limits: Limits) -> Iterator[Pickle | JsonLine]:
    """Yield the records of ``data``, which is not compressed; white space between them is skipped.

    Raises :class:`~migrate.legacy.LegacyError` for a damaged pickle, and
    :class:`~migrate.reencode.errors.Foreign` for bytes that are neither a pickle nor a JSON record.
    """
    position = 0
    while position < len(data):
        if data[position] in _WHITE:
            position += 1
        elif (found := sniff(data[position : position + 16])) is Format.JSON:
            end = data.find(b"\n", position) + 1 or len(data)
            yield _json_line(data[position:end], position)
            position = end
        elif found in OURS:
            record = _record(data, position, found)
            yield record
            position += len(record.text)
        else:
            pickle, position = _pickle(data, position, limits)
            yield pickle


def _json_line(text: bytes, position: int) -> JsonLine:
    if not is_record(text):
        raise Foreign(f"no JSON record at byte {position}")
    return JsonLine(text if text.endswith(b"\n") else text + b"\n")


_KINDS = {Format.YAML: "YAML", Format.MSGPACK: "MessagePack", Format.CBOR: "CBOR"}


def _record(data: bytes, position: int, found: Format) -> JsonLine:
    """Return the record at ``position`` without looking into it."""
    file = io.BytesIO(data)
    file.seek(position)
    head = file.read(1)
    try:
        if found is Format.ENVELOPE:
            taken = envelope.take(file, head)
            return JsonLine(taken.header + taken.body, taken.kind)
        form = form_at(head)
        if form is None:
            raise Foreign(f"no record at byte {position}")
        return JsonLine(form.take(file, head), _KINDS[found])
    except DecodeError as error:
        raise Foreign(f"no record at byte {position}: {error.message}") from error


def _pickle(data: bytes, position: int, limits: Limits) -> tuple[Pickle, int]:
    head = data[position : position + 2]
    try:
        decoded = examine(data, start=position, limits=limits)
    except LegacyError as error:
        if head.startswith(PROTO) and not _is_chance(error, position):
            raise
        what = f"neither a pickle nor a JSON record at byte {position}: {error.message}"
        raise Foreign(what) from error
    protocol = str(head[1]) if head.startswith(PROTO) else "0-1"
    return Pickle(decoded.root, decoded.dropped, data[position : decoded.end], protocol), decoded.end


def _is_chance(error: LegacyError, position: int) -> bool:
    """Whether what begins with PROTO is more likely something else than a damaged pickle."""
    return isinstance(error, MalformedPickle) and error.offset - position < _CERTAIN
