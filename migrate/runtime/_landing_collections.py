"""Containers of the standard library as pickles store them, in the wire format."""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

from ..legacy.calls import Shape, name_of, raw_of, text_of
from ..legacy.names import EXCEPTIONS
from ..legacy.python2 import modern_name
from ..legacy.records import Dict, Global, Record
from ._landing_rules import Rule, is_empty, is_int, sequence, wrong
from .containers import BUILTIN_CLASSES, STANDARD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._landing_run import LandingRun, Place, Wire


def _pairs_of(run: LandingRun, shape: Shape, place: Place) -> Sequence[tuple[Record, Record]]:
    """Return the pairs given as a dict, or as a list (Python 2's OrderedDict), and those set as items."""
    if not shape.args:
        return shape.pairs
    first = shape.args[0]
    if len(shape.args) > 1:
        wrong(run, shape, place)
    if isinstance(first, Dict):
        return [*first.pairs, *shape.pairs]
    pairs = sequence(first)
    if pairs is None or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        wrong(run, shape, place)
    return [*((pair[0], pair[1]) for pair in pairs), *shape.pairs]  # type: ignore[index]  # checked above


def _mapping(tag: str) -> Callable[[LandingRun, Shape, Place], Wire]:
    def land(run: LandingRun, shape: Shape, place: Place) -> Wire:
        pairs = _pairs_of(run, shape, place)
        body = run.numbered(shape.origin, {tag: None})
        body[tag] = run.pairs(pairs, place)
        if not is_empty(shape.state):
            if not isinstance(shape.state, Dict) or any(_is_method(key) for key, _ in shape.state.pairs):
                wrong(run, shape, place, "state")
            run.put(body, "state", shape.state, place, "")
        return body

    return land


def _is_method(key: Record) -> bool:
    """Whether an attribute of that name would stand in front of a method, for whoever calls that."""
    name = text_of(key)
    return name is None or hasattr(Counter, name) or hasattr(OrderedDict, name)


def _defaultdict(run: LandingRun, shape: Shape, place: Place) -> Wire:
    factory = None
    if len(shape.args) > 1:
        wrong(run, shape, place)
    if shape.args and shape.args[0] is not None:
        factory = _factory(run, shape.args[0], place)
    body = run.numbered(shape.origin, {"$defaultdict": None, "factory": factory})
    body["$defaultdict"] = run.pairs(shape.pairs, place)
    return body


def _factory(run: LandingRun, record: Record, place: Place) -> str:
    name = name_of(record)
    if name is None:
        run.bad("the factory of a defaultdict is not a class", place)
    found = class_name(run, name)
    if found is None:
        run.unknown(name, place, called=False)
    return found


def class_name(run: LandingRun, name: tuple[str, str]) -> str | None:
    """Return what the wire format calls a class: a tag, or a name from the codec's closed tables."""
    tag = run.tag(name)
    if tag is not None:
        return tag
    module, dotted = modern_name(*name)
    if module == "builtins" and dotted in BUILTIN_CLASSES:
        return f"builtins.{dotted}" if dotted in EXCEPTIONS else dotted
    standard = f"{module.removesuffix('._local')}.{dotted}"
    return standard if standard in STANDARD_CLASSES else None


