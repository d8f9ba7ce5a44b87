"""8-bit strings of Python 2 while a pickle is landed: as the place declares, or else as the load says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..legacy.calls import shape_of
from ..legacy.graph import children, walk
from ..legacy.records import ByteString, Call, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._landing_run import LandingRun, Place
    from .eightbit import Reading

_NO_TEXT: Final = frozenset(("bytes", "report"))


def decoded(run: LandingRun, record: ByteString, place: Place, step: str | int) -> str | bytes:
    """Return what the string is; ``step`` leads from ``place`` to it. Raises LandingError."""
    encoding, errors = run.encoding, run.errors
    policy = None if place.reading is None else place.reading.at(step).policy
    if policy is not None:
        if policy != "text":
            encoding, errors = policy, "strict"
        elif encoding == "bytes":
            encoding = "ASCII"
    if encoding == "bytes":
        return record.raw
    what = "stands where it is to be reported"
    if encoding != "report":
        try:
            return record.raw.decode(encoding, errors)
        except UnicodeDecodeError:
            what = f"is not {encoding}"
    what = f"an 8-bit string of Python 2 {what}: {record.raw!r}"
    return run.bad(what, place.to(step), reason="python2-bytes")


def keys_are_text(run: LandingRun, place: Place) -> bool:
    """Whether the keys of a dict at ``place`` are text if they are ASCII; those of a state are names."""
    reading = place.reading
    if reading is None or (reading.policy is None and reading.fields is None):
        return run.encoding != "bytes"
    return reading.fields is not None or reading.policy not in _NO_TEXT


def check_shared(run: LandingRun, record: Record, first: Reading | None, place: Place) -> None:
    """Refuse what is shared by places that declare its 8-bit strings to be different things.

    What is declared for the fields of a class holds wherever an instance stands.
    """
    here = place.reading
    if first is None or here is None or first == here:
        return
    if first.ahead == here.ahead:
        differs = _has_strings(record, lambda name: run.tag(name) is not None)
    else:
        differs = any(type(part) is ByteString for part in walk(record))
    if differs:
        what = "this is shared with a place where its 8-bit strings of Python 2 are read in another way"
        run.bad(what, place, reason="python2-bytes")


def _has_strings(record: Record, is_instance: Callable[[tuple[str, str]], bool]) -> bool:
    """Whether 8-bit strings are in a record, other than in the instances of registered classes."""
    seen: set[int] = set()
    pending = [record]
    while pending:
        part = pending.pop()
        if type(part) is ByteString:
            return True
        if id(part) in seen:
            continue
        seen.add(id(part))
        shape = shape_of(part) if isinstance(part, Call) else None
        if shape is None or not is_instance(shape.name):
            pending += children(part)
    return False
