"""Pickles of pandas 0.20 to 3.1, as data without pandas: read as what they are, or refused."""

import base64
import io
import json
import pickle
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import pytest

from migrate.legacy import decode
from migrate.runtime import Codec, DecodeError, differences
from migrate.runtime.landing import LandingError, to_wire
from tests.runtime.test_landing_arrays import Named, array, dtype, written

FILES = {
    path.stem.removeprefix("pandas-"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "pandas_pickles").glob("*.json"))
}
PICKLES = {
    (version, name): zlib.decompress(base64.b64decode(text))
    for version, file in FILES.items()
    for name, text in file["pickles"].items()
    if name not in ("masked", "generator", "random state")
}
EVERY = pytest.mark.parametrize(("version", "name"), PICKLES, ids=[f"{v} {n}" for v, n in PICKLES])
REFUSED = {("0.20.3", "sparse")}
"""Sparse arrays were a subclass of numpy's then, and pandas itself reads them no more."""


def encoding_of(version):
    return {"encoding": "latin1"} if FILES[version]["python"].startswith("2") else {}


def land(raw, **options):
    return to_wire(decode(raw), lambda _module, _name: None, **options)


def test_there_are_many_versions():
    assert len(FILES) >= 9
    assert len(PICKLES) >= 450


@pytest.mark.parametrize("version", FILES)
def test_every_value_lands(version):
    for name in FILES[version]["pickles"]:
        if (version, name) in REFUSED or (version, name) not in PICKLES:
            continue
        wire = land(PICKLES[version, name], **encoding_of(version))
        assert json.loads(json.dumps(wire)) == wire


STORED_DIFFERENTLY = {
    "Float64": "has come in 1.2",
    "date index at an offset": "0.20 had no zones for it",
    "dates in seconds": "nanoseconds only before 2.0",
    "frame with a category": "older layouts hold the column twice, which gives it a number",
    "frame with a zone": "pytz.UTC, then datetime.timezone.utc",
    "groups": "nanoseconds only before 2.0",
    "index of bools": "objects before 1.5",
    "interval": "objects in 0.20",
    "period": "objects in 0.20",
    "no columns": "an empty index, then a range",
    "series in utc": "pytz.UTC, then datetime.timezone.utc",
    "sparse": "a subclass of numpy's in 0.20",
    "timestamp in a zone": "nanoseconds only before 2.0",
    "timestamp in utc": "nanoseconds only before 2.0",
    "two columns with a zone": "pytz.UTC, then datetime.timezone.utc",
}


def test_versions_that_store_the_same_value_land_the_same():
    """What the layout was does not matter: one value, one tree. (pandas 3 has texts and units of its own.)"""
    names = {name for _, name in PICKLES} - STORED_DIFFERENTLY.keys()
    assert len(names) >= 45
    for name in names:
        wires = {
            version: land(PICKLES[version, name], **encoding_of(version))
            for version in FILES
            if (version, name) in PICKLES and version < "3"
        }
        first = next(iter(wires.values()), None)
        assert {version: wire for version, wire in wires.items() if wire != first} == {}, name


def test_frames_in_words():
    frame = land(PICKLES["1.5.3", "columns twice"])
    assert frame == {
        "$frame": [
            {"$ndarray": "AQAAAAAAAAA=", "dtype": "<i8", "shape": [1]},
            {"$ndarray": "AAAAAAAABEA=", "dtype": "<f8", "shape": [1]},
            {"$ndarray": "AwAAAAAAAAA=", "dtype": "<i8", "shape": [1]},
        ],
        "columns": {"$index": {"$ndarray": ["a", "b", "a"], "dtype": "|O", "shape": [3]}},
        "index": {"$rangeindex": [0, 1, 1]},
    }
    labels = land(PICKLES["0.25.3", "one index of two"])
    assert labels[0]["index"]["$id"] == 1
    assert labels[1]["index"] == {"$ref": 1}


def test_pickles_land_without_pandas_and_numpy():
    raw = PICKLES["2.2.3", "mixed"]
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('pandas', 'numpy', 'pytz', 'pyarrow')))\n"
        f"from migrate.runtime import Codec\nprint(Codec('t').to_wire({raw!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'$frame'" in done.stdout


# --- beside pandas --------------------------------------------------------------------------------

LOST_BY_PANDAS = {
    *((version, "time index") for version in ("1.5.3", "2.0.3", "2.2.3")),
    ("0.20.3", "date offset"),
    ("1.1.5", "string"),
}
"""Read by pandas 3.1 without the frequency, without the parts, and so that it cannot be used."""


