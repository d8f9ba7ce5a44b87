"""pandas' values come back exactly, in every format, or are refused with path and reason."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, differences

pytestmark = pytest.mark.extras
np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")

from tests.runtime.frame_values import MAKERS, VALUES, table  # noqa: E402 - needs pandas

EVERY = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)


@pytest.fixture
def codec():
    return Codec("frames")


def test_what_this_pandas_has_is_nearly_all():
    assert len(VALUES) >= len(MAKERS) - 4


@EVERY
@pytest.mark.parametrize("form", ["json", "msgpack", "cbor", "yaml"])
def test_a_record(make, form):
    codec = Codec("frames", format=form)
    data = codec.dumps([make(), {"k": make()}])
    assert differences([make(), {"k": make()}], codec.loads(data)) == []
    if form == "json":
        assert data.count(b"\n") == 1
        json.loads(data, parse_constant=pytest.fail)


@EVERY
def test_pandas_and_pickle_agree(codec, make):
    """A second opinion: pandas' own, and that what pickle brings back is no more than what we do."""
    value, back = make(), codec.loads(codec.dumps(make()))
    assert differences(value, pickle.loads(pickle.dumps(value))) == []
    compare = {
        pd.DataFrame: pd.testing.assert_frame_equal,
        pd.Series: pd.testing.assert_series_equal,
    }.get(type(value))
    if compare is not None and "in a frame" not in repr(value):
        compare(value, back, check_exact=True, check_freq=True, check_flags=True)
    elif isinstance(value, pd.Index):
        pd.testing.assert_index_equal(value, back, exact=True)
    else:
        assert type(value) is type(back)


def test_what_a_program_can_do_with_a_frame_that_came_back(codec):
    back = codec.loads(codec.dumps(table()))
    back.loc[0, "i"] = 7
    back["new"] = back["f"] + 1
    assert back["i"].tolist() == [7, -2, 3]
    assert back.groupby("b")["j"].sum().tolist() == [5, 10]


def test_an_index_of_two_series_stays_one(codec):
    labels = pd.Index(["p", "q"], dtype=object)
    value = [labels, labels, {"index": labels}]
    back = codec.loads(codec.dumps(value))
    assert back[0] is back[1] is back[2]["index"]


def test_a_frame_in_two_places_stays_one(codec):
    frame = table()
    back = codec.loads(codec.dumps([frame, {"again": frame}]))
    assert back[0] is back[1]["again"]


def test_frames_are_ordinary_attributes(codec):
    from tests.runtime.models import Plain

    codec.register(Plain)
    value = Plain(a=table(), b=[pd.Timestamp("2020")])
    assert differences(codec.loads(codec.dumps(value)), value) == []


# --- what is refused ------------------------------------------------------------------------------


class Mine(pd.DataFrame):
    pass


def with_attribute():
    out = pd.DataFrame({"a": [1]})
    object.__setattr__(out, "note", "mine")
    return out


def with_itself():
    out = pd.DataFrame({"a": pd.Series([None], dtype=object)})
    out._get_column_array(0).flags.writeable = True
    out._get_column_array(0)[0] = out
    return out


def with_a_function_in_attrs():
    out = pd.Series([1])
    out.attrs["x"] = print
    return out


def arrow():
    pytest.importorskip("pyarrow")
    return pd.DataFrame({"a": pd.Series([1, 2], dtype="int64[pyarrow]")})


