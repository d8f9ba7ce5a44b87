"""Pickles that CPython 2.7 and 3.6 wrote, on their way to the wire format."""

import json
import pickle

import pytest

from migrate.legacy import decode
from migrate.legacy.names import words
from migrate.runtime.landing import LandingError, to_wire

from .old_pickles import PYTHON_27, PYTHON_36

CLASSES = words("Old OldArgs New L D S I T Slots NT Order Color Point Outer Outer.Inner")


def lookup(module, name):
    return name.replace(".", "") if module == "shop" and name in CLASSES else None


def land(data, **options):
    wire = to_wire(decode(data), lookup, **options)
    json.dumps(wire, allow_nan=False)
    return wire


SHARED = {"$list": [1], "$id": 1}

FROM_27 = {
    "old": {"$type": "Old", "a": 1},
    "old_args": {"$type": "OldArgs", "$args": [1, "b"], "$call": True, "a": 1, "b": "b"},
    "list_subclass": {"$type": "L", "$items": [1, 2], "extra": "x"},
    "dict_subclass": {"$type": "D", "$pairs": [["a", 1]]},
    "slots": {"$type": "Slots", "x": [1]},
    "scalars": [
        None,
        True,
        False,
        1,
        -1,
        2**31,
        10,
        {"$int": hex(10**25)},
        1.5,
        {"$float": "inf"},
        {"$complex": [0.0, 1.0]},
    ],
    "texts": ["plain", "\u20ac", "it's", "q\"'\\", "tab\tnl\n"],
    "date": {"$date": "2012-02-29"},
    "datetime": {"$datetime": "2012-02-29T23:59:58.999999"},
    "time": {"$time": "01:02:03.000004"},
    "timedelta": {"$timedelta": [-1, 2, 3]},
    "decimal": {"$decimal": "1.10"},
    "fraction": {"$fraction": [1, 3]},
    "uuid": {"$uuid": "00000000-0000-0000-0000-000000000005"},
    "set": {"$set": [1, 2]},
    "frozenset": {"$frozenset": [1]},
    "ordered": {"$ordereddict": [["a", 1], ["b", 2]]},
    "default": {"$defaultdict": [["k", [1]]], "factory": "list"},
    "counter": {"$counter": [["a", 2], ["b", 1]]},
    "deque": {"$deque": [1, 2], "maxlen": 3},
    "array": {"$array": [1, -2], "typecode": "i"},
    "bytearray": {"$bytearray": "AP8="},
    "pattern": {"$pattern": "a.c", "flags": 2},
    "error": {"$exception": "ValueError", "args": ["bad", 1]},
    "xrange": {"$range": [0, 3, 1]},
    "shared": [SHARED, {"$ref": 1}],
    "classes": [
        {"$class": "int"},
        {"$class": "str"},
        {"$class": "int"},
        {"$class": "Old"},
        {"$class": "New"},
    ],
    "unicode_keys": {"a": 2, "\xe9": 1},
}
CONTENT_27 = {
    "str_subclass": "abc",
    "int_subclass": 7,
    "tuple_subclass": {"$tuple": [1, 2]},
    "namedtuple": {"$tuple": [1, 2]},
}
TAGS = {"str_subclass": "S", "int_subclass": "I", "tuple_subclass": "T", "namedtuple": "NT"}


@pytest.mark.parametrize(("name", "protocol"), [key for key in PYTHON_27 if key[0] in FROM_27])
def test_python_27(name, protocol):
    assert land(PYTHON_27[name, protocol]) == FROM_27[name]


@pytest.mark.parametrize(("name", "protocol"), [key for key in PYTHON_27 if key[0] in CONTENT_27])
def test_python_27_subclasses_of_immutable_builtins(name, protocol):
    content = CONTENT_27[name]
    wire = land(PYTHON_27[name, protocol])
    if protocol < 2:
        assert wire == {"$type": TAGS[name], "$value": content}
    else:
        args = content["$tuple"] if name == "namedtuple" else [content]
        assert wire == {"$type": TAGS[name], "$args": args}


