"""Columns of values → columns of their wire trees.

What is written here is for the JSON encoder alone: instead of an object with known keys there may stand a
``msgspec.Struct`` with these keys, which is smaller, quicker to make, and written as the same text. Whether
UTF-8 can carry the texts is left to the encoder, which raises when it cannot.
"""

from __future__ import annotations

import sys
from collections import deque
from functools import cache
from itertools import repeat
from math import isfinite
from operator import attrgetter, is_not, setitem
from typing import TYPE_CHECKING, Any

from .columns import (
    LONG,
    MANY_GROUPS,
    NONE,
    Irregular,
    apart_from_none,
    are_texts,
    by_group,
    by_position,
    flatten,
    in_parts,
    names_of,
    of_kind,
    regroup,
)
from .encode import INT_MAX, INT_MIN, SCALARS, has_plain_keys
from .jsontext import Piece, write_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from .columns import Column, ColumnFunction
    from .encode import Encoder, EncodeRun
    from .plans import ClassPlan
    from .typed import Coder

_SCALARS = frozenset({NONE, bool, int, float, str})
_MANY_SHAPES = 64
_WIDE = 16
"""Rows of equal length are looked at position by position up to this length."""


def write_array(column: Column, run: EncodeRun, items: ColumnFunction) -> Piece:
    """Write the elements of a long list."""
    run.uses_columns = True
    return Piece(list, [_text(items(part, run), run) for part in in_parts(column)])


def write_object(value: dict[str, Any], run: EncodeRun) -> Piece:
    """Write a large dict with plain keys."""
    run.uses_columns = True
    parts = zip(in_parts([*value]), in_parts([*value.values()]), strict=True)
    return Piece(dict, [_text(dict(zip(k, write_any(v, run), strict=True)), run) for k, v in parts])


def _text(wire: Any, run: EncodeRun) -> bytes:
    """Return the JSON text of a part, without the brackets."""
    text = write_part(wire)
    check_unchanged(run)
    return text


def check_unchanged(run: EncodeRun) -> None:
    """Raise Irregular if a list or dict that was written as it is has been changed since it was looked at.

    Another thread may do that at any time.
    """
    for rows, values in run.written:
        if flatten(rows) != values:
            raise Irregular
    run.written.clear()


def write_any(column: Column, run: EncodeRun) -> Column:
    """Write self-describing values."""
    kinds = {*map(type, column)}
    if kinds <= _SCALARS and _stand_for_themselves(column, kinds):
        return column
    if len(kinds) == 1:
        return _write_kind(kinds.pop(), column, run)
    if NONE in kinds and len(kinds) == 2:
        return apart_from_none(column, run, write_any)
    if len(kinds) > MANY_GROUPS or len(column) < LONG:
        return _one_by_one(column, run)
    return by_group([*map(type, column)], column, lambda kind, group: _write_kind(kind, group, run))


def _stand_for_themselves(column: Column, kinds: set[type]) -> bool:
    """Whether all numbers in a column of scalars can be carried by JSON; texts are left to the encoder."""
    if int in kinds:
        ints = column if len(kinds) == 1 else [value for value in column if type(value) is int]
        if min(ints) < INT_MIN or max(ints) > INT_MAX:
            return False
    if float in kinds:
        floats = column if len(kinds) == 1 else [value for value in column if type(value) is float]
        return isfinite(sum(floats)) or all(map(isfinite, floats))
    return True


def _one_by_one(column: Column, run: EncodeRun) -> Column:
    encoders, encoder_of = run.encoders, run.encoder_of
    return [(encoders.get(cls) or encoder_of(cls))(v, run) for v, cls in zip(column, map(type, column))]  # noqa: B905


def _write_kind(kind: type, column: Column, run: EncodeRun) -> Column:
    if kind in _SCALARS:
        return column if _stand_for_themselves(column, {kind}) else _one_by_one(column, run)
    write = _CONTAINERS.get(kind) or (run.column_of(kind) if run.column_of is not None else None)
    return _one_by_one(column, run) if write is None else write(column, run)


# --- containers ---------------------------------------------------------------------------------


def write_lists(column: Column, run: EncodeRun, items: ColumnFunction = write_any) -> Column:
    """Write lists, of which no one is met twice; ``items`` writes their elements."""
    run.meet_all(column)
    flat = flatten(column)
    width = len(column[0])
    if 1 < width <= _WIDE and {*map(len, column)} == {width}:
        before = by_position(flat, width)
        after = [items(part, run) for part in before]
        if any(map(is_not, before, after)):
            return [*map(list, zip(*after, strict=True))]
    else:
        out = items(flat, run)
        if out is not flat:
            return regroup(out, column)
    run.written.append((column, flat))
    return column


