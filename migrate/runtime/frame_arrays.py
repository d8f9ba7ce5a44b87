"""Columns of pandas: arrays of numpy and pandas' own (categories, missing values, zones, periods …).

Inside of a frame, series or index they are part of it: nobody is told who else uses their memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import frame_index
from .arrays import compare_values, read_values, write_values
from .decode import decode_items, expect, only
from .encode import encode_items, numbered
from .errors import DecodeError, EncodeError
from .frame_scalars import checked, closed_of, decode_freq, encode_freq, encode_zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from .compare import Comparison
    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire

ExtensionArray = pd.api.extensions.ExtensionArray
_NUMPY = pd.arrays.NumpyExtensionArray if hasattr(pd.arrays, "NumpyExtensionArray") else pd.arrays.PandasArray
_TIMES = (pd.arrays.DatetimeArray, pd.arrays.TimedeltaArray)
_MASKED = (pd.arrays.IntegerArray, pd.arrays.FloatingArray, pd.arrays.BooleanArray)


def values_of(holder: Value) -> Value:
    """Return the values of a series or an index: an array of numpy, unless pandas needs one of its own."""
    array = holder.array
    return np.asarray(array) if type(array) is _NUMPY else array


# --- writing ------------------------------------------------------------------------------------


def encode_values(array: Value, run: EncodeRun) -> Wire:
    """Write a column, which belongs to what it stands in."""
    if type(array) is np.ndarray:
        return write_values(array, run)
    if type(array) in _TIMES and getattr(array.dtype, "tz", None) is None:
        return write_values(np.asarray(array), run)
    return _body(array, run)


def encode_array(array: Value, run: EncodeRun) -> Wire:
    """Write an array of pandas that stands for itself."""
    mark = run.meet(array)
    if type(mark) is dict:
        return mark
    run.verify = run.verify or run.sharing
    if getattr(array, "freq", None) is not None and type(array) in _TIMES:
        raise EncodeError(
            "an array of times with a frequency is not kept; an index is", reason="unsupported-type"
        )
    return numbered(_body(array, run), mark)


def _body(array: Value, run: EncodeRun) -> dict[str, Wire]:
    for kinds, write in _WRITERS:
        if type(array) in kinds:
            return write(array, run)
    if isinstance(array.dtype, pd.StringDtype):
        return _write_strings(array, run)
    raise EncodeError(
        f"a column of {type(array).__name__} ({array.dtype!s:.60}) has no form; convert it first (astype)",
        reason="unsupported-type",
    )


def _write_numpy(array: Value, run: EncodeRun) -> dict[str, Wire]:
    return {"$pdarray": "numpy", "values": write_values(np.asarray(array), run)}


def _write_masked(array: Value, run: EncodeRun) -> dict[str, Wire]:
    data, mask = write_values(array._data, run), write_values(array._mask, run)  # noqa: SLF001 - also what is masked
    return {"$pdarray": "masked", "values": data, "mask": mask}


def _write_strings(array: Value, run: EncodeRun) -> dict[str, Wire]:
    na = "NA" if array.dtype.na_value is pd.NA else "nan"
    items = array.to_numpy(object, na_value=None).tolist()
    if not {*map(type, items)} <= {str, type(None)}:
        run.verify = True
    return {
        "$pdarray": "string",
        "values": encode_items(items, run),
        "storage": array.dtype.storage,
        "na": na,
    }


def _write_categorical(array: Value, run: EncodeRun) -> dict[str, Wire]:
    run.verify = True
    body: dict[str, Wire] = {
        "$pdarray": "categorical",
        "codes": write_values(array.codes, run),
        "categories": frame_index.body(array.categories, run),
    }
    if array.ordered:
        body["ordered"] = True
    return body


def _write_times(array: Value, run: EncodeRun) -> dict[str, Wire]:
    zone = getattr(array.dtype, "tz", None)
    if zone is None:
        return {"$pdarray": "times", "values": write_values(np.asarray(array), run)}
    run.verify = True
    raw = array.asi8.view(f"M8[{array.dtype.unit}]")
    return {"$pdarray": "times", "values": write_values(raw, run), "tz": encode_zone(zone, run)}


def _write_periods(array: Value, run: EncodeRun) -> dict[str, Wire]:
    freq = encode_freq(array.freq, run)
    return {"$pdarray": "period", "values": write_values(array.asi8, run), "freq": freq}


def _write_intervals(array: Value, run: EncodeRun) -> dict[str, Wire]:
    run.verify = True
    left, right = frame_index.body(array.left, run), frame_index.body(array.right, run)
    return {"$pdarray": "interval", "left": left, "right": right, "closed": array.closed}


def _write_sparse(array: Value, run: EncodeRun) -> dict[str, Wire]:
    run.verify = True
    out = {
        "$pdarray": "sparse",
        "values": write_values(array.sp_values, run),
        "at": write_values(array.sp_index.to_int_index().indices, run),
        "length": len(array),
        "fill": run.any(array.fill_value),
    }
    if array.kind == "block":
        out["kind"] = "block"
    return out


_WRITERS: tuple[tuple[tuple[type, ...], Callable[[Value, EncodeRun], dict[str, Wire]]], ...] = (
    ((_NUMPY,), _write_numpy),
    (_MASKED, _write_masked),
    ((pd.Categorical,), _write_categorical),
    (_TIMES, _write_times),
    ((pd.arrays.PeriodArray,), _write_periods),
    ((pd.arrays.IntervalArray,), _write_intervals),
    ((pd.arrays.SparseArray,), _write_sparse),
)


# --- reading ------------------------------------------------------------------------------------


def decode_values(wire: Wire, run: DecodeRun) -> Value:
    """Read a column: an array of numpy with one axis, or one of pandas."""
    if type(wire) is dict:
        first = next(iter(wire), "")
        if first == "$ndarray":
            return read_values(wire, run)
        if first in ("$pdarray", "$ref"):
            made = run.any(wire)
            if isinstance(made, ExtensionArray):
                return made
    raise DecodeError("no array where the values of a column belong", reason="bad-value")


def decode_array(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read an array of pandas, or a column."""
    kind = expect(wire["$pdarray"], str)
    entry = _READERS.get(kind)
    if entry is None:
        raise DecodeError(f"unknown kind of column: {kind[:60]!r}", reason="unknown-tag")
    members, read = entry
    only(wire, "$pdarray", *members)
    return run.remember(wire, read(wire, run))


