"""What ``__reduce_ex__`` returns, written and read as in Lib/pickle.py (save_reduce, load_build)."""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

from ..legacy.errors import MigrateError
from .decode import CONTAINERS, decode_items, decode_object, expect, fill_pairs
from .encode import encode_items, encode_object, encode_pairs
from .errors import DecodeError, EncodeError, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire
    from .registry import Registration, Registry


class Reduced:
    """The result of ``__reduce_ex__``, in one form."""

    __slots__ = ("args", "call", "function", "items", "kwargs", "pairs", "state")

    def __init__(self, result: Value) -> None:
        if type(result) is not tuple or not 2 <= len(result) <= 6:
            raise EncodeError("its __reduce__ names a global variable", reason="not-restorable")
        function, args, self.state, items, pairs, setter = tuple(result) + (None,) * (6 - len(result))
        if setter is not None:
            raise EncodeError("its __reduce__ wants its state set by a function", reason="not-restorable")
        self.items: list[Any] = list(items) if items is not None else []
        self.pairs: list[tuple[Any, Any]] = list(pairs) if pairs is not None else []
        self.call = False
        self.kwargs: dict[str, Any] = {}
        if function is copyreg.__newobj__:  # type: ignore[attr-defined]
            function, *args = args
        elif function is copyreg.__newobj_ex__:  # type: ignore[attr-defined]
            function, args, self.kwargs = args
        elif function is copyreg._reconstructor and args[1] is object:  # type: ignore[attr-defined]  # noqa: SLF001
            function, args = args[0], ()
        else:
            self.call = True
        self.function: Any = function
        self.args: tuple[Any, ...] = tuple(args)


def encode_reduced(value: Value, run: EncodeRun, reducer: Callable[[Any], Any], registry: Registry) -> Wire:
    """Write an object that says itself how it is to be made: by calling a registered class or factory."""
    reference = run.meet_frozen(value)
    if reference is not None:
        return reference
    run.verify = True
    reduced: Reduced = run.remembered(value, lambda: Reduced(reducer(value)))
    body: dict[str, Wire] = {"$type": _registered(reduced.function, registry).tag}
    try:
        if reduced.args or reduced.call:
            body["$args"] = encode_items(reduced.args, run)
        if reduced.kwargs:
            body["$kwargs"] = encode_object(reduced.kwargs, run)
    except MigrateError as error:
        raise within(error, ".args")  # noqa: B904 - the same error, on its way up
    if reduced.call:
        body["$call"] = True
    run.close_frozen(value, body)
    # With $same, the rest was written inside of it.
    return body if "$same" in body else _encode_rest(body, reduced, run)


def _encode_rest(body: dict[str, Wire], reduced: Reduced, run: EncodeRun) -> Wire:
    """What pickle puts into the object once it is made."""
    if reduced.items:
        body["$items"] = encode_items(reduced.items, run)
    if reduced.pairs:
        body["$pairs"] = encode_pairs(reduced.pairs, run)
    if reduced.state is not None:
        try:
            body["$state"] = run.any(reduced.state)
        except MigrateError as error:
            raise within(error, ".__reduce__()[2]")  # noqa: B904
    return body


def _registered(function: Value, registry: Registry) -> Registration:
    registration = registry.by_object(function)
    if registration is None:
        name = f"{getattr(function, '__module__', None)}:{getattr(function, '__qualname__', function)}"
        raise EncodeError(
            f'its __reduce__ calls {name}, which is not registered; add codec.register("{name}")',
            reason="unregistered-class",
        )
    return registration


def run_own(what: str, call: Callable[..., Any], *args: Value, **kwargs: Value) -> Value:
    """``call(*args, **kwargs)``, which is code of the program's own and may not like what the data hold.

    ``what`` names it in the error. Raises DecodeError (``not-restorable``), with what it raised as the cause.
    """
    try:
        return call(*args, **kwargs)
    except MigrateError:
        raise
    except Exception as error:
        message = f"{what} raised {type(error).__name__}: {error}"
        raise DecodeError(message, reason="not-restorable") from error


def decode_reduced(call: Callable[..., Any], wire: dict[str, Wire], run: DecodeRun) -> Value:
    """Return what ``call(*args, **kwargs)`` gives, with items, pairs and state put into it."""
    try:
        args = decode_items(expect(wire.get("$args", []), list), run)
        kwargs = decode_object(expect(wire.get("$kwargs", {}), dict), run)
    except MigrateError as error:
        raise within(error, ".args")  # noqa: B904
    name = getattr(call, "__qualname__", "a registered function")
    out = run.finish(wire, run_own(name, call, *args, **kwargs))
    if "$same" in wire:
        return out
    for item in decode_items(expect(wire.get("$items", []), list), run):
        run_own(f"append of what {name} made", _append, out, item)
    if "$pairs" in wire:
        what = f"__setitem__ of what {name} made"
        fill_pairs(
            lambda key, value: run_own(what, _set_item, out, key, value), expect(wire["$pairs"], list), run
        )
    if "$state" in wire:
        restore_state(out, run.any(wire["$state"]))
    else:
        attributes = _attributes(wire, run)
        if attributes:
            restore_state(out, attributes)
    return out


def _attributes(wire: dict[str, Wire], run: DecodeRun) -> dict[str, Any]:
    """Members beside the parts: a state that was a dict."""
    out: dict[str, Any] = {}
    name = ""
    try:
        for name, item in wire.items():
            if name[:1] != "$":
                out[name] = run.pick(item)(item, run) if type(item) in CONTAINERS else item
    except MigrateError as error:
        raise within(error, f".{name}")  # noqa: B904
    return out


def _append(target: Value, item: Value) -> None:
    target.append(item)


def _set_item(target: Value, key: Value, value: Value) -> None:
    target[key] = value


def restore_state(out: Value, state: Value) -> None:
    """Give ``out`` its state, by ``__setstate__`` or attribute by attribute.

    Slots are set past a ``__setattr__`` of the class, which would keep a frozen one from being restored.
    """
    setstate = getattr(out, "__setstate__", None)
    if setstate is not None:
        run_own(f"{type(out).__name__}.__setstate__", setstate, state)
        return
    slots: Any = None
    if type(state) is tuple and len(state) == 2:
        state, slots = state
    if state:
        _expect_attributes(state, out)
        own = getattr(out, "__dict__", None)
        if type(own) is not dict:
            raise DecodeError(f"{type(out).__name__} has no attributes to restore", reason="bad-value")
        own.update(state)
    if slots:
        for name, value in _expect_attributes(slots, out).items():
            run_own(f"setting an attribute of {type(out).__name__}", object.__setattr__, out, name, value)


def _expect_attributes(state: Value, out: Value) -> dict[Any, Any]:
    if type(state) is not dict:
        raise DecodeError(
            f"{type(out).__name__} cannot take a state of type {type(state).__name__} without __setstate__",
            reason="bad-value",
        )
    return state
