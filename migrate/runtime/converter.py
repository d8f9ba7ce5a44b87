"""The bridge to cattrs: a Converter on which the codec's exact hooks are registered.

Users extend a codec by cattrs' own idioms: a hook, a hook factory or a strategy that is registered on this
converter takes precedence over the codec's, in whatever the codec writes and reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cattrs.preconf.json import JsonConverter, configure_converter

from .encode import is_tagged
from .errors import DecodeError
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
        super().__init__()
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
        return self._decode_with(wire, coder.decode) if run is None else coder.decode(wire, run)

    def hooks_of(self, kind: Value) -> Hooks | None:
        """Return the hooks for ``kind``, if the user registered at least one of the two."""
        unstructure = self.converter.get_unstructure_hook(kind)
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
        unstructure, structure = self

        def encode(value: Value, run: EncodeRun) -> Wire:
            if isinstance(kind, type) and type(value) is not kind:
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
        self._hooks = hooks

    def encode(self, value: Value, run: EncodeRun) -> Wire:
        """Return what the hook returns, under ``$value``."""
        return _written(value, run, {"$type": self.tag}, self._hooks.unstructure)

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Return what the hook makes of it."""
        if "$value" not in wire:
            raise DecodeError(f"a {self.tag} is read by a hook of its own, which needs '$value'")
        return run.finish(wire, self._hooks.structure(wire["$value"], self._cls))


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
