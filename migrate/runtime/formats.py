"""The encodings of a wire tree besides JSON: YAML, MessagePack and CBOR.

The tree is the same in all of them (docs/wire-format.md). Each record begins with bytes with which neither a
JSON record nor a pickle begins, and ends where it says, so records may follow each other in a file, in any
mixture. The library of a format is imported when a record of it is met, and not before.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from .encode import as_it_is, to_base64
from .errors import DecodeError, TruncatedRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from .encode import Wire
    from .streams import Readable

JSON = "json"


class Form(NamedTuple):
    """One encoding."""

    name: str
    start: bytes
    """What every record begins with; its first byte tells it from JSON and from pickle."""
    extra: str
    """The extra of this distribution that brings its library; empty when that is always there."""

    @property
    def carry(self) -> Callable[[Any], Wire]:
        """How bytes stand in the tree that is written: as they are, where the encoding has bytes."""
        if self.name == "yaml":
            return to_base64
        return as_it_is if self.name == "msgpack" else bytes

    def write(self, wire: Wire) -> bytes:
        """Return one whole record; raises EncodeError."""
        if self.name == "yaml":
            from . import yamltext

            return self.start + yamltext.write(wire)
        if self.name == "msgpack":
            from . import binary

            return _framed(self.start, binary.write_msgpack(wire))
        from . import binary

        return _framed(self.start, binary.write_cbor(wire))

    def read(self, record: bytes) -> Wire:
        """Return the wire tree of one whole record; raises DecodeError."""
        if self.name == "yaml":
            from . import yamltext

            return yamltext.read(record)
        from . import binary

        head = len(self.start) + _LENGTH
        if self.name == "msgpack":
            return binary.read_msgpack(memoryview(record)[head:])
        return binary.read_cbor(record[head:])

    def take(self, file: Readable, head: bytes) -> bytes:
        """Read the rest of the record that begins with ``head`` off ``file``; return all of it.

        Raises DecodeError when it begins otherwise, TruncatedRecord when the file ends before the record.
        """
        if self.name == "yaml":
            return _take_document(file, head, self.start)
        start = head + read_exactly(file, len(self.start) - len(head))
        if start != self.start:
            raise DecodeError(f"this begins like {self.name}, but is no record")
        length = read_exactly(file, _LENGTH)
        return start + length + read_exactly(file, int.from_bytes(length, "big"))


_LENGTH = 8
_CHUNK = 1 << 20

YAML = Form("yaml", b"%YAML 1.2\n", "yaml")
MSGPACK = Form("msgpack", b"\xc1mp1", "")
"""MessagePack never uses the byte C1, and no pickle begins with it."""
CBOR = Form("cbor", b"\xd9\xd9\xf7\xd8\x18\x5b", "cbor")
"""Self-described CBOR (tag 55799) that embeds an item (tag 24) as a byte string with a length of 8 bytes."""

_FORMS = {form.name: form for form in (YAML, MSGPACK, CBOR)}
_BY_FIRST_BYTE = {form.start[:1]: form for form in _FORMS.values()}


def form_of(name: str) -> Form | None:
    """Return the encoding called ``name``; None for JSON.

    Raises ValueError for another word, ImportError when its library is not installed.
    """
    if name == JSON:
        return None
    form = _FORMS.get(name)
    if form is None:
        raise ValueError(f"{name!r} is not a format; the formats are json, {', '.join(_FORMS)}")
    try:
        _import(form)
    except ImportError as error:
        raise ImportError(_missing(form)) from error
    return form


def form_at(head: bytes) -> Form | None:
    """Return the encoding of records that begin with the first byte of ``head``; None for anything else."""
    return _BY_FIRST_BYTE.get(head[:1])


def library(form: Form) -> Any:
    """Return the library of ``form``; raises DecodeError (``missing-extra``) when it is not installed."""
    try:
        return _import(form)
    except ImportError as error:
        raise DecodeError(_missing(form), reason="missing-extra") from error


def _import(form: Form) -> Any:
    if form is YAML:
        import yaml

        return yaml
    if form is CBOR:
        import cbor2

        return cbor2
    return None


def first_record(form: Form, data: bytes) -> bytes:
    """Return the record that ``data`` begin with; raises as :meth:`Form.take`."""
    length = int.from_bytes(data[len(form.start) : len(form.start) + _LENGTH], "big")
    if form is not YAML and len(data) == len(form.start) + _LENGTH + length and data.startswith(form.start):
        return data
    file = io.BytesIO(data)
    return form.take(file, file.read(1))


def read_exactly(file: Readable, size: int) -> bytes:
    """Return ``size`` bytes off ``file``; never asks for much more memory than there are bytes.

    Raises TruncatedRecord when there are fewer.
    """
    if size <= _CHUNK:
        data = file.read(size)
        if len(data) == size:
            return data
        parts = [data]
    else:
        parts = []
    missing = size - sum(map(len, parts))
    while missing and (part := file.read(min(missing, _CHUNK))):
        parts.append(part)
        missing -= len(part)
    if missing:
        raise TruncatedRecord(f"the record ends {missing} bytes too early")
    return b"".join(parts)


def check_tree(wire: Wire) -> Wire:
    """Return ``wire``, which must be what JSON can carry; iterative, so any depth will do.

    Bytes may stand where JSON has base64 (:data:`OF_BYTES`). Raises DecodeError for other types, and for
    keys that are not text.
    """
    pending = [wire] if type(wire) in _CONTAINERS else _checked([wire])
    while pending:
        node = pending.pop()
        if type(node) is dict:
            if not _TEXT.issuperset(map(type, node)):
                raise DecodeError("a key of a map is not text")
            pending += _checked(node.values(), next(iter(node), ""))
        else:
            pending += _checked(node)
    return wire


def texts(wire: Wire) -> Wire:
    """Return ``wire``, changed in place: base64 where a format had bytes, so that it is as JSON's is."""
    pending = [wire]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            for key, item in node.items():
                if type(item) is bytes:
                    node[key] = to_base64(item)
                    break  # there is no other, and only this one may be replaced while they are walked
            pending += _checked(node.values())
        elif type(node) is list:
            pending += _checked(node)
    return wire


