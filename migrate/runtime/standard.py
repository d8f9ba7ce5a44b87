"""Values of the standard library that contain nothing mutable: one table, both directions.

Types are named, not imported: a value of :mod:`decimal` can only be met once that module is loaded, and the
data can only name what stands in this table.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..legacy.errors import MigrateError
from .decode import decode_items, expect, only
from .encode import encode_items
from .errors import DecodeError, EncodeError, within
from .resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from .decode import DecodeRun, TagDecoder
    from .encode import Encoder, EncodeRun, Value, Wire

standard = cache(resolve)
"""A class of the standard library, by a name that stands in our source."""


class Standard(NamedTuple):
    """One tag: the types that it stands for, and its two directions."""

    tag: str
    types: tuple[str, ...]
    encode: Encoder
    decode: TagDecoder
    keys: tuple[str, ...] = ()
    """Members that may stand beside the tag."""


class Plain(NamedTuple):
    """The form of a type in a typed place, a JSON string."""

    write: Callable[[Any], str | None]
    """The text, or None for a value that needs its tag."""
    read: Callable[[str], Any]


def checked(entry: Standard) -> TagDecoder:
    """Return the decoder of ``entry``; a value outside its type's range is an error of the data."""

    def decode(wire: dict[str, Wire], run: DecodeRun) -> Value:
        only(wire, entry.tag, *entry.keys)
        return in_range(entry.decode, wire, run)

    return decode


def in_range(read: Callable[..., Any], *args: Value) -> Value:
    """``read(*args)``; what the constructors of the standard library raise becomes ``bad-value``."""
    try:
        return read(*args)
    except MigrateError:
        raise
    except (ValueError, TypeError, OverflowError, ArithmeticError, LookupError, re.error) as error:
        raise DecodeError(f"{type(error).__name__}: {error}", reason="bad-value") from error
    except NotImplementedError as error:  # a WindowsPath on another system
        raise DecodeError(str(error), reason="bad-value") from error


# --- numbers ------------------------------------------------------------------------------------


def _write_complex(value: complex, run: EncodeRun) -> Wire:
    return {"$complex": [run.any(value.real), run.any(value.imag)]}


def _read_complex(wire: Wire, run: DecodeRun) -> complex:
    real, imag = decode_items(expect(wire["$complex"], list), run)
    return complex(expect(real, float), expect(imag, float))


def _write_decimal(value: Value, _run: EncodeRun) -> Wire:
    return {"$decimal": str(value)}


def _read_decimal(wire: Wire, _run: DecodeRun) -> Value:
    return standard("decimal:Decimal")(expect(wire["$decimal"], str))


def _write_fraction(value: Value, run: EncodeRun) -> Wire:
    return {"$fraction": encode_items((value.numerator, value.denominator), run)}


def _read_fraction(wire: Wire, run: DecodeRun) -> Value:
    numerator, denominator = decode_items(expect(wire["$fraction"], list), run)
    return standard("fractions:Fraction")(expect(numerator, int), expect(denominator, int))


def _write_range(value: range, run: EncodeRun) -> Wire:
    return {"$range": encode_items((value.start, value.stop, value.step), run)}


def _read_range(wire: Wire, run: DecodeRun) -> range:
    start, stop, step = decode_items(expect(wire["$range"], list), run)
    return range(start, stop, step)


def _write_slice(value: slice, run: EncodeRun) -> Wire:
    return {"$slice": encode_items((value.start, value.stop, value.step), run)}


def _read_slice(wire: Wire, run: DecodeRun) -> slice:
    start, stop, step = decode_items(expect(wire["$slice"], list), run)
    return slice(start, stop, step)


# --- time ---------------------------------------------------------------------------------------


def _with_zone(body: dict[str, Wire], value: Value, run: EncodeRun) -> Wire:
    if value.tzinfo is not None:
        try:
            body["tz"] = run.any(value.tzinfo)
        except MigrateError as error:
            raise within(error, ".tzinfo")  # noqa: B904
    if value.fold:
        body["fold"] = value.fold
    return body


def _in_zone(value: Value, wire: Wire, run: DecodeRun) -> Value:
    if value.tzinfo is not None:
        raise DecodeError("the offset belongs in 'tz'", reason="bad-value")
    fold = wire.get("fold", 0)
    return value.replace(tzinfo=run.any(wire["tz"]) if "tz" in wire else None, fold=expect(fold, int))


def _write_datetime(value: Value, run: EncodeRun) -> Wire:
    return _with_zone({"$datetime": value.replace(tzinfo=None).isoformat()}, value, run)


def _read_datetime(wire: Wire, run: DecodeRun) -> Value:
    return _in_zone(standard("datetime:datetime").fromisoformat(wire["$datetime"]), wire, run)


def _write_date(value: Value, _run: EncodeRun) -> Wire:
    return {"$date": value.isoformat()}


def _read_date(wire: Wire, _run: DecodeRun) -> Value:
    return standard("datetime:date").fromisoformat(wire["$date"])


def _write_time(value: Value, run: EncodeRun) -> Wire:
    return _with_zone({"$time": value.replace(tzinfo=None).isoformat()}, value, run)