REFUSED = {
    "a subclass": (lambda: Mine({"a": [1]}), "unregistered-class", "orders[1]"),
    "an attribute": (with_attribute, "not-restorable", "orders[1]"),
    "a function in a column": (
        lambda: pd.DataFrame({"a": [print]}),
        "function-or-lambda",
        "orders[1]['a'][0]",
    ),
    "a function in attrs": (
        with_a_function_in_attrs,
        *("function-or-lambda", "orders[1].attrs['x']"),
    ),
    "a class in an index": (lambda: pd.Index([object()], dtype=object), "unsupported-type", "orders[1][0]"),
    "a frame that holds itself": (with_itself, "not-restorable", None),
    "arrow's own types": (arrow, "unsupported-type", "orders[1]['a']"),
    "an offset with holidays": (
        lambda: pd.date_range("2020", periods=2, freq=pd.offsets.CustomBusinessDay(holidays=["2020-01-02"])),
        *("unsupported-type", "orders[1].freq"),
    ),
    "an offset with a time": (
        lambda: pd.offsets.BusinessDay(offset=pd.Timedelta("1h")),
        *("not-restorable", "orders[1]"),
    ),
    "a group of rows": (lambda: pd.DataFrame({"a": [1]}).groupby("a"), "unregistered-class", "orders[1]"),
}


@pytest.mark.parametrize(("make", "reason", "path"), REFUSED.values(), ids=REFUSED)
def test_refused(codec, make, reason, path):
    with pytest.raises(EncodeError) as caught:
        codec.dumps({"orders": [1, make()]})
    assert caught.value.reason == reason
    if path is not None:
        assert caught.value.path == f"['orders']{path.removeprefix('orders')}"


ONE = {"$ndarray": "AQAAAAAAAAA=", "dtype": "<i8", "shape": [1]}
ROW = {"$rangeindex": [0, 1, 1]}
SERIES = {"$series": ONE, "index": ROW}
BROKEN = {
    "more values than labels": {**SERIES, "index": {"$rangeindex": [0, 2, 1]}},
    "a huge range": {**SERIES, "index": {"$rangeindex": [0, 2**62, 1]}},
    "a range of no steps": {"$rangeindex": [0, 1, 0]},
    "a range past 64 bits": {"$rangeindex": [0, 2**63, 1]},
    "a range of texts": {"$rangeindex": ["0", "1", "1"]},
    "no index": {"$series": ONE},
    "a list for an index": {**SERIES, "index": [1]},
    "a list for values": {**SERIES, "$series": [1]},
    "values of two axes": {**SERIES, "$series": {**ONE, "shape": [1, 1]}},
    "values of a scalar": {**SERIES, "$series": {"$npscalar": 1, "dtype": "<i8"}},
    "a name that cannot be hashed": {**SERIES, "name": []},
    "attrs that are no dict": {**SERIES, "attrs": [1]},
    "a flag": {**SERIES, "unique": 1},
    "labels twice where that is forbidden": {
        "$series": {**ONE, "$ndarray": "AQAAAAAAAAABAAAAAAAAAA==", "shape": [2]},
        "index": {"$index": {**ONE, "$ndarray": "AQAAAAAAAAABAAAAAAAAAA==", "shape": [2]}},
        "unique": True,
    },
    "an unknown member": {**SERIES, "query": "1"},
    "more columns than labels": {"$frame": [ONE], "columns": {"$rangeindex": [0, 2, 1]}, "index": ROW},
    "columns of two lengths": {
        "$frame": [ONE, {**ONE, "$ndarray": "", "shape": [0]}],
        "columns": {"$rangeindex": [0, 2, 1]},
        "index": ROW,
    },
    "codes without categories": {
        "$pdarray": "categorical",
        "codes": {"$ndarray": "BQ==", "dtype": "|i1", "shape": [1]},
        "categories": {"$rangeindex": [0, 1, 1]},
    },
    "codes without levels": {
        "$multiindex": [ROW],
        "codes": [{**ONE, "$ndarray": "BQAAAAAAAAA="}],
        "names": [None],
    },
    "levels without codes": {"$multiindex": [ROW], "codes": [], "names": [None]},
    "an unknown kind of column": {"$pdarray": "os.system"},
    "a mask of another length": {
        "$pdarray": "masked",
        "values": ONE,
        "mask": {"$ndarray": "AAA=", "dtype": "|b1", "shape": [2]},
    },
    "a mask of numbers": {"$pdarray": "masked", "values": ONE, "mask": ONE},
    "numbers in a column of texts": {"$pdarray": "string", "values": [1], "storage": "python", "na": "NA"},
    "a storage": {"$pdarray": "string", "values": [], "storage": "os", "na": "NA"},
    "durations in a zone": {
        "$pdarray": "times",
        "values": {**ONE, "dtype": "<m8[ns]"},
        "tz": {"$timezone": "UTC"},
    },
    "a zone that is none": {"$pdarray": "times", "values": {**ONE, "dtype": "<M8[ns]"}, "tz": "os"},
    "a zone of pytz that is a path": {"$pytz": "../../etc/passwd"},
    "a frequency that is text": {"$period": 1, "freq": "M"},
    "an offset of no name": {"$offset": "os.system", "n": 1},
    "an offset of a private name": {"$offset": "BaseOffset", "n": 1},
    "an offset with more": {"$offset": "MonthEnd", "n": 1, "holidays": []},
    "an offset of a huge number": {"$offset": "MonthEnd", "n": 2**40},
    "a frequency that dates do not have": {
        "$index": {"$ndarray": "AQAAAAAAAAACAAAAAAAAAAkAAAAAAAAA", "dtype": "<M8[s]", "shape": [3]},
        "freq": {"$offset": "Day", "n": 1},
    },
    "a frequency of numbers": {"$index": ONE, "freq": {"$offset": "Day", "n": 1}},
    "a timestamp past 64 bits": {"$timestamp": 2**70, "unit": "ns"},
    "a unit": {"$timestamp": 1, "unit": "parsec"},
    "a timestamp that is none": {"$timestamp": -(2**63), "unit": "ns"},
    "an interval of three ends": {"$interval": [1, 2, 3], "closed": "left"},
    "an interval that ends before it begins": {"$interval": [2, 1], "closed": "left"},
    "an interval of texts": {"$interval": ["a", []], "closed": "left"},
    "a constant": {"$pandas": "read_pickle"},
    "places past the end of a sparse column": {
        "$pdarray": "sparse",
        "values": ONE,
        "length": 1,
        "at": {"$ndarray": "BQAAAA==", "dtype": "<i4", "shape": [1]},
        "fill": 0,
    },
    "fewer places than values": {
        "$pdarray": "sparse",
        "values": ONE,
        "length": 4,
        "at": {"$ndarray": "", "dtype": "<i4", "shape": [0]},
        "fill": 0,
    },
}


