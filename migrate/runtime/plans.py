"""How instances of one registered class are written and restored.

Restoring follows pickle: ``cls.__new__`` plus state, and ``__init__`` is never called. A class that says by
``__reduce__`` how it is to be made again is called, as pickle would call it; no other class is, whatever the
data ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..legacy.errors import MigrateError
from .annotations import declared_types, defaults_of
from .containers import set_exception_state
from .decode import CONTAINERS, decode_items, decode_object, expect, fill_pairs, hashable
from .encode import SCALARS, encode_items, encode_object, encode_pairs, has_plain_keys, numbered
from .errors import DecodeError, EncodeError, within
from .evolution import evolution_of
from .layout import HASH_CACHE, layout_of
from .reduce import decode_reduced, encode_reduced, restore_state, run_own
from .standard import in_range
from .typed import Coder, decode_fixed, fixed

if TYPE_CHECKING:
    from .conversion import Conversion
    from .decode import DecodeRun
    from .encode import EncodeRun, Value, Wire
    from .registry import Registration


class ClassPlan:
    """One registered class: its layout, the types of its attributes, and the functions made from them."""

    def __init__(self, registration: Registration, cls: type, conversion: Conversion) -> None:
        self.registration = registration
        self.tag = registration.tag
        self.cls = cls
        self.layout = layout_of(cls)
        self._conversion = conversion
        self._fields: dict[str, Coder] | None = None
        self._defaults: dict[str, Any] | None = None
        layout = self.layout
        self.simple = not (
            layout.content or layout.reducer or layout.newargs or layout.getstate or layout.is_exception
        )
        """Whether an instance is its attributes and nothing else."""
        self.evolution = evolution_of(registration, cls, conversion.registry)
        """Renamed and refused fields; None where nothing of the kind was declared."""

    @property
    def fields(self) -> dict[str, Coder]:
        """The coders of the declared attributes; evaluated late, because types may refer to one another."""
        if self._fields is None:
            types = declared_types(self.cls, self._conversion.registry)
            self._fields = {name: self._conversion.coders.of(kind) for name, kind in types.items()}
        return self._fields

    @property
    def defaults(self) -> dict[str, Any]:
        """Functions of the instance that make the values of missing attributes."""
        if self._defaults is None:
            self._defaults = {} if self.layout.setstate else defaults_of(self.cls)
        return self._defaults

    # --- writing ---------------------------------------------------------------------------------

    def encode(self, value: Value, run: EncodeRun) -> Wire:
        """Self-describing: ``{"$type": tag, …}``."""
        return self._write({"$type": self.tag}, value, run) if self.simple else self._encode_parts(value, run)

    def encode_typed(self, value: Value, run: EncodeRun) -> Wire:
        """In a place declared as this class: without the tag where the attributes are all there is."""
        return self._write({}, value, run) if self.simple else self._encode_parts(value, run)

    def _write(self, body: dict[str, Wire], value: Value, run: EncodeRun) -> Wire:
        mark = run.meet(value)
        if type(mark) is dict:
            return mark
        if mark is not None:
            body["$id"] = mark
        inner, slots = self.layout.attributes(value)
        attributes = {**inner, **slots} if slots else inner
        if len(attributes) < len(inner) + len(slots) or not has_plain_keys(attributes):
            state = (inner, slots) if slots else inner
            if self.layout.is_model:
                state = value.__getstate__()
            if self.evolution is not None:
                self.evolution.check((*inner, *slots))
            return self._with_state({"$type": self.tag, **body}, state, run)
        if self.layout.opaque:
            raise EncodeError(f"{self.registration.target} keeps its state where nobody can read it")
        if self.layout.new or self.layout.setstate:
            run.verify = True
        missing = [name for name in self.defaults if name not in attributes] if self.defaults else None
        if missing:
            body = {"$type": self.tag, **body, "$unset": missing}
        return self.encode_attributes(body, attributes, run)

    def encode_attributes(self, body: dict[str, Wire], attributes: dict[str, Any], run: EncodeRun) -> Wire:
        """Add the attributes to ``body``, each by its declared type."""
        if self.evolution is not None:
            self.evolution.check(attributes)
        fields, encoders, encoder_of = self.fields, run.encoders, run.encoder_of
        name = ""
        try:
            for name, value in attributes.items():
                coder = fields.get(name)
                if coder is not None:
                    body[name] = coder.encode(value, run)
                else:
                    cls = type(value)
                    body[name] = (encoders.get(cls) or encoder_of(cls))(value, run)
        except MigrateError as error:
            raise within(error, f".{name}")  # noqa: B904 - the same error, on its way up
        return body

    def _with_state(self, body: dict[str, Wire], state: Value, run: EncodeRun) -> Wire:
        try:
            body["$state"] = run.any(state)
        except MigrateError as error:
            raise within(error, ".__getstate__()" if self.layout.getstate else ".__dict__")  # noqa: B904
        return body

    def _encode_parts(self, value: Value, run: EncodeRun) -> Wire:
        layout = self.layout
        if layout.reducer is not None:
            return encode_reduced(value, run, layout.reducer, self._conversion.registry)
        body: dict[str, Wire] = {"$type": self.tag}
        frozen = self._is_made_whole()
        if not frozen or self._is_tracked(value):
            mark = run.meet_frozen(value) if frozen else run.meet(value)
            if type(mark) is dict:
                return mark
            numbered(body, mark)
        self._encode_args(body, value, run)
        if frozen:
            run.close_frozen(value, body)
            if "$same" in body:  # its attributes were written inside of it
                return body
        self._encode_content(body, value, run)
        return self.encode_state(body, self._state(value, run), run)

    def _is_made_whole(self) -> bool:
        """Whether an instance exists only after its arguments or its content."""
        content = self.layout.content
        return bool(self.layout.newargs or self.layout.is_exception or (content and content.insert is None))

    def _is_tracked(self, value: Value) -> bool:
        """Whether sharing ``value`` can be seen: not for a named tuple of scalars, or a subclass of str."""
        content = self.layout.content
        if content is None or self.layout.newargs or content.base is bytearray:
            return True
        if any(self.layout.attributes(value)):
            return True
        return content.base in (tuple, frozenset) and not SCALARS.issuperset(map(type, content.read(value)))

    def _encode_args(self, body: dict[str, Wire], value: Value, run: EncodeRun) -> None:
        args, kwargs = self._args(value)
        try:
            if args:
                body["$args"] = encode_items(args, run)
        except MigrateError as error:
            raise within(error, ".args")  # noqa: B904
        if kwargs:
            body["$kwargs"] = encode_object(kwargs, run)
        content = self.layout.content
        if content is not None and content.insert is None and not self.layout.newargs:
            body["$value"] = self._encode_value(content.read(value), run)

    def _args(self, value: Value) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if self.layout.is_exception:
            args = value.__reduce__()[1]  # OSError keeps its file name outside of value.args
            return args, {}
        if self.layout.newargs == "__getnewargs_ex__":
            args, kwargs = value.__getnewargs_ex__()
            return args, kwargs
        return (value.__getnewargs__() if self.layout.newargs else ()), {}

    def _encode_value(self, content: Value, run: EncodeRun) -> Wire:
        if type(content) is not tuple:
            return run.any(content)
        if not self.layout.is_namedtuple:
            return encode_items(content, run)
        return [coder.encode(item, run) for coder, item in zip(self.positions, content, strict=True)]

    @property
    def positions(self) -> list[Coder]:
        """The coders of a named tuple's elements."""
        fields = self.fields
        return [fields.get(name, self._conversion.coders.of(Any)) for name in self._names()]

    def _names(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.cls._fields  # type: ignore[attr-defined]
        return names

    def _encode_content(self, body: dict[str, Wire], value: Value, run: EncodeRun) -> None:
        content = self.layout.content
        if content is None or content.insert is None or self.layout.newargs:
            return
        if content.part == "$pairs":
            body["$pairs"] = encode_pairs(content.read(value), run)
        else:
            body["$items"] = encode_items(content.read(value), run)
            if content.base is set and run.sharing:
                run.verify = True
        if content.base.__name__ == "deque":
            maxlen = content.base.maxlen.__get__(value)
            if maxlen is not None:
                body["$maxlen"] = maxlen
        elif content.base.__name__ == "defaultdict":
            body["$factory"] = self._conversion.classes.factory_name(value)

    def _state(self, value: Value, run: EncodeRun) -> Value:
        layout = self.layout
        if layout.getstate:
            run.verify = True
            return run.remembered(value, value.__getstate__)
        if layout.newargs or layout.new or layout.setstate or layout.is_exception:
            run.verify = True
        if layout.is_exception and not layout.slots:
            state = value.__reduce__()[2:]
            return dict(state[0]) if state and state[0] else None
        inner, slots = layout.attributes(value)
        if slots:
            return inner, slots
        return inner if layout.has_dict else None

    def encode_state(self, body: dict[str, Wire], state: Value, run: EncodeRun) -> Wire:
        """Add a state as pickle has it: as attributes where they say the same."""
        if state is None:
            return body
        if self.layout.getstate and type(state) is dict:
            instead = run.instead(state)  # the state may be a dict that is also met elsewhere
            if instead is not None:
                body["$state"] = instead
                return body
        if type(state) is dict and has_plain_keys(state) and (state or not self.layout.getstate):
            return self.encode_attributes(body, state, run)
        if type(state) is tuple and len(state) == 2 and not self.layout.getstate:
            merged = {**(state[0] or {}), **state[1]}
            if len(merged) == len(state[0] or {}) + len(state[1]) and has_plain_keys(merged):
                return self.encode_attributes(body, merged, run)
        if type(state) is dict:
            return self._with_plain_state(body, state, run)
        return self._with_state(body, state, run)

    def _with_plain_state(self, body: dict[str, Wire], state: dict[Any, Any], run: EncodeRun) -> Wire:
        """Write a dict, which was met already, that cannot stand as attributes."""
        if self.evolution is not None and not self.layout.getstate:
            self.evolution.check(state)
        plain = has_plain_keys(state)
        body["$state"] = encode_object(state, run) if plain else {"$dict": encode_pairs(state.items(), run)}
        return body

    def named_coder(self) -> Coder:
        """Return a typed place of a named tuple: an array, unless it has attributes besides."""
        names = self._names()
        coders = self._conversion.coders
        types = declared_types(self.cls, self._conversion.registry)
        plain = fixed(
            self.cls,
            [coders.of(types.get(name, Any)) for name in names],
            self._named,
            len(names) - len(self.cls._field_defaults),  # type: ignore[attr-defined]
        )

        def encode(value: Value, run: EncodeRun) -> Wire:
            whole = type(value) is not self.cls or not any(self.layout.attributes(value))
            return plain.encode(value, run) if whole else run.any(value)

        return Coder(encode, plain.decode)

    # --- reading ---------------------------------------------------------------------------------

    def decode(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Read an instance, from ``{"$type": tag, …}`` or its attributes alone. One frame for each level."""
        layout = self.layout
        if layout.is_model and "__dict__" in wire:  # the state of a pickled model, not its fields
            return self._decode_parts(wire, run)
        if self.evolution is not None:
            wire = self.evolution.adapt(wire)
        if not self.simple or layout.setstate or not _PARTS.isdisjoint(wire):
            return self._decode_parts(wire, run)
        out = layout.create()
        run.remember(wire, out)
        target = out.__dict__ if layout.has_dict else None
        slots, fields, pick = layout.slots, self.fields if run.typed else _NOTHING, run.pick
        name = ""
        try:
            for name, item in wire.items():
                if name[:1] == "$":
                    continue
                coder = fields.get(name)
                if coder is not None:
                    value = coder.decode(item, run)
                else:
                    value = pick(item)(item, run) if type(item) in CONTAINERS else item
                if name in slots:
                    slots[name].__set__(out, value)
                elif target is not None:
                    target[name] = value
                else:
                    self._refuse_attribute()
        except MigrateError as error:
            raise within(error, f".{name}")  # noqa: B904
        self._complete(out, wire)
        return out

    def _decode_parts(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        if self.layout.reducer is not None and "$call" in wire:
            return decode_reduced(self.cls, wire, run)
        out = run.finish(wire, self._create(wire, run))
        if "$same" in wire:
            return out
        if "$items" in wire or "$pairs" in wire:
            self._fill(out, wire, run)
        is_model = (
            self.layout.is_model and not self.layout.setstate and ("$state" in wire or "__dict__" in wire)
        )
        if is_model:
            whole = wire.get("$state") or {name: item for name, item in wire.items() if name[:1] != "$"}
            restore_state(out, self._adapted(run.any(whole)))
            self._complete(out, out.__dict__)
        elif "$state" in wire:
            restore_state(out, self._adapted(run.any(wire["$state"])))
        else:
            self._set_attributes(out, wire, run)
        return out

    def _adapted(self, state: Value) -> Value:
        """Return a state with the names of today, unless the class takes its state as it is."""
        if self.evolution is None or self.layout.setstate:
            return state
        return (self.evolution.adapt_model if self.layout.is_model else self.evolution.adapt_state)(state)

    def _create(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        if "$value" in wire:
            return self._from_value(wire["$value"], run)
        if "$args" not in wire and "$kwargs" not in wire:
            return self._with_members(run_own(f"{self.tag}.__new__", self.layout.create), wire)
        try:
            args = decode_items(expect(wire.get("$args", []), list), run)
            kwargs = decode_object(expect(wire.get("$kwargs", {}), dict), run)
        except MigrateError as error:
            raise within(error, ".args")  # noqa: B904
        if self.layout.is_exception:
            return self._exception(args)
        content = self.layout.content
        if content is not None and not self.layout.newargs:
            return self._named(args) if self.layout.is_namedtuple else in_range(content.make, self.cls, *args)
        if wire.get("$call"):
            raise DecodeError(
                f"the data would call {self.registration.target}, which does not define __reduce__",
                reason="unsafe-global",
            )
        return run_own(f"{self.tag}.__new__", self.cls.__new__, self.cls, *args, **kwargs)

    def _with_members(self, out: Value, wire: dict[str, Wire]) -> Value:
        """Set what ``__new__`` of a deque or defaultdict leaves open."""
        content = self.layout.content
        if content is not None and "$maxlen" in wire:
            in_range(content.base.__init__, out, (), wire["$maxlen"])
        elif content is not None and "$factory" in wire:
            in_range(content.base.__init__, out, self._conversion.classes.factory(wire["$factory"]))
        return out

    def _from_value(self, wire: Wire, run: DecodeRun) -> Value:
        content = self.layout.content
        if content is None:
            raise DecodeError(f"{self.tag} has no content of its own, but '$value' is given")
        if self.layout.is_namedtuple and type(wire) is list:
            positions = self.positions
            least = len(positions) - len(self.cls._field_defaults)  # type: ignore[attr-defined]
            return self._named(decode_fixed(wire, run, positions, least))
        value = run.any(wire)
        return self._named(value) if self.layout.is_namedtuple else in_range(content.make, self.cls, value)

    def _named(self, values: Value) -> Value:
        """Return a named tuple; the last elements may have been added since, and take their defaults."""
        names = self._names()
        defaults = self.cls._field_defaults  # type: ignore[attr-defined]
        filled = [*values, *(defaults[name] for name in names[len(values) :] if name in defaults)]
        if len(filled) != len(names):
            raise DecodeError(
                f"{len(values)} elements, but {self.tag} has {len(names)}: {', '.join(names)}",
                reason="bad-value",
            )
        return tuple.__new__(self.cls, filled)

    def _exception(self, args: list[Any]) -> Value:
        """As pickle, but without ``__init__`` of the class, which may want other arguments than ``args``."""
        out = run_own(f"{self.tag}.__new__", self.cls.__new__, self.cls, *args)
        base: Any = next(b for b in self.cls.__mro__ if b.__module__ == "builtins")
        if base.__init__ is not BaseException.__init__ and not issubclass(base, OSError):
            in_range(base.__init__, out, *args)
        return out

    def _fill(self, out: Value, wire: dict[str, Wire], run: DecodeRun) -> None:
        content = self.layout.content
        if content is None or content.insert is None:
            raise DecodeError(f"{self.tag} is no container, but its items are given")
        insert = content.insert
        if content.part == "$pairs":
            fill_pairs(lambda key, value: insert(out, key, value), wire.get("$pairs"), run)
            return
        done = 0
        counts: dict[int, int] = {}
        hashed = isinstance(out, set)
        try:
            for item in expect(wire.get("$items"), list):
                element = run.any(item)
                if hashed:
                    run.hashing.check(element, counts)
                hashable(insert, out, element)
                done += 1
        except MigrateError as error:
            raise within(error, f"[{done}]")  # noqa: B904

    def _set_attributes(self, out: Value, wire: dict[str, Wire], run: DecodeRun) -> None:
        layout = self.layout
        attributes: dict[str, Any] = {}
        fields = self.fields if run.typed else _NOTHING
        name = ""
        try:
            for name, item in wire.items():
                if name[:1] != "$":
                    coder = fields.get(name)
                    attributes[name] = run.any(item) if coder is None else coder.decode(item, run)
        except MigrateError as error:
            raise within(error, f".{name}")  # noqa: B904
        if layout.setstate:
            self._call_setstate(out, attributes)
            return
        for name in layout.slots.keys() & attributes.keys():
            layout.slots[name].__set__(out, attributes.pop(name))
        if layout.is_exception:
            set_exception_state(out, attributes)
        elif attributes:
            if not layout.has_dict:
                self._refuse_attribute()
            out.__dict__.update(attributes)
        self._complete(out, wire)

    def _complete(self, out: Value, wire: dict[str, Wire]) -> None:
        """Attributes that the class has been given since the record was written take their defaults."""
        if self.layout.hash_cache:
            object.__setattr__(out, HASH_CACHE, None)
        if self.defaults:
            unset = wire.get("$unset", ())
            for name, default in self.defaults.items():
                if name not in wire and name not in unset:
                    object.__setattr__(out, name, default(out))

    def _refuse_attribute(self) -> NoReturn:
        raise DecodeError(
            f"{self.tag} has __slots__, and no place for this attribute", reason="type-mismatch"
        )

    def _call_setstate(self, out: Value, attributes: dict[str, Any]) -> None:
        layout = self.layout
        if layout.getstate:
            if attributes:
                run_own(f"{self.tag}.__setstate__", out.__setstate__, attributes)
            return
        slots = {name: attributes.pop(name) for name in layout.slots if name in attributes}
        inner = attributes if layout.has_dict else None
        if slots:
            run_own(f"{self.tag}.__setstate__", out.__setstate__, (inner, slots))
        elif inner is not None:
            run_own(f"{self.tag}.__setstate__", out.__setstate__, inner)


_NOTHING: dict[str, Coder] = {}
_PARTS = frozenset(
    {"$args", "$call", "$factory", "$items", "$kwargs", "$maxlen", "$pairs", "$same", "$state", "$value"}
)
