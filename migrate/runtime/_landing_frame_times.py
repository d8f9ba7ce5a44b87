"""pandas' timestamps, durations, periods, intervals and offsets as pickles store them. Needs no pandas.

The layouts are those of pandas 0.20 to 3.1 (``pandas/_libs/tslibs``): the arguments are whole numbers of a
unit, offsets, and time zones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..legacy.calls import Shape, name_of, shape_of, text_of
from ..legacy.records import Call, Dict, Record
from ._landing_rules import Rule, is_empty, wrong
from .offsets import OFFSETS, STEPS, offset_form

if TYPE_CHECKING:
    from ._landing_run import LandingRun, Place, Wire

_NAT: Final = -(2**63)
_NANOSECONDS: Final = 10
_UNITS: Final = {7: "s", 8: "ms", 9: "us", 10: "ns"}
"""``NPY_DATETIMEUNIT``: the units that pandas has."""
MISSING: Final = {("pandas._libs.missing", "NA"): "NA", ("pandas", "NA"): "NA", ("pandas", "NaT"): "NaT"}
"""Constants that are stored by name."""


def attributes(state: Record) -> dict[str, Record]:
    """Return a state by name; an empty dict for one that is none."""
    if not isinstance(state, Dict):
        return {}
    return {text_of(key) or "": value for key, value in state.pairs}


def names(words: str) -> list[tuple[str, str]]:
    """Return modules and names of words such as ``pandas:Series``."""
    return [(module, name) for module, _, name in (word.partition(":") for word in words.split())]


# --- zones --------------------------------------------------------------------------------------


def put_zone(run: LandingRun, body: dict[str, Wire], record: Record, place: Place) -> None:
    """Write a time zone, unless it is None, as ``body["tz"]``: those of pytz by what they are made of."""
    if record is None:
        return
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name[0] != "pytz":
        run.put(body, "tz", record, place, ".tz")
        return
    args = tuple(text_of(arg) or arg for arg in shape.args)
    kinds = [*map(type, args)]
    if shape.name[1] in ("_UTC", "UTC") and not args:
        form: Wire = "UTC"
    elif (shape.name[1] == "FixedOffset" and kinds == [int]) or (shape.name[1] == "_p" and kinds == [str]):
        form = args[0]
    elif shape.name[1] == "_p" and kinds == [str, int, int, str]:
        form = [*args]
    else:
        wrong(run, shape, place)
    body["tz"] = {"$pytz": form}


# --- scalars ------------------------------------------------------------------------------------


def _moment(run: LandingRun, shape: Shape, place: Place, at: int) -> tuple[int, str]:
    """Return the number and the unit, which is the argument number ``at`` since pandas 2."""
    number = shape.args[0] if shape.args else None
    code = shape.args[at] if len(shape.args) > at else _NANOSECONDS
    unit = _UNITS.get(code, "") if type(code) is int else ""
    if type(number) is not int or not -(2**63) <= number < 2**63 or not unit or len(shape.args) > at + 1:
        wrong(run, shape, place)
    return number, unit


def _timestamp(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``_unpickle_timestamp(value, freq, tz, unit)``; the frequency is no part of it since pandas 2."""
    number, unit = _moment(run, shape, place, 3)
    if number == _NAT:
        return {"$pandas": "NaT"}
    body: dict[str, Wire] = {"$timestamp": number, "unit": unit}
    put_zone(run, body, shape.args[2] if len(shape.args) > 2 else None, place)
    return body


def _timedelta(run: LandingRun, shape: Shape, place: Place) -> Wire:
    number, unit = _moment(run, shape, place, 1)
    return {"$pandas": "NaT"} if number == _NAT else {"$pdtimedelta": number, "unit": unit}


def _nat(run: LandingRun, shape: Shape, place: Place) -> Wire:
    if not all(arg is None for arg in shape.args):
        wrong(run, shape, place)
    return {"$pandas": "NaT"}


