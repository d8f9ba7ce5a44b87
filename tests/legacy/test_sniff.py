"""Telling by content what bytes are."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import sysconfig
import zipfile
import zlib
from pathlib import Path

import pytest

from migrate.legacy import Format, looks_like_pickle, sniff

from .old_pickles import PYTHON_27, PYTHON_36

SCALARS = [
    None,
    True,
    1,
    -1,
    1.5,
    float("nan"),
    10**30,
    "text",
    "",
    b"x",
    b"",
    [],
    {},
    (),
    [1],
    {"a": 1},
    {1},
    1j,
]


def _zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "b")
    return out.getvalue()


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_pickles_are_told_by_their_first_byte(value, protocol):
    data = pickle.dumps(value, protocol)
    assert sniff(data) is Format.PICKLE
    assert sniff(data[:1]) is Format.PICKLE
    assert looks_like_pickle(data)


@pytest.mark.parametrize("value", [v for v in SCALARS if not isinstance(v, (bytes, set, complex))], ids=repr)
def test_json_is_told_by_its_first_byte(value):
    if value == value:
        data = json.dumps(value).encode()
        assert sniff(data) is sniff(data[:1]) is sniff(b" \n" + data) is Format.JSON
        assert not looks_like_pickle(data)


def test_lax_json_is_not_json():
    assert sniff(b"NaN") is Format.PICKLE  # opcode NONE; strict JSON has no such word
    assert not looks_like_pickle(b"NaN")
    assert not looks_like_pickle(b"Infinity")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", Format.EMPTY),
        (gzip.compress(b"x", mtime=0), Format.GZIP),
        (bz2.compress(b"x"), Format.BZ2),
        (lzma.compress(b"x"), Format.XZ),
        *((zlib.compress(b"x", level), Format.ZLIB) for level in range(10)),
        (b"\x28\xb5\x2f\xfd\x04\x00", Format.ZSTD),
        (_zip(), Format.ZIP),
        (b"\x93NUMPY", Format.UNKNOWN),
        (b"\x89PNG\r\n", Format.UNKNOWN),
        (b"\x80\x09", Format.UNKNOWN),
        (b"\xff\xd8", Format.UNKNOWN),
        (b"hello", Format.UNKNOWN),
    ],
)
def test_whole_magic_numbers_come_first(data, found):
    assert sniff(data) is found
    if found is not Format.EMPTY:
        assert not looks_like_pickle(data)


@pytest.mark.parametrize("data", [*PYTHON_27.values(), *PYTHON_36.values()])
def test_pickles_of_old_interpreters_are_found(data):
    assert looks_like_pickle(data)


def test_files_with_several_records_are_found():
    assert looks_like_pickle(pickle.dumps([1], 0) * 3)
    assert looks_like_pickle(pickle.dumps([1], 0) + b'{"a": 1}\n')
    assert looks_like_pickle(pickle.dumps([1], 4) + b'{"a": 1}\n')


def test_refused_and_damaged_pickles_are_found_so_that_they_are_reported():
    assert looks_like_pickle(b"\x80\x02\x82\x01.")
    assert looks_like_pickle(b"\x80\x02" + b"]" * 20_000 + b"a" * 19_999 + b".")
    assert looks_like_pickle(pickle.dumps(list(range(1000)), 4)[:-1])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"N",
        b"N.B. this is text",
        b"I am text.",
        b"(see below).",
        b"]. And",
        b"import os\n",
        b"class A:\n    pass\n",
        b"\x80\x02 something else",
        b"(dp0\nS'a'\np1\nI1\ns",  # cut
        b"N.N.text",
    ],
)
def test_text_and_fragments_are_not_pickles(data):
    assert not looks_like_pickle(data)


def test_no_file_of_the_standard_library_is_taken_for_a_pickle():
    paths = sysconfig.get_paths()
    sample = [p for folder in ("stdlib", "include") for p in sorted(Path(paths[folder]).rglob("*"))[::9]]
    checked = 0
    for path in sample:
        if not path.is_file() or "site-packages" in path.parts or path.stat().st_size > 300_000:
            continue
        data = path.read_bytes()
        # test/pstats.pck is a marshal file, whatever its name says.
        real = path.suffix in {".pickle", ".pck", ".pkl"} and path.name != "pstats.pck"
        assert looks_like_pickle(data) == real, path
        checked += 1
    assert checked > 200


def test_sources_and_metadata_of_installed_packages_are_not_pickles():
    site = Path(sysconfig.get_paths()["purelib"])
    sample = [p for p in sorted(site.rglob("*"))[::40] if p.is_file() and p.stat().st_size < 300_000]
    known = {".py", ".pyc", ".so", ".pyi", ".txt", ".md", ".rst", ".json", ".toml", ".typed", ""}
    sample = [p for p in sample if p.suffix in known]
    assert len(sample) > 50
    assert [p for p in sample if looks_like_pickle(p.read_bytes())] == []


def test_no_magic_number_begins_as_json_does():
    from migrate.legacy.sniff import _JSON_START, _MAGIC

    assert not [found for magic, found in _MAGIC if magic[0] in _JSON_START]
