"""joblib's files: arrays between the opcodes are records, whoever wrote them and whatever they claim."""

import io
import struct

import pytest

from migrate.legacy import Call, LegacyError, decode, examine, walk
from migrate.legacy.inspect import describe

THREE = struct.pack("<3d", 1, 2, 3)


def written(shape=b"K\x03\x85", dtype=b"X\x02\x00\x00\x00f8", content=THREE, more=b"", end=b"."):
    """What joblib writes for an array, with parts of it exchanged."""
    numpy_dtype = b"cnumpy\ndtype\n" + dtype + b"\x89\x88\x87R"
    state = b"(X\x05\x00\x00\x00shape" + shape + b"X\x05\x00\x00\x00dtype" + numpy_dtype + more + b"u"
    return b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}" + state + b"b" + content + end


def arrays(data):
    return [list(found.items) for found in walk(decode(data)) if isinstance(found, Call) and found.items]


def test_the_bytes_of_an_array():
    assert arrays(written()) == [[THREE]]
    assert "NumpyArrayWrapper" in describe(decode(written()))[0]


def test_what_follows_is_read_on():
    data = written(end=b"K\x05\x86.")
    assert decode(data)[1] == 5
    assert examine(data).end == len(data)


def test_padding():
    aligned = b"X\x1b\x00\x00\x00numpy_array_alignment_bytesK\x10"
    assert arrays(written(more=aligned, content=b"\x02\xff\xff" + bytes(24))) == [[bytes(24)]]


def test_an_array_of_objects_is_a_pickle_of_its_own():
    assert arrays(written(dtype=b"X\x02\x00\x00\x00O8", content=b"\x80\x02]K\x07a.")) == [[[7]]]


def test_an_array_without_elements():
    assert arrays(written(shape=b"K\x00\x85", content=b"")) == [[b""]]


@pytest.mark.parametrize(
    "changed",
    [
        {"shape": b"J\xff\xff\xff\x7f\x85"},
        {"shape": b"\x8a\x09" + bytes(8) + b"\x01\x85"},
        {"shape": b"J\xff\xff\xff\xff\x85"},
        {"shape": b"N"},
        {"shape": b"N\x85"},
        {"dtype": b"X\x01\x00\x00\x00?"},
        {"dtype": b"N"},
        {"content": b""},
        {"dtype": b"X\x02\x00\x00\x00O8", "content": b"\x80\x02]K\x07"},
        {"shape": b"(" + b"K\x01" * 100 + b"t"},
    ],
    ids=range(10),
)
def test_claims_that_do_not_hold(changed):
    with pytest.raises(LegacyError):
        decode(written(**changed))


def test_objects_within_objects_end():
    inner = b"\x80\x02]K\x07a."
    for _ in range(50):
        inner = written(dtype=b"X\x02\x00\x00\x00O8", content=inner)
    with pytest.raises(LegacyError, match="within an array of objects"):
        decode(inner)


@pytest.mark.extras
@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)], ids=str)
def test_what_joblib_writes(compress):
    numpy, joblib = pytest.importorskip("numpy"), pytest.importorskip("joblib")
    from migrate.legacy import unwrap

    value = {
        "a": numpy.arange(6.0).reshape(2, 3),
        "b": [numpy.array(["x", "yz"]), numpy.zeros(0)],
        "c": numpy.array([1, "two", None], dtype=object),
        "d": numpy.arange(4, dtype=">i2"),
    }
    file = io.BytesIO()
    joblib.dump(value, file, compress=compress)
    found = [items[0] for items in arrays(unwrap(file.getvalue())[1])]
    assert value["a"].tobytes() in found
    assert value["d"].tobytes() in found
    assert value["b"][0].tobytes() in found
    assert any(isinstance(part, Call) for part in found)