def _period(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``Period(None, freq, ordinal)``."""
    args = shape.args
    if isinstance(shape.state, tuple) and not args:
        args = shape.state
    if len(args) != 3 or args[0] is not None or type(args[2]) is not int:
        wrong(run, shape, place)
    if args[2] == _NAT:
        return {"$pandas": "NaT"}
    return {"$period": args[2], "freq": land_offset(run, args[1], place)}


def _interval(run: LandingRun, shape: Shape, place: Place) -> Wire:
    closed = text_of(shape.args[2]) if len(shape.args) == 3 else None
    if closed is None:
        wrong(run, shape, place)
    return {"$interval": run.array(shape.args[:2], place), "closed": closed}


# --- offsets ------------------------------------------------------------------------------------


def land_offset(run: LandingRun, record: Record, place: Place) -> Wire:
    """Return the form of a frequency: an offset, or since pandas 2.2 the name of a dtype of periods."""
    text = text_of(record)
    if text is not None:
        return _named(run, text, place)
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name not in _OFFSETS:
        name = None if shape is None else shape.name
        if name is not None:
            run.unknown(name, place, called=True)
        run.bad("a frequency that is no offset", place)
    return _offset(run, shape, place)


def _named(run: LandingRun, text: str, place: Place) -> Wire:
    found = _PERIOD.fullmatch(text)
    name, _, anchor = (found[2] if found else "").partition("-")
    if name in _STEPS_BY_NAME and not anchor:
        kind, extra = _STEPS_BY_NAME[name], {}
    elif name == "W" and anchor in _DAYS:
        kind, extra = "Week", {"weekday": _DAYS.index(anchor)}
    elif name in ("Q", "Y", "A") and anchor in _MONTHS:
        kind = "QuarterEnd" if name == "Q" else "YearEnd"
        extra = {"startingMonth" if name == "Q" else "month": _MONTHS.index(anchor) + 1}
    else:
        run.bad(f"periods of an unknown frequency: {text[:60]!r}", place)
    return offset_form(kind, int(found[1] or 1) if found else 1, normalize=False, attributes=extra)


def _offset(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``MonthEnd(n, normalize, …)``; before pandas 1.1 the same as attributes, and always for DateOffset."""
    kind = shape.name[1]
    parameters = OFFSETS.get(kind, ())
    state = attributes(shape.state)
    given = dict(zip(("n", "normalize", *parameters), shape.args, strict=False))
    extra = shape.args[2 + len(parameters) :]
    if kind == "BusinessDay":
        extra = [part for part in (*extra, state.get("_offset")) if not _is_no_time(part)]
    if extra:
        run.bad(f"an offset {kind} with more than its numbers", place, reason="unsupported-type")
    keys = ("n", "normalize", *(STEPS if kind == "DateOffset" else parameters))
    kwds = attributes(state.get("kwds", None))
    given.update({key: value for source in (kwds, state) for key, value in source.items() if key in keys})
    try:
        return offset_form(kind, given.pop("n", 1), bool(given.pop("normalize", False)), given)
    except ValueError as error:
        run.bad(str(error), place, reason="unsupported-type")


def _is_no_time(record: Record) -> bool:
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None:
        return record is None
    return shape.name == ("datetime", "timedelta") and not any(shape.args) and is_empty(shape.state)


def name_in(record: Record) -> tuple[str, str]:
    """Return the name that ``record`` is, or one that nothing has."""
    return name_of(record) or ("", "")


_PERIOD: Final = re.compile(r"period\[([1-9][0-9]{0,8})?([A-Za-z]+(?:-[A-Z]{3})?)\]")
_STEPS_BY_NAME: Final = {
    "M": "MonthEnd",
    "D": "Day",
    "B": "BusinessDay",
    "h": "Hour",
    "H": "Hour",
    "min": "Minute",
    "T": "Minute",
    "s": "Second",
    "S": "Second",
    "ms": "Milli",
    "L": "Milli",
    "us": "Micro",
    "U": "Micro",
    "ns": "Nano",
    "N": "Nano",
}
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SLIBS: Final = "pandas._libs.tslibs"
_OFFSETS: Final = frozenset(
    (module, name)
    for module in (f"{_SLIBS}.offsets", "pandas.tseries.offsets", "pandas")
    for name in (*OFFSETS, "DateOffset")
)
_STATE: Final = frozenset(("state",))
TIMES_OF_PANDAS: Final = {
    **dict.fromkeys(
        names(
            f"{_SLIBS}.timestamps:_unpickle_timestamp {_SLIBS}.timestamps:Timestamp "
            "pandas._libs.tslib:Timestamp pandas.tslib:Timestamp pandas:Timestamp"
        ),
        Rule(_timestamp),
    ),
    **dict.fromkeys(
        names(
            f"{_SLIBS}.timedeltas:_timedelta_unpickle {_SLIBS}.timedeltas:Timedelta "
            "pandas._libs.tslib:Timedelta pandas.tslib:Timedelta pandas:Timedelta"
        ),
        Rule(_timedelta),
    ),
    **dict.fromkeys(
        names(
            f"{_SLIBS}.nattype:__nat_unpickle {_SLIBS}.nattype:_nat_unpickle "
            "pandas._libs.tslib:__nat_unpickle pandas.tslib:__nat_unpickle"
        ),
        Rule(_nat),
    ),
    **dict.fromkeys(
        names(f"{_SLIBS}.period:Period pandas._libs.period:Period pandas:Period"), Rule(_period, _STATE)
    ),
    **dict.fromkeys(names("pandas._libs.interval:Interval pandas:Interval"), Rule(_interval)),
    **dict.fromkeys(_OFFSETS, Rule(_offset, _STATE)),
}
