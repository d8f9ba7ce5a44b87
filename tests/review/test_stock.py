"""The stock by format: told by content, whatever files are called."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import pytest

from migrate.review.stock import stock_of
from migrate.runtime import Codec
from migrate.runtime.keys import Keys
from migrate.runtime.seals import seal


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def npy(descr):
    head = b"{'descr': '%b', 'fortran_order': False, 'shape': (1,), }\n" % descr
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head


CASES = {
    "record": (Codec("t").dumps({"a": (1, 2)}), "JSON"),
    "schema": (json.dumps({"$schema": "x", "$ref": "y", "properties": {"a": {"$ref": "#"}}}).encode(), None),
    "settings": (b'{"a": [1, 2]}\n', None),
    "yaml": (b"%YAML 1.2\n---\na: 1\n...\n", "yaml"),
    "settings.yaml": (b"a: 1\n", None),
    "sealed": (seal(Keys({"k": b"s" * 32}), pickle.dumps(1)), "sealed pickle"),
    "signed": (b"~signed v1 k 00 2\n1\n", "signed record"),
    "numbers": (npy(b"<f8"), "NumPy array"),
    "objects": (npy(b"|O"), "NumPy array of objects (a pickle)"),
    "arrays": (zipped("a.npy", "b.npy"), "NumPy archive"),
    "model": (zipped("archive/data.pkl", "archive/data/0"), "PyTorch archive (a pickle in zip)"),
    "wheel": (zipped("a.py"), None),
    "broken zip": (b"PK\x03\x04 and no more", None),
    "text": (b"hello", None),
    "empty": (b"", None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_what_its_content_says(tmp_path, name):
    data, said = CASES[name]
    (tmp_path / name).write_bytes(data)
    assert stock_of([tmp_path / name]) == ({said: 1} if said else {})


def test_files_of_one_format_are_counted_and_what_is_not_there_is_passed_over(tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(CASES["record"][0])
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert stock_of([tmp_path / name for name in ("a", "b", "link")]) == {"JSON": 2}
