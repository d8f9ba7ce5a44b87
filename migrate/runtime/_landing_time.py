"""Dates and times, which pickles store packed in bytes (``Modules/_datetimemodule.c``)."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from ..legacy.calls import Shape, raw_of, shape_of, text_of
from ..legacy.python2 import modern_name
from ..legacy.records import Call, Dict
from ._landing_rules import Rule, is_int, sequence, wrong

if TYPE_CHECKING:
    from ._landing_run import LandingRun, Place, Wire

_ZONE_KEY = re.compile(r"[A-Za-z0-9_+\-][A-Za-z0-9_+\-./]{0,254}")


def _clock(raw: bytes) -> tuple[int, int, int, int]:
    """Return hour, minute, second, microsecond of six bytes."""
    return raw[0], raw[1], raw[2], int.from_bytes(raw[3:6], "big")


def _zoned(run: LandingRun, body: dict[str, Wire], shape: Shape, fold: int, place: Place) -> Wire:
    if len(shape.args) == 2 and shape.args[1] is not None:
        run.put(body, "tz", shape.args[1], place, ".tzinfo")
    if fold:
        body["fold"] = 1
    return body


def _datetime(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """Ten bytes (year, month with fold in its highest bit, day, time), and a time zone."""
    raw = _state_bytes(run, shape, 10, place)
    fold, month = divmod(raw[2], 128)
    try:
        value = dt.datetime(int.from_bytes(raw[:2], "big"), month, raw[3], *_clock(raw[4:]))
    except ValueError as error:
        run.bad(f"datetime: {error}", place)
    return _zoned(run, {"$datetime": value.isoformat()}, shape, fold, place)


def _struct_time(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``struct_time(numbers, {"tm_zone": …, "tm_gmtoff": …})``; Python 2 leaves the dict empty."""
    numbers = sequence(shape.args[0]) if len(shape.args) in (1, 2) else None
    names = shape.args[1] if len(shape.args) == 2 else Dict()
    if numbers is None or len(numbers) != 9 or not all(map(is_int, numbers)) or not isinstance(names, Dict):
        wrong(run, shape, place)
    body: dict[str, Wire] = {"$structtime": run.array(numbers, place)}
    named = {text_of(key): value for key, value in names.pairs}
    zone, offset = named.pop("tm_zone", None), named.pop("tm_gmtoff", None)
    if named or not (zone is None or text_of(zone) is not None) or not (offset is None or is_int(offset)):
        wrong(run, shape, place)
    if zone is not None or offset is not None:
        body["zone"] = run.array((zone, offset), place)
    return body


def _date(run: LandingRun, shape: Shape, place: Place) -> Wire:
    raw = _state_bytes(run, shape, 4, place)
    try:
        value = dt.date(int.from_bytes(raw[:2], "big"), raw[2], raw[3])
    except ValueError as error:
        run.bad(f"date: {error}", place)
    return {"$date": value.isoformat()}


def _time(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """Six bytes, fold in the highest bit of the hour, and a time zone."""
    raw = _state_bytes(run, shape, 6, place)
    fold, hour = divmod(raw[0], 128)
    try:
        value = dt.time(hour, *_clock(raw)[1:])
    except ValueError as error:
        run.bad(f"time: {error}", place)
    return _zoned(run, {"$time": value.isoformat()}, shape, fold, place)


def _state_bytes(run: LandingRun, shape: Shape, size: int, place: Place) -> bytes:
    """Return the packed argument; ``pickle.loads(encoding="latin1")`` writes it again as text."""
    zones = 0 if size == 4 else 1
    raw = None
    if 1 <= len(shape.args) <= 1 + zones:
        first = shape.args[0]
        raw = first.encode("latin-1", "replace") if type(first) is str else raw_of(first)
    if raw is None or len(raw) != size:
        wrong(run, shape, place)
    return raw


def _delta(shape: Shape) -> dt.timedelta | None:
    if len(shape.args) > 3 or not all(type(a) is int and abs(a) < 2**63 for a in shape.args):
        return None
    days, seconds, microseconds = (*shape.args, 0, 0, 0)[:3]
    try:
        return dt.timedelta(days, seconds, microseconds)  # type: ignore[arg-type]  # checked above
    except OverflowError:
        return None


def _timedelta(run: LandingRun, shape: Shape, place: Place) -> Wire:
    value = _delta(shape)
    if value is None:
        wrong(run, shape, place)
    return {"$timedelta": [value.days, value.seconds, value.microseconds]}


def _timezone(run: LandingRun, shape: Shape, place: Place) -> Wire:
    offset = shape_of(shape.args[0]) if shape.args and isinstance(shape.args[0], Call) else None
    if offset is None or len(shape.args) > 2 or modern_name(*offset.name) != ("datetime", "timedelta"):
        wrong(run, shape, place)
    delta = _delta(offset)
    if delta is None or abs(delta) >= dt.timedelta(days=1):
        wrong(run, shape, place, "an offset")
    if len(shape.args) == 1:
        if not delta:
            return {"$timezone": "UTC"}
        return {"$timezone": [delta.days * 86_400 + delta.seconds, delta.microseconds, None]}
    name = shape.args[1]
    if type(name) is not str:
        wrong(run, shape, place, "a name")
    body: dict[str, Wire] = {"$timezone": [delta.days * 86_400 + delta.seconds, delta.microseconds, None]}
    run.put(body["$timezone"], 2, name, place, "")
    return body


def _zoneinfo(run: LandingRun, shape: Shape, place: Place) -> Wire:
    key = text_of(shape.args[0]) if 1 <= len(shape.args) <= 2 else None
    if key is None or not _ZONE_KEY.fullmatch(key) or ".." in key:
        wrong(run, shape, place, "a key")
    return {"$zoneinfo": key}


TIMES = {
    ("datetime", "datetime"): Rule(_datetime),
    ("datetime", "date"): Rule(_date),
    ("datetime", "time"): Rule(_time),
    ("datetime", "timedelta"): Rule(_timedelta),
    ("datetime", "timezone"): Rule(_timezone),
    ("time", "struct_time"): Rule(_struct_time),
    ("zoneinfo", "ZoneInfo._unpickle"): Rule(_zoneinfo),
}
