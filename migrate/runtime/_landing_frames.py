"""pandas' frames, series and indices as pickles store them, in the wire format. Needs no pandas.

A frame is a manager of blocks: arrays of two axes that hold columns of one dtype, and their places
(``pandas/core/internals``). Up to pandas 1.2, and for series until today, the manager has a state with the
key ``0.14.1``; since pandas 1.3 that of a frame is called with its blocks and axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..legacy.calls import Shape, shape_of, text_of
from ..legacy.python2 import modern_name
from ..legacy.records import Call, Dict, Record
from ._landing_arrays import read_array
from ._landing_frame_columns import COLUMNS, column_of, own_of, plain, put_column, put_index, rows, times
from ._landing_frame_times import TIMES_OF_PANDAS, attributes, land_offset, name_in, names, put_zone
from ._landing_rules import Rule, sequence, wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._landing_run import LandingRun, Place, Wire

_BASE: Final = "pandas.core.indexes"
_MAX_COLUMNS: Final = 1_000_000


# --- indices ------------------------------------------------------------------------------------


def _index(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``_new_Index(class, {…})``."""
    if len(shape.args) != 2 or not isinstance(shape.args[1], Dict):
        wrong(run, shape, place)
    name, parts = name_in(shape.args[0]), attributes(shape.args[1])
    if name not in _INDICES:
        run.unknown(name, place, called=True)
    kind = name[1]
    if kind == "RangeIndex" and "data" not in parts:
        body: dict[str, Wire] = {"$rangeindex": [parts.get(key) for key in ("start", "stop", "step")]}
        if not all(type(part) is int for part in body["$rangeindex"]):
            wrong(run, shape, place)
    elif kind == "MultiIndex":
        return _multi(run, shape, parts, place)
    else:
        body = {"$index": None}
    if parts.get("name") is not None:
        body["name"] = None
        run.put(body, "name", parts["name"], place, ".name")
    run.numbered(shape.origin, body)
    if "$index" in body:
        _fill(run, shape, parts, body, place)
    return body


def _fill(
    run: LandingRun, shape: Shape, parts: dict[str, Record], body: dict[str, Wire], place: Place
) -> None:
    """Write the values of an index, and the frequency of dates and durations."""
    data, freq = parts.get("data"), parts.get("freq")
    kind = name_in(shape.args[0])[1]
    if kind == "IntervalIndex" and data is None:
        made: dict[str, Wire] = {"$pdarray": "interval"}
        for side in ("left", "right"):
            put_index(run, made, side, parts.get(side), place)
        made["closed"] = text_of(parts.get("closed"))
        body["$index"] = made
        return
    content = read_array(run, data, place)
    if content is not None and kind == "PeriodIndex":
        values = plain(run, content, place)
        body["$index"] = {"$pdarray": "period", "values": values, "freq": land_offset(run, freq, place)}
        return
    if content is not None and kind == "DatetimeIndex" and parts.get("tz") is not None:
        body["$index"] = made = {"$pdarray": "times", "values": plain(run, content, place)}
        put_zone(run, made, parts["tz"], place)
    else:
        put_column(run, body, "$index", data, place, "")
    if kind in ("DatetimeIndex", "TimedeltaIndex"):
        own = own_of(data)
        freq = own.parts.get("_freq") if freq is None and own is not None else freq
        if freq is not None:
            body["freq"] = land_offset(run, freq, place)


def _multi(run: LandingRun, shape: Shape, parts: dict[str, Record], place: Place) -> Wire:
    levels, codes = sequence(parts.get("levels")), sequence(parts.get("codes", parts.get("labels")))
    labels = sequence(parts.get("names"))
    if levels is None or codes is None or labels is None:
        wrong(run, shape, place)
    body: dict[str, Wire] = {"$multiindex": run.array(levels, place), "codes": []}
    for code in codes:
        content = read_array(run, code, place)
        if content is None:
            wrong(run, shape, place)
        body["codes"].append(plain(run, content, place))
    body["names"] = run.array(labels, place)
    if type(parts.get("sortorder")) is int:
        body["sortorder"] = parts["sortorder"]
    return run.numbered(shape.origin, body)


# --- managers of blocks -------------------------------------------------------------------------


