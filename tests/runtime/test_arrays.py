"""numpy's values come back exactly, from records and from pickles, or are refused with path and reason."""

import io
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, differences

pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("ignore:the matrix subclass")]
np = pytest.importorskip("numpy")
joblib = pytest.importorskip("joblib")

FIELDS = [("a", "i4"), ("b", "f8", (2,)), ("c", [("x", "u1")])]


def holds_itself():
    out = np.empty(1, object)
    out[0] = out
    return out


def sliced(start, stop, step):
    return np.arange(24.0).reshape(4, 6)[start:stop:step, ::2]


VALUES = {
    **{f"numbers {code}": lambda c=code: np.arange(6).reshape(2, 3).astype(c) for code in "bBhHiIqQefdFD?"},
    "big end first": lambda: np.arange(3, dtype=">i4"),
    "text": lambda: np.array(["a", "bcd", ""]),
    "text, big end first": lambda: np.array(["a", "é"], dtype=">U3"),
    "bytes": lambda: np.array([b"a", b"bc"]),
    "raw": lambda: np.zeros(2, "V3"),
    "dates": lambda: np.array(["2020-01-01", "NaT"], "M8[ns]"),
    "dates, big end first": lambda: np.array(["2020-01-01"], ">M8[us]"),
    "times": lambda: np.array([1, -5], "m8[25s]"),
    "times without a unit": lambda: np.array([1, 2], "m8"),
    "NaN with payload": lambda: np.array([0x7FF8000000000123, 0xFFF0000000000000], "u8").view("f8"),
    "zero with a sign": lambda: np.array([-0.0, 0.0]),
    "Fortran": lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "Fortran, objects": lambda: np.asfortranarray(np.array([[1, "a"], [None, (2,)]], object)),
    "strided": lambda: sliced(3, None, -2),
    "no axes": lambda: np.array(5),
    "no axes, object": lambda: np.array({"a": 1}, object),
    "no elements": lambda: np.empty((0, 3)),
    "read-only": lambda: np.broadcast_to(np.arange(3), (2, 3)),
    "structured": lambda: np.array([(1, (2, 3), (4,)), (5, (6, 7), (8,))], FIELDS),
    "aligned": lambda: np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "with offsets": lambda: np.zeros(
        2, np.dtype({"names": ["x", "y"], "formats": ["u1", "u2"], "offsets": [7, 0], "itemsize": 16})
    ),
    "objects": lambda: np.array([1, "a", None, [1, [2]], {"k": (1,)}, np.arange(2)], object).reshape(2, 3),
    "objects of one length": lambda: np.frompyfunc(lambda i: [i, i], 1, 1)(np.arange(3)),
    "itself": holds_itself,
    "matrix": lambda: np.matrix([[1, 2]]),
    "recarray": lambda: np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    **{
        f"scalar {code}": lambda c=code: np.dtype(c).type(1)
        for code in ("?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "F", "D")
    },
    "scalar 0.1 in 32 bits": lambda: np.float32(0.1),
    "scalar NaN": lambda: np.array([0x7FF8000000000123], "u8").view("f8")[0],
    "scalar -0.0": lambda: np.float64(-0.0),
    "scalar 2**64-1": lambda: np.uint64(2**64 - 1),
    "scalar text": lambda: np.str_("aé"),
    "scalar bytes": lambda: np.bytes_(b"x\xff"),
    "scalar date": lambda: np.datetime64("2020-01-01T00:00", "25m"),
    "scalar NaT": lambda: np.datetime64("NaT", "ns"),
    "scalar time": lambda: np.timedelta64(3),
    "structured scalar": lambda: np.array([(1, (2, 3), (4,))], FIELDS)[0],
    "dtype": lambda: np.dtype("f8"),
    "dtype with fields": lambda: np.dtype(FIELDS),
    "dtype of records": lambda: np.dtype((np.record, [("a", "i4")])),
    "dtype of dates": lambda: np.dtype("M8[us]"),
    "keys": lambda: {np.int64(1): np.float64(2), np.str_("a"): [np.bool_(True)]},
}
EVERY = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)


@pytest.fixture
def codec():
    return Codec("arrays")


