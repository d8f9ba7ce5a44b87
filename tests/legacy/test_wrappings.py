"""What programs put around pickles: base64 and latin-1 text, zstd, and layers of them."""

import base64
import gzip
import pickle
import time
import zlib

import pytest

from migrate.legacy import Format, LegacyError, LimitExceeded, Limits, unwrap
from tests.patience import PATIENCE

VALUE = {"name": ["pen", 2], "raw": bytes(range(256))}
PICKLES = [pickle.dumps(VALUE, protocol) for protocol in range(6)]


@pytest.mark.parametrize("data", PICKLES, ids=range(6))
@pytest.mark.parametrize(
    ("wrap", "layers"),
    [
        (lambda data: data, ()),
        (base64.b64encode, (Format.BASE64,)),
        (base64.encodebytes, (Format.BASE64,)),
        (base64.urlsafe_b64encode, (Format.BASE64,)),
        (lambda data: base64.b64encode(data).rstrip(b"="), (Format.BASE64,)),
        (lambda data: base64.b64encode(zlib.compress(data)), (Format.BASE64, Format.ZLIB)),
        (lambda data: gzip.compress(base64.b64encode(data)), (Format.GZIP, Format.BASE64)),
    ],
    ids=["bare", "base64", "lines", "urlsafe", "unpadded", "zlib in base64", "base64 in gzip"],
)
def test_layers(wrap, layers, data):
    assert unwrap(wrap(data)) == (layers, data)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_latin_1_text(protocol):
    data = pickle.dumps(VALUE, protocol)
    assert unwrap(data.decode("latin-1").encode("utf-8")) == ((Format.LATIN1,), data)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"word",
        b"SomeIdentifierOfAProgram",
        b"1234567890",
        b"KQ==",
        base64.b64encode(b"no pickle"),
        b"\xc2\x80",
    ],
)
def test_other_text_is_left_alone(text):
    assert unwrap(text) == ((), text)


def test_base64_around_base64_is_bounded():
    data = PICKLES[4]
    for _ in range(8):
        data = base64.b64encode(zlib.compress(data))
    with pytest.raises(LimitExceeded):
        unwrap(data)


def test_text_that_nearly_is_base64_takes_no_time():
    started = time.process_time()
    for text in (
        b"abcd \n" * 500_000 + b"!",
        b"a" * 500_000 + b"!",
        b"abcd \n" * 50_000 + b"!" + b"a" * 50_000,
    ):
        assert unwrap(text) == ((), text)
    assert time.process_time() - started < PATIENCE  # with backtracking, it takes years


@pytest.mark.extras
def test_zstd():
    zstandard = pytest.importorskip("zstandard")
    data = PICKLES[4]
    assert unwrap(zstandard.compress(data)) == ((Format.ZSTD,), data)
    assert unwrap(base64.b64encode(zstandard.compress(data)))[0] == (Format.BASE64, Format.ZSTD)
    with pytest.raises(LegacyError, match="damaged zstd"):
        unwrap(zstandard.compress(data)[:8] + b"\xff" * 20)
    with pytest.raises(LimitExceeded):
        unwrap(zstandard.compress(bytes(5_000_000)), limits=Limits(max_unpacked=1_000_000))
