"""Columns of wire trees → columns of values.

The trees are this run's own, parsed for it: lists and dicts in which nothing has to be converted become the
values themselves.
"""

from __future__ import annotations

import sys
from collections import deque
from itertools import repeat
from operator import itemgetter, setitem
from typing import TYPE_CHECKING, Any

from . import jsontext
from .columns import (
    LONG,
    MANY_GROUPS,
    NONE,
    Irregular,
    apart_from_none,
    by_group,
    by_position,
    flatten,
    in_parts,
    names_of,
    of_kind,
    regroup,
    values_of,
)
from .decode import CONTAINERS
from .standard import standard

if TYPE_CHECKING:
    from collections.abc import Callable

    from .columns import Column, ColumnFunction
    from .decode import Decoder, DecodeRun
    from .plans import ClassPlan

_MANY_SHAPES = 64


def read_array(column: Column, run: DecodeRun, items: ColumnFunction) -> Column:
    """Read the elements of a long array."""
    run.uses_columns = True
    out: Column = []
    for part in in_parts(column):
        out += items(part, run)
    return out


def read_elements(texts: Column, run: DecodeRun) -> Column:
    """Read the elements of a long array that are text yet."""
    out: Column = []
    for part in in_parts(texts):
        wires, run.signs = jsontext.read_elements(part)
        out += read_any(wires, run)
    return out


def read_object(wire: dict[str, Any], run: DecodeRun) -> dict[str, Any]:
    """Read the members of a large object, which is no tag."""
    return dict(zip(wire, read_array([*wire.values()], run, read_any), strict=True))


def read_any(column: Column, run: DecodeRun) -> Column:
    """Read self-describing values."""
    if not run.signs:
        return column
    kinds = {*map(type, column)}
    if kinds.isdisjoint(CONTAINERS):
        return column
    if len(kinds) == 1:
        return read_lists(column, run) if kinds.pop() is list else _read_dicts(column, run)
    if NONE in kinds and len(kinds) == 2:
        return apart_from_none(column, run, read_any)
    return by_group([*map(type, column)], column, lambda kind, group: _read_kind(kind, group, run))


def _read_kind(kind: type, column: Column, run: DecodeRun) -> Column:
    if kind is list:
        return read_lists(column, run)
    return _read_dicts(column, run) if kind is dict else column


def read_lists(column: Column, run: DecodeRun, items: ColumnFunction = read_any) -> Column:
    """Read arrays, whose elements ``items`` reads."""
    if not run.signs and items is read_any:
        return column
    flat = flatten(column)
    out = items(flat, run)
    return column if out is flat else regroup(out, column)


def _read_dicts(column: Column, run: DecodeRun) -> Column:
    if run.signs >= len(column) >= LONG and _are_rows_of_tags(column, run):
        return column
    names = names_of(column, parsed=True)
    if names is not None:
        return _read_shape(names, column, run)
    keys = [*map(tuple, column)]
    shapes = {*keys}
    if len(shapes) <= MANY_GROUPS:
        return by_group(keys, column, lambda names, group: _read_shape(names, group, run))
    if any(names[0][:1] == "$" for names in shapes if names):
        return [run.pick(wire)(wire, run) for wire in column]
    flat = flatten(map(dict.values, column))
    out = read_any(flat, run)
    if out is flat:
        return column
    rest = iter(out)
    return [dict(zip(wire, rest)) for wire in column]  # noqa: B905 - each takes as many as it has keys


def _are_rows_of_tags(column: Column, run: DecodeRun) -> bool:
    """Read the tags among the members of rows, if they account for every "$" in the text.

    Then there is nothing to look for in the rows' other members, nor in the rows themselves.
    """
    tags = [(name, tuple(value)) for name, value in column[0].items() if type(value) is dict]
    tags = [(name, keys) for name, keys in tags if keys in _TAGS]
    if len(tags) * len(column) != run.signs:
        return False
    found = []
    try:
        for name, keys in tags:
            objects = [*map(itemgetter(name), column)]
            if {*map(type, objects)} != {dict} or {*map(len, objects)} != {1}:
                return False
            found.append((name, _TAGS[keys], [*map(itemgetter(*keys), objects)]))
    except KeyError:
        return False
    for name, read, contents in found:
        out = read(contents, run)
        if out is None:
            raise Irregular  # the rows before it have changed
        deque(map(setitem, column, repeat(name), out), 0)
    return True


def _read_shape(names: tuple[str, ...], column: Column, run: DecodeRun) -> Column:
    """Read objects that have the same keys."""
    first = names[0][:1] if names else ""
    if first != "$":
        return _read_objects(names, column, run)
    if len(column) >= LONG:
        if names[0] == "$type":
            return _read_instances(names, column, run)
        read = _TAGS.get(names)
        done = None if read is None else read([*map(itemgetter(names[0]), column)], run)
        if done is not None:
            return done
    return [run.pick(wire)(wire, run) for wire in column]


def _read_objects(names: tuple[str, ...], column: Column, run: DecodeRun) -> Column:
    """Read objects with the same keys, none of which begins a tag."""
    if not names:
        return column
    members = by_position(values_of(column, len(names)), len(names))
    # Tags first: when all are found, there is nothing to do for the others.
    for name, values in sorted(zip(names, members, strict=True), key=_is_no_object):
        out = read_any(values, run)
        if out is not values:
            deque(map(setitem, column, repeat(name), out), 0)
    return column


def _is_no_object(member: tuple[str, Column]) -> bool:
    return type(member[1][0]) is not dict


