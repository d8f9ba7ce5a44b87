# ruff: noqa: F403, F405, PLC3002
"""The table of values that must come back exactly: name → function that makes one."""

import array
import collections
import datetime as dt
import fractions
import io
import ipaddress
import pathlib
import re
import sys
import time
import types
import uuid
import zoneinfo
from decimal import Decimal

from tests.runtime.models import *
from tests.runtime.models import with_attributes

NAN = float("nan")
WHEN = dt.datetime(2024, 2, 29, 12, 30, 45, 123456)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
UTC = dt.timezone.utc


def cycle(container, put):
    put(container, container)
    return container


def plain_cycle():
    node = Plain()
    node.me, node.items, node.mates = node, [node], {node}
    return node


def ring(cls, *args):
    first, second = cls(*args), cls(*args)
    first.next, second.next = second, first
    return first


def tuple_cycle():
    inside = []
    outer = (inside, 1)
    inside.append(outer)
    return outer


def namedtuple_cycle():
    point = Point(1, Line("a"))
    point.y.notes.append(point)
    return point


def content_cycle(make, **attributes):
    inside = []
    inside.append(with_attributes(make(inside), **attributes))
    return inside[0]


def frozenset_cycle():
    node = Plain()
    node.group = frozenset([node])
    return node.group


def set_member_cycle():
    node = Plain()
    node.group = {node}
    return node.group


def shared(value, *more):
    return [value, value, *more]


def ordered_with_attribute():
    return with_attributes(collections.OrderedDict(a=1), note="x")


def positioned(file, position):
    file.seek(position)
    return file


def written(file, text):
    file.write(text)
    return file


def unset(cls):
    return cls.__new__(cls)


