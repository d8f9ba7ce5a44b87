"""Containers of the standard library beyond list, tuple, set and dict; classes as values; exceptions."""

from __future__ import annotations

import builtins
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from ..legacy.errors import MigrateError
from .decode import decode_base64, decode_items, decode_object, expect, fill_pairs, only
from .encode import (
    encode_dict,
    encode_items,
    encode_object,
    encode_pairs,
    has_plain_keys,
    numbered,
)
from .errors import DecodeError, EncodeError, within
from .standard import in_range, standard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .decode import DecodeRun, TagDecoder
    from .encode import Encoder, EncodeRun, Value, Wire
    from .registry import Registry

BUILTIN_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        *(bool, bytearray, bytes, complex, dict, float, frozenset, int, list, object, range, set, slice),
        *(str, tuple, type, memoryview),
        *(e for e in vars(builtins).values() if isinstance(e, type) and issubclass(e, BaseException)),
    )
}
"""Types without a module in their name that may be a value."""

STANDARD_CLASSES = frozenset(
    f"{module}.{name}"
    for module, names in {
        "array": "array",
        "collections": "Counter OrderedDict defaultdict deque",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "fractions": "Fraction",
        "ipaddress": "IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network",
        "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
        "types": "NoneType SimpleNamespace",
        "uuid": "UUID",
        "zoneinfo": "ZoneInfo",
    }.items()
    for name in names.split()
)
"""Other types of the standard library that may be a value."""


class Classes:
    """Classes and functions as values, and factories of defaultdicts: names from closed tables only."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def name_of(self, cls: Value) -> str:
        """Return the name of a builtin, standard or registered class, or of a registered factory.

        Raises EncodeError for any other.
        """
        registration = self._registry.by_object(cls)
        if registration is not None:
            return registration.tag
        name = str(getattr(cls, "__qualname__", type(cls).__qualname__))
        if BUILTIN_CLASSES.get(name) is cls:
            return name if self._registry.by_tag(name) is None else f"builtins.{name}"
        dotted = "types.NoneType" if cls is type(None) else f"{getattr(cls, '__module__', '')}.{name}"
        dotted = dotted.replace("pathlib._local.", "pathlib.")
        if dotted in STANDARD_CLASSES:
            return dotted
        if isinstance(cls, type):
            raise EncodeError(
                f"the class {dotted} itself is stored here; register it, or store its name",
                reason="class-object",
            )
        raise EncodeError(f"{dotted} is a function, which is not data", reason="function-or-lambda")

    def find(self, name: Value) -> Value:
        """Return the class called ``name``."""
        registration = self._registry.by_tag(expect(name, str))
        if registration is not None:
            return registration.find()
        builtin = BUILTIN_CLASSES.get(name.removeprefix("builtins."))
        if builtin is not None:
            return builtin
        if name == "types.NoneType":
            return type(None)
        if name in STANDARD_CLASSES:
            return standard(name.replace(".", ":"))
        raise DecodeError(f"unknown class {name[:60]!r}", reason="unknown-tag")

    def encode(self, value: Value, _run: EncodeRun) -> Wire:
        """Write a class, or a registered function, as a value."""
        return {"$class": self.name_of(value)}

    def decode(self, wire: dict[str, Wire], _run: DecodeRun) -> Value:
        """Read a class or a registered function as a value."""
        only(wire, "$class")
        return self.find(wire["$class"])

    def encode_alias(self, value: Value, run: EncodeRun) -> Wire:
        """Write ``list[int]``, or the ``Box[int]`` in ``__orig_class__`` of instances of a generic class."""
        args = [_argument(a) for a in value.__args__]
        origin: Any = value.__origin__
        again = origin.__class_getitem__(value.__args__) if hasattr(origin, "__class_getitem__") else None
        if type(again) is not type(value):
            raise EncodeError(
                f"{value!r} would come back as {again!r}; store its name", reason="unsupported-type"
            )
        return {"$generic": [self.name_of(origin), encode_items(args, run)]}

    def decode_alias(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Read a class with type arguments."""
        only(wire, "$generic")
        content = expect(wire["$generic"], list)
        if len(content) != 2:
            raise DecodeError("not a class and its arguments", reason="bad-value")
        args = tuple(decode_items(expect(content[1], list), run))
        return in_range(self.find(content[0]).__class_getitem__, args[0] if len(args) == 1 else args)

    def encode_defaultdict(self, value: Value, run: EncodeRun) -> Wire:
        """Pairs, and the name of the factory."""
        mark = run.meet(value)
        if type(mark) is dict:
            return mark
        body = {"$defaultdict": encode_pairs(value.items(), run), "factory": self.factory_name(value)}
        return numbered(body, mark)

    def factory_name(self, value: Value) -> str | None:
        """Return the name of a defaultdict's factory."""
        if value.default_factory is None:
            return None
        try:
            return self.name_of(value.default_factory)
        except EncodeError as error:
            raise within(error, ".default_factory")  # noqa: B904 - the same error, on its way up

    def factory(self, name: Value) -> Value:
        """Return the factory of that name."""
        return None if name is None else self.find(name)

    def decode_defaultdict(self, wire: dict[str, Wire], run: DecodeRun) -> Value:
        """Pairs, and the name of the factory."""
        only(wire, "$defaultdict", "factory")
        out = standard("collections:defaultdict")(self.factory(wire.get("factory")))
        fill_pairs(run.remember(wire, out).__setitem__, wire["$defaultdict"], run)
        return out


