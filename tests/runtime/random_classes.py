"""Class definitions that hypothesis makes up, as the source of a module, and values for their fields.

Most values conform to the annotations; some do not, because annotations in real code lie. Instances are
made past ``__init__``, as pickle makes them, so that attributes may be missing, new, or in any order.
"""

from __future__ import annotations

import copy
import datetime as dt
import sys
import types
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from tests.runtime.conftest import make_codec
from tests.runtime.test_properties import scalars, values

if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = "tests.runtime.made_up"
HEAD = """
import collections, datetime, decimal, enum, fractions, uuid
from collections import deque
from dataclasses import dataclass, field
from typing import *
import attrs
T = TypeVar("T")
"""
NAMES = ["a", "b", "c", "_d", "__e", "class_", "id", "naïve"]
DEEP = 2


class Kind(NamedTuple):
    """One annotation, and what makes a value that conforms to it, not deeper than asked."""

    text: str
    make: Callable[[Maker, int], Any]


class Class(NamedTuple):
    """One class of the module."""

    name: str
    form: str
    fields: list[tuple[str, Kind]]
    base: Class | None
    decorator: str = ""

    @property
    def all_fields(self) -> list[tuple[str, Kind]]:
        """Its own fields and those of its bases, by the names of the attributes."""
        inherited = self.base.all_fields if self.base is not None else []
        own = {self.attribute(name): kind for name, kind in self.fields}
        return [*((n, k) for n, k in inherited if n not in own), *own.items()]

    def attribute(self, name: str) -> str:
        """Python's private names."""
        return f"_{self.name}{name}" if name.startswith("__") else name


class Family(NamedTuple):
    """A module, and a value made of its classes."""

    source: str
    classes: list[Class]
    enums: list[str]
    whole: bool
    """Whether every instance has all its fields: pickles without them are completed from the defaults."""
    value: Any

    def __repr__(self) -> str:
        return f"<family of {', '.join(c.name for c in self.classes)}>"  # not all values have a repr

    def codec(self, **options: Any) -> Any:
        """Return a codec that knows the classes, and those of ``tests.runtime.models``."""
        codec = make_codec(**options)
        for name in [*(c.name for c in self.classes), *self.enums]:
            codec.register(getattr(sys.modules[MODULE], name))
        return codec


# --- annotations --------------------------------------------------------------------------------


def of(text: str, strategy: st.SearchStrategy[Any]) -> Kind:
    return Kind(text, lambda maker, _depth: maker.draw(strategy))


KEYS = [
    of("int", st.integers()),
    of("str", st.text(max_size=6)),
    of("bool", st.booleans()),
    of("bytes", st.binary(max_size=6)),
    of("datetime.date", st.dates()),
    of("uuid.UUID", st.uuids()),
    of("tuple[int, str]", st.tuples(st.integers(), st.text(max_size=3))),
]
SCALARS = [
    *KEYS,
    of("float", st.floats()),
    of("None", st.none()),
    of("complex", st.complex_numbers()),
    of("decimal.Decimal", st.decimals(allow_nan=False)),
    of("fractions.Fraction", st.fractions()),
    of("datetime.datetime", st.datetimes(timezones=st.none() | st.just(dt.timezone.utc))),
    of("datetime.time", st.times()),
    of("datetime.timedelta", st.timedeltas()),
    of("Any", scalars),
    of("object", scalars),
    of("T", scalars),
    of("NoSuchName", scalars),
    of('Literal[1, "a"]', st.sampled_from([1, "a"])),
    of('Annotated[int, "positive"]', st.integers(1)),
]


def items(maker: Maker, kind: Kind, depth: int) -> list[Any]:
    return [maker.value(kind, depth) for _ in range(maker.number(0, 3))]


def keys(maker: Maker, kind: Kind) -> list[Any]:
    return [kind.make(maker, 0) for _ in range(maker.number(0, 3))]


def list_of(inner: Kind) -> Kind:
    return Kind(f"list[{inner.text}]", lambda m, d: items(m, inner, d))


def deque_of(inner: Kind) -> Kind:
    return Kind(f"deque[{inner.text}]", lambda m, d: deque(items(m, inner, d)))


def row_of(inner: Kind) -> Kind:
    return Kind(f"tuple[{inner.text}, ...]", lambda m, d: tuple(items(m, inner, d)))


def pair_of(left: Kind, right: Kind) -> Kind:
    return Kind(f"tuple[{left.text}, {right.text}]", lambda m, d: (m.value(left, d), m.value(right, d)))


def dict_of(key: Kind, inner: Kind) -> Kind:
    return Kind(
        f"dict[{key.text}, {inner.text}]",
        lambda m, d: {k: m.value(inner, d) for k in keys(m, key)},
    )


def optional(inner: Kind) -> Kind:
    return Kind(f"Optional[{inner.text}]", lambda m, d: inner.make(m, d) if m.number(0, 2) else None)


