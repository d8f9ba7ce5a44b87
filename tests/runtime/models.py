"""Classes of every kind that programs store. The tests register all of them under their own names."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import uuid
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Optional, TypedDict, TypeVar

import attrs

T = TypeVar("T")


class Color(enum.Enum):
    RED = 1
    BLUE = "b"
    CRIMSON = 1  # noqa: PIE796 - an alias


class Perm(enum.Flag):
    R = 1
    W = 2
    RW = 3


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Word(str, enum.Enum):
    YES = "yes"


class Bits(enum.IntFlag):
    A = 1
    B = 2


@attrs.define
class Line:
    sku: str
    qty: int = 1
    notes: list[str] = attrs.Factory(list)


@attrs.frozen(cache_hash=True)
class Coin:
    currency: str
    cents: int = 0


@attrs.define(slots=False)
class Loose:
    a: int
    b: int = attrs.field(default=attrs.Factory(lambda self: self.a * 2, takes_self=True))


@dataclass
class Order:
    id: int
    price: decimal.Decimal = decimal.Decimal(0)
    lines: list[Line] = field(default_factory=list)
    first: Optional[Line] = None  # noqa: UP045 - both forms of writing it


@dataclass(frozen=True)
class Frozen:
    x: int
    y: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FrozenSlots:
    a: int
    children: list[FrozenSlots] = field(default_factory=list)


@dataclass
class Typed:
    """One place for each kind of type; values that do not conform must survive in it, too."""

    any: Any = None
    int: int = 0
    float: float = 0.0
    str: str = ""
    bool: bool = False
    bytes: bytes = b""
    datetime: dt.datetime | None = None
    date: dt.date | None = None
    time: dt.time | None = None
    decimal: decimal.Decimal | None = None
    uuid: uuid.UUID | None = None
    line: Line | None = None
    color: Color | None = None
    perm: Perm | None = None
    level: Level | None = None
    point: Point | None = None
    ints: list[int] | None = None
    lines: list[Line] | None = None
    dates: list[dt.date] | None = None
    set: set[int] | None = None
    frozenset: frozenset[str] | None = None
    many: tuple[int, ...] | None = None
    pair: tuple[int, Line] | None = None
    deque: collections.deque[Line] | None = None
    by_name: dict[str, Line] | None = None
    by_number: dict[int, Line] | None = None
    by_pair: dict[tuple[int, int], Line] | None = None
    movie: Movie | None = None
    union: int | str | None = None
    base: Animal | None = None


class Movie(TypedDict, total=False):
    title: str
    released: dt.date


class Point(NamedTuple):
    x: int
    y: Line | None = None


Pair = collections.namedtuple("Pair", "left right")


class Animal:
    def __init__(self, name: str) -> None:
        self.name = name


class Dog(Animal):
    def __init__(self, name: str, tricks: list[str]) -> None:
        super().__init__(name)
        self.tricks = tricks


class Plain:
    def __init__(self, /, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Guarded:
    """``__init__`` and setters must not run when it is restored."""

    def __init__(self) -> None:
        self.__secret = 1
        self.calls = ["init"]

    @property
    def secret(self) -> int:
        return self.__secret

    @secret.setter
    def secret(self, value: int) -> None:
        raise AssertionError("the setter ran")

    def __setattr__(self, name: str, value: Any) -> None:
        if "calls" in self.__dict__:
            raise AssertionError("__setattr__ ran")
        object.__setattr__(self, name, value)


class Slots:
    __slots__ = ("__hidden", "a", "unset")

    def __init__(self) -> None:
        self.a = [1]
        self.__hidden = 2


class SlotsAndDict(Slots):
    def __init__(self) -> None:
        super().__init__()
        self.loose = 3


class WithState:
    """Leaves something out of its state, as classes with locks do."""

    def __init__(self, x: Any) -> None:
        self.x = x
        self.lock = object()

    def __getstate__(self) -> dict[str, Any]:
        return {"x": self.x}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.x = state["x"]
        self.lock = object()


class TupleState:
    def __init__(self, x: Any) -> None:
        self.x = x

    def __getstate__(self) -> tuple[Any, int]:
        return self.x, 7

    def __setstate__(self, state: tuple[Any, int]) -> None:
        assert state[1] == 7
        self.x = state[0]


class OnlySetstate:
    def __init__(self) -> None:
        self.x = 1
        self.restored = 0

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, restored=state["restored"])


class Reduced:
    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b = a, b

    def __reduce__(self) -> tuple[Any, ...]:
        return Reduced, (self.a, self.b), {"extra": self.__dict__.get("extra")}


class Made:
    def __init__(self, a: Any) -> None:
        self.a = a

    def __reduce__(self) -> tuple[Any, ...]:
        return make, (self.a,)


def make(a: Any) -> Made:
    return Made(a)


class ByClassmethod:
    @classmethod
    def load(cls, a: Any) -> ByClassmethod:
        self = cls()
        self.a = a
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return ByClassmethod.load, (self.a,)


class NewArgs:
    def __new__(cls, a: Any, *, k: Any = None) -> NewArgs:
        self = object.__new__(cls)
        self.a, self.k = a, k
        return self

    def __getnewargs_ex__(self) -> tuple[Any, ...]:
        return (self.a,), {"k": self.k}


class MyList(list[Any]):
    def append(self, item: Any) -> None:
        raise AssertionError("append ran")


class MyDict(dict[Any, Any]):
    def __setitem__(self, key: Any, value: Any) -> None:
        raise AssertionError("__setitem__ ran")


class MySet(set[Any]):
    pass


class MyFrozenSet(frozenset[Any]):
    pass


class MyTuple(tuple[Any, ...]):
    pass


class MyStr(str):
    pass


class MyInt(int):
    pass


class MyFloat(float):
    pass


class MyBytes(bytes):
    pass


class MyByteArray(bytearray):
    pass


class MyComplex(complex):
    pass


class MyOrdered(collections.OrderedDict):
    pass


class MyDefault(collections.defaultdict):
    pass


class MyDeque(collections.deque):
    pass


class MyCounter(collections.Counter):
    pass


class MyDate(dt.date):
    pass


class MyDecimal(decimal.Decimal):
    pass


class MyFraction(fractions.Fraction):
    pass


class MyUUID(uuid.UUID):
    pass


class MyArray(array.array):
    pass


class Trouble(Exception):
    """Cannot be restored by pickle: its arguments are not those of ``__init__``."""

    def __init__(self, a: str, b: str) -> None:
        super().__init__(f"{a}{b}")
        self.a = a


class MissingFile(OSError):
    pass


class Node:
    def __init__(self, value: Any = None) -> None:
        self.value = value
        self.next: Node | None = None


@dataclass
class TypedNode:
    value: int
    next: TypedNode | None = None


@dataclass
class Box(Generic[T]):
    content: T


NAMES = [
    name
    for name, value in list(globals().items())
    if isinstance(value, type) and value.__module__ == __name__ and name != "Movie"
]
FUNCTIONS = ["make", "ByClassmethod.load"]


def with_attributes(value: Any, **attributes: Any) -> Any:
    """``value`` with attributes set on it."""
    for name, item in attributes.items():
        setattr(value, name, item)
    return value
