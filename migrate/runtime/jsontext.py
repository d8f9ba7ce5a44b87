"""Wire tree ⇄ one line of JSON text. The only module that knows the JSON library."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import DecodeError, EncodeError, TruncatedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from msgspec import Raw
    from msgspec.json import Decoder, Encoder

    from .encode import Value, Wire


@cache
def _encoder() -> Encoder:
    import msgspec

    return msgspec.json.Encoder(enc_hook=_join)


class Piece:
    """A long array or object that is text already, in parts without the brackets around them."""

    __slots__ = ("parts", "shape")

    def __init__(self, shape: type, parts: list[bytes]) -> None:
        self.shape = shape
        """list or dict."""
        self.parts = parts


def _join(piece: Piece) -> Raw:
    from msgspec import Raw

    opening, closing = (b"[", b"]") if piece.shape is list else (b"{", b"}")
    return Raw(opening + b",".join(piece.parts) + closing)


def write_part(wire: Wire) -> bytes:
    """Return the text of an array or object without its brackets."""
    return _encoder().encode(wire)[1:-1]


def write(wire: Wire) -> bytes:
    """One record: strict JSON (RFC 8259) in UTF-8 on one line, with its line feed.

    Raises EncodeError ``too-deep`` when the tree is nested deeper than the interpreter's recursion limit.
    """
    try:
        return _encoder().encode_lines([wire])  # a list: msgspec (0.22) leaks the iterator of anything else
    except RecursionError as error:
        raise EncodeError(
            "nested deeper than the interpreter's recursion limit", reason="too-deep"
        ) from error


def write_lines(wires: list[Wire]) -> bytes:
    """Return one record for each of ``wires``, which are not deep; raises what msgspec raises."""
    return _encoder().encode_lines(wires)


def elements(data: bytes) -> list[Any]:
    """Return the elements of an array as text, of which only the ends have been looked for.

    Raises what msgspec raises if it is no array.
    """
    return _splitter().decode(data)


def read_elements(texts: Iterable[Any]) -> tuple[list[Wire], int]:
    """Return the wire trees of elements, and how many "$" are in their text."""
    data = b"[" + b",".join(texts) + b"]"
    found: list[Wire] = _decode()(data)
    return found, data.count(b"$")


@cache
def _splitter() -> Decoder[list[Raw]]:
    import msgspec

    return msgspec.json.Decoder(list[msgspec.Raw])


@cache
def _decode() -> Callable[[bytes | bytearray | memoryview], Value]:
    import msgspec

    return msgspec.json.Decoder().decode


def read(data: bytes | bytearray | memoryview) -> Value:
    """Return the wire tree of one record.

    Raises DecodeError with the byte offset, TruncatedRecord when the text ends too early.
    """
    try:
        return _decode()(data)
    except RecursionError as error:
        raise DecodeError(
            "nested deeper than the interpreter's recursion limit", reason="too-deep"
        ) from error
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: {error}") from error
    except ValueError as error:  # msgspec.DecodeError
        text = str(error)
        if "truncated" in text:
            raise TruncatedRecord(f"the record ends too early, after {len(data)} bytes") from error
        failure = DecodeError(text)
        head, _, offset = text.rpartition("(byte ")
        if head and offset.rstrip(")").isdigit():
            failure.offset = int(offset.rstrip(")"))
        raise failure from error