@EVERY
@pytest.mark.parametrize("form", ["json", "msgpack", "cbor", "yaml"])
def test_a_record(make, form):
    value, codec = make(), Codec("arrays", format=form)
    data = codec.dumps([value, {"k": make()}])
    back = codec.loads(data)
    assert differences([value, {"k": make()}], back) == []
    if form == "json":
        assert data.count(b"\n") == 1
        json.loads(data, parse_constant=pytest.fail)


@EVERY
@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_lands_as_pickle_loads_it(codec, make, protocol):
    data = pickle.dumps(make(), protocol)
    assert differences(pickle.loads(data), codec.loads(data)) == []


@EVERY
def test_buffers_outside_of_the_pickle(codec, make):
    buffers = []
    data = pickle.dumps(make(), 5, buffer_callback=buffers.append)
    expected = pickle.loads(data, buffers=buffers)
    assert differences(expected, codec.loads(data, buffers=buffers)) == []


@EVERY
def test_a_file_of_joblib(codec, make):
    file = io.BytesIO()
    joblib.dump([make(), 1, make()], file)
    expected = joblib.load(io.BytesIO(file.getvalue()))
    found = codec.loads(file.getvalue())
    if type(found[0]) is np.matrix:  # joblib forgets the class under numpy 2
        found = [np.asarray(part) if type(part) is np.matrix else part for part in found]
    assert differences(expected, found) == []


def test_the_order_of_pickles_of_the_other_byte_order_is_as_pickle_makes_it(codec):
    assert codec.loads(codec.dumps(VALUES["big end first"]())).dtype.str == ">i4"


def test_shared_arrays_stay_shared(codec):
    array = np.arange(3)
    back = codec.loads(codec.dumps([array, {"again": array}]))
    assert back[0] is back[1]["again"]
    assert codec.loads(pickle.dumps([array, array], 2))[0].flags.writeable


def test_views_become_arrays_of_their_own(codec):
    array = np.arange(6)
    first, second = codec.loads(codec.dumps([array[:3], array[:3]]))
    first[0] = 9
    assert second[0] == 0


# --- what is refused ------------------------------------------------------------------------------


class Mine(np.ndarray):
    pass


def with_attribute():
    out = np.matrix([[1]])
    out.note = "mine"
    return out


REFUSED = {
    "longdouble": (lambda: np.zeros(2, np.longdouble), "unsupported-type", "orders[1].dtype"),
    "a scalar of longdouble": (lambda: np.longdouble(1), "unsupported-type", "orders[1]"),
    "metadata": (
        lambda: np.zeros(2, np.dtype("i4", metadata={"unit": "m"})),
        *("unsupported-type", "orders[1].dtype"),
    ),
    "titles": (lambda: np.zeros(2, [(("title", "a"), "i4")]), "unsupported-type", "orders[1].dtype"),
    "objects in fields": (lambda: np.zeros(2, [("a", "O")]), "unsupported-type", "orders[1]"),
    "no size": (lambda: np.zeros(2, []), "unsupported-type", "orders[1]"),
    "a function in an array": (lambda: np.array([print], object), "function-or-lambda", "orders[1][0]"),
    "an attribute": (with_attribute, "not-restorable", "orders[1]"),
    "masked": (lambda: np.ma.array([1], mask=[True]), "unregistered-class", "orders[1]"),
    "a class of the user": (lambda: np.zeros(2).view(Mine), "unregistered-class", "orders[1]"),
    "a random state": (lambda: np.random.RandomState(1), "unregistered-class", "orders[1]"),
    "a universal function": (lambda: np.add, "unregistered-class", "orders[1]"),
}


@pytest.mark.parametrize(("make", "reason", "path"), REFUSED.values(), ids=REFUSED)
def test_refused(codec, make, reason, path):
    with pytest.raises(EncodeError) as caught:
        codec.dumps({"orders": [1, make()]})
    assert caught.value.reason == reason
    assert caught.value.path == f"['orders']{path.removeprefix('orders')}"


