"""Records of pickles become wire trees, from which the codec makes what pickle.load would have made."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import io
import ipaddress
import json
import math
import pathlib
import pickle
import re
import sys
import time
import types
import uuid
import zoneinfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.legacy import decode
from migrate.runtime import Codec, differences
from migrate.runtime.landing import LandingError, UnknownGlobal, to_wire
from tests.patience import PATIENCE


class Plain:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slots:
    __slots__ = ("__dict__", "a", "b")


class Whole:
    """Its state has the form of copyreg's (dict, slots), and is not."""

    def __getstate__(self):
        return None, {"a": self.a}

    def __setstate__(self, state):
        self.a = state[1]["a"]


class Bag(list):
    pass


class Table(dict):
    pass


class Number(int):
    pass


class Text(str):
    pass


class Color(enum.Enum):
    RED = 1


class Perm(enum.Flag):
    R = 1
    W = 2


Pair = collections.namedtuple("Pair", "a b")


class Keyword:
    def __new__(cls, *, key):
        self = object.__new__(cls)
        self.key = key
        return self

    def __getnewargs_ex__(self):
        return (), {"key": self.key}


class Reduced:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return Reduced, self.args, {"extra": 1}


class Outer:
    class Inner:
        pass


class Failure(Exception):
    pass


class Setter:
    def __reduce__(self):
        return Setter, (), {"a": 1}, None, None, _set_state


def _set_state(obj, state):
    vars(obj).update(state)


CLASSES = (
    Plain,
    Slots,
    Whole,
    Bag,
    Table,
    Number,
    Text,
    Color,
    Perm,
    Pair,
    Keyword,
    Reduced,
    Outer,
    Failure,
    Setter,
)
ME = __name__


def lookup(module, name):
    known = {cls.__name__ for cls in CLASSES} | {"Outer.Inner"}
    return name.replace(".", "") if module == ME and name in known else None


def land(value, protocol=4, **options):
    wire = to_wire(decode(pickle.dumps(value, protocol)), lookup, **options)
    json.dumps(wire, allow_nan=False)
    return wire


def raw(data, **options):
    return to_wire(decode(data.replace(b"ME", ME.encode())), lookup, **options)


def codec():
    out = Codec("landing-tests")
    for cls in CLASSES:
        out.register(cls)
    out.register(Outer.Inner)
    return out


CODEC = codec()


def _slots():
    value = Slots()
    value.a, value.x = 1, [2]
    return value


def _whole():
    value = Whole()
    value.a = 5
    return value


def _failure():
    value = Failure("why", 1)
    value.extra = [1]
    return value


