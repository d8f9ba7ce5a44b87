"""Records of a pickle → wire tree.

Landing makes no objects of the program: it writes the self-describing form of docs/wire-format.md, and
the decoder of the Codec builds from that. Which names may stand in it is decided by the registry's
``lookup`` and by the closed table of :mod:`._landing_standard`; any other name in the data is an error
with its path, never an import.

It works through a list of tasks instead of by recursion, so neither the depth of the data nor that of
the caller matters to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..legacy.records import Buffer, Call, Dict, FrozenSet, Global, Persistent, Record, Set
from ._landing_instances import land_call, land_global
from ._landing_run import MAX_DEPTH, MAX_OUTPUT, LandingError, LandingRun, Place, TooLong, UnknownGlobal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._landing_run import Handler, Lookup, Wire
    from .eightbit import Strings

__all__ = ["MAX_OUTPUT", "LandingError", "TooLong", "UnknownGlobal", "to_wire"]


def to_wire(  # noqa: PLR0913 - all but two are options
    root: Record,
    lookup: Lookup,
    *,
    encoding: str = "ASCII",
    errors: str = "strict",
    persistent_load: Callable[[Wire], Wire] | None = None,
    opaque_state: Callable[[str], bool] | None = None,
    max_depth: int = MAX_DEPTH,
    max_output: int = MAX_OUTPUT,
    buffers: Sequence[Any] = (),
    raw: bool = False,
    strings: Strings | None = None,
) -> Wire:
    """Return the wire tree of ``root``.

    ``lookup(module, qualname)`` gives the registry's tag of a class or factory, or None; it is asked for
    the name as stored and then for the name that Python 3 has for it. ``encoding`` and ``errors`` say
    what 8-bit strings of Python 2 are, as for ``pickle.load`` (``"bytes"``: bytes), where ``strings`` does
    not say it of the place. ``persistent_load``
    gets the wire form of a persistent id and returns that of the object. ``opaque_state(tag)`` tells
    whether that class has a ``__setstate__`` of its own, which then gets a state of the form ``(dict,
    slots)`` as it is. ``max_depth`` counts JSON values inside one another, ``max_output`` is a bound in
    bytes, roughly, on the JSON text. ``buffers`` are those that were kept outside of the pickle. With ``raw``
    bytes stand in the tree as they are, where JSON has base64, and buffers too: for the decoder of a Codec.

    Raises :class:`LandingError` with a reason and a path: :class:`TooLong`, or :class:`UnknownGlobal` for
    names that are not registered; ConverterError when ``strings`` names a class that is not.
    """
    run = LandingRun(root, lookup, _HANDLERS, encoding, errors)
    run.persistent_load = persistent_load
    run.opaque_state = opaque_state
    run.buffers = buffers
    run.raw = raw
    if strings is not None:
        run.strings, run.start = strings, strings.root
    run.max_depth = max_depth
    run.budget = max_output
    return run.run(root)


def _land_list(run: LandingRun, record: list[Any], place: Place) -> Wire:
    if not run.is_shared(record):
        return run.array(record, place, 1)
    body = run.numbered(record, {"$list": None})
    body["$list"] = run.array(record, place)
    return body


def _land_tuple(run: LandingRun, record: tuple[Any, ...], place: Place) -> Wire:
    return run.frozen(record, {"$tuple": run.array(record, place)}, record, place)


def _land_set(run: LandingRun, record: Set, place: Place) -> Wire:
    body = run.numbered(record, {"$set": None})
    body["$set"] = run.array(record.items, place)
    return body


def _land_frozenset(run: LandingRun, record: FrozenSet, place: Place) -> Wire:
    return run.frozen(record, {"$frozenset": run.array(record.items, place)}, record.items, place)


def _land_bytearray(run: LandingRun, record: bytearray, place: Place) -> Wire:
    run.spend(len(record) * 4 // 3, place)
    return run.numbered(record, {"$bytearray": run.base64(record, record)})


def _land_dict(run: LandingRun, record: Dict, place: Place) -> Wire:
    """Land a dict as an object if its keys allow it, else as pairs."""
    shared = run.is_shared(record)
    plain = run.object(record.pairs, place, 2 if shared else 1)
    if plain is not None and not shared:
        return plain
    body = run.numbered(record, {"$dict": plain})
    if plain is None:
        body["$dict"] = run.pairs(record.pairs, place)
    return body


def _land_persistent(run: LandingRun, record: Persistent, place: Place) -> Wire:
    """Land what the caller makes of the id."""
    if run.persistent_load is None:
        run.bad("an object kept outside the pickle, and no persistent_load", place, reason="persistent-id")
    return run.persistent_load(run.inner(record.pid, place))


def _land_buffer(run: LandingRun, record: Buffer, place: Place) -> Wire:
    """Land a buffer that stands for itself: as pickle does, give what was given, or a view that is read-only.

    A record has a form for bytes and bytearrays only.
    """
    given = run.given(record, place)
    view = memoryview(given)
    if record.readonly and not view.readonly:
        given = run.views.setdefault(id(record), view.toreadonly())
    if run.raw:
        return given
    if type(given) is bytes:
        run.spend(len(given) * 4 // 3 + 8, place)
        return {"$bytes": run.base64(given, given)}
    if type(given) is bytearray:
        run.spend(len(given) * 4 // 3, place)
        return run.numbered(record, {"$bytearray": run.base64(given, given)})
    what = (
        f"a buffer that was kept outside of the pickle, as a {type(given).__name__}, has no form in a record"
    )
    return run.bad(what, place, reason="unsupported-type")


_HANDLERS: Final[dict[type, Handler]] = {
    list: _land_list,
    tuple: _land_tuple,
    bytearray: _land_bytearray,
    Dict: _land_dict,
    Set: _land_set,
    FrozenSet: _land_frozenset,
    Global: land_global,
    Call: land_call,
    Persistent: _land_persistent,
    Buffer: _land_buffer,
}
