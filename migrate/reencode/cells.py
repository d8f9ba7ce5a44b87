"""What a database holds at a row: bytes, or bytes written as text in one of the usual ways."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.legacy import looks_like_pickle
from migrate.reencode.containers import could_hold
from migrate.reencode.errors import Refused
from migrate.reencode.stores import Blob

if TYPE_CHECKING:
    from collections.abc import Callable


_SPECIAL = frozenset("+/-_")
"""What tells the two alphabets of base64 apart (RFC 4648, sections 4 and 5)."""


@frozen
class Cell(Blob):
    """A :class:`~migrate.reencode.stores.Blob` that remembers how it was written."""

    held: bytes | str = field(default=b"", repr=False)
    style: str = ""
    """How ``data`` is written as text; empty for bytes as they are."""
    either: bool = False
    """The old text is the same in both alphabets of base64, so that it does not tell which one is meant."""

    @property
    def raw(self) -> bytes | str:
        """The value of the column."""
        return self.held

    def encode(self, data: bytes) -> bytes | str:
        """Write ``data`` as the old value was written."""
        if not self.style:
            return data
        text = _STYLES[self.style].write(data)
        if self.either and not _SPECIAL.isdisjoint(text):
            message = (
                "the old value does not tell standard base64 from that for URLs; say which with --base64"
            )
            raise Refused(message, reason="write-failed")
        return text


@frozen
class _Style:
    read: Callable[[str], bytes]
    write: Callable[[bytes], str]


def open_cell(value: object, version: str = "", alphabet: str = "") -> Cell:
    """Return the bytes in ``value`` of a column. Raises :class:`Refused` for what is neither bytes nor text.

    Text is base64 (standard, with line feeds as ``base64.encodebytes`` makes them, or for URLs; with or
    without padding) if what is inside could be ours and is written back to exactly the same text;
    otherwise it is the data itself, such as a pickle of protocol 0 or JSON. ``alphabet`` is ``standard`` or
    ``url`` if it is known which base64 is meant.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        held = bytes(value)
        return Cell(held, version, held=held)
    if not isinstance(value, str):
        raise Refused(f"the column holds a value of type {type(value).__name__}", reason="unreadable")
    either = not alphabet and _SPECIAL.isdisjoint(value)
    for name, style in _STYLES.items():
        if name != "text" and alphabet and ("URL" in name) != (alphabet == "url"):
            continue
        try:
            data = style.read(value)
        except (binascii.Error, ValueError):
            continue
        ours = name == "text" or could_hold(data[:4096]) or looks_like_pickle(data)
        if ours and style.write(data) == value:
            return Cell(data, version, held=value, style=name, either=either and name != "text")
    raise Refused("the text is not valid Unicode", reason="malformed")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the new bytes cannot stand in a text column", reason="write-failed") from None


def as_text(data: bytes) -> str:
    """Return ``data`` as text for a text column. Raises :class:`Refused` when it is none."""
    return _text(data)


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


_STYLES = {
    "base64": _Style(
        lambda text: base64.b64decode(text, validate=True),
        lambda data: base64.b64encode(data).decode("ascii"),
    ),
    "base64 in lines": _Style(
        lambda text: base64.b64decode(text.replace("\n", ""), validate=True),
        lambda data: base64.encodebytes(data).decode("ascii"),
    ),
    "base64 for URLs": _Style(
        lambda text: base64.b64decode(text, altchars=b"-_", validate=True),
        lambda data: base64.urlsafe_b64encode(data).decode("ascii"),
    ),
    "base64 without padding": _Style(
        lambda text: base64.b64decode(_padded(text), validate=True),
        lambda data: base64.b64encode(data).decode("ascii").rstrip("="),
    ),
    "base64 for URLs without padding": _Style(
        lambda text: base64.b64decode(_padded(text), altchars=b"-_", validate=True),
        lambda data: base64.urlsafe_b64encode(data).decode("ascii").rstrip("="),
    ),
    "text": _Style(lambda text: text.encode("utf-8"), _text),
}
"""Tried in this order."""
