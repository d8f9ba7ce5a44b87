"""Keys of rows as text: exact and reversible, so that they can stand in a ledger and go to a worker."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from migrate.reencode.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_key(values: Sequence[Any]) -> str:
    """Return the values of a key's columns as text: ``42``, ``"abc"``, ``["abc", 7]``.

    Raises :class:`~migrate.reencode.errors.StoreError` for a type of key that is not known.
    """
    if len(values) == 1 and type(values[0]) is int:  # as most keys are
        return str(values[0])
    plain = [_plain(value) for value in values]
    return json.dumps(plain[0] if len(plain) == 1 and not isinstance(plain[0], list) else plain)


def read_key(text: str) -> list[Any]:
    """Return what :func:`write_key` was given."""
    if text.isdecimal() and text.isascii():
        return [int(text)]
    found = json.loads(text)
    return [_value(value) for value in (found if isinstance(found, list) else [found])]


def _plain(value: Any) -> Any:
    match value:
        case bool() | int() | float() | str():
            return value
        case bytes() | memoryview():
            return {"base64": base64.b64encode(bytes(value)).decode("ascii")}
        case UUID():
            return {"uuid": str(value)}
        case datetime():
            return {"datetime": value.isoformat()}
        case _:
            raise StoreError(
                f"a key of type {type(value).__name__} is not supported; name another unique column"
            )


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, text),) = plain.items()
    match kind:
        case "base64":
            return base64.b64decode(text)
        case "uuid":
            return UUID(text)
        case _:
            return datetime.fromisoformat(text)
