"""pandas' scalars: timestamps, durations, periods, intervals, offsets, NaT and NA, and zones of pytz.

Points in time are written as pandas keeps them: a whole number of their unit, since 1970 in UTC.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..legacy.errors import MigrateError
from .decode import expect, only
from .errors import DecodeError, EncodeError, within
from .offsets import OFFSETS, STEPS, offset_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from .compare import Comparison
    from .decode import DecodeRun
    from .encode import Encoder, EncodeRun, Value, Wire

NAT, NA = type(pd.NaT), type(pd.NA)
UNITS = ("s", "ms", "us", "ns")
CLOSED = ("left", "right", "both", "neither")


def checked(make: Callable[..., Any], *args: Value, **options: Value) -> Value:
    """``make(*args)``; what pandas refuses is an error of the data."""
    try:
        return make(*args, **options)
    except (MigrateError, RecursionError, MemoryError):
        raise
    except ImportError as error:
        raise DecodeError(f"pandas needs another library for it: {error}", reason="missing-extra") from error
    except Exception as error:
        raise DecodeError(f"{type(error).__name__}: {error}", reason="bad-value") from error


def whole(wire: Wire) -> int:
    """Return a number that a unit can count."""
    number: int = expect(wire, int)
    if not -(2**63) <= number < 2**63:
        raise DecodeError("a number of more than 64 bits", reason="bad-value")
    return number


def unit_of(wire: Wire) -> Any:
    """Return a unit of time that pandas has."""
    if type(wire) is not str or wire not in UNITS:
        raise DecodeError(f"a unit that pandas does not have: {wire!r:.60}", reason="bad-value")
    return wire


# --- zones --------------------------------------------------------------------------------------


def encode_zone(zone: Value, run: EncodeRun) -> Wire:
    """Write a time zone: those of pytz by name, which pandas before 3 uses for every name."""
    try:
        form = _pytz_form(zone)
        return run.any(zone) if form is None else {"$pytz": form}
    except MigrateError as error:
        raise within(error, ".tz")  # noqa: B904 - the same error, on its way up


def _pytz_form(zone: Value) -> Wire:
    pytz = sys.modules.get("pytz")
    if pytz is None or type(zone).__module__.partition(".")[0] != "pytz":
        return None
    if zone is pytz.UTC:
        return "UTC"
    function, args = zone.__reduce__()
    if function is pytz.FixedOffset:
        return args[0]
    name = getattr(zone, "zone", None)
    if name not in pytz.all_timezones_set:
        raise EncodeError(f"pytz does not list {name!r}", reason="not-restorable")
    return name if zone is pytz.timezone(name) else list(args)


def decode_pytz(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    """Read a zone of pytz: its name, minutes, or name, offsets and abbreviation of a moment."""
    only(wire, "$pytz")
    try:
        import pytz
        from pytz.tzinfo import unpickler
    except ImportError as error:
        raise DecodeError(
            "the record has a time zone of pytz: pip install pytz", reason="missing-extra"
        ) from error
    form = wire["$pytz"]
    if type(form) is int:
        return checked(pytz.FixedOffset, form)
    moment = type(form) is list and [*map(type, form)] == [str, int, int, str]
    name = form[0] if moment else form
    if type(name) is not str or name not in pytz.all_timezones_set:
        raise DecodeError(f"pytz has no zone {name!r:.60}", reason="bad-value")
    return checked(unpickler, *form) if moment else pytz.timezone(name)


# --- times --------------------------------------------------------------------------------------


def _encode_timestamp(value: Value, run: EncodeRun) -> Wire:
    body: dict[str, Wire] = {"$timestamp": int(value.asm8.view("i8")), "unit": value.unit}
    if value.tzinfo is not None:
        body["tz"] = encode_zone(value.tzinfo, run)
        run.verify = True  # a zone may be another one in the next release of its database
    elif value.fold:
        raise EncodeError("a timestamp with a fold and without a zone is not kept", reason="not-restorable")
    return body


def decode_timestamp(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read a timestamp."""
    only(wire, "$timestamp", "unit", "tz")
    moment = np.datetime64(whole(wire["$timestamp"]), unit_of(wire.get("unit")))
    made = checked(pd.Timestamp, moment)
    if made is pd.NaT:
        raise DecodeError("a timestamp that is none", reason="bad-value")
    if "tz" in wire:
        zone = run.any(wire["tz"])
        made = checked(lambda: made.tz_localize("UTC").tz_convert(zone))
    return made


def _encode_timedelta(value: Value, _run: EncodeRun) -> Wire:
    return {"$pdtimedelta": int(value.asm8.view("i8")), "unit": value.unit}