def _write_tuples(column: Column, run: EncodeRun) -> Column:
    flat = flatten(column)
    if not SCALARS.issuperset({*map(type, flat)}):
        return _one_by_one(column, run)
    width = len(column[0])
    rows = column
    if 0 < width <= _WIDE and {*map(len, column)} == {width}:
        before = by_position(flat, width)
        after = [write_any(part, run) for part in before]
        if any(map(is_not, before, after)):
            rows = [*map(list, zip(*after, strict=True))]
    else:
        out = write_any(flat, run)
        rows = column if out is flat else regroup(out, column)
    return [*map(_tuple_twin(), rows)]


@cache
def _tuple_twin() -> Any:
    return _twin(None, ("$tuple",))


def _write_dicts(column: Column, run: EncodeRun) -> Column:
    return write_objects(column, run, write_any) or _one_by_one(column, run)


def write_objects(column: Column, run: EncodeRun, members: ColumnFunction) -> Column | None:
    """Write dicts with plain keys, of which no one is met twice; None if some have other keys."""
    names = names_of(column)
    if names is None:
        keys = flatten(column)
        if not are_texts(keys, column) or not has_plain_keys({*keys}):
            return None
    elif not has_plain_keys(names):
        return None
    run.meet_all(column)
    flat = flatten(map(dict.values, column))
    run.written.append((map(dict.values, column), flat))
    if not names:
        out = members(flat, run)
        if out is flat:
            return column
        rest = iter(out)
        return [dict(zip(row, rest)) for row in column]  # noqa: B905 - each takes as many as it has keys
    rows = column
    for name, values in zip(names, by_position(flat, len(names)), strict=True):
        out = members(values, run)
        if out is not values:
            if rows is column:
                rows = [*map(dict.copy, column)]
            deque(map(setitem, rows, repeat(name), out), 0)
    return rows


_CONTAINERS: dict[type, ColumnFunction] = {list: write_lists, tuple: _write_tuples, dict: _write_dicts}


# --- strings ------------------------------------------------------------------------------------


def write_texts(name: str, kind: Any, write: Callable[[Any], str | None], one: Encoder) -> ColumnFunction:
    """Return a function for a typed place whose plain form is the string that ``write`` gives, or None."""
    quick = _TEXTS.get(name)

    def convert(column: Column, run: EncodeRun) -> Column:
        texts = quick(kind, column) if quick is not None else None
        if texts is None:
            texts = [*map(write, column)]
        if None in texts:
            return [one(value, run) if text is None else text for value, text in zip(column, texts)]  # noqa: B905
        return texts

    return of_kind(kind, convert, one)


def _datetimes(kind: Any, column: Column) -> Column | None:
    zones = {*map(attrgetter("tzinfo"), column)} - {None, sys.modules["datetime"].timezone.utc}
    if zones or any(map(attrgetter("fold"), column)):
        return None
    return [*map(kind.isoformat, column)]


_TEXTS: dict[str, Callable[[Any, Column], Column | None]] = {
    "datetime:datetime": _datetimes,
    "datetime:date": lambda kind, column: [*map(kind.isoformat, column)],
}
"""Types whose texts can be made without a call in Python for each."""


# --- classes ------------------------------------------------------------------------------------