class _Manager:
    """The axes of a frame or series, and its blocks: values and places."""

    def __init__(self, axes: Sequence[Record], blocks: list[tuple[Record, Record]]) -> None:
        self.axes = axes
        self.blocks = blocks


def _manager(run: LandingRun, record: Record, place: Place) -> _Manager:
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is None or shape.name not in _MANAGERS:
        run.bad("a frame or series without a manager of its blocks", place)
    if isinstance(shape.state, tuple) and len(shape.state) >= 4:
        state = attributes(attributes(shape.state[3]).get("0.14.1"))
        axes, blocks = sequence(state.get("axes")), sequence(state.get("blocks"))
        found = [attributes(block) for block in blocks or ()]
        if axes is None or blocks is None or not all({"values", "mgr_locs"} <= part.keys() for part in found):
            wrong(run, shape, place, "a state")
        return _Manager(axes, [(part["values"], part["mgr_locs"]) for part in found])
    if len(shape.args) != 2:
        wrong(run, shape, place)
    blocks, axes = sequence(shape.args[0]), sequence(shape.args[1])
    if blocks is None or axes is None:  # that of a series has one of each
        blocks, axes = [shape.args[0]], [shape.args[1]]
    return _Manager(axes, [_block(run, block, place) for block in blocks])


def _block(run: LandingRun, record: Record, place: Place) -> tuple[Record, Record]:
    """``_unpickle_block(values, places, …)``; in pandas 1.3 ``partial(new_block, …)(values, places)``."""
    function = record.function if isinstance(record, Call) else None
    name = name_in(function)
    if isinstance(function, Call) and name_in(function.function) == ("functools", "partial"):
        state = function.state
        name = name_in(state[0] if isinstance(state, tuple) and len(state) == 4 else None)
    if not isinstance(record, Call) or name not in _BLOCKS or len(record.args) not in (2, 3):
        run.bad("a block of an unknown layout", place)
    return record.args[0], record.args[1]


def _places(run: LandingRun, record: Record, count: int, place: Place) -> Sequence[int]:
    """Return which columns a block of ``count`` holds."""
    shape = shape_of(record) if isinstance(record, Call) else None
    if shape is not None and modern_name(*shape.name) == ("builtins", "slice"):
        numbers = [arg for arg in shape.args if type(arg) is int and abs(arg) < 2**31]
        if len(numbers) == len(shape.args) == 3 and numbers[2]:
            found = range(*numbers)
            if len(found) == count:
                return found
    content = read_array(run, record, place)
    if content is None or content.form != "<i8" or content.raw is None or content.lengths != [count]:
        run.bad("a block whose places do not fit its columns", place)
    raw = content.raw
    return [int.from_bytes(raw[i : i + 8], "little", signed=True) for i in range(0, len(raw), 8)]


def _columns(run: LandingRun, manager: _Manager, place: Place) -> list[Wire]:
    """Return the columns in their order."""
    found: dict[int, Wire] = {}
    late: list[tuple[int, Record]] = []
    for values, where in manager.blocks:
        content = read_array(run, values, place)
        own = None if content is not None else column_of(values)
        if content is not None:
            columns = rows(run, content, place)
        elif own is not None and own.kind == "times":
            columns, zone = times(run, own, place)
            if zone is not None:
                columns = [_zoned(run, column, zone, place) for column in columns]
        else:
            columns = [None]
            late.append((_places(run, where, 1, place)[0], values))
        for number, column in zip(_places(run, where, len(columns), place), columns, strict=True):
            if number in found:
                run.bad("a column in two blocks", place)
            found[number] = column
    if found.keys() != {*range(len(found))}:
        run.bad("blocks that leave columns out", place)
    out = [found[number] for number in range(len(found))]
    for number, record in late:
        own = own_of(record)
        if own is None:
            run.bad("a block of an unknown layout", place)
        run.put(out, number, record, place, f"[{number}]", 2)
    return out


def _zoned(run: LandingRun, values: Wire, zone: Record, place: Place) -> Wire:
    body: dict[str, Wire] = {"$pdarray": "times", "values": values}
    put_zone(run, body, zone, place)
    return body


# --- frames and series --------------------------------------------------------------------------