def _argument(value: Value) -> Value:
    if not isinstance(value, (type, str, int, bool, type(None), type(...))) and not hasattr(
        value, "__origin__"
    ):
        raise EncodeError(f"a type argument that has no form as data: {value!r}")
    return value


def _encode_attributes(value: Value, body: dict[str, Wire], run: EncodeRun) -> dict[str, Wire]:
    """Attributes that were set on an instance of a class that is not the user's."""
    return _with_state(body, vars(value), run)


def _with_state(
    body: dict[str, Wire], attributes: Mapping[Any, Any] | None, run: EncodeRun
) -> dict[str, Wire]:
    if attributes:
        try:
            body["state"] = run.any(dict(attributes))
        except MigrateError as error:
            raise within(error, ".__dict__")  # noqa: B904
    return body


def _decode_attributes(value: Value, wire: dict[str, Wire], run: DecodeRun) -> None:
    if "state" in wire:
        value.__dict__.update(expect_dict(run.any(wire["state"])))


def expect_dict(value: Value) -> dict[Any, Any]:
    """``value`` itself, which must have been decoded to a dict."""
    if type(value) is not dict:
        raise DecodeError(
            f"{type(value).__name__} where the attributes of an object belong", reason="bad-value"
        )
    return value


def _encode_ordereddict(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    body = numbered({"$ordereddict": encode_pairs(value.items(), run)}, mark)
    return _encode_attributes(value, body, run)


def _decode_ordereddict(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$ordereddict", "state")
    out = run.remember(wire, standard("collections:OrderedDict")())
    fill_pairs(out.__setitem__, wire["$ordereddict"], run)
    _decode_attributes(out, wire, run)
    return out


def _encode_counter(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    body = numbered({"$counter": encode_pairs(value.items(), run)}, mark)
    return _encode_attributes(value, body, run)


def _decode_counter(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$counter", "state")
    out = run.remember(wire, standard("collections:Counter")())
    fill_pairs(out.__setitem__, wire["$counter"], run)
    _decode_attributes(out, wire, run)
    return out


def _encode_deque(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    body: dict[str, Wire] = {"$deque": encode_items(value, run)}
    if value.maxlen is not None:
        body["maxlen"] = value.maxlen
    return numbered(body, mark)


def _decode_deque(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$deque", "maxlen")
    out = run.remember(wire, in_range(standard("collections:deque"), (), wire.get("maxlen")))
    decode_items(expect(wire["$deque"], list), run, out)  # a deque appends as a list does
    return out


def _encode_array(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    return numbered({"$array": encode_items(value, run), "typecode": value.typecode}, mark)


def _decode_array(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$array", "typecode")
    items = decode_items(expect(wire["$array"], list), run)
    return run.remember(wire, in_range(standard("array:array"), wire.get("typecode"), items))


def _encode_namespace(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    attributes: Any = vars(value)
    if has_plain_keys(attributes):
        return numbered({"$namespace": encode_object(attributes, run)}, mark)
    return numbered({"$namespace": encode_pairs(attributes.items(), run)}, mark)


def _decode_namespace(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$namespace")
    out = run.remember(wire, standard("types:SimpleNamespace")())
    content = wire["$namespace"]
    if type(content) is dict:
        decode_object(content, run, out.__dict__)
    else:
        fill_pairs(out.__dict__.__setitem__, content, run)
    return out


def _memory_file(value: Value) -> tuple[Any, ...]:
    """Return what a BytesIO or StringIO keeps: content, newline (StringIO only), position, attributes."""
    try:
        state: tuple[Any, ...] = value.__getstate__()
    except ValueError as error:
        raise EncodeError(
            f"a closed {type(value).__name__} has no content", reason="not-restorable"
        ) from error
    return state


def _encode_bytesio(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    content, position, attributes = _memory_file(value)
    body: dict[str, Wire] = {"$bytesio": b64encode(content).decode("ascii")}
    if position:
        body["position"] = run.any(position)
    return _with_state(numbered(body, mark), attributes, run)


def _decode_bytesio(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$bytesio", "position", "state")
    position = expect(wire.get("position", 0), int)
    out = run.remember(wire, standard("io:BytesIO")())
    in_range(out.__setstate__, (decode_base64(wire["$bytesio"]), position, None))
    _decode_attributes(out, wire, run)
    return out


def _encode_stringio(value: Value, run: EncodeRun) -> Wire:
    mark = run.meet(value)
    if type(mark) is dict:
        return mark
    content, newline, position, attributes = _memory_file(value)
    body: dict[str, Wire] = {"$stringio": run.any(content)}
    if newline != "\n":
        body["newline"] = newline
    if position:
        body["position"] = run.any(position)
    return _with_state(numbered(body, mark), attributes, run)


def _decode_stringio(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$stringio", "newline", "position", "state")
    content = expect(run.any(wire["$stringio"]), str)
    position = expect(wire.get("position", 0), int)
    out = run.remember(wire, standard("io:StringIO")())
    in_range(out.__setstate__, (content, wire.get("newline", "\n"), position, None))
    _decode_attributes(out, wire, run)
    return out


def is_builtin_exception(cls: type) -> bool:
    """Whether ``cls`` is one of the exceptions in :mod:`builtins`."""
    return issubclass(cls, BaseException) and BUILTIN_CLASSES.get(cls.__name__) is cls


def _encode_exception(value: BaseException, run: EncodeRun) -> Wire:
    reference = run.meet_frozen(value)
    if reference is not None:
        return reference
    made: Any = value.__reduce__()
    _, args, *state = made
    body: dict[str, Wire] = {"$exception": type(value).__name__}
    try:
        body["args"] = encode_items(args, run)
    except MigrateError as error:
        raise within(error, ".args")  # noqa: B904
    run.verify = True  # not every exception keeps in its arguments what it was made from
    run.close_frozen(value, body)
    if state and state[0] and "$same" not in body:
        body["state"] = encode_dict(dict(state[0]), run)
    return body


def _decode_exception(wire: dict[str, Wire], run: DecodeRun) -> Value:
    only(wire, "$exception", "args", "state")
    cls = BUILTIN_CLASSES.get(expect(wire["$exception"], str))
    if cls is None or not issubclass(cls, BaseException):
        raise DecodeError(f"unknown exception {wire['$exception'][:60]!r}", reason="unknown-tag")
    args = decode_items(expect(wire.get("args", []), list), run)
    out = run.finish(wire, in_range(cls, *args))
    if "state" in wire and "$same" not in wire:
        set_exception_state(out, expect_dict(run.any(wire["state"])))
    return out


def set_exception_state(error: BaseException, state: dict[Any, Any]) -> None:
    """Set the attributes, also those that exceptions keep outside ``__dict__`` (``ImportError.name``)."""
    for name, value in state.items():
        member = getattr(type(error), name, None) if isinstance(name, str) and name[:2] != "__" else None
        if type(member).__name__ == "member_descriptor" or name == "args":  # AttributeError since Python 3.12
            in_range(setattr, error, name, value)
        else:
            error.__dict__[name] = value


CONTAINER_ENCODERS: dict[str, Encoder] = {
    "collections:OrderedDict": _encode_ordereddict,
    "collections:Counter": _encode_counter,
    "collections:deque": _encode_deque,
    "array:array": _encode_array,
    "types:SimpleNamespace": _encode_namespace,
    "_io:BytesIO": _encode_bytesio,
    "_io:StringIO": _encode_stringio,
}

CONTAINER_TAGS: dict[str, TagDecoder] = {
    "$ordereddict": _decode_ordereddict,
    "$counter": _decode_counter,
    "$deque": _decode_deque,
    "$array": _decode_array,
    "$namespace": _decode_namespace,
    "$bytesio": _decode_bytesio,
    "$stringio": _decode_stringio,
    "$exception": _decode_exception,
}

EXCEPTION_ENCODER: Encoder = _encode_exception