class ClassWriter:
    """Columns of the instances of one registered class that are their attributes and nothing else."""

    def __init__(self, plan: ClassPlan) -> None:
        self._plan = plan
        self._dict = attrgetter("__dict__")
        self._shapes: dict[tuple[Any, ...], _Shape | None] = {}

    def tagged(self, column: Column, run: EncodeRun) -> Column:
        """Write self-describing instances, all exactly of the class."""
        return self._write(column, run, self._plan.encode, tagged=True)

    def typed(self, column: Column, run: EncodeRun) -> Column:
        """Write instances in a place declared as the class."""
        return self._write(column, run, self._plan.encode_typed, tagged=False)

    def _write(self, column: Column, run: EncodeRun, one: Encoder, *, tagged: bool) -> Column:
        if len(column) < LONG:
            return [one(value, run) for value in column]
        layout = self._plan.layout
        if not layout.has_dict:
            shape = self._shape((), tagged)
            return [one(v, run) for v in column] if shape is None else shape.write(column, None, run)
        dicts = [*map(self._dict, column)]
        names = names_of(dicts)
        if names is not None:
            shape = self._shape(names, tagged)
            return [one(v, run) for v in column] if shape is None else shape.write(column, dicts, run)
        if not are_texts(flatten(dicts), dicts):
            return [one(value, run) for value in column]
        keys = [*map(tuple, dicts)]
        shapes = {names: self._shape(names, tagged) for names in {*keys}}
        if None in shapes.values() or len(shapes) > MANY_GROUPS:
            return [one(value, run) for value in column]

        def each(names: tuple[Any, ...], group: Column) -> Column:
            return shapes[names].write(group, [*map(self._dict, group)], run)  # type: ignore[union-attr]

        return by_group(keys, column, each)

    def _shape(self, names: tuple[Any, ...], tagged: bool) -> _Shape | None:
        key = (tagged, *names)
        if key not in self._shapes:
            if len(self._shapes) >= _MANY_SHAPES:
                return None
            self._shapes[key] = self._make_shape(names, tagged)
        return self._shapes[key]

    def _make_shape(self, names: tuple[Any, ...], tagged: bool) -> _Shape | None:
        plan = self._plan
        every = (*names, *plan.layout.slots)
        if not has_plain_keys(every) or len({*every}) < len(every) or not plan.defaults.keys() <= {*every}:
            return None
        if plan.evolution is not None and not plan.evolution.leaves(every):
            return None
        twin = _twin(plan.tag if tagged else None, every)
        if twin is None:
            return None
        coders = [plan.fields.get(name) for name in every]
        return _Shape(twin, [(name, c) for name, c in zip(every, coders, strict=True)], len(names))


def writer_of(plan: ClassPlan) -> ClassWriter | None:
    """Return what writes columns of a class; None if its instances have to be looked at one by one."""
    layout = plan.layout
    regular = plan.simple and not (layout.opaque or layout.new or layout.setstate or layout.hash_cache)
    found: Any = plan.cls.__getattribute__  # __getattr__ may stand in for a slot that is not set
    own = found is not object.__getattribute__ or hasattr(plan.cls, "__getattr__")
    if not regular or own or any(getattr(plan.cls, n, None) is not s for n, s in layout.slots.items()):
        return None
    return ClassWriter(plan)


class _Shape:
    """Instances of one class that have the same attributes in the same order."""

    __slots__ = ("_coders", "_in_dict", "_slots", "_twin")

    def __init__(self, twin: Any, coders: list[tuple[str, Coder | None]], in_dict: int) -> None:
        self._twin = twin
        self._in_dict = in_dict
        self._slots = [attrgetter(name) for name, _ in coders[in_dict:]]
        self._coders = [coder for _, coder in coders]

    def write(self, column: Column, dicts: Column | None, run: EncodeRun) -> Column:
        """Write ``column``, whose attributes are in ``dicts`` and slots."""
        if not self._coders:
            run.meet_all(column)
            return [self._twin() for _ in column]
        attributes: list[Column] = []
        if dicts is not None and self._in_dict:
            flat = flatten(map(dict.values, dicts))
            if len(flat) != self._in_dict * len(dicts):
                raise Irregular  # changed by another thread
            attributes += by_position(flat, self._in_dict)
        attributes += [[*map(slot, column)] for slot in self._slots]
        run.meet_all(column)
        members = [
            write_any(values, run) if coder is None else coder.write_column(values, run)
            for coder, values in zip(self._coders, attributes, strict=True)
        ]
        return [*map(self._twin, *members)]


def _twin(tag: str | None, names: tuple[str, ...]) -> Any:
    """Return a Struct that is written as an object with these keys; None if there can be none."""
    import msgspec

    fields = [(f"f{number}", Any) for number in range(len(names))]
    rename = {f"f{number}": name for number, name in enumerate(names)}
    options: dict[str, Any] = {} if tag is None else {"tag_field": "$type", "tag": tag}
    try:
        return msgspec.defstruct("Twin", fields, rename=rename, gc=False, **options)
    except ValueError:  # a name with characters that JSON has to escape
        return None


def write_members(names: dict[int, Any], one: Encoder, kind: type) -> ColumnFunction:
    """Return a function for members of an enum, whose forms are ``names`` by identity."""

    def convert(column: Column, run: EncodeRun) -> Column:
        try:
            return [*map(names.__getitem__, map(id, column))]
        except KeyError:
            return [one(value, run) for value in column]

    return of_kind(kind, convert, one)
