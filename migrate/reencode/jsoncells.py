"""What a JSON column holds at a row: a string that is base64 of a pickle, or JSON that is nothing of ours."""

from __future__ import annotations

import json

from attrs import frozen

from migrate.legacy import Format, looks_like_pickle, sniff
from migrate.reencode.cells import Cell, as_text, open_cell
from migrate.reencode.containers import could_hold
from migrate.reencode.errors import Refused
from migrate.reencode.jsonlines import is_record

_PLAIN = frozenset({"", "text"})
"""Styles of a :class:`Cell` that are not base64."""
_RECORDS = frozenset({Format.JSON, Format.YAML, Format.MSGPACK, Format.CBOR, Format.ENVELOPE, Format.UNKNOWN})


@frozen
class JsonCell(Cell):
    """A string of base64 in a JSON column; JSON takes its place as what it is."""

    def encode(self, data: bytes) -> bytes | str:
        """Write ``data`` as a JSON value: as it is if it is JSON, or else (compressed) as a string again.

        Raises :class:`Refused` where the new value is a string that would be taken for a pickle.
        """
        if not is_record(data):
            return json.dumps(super().encode(data))
        text = as_text(data)
        if isinstance(open_json(text), JsonCell):
            message = "a text that is a pickle in base64 itself would be read as that in this column"
            raise Refused(message, reason="write-failed")
        return text


def open_json(value: object, version: str = "", alphabet: str = "") -> Cell:
    """Return what is in ``value``, the text of a JSON column. Raises :class:`Refused` for what is no text.

    In SQLite such a column may also hold bytes, which are what they are. ``alphabet`` is that of
    :func:`~migrate.reencode.cells.open_cell`.
    """
    if not isinstance(value, str):
        return open_cell(value, version, alphabet)
    inner = _string(value)
    if inner is not None:
        cell = open_cell(inner, version, alphabet)
        if cell.style not in _PLAIN and _is_pickle(cell.data):
            return JsonCell(cell.data, version, held=value, style=cell.style, either=cell.either)
    return Cell(value.encode(), version, held=value, style="text")


def _string(text: str) -> str | None:
    """Return the string that ``text`` is in JSON; None for other JSON."""
    if not text.lstrip().startswith('"'):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def _is_pickle(data: bytes) -> bool:
    """Whether ``data`` is a pickle, or something compressed in which there may be one."""
    return looks_like_pickle(data) or (could_hold(data[:4096]) and sniff(data[:16]) not in _RECORDS)
