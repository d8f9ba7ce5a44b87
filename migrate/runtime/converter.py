"""The bridge to cattrs: a Converter on which the codec's exact hooks are registered.

Users extend a codec by cattrs' own idioms: a hook, a hook factory or a strategy that is registered on this
converter takes precedence over the codec's, in whatever the codec writes and reads.
"""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any, NamedTuple

from cattrs import transform_error
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import JsonConverter, configure_converter

from ..legacy.errors import MigrateError
from .decode import UNKNOWN
from .encode import is_tagged
from .errors import DecodeError, EncodeError
from .typed import Coder

if TYPE_CHECKING:
    from collections.abc import Callable

    from .active import Active
    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire


class ExactUnstructure:
    """cattrs' unstructure hook of one type: value → its plain form."""

    def __init__(self, bridge: Bridge, kind: Value) -> None:
        self._bridge = bridge
        self._kind = kind

    def __call__(self, value: Value) -> Wire:
        """Return the form of ``value`` in a place declared as the type."""
        return self._bridge.unstructure(value, self._kind)


class ExactStructure:
    """cattrs' structure hook of one type: its plain form → value."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def __call__(self, wire: Wire, kind: Value) -> Value:
        """Return the value of a place declared as ``kind``."""
        return self._bridge.structure(wire, kind)


class ExactConverter(JsonConverter):
    """cattrs' JSON converter; tells the codec when a hook is registered."""

    __slots__ = ("_changed",)

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed: Callable[[], None] = lambda: None
        # A key that nobody reads would be lost; strategies also take their tag out only if told so.
        super().__init__(forbid_extra_keys=True)
        configure_converter(self)
        self._changed = changed

    def register_unstructure_hook(self, cls: Value = None, func: Value = None) -> Value:  # noqa: D102 - cattrs' own
        result = super().register_unstructure_hook(cls, func)
        self._changed()
        return result

    def register_structure_hook(self, cl: Value, func: Value = None) -> Value:  # noqa: D102
        result = super().register_structure_hook(cl, func)
        self._changed()
        return result

    def register_unstructure_hook_func(self, check_func: Value, func: Value) -> None:  # noqa: D102
        super().register_unstructure_hook_func(check_func, func)
        self._changed()

    def register_structure_hook_func(self, check_func: Value, func: Value) -> None:  # noqa: D102
        super().register_structure_hook_func(check_func, func)
        self._changed()

    def register_unstructure_hook_factory(self, predicate: Value, factory: Value = None) -> Value:  # noqa: D102
        if factory is None:
            return lambda made: self.register_unstructure_hook_factory(predicate, made)
        result = super().register_unstructure_hook_factory(predicate, factory)
        self._changed()
        return result

    def register_structure_hook_factory(self, predicate: Value, factory: Value = None) -> Value:  # noqa: D102
        if factory is None:
            return lambda made: self.register_structure_hook_factory(predicate, made)
        result = super().register_structure_hook_factory(predicate, factory)
        self._changed()
        return result


class Bridge:
    """Makes the converter, and finds out what the user registered on it."""

    def __init__(
        self,
        coder_of: Callable[[Any], Coder],
        encode_with: Callable[[Any, Callable[[Any, EncodeRun], Wire]], Wire],
        decode_with: Callable[[Any, Callable[[Any, DecodeRun], Any]], Any],
        changed: Callable[[], None],
        active: Active,
    ) -> None:
        self._coder_of = coder_of
        self._encode_with = encode_with
        self._decode_with = decode_with
        self._active = active
        self._structure = ExactStructure(self)
        self.converter = ExactConverter(changed)
        self._register()

    def _register(self) -> None:
        converter = self.converter
        super_register = JsonConverter.register_unstructure_hook_factory
        super_register(converter, lambda _kind: True, lambda kind: ExactUnstructure(self, kind))
        JsonConverter.register_structure_hook_factory(
            converter, lambda _kind: True, lambda _kind: self._structure
        )
        # cattrs finds hooks by singledispatch first, so its own for these must be replaced one by one.
        for cls in _preset(converter):
            JsonConverter.register_unstructure_hook(converter, cls, ExactUnstructure(self, cls))
            JsonConverter.register_structure_hook(converter, cls, self._structure)

    def unstructure(self, value: Value, kind: Value) -> Wire:
        """Run the codec's own coder, as part of what is being written in this thread, if anything is."""
        coder = self._coder_of(kind)
        run = self._active.encode
        if run is None:
            return self._encode_with(value, coder.encode)
        run.forget(value)
        return coder.encode(value, run)

    def structure(self, wire: Wire, kind: Value) -> Value:
        """Run the codec's own coder, as part of what is being read in this thread, if anything is."""
        coder = self._coder_of(kind)
        run = self._active.decode
        if run is None:
            return self._decode_with(wire, coder.decode)
        run.signs = UNKNOWN  # what the user's code made was in no text
        return coder.decode(wire, run)

    def hooks_of(self, kind: Value) -> Hooks | None:
        """Return the hooks for ``kind``, if the user registered at least one of the two."""
        unstructure = self.converter.get_unstructure_hook(kind)
        # Hooks for unions are kept apart by cattrs, and found by a predicate that stands behind ours.
        structure = self.converter._union_struct_registry.get(kind)  # noqa: SLF001 - there is no public way
        if structure is None:
            structure = self.converter.get_structure_hook(kind)
        if isinstance(unstructure, ExactUnstructure) and isinstance(structure, ExactStructure):
            return None
        return Hooks(unstructure, structure)


