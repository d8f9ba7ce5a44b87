"""All that a codec knows of types: encoders by class, decoders by tag, coders by declared type.

It is filled as types are met, from the closed tables and the registry, and emptied when the registry grows.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

from .columns import of_kind
from .columns_read import reader_of
from .columns_write import writer_of
from .containers import (
    CONTAINER_ENCODERS,
    CONTAINER_TAGS,
    EXCEPTION_ENCODER,
    Classes,
    is_builtin_exception,
)
from .decode import BUILTIN_TAGS, DecodeRun, expect, only
from .encode import BUILTIN_ENCODERS, EncodeRun, escape, is_tagged
from .errors import DecodeError, EncodeError, UnknownClass
from .extras import EXTRA_TAGS, is_extra
from .extras import encoder_of as extra_encoder_of
from .layout import is_enum, layout_of
from .plans import ClassPlan
from .reduce import Reduced, encode_reduced
from .resolve import module_name
from .special import EnumPlan, FactoryPlan, HookedPlan
from .standard import STANDARD_TAGS, entry_of, standard
from .typed import Coder, Coders

if TYPE_CHECKING:
    from collections.abc import Callable

    from .columns import ColumnFunction
    from .columns_read import ClassReader
    from .converter import Hooks
    from .decode import TagDecoder
    from .encode import Encoder, Value, Wire
    from .registry import Registration, Registry


class Conversion:
    """The tables of one codec."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.classes = Classes(registry)
        self.coders = Coders(self._class_coder, self._hooked_coder)
        self.hooks_of: Callable[[Any], Hooks | None] = lambda _kind: None
        """The hooks that the user registered for a type on the cattrs converter, once that was asked for."""
        self._own_plans: dict[str, Any] = {}
        self._writers: dict[type, ColumnFunction | None] = {}
        self._readers: dict[str, ClassReader | None] = {}
        self._encoders: dict[type, Encoder] = dict(BUILTIN_ENCODERS)
        self._plans: dict[str, Any] = {}
        self._tags: dict[str, TagDecoder] = {
            **BUILTIN_TAGS,
            **STANDARD_TAGS,
            **CONTAINER_TAGS,
            **EXTRA_TAGS,
            "$class": self.classes.decode,
            "$generic": self.classes.decode_alias,
            "$defaultdict": self.classes.decode_defaultdict,
            "$enum": self._decode_enum,
        }

    def reset(self) -> None:
        """Forget what was derived from the registry."""
        self._encoders = dict(BUILTIN_ENCODERS)
        self._writers = {}
        self._readers = {}
        self._plans = {}
        self._own_plans = {}
        self.coders.clear()

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that is read, but ``$type``."""
        return tuple(self._tags)

    def encode_run(self, *, columns: bool = False) -> EncodeRun:
        """Return a new encode; with ``columns`` its result is for the JSON encoder only."""
        return EncodeRun(self._encoders, self.encoder_of, self.writer_of if columns else None)

    def decode_run(self, *, columns: bool = False) -> DecodeRun:
        """Return a new decode; with ``columns`` it takes the wire tree to pieces."""
        return DecodeRun(self._tags, self.instance_decoder, column_of=self.reader_of if columns else None)

    # --- by column -------------------------------------------------------------------------------

    def writer_of(self, cls: type) -> ColumnFunction | None:
        """Return what writes columns of values that are exactly of ``cls``, if anything does."""
        if cls not in self._writers:
            registration = self.registry.by_object(cls)
            plan = None if registration is None else self.plan_of(registration)
            writer = writer_of(plan) if isinstance(plan, ClassPlan) else None
            if isinstance(plan, EnumPlan):
                self._writers[cls] = plan.column()
            else:
                self._writers[cls] = None if writer is None else writer.tagged
        return self._writers[cls]

    def reader_of(self, tag: str) -> ClassReader | None:
        """Return what reads columns of the class called ``tag``, if anything does."""
        if tag not in self._readers:
            registration = self.registry.by_tag(tag)
            plan = None if registration is None else self.plan_of(registration)
            self._readers[tag] = reader_of(plan) if isinstance(plan, ClassPlan) else None
        return self._readers[tag]

    # --- by class --------------------------------------------------------------------------------

    def encoder_of(self, cls: type) -> Encoder:
        """Return the encoder of values that are exactly of ``cls``; raises EncodeError if there is none."""
        encoder = self._encoders[cls] = (
            self._registered(cls) or self._known(cls) or self._by_factory(cls) or _refusal_of(cls)
        )
        return encoder

    def _registered(self, cls: type) -> Encoder | None:
        registration = self.registry.by_object(cls)
        return None if registration is None else self.plan_of(registration).encode

    def _by_factory(self, cls: type) -> Encoder | None:
        """Return the encoder of a library's class whose ``__reduce__`` names a function, as pytz's zones do.

        Then the function is what has to be registered: like a pickle, the data never name the class.
        """
        reducer = layout_of(cls).reducer
        if reducer is None or _is_of_standard_library(cls):
            return None

        def encode(value: Value, run: EncodeRun) -> Wire:
            try:
                reduced = run.remembered(value, lambda: Reduced(reducer(value)))
            except Exception as error:
                raise _refusal(cls, value) from error
            if not reduced.call or reduced.function is cls:
                raise _refusal(cls, value)
            return encode_reduced(value, run, reducer, self.registry)

        return encode

    def _known(self, cls: type) -> Encoder | None:
        entry = entry_of(cls)
        if entry is not None:
            return entry.encode
        name = f"{cls.__module__}:{cls.__qualname__}"
        if name == "collections:defaultdict":
            return self.classes.encode_defaultdict
        container = CONTAINER_ENCODERS.get(name)
        if container is not None and standard(name) is cls:
            return container
        if is_extra(cls) and not issubclass(cls, (type, *_FUNCTIONS)):
            return extra_encoder_of(cls)
        if issubclass(cls, type):
            return self.classes.encode
        if issubclass(cls, _FUNCTIONS):
            return self._encode_function
        if name in _ALIASES:
            return self.classes.encode_alias
        return EXCEPTION_ENCODER if is_builtin_exception(cls) else None

    def _encode_function(self, value: Value, run: EncodeRun) -> Wire:
        """Write a registered function as a value, by its name as a class is."""
        if self.registry.by_object(value) is None:
            raise _refusal(type(value), value)
        return self.classes.encode(value, run)

    def plan_of(self, registration: Registration) -> Value:
        """How a registered class or factory is written and restored."""
        plan = self._plans.get(registration.tag)
        if plan is None:
            hooks = self.hooks_of(registration.find())
            plan = (
                self._own_plan(registration)
                if hooks is None
                else hooks.plan(registration.tag, registration.find())
            )
            self._plans[registration.tag] = plan
        return plan

    def _own_plan(self, registration: Registration) -> Value:
        plan = self._own_plans.get(registration.tag)
        if plan is None:
            plan = self._own_plans[registration.tag] = self._make_plan(registration)
        return plan

    def _make_plan(self, registration: Registration) -> Value:
        found = registration.find()
        if registration.hooks is not None:
            return HookedPlan(registration, *registration.hooks)
        if not isinstance(found, type):
            return FactoryPlan(registration, found)
        return EnumPlan(registration, found) if is_enum(found) else ClassPlan(registration, found, self)

    def has_own_setstate(self, tag: str) -> bool:
        """Whether the class called ``tag`` defines ``__setstate__``."""
        registration = self.registry.by_tag(tag)
        plan = None if registration is None else self._own_plan(registration)
        return isinstance(plan, ClassPlan) and bool(plan.layout.setstate)

    # --- by tag ----------------------------------------------------------------------------------

    def instance_decoder(self, tag: Value) -> TagDecoder:
        """Return the decoder of ``{"$type": tag, …}``."""
        registration = self.registry.by_tag(expect(tag, str))
        if registration is None:
            raise UnknownClass(
                f"the record has a {tag[:60]!r}, which is not registered", reason="unknown-tag"
            )
        decoder: TagDecoder = self.plan_of(registration).decode
        return decoder

    def _decode_enum(self, wire: dict[str, Wire], _run: DecodeRun) -> Value:
        only(wire, "$enum")
        content = expect(wire["$enum"], list)
        if len(content) != 2:
            raise DecodeError("not a class and its member", reason="bad-value")
        registration = self.registry.by_tag(expect(content[0], str))
        plan = None if registration is None else self.plan_of(registration)
        if not isinstance(plan, EnumPlan):
            raise UnknownClass(f"the record has a member of {content[0][:60]!r}, which is no registered enum")
        return plan.member(content[1])

    # --- by declared type ------------------------------------------------------------------------

    def _class_coder(self, cls: type) -> Coder | None:
        """Return the coder of a place declared as a registered class."""
        registration = self.registry.by_object(cls)
        plan = None if registration is None else self._own_plan(registration)
        if isinstance(plan, EnumPlan):
            return plan.coder()
        if not isinstance(plan, ClassPlan):
            return None
        return plan.named_coder() if plan.layout.is_namedtuple else _class_coder(plan)

    def _hooked_coder(self, kind: Value) -> Coder | None:
        hooks = self.hooks_of(kind)
        return None if hooks is None else hooks.coder(kind)


def _class_coder(plan: ClassPlan) -> Coder:
    cls, write, read = plan.cls, plan.encode_typed, plan.decode

    def encode(value: Value, run: EncodeRun) -> Wire:
        return write(value, run) if type(value) is cls else escape(run.any(value), dict)

    def decode(wire: Wire, run: DecodeRun) -> Value:
        if type(wire) is dict and (not is_tagged(wire) or ("$id" in wire and next(iter(wire)) == "$id")):
            return read(wire, run)
        return run.any(wire)

    writer, reader = writer_of(plan), reader_of(plan)
    return Coder(
        encode,
        decode,
        None if writer is None else of_kind(cls, writer.typed, encode),
        None if reader is None else of_kind(dict, reader.typed, decode),
    )


_ALIASES = frozenset({"types:GenericAlias", "typing:_GenericAlias"})
_FUNCTIONS = (
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType),
    *(types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType),
)


def _is_of_standard_library(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in sys.stdlib_module_names


def _refusal_of(cls: type) -> Encoder:
    """Return an encoder that says why values of ``cls`` have none."""

    def refuse(value: Value, _run: EncodeRun) -> Wire:
        raise _refusal(cls, value)

    return refuse


def _refusal(cls: type, value: Value) -> EncodeError:
    name = f"{module_name(cls.__module__)}:{cls.__qualname__}"
    if issubclass(cls, _FUNCTIONS) or name == "functools:partial":
        function = getattr(value, "__qualname__", repr(value))
        return EncodeError(
            f"{function} is a function, which is not data; register it, or store a name and look it up",
            reason="function-or-lambda",
        )
    if _is_of_standard_library(cls):
        return EncodeError(
            f"a {cls.__module__}.{cls.__qualname__} is not data; leave it out of the state (__getstate__)",
            reason="unsupported-type",
        )
    if "<locals>" in cls.__qualname__:
        advice = "move it to the top level of its module and register it"
    else:
        advice = f'add codec.register("{name}") to the converters module'
    return EncodeError(f"{name} is not registered; {advice}", reason="unregistered-class")
