"""Wire tree ⇄ one line of JSON text. The only module that knows the JSON library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import DecodeError, EncodeError, TruncatedRecord

if TYPE_CHECKING:
    from .encode import Value, Wire


def write(wire: Wire) -> bytes:
    """One record: strict JSON (RFC 8259) in UTF-8 on one line, with its line feed.

    Raises EncodeError ``too-deep`` when the tree is nested deeper than the interpreter's recursion limit.
    """
    import msgspec

    try:
        return msgspec.json.encode(wire) + b"\n"
    except RecursionError as error:
        raise EncodeError(
            "nested deeper than the interpreter's recursion limit", reason="too-deep"
        ) from error


def read(data: bytes | bytearray | memoryview) -> Value:
    """Return the wire tree of one record.

    Raises DecodeError with the byte offset, TruncatedRecord when the text ends too early.
    """
    import msgspec

    try:
        return msgspec.json.decode(data)
    except RecursionError as error:
        raise DecodeError(
            "nested deeper than the interpreter's recursion limit", reason="too-deep"
        ) from error
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8: {error}") from error
    except msgspec.DecodeError as error:
        text = str(error)
        if "truncated" in text:
            raise TruncatedRecord(f"the record ends too early, after {len(data)} bytes") from error
        failure = DecodeError(text)
        head, _, offset = text.rpartition("(byte ")
        if head and offset.rstrip(")").isdigit():
            failure.offset = int(offset.rstrip(")"))
        raise failure from error
