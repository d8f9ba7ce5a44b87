"""pandas' arrays as pickles store them: numpy's, and pandas' own as a class and its attributes.

The attributes come as a state, or since pandas 1.2 as what Cython's ``__pyx_unpickle_…`` functions take
(``pandas/_libs/arrays.pyx``). Needs neither pandas nor pyarrow: texts of arrow are read from their buffers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from ..legacy.calls import Shape, raw_of, shape_of, text_of
from ..legacy.records import Buffer, Call, Record
from ._landing_arrays import Content, read_array
from ._landing_frame_times import MISSING, attributes, land_offset, name_in, names, put_zone
from ._landing_rules import Rule, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._landing_run import LandingRun, Place, Wire

_FORMATS: Final = {1: "B", 2: "H", 4: "I", 8: "Q"}
_MAX_COLUMNS: Final = 1_000_000


# --- numpy's ------------------------------------------------------------------------------------


def plain(run: LandingRun, content: Content, place: Place) -> Wire:
    """Return the form of an array with one axis."""
    if len(content.lengths) != 1:
        run.bad("an array of several axes where a column belongs", place)
    return _one(run, content, content.raw, content.items, place)


def _one(run: LandingRun, content: Content, raw: bytes | None, items: Sequence[Record], place: Place) -> Wire:
    if type(content.form) is not str:
        run.bad("a column of structured elements", place)
    filled = run.array(items, place, 3) if raw is None else run.base64(raw, raw)
    width = content.lengths[-1]
    return {"$ndarray": filled, "dtype": content.form, "shape": [width]}


def rows(run: LandingRun, content: Content, place: Place) -> list[Wire]:
    """Return the rows of an array with two axes: the columns of a block."""
    if len(content.lengths) == 1:
        return [plain(run, content, place)]
    if len(content.lengths) != 2 or content.lengths[0] > _MAX_COLUMNS:
        run.bad("a block that is no table", place)
    count, width = content.lengths
    run.spend((512 if width else 8192) * count, place)  # a table without rows has columns for nothing
    if content.raw is None:
        items = content.items
        return [_one(run, content, None, items[i * width : (i + 1) * width], place) for i in range(count)]
    return [_one(run, content, raw, (), place) for raw in _split(content.raw, count, width, content.fortran)]


def _split(raw: bytes, count: int, width: int, fortran: bool) -> list[bytes]:
    """Return the bytes of each of ``count`` rows of ``width`` elements."""
    if not count or not width:
        return [b""] * count
    size = len(raw) // count
    if not fortran:
        return [raw[i * size : (i + 1) * size] for i in range(count)]
    item = size // width
    code = _FORMATS.get(item)
    if code is not None:
        view: Any = memoryview(raw).cast(cast("Any", code))
        return [view[i::count].tobytes() for i in range(count)]
    step = item * count
    return [b"".join(raw[at : at + item] for at in range(i * item, len(raw), step)) for i in range(count)]


# --- pandas' own --------------------------------------------------------------------------------


class Own(NamedTuple):
    """An array of pandas, in whichever way it is stored."""

    kind: str
    parts: dict[str, Record]
    shape: Shape

    def first(self, *keys: str) -> Record:
        """Return the first of the attributes that is there."""
        return next((self.parts[key] for key in keys if key in self.parts), None)


def own_of(record: Record) -> Own | None:
    """Return the array of pandas that ``record`` is; None for anything else."""
    shape = shape_of(record) if isinstance(record, Call) else None
    return None if shape is None else _own(shape)


def column_of(record: Record) -> Own | None:
    """As :func:`own_of`; up to pandas 0.23 dates are also stored as an index of them."""
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name != _DATED or len(shape.args) != 2:
        return own_of(record)
    parts = attributes(shape.args[1])
    inner = column_of(parts.get("data"))
    if inner is not None:
        return inner
    return Own("times", {"_data": parts.get("data"), "_tz": parts.get("tz")}, shape)


def _own(shape: Shape) -> Own | None:
    state = shape.state
    if shape.name in _UNPICKLERS and len(shape.args) == 3:
        kind = _KINDS.get(name_in(shape.args[0]))
        parts: dict[str, Record] = {}
        if isinstance(state, tuple):
            if len(state) > 1:
                parts = {"_dtype": state[0], "_ndarray": state[1]}
            parts.update({k: v for part in state for k, v in attributes(part).items()})
    else:
        kind, parts = _KINDS.get(shape.name), attributes(state)
    return None if kind is None else Own(kind, parts, shape)


def times(run: LandingRun, own: Own, place: Place) -> tuple[list[Wire], Record]:
    """Return the columns of dates or durations, and their zone."""
    dtype = own.first("_dtype")
    shape = shape_of(dtype) if isinstance(dtype, Call) else None
    zone = attributes(shape.state).get("tz") if shape is not None else own.first("_tz")
    content = read_array(run, own.first("_ndarray", "_data"), place)
    if content is None or type(content.form) is not str or content.form[1:2] not in ("M", "m"):
        wrong(run, own.shape, place, "values")
    return rows(run, content, place), zone


def _extension(run: LandingRun, shape: Shape, place: Place) -> Wire:
    own = _own(shape)
    if own is None:
        run.unknown(name_in(shape.args[0]) if shape.args else shape.name, place, called=True)
    body: dict[str, Wire] = {"$pdarray": own.kind}
    run.numbered(shape.origin, body)
    number = body.pop("$id", None)
    _WRITERS[own.kind](run, own, body, place)
    if number is not None:
        body["$id"] = number
    return body


def _part(run: LandingRun, own: Own, place: Place, *keys: str) -> Wire:
    content = read_array(run, own.first(*keys), place)
    if content is None:
        wrong(run, own.shape, place, "values")
    return plain(run, content, place)


def _numpy(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    body["values"] = _part(run, own, place, "_ndarray")


def _masked(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    body["values"], body["mask"] = _part(run, own, place, "_data"), _part(run, own, place, "_mask")


def _categorical(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    dtype = own.first("_dtype")
    shape = shape_of(dtype) if isinstance(dtype, Call) else None
    about = own.parts if shape is None else attributes(shape.state)
    categories = about.get("categories", about.get("_categories"))
    ordered = about.get("ordered", about.get("_ordered", False))
    body["codes"] = _part(run, own, place, "_codes", "_ndarray")
    body["categories"] = None
    run.put(body, "categories", categories, place, ".categories")
    if ordered is True or ordered == 1:
        body["ordered"] = True


def _times(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    columns, zone = times(run, own, place)
    if len(columns) != 1:
        run.bad("an array of several axes", place)
    body["values"] = columns[0]
    put_zone(run, body, zone, place)


def _periods(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    body["values"] = _part(run, own, place, "_ndarray", "_data")
    dtype = own.first("_dtype")
    shape = shape_of(dtype) if isinstance(dtype, Call) else None
    freq = own.first("_freq")
    if shape is not None:
        freq = shape.args[0] if shape.args else attributes(shape.state).get("freq", freq)
    body["freq"] = land_offset(run, freq, place)


def _intervals(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    dtype = own.first("_dtype")
    shape = shape_of(dtype) if isinstance(dtype, Call) else None
    closed = own.first("_closed", "closed")
    if closed is None and shape is not None:
        closed = attributes(shape.state).get("closed")
    for side in ("left", "right"):
        put_index(run, body, side, own.first(f"_{side}", side), place)
    body["closed"] = text_of(closed)


def put_index(run: LandingRun, body: dict[str, Wire], key: str, record: Record, place: Place) -> None:
    """Write an index as ``body[key]``, which may be stored as its values."""
    body[key] = None
    content = read_array(run, record, place)
    if content is not None:
        body[key] = {"$index": plain(run, content, place)}
        return
    own = own_of(record)
    if own is None:
        run.put(body, key, record, place, f".{key}")
        return
    body[key] = made = {"$index": None}
    put_column(run, made, "$index", record, place, f".{key}")


def put_column(
    run: LandingRun, target: dict[str, Wire], key: str, record: Record, place: Place, step: str
) -> None:
    """Write a column as ``target[key]``."""
    content = read_array(run, record, place)
    if content is not None:
        target[key] = plain(run, content, place)
        return
    own = column_of(record)
    if own is None:
        run.bad("no array where the values of a column belong", place)
    if own.kind != "times":
        run.put(target, key, record, place, step, 2)
        return
    columns, zone = times(run, own, place)
    if len(columns) != 1:
        run.bad("an array of several axes where a column belongs", place)
    target[key] = columns[0]
    if zone is not None:
        target[key] = body = {"$pdarray": "times", "values": columns[0]}
        put_zone(run, body, zone, place)


def _sparse(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    index = own.first("_sparse_index")
    shape = shape_of(index) if isinstance(index, Call) else None
    kind = "" if shape is None else shape.name[1]
    if shape is None or shape.name[0] != "pandas._libs.sparse" or type(shape.args[0]) is not int:
        wrong(run, own.shape, place, "an index")
    body["values"] = _part(run, own, place, "_sparse_values")
    there = body["values"]["shape"][0]
    parts = [read_array(run, part, place) for part in shape.args[1:]]
    numbers = [_numbers(run, part, place) for part in parts]
    if kind == "BlockIndex" and len(numbers) == 2 and sum(numbers[1]) == there:
        places = [at + i for at, length in zip(*numbers, strict=False) for i in range(length)]
        body["kind"] = "block"
    elif kind == "IntIndex" and len(numbers) == 1:
        places = numbers[0]
    else:
        wrong(run, own.shape, place, "an index")
    raw = b"".join((at % 2**32).to_bytes(4, "little") for at in places)
    body["at"] = {"$ndarray": run.base64(raw, raw), "dtype": "<i4", "shape": [len(places)]}
    body["length"] = shape.args[0]
    dtype = own.first("_dtype")
    made = shape_of(dtype) if isinstance(dtype, Call) else None
    body["fill"] = None
    run.put(body, "fill", attributes(made.state).get("_fill_value") if made else None, place, ".fill_value")


def _numbers(run: LandingRun, content: Content | None, place: Place) -> list[int]:
    """Return the elements of an array of small numbers."""
    if content is None or content.form != "<i4" or content.raw is None:
        run.bad("places of a sparse column that are none", place)
    raw = content.raw
    return [int.from_bytes(raw[at : at + 4], "little", signed=True) for at in range(0, len(raw), 4)]


# --- texts --------------------------------------------------------------------------------------


def _strings(run: LandingRun, own: Own, body: dict[str, Wire], place: Place) -> None:
    storage, na = _kind_of_text(own)
    arrow = own.first("_pa_array")
    content = None if arrow is not None else read_array(run, own.first("_ndarray"), place)
    if content is not None:
        items: Sequence[Record] = [None if _is_missing(item) else item for item in content.items]
        if content.raw is not None:
            run.bad("a column of texts that holds none", place)
    else:
        items = _arrow_texts(run, own.first("_pa_array", "_data"), place)
    body.update(values=run.array(items, place), storage=storage, na=na)


def _kind_of_text(own: Own) -> tuple[str, str]:
    """Return storage and NA; what is not said is as it was before there was a choice."""
    dtype = own.first("_dtype")
    shape = shape_of(dtype) if isinstance(dtype, Call) else None
    storage = na = None
    if shape is not None:
        state = attributes(shape.state)
        storage = (
            text_of(shape.args[0]) if shape.args else text_of(state.get("storage", state.get("_storage")))
        )
        na = shape.args[1] if len(shape.args) > 1 else state.get("_na_value", state.get("na_value"))
    if own.shape.name[1].endswith("NumpySemantics") or storage == "pyarrow_numpy":
        na = float("nan")
    where = "pyarrow" if own.first("_pa_array", "_data") is not None else "python"
    return where if storage in (None, "pyarrow_numpy") else storage, "nan" if type(na) is float else "NA"


def _is_missing(record: Record) -> bool:
    return record is None or name_in(record) in MISSING or (type(record) is float and record != record)  # noqa: PLR0124


def _arrow_texts(run: LandingRun, record: Record, place: Place) -> list[str | None]:
    """Read the texts of an array of arrow, or of its chunks."""
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name[0] != "pyarrow.lib" or len(shape.args) < 1:
        run.bad("a column of texts that is no array of arrow", place)
    if shape.name[1] == "chunked_array" and isinstance(shape.args[0], list):
        return [text for chunk in shape.args[0] for text in _arrow_chunk(run, chunk, place)]
    return _arrow_chunk(run, record, place)


def _arrow_chunk(run: LandingRun, record: Record, place: Place) -> list[str | None]:
    """``_restore_array((type, length, nulls, offset, [valid, ends, data], [], None))``.

    The buffers are those of arrow's "Columnar Format" (arrow.apache.org): a bit for each text that is
    there, where each text ends, and the texts.
    """
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name != ("pyarrow.lib", "_restore_array") or len(shape.args) != 1:
        run.bad("a column of texts that is no array of arrow", place)
    parts = shape.args[0]
    buffers = parts[4] if isinstance(parts, tuple) and len(parts) == 7 else None
    if not isinstance(parts, tuple) or not isinstance(buffers, list) or len(buffers) != 3:
        wrong(run, shape, place)
    kind = shape_of(parts[0]) if isinstance(parts[0], Call) else None
    width = _WIDTHS.get(text_of(kind.args[0]) or "", 0) if kind is not None and kind.args else 0
    length, offset = parts[1], parts[3]
    if not width or type(length) is not int or type(offset) is not int or length < 0 or offset < 0:
        wrong(run, shape, place)
    valid, ends, data = (_arrow_buffer(run, part, place) for part in buffers)
    run.spend(len(data) + 8 * length, place)
    if length == 0:
        return []
    mask = None if buffers[0] is None else valid
    if len(ends) < (offset + length + 1) * width or (mask is not None and len(mask) * 8 < offset + length):
        wrong(run, shape, place, "buffers")
    at = [
        int.from_bytes(ends[i * width : (i + 1) * width], "little")
        for i in range(offset, offset + length + 1)
    ]
    if sorted(at) != at or at[-1] > len(data):
        wrong(run, shape, place, "buffers")
    try:
        return [
            data[at[i] : at[i + 1]].decode() if mask is None or _bit(mask, offset + i) else None
            for i in range(length)
        ]
    except UnicodeDecodeError:
        wrong(run, shape, place, "text")


def _bit(mask: bytes, number: int) -> int:
    return mask[number >> 3] >> (number & 7) & 1


def _arrow_buffer(run: LandingRun, record: Record, place: Place) -> bytes:
    if record is None:
        return b""
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name != ("pyarrow.lib", "py_buffer") or len(shape.args) != 1:
        run.bad("a buffer of arrow that is none", place)
    content = shape.args[0]
    if isinstance(content, Buffer):
        return run.buffer(content, place)[0]
    inner = shape_of(content) if isinstance(content, Call) else None
    if inner is not None and inner.name[1] == "bytearray" and len(inner.args) == 1:
        content = inner.args[0]
    raw = raw_of(content)
    if raw is None:
        run.bad("a buffer of arrow that is none", place)
    return raw


_WIDTHS: Final = {"string": 4, "large_string": 8}
_WRITERS: Final = {
    "numpy": _numpy,
    "masked": _masked,
    "categorical": _categorical,
    "times": _times,
    "period": _periods,
    "interval": _intervals,
    "sparse": _sparse,
    "string": _strings,
}
_ARRAYS: Final = "pandas.core.arrays"
_KINDS: Final = {
    **dict.fromkeys(
        names(
            f"{_ARRAYS}.numpy_:PandasArray {_ARRAYS}.numpy_:NumpyExtensionArray"
            " pandas.arrays:NumpyExtensionArray"
        ),
        "numpy",
    ),
    **dict.fromkeys(
        names(
            f"{_ARRAYS}.integer:IntegerArray {_ARRAYS}.floating:FloatingArray {_ARRAYS}.boolean:BooleanArray"
            " pandas.arrays:IntegerArray pandas.arrays:FloatingArray pandas.arrays:BooleanArray"
        ),
        "masked",
    ),
    **dict.fromkeys(
        names(f"{_ARRAYS}.categorical:Categorical pandas.core.categorical:Categorical pandas:Categorical"),
        "categorical",
    ),
    **dict.fromkeys(
        names(
            f"{_ARRAYS}.datetimes:DatetimeArray {_ARRAYS}.timedeltas:TimedeltaArray"
            " pandas.arrays:DatetimeArray pandas.arrays:TimedeltaArray"
        ),
        "times",
    ),
    **dict.fromkeys(names(f"{_ARRAYS}.period:PeriodArray pandas.arrays:PeriodArray"), "period"),
    **dict.fromkeys(names(f"{_ARRAYS}.interval:IntervalArray pandas.arrays:IntervalArray"), "interval"),
    **dict.fromkeys(
        names(f"{_ARRAYS}.sparse.array:SparseArray {_ARRAYS}.sparse:SparseArray pandas.arrays:SparseArray"),
        "sparse",
    ),
    **dict.fromkeys(
        names(
            f"{_ARRAYS}.string_:StringArray {_ARRAYS}.string_:StringArrayNumpySemantics"
            f" {_ARRAYS}.string_arrow:ArrowStringArray {_ARRAYS}.string_arrow:ArrowStringArrayNumpySemantics"
            " pandas.arrays:StringArray pandas.arrays:ArrowStringArray"
        ),
        "string",
    ),
}
_DATED: Final = ("pandas.core.indexes.datetimes", "_new_DatetimeIndex")
_UNPICKLERS: Final = frozenset(
    names(
        "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked pandas._libs.interval:__pyx_unpickle_IntervalMixin"
        " pandas._libs.tslibs.period:__pyx_unpickle_PeriodMixin"
    )
)
COLUMNS: Final = {name: Rule(_extension, frozenset(("state",))) for name in (*_KINDS, *_UNPICKLERS)}