def _preset(converter: JsonConverter) -> list[Any]:
    registered = {
        cls
        for dispatch in (converter._unstructure_func, converter._structure_func)  # noqa: SLF001
        for cls in dispatch._single_dispatch.registry  # noqa: SLF001 - cattrs has no public list of them
    }
    return [cls for cls in registered if cls is not object]


class Hooks(NamedTuple):
    """Both hooks of one type, of which at least one is the user's."""

    unstructure: Callable[[Any], Wire]
    structure: Callable[[Wire, Any], Any]

    def coder(self, kind: Value) -> Coder:
        """Return a typed place whose plain form is what the user's hook returns.

        A value of another class is kept apart from that by its tag, or by ``$untyped``.
        """
        unstructure, structure = _told(self.unstructure), _read_by(self.structure)

        def encode(value: Value, run: EncodeRun) -> Wire:
            if not _is_for(kind, value):
                wire = run.any(value)
                return wire if value is None or _is_tag(wire) else {"$untyped": wire}
            body = _written(value, run, {}, unstructure)
            plain = body.get("$value")
            return body if len(body) > 1 or plain is None or _is_tag(plain) else plain

        def decode(wire: Wire, run: DecodeRun) -> Value:
            if wire is None:
                return None
            if not _is_tag(wire):
                return structure(wire, kind)
            if next(iter(wire)) != "$value":
                return run.any(wire)
            return run.finish(wire, structure(wire["$value"], kind))

        return Coder(encode, decode)

    def plan(self, tag: str, cls: Value) -> HookPlan:
        """How a registered class with these hooks is written in self-describing form."""
        return HookPlan(tag, cls, self)


class HookPlan:
    """A registered class for which the user registered hooks on the converter."""

    def __init__(self, tag: str, cls: Value, hooks: Hooks) -> None:
        self.tag = tag
        self._cls = cls
        self._unstructure = _told(hooks.unstructure)
        self._structure = _read_by(hooks.structure)

    def encode(self, value: Value, run: EncodeRun) -> Wire:
        """Return what the hook returns, under ``$value``."""
        return _written(value, run, {"$type": self.tag}, self._unstructure)

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Return what the hook makes of it."""
        if "$value" not in wire:
            raise DecodeError(f"a {self.tag} is read by a hook of its own, which needs '$value'")
        return run.finish(wire, self._structure(wire["$value"], self._cls))


def _is_for(kind: Value, value: Value) -> bool:
    """Whether a hook for ``kind`` was made for values of exactly this class."""
    if isinstance(kind, type) and not hasattr(kind, "__origin__"):
        return type(value) is kind
    if typing.get_origin(kind) in (_UNION, types.UnionType):
        return type(value) in [typing.get_origin(arm) or arm for arm in typing.get_args(kind)]
    return True


_UNION: Any = typing.Union


def _told(unstructure: Callable[[Any], Wire]) -> Callable[[Any], Wire]:
    """Return the hook, with what it raises as an EncodeError, to which the path is added on its way up."""

    def call(value: Value) -> Wire:
        try:
            return unstructure(value)
        except (MigrateError, RecursionError):
            raise
        except Exception as error:
            raise EncodeError(
                f"the hook that unstructures a {type(value).__name__} raised {type(error).__name__}: {error}",
                reason="not-restorable",
            ) from error

    return call


def _read_by(structure: Callable[[Wire, Any], Value]) -> Callable[[Wire, Any], Value]:
    """Return the hook, with what it raises as a DecodeError that names the place, as cattrs tells it."""

    def call(wire: Wire, kind: Value) -> Value:
        try:
            return structure(wire, kind)
        except (MigrateError, RecursionError):
            raise
        except Exception as error:
            raise _as_decode_error(error, kind) from error

    return call


def _as_decode_error(error: Exception, kind: Value) -> DecodeError:
    """Return what a hook for ``kind`` raised; cattrs' groups of errors by the place of the first."""
    name = getattr(kind, "__name__", str(kind))
    if not isinstance(error, BaseValidationError):
        return DecodeError(
            f"the hook that structures a {name} raised {type(error).__name__}: {error}", reason="bad-value"
        )
    told = [text.rpartition(" @ ") for text in transform_error(error, path="")]
    first = told[0][2] if told else ""
    more = "; ".join(f"{what} @ {place}" for what, _, place in told[1:])
    what = told[0][0] if told else str(error)
    message = f"{what}{f' (and {more})' if more else ''}"
    return DecodeError(f"a {name} cannot be structured: {message}", reason="bad-value", path=first)


def _written(
    value: Value, run: EncodeRun, body: dict[str, Wire], unstructure: Callable[[Any], Wire]
) -> dict[str, Wire]:
    reference = run.meet_frozen(value)
    if reference is not None:
        return reference
    run.verify = True
    body["$value"] = unstructure(value)
    return run.close_frozen(value, body)


def _is_tag(wire: Wire) -> bool:
    return type(wire) is dict and is_tagged(wire)