def _read_instances(names: tuple[str, ...], column: Column, run: DecodeRun) -> Column:
    def each(tag: str, group: Column) -> Column:
        reader = run.column_of(tag) if run.column_of is not None else None
        done = None if reader is None else reader.read(names, group, run)
        return [run.pick(wire)(wire, run) for wire in group] if done is None else done

    tags = [*map(itemgetter("$type"), column)]
    return each(tags[0], column) if len({*tags}) == 1 else by_group(tags, column, each)


def _tuples(column: Column, run: DecodeRun) -> Column | None:
    if {*map(type, column)} != {list}:
        return None
    run.signs -= len(column)
    return [*map(tuple, read_lists(column, run))]


def _texts(name: str, function: str | None = None) -> Callable[[Column, DecodeRun], Column | None]:
    def read(column: Column, run: DecodeRun) -> Column | None:
        if {*map(type, column)} != {str}:
            return None
        run.signs -= len(column)
        cls = standard(name)
        return [*map(cls if function is None else getattr(cls, function), column)]

    return read


_TAGS: dict[tuple[str, ...], Callable[[Column, DecodeRun], Column | None]] = {
    ("$tuple",): _tuples,
    ("$decimal",): _texts("decimal:Decimal"),
    ("$date",): _texts("datetime:date", "fromisoformat"),
}
"""Keys of a tag without other members → the reader of what it holds, or None if that is not regular."""


# --- strings ------------------------------------------------------------------------------------


def read_texts(name: str, kind: Any, read: Callable[[str], Any], one: Decoder) -> ColumnFunction:
    """Return a function for a typed place whose plain form is a string."""
    quick = {"datetime:datetime": "fromisoformat", "datetime:date": "fromisoformat"}.get(name)
    make = getattr(kind, quick) if quick is not None else kind if name == "decimal:Decimal" else read
    return of_kind(str, lambda column, _run: [*map(make, column)], one)


# --- classes ------------------------------------------------------------------------------------


class ClassReader:
    """Columns of the instances of one registered class that are their attributes and nothing else."""

    def __init__(self, plan: ClassPlan) -> None:
        self._plan = plan
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}

    def typed(self, column: Column, run: DecodeRun) -> Column:
        """Read objects from a place declared as the class."""
        names = names_of(column, parsed=True)
        if names is not None:
            return self._typed(names, column, run)
        keys = [*map(tuple, column)]
        return by_group(keys, column, lambda names, group: self._typed(names, group, run))

    def _typed(self, names: tuple[str, ...], column: Column, run: DecodeRun) -> Column:
        if names and names[0][:1] == "$":
            return read_any(column, run)
        done = self.read(names, column, run)
        return [self._plan.decode(wire, run) for wire in column] if done is None else done

    def read(self, names: tuple[str, ...], column: Column, run: DecodeRun) -> Column | None:
        """Read objects with the same keys; None if they have to be read one by one."""
        if len(column) < LONG:
            return None
        if names not in self._shapes:
            if len(self._shapes) >= _MANY_SHAPES:
                return None
            self._shapes[names] = self._make_shape(names)
        shape = self._shapes[names]
        return None if shape is None else shape.read(column, run)

    def _make_shape(self, names: tuple[str, ...]) -> _Shape | None:
        plan = self._plan
        layout = plan.layout
        own = names[1:] if names[:1] == ("$type",) else names
        if any(name[:1] == "$" for name in own) or not plan.defaults.keys() <= {*own}:
            return None
        if layout.is_model and "__dict__" in own:  # the state of a pickled model, not its fields
            return None
        if plan.evolution is not None and not plan.evolution.leaves(own):
            return None
        if not layout.has_dict and not layout.slots.keys() >= {*own}:
            return None
        return _Shape(plan, names)


class _Shape:
    """Objects of one class that have the same keys."""

    def __init__(self, plan: ClassPlan, names: tuple[str, ...]) -> None:
        self._cls = plan.cls
        self._tagged = names[:1] == ("$type",)
        own = names[1:] if self._tagged else names
        fields, slots = plan.fields, plan.layout.slots
        self._members = [(sys.intern(n), fields.get(n), slots.get(n)) for n in own]
        self._template: dict[str, Any] = dict.fromkeys(
            name for name, _, slot in self._members if slot is None
        )
        """Its keys are those that the attributes get: strings that are interned are found faster."""
        self._set_dict: Any = None
        if plan.layout.has_dict:
            self._set_dict = next(
                vars(b)["__dict__"] for b in plan.cls.__mro__ if "__dict__" in vars(b)
            ).__set__

    def read(self, column: Column, run: DecodeRun) -> Column:
        """Return an instance for each of ``column``."""
        made: Column = [*map(object.__new__, repeat(self._cls, len(column)))]
        if self._tagged:
            run.signs -= len(column)
            deque(map(dict.pop, column, repeat("$type")), 0)
        if not self._members:
            return made
        values = by_position(values_of(column, len(self._members)), len(self._members))
        whole = len(self._template) == len(self._members)
        dicts: Column = []
        if self._template:
            dicts = [*map(dict.copy, repeat(self._template, len(column)))]
            if whole:
                deque(map(dict.update, dicts, column), 0)
        for (name, coder, slot), before in zip(self._members, values, strict=True):
            after = read_any(before, run) if coder is None else coder.read_column(before, run)
            if slot is not None:
                deque(map(slot.__set__, made, after), 0)
            elif after is not before or not whole:
                deque(map(setitem, dicts, repeat(name), after), 0)
        if dicts:
            deque(map(self._set_dict, made, dicts), 0)
        return made


def reader_of(plan: ClassPlan) -> ClassReader | None:
    """Return what reads columns of a class; None if its instances have to be made one by one."""
    layout = plan.layout
    if not plan.simple or layout.new or layout.setstate or layout.hash_cache or layout.opaque:
        return None
    return ClassReader(plan)