@pytest.mark.extras
@pytest.mark.filterwarnings("ignore")
@EVERY
def test_as_pandas_reads_it(version, name):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pytz")
    raw = PICKLES[version, name]
    if (version, name) in REFUSED:
        with pytest.raises(DecodeError) as caught:
            Codec("t").loads(raw)
        assert caught.value.reason == "unknown-global"
        return
    try:
        found = Codec("t").loads(raw, **encoding_of(version))
    except DecodeError as error:
        if error.reason != "missing-extra":
            raise
        pytest.skip(str(error))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = pd.read_pickle(io.BytesIO(raw))
    except Exception:
        expected = found  # pandas reads it no more; the tests above hold it against other versions
    if (version, name) not in LOST_BY_PANDAS:
        assert differences(expected, found) == []
    assert differences(Codec("t").loads(Codec("t").dumps(found)), found) == []


@pytest.mark.extras
@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_this_pandas(protocol):
    pytest.importorskip("pandas")
    from tests.runtime.frame_values import VALUES

    for name, make in VALUES.items():
        raw = pickle.dumps(make(), protocol)
        assert differences(pickle.loads(raw), Codec("t").loads(raw)) == [], name


@pytest.mark.extras
def test_buffers_outside_of_the_pickle():
    pytest.importorskip("pandas")
    from tests.runtime.frame_values import VALUES

    for name, make in VALUES.items():
        buffers = []
        raw = pickle.dumps(make(), 5, buffer_callback=buffers.append)
        found = Codec("t").loads(raw, buffers=buffers)
        assert differences(pickle.loads(raw, buffers=buffers), found) == [], name


# --- what is claimed is checked -------------------------------------------------------------------


def index(kind="pandas.core.indexes.base.Index", **parts):
    return Named("pandas.core.indexes.base._new_Index", f"@{kind}", {"name": None, **parts})


def labels(count):
    return index("pandas.core.indexes.range.RangeIndex", start=0, stop=count, step=1)


def block(values, *places):
    where = slice(*places)
    return Named("pandas._libs.internals._unpickle_block", values, where, 2)


def frame(*blocks, axes=None, **more):
    axes = [labels(1), labels(2)] if axes is None else axes
    manager = Named("pandas.core.internals.managers.BlockManager", tuple(blocks), axes)
    return Named("pandas.core.frame.DataFrame", state={"_mgr": manager, "_typ": "dataframe", **more})


def series(values, kind="pandas.core.series.Series"):
    state = {"0.14.1": {"axes": [labels(2)], "blocks": [{"values": values, "mgr_locs": slice(0, 2, 1)}]}}
    manager = Named("pandas.core.internals.managers.SingleBlockManager", state=([], [], [], state))
    return Named(kind, state={"_mgr": manager, "_name": None})


def own(kind, **parts):
    return Named(f"pandas.core.arrays.{kind}", state=parts)


def arrow(*, length=1, nulls=0, offset=0, valid=None, ends=b"\0\0\0\0\1\0\0\0", data=b"a", kind="string"):
    def buffer(content):
        return None if content is None else Named("pyarrow.lib.py_buffer", content)

    alias = Named("pyarrow.lib.type_for_alias", kind)
    parts = (alias, length, nulls, offset, [buffer(valid), buffer(ends), buffer(data)], [], None)
    return own("string_arrow.ArrowStringArray", _pa_array=Named("pyarrow.lib._restore_array", parts))


def sparse(kind, length, *places):
    i4 = dtype("i4", (3, "<", None, None, None, -1, -1, 0))
    made = [
        array((len(part),), of=i4, content=b"".join(n.to_bytes(4, "little") for n in part)) for part in places
    ]
    made_index = Named(f"pandas._libs.sparse.{kind}", length, *made)
    return own("sparse.array.SparseArray", _sparse_index=made_index, _sparse_values=array())


def test_what_the_attacks_are_made_of_lands():
    assert land(written(frame(block(array((1, 2)), 0, 1, 1))))["index"] == {"$rangeindex": [0, 2, 1]}
    assert land(written(series(array())))["$series"]["dtype"] == "<f8"
    assert land(written(arrow()))["values"] == ["a"]
    assert land(written(sparse("IntIndex", 9, [1, 5])))["at"]["shape"] == [2]
    assert land(written(sparse("BlockIndex", 9, [1], [2])))["kind"] == "block"
    date = Named("pandas._libs.tslibs.timestamps._unpickle_timestamp", 5, None, None, 10)
    assert land(written(date)) == {"$timestamp": 5, "unit": "ns"}


def test_texts_of_arrow_in_parts_and_with_gaps():
    texts = arrow(
        length=2,
        offset=1,
        valid=b"\x05",
        ends=b"".join(n.to_bytes(4, "little") for n in (0, 1, 1, 3)),
        data=b"abc",
    )
    assert land(written(texts))["values"] == [None, "bc"]
    chunks = Named(
        "pyarrow.lib.chunked_array", [arrow().state["_pa_array"], arrow(data=b"z").state["_pa_array"]]
    )
    assert land(written(own("string_arrow.ArrowStringArray", _data=chunks)))["values"] == ["a", "z"]