VALUES = {
    # --- constants and numbers
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "int": lambda: 1,
    "int negative": lambda: -7,
    "int 2**53+1": lambda: 2**53 + 1,
    "int 2**63": lambda: 2**63,
    "int 2**64-1": lambda: 2**64 - 1,
    "int 2**64": lambda: 2**64,
    "int -2**63": lambda: -(2**63),
    "int -2**63-1": lambda: -(2**63) - 1,
    "int of 6000 digits": lambda: 10**6000,
    "float": lambda: 0.1,
    "float integral": lambda: 5.0,
    "float large": lambda: 1e22,
    "float max": lambda: sys.float_info.max,
    "float denormal": lambda: 5e-324,
    "float zero": lambda: 0.0,
    "float negative zero": lambda: -0.0,
    "float nan": lambda: NAN,
    "float inf": lambda: float("inf"),
    "float -inf": lambda: float("-inf"),
    "complex": lambda: 1 + 2j,
    "complex nan and -0": lambda: complex(NAN, -0.0),
    "Decimal": lambda: Decimal("1.50"),
    "Decimal NaN": lambda: Decimal("NaN"),
    "Decimal sNaN": lambda: Decimal("sNaN123"),
    "Decimal -0": lambda: Decimal("-0"),
    "Decimal inf": lambda: Decimal("-Infinity"),
    "Decimal exponent": lambda: Decimal("1E+300"),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "Fraction large": lambda: fractions.Fraction(10**30, 7),
    "range": lambda: range(3),
    "range step": lambda: range(10, -5, -3),
    "range large": lambda: range(2**70),
    "slice": lambda: slice(1, None, 2),
    # --- text and bytes
    "str empty": lambda: "",
    "str": lambda: "text",
    "str non-ASCII": lambda: "žluťoučký 🐎",
    "str NUL": lambda: "a\0b",
    "str line ends": lambda: "a\r\nb\u2028c\x85",
    "str lone surrogate": lambda: "a\udc80b",
    "str looks like a tag": lambda: "$type",
    "str looks like a date": lambda: "2024-01-01",
    "bytes": lambda: b"\x00\xff",
    "bytes empty": lambda: b"",
    "bytearray": lambda: bytearray(b"ab\xff"),
    "array of floats": lambda: array.array("d", [1.0, NAN, -0.0]),
    "array of ints": lambda: array.array("q", [1, -(2**63)]),
    "array empty": lambda: array.array("B"),
    "pattern": lambda: re.compile(r"a+", re.IGNORECASE | re.MULTILINE),
    "pattern of bytes": lambda: re.compile(rb"\xff"),
    "pattern inline flags": lambda: re.compile("(?s)a."),
    # --- time
    "datetime": lambda: WHEN,
    "datetime min": lambda: dt.datetime.min,
    "datetime max": lambda: dt.datetime.max,
    "datetime UTC": lambda: WHEN.replace(tzinfo=UTC),
    "datetime fold": lambda: WHEN.replace(fold=1),
    "datetime offset": lambda: WHEN.replace(tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30))),
    "datetime zone": lambda: WHEN.replace(tzinfo=BERLIN, fold=1),
    "datetime zone UTC": lambda: WHEN.replace(tzinfo=zoneinfo.ZoneInfo("UTC")),
    "date": lambda: WHEN.date(),
    "time": lambda: WHEN.time(),
    "time fold": lambda: dt.time(1, 2, fold=1),
    "time zone": lambda: dt.time(1, 2, tzinfo=UTC),
    "timedelta zero": lambda: dt.timedelta(0),
    "timedelta negative": lambda: dt.timedelta(-1, 2, 3),
    "timezone utc": lambda: UTC,
    "timezone named": lambda: dt.timezone(dt.timedelta(hours=1, microseconds=5), "CET"),
    "timezone zero named": lambda: dt.timezone(dt.timedelta(0), "Z"),
    "ZoneInfo": lambda: BERLIN,
    "struct_time of a zone": lambda: time.struct_time((*range(9), "CET", 3600)),
    "struct_time without one": lambda: time.struct_time((2024, 1, 2, 3, 4, 5, 1, 2, -1)),
    # --- files in memory
    "BytesIO read half": lambda: positioned(io.BytesIO(b"abc\0"), 2),
    "BytesIO beyond its end": lambda: positioned(io.BytesIO(), 9),
    "BytesIO with an attribute": lambda: with_attributes(io.BytesIO(b"a"), name="a.bin"),
    "BytesIO shared": lambda: shared(io.BytesIO(b"a")),
    "StringIO read half": lambda: positioned(io.StringIO("a\nžb"), 1),
    "StringIO any newline": lambda: io.StringIO("a\r\nb", newline=None),
    "StringIO written": lambda: written(io.StringIO(newline="\r\n"), "a\nb"),
    "StringIO lone surrogate": lambda: io.StringIO("\udc80"),
    "StringIO of itself": lambda: (lambda f: with_attributes(f, me=[f]))(io.StringIO()),
    # --- names
    "UUID": lambda: uuid.UUID(int=2**127),
    "UUID made safely": lambda: uuid.UUID(int=5, is_safe=uuid.SafeUUID.safe),
    "PosixPath": lambda: pathlib.PosixPath("a/b c"),
    "PosixPath undecodable": lambda: pathlib.PosixPath("a\udcff"),
    "PurePosixPath": lambda: pathlib.PurePosixPath("/"),
    "PureWindowsPath": lambda: pathlib.PureWindowsPath("c:/x"),
    "IPv4Address": lambda: ipaddress.ip_address("192.0.2.1"),
    "IPv6Network": lambda: ipaddress.ip_network("2001:db8::/32"),
    "IPv4Interface": lambda: ipaddress.ip_interface("192.0.2.1/24"),
    # --- containers
    "list": lambda: [1, "a", None, [2, []]],
    "tuple": lambda: (1, ("a", ()), [2]),
    "set": lambda: {1, "a", (2, 3)},
    "set empty": lambda: set(),
    "set of NaN": lambda: {NAN},
    "set of 1.0": lambda: {1.0},
    "frozenset": lambda: frozenset([1, frozenset(["x"])]),
    "dict": lambda: {"b": 1, "a": {"c": []}},
    "dict empty": dict,
    "dict empty key": lambda: {"": 1},
    "dict int keys": lambda: {1: "a", 2: "b"},
    "dict mixed keys": lambda: {1: "a", "1": "b", None: "c", (1,): "d", "None": "e"},
    "dict bool key": lambda: {True: 1},
    "dict bytes key": lambda: {b"k": 1},
    "dict NaN key": lambda: {NAN: 1},
    "dict date key": lambda: {WHEN.date(): 1},
    "dict enum key": lambda: {Color.RED: 1},
    "dict subclass key": lambda: {MyStr("a"): 1},
    "dict like a tag": lambda: {"$type": "Order", "id": 1},
    "dict like a reference": lambda: {"$ref": 1},
    "dict dollar later": lambda: {"a": 1, "$b": 2},
    "dict surrogate key": lambda: {"\ud800": 1},
    "dict order": lambda: {"z": 1, "a": 2, "m": 3},
    "OrderedDict": lambda: collections.OrderedDict([("b", 1), ("a", 2)]),
    "OrderedDict with attribute": ordered_with_attribute,
    "defaultdict": lambda: collections.defaultdict(list, {"a": [1]}),
    "defaultdict None": lambda: collections.defaultdict(None, {1: 2}),
    "defaultdict of a class": lambda: collections.defaultdict(Plain),
    "defaultdict of Counter": lambda: collections.defaultdict(collections.Counter),
    "Counter": lambda: collections.Counter("abca"),
    "deque": lambda: collections.deque([1, [2]]),
    "deque maxlen": lambda: collections.deque([1, 2], maxlen=2),
    "deque maxlen 0": lambda: collections.deque(maxlen=0),
    "SimpleNamespace": lambda: types.SimpleNamespace(a=1, b=[2]),
    "SimpleNamespace odd": lambda: types.SimpleNamespace(**{"$x": 1}),
    # --- classes as values
    "class int": lambda: int,
    "class NoneType": lambda: type(None),
    "class ValueError": lambda: ValueError,
    "class datetime": lambda: dt.datetime,
    "class OrderedDict": lambda: collections.OrderedDict,
    "class of the program": lambda: Order,
    "class enum": lambda: Color,
    "list[int]": lambda: list[int],
    "dict[str, list[int]]": lambda: dict[str, list[int]],
    "Box[int]": lambda: Box[int],
    # --- exceptions
    "ValueError": lambda: ValueError("x", 1),
    "KeyError": lambda: KeyError("a"),
    "OSError with file": lambda: OSError(2, "no", "file"),
    "ImportError with name": lambda: ImportError("x", name="n", path="p"),
    "UnicodeDecodeError": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "StopIteration": lambda: StopIteration(4),
    "SystemExit": lambda: SystemExit(2),
    "exception with attribute": lambda: with_attributes(ValueError("x"), code=[7]),
    "exception of the program": lambda: Trouble("a", "b"),
    "OSError of the program": lambda: MissingFile(2, "no", "file"),
    # --- enums
    "Enum": lambda: Color.RED,
    "Enum alias": lambda: Color.CRIMSON,
    "Flag": lambda: Perm.R,
    "Flag composite": lambda: Perm.R | Perm.W,
    "Flag empty": lambda: Perm(0),
    "IntEnum": lambda: Level.HIGH,
    "IntFlag": lambda: Bits.A | Bits.B,
    "str Enum": lambda: Word.YES,
    # --- instances
    "dataclass": lambda: Order(1, Decimal("1.5"), [Line("a", 2, ["x"])], Line("b")),
    "dataclass invalid": lambda: Order("one", 1.5, (Line("a"),), {"sku": "b"}),
    "dataclass frozen": lambda: Frozen(1, [2]),
    "dataclass frozen slots": lambda: FrozenSlots(1, [FrozenSlots(2)]),
    "dataclass dynamic attribute": lambda: with_attributes(Order(1), later=[1]),
    "dataclass nothing set": lambda: unset(Order),
    "dataclass None in every place": lambda: Typed(*[None] * 30),
    "dataclass generic": lambda: Box(1),
    "dataclass generic called with a parameter": lambda: Box[int](1),
    "attrs": lambda: Line("a", 2, ["x"]),
    "attrs nothing set": lambda: unset(Line),
    "attrs with cached hash": lambda: Coin("EUR", 5),
    "attrs with cached hash used": lambda: (lambda coin: (hash(coin), coin)[1])(Coin("EUR", 5)),
    "attrs with __dict__": lambda: Loose(1),
    "NamedTuple": lambda: Point(1, Line("a")),
    "NamedTuple of scalars": lambda: Point(1),
    "namedtuple": lambda: Pair(1, [2]),
    "plain": lambda: Plain(a=1, b=[2], c=None),
    "plain empty": lambda: Plain(),
    "plain odd names": lambda: Plain(**{"a b": 1, "": 2, "ü": 3}),
    "plain dollar name": lambda: Plain(**{"$x": 1}),
    "private name and property": Guarded,
    "subclass": lambda: Dog("Rex", ["sit"]),
    "slots": Slots,
    "slots and __dict__": SlotsAndDict,
    "__getstate__": lambda: WithState([1]),
    "__getstate__ tuple": lambda: TupleState([1]),
    "__setstate__ alone": OnlySetstate,
    "__reduce__": lambda: with_attributes(Reduced(1, [2]), extra=5),
    "__reduce__ by a function": lambda: Made({1}),
    "__reduce__ by a classmethod": lambda: ByClassmethod.load((1,)),
    "__getnewargs_ex__": lambda: NewArgs(1, k=[2]),
    # --- subclasses of builtins
    "subclass of list": lambda: with_attributes(MyList([1, [2]]), tag="x"),
    "subclass of dict": lambda: with_attributes(MyDict({1: 2, "a": 3}), tag="x"),
    "subclass of set": lambda: MySet({1, (2,)}),
    "subclass of frozenset": lambda: MyFrozenSet([1]),
    "subclass of tuple": lambda: with_attributes(MyTuple([1, [2]]), tag="x"),
    "subclass of str": lambda: MyStr("abc"),
    "subclass of str with attribute": lambda: with_attributes(MyStr("abc"), tag=[1]),
    "subclass of int": lambda: MyInt(2**70),
    "subclass of float": lambda: MyFloat("nan"),
    "subclass of bytes": lambda: MyBytes(b"\xff"),
    "subclass of bytearray": lambda: MyByteArray(b"\xff"),
    "subclass of complex": lambda: MyComplex(1, -0.0),
    "subclass of OrderedDict": lambda: MyOrdered(b=1, a=2),
    "subclass of defaultdict": lambda: MyDefault(list, {"a": [1]}),
    "subclass of deque": lambda: with_attributes(MyDeque([1, 2], 5), tag="x"),
    "subclass of Counter": lambda: MyCounter("aab"),
    "subclass of date": lambda: MyDate(2024, 1, 2),
    "subclass of Decimal": lambda: MyDecimal("1.50"),
    "subclass of Fraction": lambda: MyFraction(1, 3),
    # --- sharing and cycles
    "shared list": lambda: shared([1]),
    "shared dict": lambda: shared({"a": 1}),
    "shared dict with pairs": lambda: shared({1: 2}),
    "shared set": lambda: shared({1}),
    "shared bytearray": lambda: shared(bytearray(b"x")),
    "shared deque": lambda: shared(collections.deque([1])),
    "shared array": lambda: shared(array.array("i", [1])),
    "shared instance": lambda: shared(Plain(a=1)),
    "shared state": lambda: shared(WithState([1])),
    "shared tuple of scalars": lambda: shared((1, 2)),
    "shared tuple of lists": lambda: shared(([1],)),
    "shared in typed places": lambda: (lambda line: Order(1, lines=[line, line], first=line))(Line("a")),
    "shared typed list": lambda: (lambda notes: [Line("a", 1, notes), Line("b", 1, notes), notes])(["n"]),
    "shared argument of __reduce__": lambda: (lambda made: [made, made.b, made])(Reduced(1, [2])),
    "list in itself": lambda: cycle([], list.append),
    "dict in itself": lambda: cycle({}, lambda d, v: d.update(me=v)),
    "defaultdict in itself": lambda: cycle(collections.defaultdict(list), lambda d, v: d.update(me=v)),
    "deque in itself": lambda: cycle(collections.deque(), collections.deque.append),
    "namespace in itself": lambda: cycle(types.SimpleNamespace(), lambda n, v: setattr(n, "me", v)),
    "instance in itself": plain_cycle,
    "ring": lambda: ring(Node),
    "ring typed": lambda: ring(TypedNode, 1),
    "tuple in itself": tuple_cycle,
    "list of the tuple in itself": lambda: tuple_cycle()[0],
    "namedtuple in itself": namedtuple_cycle,
    "subclass of tuple in itself": lambda: content_cycle(lambda inside: MyTuple([inside, 1]), tag="x"),
    "argument of __reduce__ in itself": lambda: content_cycle(lambda inside: Reduced(inside, 2), extra=5),
    "argument of __new__ in itself": lambda: content_cycle(lambda inside: NewArgs(1, k=inside)),
    "argument of an exception in itself": lambda: content_cycle(ValueError, note="x"),
    "two that share what holds both": lambda: (
        lambda inside: inside.extend([MyTuple([inside]), (ValueError(inside), NewArgs(inside))]) or inside
    )([]),
    "set of itself": set_member_cycle,
    "frozenset of itself": frozenset_cycle,
    "list subclass in itself": lambda: cycle(MyList(), list.append),
    "dict subclass in itself": lambda: cycle(MyDict(), lambda d, v: dict.__setitem__(d, 1, v)),
    "frozen dataclass in itself": lambda: cycle(FrozenSlots(1), lambda f, v: f.children.append(v)),
    "exception in itself": lambda: cycle(ValueError("x"), lambda e, v: setattr(e, "me", v)),
    "state in itself": lambda: cycle(WithState(None), lambda s, v: setattr(s, "x", [v])),
}
if sys.version_info >= (3, 11):
    VALUES["ExceptionGroup"] = lambda: ExceptionGroup("m", [ValueError(1), KeyError("k")])
