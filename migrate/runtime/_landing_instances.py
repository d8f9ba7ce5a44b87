"""Calls of a pickle in the wire format: values of the standard library, instances, members of enums."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ..legacy.calls import Shape, name_of, shape_of, text_of
from ..legacy.python2 import modern_name
from ..legacy.records import NO_STATE, Call, Dict, Global, Record
from ._landing_collections import class_name
from ._landing_frame_times import MISSING
from ._landing_scalars import is_text
from ._landing_standard import STANDARD

if TYPE_CHECKING:
    from ._landing_run import LandingRun, Place, Wire

_CONSTANTS = frozenset(("Ellipsis", "NotImplemented"))


def land_global(run: LandingRun, record: Global, place: Place) -> Wire:
    """Land a name as a value: a class, a constant, a member of an enum."""
    return _land_name(run, (record.module, record.name), place)


def _land_name(run: LandingRun, name: tuple[str, str], place: Place) -> Wire:
    module, dotted = modern_name(*name)
    if module == "builtins" and dotted in _CONSTANTS:
        return {"$constant": dotted}
    if name in MISSING:
        return {"$pandas": MISSING[name]}
    found = class_name(run, name)
    if found is not None:
        return {"$class": found}
    outer, _, member = name[1].rpartition(".")
    tag = run.tag((name[0], outer)) if outer else None
    if tag is None:
        run.unknown(name, place, called=False)
    return {"$enum": [tag, member]}


def land_call(run: LandingRun, record: Call, place: Place) -> Wire:
    """Land a value of the standard library, an instance of a registered class, or refuse the call."""
    if record.effects:
        run.bad("a state setter of its own was called with the object", place, reason="not-restorable")
    named = name_of(record)
    if named is not None:  # getattr(Outer, "Inner")
        return _land_name(run, named, place)
    shape = shape_of(record)
    if shape is None:
        _refuse_call(run, record, place)
    rule = STANDARD.get(modern_name(*shape.name))
    if rule is not None:
        return rule.land(run, shape, place)
    tag = run.tag(shape.name)
    if tag is None:
        run.unknown(shape.name, place, called=True)
    return _land_instance(run, tag, shape, place)


def _refuse_call(run: LandingRun, record: Call, place: Place) -> NoReturn:
    """Name, as well as one can, what a call that has no simple form would have run."""
    function: Record = record
    while isinstance(function, Call):
        name = name_of(function.function)
        if name is not None:
            run.unknown(name, place, called=True)
        function = function.function
    run.bad("the pickle calls something that is not a class or function", place, reason="unsafe-global")


def _land_instance(run: LandingRun, tag: str, shape: Shape, place: Place) -> Wire:
    """Land an instance of a registered class, or what a registered factory returns."""
    body: dict[str, Wire] = {"$type": tag}
    place = run.inside(tag, place)
    if not shape.args and shape.kwargs is None and shape.value is NO_STATE:
        run.numbered(shape.origin, body)
        if shape.call:
            body["$args"] = []
            body["$call"] = True
        _land_rest(run, tag, shape, body, place)
        return body
    if shape.args or shape.call:
        body["$args"] = run.array(shape.args, place)
    if shape.kwargs is not None and shape.kwargs.pairs:
        body["$kwargs"] = run.object(shape.kwargs.pairs, place, 2)
        if body["$kwargs"] is None:
            run.bad("the names of keyword arguments are not text", place)
    if shape.call:
        body["$call"] = True
    if shape.value is not NO_STATE:
        body["$value"] = None
        run.put(body, "$value", shape.value, place, "")
    return run.made_whole(shape.origin, body, lambda: _land_rest(run, tag, shape, body, place), place)


def _land_rest(run: LandingRun, tag: str, shape: Shape, body: dict[str, Wire], place: Place) -> None:
    """Write what was put into an object after it was made."""
    if shape.items:
        body["$items"] = run.array(shape.items, place)
    if shape.pairs:
        body["$pairs"] = run.pairs(shape.pairs, place)
    if shape.state is not NO_STATE:
        _land_state(run, tag, shape.state, body, place)


def _land_state(run: LandingRun, tag: str, state: Record, body: dict[str, Wire], place: Place) -> None:
    """Write attributes beside the tag where that is what the state is, else the state as one value."""
    attributes = _attributes(run, tag, state)
    if attributes is None:
        body["$state"] = None
        if place.reading is not None:
            place = place.read_as(place.reading._replace(is_state=True))
        run.put(body, "$state", state, place, "")
        return
    body.update(dict.fromkeys(attributes))
    for name, value in attributes.items():
        run.put(body, name, value, place, f".{name}")


def _attributes(run: LandingRun, tag: str, state: Record) -> dict[str, Record] | None:
    if isinstance(state, Dict):
        return attributes_of(state)
    # copyreg's form for classes with slots: (dict or None, slots)
    if not isinstance(state, tuple) or len(state) != 2 or not isinstance(state[1], Dict):
        return None
    if run.opaque_state is not None and run.opaque_state(tag):
        return None
    slots = attributes_of(state[1])
    if state[0] is None:
        return slots
    inner = attributes_of(state[0]) if isinstance(state[0], Dict) else None
    if inner is None or slots is None or not inner.keys().isdisjoint(slots):
        return None
    return {**inner, **slots}


def attributes_of(state: Dict) -> dict[str, Record] | None:
    """Return a ``__dict__`` by name; Python 2 stores the names as 8-bit strings, which are ASCII there."""
    out: dict[str, Record] = {}
    for key, value in state.pairs:
        name = text_of(key)
        if name is None or name[:1] == "$" or not is_text(name):
            return None
        out[name] = value
    return out
