# ruff: noqa: PLC3002
"""All kinds of value of the table: those of the runtime's own tests, and the rest of what programs pickle."""

import argparse
import ast
import builtins
import calendar
import collections
import contextvars
import copy
import ctypes
import datetime as dt
import decimal
import email.message
import fractions
import functools
import html
import http
import http.cookies
import io
import itertools
import logging
import operator
import os
import pathlib
import random
import re
import signal
import socket
import string
import sys
import textwrap
import threading
import time
import types
import typing
import urllib.parse
import uuid
import weakref
import xml.etree.ElementTree as ET

from tests.runtime.models import *  # noqa: F403
from tests.runtime.models import (
    Color,
    Frozen,
    Line,
    MyDict,
    MyList,
    MyStr,
    MyTuple,
    Order,
    Pair,
    Perm,
    Plain,
    Point,
    Slots,
    SlotsAndDict,
    WithState,
    with_attributes,
)
from tests.runtime.values import BERLIN, NAN, UTC, VALUES, WHEN, unset

REGISTERED = [
    "string:Template",
    "argparse:Namespace",
    "logging:LogRecord",
    "urllib.parse:ParseResult",
    "urllib.parse:SplitResult",
    "http:HTTPStatus",
    "signal:Signals",
    "email.message:Message",
    "http.cookies:SimpleCookie",
    "http.cookies:Morsel",
    "textwrap:TextWrapper",
    "collections:UserDict",
    "collections:UserList",
    "collections:UserString",
    "collections:ChainMap",
    "calendar:TextCalendar",
    "calendar:Calendar",
    "types:SimpleNamespace",
    "random:Random",
    "xml.etree.ElementTree:ElementTree",
]
"""Classes of the standard library that a program registers like its own."""


def cookie():
    made = http.cookies.SimpleCookie()
    made["session"] = "a b"
    made["session"]["path"] = "/"
    return made


def record():
    return logging.LogRecord("shop", logging.INFO, "shop.py", 7, "sold %s", ("apples",), None)


def message():
    made = email.message.Message()
    made["Subject"] = "Žluťoučký"
    made.set_payload("body")
    return made


def element():
    made = ET.Element("order", number="1")
    ET.SubElement(made, "line").text = "x"
    return made


def generator():
    yield 1


def consumed(iterator):
    next(iterator)
    return iterator


def chained():
    try:
        try:
            raise ValueError("inner")
        except ValueError as error:
            raise KeyError("outer") from error
    except KeyError as error:
        return error


def noted():
    error = ValueError("x")
    if hasattr(error, "add_note"):
        error.add_note("seen in May")
    return error


def closed(resource):
    resource.close()
    return resource


def diamond():
    bottom = Plain(name="bottom")
    return Plain(left=Plain(to=bottom), right=Plain(to=bottom))


def tree_with_parents():
    root = Plain(children=[])
    for number in range(3):
        root.children.append(Plain(parent=root, number=number))
    return root


def state_shared_with_outside():
    inner = [1]
    return [WithState(inner), inner]


def own_dict_inside():
    node = Plain(a=1)
    return [node, {"copy": dict(node.__dict__)}]


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def zone_of_python2():
    return dt.timezone(dt.timedelta(minutes=-61))