def either(left: Kind, right: Kind) -> Kind:
    return Kind(
        f"Union[{left.text}, {right.text}]", lambda m, d: (right if m.number(0, 1) else left).make(m, d)
    )


def instance_of(name: str) -> Kind:
    return Kind(f'"{name}"', lambda m, d: m.instance(name, d - 1) if d > 0 else None)


def member_of(name: str) -> Kind:
    return Kind(name, lambda m, _depth: m.draw(st.sampled_from(list(getattr(m.module, name)))))


def kinds(names: list[str], enums: list[str]) -> st.SearchStrategy[Kind]:
    """Annotations that may name the classes, also those that are defined later."""
    leaves = st.sampled_from(
        [*SCALARS, *map(instance_of, names), *map(instance_of, names), *map(member_of, enums)]
    )
    key = st.sampled_from(KEYS)
    sets = st.builds(
        lambda word, inner, make: Kind(f"{word}[{inner.text}]", lambda m, _d: make(keys(m, inner))),
        st.just("set"),
        key,
        st.just(set),
    )
    frozen = key.map(lambda inner: Kind(f"frozenset[{inner.text}]", lambda m, _d: frozenset(keys(m, inner))))
    return st.recursive(
        leaves | sets | frozen,
        lambda inner: st.one_of(
            inner.map(list_of),
            inner.map(deque_of),
            inner.map(row_of),
            inner.map(optional),
            st.builds(pair_of, inner, inner),
            st.builds(either, inner, inner),
            st.builds(dict_of, key, inner),
        ),
        max_leaves=3,
    )


# --- classes ------------------------------------------------------------------------------------

DECORATORS = {
    "dataclass": ["@dataclass", "@dataclass(frozen=True)", "@dataclass(eq=False, kw_only=True)"],
    "dataclass with slots": ["@dataclass(slots=True)", "@dataclass(frozen=True, slots=True)"],
    "attrs": ["@attrs.define", "@attrs.frozen", "@attrs.define(kw_only=True)", "@attrs.define(eq=False)"],
    "attrs with __dict__": ["@attrs.define(slots=False)", "@attrs.frozen(slots=False)"],
}
DEFAULTS = {
    "dataclass": [" = field(default_factory=list)", " = field(init=False, default=3)"],
    "attrs": [" = attrs.Factory(list)", " = attrs.field(init=False, default=3)"],
}
BODIES = {
    "plain": [
        "",
        "    def __setattr__(self, name, value): raise AttributeError(name)",
        "    def __getstate__(self): return dict(self.__dict__)",
        "    def __setstate__(self, state): self.__dict__.update(state)",
        "    def __eq__(self, other): return type(other) is type(self)\n    __hash__ = None",
        "    @property\n    def size(self): raise RuntimeError('asked')",
    ],
    "list": ["", "    def append(self, item): raise TypeError(item)"],
    "dict": ["", "    def __setitem__(self, key, item): raise TypeError(key)"],
    "str": [""],
}


def define(draw: Any, made: Class) -> str:
    """Return the source of a class."""
    fields = [f"    {field}: {kind.text}" for field, kind in made.fields]
    if made.form == "named tuple":
        return "\n".join([f"class {made.name}(NamedTuple):", *fields, "    pass"])
    parent = made.form if made.form in CONTENT else "object"
    head = f"{made.decorator}\nclass {made.name}({parent if made.base is None else made.base.name}):"
    if made.form == "slots":
        return f"{head}\n    __slots__ = {tuple(field for field, _ in made.fields)}"
    if made.form in DECORATORS:
        own = DEFAULTS[made.form.split()[0]]
        defaults = [draw(st.sampled_from(["", "", " = None", " = 7", ' = "text"', *own])) for _ in fields]
        if "kw_only" not in made.decorator:
            defaults.sort(key=bool)
        fields = [field + default for field, default in zip(fields, defaults, strict=True)]
    body = draw(st.sampled_from(BODIES.get(made.form, [""])))
    return "\n".join([head, *fields, body or "    pass"])


def decorator_of(draw: Any, form: str, base: Class | None) -> str:
    """Return a decorator; a class that has a base takes its own, so that both are frozen or none is."""
    if form not in DECORATORS:
        return ""
    if base is None:
        decorator: str = draw(st.sampled_from(DECORATORS[form]))
        return decorator
    if "kw_only" in base.decorator:
        return base.decorator
    opened = base.decorator if base.decorator.endswith(")") else f"{base.decorator}()"
    return f"{opened[:-1]}{'' if opened.endswith('()') else ', '}kw_only=True)"


CONTENT = {"str": "text", "list": (), "dict": ()}
FORMS = ["named tuple", "slots", *DECORATORS, *BODIES]
BY_ASSIGNMENT = frozenset({"plain", "list", "dict", "str", "attrs with __dict__", "dataclass"})
"""Forms whose instances take attributes that nobody declared."""


