"""Records that contain nothing, in the wire format.

Every converter has the form ``(run, record, place, step) -> wire``; ``step`` leads from ``place`` to it.
"""

from __future__ import annotations

from base64 import b64encode
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from ..legacy.records import ByteString
from ._landing_strings import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._landing_run import LandingRun, Place, Wire

_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


# --- scalars: (run, record, place, step) -> wire ------------------------------------------------------------


def _same(_run: LandingRun, record: Any, _place: Place, _step: str | int) -> Wire:
    return record


def _int(run: LandingRun, record: int, place: Place, _step: str | int) -> Wire:
    if _INT_MIN <= record <= _INT_MAX:
        return record
    run.spend(record.bit_length() // 4 + 16, place)
    return {"$int": run.digits(record)}


def _float(_run: LandingRun, record: float, _place: Place, _step: str | int) -> Wire:
    return record if isfinite(record) else {"$float": str(record)}


def _str(run: LandingRun, record: str, place: Place, _step: str | int) -> Wire:
    run.spend(len(record) + 8, place)
    if is_text(record):
        return record
    return {"$utf8": b64encode(record.encode("utf-8", "surrogatepass")).decode("ascii")}


def _bytes(run: LandingRun, record: bytes, place: Place, _step: str | int) -> Wire:
    run.spend(len(record) * 4 // 3 + 8, place)
    return {"$bytes": run.base64(record, record)}


def _byte_string(run: LandingRun, record: ByteString, place: Place, step: str | int) -> Wire:
    value = decoded(run, record, place, step)
    if isinstance(value, bytes):
        return _bytes(run, value, place, step)
    return _str(run, value, place, step)


SCALARS: Final[dict[type, Callable[[LandingRun, Any, Place, str | int], Wire]]] = {
    type(None): _same,
    bool: _same,
    int: _int,
    float: _float,
    str: _str,
    bytes: _bytes,
    ByteString: _byte_string,
}


def is_text(value: str) -> bool:
    """Whether UTF-8, and so JSON, can carry ``value``."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