def _read_time(wire: Wire, run: DecodeRun) -> Value:
    return _in_zone(standard("datetime:time").fromisoformat(wire["$time"]), wire, run)


def _write_timedelta(value: Value, _run: EncodeRun) -> Wire:
    return {"$timedelta": [value.days, value.seconds, value.microseconds]}


def _read_timedelta(wire: Wire, _run: DecodeRun) -> Value:
    days, seconds, microseconds = expect(wire["$timedelta"], list)
    return standard("datetime:timedelta")(expect(days, int), expect(seconds, int), expect(microseconds, int))


def _write_timezone(value: Value, run: EncodeRun) -> Wire:
    if value is standard("datetime:timezone").utc:
        return {"$timezone": "UTC"}
    offset, *name = value.__getinitargs__()
    seconds = offset.days * 86_400 + offset.seconds
    return {"$timezone": [seconds, offset.microseconds, run.any(name[0]) if name else None]}


def _read_timezone(wire: Wire, run: DecodeRun) -> Value:
    timezone = standard("datetime:timezone")
    if wire["$timezone"] == "UTC":
        return timezone.utc
    seconds, microseconds, name = decode_items(expect(wire["$timezone"], list), run)
    offset = standard("datetime:timedelta")(seconds=seconds, microseconds=microseconds)
    return timezone(offset) if name is None else timezone(offset, expect(name, str))


def _write_zoneinfo(value: Value, _run: EncodeRun) -> Wire:
    try:
        value.__reduce__()  # refuses zones that were read from a file, which have no name to find them by
    except Exception as error:
        raise EncodeError(f"this time zone has no name: {error}", reason="not-restorable") from error
    if value.key not in _zones():
        raise EncodeError(
            f"zoneinfo.available_timezones() does not list {value.key!r}", reason="not-restorable"
        )
    return {"$zoneinfo": value.key}


def _write_struct_time(value: Value, run: EncodeRun) -> Wire:
    numbers, (zone, offset) = tuple(value), (value.tm_zone, value.tm_gmtoff)
    if not ({*map(type, numbers)} <= {int} and type(zone) in _ZONE and type(offset) in _OFFSET):
        raise EncodeError("a struct_time of something else than numbers", reason="not-restorable")
    items = encode_items(numbers, run)
    if zone is None and offset is None:
        return {"$structtime": items}
    return {"$structtime": items, "zone": encode_items((zone, offset), run)}


_ZONE, _OFFSET = (str, type(None)), (int, type(None))


def _read_struct_time(wire: Wire, run: DecodeRun) -> Value:
    numbers = decode_items(expect(wire["$structtime"], list), run)
    zone, offset = decode_items(expect(wire.get("zone", [None, None]), list), run)
    if not ({*map(type, numbers)} <= {int} and type(zone) in _ZONE and type(offset) in _OFFSET):
        raise DecodeError("a struct_time of something else than numbers", reason="bad-value")
    if len(numbers) != 9:
        raise DecodeError(f"a struct_time of {len(numbers)} numbers, not 9", reason="bad-value")
    return standard("time:struct_time")(numbers, {"tm_zone": zone, "tm_gmtoff": offset})


@cache
def _zones() -> frozenset[str]:
    """Return the keys that exist: ``ZoneInfo(key)`` itself looks any key up as a package and as a file.

    Takes about 20 ms, when the first zone is met.
    """
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _read_zoneinfo(wire: Wire, _run: DecodeRun) -> Value:
    key = expect(wire["$zoneinfo"], str)
    if key not in _zones():
        raise DecodeError(f"no time zone {key[:60]!r} in this system's database", reason="bad-value")
    return standard("zoneinfo:ZoneInfo")(key)


# --- names --------------------------------------------------------------------------------------


def _write_uuid(value: Value, _run: EncodeRun) -> Wire:
    body: dict[str, Wire] = {"$uuid": str(value)}
    if value.is_safe.value is not None:
        body["safe"] = value.is_safe.value
    return body


def _read_uuid(wire: Wire, _run: DecodeRun) -> Value:
    safety = standard("uuid:SafeUUID")(wire.get("safe"))
    return standard("uuid:UUID")(expect(wire["$uuid"], str), is_safe=safety)


_PATHS = ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")


def _write_path(value: Value, run: EncodeRun) -> Wire:
    return {"$path": run.any(str(value)), "type": type(value).__name__}


def _read_path(wire: Wire, run: DecodeRun) -> Value:
    return standard(f"pathlib:{_one_of(_PATHS, wire)}")(expect(run.any(wire["$path"]), str))


_ADDRESSES = ("IPv4Address", "IPv4Interface", "IPv4Network", "IPv6Address", "IPv6Interface", "IPv6Network")


def _write_ip(value: Value, _run: EncodeRun) -> Wire:
    return {"$ip": str(value), "type": type(value).__name__}


def _read_ip(wire: Wire, _run: DecodeRun) -> Value:
    return standard(f"ipaddress:{_one_of(_ADDRESSES, wire)}")(expect(wire["$ip"], str))