@st.composite
def families(draw: Any, *, typed: bool = True) -> Family:
    """A module of up to four classes and two enums, and a value of them; without ``typed`` all is ``Any``."""
    enums = ["Hue", "Grade"]
    source = ["from __future__ import annotations" if draw(st.booleans()) else "", HEAD]
    texts = draw(st.sampled_from(["enum.Enum", "str, enum.Enum"]))
    numbers = draw(st.sampled_from(["enum.IntEnum", "enum.Flag", "enum.IntFlag"]))
    source.append(f"class Hue({texts}):\n    RED = 'r'\n    BLUE = 'b'")
    source.append(f"class Grade({numbers}):\n    LOW = 1\n    HIGH = 2")
    names = [f"C{number}" for number in range(draw(st.integers(1, 4)))]
    annotation = kinds(names, enums)
    classes: list[Class] = []
    for name in names:
        bases = [c for c in classes if c.form not in ("named tuple", "slots")]
        base = draw(st.sampled_from(bases)) if bases and draw(st.booleans()) else None
        form = base.form if base is not None else draw(st.sampled_from(FORMS))
        taken = {n for n, _ in base.all_fields} if base is not None and "slots" in form else set()
        usable = [n for n in NAMES if n not in taken]
        if form == "named tuple":
            usable = [n for n in usable if not n.startswith("_")]
        chosen = draw(st.lists(st.sampled_from(usable), unique=True, max_size=4)) if usable else []
        fields = [(n, draw(annotation)) for n in chosen]
        classes.append(Class(name, form, fields, base, decorator_of(draw, form, base)))
        shown = classes[-1]
        if not typed:
            shown = shown._replace(fields=[(n, kind._replace(text="Any")) for n, kind in fields])
        source.append(define(draw, shown))
    text = "\n".join(source)
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    exec(compile(text, MODULE, "exec"), module.__dict__)
    maker = Maker(draw, module, classes)
    value = [maker.instance(draw(st.sampled_from(names)), DEEP) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        value.append(maker.rows(draw(st.sampled_from(classes))))
    return Family(text, classes, enums, maker.whole, value)


# --- values -------------------------------------------------------------------------------------


class Maker:
    """Draws values for one module."""

    def __init__(self, draw: Any, module: types.ModuleType, classes: list[Class]) -> None:
        self.draw = draw
        self.module = module
        self.whole = True
        self._classes = {c.name: c for c in classes}
        self._pool: list[Any] = []

    def number(self, least: int, most: int) -> int:
        number: int = self.draw(st.integers(least, most))
        return number

    def value(self, kind: Kind, depth: int) -> Any:
        """Draw a value for a place of ``kind``: one that conforms, an earlier one, or whatever."""
        choice = self.number(0, 11)
        if choice == 11:
            return self.draw(values)
        if choice == 10 and self._pool:
            return self._pool[self.number(0, len(self._pool) - 1)]  # some have no hash, and sampled_from asks
        made = kind.make(self, depth)
        if not isinstance(made, (int, float, str, bytes, type(None))):
            self._pool.append(made)
        return made

    def instance(self, name: str, depth: int) -> Any:
        """Draw an instance of a class."""
        made = self._classes[name]
        return self.assemble(made, {n: self.value(kind, depth) for n, kind in made.all_fields})

    def assemble(self, made: Class, attributes: dict[str, Any], *, change: bool = True) -> Any:
        """Return an instance with ``attributes``, perhaps some less, more, or in another order."""
        cls = getattr(self.module, made.name)
        if made.form == "named tuple":
            return cls._make(attributes.values())
        content = CONTENT.get(made.form)
        out = cls.__new__(cls) if content is None else cls.__new__(cls, content)
        if made.form == "list":
            list.extend(out, attributes.values())
        if made.form == "dict":
            dict.update(out, {1: list(attributes.values())})
        what = self.number(0, 9) if change else 0
        if what == 9 and attributes:
            attributes = dict(attributes)
            attributes.pop(self.draw(st.sampled_from(list(attributes))))
            self.whole = False
        elif what == 8:
            attributes = dict(reversed(attributes.items()))
        elif what == 7 and made.form in BY_ASSIGNMENT:
            attributes = {
                **attributes,
                self.draw(st.sampled_from(["later", "$odd", "a b"])): self.draw(scalars),
            }
        for name, item in attributes.items():
            object.__setattr__(out, name, item)
        return out

    def rows(self, made: Class) -> list[Any]:
        """Draw a long list of instances that have few different values."""
        choices = [
            (n, [self.value(kind, 1) for _ in range(self.number(1, 3))]) for n, kind in made.all_fields
        ]
        shares = self.number(0, 5) == 0
        rows = []
        for number in range(self.number(8, 20)):
            attributes = {n: few[number % len(few)] for n, few in choices}
            if not shares:
                attributes = apart(attributes)
            rows.append(self.assemble(made, attributes, change=number == 5))
        return rows


def apart(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that shares nothing, where the classes allow it."""
    try:
        return copy.deepcopy(attributes)
    except (AttributeError, TypeError):  # a slot is not set, or a method of the class refuses
        return attributes