A = {"$ndarray": "AAAAAAAAAAA=", "dtype": "<f8", "shape": [1]}
BROKEN = {
    "a length that is not there": {**A, "shape": [2**40]},
    "a negative length": {**A, "shape": [-1, -1]},
    "lengths whose product is past 64 bits": {**A, "shape": [2**62, 4]},
    "too many axes": {**A, "shape": [1] * 65},
    "a shape that is no list": {**A, "shape": 1},
    "a bool in a shape": {**A, "shape": [True]},
    "bytes for objects": {**A, "dtype": "|O"},
    "objects for bytes": {**A, "$ndarray": [1]},
    "a code that numpy would read": {**A, "dtype": "f8,f8"},
    "a repeated code": {**A, "dtype": "(1000000,1000000)f8"},
    "a float of 128 bits": {**A, "dtype": "<f16"},
    "a huge element": {**A, "dtype": "|S9999999999"},
    "no dtype": {"$ndarray": "", "shape": [0]},
    "an order": {**A, "order": "K"},
    "a class": {**A, "class": "memmap"},
    "an unknown member": {**A, "strides": [0]},
    "text that is not base64": {**A, "$ndarray": "?"},
    "a field that reaches out": {
        **A,
        "dtype": {"names": ["a"], "formats": ["<f8"], "offsets": [1], "itemsize": 8},
    },
    "objects in a field": {
        **A,
        "dtype": {"names": ["a"], "formats": ["|O"], "offsets": [0], "itemsize": 8},
    },
    "a field twice": {
        **A,
        "dtype": {"names": ["a", "a"], "formats": ["<f4", "<f4"], "offsets": [0, 4], "itemsize": 8},
    },
    "too many bits": {"$npscalar": 256, "dtype": "|u1"},
    "a fraction for a whole number": {"$npscalar": 1.5, "dtype": "<i4"},
    "a number for a bool": {"$npscalar": 1, "dtype": "|b1"},
    "0.1, which 32 bits have not": {"$npscalar": 0.1, "dtype": "<f4"},
    "a scalar of objects": {"$npscalar": "AAAAAAAAAAA=", "dtype": "|O"},
    "a date past 64 bits": {"$npscalar": 2**63, "dtype": "<M8[s]"},
    "a dtype of the data's own": {"$dtype": "os.system"},
}


@pytest.mark.parametrize("wire", BROKEN.values(), ids=BROKEN)
def test_a_broken_record(codec, wire):
    with pytest.raises(DecodeError) as caught:
        codec.loads(json.dumps([wire]).encode())
    assert caught.value.reason in ("bad-value", "malformed", "unknown-tag")
    assert caught.value.path.startswith("[0]")


def test_every_difference_is_seen():
    a = np.arange(6.0).reshape(2, 3)
    others = {
        "dtype": a.astype("f4"),
        "shape": a.reshape(3, 2),
        "order": np.asfortranarray(a),
        "flags.writeable": np.broadcast_to(a, a.shape),
    }
    assert {name: differences(a, other)[0].path for name, other in others.items()} == {n: n for n in others}
    changed = np.asfortranarray(a)
    changed[1, 0] = np.nan
    assert differences(np.asfortranarray(a), changed)[0].path == "[1, 0]"
    assert differences(np.array([0.0]), np.array([-0.0]))
    assert differences(np.float64(1), 1.0)
    assert differences(np.dtype("i4"), np.dtype("i4", metadata={"a": 1}))
    assert differences(np.matrix([[1]]), np.array([[1]]))


def test_the_examples_of_the_page(codec):
    page = (Path(__file__).resolve().parents[2] / "docs" / "wire-format.md").read_text(encoding="utf-8")
    section = page.split("\n## Arrays\n")[1].split("\n## ")[0]
    examples = re.findall(r"^(.+) → (.+)$", section, flags=re.MULTILINE)
    assert len(examples) >= 8
    for expression, record in examples:
        value = eval(expression, {"numpy": np})
        assert codec.dumps(value).decode() == record + "\n"
        assert differences(value, codec.loads(record.encode())) == []


def test_the_schema_admits_what_is_written(codec):
    jsonschema = pytest.importorskip("jsonschema")
    schema = codec.json_schema()
    for make in (
        VALUES[k] for k in ("Fortran", "objects", "structured", "read-only", "matrix", "scalar NaN")
    ):
        jsonschema.validate(json.loads(codec.dumps(make())), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**A, "shape": [-1]}, schema)


def test_the_runtime_is_imported_without_numpy():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, migrate.runtime; print('numpy' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("kind", [np.void, lambda data: np.frombuffer(data, "u1")], ids=["void", "array"])
def test_records_are_read_from_what_h5py_and_numpy_keep_bytes_in(kind):
    codec = Codec("shop")
    assert codec.loads(kind(codec.dumps([1]))) == [1]
    assert codec.loads(kind(pickle.dumps([1]))) == [1]