def _plain(wire: Wire, run: DecodeRun, kinds: str) -> Value:
    """Read an array of numpy whose elements are of one of ``kinds``."""
    made = decode_values(wire, run)
    if type(made) is not np.ndarray or made.dtype.kind not in kinds:
        raise DecodeError(f"an array of kind {kinds!r} belongs here", reason="bad-value")
    return made


def _read_numpy(wire: dict[str, Wire], run: DecodeRun) -> Value:
    return checked(_NUMPY, read_values(expect(wire.get("values"), dict), run))


def _read_masked(wire: dict[str, Wire], run: DecodeRun) -> Value:
    values, mask = _plain(wire.get("values"), run, "iufb"), _plain(wire.get("mask"), run, "b")
    kind = {"b": pd.arrays.BooleanArray, "f": pd.arrays.FloatingArray}.get(values.dtype.kind)
    return checked(kind or pd.arrays.IntegerArray, values, mask)


def string_dtype(storage: Wire, na: Wire) -> Value:
    """Return the dtype of texts, which has been given a second NA in pandas 2.3."""
    if storage not in ("python", "pyarrow") or na not in ("NA", "nan"):
        raise DecodeError("a column of texts of an unknown kind", reason="bad-value")
    if na == "NA":
        return checked(pd.StringDtype, storage)
    try:
        return checked(pd.StringDtype, storage, na_value=np.nan)
    except DecodeError as error:
        if "na_value" not in error.message:
            raise
        raise DecodeError("texts whose NA is nan need pandas 2.3", reason="missing-extra") from error


def _read_strings(wire: dict[str, Wire], run: DecodeRun) -> Value:
    items = decode_items(expect(wire.get("values"), list), run)
    if not all(item is None or isinstance(item, str) for item in items):
        raise DecodeError("something else in a column of texts", reason="bad-value")
    dtype = string_dtype(wire.get("storage"), wire.get("na"))
    content: Any = np.empty(len(items), object)
    content[:] = [dtype.na_value if item is None else item for item in items]
    return checked(pd.array, content, dtype=dtype)


def _read_categorical(wire: dict[str, Wire], run: DecodeRun) -> Value:
    codes, categories = (
        _plain(wire.get("codes"), run, "i"),
        frame_index.read_part(wire.get("categories"), run),
    )
    ordered = wire.get("ordered", False)
    dtype = checked(pd.CategoricalDtype, categories, ordered=expect(ordered, bool))
    return checked(pd.Categorical.from_codes, codes, dtype=dtype)


def _read_times(wire: dict[str, Wire], run: DecodeRun) -> Value:
    values = _plain(wire.get("values"), run, "Mm")
    if "tz" not in wire:
        return checked(pd.array, values)
    if values.dtype.kind != "M":
        raise DecodeError("durations are in no time zone", reason="bad-value")
    zone = run.any(wire["tz"])
    return checked(lambda: pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(zone).array)


def _read_periods(wire: dict[str, Wire], run: DecodeRun) -> Value:
    freq = decode_freq(wire.get("freq"), run)
    values = _plain(wire.get("values"), run, "i")
    return checked(lambda: pd.arrays.PeriodArray(values, dtype=pd.PeriodDtype(freq)))