UTC = dt.timezone.utc
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
WIRES = [
    (None, None),
    (True, True),
    (2**64 - 1, 2**64 - 1),
    (2**64, {"$int": "0x10000000000000000"}),
    (-(2**63) - 1, {"$int": "-0x8000000000000001"}),
    (5.0, 5.0),
    (math.inf, {"$float": "inf"}),
    ("é", "é"),
    ("\ud800", {"$utf8": "7aCA"}),
    (b"\xff", {"$bytes": "/w=="}),
    (b"", {"$bytes": ""}),
    (bytearray(b"x"), {"$bytearray": "eA=="}),
    ([1, [2]], [1, [2]]),
    ((1, "a"), {"$tuple": [1, "a"]}),
    ({"a": 1}, {"a": 1}),
    ({}, {}),
    ({1: 2, "1": 3}, {"$dict": [[1, 2], ["1", 3]]}),
    ({"$ref": 1}, {"$dict": [["$ref", 1]]}),
    ({"\ud800": 1}, {"$dict": [[{"$utf8": "7aCA"}, 1]]}),
    ({1}, {"$set": [1]}),
    (frozenset({1}), {"$frozenset": [1]}),
    (1j, {"$complex": [0.0, 1.0]}),
    (range(1, 9, 2), {"$range": [1, 9, 2]}),
    (slice(None, 2), {"$slice": [None, 2, None]}),
    (..., {"$constant": "Ellipsis"}),
    (NotImplemented, {"$constant": "NotImplemented"}),
    (int, {"$class": "int"}),
    (ValueError, {"$class": "builtins.ValueError"}),
    (dt.date, {"$class": "datetime.date"}),
    (Plain, {"$class": "Plain"}),
    (dt.datetime(2020, 1, 2, 3, 4, 5, 6, fold=1), {"$datetime": "2020-01-02T03:04:05.000006", "fold": 1}),
    (dt.datetime(2020, 1, 2, tzinfo=UTC), {"$datetime": "2020-01-02T00:00:00", "tz": {"$timezone": "UTC"}}),
    (
        dt.datetime(2020, 1, 2, tzinfo=PARIS),
        {"$datetime": "2020-01-02T00:00:00", "tz": {"$zoneinfo": "Europe/Paris"}},
    ),
    (dt.date(9999, 12, 31), {"$date": "9999-12-31"}),
    (dt.time(1, 2, fold=1), {"$time": "01:02:00", "fold": 1}),
    (dt.timedelta(-1, 1), {"$timedelta": [-1, 1, 0]}),
    (dt.timezone(-dt.timedelta(hours=5), "EST"), {"$timezone": [-18000, 0, "EST"]}),
    (dt.timezone(dt.timedelta(0), "UTC"), {"$timezone": [0, 0, "UTC"]}),
    (decimal.Decimal("-1.50E+3"), {"$decimal": "-1.50E+3"}),
    (decimal.Decimal("sNaN1"), {"$decimal": "sNaN1"}),
    (fractions.Fraction(-1, 3), {"$fraction": [-1, 3]}),
    (uuid.UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
    (pathlib.PurePosixPath("/a/b"), {"$path": "/a/b", "type": "PurePosixPath"}),
    (pathlib.PureWindowsPath(r"C:\a"), {"$path": r"C:\a", "type": "PureWindowsPath"}),
    (ipaddress.ip_network("10.0.0.0/8"), {"$ip": "10.0.0.0/8", "type": "IPv4Network"}),
    (re.compile("a", re.I), {"$pattern": "a", "flags": 34}),
    (re.compile(b"a"), {"$pattern": {"$bytes": "YQ=="}, "flags": 0}),
    (collections.OrderedDict([("b", 1)]), {"$ordereddict": [["b", 1]]}),
    (collections.Counter("aa"), {"$counter": [["a", 2]]}),
    (collections.defaultdict(list, {1: []}), {"$defaultdict": [[1, []]], "factory": "list"}),
    (collections.defaultdict(Plain), {"$defaultdict": [], "factory": "Plain"}),
    (collections.defaultdict(None), {"$defaultdict": [], "factory": None}),
    (collections.deque([1], 2), {"$deque": [1], "maxlen": 2}),
    (collections.deque(), {"$deque": []}),
    (array.array("f", [1.5, math.nan]), {"$array": [1.5, {"$float": "nan"}], "typecode": "f"}),
    (array.array("Q", [2**64 - 1]), {"$array": [2**64 - 1], "typecode": "Q"}),
    (types.SimpleNamespace(a=1), {"$namespace": {"a": 1}}),
    (time.gmtime(0), {"$structtime": [1970, 1, 1, 0, 0, 0, 3, 1, 0], "zone": ["GMT", 0]}),
    (time.struct_time(range(9)), {"$structtime": [0, 1, 2, 3, 4, 5, 6, 7, 8]}),
    (KeyError("k"), {"$exception": "KeyError", "args": ["k"]}),
    (Plain(a=1, b=Plain()), {"$type": "Plain", "a": 1, "b": {"$type": "Plain"}}),
    (Plain(**{"$x": 1}), {"$type": "Plain", "$state": {"$dict": [["$x", 1]]}}),
    (_slots(), {"$type": "Slots", "x": [2], "a": 1}),
    (Bag([1]), {"$type": "Bag", "$items": [1]}),
    (Table(a=1), {"$type": "Table", "$pairs": [["a", 1]]}),
    (Number(5), {"$type": "Number", "$args": [5]}),
    (Pair(1, [2]), {"$type": "Pair", "$args": [1, [2]]}),
    (Keyword(key="k"), {"$type": "Keyword", "$kwargs": {"key": "k"}, "key": "k"}),
    (Reduced(), {"$type": "Reduced", "$args": [], "$call": True, "extra": 1}),
    (Reduced(1, [2]), {"$type": "Reduced", "$args": [1, [2]], "$call": True, "extra": 1}),
    (Color.RED, {"$type": "Color", "$args": [1], "$call": True}),
    (Outer.Inner(), {"$type": "OuterInner"}),
    (_failure(), {"$type": "Failure", "$args": ["why", 1], "$call": True, "extra": [1]}),
]
VALUES = [value for value, _ in WIRES] + [
    uuid.UUID("4f8364ee-e6f5-11f1-b72a-0242ac120002", is_safe=uuid.SafeUUID.safe),
    math.nan,
    -0.0,
    Text("x"),
    Perm.R | Perm.W,
    _whole(),
    OSError(2, "no", "file"),
    UnicodeDecodeError("ascii", b"\xff", 0, 1, "why"),
    [Plain(a={Pair(1, 2): {1, (2, (3,))}})],
    {"a": {"b": [{"c": (None,)}]}},
]


@pytest.mark.parametrize(("value", "wire"), WIRES, ids=lambda v: repr(v)[:40])
def test_the_wire_form(value, wire):
    assert land(value) == wire


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:40])
def test_the_codec_makes_of_it_what_pickle_makes(value, protocol):
    if protocol < 2 and isinstance(value, (Slots, Keyword)):
        pytest.skip("pickle itself cannot")
    data = pickle.dumps(value, protocol)
    assert differences(pickle.loads(data), CODEC.loads(data)) == []


