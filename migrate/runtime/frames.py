"""pandas' frames and series: encoded, decoded and compared. Imported when one of pandas' values is met.

Exact means: the same columns in the same order, of the same dtypes and values (NaN with its payload); the
same labels, names, frequencies, ``attrs`` and flags. How columns lie together in memory is not part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..legacy.errors import MigrateError
from . import frame_arrays, frame_index, frame_scalars
from .decode import expect, only
from .encode import numbered, step_of
from .errors import DecodeError, EncodeError, within

if TYPE_CHECKING:
    from .compare import Comparison
    from .decode import DecodeRun
    from .encode import Encoder, EncodeRun, Value, Wire

decode_timestamp = frame_scalars.decode_timestamp
decode_timedelta = frame_scalars.decode_timedelta
decode_period = frame_scalars.decode_period
decode_interval = frame_scalars.decode_interval
decode_missing = frame_scalars.decode_missing
decode_offset = frame_scalars.decode_offset
decode_pytz = frame_scalars.decode_pytz
decode_index = frame_index.decode_index
decode_range = frame_index.decode_range
decode_multi = frame_index.decode_multi
decode_column = frame_arrays.decode_array


def encoder_of(cls: type) -> Encoder | None:
    """Return the encoder of values that are exactly of ``cls``; None if they have no form."""
    if cls is pd.DataFrame:
        return _encode_frame
    if cls is pd.Series:
        return _encode_series
    if cls in frame_index.INDICES:
        return frame_index.encode_index
    if frame_arrays.is_column(cls) and cls.__module__.partition(".")[0] == "pandas":
        return frame_arrays.encode_array
    return frame_scalars.encoder_of(cls)


def is_frozen(value: Value) -> bool:
    """Scalars and offsets."""
    return frame_scalars.encoder_of(type(value)) is not None


def is_same_class(_a: Value, _b: Value) -> bool:
    """Values of different classes are different."""
    return False


# --- writing ------------------------------------------------------------------------------------


def _encode_series(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    out = {"$series": frame_arrays.encode_values(frame_arrays.values_of(value), run)}
    if value.name is not None:
        out["name"] = _part(value, "name", run)
    return numbered(_finish(value, out, run, "index"), mark)


def _encode_frame(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    columns: list[Wire] = []
    try:
        for place in range(value.shape[1]):
            columns.append(frame_arrays.encode_values(column_of(value, place), run))  # noqa: PERF401 - for errors
    except MigrateError as error:
        raise within(error, step_of(value.columns[len(columns)]))  # noqa: B904 - the same error, on its way up
    return numbered(_finish(value, {"$frame": columns}, run, "columns", "index"), mark)


def column_of(frame: Value, place: int) -> Value:
    """Return the values of a column by its place: several may have one name."""
    return frame._get_column_array(place)  # noqa: SLF001 - frame.iloc would copy all of attrs for each column


def _finish(value: Value, out: dict[str, Wire], run: EncodeRun, *labels: str) -> dict[str, Wire]:
    """Add labels, ``attrs`` and flags."""
    if any(name[:1] != "_" for name in value.__dict__):
        raise EncodeError(
            "attributes that were set on a frame or series are not kept (but attrs)", reason="not-restorable"
        )
    for name in labels:
        out[name] = _part(value, name, run)
    if value.attrs:
        try:
            out["attrs"] = run.any(dict(value.attrs))
        except MigrateError as error:
            raise within(error, ".attrs")  # noqa: B904
    if not value.flags.allows_duplicate_labels:
        out["unique"] = True
    if run.sharing:
        run.verify = True  # a frame that holds itself would have to exist before its columns
    return out


def _part(value: Value, name: str, run: EncodeRun) -> Wire:
    try:
        return run.any(getattr(value, name))
    except MigrateError as error:
        raise within(error, f".{name}")  # noqa: B904


# --- reading ------------------------------------------------------------------------------------


def decode_series(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read a series."""
    only(wire, "$series", "name", "index", "attrs", "unique")
    values = frame_arrays.decode_values(wire["$series"], run)
    index = frame_index.read_part(wire.get("index"), run)
    name = run.any(wire.get("name"))
    made = _series(values, index)
    frame_scalars.checked(setattr, made, "name", name)
    return _decorated(made, wire, run)