def _one_of(names: tuple[str, ...], wire: Wire) -> str:
    name = wire.get("type")
    if name not in names:
        raise DecodeError(f"unknown type {name!r}; known are {', '.join(names)}", reason="unknown-tag")
    return str(name)


_FLAGS = int(re.ASCII | re.IGNORECASE | re.LOCALE | re.MULTILINE | re.DOTALL | re.UNICODE | re.VERBOSE)


def _write_pattern(value: re.Pattern[Any], run: EncodeRun) -> Wire:
    if value.flags & ~_FLAGS:
        raise EncodeError("a pattern compiled with re.DEBUG prints when it is restored")
    return {"$pattern": run.any(value.pattern), "flags": value.flags}


def _read_pattern(wire: Wire, run: DecodeRun) -> Value:
    flags = expect(wire.get("flags", 0), int)
    if flags & ~_FLAGS:
        raise DecodeError(
            f"flags {flags:#x} of a pattern: re.DEBUG would print, others are not known", reason="bad-value"
        )
    return re.compile(run.any(wire["$pattern"]), flags)


_CONSTANTS = {"Ellipsis": ..., "NotImplemented": NotImplemented}


def _write_constant(value: Value, _run: EncodeRun) -> Wire:
    return {"$constant": "Ellipsis" if value is ... else "NotImplemented"}


def _read_constant(wire: Wire, _run: DecodeRun) -> Value:
    return _CONSTANTS[wire["$constant"]]


TABLE: tuple[Standard, ...] = (
    Standard("$complex", ("builtins:complex",), _write_complex, _read_complex),
    Standard("$decimal", ("decimal:Decimal",), _write_decimal, _read_decimal),
    Standard("$fraction", ("fractions:Fraction",), _write_fraction, _read_fraction),
    Standard("$range", ("builtins:range",), _write_range, _read_range),
    Standard("$slice", ("builtins:slice",), _write_slice, _read_slice),
    Standard("$datetime", ("datetime:datetime",), _write_datetime, _read_datetime, ("tz", "fold")),
    Standard("$date", ("datetime:date",), _write_date, _read_date),
    Standard("$time", ("datetime:time",), _write_time, _read_time, ("tz", "fold")),
    Standard("$timedelta", ("datetime:timedelta",), _write_timedelta, _read_timedelta),
    Standard("$timezone", ("datetime:timezone",), _write_timezone, _read_timezone),
    Standard("$structtime", ("time:struct_time",), _write_struct_time, _read_struct_time, ("zone",)),
    Standard("$zoneinfo", ("zoneinfo:ZoneInfo",), _write_zoneinfo, _read_zoneinfo),
    Standard("$uuid", ("uuid:UUID",), _write_uuid, _read_uuid, ("safe",)),
    Standard("$path", tuple(f"pathlib:{n}" for n in _PATHS), _write_path, _read_path, ("type",)),
    Standard("$ip", tuple(f"ipaddress:{n}" for n in _ADDRESSES), _write_ip, _read_ip, ("type",)),
    Standard("$pattern", ("re:Pattern",), _write_pattern, _read_pattern, ("flags",)),
    Standard(
        "$constant", ("builtins:ellipsis", "builtins:NotImplementedType"), _write_constant, _read_constant
    ),
)

STANDARD_TAGS: dict[str, TagDecoder] = {entry.tag: checked(entry) for entry in TABLE}
_BY_TYPE = {name: entry for entry in TABLE for name in entry.types}


def entry_of(cls: type) -> Standard | None:
    """Return the entry of exactly this class."""
    module = cls.__module__.partition("._")[0]  # pathlib._local in 3.13
    entry = _BY_TYPE.get(f"{module}:{cls.__qualname__}")
    if entry is None or module == "builtins":
        return entry
    return entry if standard(f"{module}:{cls.__qualname__}") is cls else None


# --- typed places -------------------------------------------------------------------------------


def _plain_datetime(value: Value) -> str | None:
    zone = value.tzinfo
    if value.fold or not (zone is None or zone is standard("datetime:timezone").utc):
        return None
    text: str = value.isoformat()
    return text


def _plain_time(value: Value) -> str | None:
    return None if value.fold or value.tzinfo is not None else value.isoformat()


def _decimal(text: str) -> Value:
    return standard("decimal:Decimal")(text)


def _uuid(text: str) -> Value:
    return standard("uuid:UUID")(text)


def _plain_uuid(value: Value) -> str | None:
    return str(value) if value.is_safe.value is None else None


PLAIN: dict[str, Plain] = {
    "datetime:datetime": Plain(
        _plain_datetime, lambda text: standard("datetime:datetime").fromisoformat(text)
    ),
    "datetime:date": Plain(
        lambda value: str(value.isoformat()), lambda text: standard("datetime:date").fromisoformat(text)
    ),
    "datetime:time": Plain(_plain_time, lambda text: standard("datetime:time").fromisoformat(text)),
    "decimal:Decimal": Plain(str, _decimal),
    "uuid:UUID": Plain(_plain_uuid, _uuid),
}
"""Types that are a JSON string in a place declared as them."""
