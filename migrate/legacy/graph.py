"""Visiting a graph of records, which may share, repeat and contain itself."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .errors import LimitExceeded
from .records import NO_STATE, Call, Dict, FrozenSet, Node, Persistent, Record, Set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CONTAINERS = (list, tuple, Dict, Set, FrozenSet, Call, Persistent)
_HOLDING = frozenset(_CONTAINERS)
_NO_TEXT: Any = None

_parts_of = attrgetter("parts")
_items_of = attrgetter("items")
_effects_of = attrgetter("effects")
_main_of = attrgetter("function", "args", "kwargs", "state")


def children(record: Record) -> Iterable[Record]:
    """Return what ``record`` holds directly, in the order stored."""
    if isinstance(record, (list, tuple)):
        return record
    if isinstance(record, Dict):
        return record.parts
    if isinstance(record, (Set, FrozenSet)):
        return record.items
    if isinstance(record, Call):
        return _parts(record)
    if isinstance(record, Persistent):
        return (record.pid,)
    return ()


def _parts(call: Call) -> Iterator[Record]:
    yield call.function
    yield call.args
    if call.kwargs is not None:
        yield call.kwargs
    if call.state is not NO_STATE:
        yield call.state
    yield from call.items
    yield from call.parts
    yield from call.effects


def walk(*roots: Record) -> Iterator[Record]:
    """Yield every record reachable from ``roots``, parents first.

    Records are met once, however often they are shared; plain scalars as often as they occur.
    """
    seen: set[int] = set()
    pending = [iter(roots)]
    while pending:
        for record in pending[-1]:
            if isinstance(record, (list, tuple, Node)):
                if id(record) in seen:
                    continue
                seen.add(id(record))
                yield record
                if isinstance(record, _CONTAINERS):
                    pending.append(iter(children(record)))
                    break
            else:
                yield record
        else:
            pending.pop()


def shared(*roots: Record) -> set[int]:
    """Return the ids of the records that are referred to more than once; plain scalars do not count."""
    seen: set[int] = set()
    found: set[int] = set()
    pending: list[Iterable[Record]] = [roots]
    while pending:
        for record in pending.pop():
            if not isinstance(record, (list, tuple, Node, bytearray)):
                continue
            if id(record) in seen:
                found.add(id(record))
            else:
                seen.add(id(record))
                pending.append(children(record))
    return found


def check_depth(roots: Sequence[Record], max_depth: int, *, ops: int, offset: int) -> None:
    """Raise :class:`~.errors.LimitExceeded` when a visit goes more than ``max_depth`` records deep.

    Every record is visited once, depth first; scalars and what is empty do not count. ``ops``, the number of
    opcodes, is an upper bound of how many references the records can have.
    """
    if _is_shallow(roots, max_depth, ops):
        return
    seen: set[int] = set()
    pending = [_holding(roots)]
    while pending:
        if not pending[-1]:
            pending.pop()
            continue
        record = pending[-1].pop()
        if id(record) in seen:
            continue
        seen.add(id(record))
        if len(pending) > max_depth:
            raise LimitExceeded(
                f"values are nested deeper than max_depth={max_depth}", limit="max_depth", offset=offset
            )
        pending.append(_holding(list(children(record))))


def _is_shallow(roots: Sequence[Record], max_depth: int, budget: int) -> bool:
    """Return whether no path at all is longer than ``max_depth``; False also if that is not easily told.

    Goes down level by level, with what is shared on every level where it stands. That ends unless there are
    cycles, and is soon found if nearly all records are met once.
    """
    level: Sequence[Any] = roots
    for _ in range(max_depth + 1):
        kinds = _kinds(level)
        if kinds.isdisjoint(_HOLDING):
            return True
        held = _all_held(level, kinds)
        budget -= sum(map(len, held))
        if budget < 0:
            return False
        level = list(chain.from_iterable(held))
    return False


def _kinds(records: Sequence[Any]) -> set[type]:
    """Return the types of the records; of plain scalars one of them at least.

    Most long lists are of numbers or of texts alone, which adding them up tells in a third of the time. That
    must not take longer where these are long: one text or number may stand there a million times. So numbers
    are added as floats, and texts are never joined: ``join`` looks at all types before it makes room.
    """
    first = type(records[0]) if records else None
    try:
        if first is int or first is float:
            sum(records, 0.0)
            return {first}
        if first is str:
            "".join([*records, _NO_TEXT])
    except TypeError as error:
        if str(error).startswith(f"sequence item {len(records)}: "):
            return {str}
    except OverflowError:
        pass
    return set(map(type, records))


def _holding(records: Sequence[Any]) -> list[Record]:
    """Return those of ``records`` that hold something."""
    return [record for record in records if type(record) in _HOLDING and record]


def _all_held(records: Sequence[Any], kinds: set[type]) -> list[Sequence[Any]]:
    """Return all that the records hold, in sequences; sorted by type first, for a loop for each is slow."""
    found: list[Any] = []
    for kind in kinds & _HOLDING:
        group: Sequence[Any] = (
            records if len(kinds) == 1 else [record for record in records if type(record) is kind]
        )
        if kind is list or kind is tuple:
            found += group
        elif kind is Dict:
            found += map(_parts_of, group)
        elif kind is Call:
            found += map(_main_of, group)
            for get in (_items_of, _parts_of, _effects_of):
                found += filter(None, map(get, group))
        else:
            found += (tuple(children(record)) for record in group)
    return found