def _series(values: Value, index: Value) -> Value:
    """Return a series, of exactly the dtype of ``values``: pandas would make dates of objects."""
    if len(values) != len(index):
        raise DecodeError(f"{len(values)} values for {len(index)} labels", reason="bad-value")
    made = frame_scalars.checked(pd.Series, values, index=index, dtype=values.dtype, copy=False)
    if made.dtype != values.dtype:
        raise DecodeError(f"pandas has no series of {values.dtype!s:.60}", reason="bad-value")
    return made


def decode_frame(wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Read a frame."""
    only(wire, "$frame", "columns", "index", "attrs", "unique")
    arrays: list[Value] = []
    try:
        for part in expect(wire["$frame"], list):
            arrays.append(frame_arrays.decode_values(part, run))  # noqa: PERF401 - for errors
    except MigrateError as error:
        raise within(error, f"[{len(arrays)}]")  # noqa: B904
    columns = frame_index.read_part(wire.get("columns"), run)
    index = frame_index.read_part(wire.get("index"), run)
    if len(columns) != len(arrays):
        raise DecodeError(f"{len(arrays)} columns with {len(columns)} labels", reason="bad-value")
    series = {place: _series(array, index) for place, array in enumerate(arrays)}
    made = frame_scalars.checked(pd.DataFrame, series, index=index)
    frame_scalars.checked(setattr, made, "columns", columns)
    return _decorated(made, wire, run)


def _decorated(made: Value, wire: dict[str, Wire], run: DecodeRun) -> Value:
    run.remember(wire, made)
    if "attrs" in wire:
        attrs = run.any(wire["attrs"])
        made.attrs = expect_dict(attrs)
    if "unique" in wire:
        if wire["unique"] is not True:
            raise DecodeError("'unique' is true or absent", reason="bad-value")
        frame_scalars.checked(setattr, made.flags, "allows_duplicate_labels", False)
    return made


def expect_dict(value: Value) -> dict[Any, Any]:
    """Return ``value``, which must be a dict."""
    if type(value) is not dict:
        raise DecodeError("'attrs' is no dict", reason="bad-value")
    return value


# --- exactness ----------------------------------------------------------------------------------


def compare(comparison: Comparison, path: str, a: Value, b: Value) -> bool:
    """Note how two values of one class differ; False if this module knows nothing of the class."""
    cls = type(a)
    if cls is pd.DataFrame or cls is pd.Series:
        _compare(comparison, path, a, b)
        return True
    if cls in frame_index.INDICES:
        frame_index.compare(comparison, path, a, b)
        return True
    if frame_arrays.is_column(cls):
        return frame_arrays.compare(comparison, path, a, b)
    if frame_scalars.encoder_of(cls) is None:
        return False
    frame_scalars.compare(comparison, path, a, b)
    return True


def _compare(comparison: Comparison, path: str, a: Value, b: Value) -> None:
    if a.shape != b.shape:
        comparison.differ(f"{path}.shape", f"{a.shape} is not {b.shape}")
        return
    parts: list[tuple[str, Any, Any]] = [(f"{path}.index", a.index, b.index)]
    if type(a) is pd.DataFrame:
        parts.append((f"{path}.columns", a.columns, b.columns))
        columns = [(step_of(label), column_of(a, i), column_of(b, i)) for i, label in enumerate(a.columns)]
    else:
        parts.append((f"{path}.name", a.name, b.name))
        columns = [("", frame_arrays.values_of(a), frame_arrays.values_of(b))]
    left, right = dict(a.attrs), dict(b.attrs)
    comparison.keep(left, right)
    unique = a.flags.allows_duplicate_labels, b.flags.allows_duplicate_labels
    comparison.each([*parts, (f"{path}.attrs", left, right), (f"{path}.flags", *unique)])
    for step, x, y in columns:
        frame_arrays.compare_parts(comparison, path, {step: x}, {step: y})