def test_a_member_of_an_enum_by_name():
    by_name = b"cbuiltins\ngetattr\ncME\nColor\nX\x03\x00\x00\x00RED\x86R."
    assert raw(by_name) == {"$enum": ["Color", "RED"]}
    assert CODEC.loads(by_name.replace(b"ME", ME.encode())) is Color.RED


# --- sharing --------------------------------------------------------------------------------------------


def test_without_sharing_there_are_no_numbers():
    text = "same text"
    when = dt.date(2020, 1, 1)
    assert land([text, text, when, when, (1,), (1,), Color.RED]) == [
        text,
        text,
        {"$date": "2020-01-01"},
        {"$date": "2020-01-01"},
        {"$tuple": [1]},
        {"$tuple": [1]},
        {"$type": "Color", "$args": [1], "$call": True},
    ]


def test_shared_mutable_objects_have_numbers():
    inner, table, thing = [1], {}, Plain()
    assert land([inner, inner, table, table, thing, thing]) == [
        {"$list": [1], "$id": 1},
        {"$ref": 1},
        {"$dict": {}, "$id": 2},
        {"$ref": 2},
        {"$type": "Plain", "$id": 3},
        {"$ref": 3},
    ]


def test_tuples_are_tracked_only_when_it_can_be_seen():
    scalars, deeper = (1, 2), ([],)
    assert land([scalars, scalars]) == [{"$tuple": [1, 2]}] * 2
    assert land([deeper, deeper]) == [{"$tuple": [[]], "$id": 1}, {"$ref": 1}]


def _cycles():
    own_list = []
    own_list.append(own_list)
    yield own_list
    own_dict = {}
    own_dict["me"] = own_dict
    yield own_dict
    thing = Plain()
    thing.me, thing.all = thing, [thing]
    yield thing
    own_tuple = ([],)
    own_tuple[0].append(own_tuple)
    yield own_tuple
    yield own_tuple[0]
    member = Plain()
    member.group = {member}
    yield member
    bag = Bag()
    bag.append((bag, {"k": bag}))
    yield bag
    queue = collections.deque()
    queue.append(queue)
    yield queue
    double = ([], [])
    double[0].append(double)
    double[1].append(double)
    yield double
    two = Plain()
    two.a = (two, (two, []))
    yield [two, two.a]


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("value", list(_cycles()), ids=lambda v: type(v).__name__)
def test_cycles_come_back(value, protocol):
    data = pickle.dumps(value, protocol)
    assert differences(pickle.loads(data), CODEC.loads(data)) == []


def test_references_follow_what_they_refer_to():
    thing = Plain(first=[1])
    thing.second = thing.first
    wire = land([thing, thing.first, thing])
    assert wire == [
        {"$type": "Plain", "$id": 1, "first": {"$list": [1], "$id": 2}, "second": {"$ref": 2}},
        {"$ref": 2},
        {"$ref": 1},
    ]


def test_sharing_does_not_expand():
    doubled = b")" + b"2\x86" * 4
    wire = raw(b"]q\x00" + b"2\x86" * 30 + b".")
    assert len(json.dumps(wire)) < 5_000
    assert raw(doubled + b".")


def test_what_would_expand_is_bounded():
    big = b"X\x00\x00\x10\x00" + b"a" * (1 << 20) + b"q\x00"
    data = b"(" + big + b"h\x00" * 5_000 + b"l."
    with pytest.raises(LandingError) as caught:
        raw(data)
    assert caught.value.reason == "limit"
    assert len(raw(data, max_output=1 << 40)) == 5_001