def _checked(items: Any, tag: str = "") -> list[Any]:
    """Return the containers among ``items``, which are the members of an object that begins with ``tag``."""
    kinds = {*map(type, items)}
    if bytes in kinds and tag in OF_BYTES:
        kinds = {*map(type, [*items][1:])}
    if not kinds <= _WIRE:
        wrong = sorted(kind.__name__ for kind in kinds - _WIRE)
        raise DecodeError(f"not a value of the wire format: {', '.join(wrong)}")
    return [] if kinds.isdisjoint(_CONTAINERS) else [item for item in items if type(item) in _CONTAINERS]


OF_BYTES = frozenset({"$bytes", "$bytearray", "$ndarray"})
"""Tags whose content is bytes in MessagePack and CBOR, where JSON and YAML have base64."""
_CONTAINERS = frozenset({dict, list})
_TEXT = frozenset({str})
_WIRE = frozenset({type(None), bool, int, float, str, dict, list})


def _framed(start: bytes, body: bytes) -> bytes:
    return b"".join((start, len(body).to_bytes(_LENGTH, "big"), body))


def _take_document(file: Readable, head: bytes, start: bytes) -> bytes:
    line = head + file.readline()
    lines = [line]
    if not line.startswith(start.rstrip()[:-1]) or len(line) > 16:
        if line and start.startswith(line):
            raise TruncatedRecord("the record ends within its first line")
        raise DecodeError("this begins like YAML, but is no record, which begins with '%YAML 1.2'")
    while line := file.readline():
        lines.append(line)
        if line.startswith(b"...") and not line.rstrip()[3:]:
            return b"".join(lines)
    raise TruncatedRecord("the record ends without its last line, '...'")


def _missing(form: Form) -> str:
    package = "PyYAML" if form is YAML else "cbor2"
    return f"{form.name} needs {package}: pip install 'pickle-migrate[{form.extra}]'"
