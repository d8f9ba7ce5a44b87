"""Stock converted to other formats, signed and encrypted; and records that are ours already."""

import pickle

import pytest

from migrate.legacy import DEFAULT_LIMITS, decode
from migrate.reencode import ThroughCodec, convert
from migrate.reencode.errors import Foreign
from migrate.reencode.segments import JsonLine, Pickle, split
from migrate.runtime import Codec, Keys

FORMATS = ["json", "yaml", "msgpack", "cbor"]
VALUE = {"a": [1, 2.5, "x\n...\n"], "b": (1, None)}
KEYS = Keys({"k": b"k" * 32})


CODECS = {
    **{name: Codec("t", format=name) for name in FORMATS},
    "signed": Codec("t", format="msgpack", signing=KEYS),
    "encrypted": Codec("t", encryption=KEYS),
}


@pytest.mark.parametrize("use_classes", [True, False])
@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_pickle_becomes_a_record_of_the_codec(codec, use_classes):
    done = convert(pickle.dumps(VALUE) * 2, ThroughCodec(codec, use_classes=use_classes))
    assert done.pickles == 2
    assert codec.loads(done.data) == VALUE
    assert done.data[:4] == codec.dumps(VALUE)[:4]
    assert len(list(split(done.data, DEFAULT_LIMITS))) == 2


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_a_second_run_finds_nothing_to_do(codec):
    data = codec.dumps(VALUE) + codec.dumps([1])
    done = convert(data, ThroughCodec(codec))
    assert (done.data, done.pickles) == (None, 0)
    assert done.kinds[0] in ("JSON", "YAML", "MessagePack", "CBOR", "signed", "encrypted")


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_records_between_pickles_are_kept_byte_for_byte(codec):
    record = codec.dumps(VALUE)
    data = record + pickle.dumps(1) + record + pickle.dumps(2, 0) + b"\n" + record
    parts = list(split(data, DEFAULT_LIMITS))
    assert [type(part) for part in parts] == [JsonLine, Pickle, JsonLine, Pickle, JsonLine]
    done = convert(data, ThroughCodec(codec))
    assert done.data.count(record) == 3
    assert done.pickles == 2


@pytest.mark.parametrize("data", [b"%YAML 1.2\n---\n", b"\xc1mp1\x00", b"\xd9\xd9\xf7\x01", b"~signed x\n"])
def test_what_only_begins_like_a_record_is_not_ours(data):
    with pytest.raises(Foreign):
        list(split(data, DEFAULT_LIMITS))
    assert convert(data, ThroughCodec(Codec("t"))).data is None


def test_a_codec_that_refuses_pickles_still_converts_them():
    codec = Codec("t", signing=KEYS, unsigned="refuse")
    done = convert(pickle.dumps([1]), ThroughCodec(codec))
    assert codec.loads(done.data) == [1]
    assert ThroughCodec(codec)(decode(pickle.dumps([1]))).text == done.data