def decode_timedelta(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    """Read a duration."""
    only(wire, "$pdtimedelta", "unit")
    made = checked(pd.Timedelta, np.timedelta64(whole(wire["$pdtimedelta"]), unit_of(wire.get("unit"))))
    if made is pd.NaT:
        raise DecodeError("a duration that is none", reason="bad-value")
    return made


def _encode_period(value: Value, run: EncodeRun) -> Wire:
    return {"$period": value.ordinal, "freq": encode_freq(value.freq, run)}


def decode_period(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read a period: how many of its frequency since 1970."""
    only(wire, "$period", "freq")
    return checked(pd.Period, ordinal=whole(wire["$period"]), freq=decode_freq(wire.get("freq"), run))


def _encode_interval(value: Value, run: EncodeRun) -> Wire:
    return {"$interval": [run.any(value.left), run.any(value.right)], "closed": value.closed}


def decode_interval(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an interval."""
    only(wire, "$interval", "closed")
    ends = expect(wire["$interval"], list)
    if len(ends) != 2:
        raise DecodeError("an interval has two ends", reason="bad-value")
    return checked(pd.Interval, run.any(ends[0]), run.any(ends[1]), closed=closed_of(wire.get("closed")))


def closed_of(wire: Wire) -> str:
    """Return which ends belong to an interval."""
    if type(wire) is not str or wire not in CLOSED:
        raise DecodeError(f"{wire!r:.60} does not say which ends belong to it", reason="bad-value")
    return wire


def _encode_missing(value: Value, _run: EncodeRun) -> Wire:
    return {"$pandas": "NaT" if value is pd.NaT else "NA"}


def decode_missing(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    """Read NaT or NA."""
    only(wire, "$pandas")
    if wire["$pandas"] == "NaT":
        return pd.NaT
    if wire["$pandas"] == "NA":
        return pd.NA
    raise DecodeError(f"not a constant of pandas: {wire['$pandas']!r:.60}", reason="bad-value")


# --- offsets ------------------------------------------------------------------------------------


def encode_freq(value: Value, run: EncodeRun) -> Wire:
    """Write a frequency, which is an offset."""
    try:
        return _encode_offset(value, run)
    except MigrateError as error:
        raise within(error, ".freq")  # noqa: B904


def _encode_offset(value: Value, _run: EncodeRun) -> Wire:
    name = type(value).__name__
    if getattr(pd.offsets, name, None) is not type(value):
        raise EncodeError(f"an offset of a class of its own: {name}", reason="unsupported-type")
    names = STEPS if name == "DateOffset" else OFFSETS.get(name, ())
    attributes = {key: getattr(value, key) for key in names if hasattr(value, key)}
    if name == "DateOffset":
        attributes = dict(value.kwds)
    try:
        form = offset_form(name, value.n, value.normalize, attributes)
        again = _make_offset(form)
    except (ValueError, DecodeError) as error:
        raise EncodeError(str(error), reason="unsupported-type") from error
    if again != value or again.normalize != value.normalize or again.kwds != value.kwds:
        raise EncodeError(f"{value!r:.80} would not come back equal", reason="not-restorable")
    return form


def decode_freq(wire: Wire, run: DecodeRun) -> Value:
    """Read a frequency."""
    if type(wire) is not dict or "$offset" not in wire:
        raise DecodeError("a frequency is an offset", reason="bad-value")
    return decode_offset(wire, run)


def decode_offset(wire: dict[str, Wire], _run: DecodeRun) -> Value:
    """Read an offset of the closed table."""
    return _make_offset(wire)


def _make_offset(wire: dict[str, Wire]) -> Value:
    name, n, normalize = expect(wire["$offset"], str), wire.get("n"), wire.get("normalize", False)
    attributes = {key: value for key, value in wire.items() if key not in ("$offset", "n", "normalize")}
    checked(offset_form, name, n, normalize, attributes, tag=False)
    kind = getattr(pd.offsets, name, None)  # a name of the table
    if kind is None:
        raise DecodeError(f"this pandas has no offset {name}", reason="bad-value")
    return checked(kind, n, normalize, **attributes) if normalize else checked(kind, n, **attributes)


def is_offset(cls: type) -> bool:
    """Whether ``cls`` is a class of offsets."""
    return issubclass(cls, pd.tseries.offsets.BaseOffset)


ENCODERS: dict[type, Encoder] = {
    pd.Timestamp: _encode_timestamp,
    pd.Timedelta: _encode_timedelta,
    pd.Period: _encode_period,
    pd.Interval: _encode_interval,
    NAT: _encode_missing,
    NA: _encode_missing,
}


def encoder_of(cls: type) -> Encoder | None:
    """Return the encoder of scalars that are exactly of ``cls``."""
    return ENCODERS.get(cls) or (_encode_offset if is_offset(cls) else None)


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> None:
    """Note how two scalars of one class differ."""
    cls = type(a)
    if cls in (pd.Timestamp, pd.Timedelta):
        same = a.unit == b.unit and a.asm8.view("i8") == b.asm8.view("i8")
        if cls is pd.Timestamp:
            same = same and a.fold == b.fold
            comparison.each([(f"{path}.tz", a.tzinfo, b.tzinfo)])
    elif cls is pd.Period:
        same = a.ordinal == b.ordinal
        comparison.each([(f"{path}.freq", a.freq, b.freq)])
    elif cls is pd.Interval:
        same = a.closed == b.closed
        comparison.each([(f"{path}.left", a.left, b.left), (f"{path}.right", a.right, b.right)])
    elif is_offset(cls):
        same = (a.n, a.normalize) == (b.n, b.normalize) and _parameters(a) == _parameters(b)
    else:
        same = a is b
    if not same:
        comparison.differ(path, f"{a!r:.80} is not {b!r:.80}")


def _parameters(offset: Value) -> Any:
    names = [name for name in offset._attributes if hasattr(offset, name)]  # noqa: SLF001 - what pandas compares by
    return sorted((name, repr(getattr(offset, name))) for name in names), repr(offset.kwds)
