"""A part of the keys gets JSON first, and always the same part."""

import json
import os
import pickle
import subprocess
import sys

import pytest

from migrate.legacy import Format, sniff
from migrate.runtime import Codec

KEYS = [f"cart:{number}" for number in range(4_000)]


def is_json(codec, key):
    return sniff(codec.for_key(key).dumps({"a": 1})) is Format.JSON


def canaries(share, name="shop"):
    codec = Codec(name, canary=share, shadow=0)
    return {key for key in KEYS if is_json(codec, key)}


@pytest.mark.parametrize("share", [1, 20, 50, 99])
def test_about_as_many_keys_as_was_said(share):
    found = 100 * len(canaries(share)) / len(KEYS)
    assert abs(found - share) < 3


def test_nobody_and_everybody():
    assert canaries(0) == set()
    assert canaries(100) == set(KEYS)


def test_a_larger_share_keeps_the_keys_of_a_smaller_one():
    assert canaries(5) < canaries(20) < canaries(60)


def test_another_codec_has_other_canaries():
    assert canaries(50) != canaries(50, "carts")


def test_every_process_has_the_same_ones():
    program = (
        "import json; from tests.runtime.test_canary import canaries; print(json.dumps(sorted(canaries(3))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert set(json.loads(done.stdout)) == canaries(3)


def test_bytes_and_text_are_the_same_key():
    codec = Codec("shop", canary=50, shadow=0)
    assert all(is_json(codec, key) == is_json(codec, key.encode()) for key in KEYS[:100])


def test_without_a_key_a_part_of_the_calls_gets_json():
    codec = Codec("shop", canary=20, shadow=0)
    found = sum(sniff(codec.dumps(1)) is Format.JSON for _ in range(1_000))
    assert 190 <= found <= 210


def test_both_are_read():
    codec = Codec("shop", canary=50, shadow=0)
    assert {codec.loads(codec.for_key(key).dumps(key)) for key in KEYS[:50]} == set(KEYS[:50])


def test_in_dual_read_nobody_gets_json():
    codec = Codec("shop", stage="dual-read", canary=100, shadow=0)
    assert not any(is_json(codec, key) for key in KEYS[:50])


def test_what_is_no_canary_is_checked_in_shadow(telemetry):
    Codec("shop", canary=0, shadow=100).for_key("a").dumps([1])
    assert [key.event for key in telemetry.snapshot()] == ["shadow-check"]


def test_a_store_keeps_the_share_of_its_codec():
    carts = Codec("shop", canary=0, shadow=0).store("carts")
    assert pickle.loads(carts.for_key("a").dumps(1)) == 1


def test_the_settings_file_sets_the_share(tmp_path, monkeypatch):
    settings = tmp_path / "settings.json"
    settings.write_text('{"shop": {"canary": 0}}')
    monkeypatch.setenv("PICKLE_MIGRATE_SETTINGS", str(settings))
    assert not any(is_json(Codec("shop", shadow=0), key) for key in KEYS[:50])


@pytest.mark.parametrize("share", [-1, 101, "5", True, None])
def test_what_is_no_percentage(share):
    with pytest.raises(ValueError, match="no percentage from 0 to 100"):
        Codec("shop", canary=share)


def test_a_codec_that_refuses_pickles_writes_none():
    with pytest.raises(ValueError, match="would write pickles and refuse to read them"):
        Codec("shop", stage="json-only", canary=50)
