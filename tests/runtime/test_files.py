"""Whole files of one value each: compressed by name, read by content."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import zlib

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, Records

ROWS = [{"name": "anna", "score": 1.5}, {"name": "é", "score": None}]


@pytest.fixture
def codec() -> Codec:
    return Codec("files")


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        *(
            ("x.pkl", bytes),
            ("x.pkl.gz", gzip.decompress),
            ("x.bz2", bz2.decompress),
            ("x.XZ", lzma.decompress),
        ),
        *(("x.lzma", lzma.decompress), ("x.z", zlib.decompress)),
    ],
)
def test_a_file_is_compressed_as_its_name_says(codec, tmp_path, name, opened):
    codec.dump_file(ROWS, tmp_path / name)
    assert opened((tmp_path / name).read_bytes()) == codec.dumps(ROWS)
    assert codec.load_file(tmp_path / name) == ROWS


@pytest.mark.parametrize("compression", [None, "gzip", "bz2", "xz", "lzma", "zlib"])
def test_or_as_it_is_asked_for_and_read_whatever_its_name(codec, tmp_path, compression):
    file = tmp_path / "x.gz"
    codec.dump_file(ROWS, file, compression=compression)
    assert (file.read_bytes()[:2] == b"\x1f\x8b") == (compression == "gzip")
    assert codec.load_file(str(file)) == ROWS


def test_an_open_file_gets_the_record_as_it_is(codec):
    file = io.BytesIO()
    codec.dump_file(ROWS, file)
    codec.dump_file(2, file)
    assert file.getvalue() == codec.dumps(ROWS) + codec.dumps(2)
    file.seek(0)
    assert [codec.load_file(file), codec.load_file(file)] == [ROWS, 2]


def test_a_value_that_is_refused_leaves_the_file_as_it_was(codec, tmp_path):
    codec.dump_file(ROWS, tmp_path / "x.pkl")
    with pytest.raises(EncodeError):
        codec.dump_file([object()], tmp_path / "x.pkl")
    assert codec.load_file(tmp_path / "x.pkl") == ROWS


@pytest.mark.parametrize("name", ["x.zip", "x.pkl.zst", "x.tar.gz", "s3://bucket/x.pkl"])
def test_names_that_mean_something_else_are_refused(codec, name):
    with pytest.raises(EncodeError, match=name):
        codec.dump_file(ROWS, name)
    with pytest.raises(DecodeError, match=name):
        codec.load_file(name)


def test_a_compression_that_is_not_known_is_refused_before_the_file_is_opened(codec, tmp_path):
    with pytest.raises(ValueError, match="lz4"):
        codec.dump_file(ROWS, tmp_path / "x", compression="lz4")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "data", [b"\x1f\x8bxx", b"BZhxx", gzip.compress(b"1\n", mtime=0)[:-9], b"", b"nonsense"]
)
def test_damaged_files_are_refused_with_their_names(codec, tmp_path, data):
    (tmp_path / "x.pkl").write_bytes(data)
    with pytest.raises((DecodeError, EOFError)) as caught:
        codec.load_file(tmp_path / "x.pkl")
    assert "x.pkl" in str(caught.value)


def test_a_small_file_that_would_become_huge_is_refused(codec, tmp_path):
    (tmp_path / "x.pkl").write_bytes(gzip.compress(b"\0" * (100 << 20)))
    with pytest.raises(DecodeError, match="max_ratio"):
        codec.load_file(tmp_path / "x.pkl")


class _Marker:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self.path, "w")


def test_nothing_in_a_file_is_executed(codec, tmp_path):
    (tmp_path / "x.pkl.gz").write_bytes(gzip.compress(pickle.dumps(_Marker(str(tmp_path / "marker")))))
    with pytest.raises(DecodeError):
        codec.load_file(tmp_path / "x.pkl.gz")
    assert not (tmp_path / "marker").exists()


def test_the_type_is_checked(codec, tmp_path):
    codec.dump_file(ROWS, tmp_path / "x")
    with pytest.raises(DecodeError):
        codec.load_file(tmp_path / "x", dict)


@pytest.mark.parametrize("compression", [None, "gzip", "bz2", "xz", "lzma", "zlib"])
def test_a_program_that_has_left_pickle_reads_them_too(codec, tmp_path, compression):
    records = Records("files")
    records.dump_file(ROWS, tmp_path / "x", compression=compression)
    assert records.load_file(tmp_path / "x") == codec.load_file(tmp_path / "x") == ROWS


def test_and_refuses_damaged_ones(tmp_path):
    (tmp_path / "x").write_bytes(b"\x1f\x8bxx")
    with pytest.raises(DecodeError, match="damaged"):
        Records("files").load_file(tmp_path / "x")