@pytest.mark.parametrize("protocol", range(3))
def test_8_bit_text_is_decided_by_the_caller(protocol):
    latin1, new = PYTHON_27["latin1", protocol], PYTHON_27["new", protocol]
    with pytest.raises(LandingError) as caught:
        land(new)
    assert (caught.value.reason, caught.value.path) == ("python2-bytes", "name")
    assert land(new, encoding="utf-8")["name"] == "café"
    assert land(latin1, encoding="latin1") == "café"
    assert land(latin1, encoding="bytes") == {"$bytes": "Y2Fm6Q=="}
    assert land(latin1, errors="replace") == pickle.loads(latin1, errors="replace")


@pytest.mark.parametrize("protocol", range(3))
def test_bytes_of_python_2_are_kept_when_asked_for(protocol):
    assert land(PYTHON_27["binary", protocol], encoding="bytes") == {"$bytes": "AP+A"}
    with pytest.raises(LandingError, match="not ASCII"):
        land(PYTHON_27["binary", protocol])


@pytest.mark.parametrize("protocol", range(3))
def test_encoding_bytes_makes_bytes_of_every_8_bit_string_as_pickle_does_but_not_of_names(protocol):
    wire = land(PYTHON_27["texts", protocol], encoding="bytes")
    assert wire[0] == {"$bytes": "cGxhaW4="}
    assert wire[1] == "\u20ac"
    assert land(PYTHON_27["old", protocol], encoding="bytes") == {"$type": "Old", "a": 1}


@pytest.mark.parametrize("encoding", ["ASCII", "latin1", "utf-8", "bytes"])
@pytest.mark.parametrize(
    "name", ["date", "datetime", "time", "decimal", "fraction", "uuid", "array", "bytearray"]
)
def test_no_encoding_breaks_a_standard_value(name, encoding):
    for protocol in range(3):
        assert land(PYTHON_27[name, protocol], encoding=encoding) == FROM_27[name]


FROM_36 = {
    "order": {"$type": "Order", "items": [1], "when": {"$date": "2019-01-02"}},
    "enum": {"$type": "Color", "$args": ["r"], "$call": True},
    "slots": {"$type": "Slots", "b": 2, "a": 1},
    "nested": {"$type": "OuterInner"},
    "path": {"$path": "/a/b", "type": "PurePosixPath"},
    "aware": {"$datetime": "2018-05-06T07:08:09", "tz": {"$timezone": "UTC"}},
    "uuid": {"$uuid": "00000000-0000-0000-0000-000000000001"},
    "bytes": {"$bytes": "AP8="},
    "bytearray": {"$bytearray": "YWI="},
    "set": {"$set": [1]},
    "decimal": {"$decimal": "NaN"},
    "address": {"$ip": "::1", "type": "IPv6Address"},
    "surrogate": {"$utf8": "7bKA"},
}


@pytest.mark.parametrize(("name", "protocol"), [key for key in PYTHON_36 if key[0] in FROM_36])
def test_python_36(name, protocol):
    assert land(PYTHON_36[name, protocol]) == FROM_36[name]


@pytest.mark.parametrize(("name", "protocol"), [key for key in PYTHON_36 if key[0] == "namedtuple"])
def test_python_36_named_tuples(name, protocol):
    wire = land(PYTHON_36[name, protocol])
    assert wire == (
        {"$type": "Point", "$args": [1, 2]}
        if protocol >= 2
        else {"$type": "Point", "$value": {"$tuple": [1, 2]}}
    )


def test_every_old_pickle_is_covered():
    assert {name for name, _ in PYTHON_27} == {*FROM_27, *CONTENT_27, "new", "latin1", "binary"}
    assert {name for name, _ in PYTHON_36} == {*FROM_36, "namedtuple"}