def _frame(run: LandingRun, shape: Shape, place: Place) -> Wire:
    parts, manager = _state(run, shape, place)
    if len(manager.axes) != 2:
        wrong(run, shape, place, "axes")
    body: dict[str, Wire] = {"$frame": None}
    run.numbered(shape.origin, body)
    body["$frame"] = _columns(run, manager, place)
    for key, axis in zip(("columns", "index"), manager.axes, strict=True):
        body[key] = None
        run.put(body, key, axis, place, f".{key}")
    return _finish(run, parts, body, place)


def _series(run: LandingRun, shape: Shape, place: Place) -> Wire:
    parts, manager = _state(run, shape, place)
    if len(manager.axes) != 1 or len(manager.blocks) != 1:
        wrong(run, shape, place, "axes")
    body: dict[str, Wire] = {"$series": None}
    run.numbered(shape.origin, body)
    put_column(run, body, "$series", manager.blocks[0][0], place, "")
    name = parts.get("_name", parts.get("name"))
    if name is not None:
        body["name"] = None
        run.put(body, "name", name, place, ".name")
    body["index"] = None
    run.put(body, "index", manager.axes[0], place, ".index")
    return _finish(run, parts, body, place)


def _state(run: LandingRun, shape: Shape, place: Place) -> tuple[dict[str, Record], _Manager]:
    parts = attributes(shape.state)
    if shape.args or not parts or parts.keys() - _KNOWN:
        wrong(run, shape, place, "a state")
    return parts, _manager(run, parts.get("_mgr", parts.get("_data")), place)


def _finish(run: LandingRun, parts: dict[str, Record], body: dict[str, Wire], place: Place) -> Wire:
    attrs = parts.get("attrs")
    if isinstance(attrs, Dict) and attrs.pairs:
        body["attrs"] = None
        run.put(body, "attrs", attrs, place, ".attrs")
    if attributes(parts.get("_flags")).get("allows_duplicate_labels", True) is False:
        body["unique"] = True
    number = body.pop("$id", None)
    if number is not None:
        body["$id"] = number
    return body


_KNOWN: Final = frozenset(("_mgr", "_data", "_typ", "_metadata", "attrs", "_flags", "_name", "name"))
_MANAGERS: Final = frozenset(
    (module, name)
    for module in ("pandas.core.internals.managers", "pandas.core.internals")
    for name in ("BlockManager", "SingleBlockManager")
)
_BLOCKS: Final = frozenset(
    names("pandas._libs.internals:_unpickle_block pandas.core.internals.blocks:new_block")
)
_INDICES: Final = frozenset(
    names(
        f"{_BASE}.base:Index {_BASE}.numeric:Int64Index {_BASE}.numeric:UInt64Index"
        f" {_BASE}.numeric:Float64Index"
        f" {_BASE}.range:RangeIndex {_BASE}.multi:MultiIndex {_BASE}.datetimes:DatetimeIndex"
        f" {_BASE}.timedeltas:TimedeltaIndex {_BASE}.period:PeriodIndex {_BASE}.category:CategoricalIndex"
        f" {_BASE}.interval:IntervalIndex pandas:Index pandas:RangeIndex pandas:MultiIndex"
        " pandas:DatetimeIndex pandas:TimedeltaIndex pandas:PeriodIndex pandas:CategoricalIndex"
        " pandas:IntervalIndex"
    )
)
_STATE: Final = frozenset(("state",))
FRAMES: Final = {
    **TIMES_OF_PANDAS,
    **COLUMNS,
    **dict.fromkeys(
        names(
            f"{_BASE}.base:_new_Index {_BASE}.datetimes:_new_DatetimeIndex {_BASE}.period:_new_PeriodIndex"
            f" {_BASE}.timedeltas:_new_TimedeltaIndex {_BASE}.interval:_new_IntervalIndex"
        ),
        Rule(_index),
    ),
    **dict.fromkeys(names("pandas.core.frame:DataFrame pandas:DataFrame"), Rule(_frame, _STATE)),
    **dict.fromkeys(names("pandas.core.series:Series pandas:Series"), Rule(_series, _STATE)),
}
"""Module and name, as pandas 0.20 to 3.1 store them → how its calls are landed."""
