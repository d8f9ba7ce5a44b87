"""Whether objects that were read back are exactly what the sketches of pickles say, many at a time.

The other half of :mod:`~migrate.reencode.sketched`, and independent of what that made: what is read back is
asked for its type, its attributes and its state, and that is held against the sketches. What is in doubt does
not match; then the general way says what differs.
"""

from __future__ import annotations

import datetime as dt
import uuid
from array import array
from decimal import Decimal
from itertools import compress
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any

from migrate.legacy.sketches import CallSketch, InstanceSketch
from migrate.reencode.sketched import (
    ATOMS,
    MAX_DEPTH,
    UTC,
    UUID_SKETCH,
    args_of,
    bytes_of,
    dict_of,
    function_of,
    only,
    packed,
    states_of,
    uuid_numbers,
)
from migrate.runtime.columns import NONE, by_position, flatten, names_of, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrate.reencode.direct import Kind
    from migrate.reencode.sketched import Names
    from migrate.runtime.columns import Column

_member_value = attrgetter("_value_")
_state_of = methodcaller("__reduce_ex__", 4)


class Match:
    """One comparison of sketches with objects."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._met: set[int] = set()
        """Ids of what is mutable in the objects: each is met once, or it is shared."""

    def column(self, sketches: Column, values: Column, depth: int = 0) -> bool:
        """Whether ``values`` are what ``sketches`` say; False when in doubt, or an error."""
        kinds = {*map(type, sketches)}
        if depth > MAX_DEPTH or len(sketches) != len(values):
            return False
        if len(kinds) == 1:
            return self._kind(kinds.pop(), sketches, values, depth)
        if len(kinds) == 2 and NONE in kinds:
            return self._apart_from_none((kinds - {NONE}).pop(), sketches, values, depth)
        types = [*map(type, sketches)]
        if kinds <= ATOMS and float not in kinds:
            return types == [*map(type, values)] and sketches == values
        return all(self._kind(kind, a, b, depth) for kind, a, b in _groups(types, sketches, values))

    def _apart_from_none(self, kind: Any, sketches: Column, values: Column, depth: int) -> bool:
        there = [sketch is not None for sketch in sketches]
        if [value is not None for value in values] != there:
            return False
        return self._kind(kind, [*compress(sketches, there)], [*compress(values, there)], depth)

    def _kind(self, kind: Any, sketches: Column, values: Column, depth: int) -> bool:
        if kind in ATOMS:
            same = {*map(type, values)} == {kind}
            return same and (_same_floats(sketches, values) if kind is float else sketches == values)
        compare = _COMPARE.get(kind)
        if compare is not None:
            return compare(self, sketches, values, depth + 1)
        return issubclass(kind, InstanceSketch) and self._instances(kind, sketches, values, depth + 1)

    def _meet(self, column: Column) -> bool:
        before = len(self._met)
        self._met.update(map(id, column))
        return len(self._met) == before + len(column)

    def _lists(self, sketches: Column, values: Column, depth: int) -> bool:
        return {*map(type, values)} == {list} and self._meet(values) and self._items(sketches, values, depth)

    def _tuples(self, sketches: Column, values: Column, depth: int) -> bool:
        return {*map(type, values)} == {tuple} and self._items(sketches, values, depth)

    def _items(self, sketches: Column, values: Column, depth: int) -> bool:
        if [*map(len, sketches)] != [*map(len, values)]:
            return False
        return self.column(flatten(sketches), flatten(values), depth)

    def _dicts(self, sketches: Column, values: Column, depth: int) -> bool:
        same = {*map(type, values)} == {dict} and self._meet(values)
        return same and self._members(sketches, values, depth)

    def _members(self, sketches: Column, values: Column, depth: int) -> bool:
        """Compare dicts: keys, which are texts, in their order, and what they lead to."""
        names = names_of(sketches)
        if not names:
            return self._unlike_members(sketches, values, depth)
        if names_of(values) != names:
            return False
        width = len(names)
        before, after = values_of(sketches, width), values_of(values, width)
        columns = zip(by_position(before, width), by_position(after, width), strict=True)
        return all(self.column(a, b, depth) for a, b in columns)

    def _unlike_members(self, sketches: Column, values: Column, depth: int) -> bool:
        """Compare dicts, of which some have other keys than others."""
        keys, others = flatten(sketches), flatten(values)
        if keys != others or [*map(len, sketches)] != [*map(len, values)]:
            return False
        if not {*map(type, keys), *map(type, others)} <= {str}:
            return False
        return self.column(flatten(map(dict.values, sketches)), flatten(map(dict.values, values)), depth)

    # --- classes -----------------------------------------------------------------------------------

    def _instances(self, kind: type, sketches: Column, values: Column, depth: int) -> bool:
        states = states_of(sketches)
        if kind is UUID_SKETCH:
            same = {*map(type, values)} == {uuid.UUID} and [*map(_number_of, values)] == uuid_numbers(states)
            return same and {*map(_is_safe, values)} == {uuid.SafeUUID.unknown}
        known = self._names.classes[kind]
        if {*map(type, values)} != {known.plain.cls} or not self._meet(values):
            return False
        if not known.plain.slots:
            return self._members(states, [*map(dict_of(known.plain.cls).__get__, values)], depth)
        return all(
            self._slotted(known, names, a, b, depth)
            for names, a, b in _groups([*map(tuple, states)], states, values)
        )

    def _slotted(
        self, kind: Kind, names: tuple[str, ...], states: Column, values: Column, depth: int
    ) -> bool:
        """Compare instances with slots that should have the same attributes."""
        plain = kind.plain
        for name, slot in plain.slots.items():
            if name in names:
                before = [state[name] for state in states]
                if not self.column(before, [*map(slot.__get__, values)], depth):
                    return False
            elif any(_is_set(slot, value) for value in values):
                return False
        if not plain.has_dict:
            return True
        others = [{k: v for k, v in state.items() if k not in plain.slots} for state in states]
        return self._members(others, [*map(dict_of(plain.cls).__get__, values)], depth)

    # --- calls -------------------------------------------------------------------------------------

    def _calls(self, sketches: Column, values: Column, _depth: int) -> bool:
        functions = [*map(function_of, sketches)]
        if len({*functions}) == 1:
            return self._called(functions[0], sketches, values)
        return all(self._called(each, a, b) for each, a, b in _groups(functions, sketches, values))

    def _called(self, function: Any, sketches: Column, values: Column) -> bool:
        kind = self._names.functions[function]
        args = [*map(args_of, sketches)]
        if isinstance(kind, str):
            of_kind, compare = _STANDARD[kind]
            return {*map(type, values)} == {of_kind} and compare(args, values)
        wanted = only(args)
        if {*map(type, values)} != {_class_of(kind.members)}:
            return False
        found = [*map(_member_value, values)]
        return [*map(type, wanted)] == [*map(type, found)] and wanted == found


_COMPARE: dict[type, Callable[[Match, Column, Column, int], bool]] = {
    list: Match._lists,  # noqa: SLF001
    tuple: Match._tuples,  # noqa: SLF001
    dict: Match._dicts,  # noqa: SLF001
    CallSketch: Match._calls,  # noqa: SLF001
}


def _groups(keys: Sequence[Any], sketches: Column, values: Column) -> Iterator[tuple[Any, Column, Column]]:
    """Yield what has the same key together."""
    found: dict[Any, tuple[Column, Column]] = {}
    for key, sketch, value in zip(keys, sketches, values, strict=True):
        group = found.get(key)
        if group is None:
            group = found[key] = ([], [])
        group[0].append(sketch)
        group[1].append(value)
    for key, (some, others) in found.items():
        yield key, some, others


def _same_floats(sketches: Column, values: Column) -> bool:
    """Whether floats are the same, with the sign of zero; NaN is NaN."""
    if array("d", sketches).tobytes() == array("d", values).tobytes():
        return True
    return [*map(repr, sketches)] == [*map(repr, values)]


def _is_set(slot: Any, value: Any) -> bool:
    try:
        slot.__get__(value)
    except AttributeError:
        return False
    return True


# --- values of the standard library ------------------------------------------------------------

_number_of, _is_safe = attrgetter("int"), attrgetter("is_safe")


def _class_of(members: Any) -> type:
    return type(next(iter(members.values())))


def _decimals(args: Column, values: Column) -> bool:
    return only(args) == [*map(str, values)]


def _datetimes(args: Column, values: Column) -> bool:
    """Compare what the new ones would be pickled as: ten bytes with the fold among them, and the zone."""
    raws, aware = packed(args)
    states = [state for _, state in map(_state_of, values)]
    return states == [(raw, UTC) if there else (raw,) for raw, there in zip(raws, aware, strict=True)]


def _dates(args: Column, values: Column) -> bool:
    return [state for _, state in map(_state_of, values)] == [*zip(bytes_of(4, only(args)), strict=True)]


def _timedeltas(args: Column, values: Column) -> bool:
    return args == [state for _, state in map(_state_of, values)]


def _utc(_args: Column, values: Column) -> bool:
    return all(value is UTC for value in values)


def _bytes(args: Column, values: Column) -> bool:
    return [text for text, _ in args] == [*map(_latin1, values)]


def _latin1(value: bytes) -> str:
    return value.decode("latin-1")


_STANDARD: dict[str, tuple[type, Callable[[Column, Column], bool]]] = {
    "Decimal": (Decimal, _decimals),
    "datetime": (dt.datetime, _datetimes),
    "date": (dt.date, _dates),
    "timedelta": (dt.timedelta, _timedeltas),
    "timezone": (dt.timezone, _utc),
    "bytes": (bytes, _bytes),
}
