"""Numbers, paths, addresses, patterns and the like as pickles store them, in the wire format."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final

from ..legacy.calls import Shape, called_bytes, text_of
from ..legacy.records import ByteString, Call, Dict
from ._landing_rules import Rule, is_int, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._landing_run import LandingRun, Place, Wire

_DECIMAL = re.compile(
    r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,19})?|inf(?:inity)?|s?nan\d*)", re.I | re.A
)
_FRACTION = re.compile(r"[+-]?\d{1,4300}(?:/\d{1,4300})?", re.A)
_PATTERN_FLAGS: Final = 0x1FF & ~0x80
"""All flags of :mod:`re` but DEBUG, which prints."""


def _decimal(run: LandingRun, shape: Shape, place: Place) -> Wire:
    text = text_of(shape.args[0]) if len(shape.args) == 1 else None
    if text is None or not _DECIMAL.fullmatch(text):
        wrong(run, shape, place)
    run.spend(len(text), place)
    return {"$decimal": text}


def _fraction(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``Fraction("1/3")``, and since Python 3.11 ``Fraction(1, 3)``."""
    parts = list(shape.args)
    text = text_of(parts[0]) if len(parts) == 1 else None
    if text is not None and _FRACTION.fullmatch(text):
        numerator, _, denominator = text.partition("/")
        parts = [int(numerator), int(denominator or 1)]
    if len(parts) != 2 or not all(map(is_int, parts)) or parts[1] == 0:
        wrong(run, shape, place)
    return {"$fraction": run.array(parts, place)}


def _uuid(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """Take an instance whose state is ``{"int": n}`` with, since Python 3.7, ``"is_safe"``."""
    if shape.args or shape.call or not isinstance(shape.state, Dict):
        wrong(run, shape, place)
    state = {text_of(key): value for key, value in shape.state.pairs if text_of(key) is not None}
    number, safe = state.pop("int", None), state.pop("is_safe", None)
    if isinstance(safe, Call) and len(safe.args) == 1:  # SafeUUID(-1), in Python 3.7 before 3.7.1
        safe = safe.args[0]
    if state or type(number) is not int or not 0 <= number < 1 << 128 or safe not in _SAFETY:
        wrong(run, shape, place, "a state")
    digits = f"{number:032x}"
    parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
    body: dict[str, Wire] = {"$uuid": "-".join(parts)}
    if safe is not None:
        body["safe"] = safe
    return body


_SAFETY: Final = (None, 0, -1)


def _path(flavour: type[PurePosixPath | PureWindowsPath]) -> Callable[[LandingRun, Shape, Place], Wire]:
    def land(run: LandingRun, shape: Shape, place: Place) -> Wire:
        if not all(type(part) is str for part in shape.args):
            wrong(run, shape, place)
        body: dict[str, Wire] = {"$path": None, "type": shape.name[1]}
        run.put(body, "$path", str(flavour(*shape.args)), place, "")  # type: ignore[arg-type]  # checked above
        return body

    return land


def _address(cls: type) -> Callable[[LandingRun, Shape, Place], Wire]:
    def land(run: LandingRun, shape: Shape, place: Place) -> Wire:
        value = shape.args[0] if len(shape.args) == 1 else None
        if not (is_int(value) or (type(value) is str and len(value) < 200)):
            wrong(run, shape, place)
        try:
            return {"$ip": str(cls(value)), "type": shape.name[1]}
        except ValueError as error:
            run.bad(f"{shape.name[1]}: {error}", place)

    return land


def _pattern(run: LandingRun, shape: Shape, place: Place) -> Wire:
    pattern, flags = shape.args if len(shape.args) == 2 else (None, None)
    if isinstance(pattern, Call):
        pattern = called_bytes(pattern)
    if not isinstance(pattern, (str, bytes, ByteString)):
        wrong(run, shape, place)
    if type(flags) is not int or flags & ~_PATTERN_FLAGS:
        wrong(run, shape, place, "flags")
    body: dict[str, Wire] = {"$pattern": None, "flags": flags}
    run.put(body, "$pattern", pattern, place, "")
    return body


NAMES = {
    ("decimal", "Decimal"): Rule(_decimal),
    ("fractions", "Fraction"): Rule(_fraction),
    ("uuid", "UUID"): Rule(_uuid, frozenset(("state",))),
    ("re", "_compile"): Rule(_pattern),
    **{
        (module, name): Rule(_path(flavour))
        for module in ("pathlib", "pathlib._local")  # 3.13 has them in the second
        for flavour, names in (
            (PurePosixPath, ("PosixPath", "PurePosixPath")),
            (PureWindowsPath, ("WindowsPath", "PureWindowsPath")),
        )
        for name in names
    },
    **{
        ("ipaddress", cls.__name__): Rule(_address(cls))
        for cls in (
            *(ipaddress.IPv4Address, ipaddress.IPv4Interface, ipaddress.IPv4Network),
            *(ipaddress.IPv6Address, ipaddress.IPv6Interface, ipaddress.IPv6Network),
        )
    },
}
