"""Files: one record at a time, with pickle's habits."""

import contextlib
import gzip
import io
import mmap
import pickle
from array import array
from functools import partial

import pytest

from migrate.runtime import DecodeError, EncodeError, TruncatedRecord
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Plain


class OnlyReads:
    """A handle that has nothing but what pickle asks for, and cannot seek."""

    def __init__(self, data):
        self._file = io.BytesIO(data)

    def read(self, size):
        return self._file.read(size)

    def readline(self):
        return self._file.readline()


def test_several_records_in_one_file(codec, tmp_path):
    path = tmp_path / "log"
    with path.open("wb") as file:
        for number in range(3):
            codec.dump({"n": number}, file)
    with path.open("ab") as file:
        codec.dump(Line("last"), file)
    found = []
    with path.open("rb") as file, contextlib.suppress(EOFError):
        while True:
            found.append(codec.load(file))
    assert found == [{"n": 0}, {"n": 1}, {"n": 2}, Line("last")]


def test_offsets_lead_back_to_records(codec):
    file = io.BytesIO()
    offsets = []
    for number in range(5):
        offsets.append(file.tell())
        codec.dump([number, "ž\n"], file)
    for number in (3, 0, 4, 1):
        file.seek(offsets[number])
        assert codec.load(file) == [number, "ž\n"]


def test_the_handle_is_left_after_the_record(codec):
    file = io.BytesIO(codec.dumps(1) + pickle.dumps(2) + b"\x00rest")
    assert codec.load(file) == 1
    assert codec.load(file) == 2
    assert file.read() == b"\x00rest"


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_and_records_in_one_file(codec, protocol):
    data = b"".join(
        [pickle.dumps([1], protocol), codec.dumps([2]), pickle.dumps([3], protocol), codec.dumps([4])]
    )
    file = OnlyReads(data)
    assert [codec.load(file) for _ in range(4)] == [[1], [2], [3], [4]]
    with pytest.raises(EOFError):
        codec.load(file)


def test_no_more_is_asked_of_a_handle_than_pickle_asks(codec):
    assert codec.load(OnlyReads(codec.dumps(Line("a")))) == Line("a")
    with gzip.open(io.BytesIO(gzip.compress(codec.dumps(1) * 2)), "rb") as file:
        assert (codec.load(file), codec.load(file)) == (1, 1)


@pytest.mark.parametrize("data", [b"", b"\n", b"\n \r\n\n"])
def test_the_end_is_an_eoferror(codec, data):
    with pytest.raises(EOFError, match="Ran out of input") as caught:
        codec.load(io.BytesIO(data))
    assert type(caught.value) is EOFError


def test_blank_lines_between_records_are_skipped(codec):
    file = io.BytesIO(b"1\n\n \n2\n\n")
    assert (codec.load(file), codec.load(file)) == (1, 2)
    with pytest.raises(EOFError):
        codec.load(file)


@pytest.mark.parametrize("value", [{"a": [1, 2]}, [1, "text"], "text", b"bytes", Line("abc"), 123456])
def test_a_record_that_was_cut_off_is_not_a_value(codec, value):
    record = codec.dumps(value)
    for end in range(1, len(record) - 1):
        with pytest.raises(TruncatedRecord) as caught:
            codec.load(io.BytesIO(record[:end]))
        assert isinstance(caught.value, EOFError)
        assert caught.value.reason == "truncated"


def test_only_the_line_feed_is_missing(codec):
    assert codec.load(io.BytesIO(b'{"a":1}')) == {"a": 1}
    with pytest.raises(TruncatedRecord):
        codec.load(io.BytesIO(b"12"))


def test_text_files_are_refused(codec):
    with pytest.raises(TypeError, match="binary"):
        codec.load(io.StringIO("1\n"))
    with pytest.raises(TypeError):
        codec.dump(1, io.StringIO())
    with pytest.raises(TypeError):
        codec.loads("1\n")


def in_memory_map(data: bytes) -> mmap.mmap:
    mapped = mmap.mmap(-1, len(data))
    mapped.write(data)
    return mapped


BUFFERS = [bytes, bytearray, memoryview, pickle.PickleBuffer, partial(array, "B"), in_memory_map]


@pytest.mark.parametrize("kind", BUFFERS, ids=["bytes", "bytearray", "view", "buffer", "array", "mmap"])
def test_what_loads_accepts(codec, kind):
    assert codec.loads(kind(codec.dumps([1]))) == [1]
    assert codec.loads(kind(pickle.dumps([1]))) == [1]


@pytest.mark.parametrize("data", ["1\n", 1, [49, 10], None])
def test_what_loads_refuses(codec, data):
    with pytest.raises(TypeError, match="a bytes-like object is required, not"):
        codec.loads(data)


def test_what_follows_the_first_record_is_ignored(codec):
    assert codec.loads(codec.dumps(1) + codec.dumps(2)) == 1
    assert codec.loads(pickle.dumps(1) + b"rest") == 1


def test_pickler_and_unpickler(codec):
    file = io.BytesIO()
    pickler = codec.Pickler(file, 2, fix_imports=False)
    pickler.dump([1])
    pickler.clear_memo()
    pickler.dump(Plain(a=1))
    file.seek(0)
    unpickler = codec.Unpickler(file, encoding="latin1")
    assert unpickler.load() == [1]
    assert unpickler.load().a == 1
    with pytest.raises(EOFError):
        unpickler.load()


REFUSED = [
    ("Pickler", "persistent_id", EncodeError, "persistent-id"),
    ("Pickler", "dispatch_table", EncodeError, "reducer-registration"),
    ("Unpickler", "persistent_load", DecodeError, "persistent-id"),
]


@pytest.mark.parametrize(("kind", "name", "error", "reason"), REFUSED)
def test_what_a_pickler_is_told_of_some_objects_is_refused_and_not_ignored(codec, kind, name, error, reason):
    made = getattr(codec, kind)(io.BytesIO())
    assert not hasattr(made, name)
    with pytest.raises(error, match=name) as raised:
        setattr(made, name, {}.get)
    assert raised.value.reason == reason


def test_it_stands_where_the_module_was_passed(codec):
    def store(value, serializer):
        return serializer.dumps(value, protocol=serializer_protocol)

    serializer_protocol = 2
    for serializer in (pickle, codec):
        assert serializer.loads(store({"a": (1,)}, serializer)) == {"a": (1,)}
        assert serializer.loads(serializer.dumps(1, 2, fix_imports=True), encoding="latin1") == 1
        file = io.BytesIO()
        serializer.dump(5, file, 4)
        file.seek(0)
        assert serializer.load(file, fix_imports=True, encoding="bytes", errors="strict") == 5
        assert list(map(serializer.loads, map(serializer.dumps, [1, 2]))) == [1, 2]


def test_a_file_is_written_in_one_piece(codec):
    class Recorder:
        def __init__(self):
            self.calls = []

        def write(self, data):
            self.calls.append(data)

    recorder = Recorder()
    codec.dump([Line("a")] * 3, recorder)
    assert recorder.calls == [codec.dumps([Line("a")] * 3)] or len(recorder.calls) == 1


def test_compressed_data_are_named(codec):
    with pytest.raises(DecodeError, match="gzip"):
        codec.loads(gzip.compress(codec.dumps(1)))


def test_two_codecs_do_not_share_classes():
    from migrate.runtime import Codec

    record = make_codec().dumps(Line("a"))
    with pytest.raises(DecodeError):
        Codec("other").loads(record)