@pytest.mark.parametrize("wire", BROKEN.values(), ids=BROKEN)
def test_a_broken_record(codec, wire):
    with pytest.raises(DecodeError) as caught:
        codec.loads(json.dumps([wire]).encode())
    assert caught.value.reason in ("bad-value", "malformed", "unknown-tag", "limit")
    assert caught.value.path.startswith("[0]")


def test_labels_that_take_for_ever_to_hash(codec):
    nested = {"$tuple": [1, 1], "$id": 1}
    for number in range(2, 60):
        nested = {"$tuple": [nested, {"$ref": number - 1}], "$id": number}
    with pytest.raises(DecodeError) as caught:
        codec.loads(json.dumps({"$index": {"$ndarray": [nested], "dtype": "|O", "shape": [1]}}).encode())
    assert caught.value.reason == "limit"


def test_every_difference_is_seen():
    base = table()
    changed = {
        ".shape": lambda f: f.drop(columns="i"),
        "['i']": lambda f: f.astype({"i": "i4"}),
        "['f'][0]": lambda f: f.assign(f=[1.25, np.nan, -0.0]),
        "['f'][2]": lambda f: f.assign(f=[1.5, np.nan, 0.0]),
        "['o'][2]": lambda f: f.assign(o=np.array(["a", None, 5.0], object)),
        ".index": lambda f: f.set_axis(pd.Index([0, 1, 2], dtype="i8"), axis=0),
        ".index.name": lambda f: f.rename_axis("n"),
        ".columns": lambda f: f.set_axis(pd.RangeIndex(10), axis=1),
        ".attrs": lambda f: (f.attrs.update(a=1), f)[1],
        ".flags": lambda f: f.set_flags(allows_duplicate_labels=False),
    }
    for path, change in changed.items():
        found = differences(base, change(table()))
        assert found, path
        assert found[0].path == path.removeprefix("."), found
    pairs = [
        (pd.RangeIndex(0, 3, 2), pd.RangeIndex(0, 4, 2)),
        (pd.date_range("2020", periods=2), pd.DatetimeIndex(pd.date_range("2020", periods=2).to_numpy())),
        (pd.Timestamp("2020").as_unit("ns"), pd.Timestamp("2020").as_unit("s")),
        (pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020")),
        (pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020-01-01 01:00", tz="Europe/Berlin")),
        (pd.NaT, pd.NA),
        (pd.Series([1], name="a"), pd.Series([1], name="b")),
        (pd.Categorical(["a"]), pd.Categorical(["a"], categories=["a", "b"])),
        (pd.Categorical(["a"]), pd.Categorical(["a"], ordered=True)),
        (pd.array([1, None], dtype="Int64"), pd.array([1, None], dtype="Int32")),
        (pd.array([1, None], dtype="Int64"), pd.array([1, 2], dtype="Int64")),
        (pd.arrays.SparseArray([0, 1]), pd.arrays.SparseArray([0, 1], fill_value=1)),
        (pd.offsets.Week(weekday=1), pd.offsets.Week(weekday=2)),
        (pd.offsets.MonthEnd(), pd.offsets.MonthEnd(normalize=True)),
        (pd.Interval(0, 1), pd.Interval(0, 1, closed="left")),
        (pd.Interval(0, 1), pd.Interval(0.0, 1.0)),
        (pd.Period("2020", freq="D"), pd.Period("2020-01-01", freq="2D")),
        (pd.MultiIndex.from_product([[1], [2]]), pd.MultiIndex.from_product([[1], [2]], names=["a", None])),
        (pd.MultiIndex.from_product([[1, 3], [2]])[:1], pd.MultiIndex.from_product([[1], [2]])),
    ]
    for left, right in pairs:
        assert differences(left, right), (left, right)
        assert not differences(left, left.copy() if hasattr(left, "copy") else left)


@pytest.mark.skipif(int(pd.__version__[0]) < 3, reason="the defaults of dtypes are those of pandas 3")
def test_the_examples_of_the_page(codec):
    page = (Path(__file__).resolve().parents[2] / "docs" / "wire-format.md").read_text(encoding="utf-8")
    section = page.split("\n## Frames\n")[1].split("\n## ")[0]
    examples = re.findall(r"^(.+) → (.+)$", section, flags=re.MULTILINE)
    assert len(examples) >= 10
    for expression, record in examples:
        value = eval(expression, {"numpy": np, "pandas": pd})
        assert codec.dumps(value).decode() == record + "\n"
        assert differences(value, codec.loads(record.encode())) == []


def test_the_schema_admits_what_is_written(codec):
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(codec.json_schema())
    for name, make in VALUES.items():
        assert validator.is_valid(json.loads(codec.dumps(make()))), name
    for wire in ({**SERIES, "query": "1"}, {"$period": 1, "freq": "M"}, {"$rangeindex": [0, 1]}):
        assert not validator.is_valid(wire), wire


def test_the_runtime_is_imported_without_pandas():
    code = "import sys, migrate.runtime; print([n for n in ('numpy', 'pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_record_that_needs_the_extra():
    code = (
        "import sys; sys.modules['pandas'] = None\n"
        "from migrate.runtime import Codec\n"
        "try:\n    Codec('t').loads(b'[{\"$pandas\":\"NA\"}]')\n"
        "except ValueError as error:\n    print(error.reason, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("missing-extra ")
    assert "pickle-migrate[pandas]" in done.stdout
