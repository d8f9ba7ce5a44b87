"""JSON records as data: recognised, and compared."""

from __future__ import annotations

from typing import Any

from migrate.runtime import jsontext
from migrate.runtime.errors import DecodeError


def is_record(text: bytes) -> bool:
    """Whether ``text`` is one whole JSON document (RFC 8259).

    A number without a line feed behind it is none: digits may be missing.
    """
    if text[:1] in b"-0123456789" and not text.endswith(b"\n"):
        return False
    try:
        jsontext.read(text)
    except DecodeError:
        return False
    return True


def same_tree(left: object, right: object) -> bool:
    """Whether two wire trees are the same JSON, order of keys, kinds of number and sign of zero included.

    Neither tree has cycles: references are data in them. Iterative, so any depth will do.
    """
    pending: list[tuple[Any, Any]] = [(left, right)]
    while pending:
        a, b = pending.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, dict):
            if list(a) != list(b):
                return False
            pending += zip(a.values(), b.values(), strict=True)
        elif isinstance(a, list):
            if len(a) != len(b):
                return False
            pending += zip(a, b, strict=True)
        elif a != b or (isinstance(a, float) and repr(a) != repr(b)):
            return False
    return True
