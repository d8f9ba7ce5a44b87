"""What ``pickle.load`` would have executed."""

from __future__ import annotations

from typing import Final, NamedTuple

from .calls import dotted, name_of, shape_of
from .graph import walk
from .names import is_harmless, is_notorious
from .python2 import modern_name
from .records import Call, Global, Record


class Verdict(NamedTuple):
    """What a pickle names and calls, each as ``module.name`` in Python 3's names, in the order met."""

    names: tuple[str, ...]
    """Every class and function that is named; ``pickle.load`` imports their modules."""
    calls: tuple[str, ...]
    """Those that ``pickle.load`` would have called, or made instances of."""
    executes: tuple[str, ...]
    """Those of ``calls`` that are not known as harmless constructors: the program's own classes, too."""
    dangerous: tuple[str, ...]
    """Those of ``executes`` with which hostile pickles run code, read files or reach the network."""


COMPUTED: Final = "(a function that the pickle computes)"
"""Stands in a :class:`Verdict` for a call of something that has no name in the data."""


def verdict(root: Record, dropped: tuple[Record, ...] = ()) -> Verdict:
    """Return which names the pickle has and what ``pickle.load`` would have executed.

    ``dropped`` are the records that it made and threw away, as :func:`~.engines.examine` gives them:
    hostile pickles like to hide calls there.
    """
    names: dict[str, None] = {}
    calls: dict[str, tuple[str, str]] = {}
    for record in walk(root, *dropped):
        if isinstance(record, Global):
            names[dotted(modern_name(record.module, record.name))] = None
        elif isinstance(record, Call):
            _note_call(record, names, calls)
    executes = {dotted: name for dotted, name in calls.items() if not is_harmless(*name)}
    dangerous = (d for d, name in executes.items() if d == COMPUTED or is_notorious(*name))
    return Verdict(tuple(names), tuple(calls), tuple(executes), tuple(dangerous))


def _note_call(call: Call, names: dict[str, None], calls: dict[str, tuple[str, str]]) -> None:
    attribute = name_of(call)
    if attribute is not None:  # getattr(Outer, "Inner") is a name
        names[dotted(modern_name(*attribute))] = None
        return
    shape = shape_of(call)
    name = modern_name(*shape.name) if shape is not None else ("", COMPUTED)
    calls[dotted(name)] = name
