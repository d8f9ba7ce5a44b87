import time

import pytest

from shop import converters
from shop.cache import Cache


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "counters.cache")


def test_put_write_read_get(cache):
    cache.put("visits", {"today": 3})
    assert cache.write()
    other = Cache(cache.path)
    assert other.read()
    assert other.get("visits") == {"today": 3}
    assert other.entries == cache.entries


def test_old_values_are_not_given_out(cache):
    cache.entries["visits"] = (time.time() - 7200, {"today": 3})
    assert cache.get("visits") is None


def test_no_file_is_an_empty_cache(cache):
    assert cache.read() is False
    assert cache.entries == {}


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"this is no pickle", b"\x80\x04\x95\x10\x00", b"\x80\x04}(", b"\x00\x01\x02\x03"],
    ids=["empty", "text", "cut in the frame", "cut in the dict", "zeros"],
)
def test_rubbish_is_an_empty_cache(cache, rubbish, caplog):
    cache.path.write_bytes(rubbish)
    assert cache.read() is False
    assert cache.entries == {}
    assert "damaged" in caplog.text


def test_a_cut_file_is_an_empty_cache(cache):
    cache.put("visits", {"today": 3})
    cache.write()
    data = cache.path.read_bytes()
    cache.path.write_bytes(data[: len(data) // 2])
    assert cache.read() is False


nameless = lambda: None  # noqa: E731


def test_what_cannot_be_stored_is_logged(cache, caplog):
    cache.put("visits", {"today": nameless})
    assert cache.write() is False
    assert not cache.path.exists()
    assert "cannot be stored" in caplog.text


def test_the_file_is_a_dict(cache):
    cache.put("visits", {"today": 3})
    cache.write()
    assert converters.loads(cache.path.read_bytes())["visits"][1] == {"today": 3}


def test_drop(cache):
    cache.put("visits", {})
    cache.write()
    cache.drop()
    cache.drop()
    assert cache.read() is False