ATTACKS = {
    "a block for no column": frame(block(array((1, 2)), 1, 2, 1)),
    "a column in two blocks": frame(block(array((1, 2)), 0, 1, 1), block(array((1, 2)), 0, 1, 1)),
    "more places than columns": frame(block(array((1, 2)), 0, 2**30, 1)),
    "places without a step": frame(block(array((1, 2)), 0, 1, 0)),
    "places that are text": frame(block(array((1, 2)), "a", "b", "c")),
    "a block of three axes": frame(block(array((1, 1, 2)), 0, 1, 1)),
    "many columns of nothing": frame(block(array((999_999, 0), content=b""), 0, 999_999, 1)),
    "two million columns of nothing": frame(block(array((2_000_000, 0), content=b""), 0, 2_000_000, 1)),
    "an unknown kind of block": frame(
        Named("pandas.core.internals.blocks.Evil", array((1, 2)), slice(0, 1, 1), 2)
    ),
    "a call for a block": frame(Named("os.system", "touch marker")),
    "three axes": frame(axes=[labels(1)] * 3),
    "an unknown attribute": frame(block(array((1, 2)), 0, 1, 1), _evil=1),
    "a manager that is none": Named("pandas.core.frame.DataFrame", state={"_mgr": Named("os.getcwd")}),
    "a state that is none": Named("pandas.core.frame.DataFrame", state=(1, 2)),
    "an unknown layout": Named("pandas.core.frame.DataFrame", state={"_mgr": None, "blocks": []}),
    "a class that is called": index("subprocess.Popen", data=array()),
    "an index of nothing": index(data=None),
    "an index of a call": index(data=Named("os.getcwd")),
    "a range of texts": index("pandas.core.indexes.range.RangeIndex", start="0", stop=1, step=1),
    "a frequency that is called": Named(
        "pandas.core.indexes.datetimes._new_DatetimeIndex",
        *("@pandas.core.indexes.datetimes.DatetimeIndex", {"data": array(), "freq": Named("os.getcwd")}),
    ),
    "an offset that is called": Named("pandas._libs.tslibs.offsets.BaseOffset", 1),
    "an offset of text": Named("pandas._libs.tslibs.offsets.MonthEnd", "1", False),
    "an offset with more": Named("pandas._libs.tslibs.offsets.MonthEnd", 1, False, [], []),
    "a timestamp of text": Named("pandas._libs.tslibs.timestamps._unpickle_timestamp", "1", None, None, 10),
    "a timestamp past 64 bits": Named(
        "pandas._libs.tslibs.timestamps._unpickle_timestamp", 2**70, None, None
    ),
    "a unit": Named("pandas._libs.tslibs.timestamps._unpickle_timestamp", 1, None, None, 99),
    "a zone of pytz that is a path": Named(
        "pandas._libs.tslibs.timestamps._unpickle_timestamp", 1, None, Named("pytz._p", "a", "b"), 10
    ),
    "a zone that is called": Named(
        "pandas._libs.tslibs.timestamps._unpickle_timestamp", 1, None, Named("os.getcwd"), 10
    ),
    "a dtype of periods": series(
        own("period.PeriodArray", _ndarray=array(), _dtype=Named("pandas.PeriodDtype", "period[x]"))
    ),
    "an array of pandas that is called": Named(
        "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked", "@os.system", 1, None, state=(None, array())
    ),
    "an extension of a stranger": series(Named("evil.Array", state={"_data": array()})),
    "texts of arrow past the end": arrow(ends=b"\0\0\0\0\xff\0\0\0"),
    "texts of arrow that go back": arrow(length=2, ends=b"\1\0\0\0\0\0\0\0\1\0\0\0"),
    "more texts than there are": arrow(length=2**40),
    "a negative number of texts": arrow(length=-1),
    "a mask that is too short": arrow(valid=b"", length=1),
    "texts that are none": arrow(data=b"\xff"),
    "another type of arrow": arrow(kind="int64"),
    "a buffer that is called": own(
        "string_arrow.ArrowStringArray", _pa_array=Named("pyarrow.lib.foreign_buffer", 1, 2)
    ),
    "blocks of a sparse column without end": sparse("BlockIndex", 2**40, [0], [2**31 - 1]),
    "a sparse index that is called": own(
        "sparse.array.SparseArray", _sparse_index=Named("os.getcwd"), _sparse_values=array()
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_is_claimed_is_checked(attack):
    with pytest.raises(LandingError) as caught:
        land(written([0, attack]))
    assert caught.value.path.startswith("[1]")
    assert caught.value.reason in (
        *("bad-value", "limit", "unsafe-global", "unknown-global", "unsupported-type"),
    )