def _generic(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``list[int]``, and what :mod:`typing` stores for ``Box[int]``: ``operator.getitem(Box, int)``."""
    if len(shape.args) != 2 or not isinstance(shape.args[0], Global):
        run.unknown(shape.name, place, called=True)
    origin = shape.args[0].module, shape.args[0].name
    name = class_name(run, origin)
    if name is None:
        run.unknown(origin, place, called=False)
    arguments = shape.args[1] if isinstance(shape.args[1], tuple) else (shape.args[1],)
    return {"$generic": [name, run.array(arguments, place, 3)]}


def _deque(run: LandingRun, shape: Shape, place: Place) -> Wire:
    start, maxlen = (*shape.args, (), None)[:2] if len(shape.args) < 2 else shape.args[:2]
    elements = sequence(start)
    if elements is None or len(shape.args) > 2:
        wrong(run, shape, place)
    body: dict[str, Wire] = run.numbered(shape.origin, {"$deque": None})
    if maxlen is not None:
        if type(maxlen) is not int or not 0 <= maxlen < 2**63:
            wrong(run, shape, place, "a maxlen")
        body["maxlen"] = maxlen
    body["$deque"] = run.array([*elements, *shape.items], place)
    return body


def _namespace(run: LandingRun, shape: Shape, place: Place) -> Wire:
    if shape.args or not (is_empty(shape.state) or isinstance(shape.state, Dict)):
        wrong(run, shape, place)
    pairs = shape.state.pairs if isinstance(shape.state, Dict) else []
    body = run.numbered(shape.origin, {"$namespace": None})
    plain = run.object(pairs, place, 2)
    body["$namespace"] = run.pairs(pairs, place) if plain is None else plain
    return body


def _memory_file(tag: str, cls: type, parts: int) -> Callable[[LandingRun, Shape, Place], Wire]:
    """Land a BytesIO or StringIO, whose state has ``parts``; see ``__getstate__`` in ``Modules/_io``."""

    def land(run: LandingRun, shape: Shape, place: Place) -> Wire:
        state = shape.state
        if shape.args or not isinstance(state, tuple) or len(state) != parts:
            wrong(run, shape, place, "a state")
        content, *newline, position, attributes = state
        if not is_int(position) or position < 0 or any(line not in _NEWLINES for line in newline):
            wrong(run, shape, place, "a state")
        body = run.numbered(shape.origin, {tag: None})
        raw = raw_of(content) if tag == "$bytesio" else None
        if raw is not None:
            run.spend(len(raw) * 4 // 3, place)
            body[tag] = run.base64(content, raw)
        elif type(content) is str and tag == "$stringio":
            run.put(body, tag, content, place, "")
        else:
            wrong(run, shape, place, "content")
        if newline and newline[0] != "\n":
            body["newline"] = newline[0]
        if position:
            body["position"] = position
        if not is_empty(attributes):
            own = attributes.pairs if isinstance(attributes, Dict) else ()
            if not own or any((name := text_of(k)) is None or hasattr(cls, name) for k, _ in own):
                wrong(run, shape, place, "attributes")
            run.put(body, "state", attributes, place, "")
        return body

    return land


_NEWLINES: Final = (None, "", "\n", "\r", "\r\n")

_ARRAY_FORMATS: Final = ("=B", "=b", *(f"{order}{code}" for code in "HhIiQqfd" for order in "<>"))
"""Machine formats 0 to 17 of ``Modules/arraymodule.c`` (``enum machine_format_code``)."""
_ARRAY_TEXT: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Machine formats 18 to 21."""
_TYPECODES: Final = frozenset("bBuwhHiIlLqQfd")


def _array(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``array(typecode, list)``. Python 2.6 has bytes in the order of its machine instead: refused."""
    typecode = text_of(shape.args[0]) if len(shape.args) == 2 else None
    values = sequence(shape.args[1]) if typecode in _TYPECODES else None
    if values is None:
        wrong(run, shape, place)
    return _array_body(run, shape, typecode, values, place)


def _array_reconstructor(run: LandingRun, shape: Shape, place: Place) -> Wire:
    """``_array_reconstructor(array, typecode, machine format, bytes)``."""
    if len(shape.args) != 4 or name_of(shape.args[0]) != ("array", "array"):
        wrong(run, shape, place)
    typecode, form, raw = text_of(shape.args[1]), shape.args[2], raw_of(shape.args[3])
    if typecode not in _TYPECODES or type(form) is not int or not 0 <= form < 22 or raw is None:
        wrong(run, shape, place)
    try:
        values: Sequence[Any]
        if form < len(_ARRAY_FORMATS):
            values = [value for (value,) in struct.iter_unpack(_ARRAY_FORMATS[form], raw)]
        else:
            values = list(raw.decode(_ARRAY_TEXT[form - len(_ARRAY_FORMATS)]))
    except (struct.error, UnicodeDecodeError):
        wrong(run, shape, place, "bytes")
    return _array_body(run, shape, typecode, values, place)


def _array_body(
    run: LandingRun, shape: Shape, typecode: str | None, values: Sequence[Any], place: Place
) -> Wire:
    kinds: tuple[type, ...] = (int,)
    if typecode in ("u", "w"):
        kinds = (str,)
    elif typecode in ("f", "d"):
        kinds = (float, int)
    if not all(type(value) in kinds for value in values):
        wrong(run, shape, place, "elements")
    body = run.numbered(shape.origin, {"$array": None, "typecode": typecode})
    body["$array"] = run.array(values, place)
    return body


COLLECTIONS = {
    ("types", "GenericAlias"): Rule(_generic),
    ("_operator", "getitem"): Rule(_generic),
    ("operator", "getitem"): Rule(_generic),
    ("collections", "OrderedDict"): Rule(_mapping("$ordereddict"), frozenset(("pairs", "state"))),
    ("collections", "Counter"): Rule(_mapping("$counter"), frozenset(("pairs", "state"))),
    ("collections", "defaultdict"): Rule(_defaultdict, frozenset(("pairs",))),
    ("collections", "deque"): Rule(_deque, frozenset(("items",))),
    ("types", "SimpleNamespace"): Rule(_namespace, frozenset(("state",))),
    **{
        (module, cls.__name__): Rule(_memory_file(tag, cls, parts), frozenset(("state",)))
        for module in ("_io", "io")
        for tag, cls, parts in (("$bytesio", BytesIO, 3), ("$stringio", StringIO, 4))
    },
    ("array", "array"): Rule(_array),
    ("array", "_array_reconstructor"): Rule(_array_reconstructor),
}
