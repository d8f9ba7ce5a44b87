"""A pickle as JSON for a program; bounded, and made without recursion."""

from __future__ import annotations

from base64 import b64encode
from math import isfinite
from typing import Any, Final

from .calls import called_bytes, dotted, name_of, shape_of
from .graph import shared
from .records import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    Node,
    Persistent,
    Record,
    Set,
)

_SAMPLE: Final = 1024
"""Bytes shown of a longer value."""


def to_json(
    record: Record, *, max_values: int = 100_000, max_depth: int = 100, max_text: int = 1 << 25
) -> Any:
    """Return the record as something that :mod:`json` can write.

    Numbers, text, booleans and null stand for themselves; everything else is an object with a ``kind``.
    Shared records have an ``id``, later occurrences are ``{"kind": "reference", "id": n}``. What lies
    beyond the bounds is ``{"kind": "cut"}``; ``max_text`` counts the characters of all texts and names, each
    as often as it stands there.
    """
    return _Jsonifier(record, max_values, max_depth, max_text).run(record)


class _Jsonifier:
    def __init__(self, root: Record, max_values: int, max_depth: int, max_text: int) -> None:
        self.left = max_values
        self.room = max_text
        self.max_depth = max_depth
        self.shared = shared(root)
        self.numbers: dict[int, int] = {}

    def run(self, root: Record) -> Any:
        box: list[Any] = [None]
        tasks: list[tuple[Record, Any, Any, int]] = [(root, box, 0, 0)]
        while tasks:
            record, target, key, depth = tasks.pop()
            self.left -= 1
            known = self.numbers.get(id(record))
            if self.left < 0 or depth > self.max_depth:
                target[key] = {"kind": "cut"}
            elif known:
                target[key] = {"kind": "reference", "id": known}
            else:
                target[key] = self.fitting(self.value(record, tasks, depth))
        return box[0]

    def fitting(self, shown: Any) -> Any:
        """Return ``shown``, or the mark of a cut if its text is more than is left."""
        text = shown.get("name") if type(shown) is dict else shown
        if isinstance(text, str):
            if len(text) > self.room:
                return {"kind": "cut"}
            self.room -= len(text)
        return shown

    def value(self, record: Record, tasks: list[tuple[Record, Any, Any, int]], depth: int) -> Any:
        if not isinstance(record, (list, tuple, Node)):
            return _scalar(record)
        body, parts = _body(record)
        if id(record) in self.shared and not (isinstance(record, (Global, ByteString)) or record == ()):
            body["id"] = self.numbers[id(record)] = len(self.numbers) + 1
        children: list[tuple[Record, Any, Any, int]] = []
        for name, content in parts:
            room = content[: max(self.left, 0) + 1]
            body[name] = out = [None] * len(room)
            children += ((item, out, index, depth + 1) for index, item in enumerate(room))
        tasks.extend(reversed(children))
        return body


def _scalar(record: Any) -> Any:
    if isinstance(record, (bytes, bytearray)):
        return _raw(type(record).__name__, record)
    if isinstance(record, int) and record.bit_length() > 64:
        short = record.bit_length() <= 4 * _SAMPLE
        return {"kind": "int", "bits": record.bit_length(), **({"hex": hex(record)} if short else {})}
    if isinstance(record, float) and not isfinite(record):
        return {"kind": "float", "value": str(record)}
    return record


def _raw(kind: str, raw: bytes | bytearray) -> dict[str, Any]:
    return {"kind": kind, "size": len(raw), "base64": b64encode(raw[:_SAMPLE]).decode("ascii")}


def _body(record: Record) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Return the object for a record, and those of its members that are arrays of records."""
    if isinstance(record, (list, tuple)):
        return {"kind": type(record).__name__}, [("items", record)]
    if isinstance(record, Dict):
        keys, values = [key for key, _ in record.pairs], [value for _, value in record.pairs]
        return {"kind": "dict"}, [("keys", keys), ("values", values)]
    if isinstance(record, (Set, FrozenSet)):
        return {"kind": type(record).__name__.lower()}, [("items", record.items)]
    if isinstance(record, Call):
        return _body_of_call(record)
    if isinstance(record, ByteString):
        return _raw("8-bit string of Python 2", record.raw), []
    if isinstance(record, Global):
        return {"kind": "name", "name": f"{record.module}.{record.name}"}, []
    if isinstance(record, Persistent):
        return {"kind": "persistent"}, [("pid", [record.pid])]
    return {"kind": "buffer", "index": record.index if isinstance(record, Buffer) else None}, []


def _body_of_call(call: Call) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    name = name_of(call)
    if name is not None:
        return {"kind": "name", "name": dotted(name)}, []
    raw = called_bytes(call)
    if raw is not None:
        return _raw("bytes", raw), []
    shape = shape_of(call)
    if shape is None:
        return {"kind": "call", "name": None}, [("function", [call.function]), ("args", call.args)]
    parts: list[tuple[str, Any]] = [("args", shape.args), ("items", shape.items)]
    if shape.kwargs is not None:
        parts.append(("kwargs", [shape.kwargs]))
    if shape.pairs:
        parts.append(("keys", [key for key, _ in shape.pairs]))
        parts.append(("values", [value for _, value in shape.pairs]))
    if shape.value is not NO_STATE:
        parts.append(("content", [shape.value]))
    if shape.state is not NO_STATE:
        parts.append(("state", [shape.state]))
    body = {"kind": "call" if shape.call else "instance", "name": dotted(shape.name)}
    return body, [(part, content) for part, content in parts if content]
