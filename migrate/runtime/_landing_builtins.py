"""Values of builtin types that pickles store as calls, in the wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..legacy.calls import LATIN1, Shape, called_bytes, raw_of, text_of
from ..legacy.names import EXCEPTIONS
from ..legacy.python2 import modern_name
from ..legacy.records import ByteString
from ._landing_rules import Rule, elements, is_empty, is_int, wrong

if TYPE_CHECKING:
    from ._landing_run import LandingRun, Place, Wire


def _set(run: LandingRun, shape: Shape, place: Place) -> Wire:
    body = run.numbered(shape.origin, {"$set": None})
    body["$set"] = run.array(elements(run, shape, place), place)
    return body


def _frozenset(run: LandingRun, shape: Shape, place: Place) -> Wire:
    items = elements(run, shape, place)
    return run.frozen(shape.origin, {"$frozenset": run.array(items, place)}, items, place)


def _bytes(run: LandingRun, shape: Shape, place: Place) -> Wire:
    raw = called_bytes(shape.origin)
    if raw is None:
        wrong(run, shape, place)
    run.spend(len(raw) * 4 // 3, place)
    return {"$bytes": run.base64(shape.origin, raw)}


def _bytearray(run: LandingRun, shape: Shape, place: Place) -> Wire:
    raw: bytes | None = b""
    if len(shape.args) == 1:
        raw = raw_of(shape.args[0])
    elif len(shape.args) == 2:  # bytearray(text, "latin-1")
        text, encoding = shape.args[0], text_of(shape.args[1])
        if isinstance(text, ByteString):
            raw = text.raw
        else:
            raw = _latin1(text) if isinstance(text, str) and encoding in LATIN1 else None
    if raw is None or len(shape.args) > 2:
        wrong(run, shape, place)
    run.spend(len(raw) * 4 // 3, place)
    return run.numbered(shape.origin, {"$bytearray": run.base64(shape.origin, bytearray(raw))})


def _latin1(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _complex(run: LandingRun, shape: Shape, place: Place) -> Wire:
    if len(shape.args) != 2 or not all(type(a) in (int, float) for a in shape.args):
        wrong(run, shape, place)
    try:
        parts = [float(part) for part in shape.args]  # type: ignore[arg-type]  # checked above
    except OverflowError:
        wrong(run, shape, place)
    return {"$complex": run.array(parts, place)}


def _range(run: LandingRun, shape: Shape, place: Place) -> Wire:
    bounds = list(shape.args)
    if len(bounds) != 3 or not all(map(is_int, bounds)) or bounds[2] == 0:
        wrong(run, shape, place)
    return {"$range": run.array(bounds, place)}


def _slice(run: LandingRun, shape: Shape, place: Place) -> Wire:
    if len(shape.args) != 3:
        wrong(run, shape, place)
    return {"$slice": run.array(shape.args, place)}


def _type(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``type(None)``, the only way in which pickle stores a class by an instance that has a form here."""
    if shape.args != (None,):
        run.unknown(shape.name, place, called=True)
    return {"$class": "types.NoneType"}


def _exception(run: LandingRun, shape: Shape, place: Place) -> Wire:
    body: dict[str, Wire] = {"$exception": modern_name(*shape.name)[1]}
    body["args"] = run.array(shape.args, place)

    def rest() -> None:
        if not is_empty(shape.state):
            run.put(body, "state", shape.state, place, "")

    return run.made_whole(shape.origin, body, rest, place)


BUILTINS = {
    ("builtins", "set"): Rule(_set, frozenset(("items",))),
    ("builtins", "frozenset"): Rule(_frozenset, frozenset(("items",))),
    ("builtins", "bytes"): Rule(_bytes),
    ("_codecs", "encode"): Rule(_bytes),
    ("builtins", "bytearray"): Rule(_bytearray),
    ("builtins", "complex"): Rule(_complex),
    ("builtins", "range"): Rule(_range),
    ("builtins", "slice"): Rule(_slice),
    ("builtins", "type"): Rule(_type),
    **{("builtins", name): Rule(_exception, frozenset(("state",))) for name in EXCEPTIONS},
}
