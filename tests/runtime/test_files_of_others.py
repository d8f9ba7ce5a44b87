"""Whole files of joblib and pandas, and what these read of ours."""

from __future__ import annotations

import pytest

from migrate.runtime import Codec

pytestmark = pytest.mark.extras
joblib = pytest.importorskip("joblib")
pd = pytest.importorskip("pandas")

ROWS = [{"name": "anna", "score": 1.5}, {"name": "é", "score": None}]
FRAME = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None]})


@pytest.fixture
def codec() -> Codec:
    return Codec("files")


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
@pytest.mark.parametrize("value", [ROWS, FRAME.to_numpy(dtype=object).tolist(), FRAME["a"].to_numpy()])
def test_files_of_joblib_are_read(codec, tmp_path, compress, value):
    joblib.dump(value, tmp_path / "x.pkl", compress=compress)
    read = codec.load_file(tmp_path / "x.pkl")
    assert type(read) is type(value)
    assert str(read) == str(value)


@pytest.mark.parametrize("name", ["x.pkl", "x.pkl.gz", "x.pkl.bz2", "x.pkl.xz"])
def test_files_of_pandas_are_read_and_written(codec, tmp_path, name):
    FRAME.to_pickle(tmp_path / name)
    pd.testing.assert_frame_equal(codec.load_file(tmp_path / name), FRAME)
    codec.dump_file(FRAME, tmp_path / name)
    pd.testing.assert_frame_equal(codec.load_file(tmp_path / name), FRAME)


def test_other_programs_read_them_while_the_stage_writes_pickle(tmp_path):
    codec = Codec("files", stage="dual-read")
    codec.dump_file(ROWS, tmp_path / "x.pkl.gz")
    assert joblib.load(tmp_path / "x.pkl.gz") == ROWS
    assert pd.read_pickle(tmp_path / "x.pkl.gz") == ROWS
