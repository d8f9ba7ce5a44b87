"""pandas' indices: written by what they hold; the class follows from it, as in ``pandas.Index(values)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..legacy.errors import MigrateError
from . import frame_arrays
from .decode import decode_items, expect, only
from .encode import encode_items, numbered
from .errors import DecodeError, EncodeError, within
from .frame_scalars import checked, decode_freq, encode_freq, whole

if TYPE_CHECKING:
    from .compare import Comparison
    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire

_BY_VALUES = (
    *(pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.PeriodIndex),
    *(pd.CategoricalIndex, pd.IntervalIndex),
)
INDICES = (*_BY_VALUES, pd.RangeIndex, pd.MultiIndex)
_WITH_FREQ = (pd.DatetimeIndex, pd.TimedeltaIndex)


# --- writing ------------------------------------------------------------------------------------


def encode_index(value: Value, run: EncodeRun) -> Wire:
    """Write an index that stands for itself, or that several frames share."""
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    if run.sharing:
        run.verify = True
    return numbered(body(value, run), mark)


def body(value: Value, run: EncodeRun) -> dict[str, Wire]:
    """Return the form of an index."""
    if any(name[:1] != "_" and name != "sortorder" for name in value.__dict__):
        raise EncodeError("attributes that were set on an index are not kept", reason="not-restorable")
    if type(value) is pd.MultiIndex:
        return _multi(value, run)
    if type(value) is pd.RangeIndex:
        out: dict[str, Wire] = {"$rangeindex": [value.start, value.stop, value.step]}
    else:
        array = frame_arrays.values_of(value)
        out = {"$index": frame_arrays.encode_values(array, run)}
        if type(value) is not type(pd.Index(array[:0], dtype=array.dtype)):
            raise EncodeError(
                f"a {type(value).__name__} of {array.dtype} is not kept", reason="not-restorable"
            )
        if type(value) in _WITH_FREQ and value.freq is not None:
            out["freq"] = encode_freq(value.freq, run)
            run.verify = True
    if value.name is not None:
        out["name"] = _encode_name(value.name, run)
    return out


def _encode_name(name: Value, run: EncodeRun) -> Wire:
    try:
        return run.any(name)
    except MigrateError as error:
        raise within(error, ".name")  # noqa: B904 - the same error, on its way up


def _multi(value: Value, run: EncodeRun) -> dict[str, Wire]:
    run.verify = True
    levels = [body(level.rename(None), run) for level in value.levels]
    codes = [frame_arrays.encode_values(np.asarray(part), run) for part in value.codes]
    out: dict[str, Wire] = {"$multiindex": levels, "codes": codes, "names": encode_items([*value.names], run)}
    if value.sortorder is not None:
        out["sortorder"] = value.sortorder
    return out


# --- reading ------------------------------------------------------------------------------------


def read_part(wire: Wire, run: DecodeRun) -> Value:
    """Read an index that is a part of another value."""
    made = run.any(wire) if type(wire) is dict else None
    if not isinstance(made, pd.Index):
        raise DecodeError("no index where one belongs", reason="bad-value")
    return made


def decode_index(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an index of values."""
    only(wire, "$index", "name", "freq")
    values = frame_arrays.decode_values(wire["$index"], run)
    if values.dtype == object:
        run.hashing.check_all(values)
    made = checked(pd.Index, values, dtype=values.dtype, name=run.any(wire.get("name")))
    if "freq" in wire:
        if type(made) not in _WITH_FREQ:
            raise DecodeError("only times have a frequency", reason="bad-value")
        checked(setattr, made, "freq", decode_freq(wire["freq"], run))
    return run.remember(wire, made)


def decode_range(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an index of evenly spaced numbers."""
    only(wire, "$rangeindex", "name")
    parts = [whole(part) for part in expect(wire["$rangeindex"], list)]
    if len(parts) != 3:
        raise DecodeError("a range has start, stop and step", reason="bad-value")
    return run.remember(wire, checked(pd.RangeIndex, *parts, name=run.any(wire.get("name"))))


def decode_multi(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an index of several levels; pandas checks the codes."""
    only(wire, "$multiindex", "codes", "names", "sortorder")
    levels = [read_part(level, run) for level in expect(wire["$multiindex"], list)]
    codes = [frame_arrays.decode_values(part, run) for part in expect(wire.get("codes"), list)]
    names = decode_items(expect(wire.get("names"), list), run)
    if not all(type(part) is np.ndarray and part.dtype.kind == "i" for part in codes):
        raise DecodeError("the codes of an index are whole numbers", reason="bad-value")
    sortorder = wire.get("sortorder")
    if sortorder is not None:
        expect(sortorder, int)
    made = checked(pd.MultiIndex, levels, codes, names=names, sortorder=sortorder)
    return run.remember(wire, made)


# --- exactness ----------------------------------------------------------------------------------


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> None:
    """Note how two indices of one class differ."""
    frame_arrays.compare_parts(comparison, path, _parts(a), _parts(b))


def _parts(index: Value) -> dict[str, Any]:
    if type(index) is pd.MultiIndex:
        levels = {f".levels[{i}]": level.rename(None) for i, level in enumerate(index.levels)}
        codes = {f".codes[{i}]": np.asarray(part) for i, part in enumerate(index.codes)}
        return {**levels, **codes, ".names": [*index.names], ".sortorder": index.sortorder}
    if type(index) is pd.RangeIndex:
        content: dict[str, Any] = {".range": range(index.start, index.stop, index.step)}
        content[".stop"] = index.stop  # ranges with the same elements are equal
    else:
        content = {"": frame_arrays.values_of(index)}
    freq = index.freq if type(index) in _WITH_FREQ else None
    return {**content, ".freq": freq, ".name": index.name}
