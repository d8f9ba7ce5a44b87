"""Objects from sketches, many values at a time: what :mod:`~migrate.reencode.direct` makes of records.

A *column* holds the values of one place in many rows. It is looked at and converted by calls that loop in C.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, deque
from decimal import Decimal
from functools import lru_cache, partial
from itertools import repeat, starmap
from operator import attrgetter, setitem
from types import GetSetDescriptorType
from typing import TYPE_CHECKING, Any

from migrate.legacy.sketches import CallSketch, InstanceSketch, Unsure, calling, instances
from migrate.reencode.direct import Kind, learn
from migrate.runtime.columns import (
    MANY_GROUPS,
    NONE,
    apart_from_none,
    by_group,
    by_position,
    flatten,
    names_of,
    regroup,
    values_of,
)
from migrate.runtime.plainly import PlainEnum

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.runtime import Codec
    from migrate.runtime.columns import Column

ATOMS = frozenset({NONE, bool, int, float, str, bytes})
MAX_DEPTH = 50
_TEXTS = frozenset({str, bytes})
UTC = dt.timezone.utc
_datetime: Any = dt.datetime  # also of bytes, as pickle makes them
args_of = attrgetter("args")
function_of = attrgetter("func")


class NotRegular(Exception):  # noqa: N818 (nothing is wrong)
    """Some of the values have something that is for the general way."""


class Names:
    """What the names in pickles stand for, by what a codec says of its classes."""

    def __init__(self, codec: Codec) -> None:
        self._find = codec.plainly
        self.classes: dict[type, Kind] = {}
        """The type of the sketches of a class → the class."""
        self.functions: dict[Any, str | PlainEnum] = {}
        """What is called → the enum, or the name of a type of the standard library."""

    def named(self, module: str, name: str) -> Any:
        """Return what stands for a name in sketches; see :class:`~migrate.legacy.sketches.Sketcher`."""
        if (module, name) in STANDARD:
            return self._function(module, name, STANDARD[module, name])
        if (module, name) == ("uuid", "UUID"):
            return UUID_SKETCH
        plain = self._find(module, name)
        if plain is None:
            raise Unsure
        if isinstance(plain, PlainEnum):
            return self._function(module, name, plain)
        made = instances(module, name)
        self.classes[made] = Kind(plain)
        return made

    def _function(self, module: str, name: str, kind: str | PlainEnum) -> Any:
        made: Any = calling(module, name)
        self.functions[made.args[0]] = kind
        return made


UUID_SKETCH = instances("uuid", "UUID")
STANDARD = {
    ("decimal", "Decimal"): "Decimal",
    ("datetime", "datetime"): "datetime",
    ("datetime", "date"): "date",
    ("datetime", "timedelta"): "timedelta",
    ("datetime", "timezone"): "timezone",
    ("_codecs", "encode"): "bytes",
}
"""Functions by name; ``bytes`` are stored by a call of one up to protocol 2."""


class Build:
    """Makes the objects of some sketches, of which no two share anything mutable."""

    def __init__(self, names: Names, text_limit: int) -> None:
        self._names = names
        self._met: set[int] = set()
        self._members_met: set[int] = set()
        """Ids of sketches of members, which count once however often a pickle refers to them."""
        self._left = text_limit
        """Length of all texts, so that texts that a pickle repeats by reference do no harm."""
        self.classes = Counter[str]()
        """Tag → instances and members."""

    def column(self, column: Column, depth: int = 0) -> Column:
        """Return the objects of ``column``, which may be the sketches themselves, to be looked at only.

        Raises :class:`NotRegular`, or what constructors raise.
        """
        kinds = {*map(type, column)}
        if kinds <= ATOMS:
            if not kinds.isdisjoint(_TEXTS):
                self._spend(column, kinds)
            return column
        if depth > MAX_DEPTH:
            raise NotRegular
        if len(kinds) == 1:
            return self._kind(kinds.pop(), column, depth)
        if NONE in kinds and len(kinds) == 2:
            return apart_from_none(column, None, lambda present, _: self.column(present, depth))
        return by_group([*map(type, column)], column, lambda kind, group: self._kind(kind, group, depth))

    def _spend(self, column: Column, kinds: set[type]) -> None:
        texts = column if len(kinds) == 1 else [value for value in column if type(value) in _TEXTS]
        self._left -= sum(map(len, texts))
        if self._left < 0:
            raise NotRegular

    def _kind(self, kind: Any, column: Column, depth: int) -> Column:
        if kind in ATOMS:
            return self.column(column, depth)
        make = _MAKERS.get(kind)
        if make is not None:
            return make(self, column, depth + 1)
        if issubclass(kind, InstanceSketch):
            return self._instances(kind, column, depth + 1)
        raise NotRegular

    def _meet(self, column: Column) -> None:
        """Note that these are met: each once, so that nothing is made twice and there are no cycles."""
        before = len(self._met)
        self._met.update(map(id, column))
        if len(self._met) != before + len(column):
            raise NotRegular

    def _lists(self, column: Column, depth: int) -> Column:
        self._meet(column)
        flat = flatten(column)
        out = self.column(flat, depth)
        return column if out is flat else regroup(out, column)

    def _tuples(self, column: Column, depth: int) -> Column:
        self._meet([each for each in column if each])
        flat = flatten(column)
        out = self.column(flat, depth)
        return column if out is flat else [*map(tuple, regroup(out, column))]

    def _dicts(self, column: Column, depth: int) -> Column:
        self._meet(column)
        names = names_of(column)
        if names is None:
            if {*map(type, flatten(column))} != {str}:
                raise NotRegular
            return self._unlike(column, depth)
        return self._like(names, column, depth)

    def _unlike(self, column: Column, depth: int) -> Column:
        """Make dicts that have different keys."""
        keys = [*map(tuple, column)]
        if len({*keys}) <= MANY_GROUPS:
            return by_group(keys, column, lambda names, group: self._like(names, group, depth))
        self._left -= sum(map(len, flatten(column)))
        flat = flatten(map(dict.values, column))
        out = self.column(flat, depth)
        rest = iter(out)
        return column if out is flat else [dict(zip(each, rest)) for each in column]  # noqa: B905 (in turn)

    def _like(self, names: tuple[str, ...], column: Column, depth: int) -> Column:
        """Make dicts that have the same keys."""
        self._left -= len(column) * sum(map(len, names))
        after, changed = self._members(names, column, depth)
        if not changed:
            return column
        made = [*map(dict.copy, column)]
        for number in changed:
            deque(map(setitem, made, repeat(names[number]), after[number]), 0)
        return made

    def _members(self, names: tuple[str, ...], dicts: Column, depth: int) -> tuple[list[Column], list[int]]:
        """Return the objects in ``dicts``, name by name, and the positions of the names where they differ."""
        if not names:
            return [], []
        before = by_position(values_of(dicts, len(names)), len(names))
        after = [self.column(values, depth) for values in before]
        return after, [number for number, values in enumerate(after) if values is not before[number]]

    # --- classes -----------------------------------------------------------------------------------

    def _instances(self, kind: type, column: Column, depth: int) -> Column:
        self._meet(column)
        states = states_of(column)
        self._meet(states)
        if kind is UUID_SKETCH:
            return [uuid.UUID(int=number) for number in uuid_numbers(states)]
        known = self._names.classes[kind]
        names = names_of(states)
        if names is not None:
            return self._shape(known, names, states, depth)
        if {*map(type, flatten(states))} != {str}:  # numbers could be chosen to have all the same hash
            raise NotRegular
        keys = [*map(tuple, states)]
        if len({*keys}) > MANY_GROUPS:
            raise NotRegular
        return by_group(keys, states, lambda names, group: self._shape(known, names, group, depth))

    def _shape(self, kind: Kind, names: tuple[Any, ...], states: Column, depth: int) -> Column:
        """Make instances that have the same attributes."""
        if names not in kind.seen:
            learn(kind, names)
        plain = kind.plain
        self.classes[plain.tag] += len(states)
        made: Column = [*map(object.__new__, repeat(plain.cls, len(states)))]
        after, changed = self._members(names, states, depth)
        slots = plain.slots
        if not slots:
            dicts = states
            if changed:
                dicts = [*map(dict.copy, states)]
                for number in changed:
                    deque(map(setitem, dicts, repeat(names[number]), after[number]), 0)
            deque(map(dict_of(plain.cls).__set__, made, dicts), 0)
            return made
        for name, values in zip(names, after, strict=True):
            if name in slots:
                deque(map(slots[name].__set__, made, values), 0)
            else:
                deque(map(setitem, map(dict_of(plain.cls).__get__, made), repeat(name), values), 0)
        return made

    # --- calls -------------------------------------------------------------------------------------

    def _calls(self, column: Column, _depth: int) -> Column:
        functions = [*map(function_of, column)]
        if len({*functions}) == 1:
            return self._called(functions[0], column)
        return by_group(functions, column, self._called)

    def _called(self, function: Any, column: Column) -> Column:
        kind = self._names.functions[function]
        args = [*map(args_of, column)]
        if isinstance(kind, str):
            if kind in _OF_TEXT:
                self._left -= sum(map(len, flatten(args)))
                if self._left < 0:
                    raise NotRegular
            return _STANDARD_MAKERS[kind](args)
        before = len(self._members_met)
        self._members_met.update(map(id, column))
        self.classes[kind.tag] += len(self._members_met) - before
        values = only(args)
        return [*map(kind.members.__getitem__, zip(map(type, values), values, strict=True))]


_MAKERS: dict[type, Callable[[Build, Column, int], Column]] = {
    list: Build._lists,  # noqa: SLF001
    tuple: Build._tuples,  # noqa: SLF001
    dict: Build._dicts,  # noqa: SLF001
    CallSketch: Build._calls,  # noqa: SLF001
}


@lru_cache(maxsize=1024)
def dict_of(cls: type) -> Any:
    """Return the descriptor of the ``__dict__`` of instances, whatever the class has under that name."""
    found = (vars(base).get("__dict__") for base in cls.__mro__)
    return next(each for each in found if type(each) is GetSetDescriptorType)


def states_of(column: Column) -> Column:
    """Return the one dict that each of some sketches of instances was given as its state, or None and it."""
    if {*map(len, column)} != {1}:
        raise NotRegular
    states = flatten(column)
    kinds = {*map(type, states)}
    if kinds == {dict}:
        return states
    if kinds == {tuple}:
        pairs = flatten(states)
        if {*map(len, states)} != {2} or {*map(type, pairs[::2])} != {NONE}:
            raise NotRegular
        states = pairs[1::2]
    if {*map(type, states)} != {dict}:
        raise NotRegular
    return states


# --- values of the standard library ------------------------------------------------------------


def only(args: Column) -> Column:
    """Return the one argument of each call."""
    if {*map(len, args)} != {1}:
        raise NotRegular
    return flatten(args)


def of_type(kind: type, column: Column) -> Column:
    """Return ``column`` if all in it is exactly of ``kind``."""
    if {*map(type, column)} != {kind}:
        raise NotRegular
    return column


def bytes_of(size: int, column: Column) -> Column:
    """Return what are ``size`` bytes each, which may be stored as text with the name of an encoding."""
    if {*map(type, column)} != {CallSketch}:
        return _sized(size, of_type(bytes, column))
    if not _names_one(column, ("_codecs", "encode")):
        raise NotRegular
    args = [*map(args_of, column)]
    _sized(
        size, [text for text, _ in args]
    )  # before they are made: a pickle may refer to one text very often
    return _bytes(args)


def _sized(size: int, column: Column) -> Column:
    if {*map(len, column)} != {size}:
        raise NotRegular
    return column


def _names_one(column: Column, name: tuple[str, str]) -> bool:
    functions = {*map(function_of, column)}
    return all((function.module, function.name) == name for function in functions)


def _refuse() -> Any:
    raise NotRegular


def _bytes(args: Column) -> Column:
    flat = flatten(args)
    if {*map(len, args)} != {2} or flat[1::2] != ["latin1"] * len(args):
        raise NotRegular
    return [*map(str.encode, of_type(str, flat[::2]), repeat("latin-1"))]


def _decimals(args: Column) -> Column:
    texts = of_type(str, only(args))
    made = [*map(Decimal, texts)]
    return made if [*map(str, made)] == texts else _refuse()


def packed(args: Column) -> tuple[Column, Column]:
    """Return the bytes in the arguments of :class:`datetime`, and whether the zone is UTC: that or none."""
    raws = bytes_of(10, [each[0] for each in args])
    rest = [each[1:] for each in args]
    zones = [zone for zone in rest if zone]
    if zones:
        timezones(only(zones))
    return raws, [*map(bool, rest)]


def timezones(column: Column) -> None:
    """Raise :class:`NotRegular` if some sketches are not all of ``datetime.timezone.utc``."""
    of_type(CallSketch, column)
    if not _names_one(column, ("datetime", "timezone")):
        raise NotRegular
    _no_offsets([*map(args_of, column)])


def _no_offsets(args: Column) -> None:
    """Raise :class:`NotRegular` if the arguments of some time zones are not all zero, as those of UTC."""
    offsets = of_type(CallSketch, only(args))
    if not _names_one(offsets, ("datetime", "timedelta")):
        raise NotRegular
    numbers = [*map(args_of, offsets)]
    if numbers != [(0, 0, 0)] * len(offsets):
        raise NotRegular
    of_type(int, flatten(numbers))


def _datetimes(args: Column) -> Column:
    raws, aware = packed(args)
    made = [*map(dt.datetime.replace, map(_datetime, raws))]  # which looks at each of the numbers
    if any(aware):
        there = partial(dt.datetime.replace, tzinfo=UTC)
        made = [there(each) if is_aware else each for each, is_aware in zip(made, aware, strict=True)]
    return made


def _dates(args: Column) -> Column:
    raws = bytes_of(4, only(args))
    return [*map(dt.date.replace, map(dt.date, raws))]  # type: ignore[arg-type]  # as pickle makes dates


def _timedeltas(args: Column) -> Column:
    if {*map(len, args)} != {3}:
        raise NotRegular
    of_type(int, flatten(args))
    return [*starmap(dt.timedelta, args)]


def _utc(args: Column) -> Column:
    _no_offsets(args)
    return [UTC] * len(args)


def uuid_numbers(states: Column) -> Column:
    """Return the numbers of UUIDs from the states of their sketches."""
    if names_of(states) != ("int",):
        raise NotRegular
    return of_type(int, values_of(states, 1))


_OF_TEXT = frozenset({"Decimal", "bytes"})
"""Types whose values are as long as the texts they are made of."""
_STANDARD_MAKERS: dict[str, Callable[[Column], Column]] = {
    "Decimal": _decimals,
    "datetime": _datetimes,
    "date": _dates,
    "timedelta": _timedeltas,
    "timezone": _utc,
    "bytes": _bytes,
}