MORE = {
    # --- numbers in places that tempt
    "bool in a list of ints": lambda: [1, True, 0, False],
    "float among ints": lambda: [1, 1.0, 2],
    "ints at the borders": lambda: [2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64],
    "row of floats with NaN": lambda: [0.5] * 20 + [NAN],
    "row of floats with -0.0": lambda: [0.5] * 20 + [-0.0],
    "row of texts with a surrogate": lambda: ["a"] * 20 + ["\udcff"],
    "row of texts like tags": lambda: ["$ref"] * 20,
    "row of bools": lambda: [True, False] * 20,
    "row of None": lambda: [None] * 20,
    "int 10**100": lambda: 10**100,
    "float smallest normal": lambda: sys.float_info.min,
    "float 1e16": lambda: 1e16,
    "float 123456789.123456789": lambda: 123456789.123456789,
    "complex inf": lambda: complex(float("inf"), float("-inf")),
    "Decimal huge exponent": lambda: decimal.Decimal("1e99999"),
    "Decimal trailing zeros": lambda: decimal.Decimal("1.1000"),
    "Decimal in dict key": lambda: {decimal.Decimal("1.0"): 1},
    "Fraction negative": lambda: fractions.Fraction(-7, 5),
    "range empty": lambda: range(0),
    "range negative": lambda: range(0, -10, -2),
    "slice of anything": lambda: slice("a", [1], None),
    # --- text
    "str of a million": lambda: "x" * 1_000_000,
    "str astral": lambda: "\U0010ffff",
    "str BOM": lambda: "\ufeffa",
    "str DEL and controls": lambda: "".join(map(chr, range(0x20))) + "\x7f",
    "str with backslashes": lambda: "\\u0024type \\ \" '",
    "str pair of surrogates": lambda: "\ud83d\udc0e",
    "str number": lambda: "NaN",
    "bytes of all values": lambda: bytes(range(256)),
    "bytes like JSON": lambda: b'{"$type": "Order"}',
    "bytes like a pickle": lambda: b"\x80\x04N.",
    "memoryview": lambda: memoryview(b"ab"),
    "bytearray empty": lambda: bytearray(),
    # --- time
    "datetime microsecond": lambda: dt.datetime(1, 1, 1, 0, 0, 0, 1),
    "datetime offset of seconds": lambda: WHEN.replace(tzinfo=dt.timezone(dt.timedelta(seconds=3723))),
    "datetime fold in UTC": lambda: WHEN.replace(tzinfo=UTC, fold=1),
    "datetime odd zone": lambda: WHEN.replace(tzinfo=zone_of_python2()),
    "datetimes with one zone": lambda: [WHEN.replace(tzinfo=BERLIN)] * 3,
    "date max": lambda: dt.date.max,
    "time max": lambda: dt.time.max,
    "timedelta max": lambda: dt.timedelta.max,
    "timedelta microsecond": lambda: dt.timedelta(microseconds=-1),
    "struct_time": lambda: time.gmtime(0),
    "calendar": lambda: calendar.TextCalendar(6),
    # --- containers
    "list empty": list,
    "tuple empty": tuple,
    "tuple of one": lambda: (1,),
    "tuple of tuples": lambda: ((1, 2), (3, (4,))),
    "list of lists": lambda: [[], [[]], [[[]]]],
    "list 500 deep": lambda: deep(500),
    "set of tuples": lambda: {(1, 2), (1, (2,))},
    "set of mixed numbers": lambda: {0, 0.5, 1 + 1j},
    "set of frozensets": lambda: {frozenset(), frozenset([1])},
    "frozenset empty": lambda: frozenset(),
    "dict float keys": lambda: {1.5: "a", -0.0: "b"},
    "dict int key beyond 64 bits": lambda: {2**70: 1},
    "dict tuple keys": lambda: {(1, "a"): 1, (): 2, ((1,),): 3},
    "dict frozenset key": lambda: {frozenset([1]): 1},
    "dict decimal and int keys as text": lambda: {1: "int", "1": "str", "01": "zero"},
    "dict class key": lambda: {int: 1, Order: 2},
    "dict Ellipsis key": lambda: {...: 1},
    "dict instance key": lambda: {Frozen(1, 2): "a"},
    "dict key '$'": lambda: {"$": 1},
    "dict key '$$'": lambda: {"$$id": 1, "$id": 2},
    "dict escaped form": lambda: {"$dict": [["a", 1]]},
    "dict like an untyped": lambda: {"$untyped": {"$type": "Order"}},
    "dict of dicts of tuples": lambda: {"a": {"b": ({"c": (1,)},)}},
    "dict with a key of its own": lambda: (lambda k: {k: k})((1, "a")),
    "OrderedDict int keys": lambda: collections.OrderedDict([(2, 1), (1, 2)]),
    "OrderedDict moved": lambda: (lambda d: (d.move_to_end("a"), d)[1])(collections.OrderedDict(a=1, b=2)),
    "defaultdict of int": lambda: collections.defaultdict(int, {"a": 1}),
    "defaultdict of set": lambda: collections.defaultdict(set, {1: {2}}),
    "defaultdict of a lambda": lambda: collections.defaultdict(lambda: 1),
    "defaultdict nested": lambda: collections.defaultdict(dict, {"a": collections.defaultdict(list)}),
    "Counter of tuples": lambda: collections.Counter([(1,), (1,)]),
    "Counter negative": lambda: collections.Counter({"a": -2, "b": 0}),
    "Counter of floats": lambda: collections.Counter({"a": 1.5}),
    "deque rotated": lambda: (lambda d: (d.rotate(1), d)[1])(collections.deque([1, 2, 3])),
    "deque of deques": lambda: collections.deque([collections.deque([1], 3)]),
    "ChainMap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "UserDict": lambda: collections.UserDict(a=1),
    "UserList": lambda: collections.UserList([1, 2]),
    "UserString": lambda: collections.UserString("abc"),
    "mappingproxy": lambda: types.MappingProxyType({"a": 1}),
    "dict keys": lambda: {"a": 1}.keys(),
    "dict values": lambda: {"a": 1}.values(),
    "namespace nested": lambda: types.SimpleNamespace(a=types.SimpleNamespace(b=1)),
    # --- things of the standard library
    "Template": lambda: string.Template("$who sold $what"),
    "Namespace of argparse": lambda: argparse.Namespace(verbose=True, files=["a"]),
    "LogRecord": record,
    "ParseResult": lambda: urllib.parse.urlparse("https://a.example/b?c=d#e"),
    "SplitResult": lambda: urllib.parse.urlsplit("https://a.example/b?c=d#e"),
    "HTTPStatus": lambda: http.HTTPStatus.NOT_FOUND,
    "Signals": lambda: signal.SIGTERM,
    "SimpleCookie": cookie,
    "email Message": message,
    "TextWrapper": lambda: textwrap.TextWrapper(width=30),
    "ElementTree element": element,
    "Random": lambda: random.Random(7),
    "state of Random": lambda: random.Random(7).getstate(),
    "stat_result": lambda: os.stat_result(range(10)),
    "terminal_size": lambda: os.terminal_size((80, 24)),
    "BytesIO": lambda: io.BytesIO(b"abc"),
    "StringIO": lambda: io.StringIO("abc"),
    "partial": lambda: functools.partial(int, base=2),
    "itemgetter": lambda: operator.itemgetter(1),
    "attrgetter": lambda: operator.attrgetter("a.b"),
    "methodcaller": lambda: operator.methodcaller("split", ","),
    "cmp_to_key": lambda: functools.cmp_to_key(lambda a, b: 0),
    "ast node": lambda: ast.parse("1 + 1"),
    "ctypes number": lambda: ctypes.c_int(5),
    "decimal Context": lambda: decimal.Context(prec=5),
    "PurePath joined": lambda: pathlib.PurePosixPath("/a") / "b",
    "pattern verbose": lambda: re.compile(r"a # b", re.VERBOSE),
    "match": lambda: re.match("a", "a"),
    "UUID of a name": lambda: uuid.uuid5(uuid.NAMESPACE_DNS, "a.example"),
    # --- not data
    "lambda": lambda: lambda: 1,
    "function of the program": lambda: tree_with_parents,
    "builtin function": lambda: len,
    "bound method": lambda: "a".upper,
    "unbound method": lambda: str.upper,
    "property": lambda: property(len),
    "staticmethod": lambda: staticmethod(len),
    "module": lambda: html,
    "generator": generator,
    "list iterator": lambda: consumed(iter([1, 2, 3])),
    "dict iterator": lambda: iter({"a": 1}),
    "range iterator": lambda: iter(range(3)),
    "enumerate": lambda: enumerate("ab"),
    "zip": lambda: zip([1], [2], strict=False),
    "map": lambda: map(str, [1]),
    "reversed": lambda: reversed([1, 2]),
    "count": lambda: itertools.count(5),
    "chain": lambda: itertools.chain([1], [2]),
    "cycle": lambda: itertools.cycle([1, 2]),
    "lock": threading.Lock,
    "thread local": threading.local,
    "weak reference": lambda: weakref.ref(Plain),
    "WeakValueDictionary": weakref.WeakValueDictionary,
    "context variable": lambda: contextvars.ContextVar("a"),
    "code": lambda: (lambda: 1).__code__,
    "frame": sys._getframe,
    "file": lambda: closed(open(os.devnull, "rb")),  # noqa: SIM115, PTH123
    "socket": lambda: closed(socket.socket()),
    "object": object,
    # --- classes as values
    "class tuple": lambda: tuple,
    "class dict in a dict": lambda: {"type": dict},
    "class Decimal": lambda: decimal.Decimal,
    "class UUID": lambda: uuid.UUID,
    "class not registered": lambda: random.Random.__mro__[1],
    "tuple[int, ...]": lambda: tuple[int, ...],
    "int | None": lambda: int | None,
    "typing.List[int]": lambda: typing.List[int],  # noqa: UP006
    "typing.Any": lambda: typing.Any,
    "TypeVar": lambda: typing.TypeVar("V"),
    # --- exceptions
    "exception without arguments": Exception,
    "exception chained": chained,
    "exception with a note": noted,
    "exception holding a list": lambda: ValueError([1, [2]]),
    "KeyboardInterrupt": KeyboardInterrupt,
    "TimeoutError": lambda: TimeoutError("late"),
    "FileNotFoundError": lambda: FileNotFoundError(2, "no", "a", None, "b"),
    "SyntaxError": lambda: SyntaxError("bad", ("a.py", 1, 2, "x =", 1, 3)),
    "UnicodeEncodeError": lambda: UnicodeEncodeError("ascii", "ž", 0, 1, "no"),
    "AttributeError with name": lambda: AttributeError("no", name="n", obj=None),
    "shared exception": lambda: [e := ValueError("x"), e],
    # --- enums
    "Flag all": lambda: ~Perm(0),
    "enum in a set": lambda: {Color.RED, Color.CRIMSON},
    "enum in an instance": lambda: Plain(color=Color.RED, colors=[Color.RED]),
    # --- instances
    "instances of one class in a row": lambda: [Line(f"s{i}", i, [str(i)]) for i in range(20)],
    "row with one stranger": lambda: [Line("a")] * 0 + [Line(f"{i}") for i in range(20)] + [Plain(a=1)],
    "row with one subclass value": lambda: [Line(MyStr("s") if i == 13 else "s", i) for i in range(20)],
    "row with one extra attribute": lambda: [Plain(a=i, **({"b": 1} if i == 13 else {})) for i in range(20)],
    "row that shares": lambda: (lambda notes: [Line(f"{i}", i, notes) for i in range(20)])(["n"]),
    "row of orders": lambda: [Order(i, decimal.Decimal(i), [Line("a", i)], Line("b")) for i in range(20)],
    "dataclass with wrong types": lambda: Order(True, "1", {"a": 1}, 3.5),
    "dataclass field deleted": lambda: (lambda o: (vars(o).pop(next(iter(vars(o)))), o)[1])(Order(1)),
    "plain with methods' names": lambda: Plain(__class__x=1, items=2),
    "plain holding its class": lambda: Plain(cls=Plain),
    "plain deep": lambda: functools.reduce(lambda inner, _: Plain(inner=inner), range(60), None),
    "slots not set": lambda: unset(Slots),
    "slots in a row": lambda: [Slots() for _ in range(20)],
    "slots and __dict__ with attribute": lambda: with_attributes(SlotsAndDict(), later=[1]),
    "attrs nested": lambda: Line("a", 1, [Line("b")]),
    "named tuple in a dict": lambda: {Pair(1, 2): Point(3)},
    "named tuples in a row": lambda: [Pair(i, str(i)) for i in range(20)],
    "instance as state": lambda: WithState(Plain(a=1)),
    "copy of an instance": lambda: copy.deepcopy(Plain(a=[1], b={"x": Line("y")})),
    "list subclass of instances": lambda: MyList([Line("a"), Plain()]),
    "dict subclass with int keys": lambda: MyDict({1: "a", "1": "b"}),
    "tuple subclass nested": lambda: MyTuple((MyTuple((1,)),)),
    # --- graphs
    "diamond": diamond,
    "tree with parents": tree_with_parents,
    "state shared with outside": state_shared_with_outside,
    "own dict copied": own_dict_inside,
    "one list in two dicts": lambda: (lambda v: {"a": {"x": v}, "b": {"x": v}})([]),
    "one dict as key holder and value": lambda: (lambda d: [d, {"d": d}, (d,)])({1: 2}),
    "one tuple of a list twice": lambda: (lambda t: [t, t, t[0]])(([1],)),
    "two equal lists": lambda: [[1], [1]],
    "shared OrderedDict": lambda: (lambda d: [d, d])(collections.OrderedDict(a=1)),
    "shared slots": lambda: (lambda s: [s, s])(Slots()),
    "shared namespace": lambda: (lambda s: [s, s])(types.SimpleNamespace(a=1)),
    "shared list subclass": lambda: (lambda s: [s, s])(MyList([1])),
    "shared str subclass with attribute": lambda: (lambda s: [s, s])(with_attributes(MyStr("a"), tag=1)),
    "long chain of references": lambda: (lambda v: [v, [v, [v, [v, [v]]]]])([0]),
    "dicts in each other": lambda: (lambda a, b: (a.update(b=b), b.update(a=a), a)[2])({}, {}),
    "instance and its own list": lambda: (lambda p: (p.all.append(p), p)[1])(Plain(all=[])),
}
if hasattr(builtins, "ExceptionGroup"):
    MORE["ExceptionGroup nested"] = lambda: builtins.ExceptionGroup(
        "a", [builtins.ExceptionGroup("b", [KeyError(1)])]
    )

KINDS = {**VALUES, **MORE}
