"""Both engines on the same pickle, and whether they say the same."""

import struct

from migrate.legacy import DEFAULT_LIMITS, LegacyError, fast, reference
from migrate.legacy.records import Node

HOLDING = (list, tuple, Node, bytearray)
"""What may be met twice in a graph, and what holds others."""


def parts(record):
    """Return what identifies a record besides its children, and its children."""
    if isinstance(record, (list, tuple)):
        return len(record), list(record)
    if isinstance(record, Node):
        names = [name for kind in type(record).__mro__ for name in getattr(kind, "__slots__", ())]
        return None, [getattr(record, name) for name in names]
    if isinstance(record, float):
        return struct.pack("d", record), []
    return record, []


def difference(one, other):
    """Return None if two graphs of records are the same, with the same sharing; else what differs first."""
    forth, back = {}, {}  # ids, of what the roots keep alive
    pending = [(one, other, 0)]
    while pending:
        left, right, depth = pending.pop()
        if type(left) is not type(right):
            return f"{type(left)} is not {type(right)} at depth {depth}"
        if isinstance(left, HOLDING) and left != ():
            mine, its = id(left), id(right)
            met = mine in forth
            if forth.setdefault(mine, its) != its or back.setdefault(its, mine) != mine:
                return f"{left!r:.100} is shared otherwise at depth {depth}"
            if met:
                continue
        (what, ours), (that, theirs) = parts(left), parts(right)
        if what != that:
            return f"{what!r:.100} is not {that!r:.100} at depth {depth}"
        depth += 1
        pending += (
            (a, b, depth) for a, b in zip(ours, theirs, strict=True) if a is not b or isinstance(a, HOLDING)
        )
    return None


def disagreement(data, start=0, limits=DEFAULT_LIMITS):
    """Return what the engines say differently, None if nothing; and whether the fast one said anything."""
    found = fast.read(data, start, limits)
    if found is None:
        return None, False
    ours, bound = found
    try:
        theirs, ops = reference.read(data, start, limits)
    except LegacyError as error:
        return f"the reference refuses it: {error}", True
    if (ours.end, ours.protocol) != (theirs.end, theirs.protocol) or bound < ops:
        return f"{ours.end, ours.protocol, bound} is not {theirs.end, theirs.protocol, ops}", True
    return difference((ours.root, ours.dropped), (theirs.root, theirs.dropped)), True