# --- depth ----------------------------------------------------------------------------------------------


def _nested(depth):
    return b"]" * depth + b"a" * (depth - 1) + b"."


def test_depth_is_an_error_long_before_the_stack_ends():
    def down(frames):
        return down(frames - 1) if frames else raw(_nested(10_000))

    with pytest.raises(LandingError) as caught:
        down(200)
    assert caught.value.reason == "too-deep"
    assert len(caught.value.path) < 400


def test_depth_does_not_need_stack():
    limit = sys.getrecursionlimit()
    wire = raw(_nested(5_000), max_depth=6_000)
    for _ in range(4_999):
        (wire,) = wire
    assert wire == []
    assert sys.getrecursionlimit() == limit


def test_what_fits_is_landed():
    assert raw(_nested(400))


# --- names ----------------------------------------------------------------------------------------------

HOSTILE = {
    "os.system": b"cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
    "eval": b"c__builtin__\neval\nX\x01\x00\x00\x001\x85R.",
    "subprocess by INST": b"(S'true'\nisubprocess\nPopen\n.",
    "getattr": b"cbuiltins\ngetattr\ncos\npath\nX\x06\x00\x00\x00system\x86R)R.",
    "through a registered class": b"cbuiltins\ngetattr\ncME\nPlain\nX\x0b\x00\x00\x00__globals__\x86R)R.",
    "partial": b"cfunctools\npartial\ncos\nsystem\n\x85R)R.",
    "a function that is computed": b"cos\ngetcwd\n)R)R.",
    "inside a value": b"(K\x01cos\nsystem\nX\x01\x00\x00\x00x\x85Rl.",
    "as a state": b"cME\nPlain\n)\x81}X\x01\x00\x00\x00acos\nsystem\nX\x01\x00\x00\x00x\x85Rsb.",
    "as an argument": b"cME\nReduced\ncos\nsystem\nX\x01\x00\x00\x00x\x85R\x85R.",
    "as a time zone": b"cdatetime\ndatetime\nC\x0a\x07\xe4\x01\x01\x00\x00\x00\x00\x00\x00"
    b"cos\nsystem\n)R\x86R.",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_calls_that_run_code_are_refused_as_unsafe(data):
    with pytest.raises(UnknownGlobal) as caught:
        raw(data)
    assert caught.value.reason == "unsafe-global"


def test_the_error_says_where_and_what():
    with pytest.raises(UnknownGlobal) as caught:
        land({"orders": [Plain(items=(1, [fractions.Fraction, complex, time.struct_time]))]})
    assert caught.value.reason == "unknown-global"
    assert caught.value.path == "['orders'][0].items[1][2]"
    assert (caught.value.module, caught.value.name) == ("time", "struct_time")
    assert "time.struct_time" in str(caught.value)


@pytest.mark.parametrize("protocol", range(6))
def test_classes_that_are_not_registered_are_refused(protocol):
    with pytest.raises(UnknownGlobal) as caught:
        to_wire(decode(pickle.dumps([Plain()], protocol)), lambda module, name: None)
    assert (caught.value.reason, caught.value.path, caught.value.name) == ("unknown-global", "[0]", "Plain")


def test_functions_as_values_are_refused():
    for function in (len, land, os_path_join := pathlib.Path.home):
        with pytest.raises(UnknownGlobal) as caught:
            land([function])
        assert caught.value.reason == "unknown-global"
    assert os_path_join


def test_a_name_of_python_2_is_asked_for_as_it_stands_and_then_mapped():
    asked = []

    def look(module, name):
        asked.append((module, name))
        return "Queue" if module == "queue" else None

    assert to_wire(decode(b"cQueue\nQueue\n)\x81."), look) == {"$type": "Queue"}
    assert asked == [("Queue", "Queue"), ("queue", "Queue")]


def test_a_state_setter_is_not_lost():
    with pytest.raises(LandingError) as caught:
        land([Setter()])
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "[0]")


def test_a_state_that_only_looks_like_slots_is_kept_whole_when_the_class_says_so():
    assert land(_whole()) == {"$type": "Whole", "a": 5}
    assert land(_whole(), opaque_state=lambda tag: tag == "Whole") == {
        "$type": "Whole",
        "$state": {"$tuple": [None, {"a": 5}]},
    }


# --- outside the pickle ---------------------------------------------------------------------------------


