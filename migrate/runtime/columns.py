"""Many values of one place at a time: the way in which long lists are written and read.

A list of a thousand orders has a thousand values in the place ``Order.price``. Such a *column* is looked at,
and converted, by a few calls that loop in C (``{*map(type, column)}``, ``list(map(str, column))``), where the
general way makes a few calls for each value. The bytes are the same, and so are the values: what is not
uniform goes the general way, value by value; and when anything at all is amiss, :mod:`.engine` starts again
without columns, so that errors are the general way's too.

A column function takes a list, which it may keep or return, and the run; it returns a list of equal length.
"""

from __future__ import annotations

from gc import get_referents
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from .encode import Value

Column: TypeAlias = "list[Any]"
ColumnFunction: TypeAlias = "Callable[[Column, Any], Column]"

LONG = 8
"""From this length on, columns pay."""
PART = 256
"""So many values of a long list are converted before the next are looked at."""
MANY_GROUPS = 16
"""More groups than this in a column, and it counts as irregular."""
NONE = type(None)
_TEXT = frozenset({str})


class _Trial:
    """Its instances have a ``__dict__`` as any have."""


class _Text(str):
    __slots__ = ()


def _tells() -> bool:
    """Whether this interpreter's dicts refer to their values, in order, and to keys that are no exact texts.

    So CPython does up to 3.12 (``dict_traverse`` in ``Objects/dictobject.c``), and it takes no iterator.
    """
    trial = _Trial()
    names: list[list[object]] = [[], []]
    trial.a, trial.b = names  # type: ignore[attr-defined]
    plain = {"a": names[0], "b": names[1]}
    expected = [(plain, 2), (vars(trial), 2), ({_Text("a"): names[0]}, 2), ({1: names[0]}, 2)]
    found = get_referents(plain)
    in_order = len(found) == 2 and found[0] is names[0] and found[1] is names[1]
    return in_order and all(len(get_referents(each)) == count for each, count in expected)


_TELLS = _tells()


class Irregular(Exception):  # noqa: N818 - no error: a reason to go the general way
    """Something is met that only the general way can do, such as an object that is met twice."""


def flatten(rows: Iterable[Iterable[Any]]) -> Column:
    """Return the elements of all rows."""
    return list(chain.from_iterable(rows))


def regroup(flat: Iterable[Any], rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Undo :func:`flatten`: lists as long as ``rows``, of other elements."""
    rest = iter(flat)
    return [list(islice(rest, length)) for length in map(len, rows)]


def names_of(column: Column, *, parsed: bool = False) -> tuple[str, ...] | None:
    """Return the texts that all dicts of ``column`` have as keys, in the same order; None if they differ.

    Keys of dicts that were ``parsed`` are texts anyway.
    """
    names = tuple(column[0])
    keys = flatten(column)
    if len(keys) != len(names) * len(column):  # before as many names are written down
        return None
    return names if keys == [*names] * len(column) and (parsed or are_texts(keys, column)) else None


def are_texts(keys: Column, dicts: Column) -> bool:
    """Whether the ``keys`` of all ``dicts`` are exactly str: one of a subclass may equal a str."""
    return (_TELLS and len(get_referents(*dicts)) == len(keys)) or {*map(type, keys)} <= _TEXT


def values_of(dicts: Column, width: int) -> Column:
    """Return the values of dicts that were made just now, each with ``width`` texts as keys."""
    if _TELLS:
        values = get_referents(*dicts)
        if len(values) == len(dicts) * width:
            return values
    return flatten(map(dict.values, dicts))


def in_parts(column: Column) -> Iterator[Column]:
    """Cut ``column`` in parts that stay in the processor's cache while they are looked at several times."""
    for start in range(0, len(column), PART):
        yield column[start : start + PART]


def by_position(flat: Column, width: int) -> list[Column]:
    """Return one column for each position in rows that are all ``width`` long."""
    return [flat[number::width] for number in range(width)]


def apart_from_none(column: Column, run: Value, convert: ColumnFunction) -> Column:
    """Convert the values that are not None; ``column`` itself if ``convert`` changes nothing."""
    present = [value for value in column if value is not None]
    out = convert(present, run)
    if out is present:
        return column
    rest = iter(out)
    return [None if value is None else next(rest) for value in column]


def by_group(keys: Sequence[Hashable], column: Column, each: Callable[[Any, Column], Column]) -> Column:
    """Convert the values of ``column`` in groups of equal key; the order stays."""
    groups: dict[Hashable, Column] = {}
    for key, value in zip(keys, column, strict=True):
        group = groups.get(key)
        if group is None:
            groups[key] = [value]
        else:
            group.append(value)
    done = {key: iter(each(key, group)) for key, group in groups.items()}
    return [next(done[key]) for key in keys]


def of_kind(kind: type, all_of_kind: ColumnFunction, one: Callable[[Any, Any], Any]) -> ColumnFunction:
    """Return a function for columns of ``kind`` and None; others are converted one by one."""
    usual, optional = {kind}, {kind, NONE}

    def convert(column: Column, run: Value) -> Column:
        kinds = {*map(type, column)}
        if kinds == usual:
            return all_of_kind(column, run)
        if kinds == optional:
            return apart_from_none(column, run, all_of_kind)
        return [one(value, run) for value in column]

    return convert