def _read_intervals(wire: dict[str, Wire], run: DecodeRun) -> Value:
    left, right = frame_index.read_part(wire.get("left"), run), frame_index.read_part(wire.get("right"), run)
    return checked(pd.arrays.IntervalArray.from_arrays, left, right, closed=closed_of(wire.get("closed")))


def _read_sparse(wire: dict[str, Wire], run: DecodeRun) -> Value:
    values, places = decode_values(wire.get("values"), run), _plain(wire.get("at"), run, "i")
    length, kind = expect(wire.get("length"), int), wire.get("kind", "integer")
    if type(values) is not np.ndarray or len(values) != len(places) or kind not in ("integer", "block"):
        raise DecodeError("a sparse column that does not fit together", reason="bad-value")
    return checked(_make_sparse, values, places.astype("i4"), length, run.any(wire.get("fill")), kind)


def _make_sparse(values: Value, places: Value, length: int, fill: Value, kind: str) -> Value:
    dtype = pd.SparseDtype(values.dtype, fill)
    index = type(pd.arrays.SparseArray([0]).sp_index)(length, places)  # which checks the places
    if hasattr(pd.arrays.SparseArray, "from_indices"):  # pandas 3.1, which says that the other way will go
        return pd.arrays.SparseArray.from_indices(values, places, length, fill, kind, values.dtype)
    made = index if kind == "integer" else index.to_block_index()
    return pd.arrays.SparseArray(values, sparse_index=made, fill_value=fill, dtype=dtype)


_READERS: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], DecodeRun], Value]]] = {
    "numpy": (("values",), _read_numpy),
    "masked": (("values", "mask"), _read_masked),
    "string": (("values", "storage", "na"), _read_strings),
    "categorical": (("codes", "categories", "ordered"), _read_categorical),
    "times": (("values", "tz"), _read_times),
    "period": (("values", "freq"), _read_periods),
    "interval": (("left", "right", "closed"), _read_intervals),
    "sparse": (("values", "at", "length", "fill", "kind"), _read_sparse),
}


# --- exactness ----------------------------------------------------------------------------------


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> bool:
    """Note how two arrays of pandas of one class differ; False if this module knows nothing of it."""
    if type(a.dtype) is not type(b.dtype) or len(a) != len(b) or str(a.dtype) != str(b.dtype):
        comparison.differ(path, f"{a.dtype!s:.60} of {len(a)} is not {b.dtype!s:.60} of {len(b)}")
        return True
    parts = _parts(a)
    if parts is None:
        return False
    compare_parts(comparison, path, parts, _parts(b) or {})
    return True


def compare_parts(comparison: Comparison, path: str, left: dict[str, Any], right: dict[str, Any]) -> None:
    """Note how parts by name differ, which belong to what they stand in."""
    for name, x in left.items():
        y, here = right.get(name), f"{path}{name}"
        if type(x) is not type(y):
            comparison.differ(here, f"{type(x).__name__} is not {type(y).__name__}")
        elif type(x) is np.ndarray:
            compare_values(comparison, here, x, y)
        elif isinstance(x, pd.Index):
            frame_index.compare(comparison, here, x, y)
        elif not (isinstance(x, ExtensionArray) and compare(comparison, here, x, y)):
            comparison.keep(x, y)
            comparison.each([(here, x, y)])


def _parts(array: Value) -> dict[str, Any] | None:
    """Return all that makes an array of pandas what it is, by name."""
    kind = type(array)
    if kind is _NUMPY:
        return {"": np.asarray(array)}
    if kind in _MASKED:
        return {"": array._data, ".mask": array._mask}  # noqa: SLF001
    if kind is pd.Categorical:
        return {".codes": np.asarray(array.codes), ".categories": array.categories, ".ordered": array.ordered}
    if kind in _TIMES:
        zone, freq = getattr(array.dtype, "tz", None), getattr(array, "freq", None)
        return {"": array.asi8, ".tz": zone, ".freq": freq}
    if kind is pd.arrays.PeriodArray:
        return {"": array.asi8, ".freq": array.freq}
    if kind is pd.arrays.IntervalArray:
        return {".left": array.left, ".right": array.right, ".closed": array.closed}
    if kind is pd.arrays.SparseArray:
        return _sparse_parts(array)
    if isinstance(array.dtype, pd.StringDtype):
        kept = (array.dtype.storage, array.dtype.na_value)
        return {"": array.to_numpy(object, na_value=None), ".dtype": kept}
    return None


def _sparse_parts(array: Value) -> dict[str, Any]:
    index = array.sp_index
    places = {".at": index.to_int_index().indices}
    if array.kind == "block":
        places[".blocks"] = index.blocs
    return {"": array.sp_values, ".kind": array.kind, **places, ".fill_value": array.fill_value}


def is_column(cls: type) -> bool:
    """Whether ``cls`` is an array of pandas."""
    return issubclass(cls, ExtensionArray)
