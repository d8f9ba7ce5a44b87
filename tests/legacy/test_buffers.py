"""Buffers in and out of the pickle (PEP 574) come as pickle itself gives them; memory views among them."""

import itertools
import pickle

import pytest

from migrate.legacy import decode
from migrate.runtime import Codec, DecodeError
from migrate.runtime.landing import to_wire

KINDS = {
    "bytes": lambda: b"abc\x00\xff",
    "bytearray": lambda: bytearray(b"abc\x00\xff"),
    "view": lambda: memoryview(bytearray(b"abc\x00\xff")),
    "read-only view": lambda: memoryview(b"abc\x00\xff"),
    "pickle buffer": lambda: pickle.PickleBuffer(bytearray(b"abc\x00\xff")),
    "read-only pickle buffer": lambda: pickle.PickleBuffer(b"abc\x00\xff"),
    "view of numbers": lambda: memoryview(bytearray(16)).cast("d"),
}
SOURCES = {"writable": bytearray, "read-only": bytes}


class Zero:
    """As libraries do it: the content is a buffer, which may be left out of the pickle."""

    def __init__(self, content):
        self.content = content

    def __reduce_ex__(self, protocol):
        return Zero, (pickle.PickleBuffer(self.content) if protocol >= 5 else bytes(self.content),)


def content_of(value):
    return type(value), bytes(value), memoryview(value).readonly, memoryview(value).format


@pytest.fixture
def codec():
    made = Codec("buffers")
    made.register(Zero)
    return made


@pytest.mark.parametrize("kind", [bytes, bytearray])
@pytest.mark.parametrize("size", [0, 3, 300, 70_000])
@pytest.mark.parametrize("protocol", range(6))
def test_content_in_the_pickle(codec, kind, size, protocol):
    value = kind(b"\xfe" * size)
    data = pickle.dumps([value, value], protocol)
    found = codec.loads(data)
    assert list(map(content_of, found)) == list(map(content_of, pickle.loads(data)))
    assert kind is bytes or found[0] is found[1]


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_pickle_buffers_in_the_pickle(codec, kind):
    data = pickle.dumps(pickle.PickleBuffer(kind(b"abc")), 5)
    assert content_of(codec.loads(data)) == content_of(pickle.loads(data))


@pytest.mark.parametrize(("source", "given"), list(itertools.product(SOURCES, KINDS)))
def test_buffers_outside_of_the_pickle(codec, source, given):
    buffer = pickle.PickleBuffer(SOURCES[source](b"abc\x00\xff"))
    data = pickle.dumps([buffer, buffer, 1], 5, buffer_callback=lambda _: False)
    buffers = [KINDS[given](), KINDS[given]()]
    ours, theirs = codec.loads(data, buffers=iter(buffers)), pickle.loads(data, buffers=buffers)
    assert list(map(content_of, ours[:2])) == list(map(content_of, theirs[:2]))
    assert [a is b for a, b in zip(ours, buffers, strict=False)] == [
        a is b for a, b in zip(theirs, buffers, strict=False)
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_a_buffer_that_is_met_twice_is_one(codec, source):
    data = b"\x80\x05]\x94(\x97" + (b"\x98" if source == "read-only" else b"") + b"\x94h\x01h\x01e."
    content = bytearray(b"abc")
    ours, theirs = codec.loads(data, buffers=[content]), pickle.loads(data, buffers=[content])
    assert list(map(content_of, ours)) == list(map(content_of, theirs))
    assert ours[0] is ours[1] is ours[2]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("given", KINDS)
def test_objects_with_their_content_outside(codec, protocol, given):
    buffers = []
    options = {"buffer_callback": lambda _: buffers.append(KINDS[given]())} if protocol == 5 else {}
    data = pickle.dumps(Zero(b"abc\x00\xff"), protocol, **options)
    ours, theirs = codec.loads(data, buffers=buffers), pickle.loads(data, buffers=buffers)
    assert content_of(ours.content) == content_of(theirs.content)


@pytest.mark.parametrize("buffers", [None, [], [1], ["abc"]])
def test_buffers_that_are_not_given_are_told(codec, buffers):
    data = pickle.dumps([pickle.PickleBuffer(b"abc")], 5, buffer_callback=lambda _: False)
    with pytest.raises(DecodeError, match="buffer"):
        codec.loads(data, buffers=buffers)


def test_a_buffer_that_was_released_is_told(codec):
    data = pickle.dumps([pickle.PickleBuffer(b"abc")], 5, buffer_callback=lambda _: False)
    gone = memoryview(b"abc")
    gone.release()
    with pytest.raises(DecodeError, match=r"^\[0\]: a buffer that was kept outside"):
        codec.loads(data, buffers=[gone])


@pytest.mark.parametrize("given", KINDS)
def test_a_record_has_bytes_and_bytearrays_and_no_views(given):
    data = pickle.dumps([pickle.PickleBuffer(bytearray(b"abc"))], 5, buffer_callback=lambda _: False)
    buffers = [KINDS[given]()]
    record = decode(data, buffers=buffers)
    if given in ("bytes", "bytearray"):
        assert to_wire(record, lambda *_: None, buffers=buffers) == [{f"${given}": "YWJjAP8="}]
    else:
        with pytest.raises(Exception, match=r"^\[0\]: .* has no form in a record"):
            to_wire(record, lambda *_: None, buffers=buffers)


def test_a_codec_with_hooks_reads_bytes_and_bytearrays(codec):
    codec.converter.register_unstructure_hook(complex, str)
    data = pickle.dumps([pickle.PickleBuffer(bytearray(b"a")), 1], 5, buffer_callback=lambda _: False)
    assert codec.loads(data, buffers=[bytearray(b"abc")]) == [bytearray(b"abc"), 1]
    with pytest.raises(DecodeError, match="memoryview, has no form"):
        codec.loads(data, buffers=[memoryview(b"abc")])