def test_persistent_objects_come_from_the_caller():
    data = b"(X\x01\x00\x00\x00kK\x01\x86QPid2\nl."
    seen = []

    def load(pid):
        seen.append(pid)
        return {"$bytes": "YQ=="}

    assert raw(data, persistent_load=load) == [{"$bytes": "YQ=="}] * 2
    assert seen == [{"$tuple": ["k", 1]}, "id2"]
    with pytest.raises(LandingError) as caught:
        raw(data)
    assert caught.value.reason == "persistent-id"


# --- ranges ---------------------------------------------------------------------------------------------

BAD = {
    "month 13": b"cdatetime\ndate\nC\x04\x07\xe4\x0d\x01\x85R.",
    "year 65535": b"cdatetime\ndate\nC\x04\xff\xff\x01\x01\x85R.",
    "year 0": b"cdatetime\ndate\nC\x04\x00\x00\x01\x01\x85R.",
    "February 30": b"cdatetime\ndate\nC\x04\x07\xe4\x02\x1e\x85R.",
    "hour 127": b"cdatetime\ntime\nC\x06\x7f\x00\x00\x00\x00\x00\x85R.",
    "a date of 3 bytes": b"cdatetime\ndate\nC\x03\x07\xe4\x01\x85R.",
    "a date of text": b"cdatetime\ndate\nX\x05\x00\x00\x00today\x85R.",
    "a date of numbers": b"cdatetime\ndate\nM\xe4\x07K\x01K\x01\x87R.",
    "microsecond 9999999": b"cdatetime\ntime\nC\x06\x01\x00\x00\x98\x96\x7f\x85R.",
    "timedelta too long": b"cdatetime\ntimedelta\nJ\xff\xff\xff\x7fK\x00K\x00\x87R.",
    "timedelta of text": b"cdatetime\ntimedelta\nX\x01\x00\x00\x001\x85R.",
    "timezone of a day": b"cdatetime\ntimezone\ncdatetime\ntimedelta\nK\x01K\x00K\x00\x87R\x85R.",
    "timezone of None": b"cdatetime\ntimezone\nN\x85R.",
    "Decimal of words": b"cdecimal\nDecimal\nX\x03\x00\x00\x00one\x85R.",
    "Decimal of a tuple": b"cdecimal\nDecimal\n)\x85R.",
    "Decimal with a huge exponent": b"cdecimal\nDecimal\nX\x18\x00\x00\x001e9999999999999999999999\x85R.",
    "Fraction over zero": b"cfractions\nFraction\nK\x01K\x00\x86R.",
    "UUID too large": b"cuuid\nUUID\n)\x81}X\x03\x00\x00\x00int\x8a\x11" + b"\xff" * 16 + b"\x7fsb.",
    "UUID without a state": b"cuuid\nUUID\n)\x81.",
    "UUID with more": b"cuuid\nUUID\n)\x81}(X\x03\x00\x00\x00intK\x01X\x01\x00\x00\x00aK\x01ub.",
    "bytearray of a number": b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.",
    "complex of text": b"cbuiltins\ncomplex\nX\x02\x00\x00\x001jX\x01\x00\x00\x001\x86R.",
    "range with step 0": b"cbuiltins\nrange\nK\x01K\x02K\x00\x87R.",
    "range of floats": b"cbuiltins\nrange\nG?\xf0\x00\x00\x00\x00\x00\x00K\x02K\x01\x87R.",
    "set of a number": b"cbuiltins\nset\nK\x01\x85R.",
    "deque with a negative maxlen": b"ccollections\ndeque\n)J\xff\xff\xff\xff\x86R.",
    "OrderedDict of text": b"ccollections\nOrderedDict\nX\x02\x00\x00\x00ab\x85R.",
    "OrderedDict with an attribute in front of a method": b"ccollections\nOrderedDict\n)R}"
    b"X\x05\x00\x00\x00itemsK\x01sb.",
    "defaultdict with a called factory": b"ccollections\ndefaultdict\ncME\nPlain\n)R\x85R.",
    "array with a wrong typecode": b"carray\narray\nX\x01\x00\x00\x00z]\x86R.",
    "array of text": b"carray\narray\nX\x01\x00\x00\x00i](X\x01\x00\x00\x00ae\x86R.",
    "array with half an item": b"carray\n_array_reconstructor\n"
    b"(carray\narray\nX\x01\x00\x00\x00iK\x08C\x03abctR.",
    "pattern with DEBUG": b"cre\n_compile\nX\x01\x00\x00\x00aK\x80\x86R.",
    "pattern of a list": b"cre\n_compile\n]K\x00\x86R.",
    "zone with a path": b"czoneinfo\nZoneInfo._unpickle\nX\x0b\x00\x00\x00/etc/passwdK\x01\x86R.",
    "zone with dots": b"czoneinfo\nZoneInfo._unpickle\nX\x06\x00\x00\x00../../K\x01\x86R.",
    "address too large": b"cipaddress\nIPv4Address\n\x8a\x05\x00\x00\x00\x00\x01\x85R.",
    "address of words": b"cipaddress\nIPv4Network\nX\x03\x00\x00\x00lan\x85R.",
    "path of numbers": b"cpathlib\nPosixPath\nK\x01\x85R.",
    "codecs.encode to something else": b"c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00rot13\x86R.",
    "codecs.encode of what does not fit": b"c_codecs\nencode\n"
    b"X\x02\x00\x00\x00\xc4\x80X\x06\x00\x00\x00latin1\x86R.",
    "items for a range": b"cbuiltins\nrange\nK\x01K\x02K\x01\x87RK\x01a.",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_values_out_of_range_are_refused(data):
    start = time.process_time()
    with pytest.raises(LandingError) as caught:
        raw(b"}X\x03\x00\x00\x00key" + data[:-1] + b"s.")
    assert caught.value.reason == "bad-value"
    assert caught.value.path.startswith("['key']")
    assert time.process_time() - start < PATIENCE


def test_an_instance_that_shadows_a_method_is_only_data():
    data = b"ccollections\nOrderedDict\n)RX\x05\x00\x00\x00itemsK\x01s."
    assert raw(data) == {"$ordereddict": [["items", 1]]}


def test_nested_pickles_stay_bytes():
    inner = pickle.dumps(print)
    assert land([inner])[0]["$bytes"]


# --- anything -------------------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.decimals(allow_nan=False)
)
keys = st.recursive(scalars, lambda inner: st.tuples(inner, inner), max_leaves=4)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
        | st.dictionaries(st.text(max_size=4), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.builds(lambda a: [a, a], inner)
        | st.builds(lambda a, b: Plain(a=a, b=b), inner, inner)
        | st.builds(Pair, inner, inner)
        | st.builds(Bag, st.lists(inner, max_size=3))
        | st.builds(collections.deque, st.lists(inner, max_size=3))
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=values, protocol=st.integers(0, 5))
def test_any_value_comes_back_as_pickle_brings_it(value, protocol):
    data = pickle.dumps(value, protocol)
    assert differences(pickle.loads(data), CODEC.loads(data)) == []


