"""Looking through compression, with bounds."""

import bz2
import gzip
import lzma
import pickle
import random
import zlib

import pytest

from migrate.legacy import (
    Format,
    LegacyError,
    LimitExceeded,
    Limits,
    MalformedPickle,
    TruncatedPickle,
    decompress,
)

PACKERS = {
    Format.GZIP: gzip.compress,
    Format.BZ2: bz2.compress,
    Format.XZ: lzma.compress,
    Format.LZMA: lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    Format.ZLIB: zlib.compress,
}
DATA = pickle.dumps(list(range(2000)), 0)


@pytest.mark.parametrize("layer", PACKERS)
def test_a_layer_is_taken_off(layer):
    assert decompress(PACKERS[layer](DATA)) == ((layer,), DATA)


def test_layers_are_named_from_the_outside():
    assert decompress(gzip.compress(zlib.compress(DATA))) == ((Format.GZIP, Format.ZLIB), DATA)


@pytest.mark.parametrize("data", [b"", b"text", DATA, b"\x80\x04N.", b"x\x9ctext", b"{}"])
def test_other_data_come_back_as_they_are(data):
    assert decompress(data) == ((), data)


@pytest.mark.parametrize("layer", [Format.GZIP, Format.BZ2, Format.XZ])
def test_members_in_a_row_are_one(layer):
    pack = PACKERS[layer]
    assert decompress(pack(b"abc") + pack(b"def")) == ((layer,), b"abcdef")


def test_padding_is_ignored():
    assert decompress(gzip.compress(DATA) + bytes(512)) == ((Format.GZIP,), DATA)


@pytest.mark.parametrize("layer", [Format.GZIP, Format.BZ2, Format.XZ])
def test_a_cut_layer_is_truncated(layer):
    with pytest.raises(TruncatedPickle) as caught:
        decompress(PACKERS[layer](DATA)[:-12])
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("layer", [Format.GZIP, Format.BZ2, Format.XZ])
def test_a_damaged_layer_is_malformed(layer):
    data = bytearray(PACKERS[layer](random.Random(1).randbytes(2000)))
    for index in range(len(data) // 2, len(data) // 2 + 60):
        data[index] ^= 0x55
    with pytest.raises((MalformedPickle, TruncatedPickle)):
        decompress(bytes(data))


@pytest.mark.parametrize("layer", PACKERS)
def test_a_bomb_is_refused(layer):
    with pytest.raises(LimitExceeded) as caught:
        decompress(PACKERS[layer](bytes(80 << 20)))
    assert caught.value.limit == "max_ratio"


def test_a_bound_in_bytes():
    data = gzip.compress(DATA)
    assert decompress(data, limits=Limits(max_unpacked=len(DATA)))[1] == DATA
    with pytest.raises(LimitExceeded) as caught:
        decompress(data, limits=Limits(max_unpacked=len(DATA) - 1))
    assert caught.value.limit == "max_unpacked"


def test_a_bound_on_layers():
    data = DATA
    for _ in range(6):
        data = gzip.compress(data)
    with pytest.raises(LimitExceeded) as caught:
        decompress(data)
    assert caught.value.limit == "max_layers"
    assert isinstance(caught.value, LegacyError)
