"""Bytes to bytes: what is converted, what is left in peace, what is refused."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import tracemalloc
import zlib
from importlib import import_module

import pytest

from migrate.legacy import DEFAULT_LIMITS, MigrateError
from migrate.reencode import Line, Refused, ThroughCodec, convert, could_hold
from migrate.reencode.convert import room_for
from migrate.runtime import Codec

from .support import Evil, pickled, plain


def converted(data):
    return convert(data, plain)


# --- must convert ----------------------------------------


@pytest.mark.parametrize("protocol", range(6))
def test_one_pickle(protocol):
    found = converted(pickled([1, "x"], protocol))
    assert found.data == b'[1, "x"]\n'
    assert found.pickles == 1


def test_json_lines_beside_pickles_stay_byte_for_byte():
    found = converted(b'{"b":1,  "a":2}\n' + pickled([1]))
    assert found.data == b'{"b":1,  "a":2}\n[1]\n'
    assert found.kinds == ("JSON", "pickle 4")


@pytest.mark.parametrize(
    ("pack", "unpack", "name"),
    [
        (gzip.compress, gzip.decompress, "gzip"),
        (bz2.compress, bz2.decompress, "bz2"),
        (lzma.compress, lzma.decompress, "xz"),
        (lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE), lzma.decompress, "lzma"),
        (zlib.compress, zlib.decompress, "zlib"),
    ],
)
def test_compression_is_kept(pack, unpack, name):
    found = converted(pack(pickled(list(range(5000)))))
    assert json.loads(unpack(found.data)) == list(range(5000))
    assert found.label == f"pickle 4 in {name}"


def test_compression_within_compression():
    found = converted(gzip.compress(bz2.compress(pickled([1]))))
    assert bz2.decompress(gzip.decompress(found.data)) == b"[1]\n"


def test_gzip_keeps_its_time_and_name():
    packed = io.BytesIO()
    with gzip.GzipFile("orders", "wb", fileobj=packed, mtime=1234567890) as file:
        file.write(pickled([1]))
    new = converted(packed.getvalue()).data
    assert new[4:8] == packed.getvalue()[4:8]
    assert new[10:17] == b"orders\0"


def test_xz_keeps_its_check():
    packed = lzma.compress(pickled([1]), check=lzma.CHECK_CRC32)
    assert converted(packed).data[6:8] == packed[6:8]


def test_gzip_of_two_members_is_read_as_one_stream():
    data = gzip.compress(pickled([1])) + gzip.compress(pickled([2]))
    assert gzip.decompress(converted(data).data) == b"[1]\n[2]\n"


def test_classes_of_all_records_are_counted():
    found = convert(pickled(1) + pickled(2), lambda *_: Line(b"0\n", {"Order": 2}))
    assert found.classes == {"Order": 4}


def test_tuple_that_contains_itself_is_no_dropped_call():
    items = [object]
    cycle = (items,)
    items.append(cycle)
    found = convert(pickle.dumps(cycle, 2), lambda *_: Line(b"0\n", {}))
    assert found.data == b"0\n"


# --- must be left in peace ----------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\n",
        b"N.B. this is text\n",
        b"I am a sentence.\n",
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"\x7fELF" + bytes(64),
        b"\x80\x02\xff\xfe nothing that a pickle has",
        b"t is the first letter\n",
        b"5 apples\nand 6 pears\n",
        b"{\n  'not': json}\n",
        gzip.compress(b"a log line\n" * 1000, mtime=0),
        b"\x1f\x8b damaged from the start",
        b"x\x9c is how some texts begin",
        b"PK\x03\x04" + bytes(26),
    ],
)
def test_other_files_hold_nothing(data):
    found = converted(data)
    assert found.data is None
    assert not found.kinds


@pytest.mark.parametrize("data", [b"1\n", b'{"a": 1}\n[2]\n', b"null", gzip.compress(b"[1]\n", mtime=0)])
def test_json_is_left_as_it_is(data):
    found = converted(data)
    assert found.data is None
    assert found.kinds == ("JSON",)


def test_what_was_converted_is_left_as_it_is():
    once = converted(bz2.compress(pickled([1, 2]))).data
    assert converted(once).data is None


# --- must be refused ----------------------------------------


def refusal(data, **options):
    with pytest.raises(MigrateError) as caught:
        convert(data, options.pop("convert_record", plain), **options)
    return caught.value


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_truncated_pickle(cut):
    assert refusal(pickled(["x" * 50])[:-cut]).reason == "truncated"


def test_truncated_gzip():
    packed = gzip.compress(pickled([1] * 2000))
    assert refusal(packed[:-12]).reason == "truncated"


def test_good_pickle_with_garbage_behind():
    assert refusal(pickled(1) + b"\xff\xff").reason == "malformed"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_bytes_behind_the_compressed_data_are_not_dropped(pack):
    assert refusal(pack(pickled([1])) + b"more").reason == "malformed"


def test_second_zlib_stream_is_not_dropped():
    assert refusal(zlib.compress(pickled([1])) + zlib.compress(pickled([2]))).reason == "malformed"


def test_bomb():
    bomb = gzip.compress(pickled(b"\0" * (1 << 22)))
    assert refusal(bomb, limits=DEFAULT_LIMITS._replace(max_unpacked=1 << 20)).reason == "limit"


def test_call_whose_result_is_thrown_away(tmp_path):
    evil = pickled(Evil(tmp_path / "marker"), 2)
    assert refusal(evil[:-1] + b"0K\x01.").reason == "unsafe-global"
    assert not (tmp_path / "marker").exists()


def test_refusal_of_one_record_tells_which():
    def refuse_two(record, room):
        if record == 2:
            raise Refused("no", reason="bad-value", path="[0]")
        return plain(record)

    error = refusal(pickled(1) + pickled(2) + pickled(3), convert_record=refuse_two)
    assert (error.reason, error.path) == ("bad-value", "[0]")
    assert "record 2 of 3" in str(error)


# --- what a head can tell ----------------------------------------


@pytest.mark.parametrize("protocol", range(6))
def test_head_of_a_pickle_is_interesting(protocol):
    assert could_hold(pickled({"a": [1]}, protocol)[:16])


@pytest.mark.parametrize("head", [b'{"a": 1}\n', b"[1]", b'{"long and cut off'])
def test_head_of_json_lines_is_interesting(head):
    assert could_hold(head)


@pytest.mark.parametrize(
    "head", [b"", b"the text\n", b"{\n", b"\xff\xd8\xff\xe0", b"# comment\n", b"PK\x03\x04"]
)
def test_head_of_others_is_not(head):
    assert not could_hold(head)


OFTEN = pickle.dumps(["some text of a few words " * 400] * 9000, 4)
"""28 kB in which one text of 10 kB is meant nine thousand times: 90 MB of JSON."""
TUPLES = pickle.dumps([tuple(range(1000))] * 20_000, 4)


@pytest.mark.parametrize(("data", "place"), [(OFTEN, ""), (TUPLES, r"\[\d+\]")], ids=["a text", "a tuple"])
def test_what_grows_beyond_measure_is_left_before_it_is_written(data, place, monkeypatch):
    # Memory is traced, which takes long for the 16 MB.
    monkeypatch.setattr(import_module("migrate.reencode.convert"), "FREE", 1 << 20)
    through = ThroughCodec(Codec("growth"))
    tracemalloc.start()
    try:
        error = refusal(data, convert_record=through, max_growth=10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason == "limit"
    assert re.fullmatch(place, error.path)
    assert "longer than 1,048,576 bytes" in str(error)
    assert "--max-growth" in str(error)
    assert peak < 8 << 20


def test_growth_that_is_allowed():
    data = pickle.dumps(["some text of a few words " * 400] * 2000, 4)
    through = ThroughCodec(Codec("growth"))
    assert len(convert(data, through, max_growth=2000).data) == len(convert(data, through).data) > 16 << 20


def test_growth_counts_from_the_pickle_in_the_compression():
    assert (
        refusal(gzip.compress(OFTEN), convert_record=ThroughCodec(Codec("growth")), max_growth=100).reason
        == "limit"
    )


def test_a_record_that_turns_out_too_long_is_refused_whatever_made_it():
    error = refusal(pickled(1), convert_record=lambda record, room: Line(b"1" * (room + 1), {}), max_growth=1)
    assert error.reason == "limit"


@pytest.mark.parametrize(
    ("size", "growth", "room"), [(10, 100, 16 << 20), (1 << 20, 100, 100 << 20), (10, None, 1 << 30)]
)
def test_room_for_a_record(size, growth, room):
    assert room_for(size, growth) == room