# --- files in memory ------------------------------------------------------------------------------

MEMORY_FILES = [
    (io.BytesIO(b"ab"), {"$bytesio": "YWI="}),
    (io.StringIO("ab"), {"$stringio": "ab"}),
    (io.StringIO("a\r\n", newline=""), {"$stringio": "a\r\n", "newline": ""}),
    (io.StringIO("a", newline=None), {"$stringio": "a", "newline": None}),
]


@pytest.mark.parametrize(("value", "wire"), MEMORY_FILES)
@pytest.mark.parametrize("protocol", range(2, 6))
def test_files_in_memory(value, wire, protocol):
    value.seek(0)
    assert land(value, protocol) == wire
    value.seek(2)
    value.name = [value]
    assert land(value, protocol) == {
        **wire,
        "position": 2,
        "state": {"name": [{"$ref": 1}]},
        "$id": 1,
    }
    del value.name


def with_state(name, state):
    """A pickle of a file in memory with whatever as its state."""
    return b"\x80\x02c_io\n" + name + b"\n)\x81" + pickle.dumps(state, 2)[2:-1] + b"b."


@pytest.mark.parametrize(
    "state",
    [
        (b"a", 0),
        ("a", 0, None),
        (b"a", -1, None),
        (b"a", True, None),
        (b"a", 0, {"read": 1}),
        (b"a", 0, {1: 1}),
        (b"a", 0, [1]),
        (5, 0, None),
    ],
)
def test_states_that_no_bytesio_has(state):
    with pytest.raises(LandingError) as caught:
        raw(with_state(b"BytesIO", state))
    assert caught.value.reason == "bad-value"


@pytest.mark.parametrize(
    "state", [("a", "x", 0, None), (b"a", "\n", 0, None), ("a", "\n", "0", None), ("a", 0, None)]
)
def test_states_that_no_stringio_has(state):
    with pytest.raises(LandingError) as caught:
        raw(with_state(b"StringIO", state))
    assert caught.value.reason == "bad-value"
