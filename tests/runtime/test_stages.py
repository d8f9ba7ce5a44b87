"""The stages: what is read, what is written, and who decides."""

import io
import pickle
import pickletools

import pytest

from migrate.runtime import Codec, DecodeError, Stage
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line

WRITES = {"observe": pickle, "dual-read": pickle, "json": None, "json-only": None}


@pytest.mark.parametrize("stage", WRITES)
def test_what_is_written(stage):
    codec = make_codec(stage=stage)
    data = codec.dumps(Line("a"))
    assert (data[:1] == b"\x80") is (WRITES[stage] is pickle)
    file = io.BytesIO()
    codec.dump(Line("a"), file)
    assert file.getvalue() == data
    assert codec.loads(data) == Line("a")


@pytest.mark.parametrize("stage", ["observe", "dual-read", "json"])
@pytest.mark.parametrize("writer", WRITES)
def test_readers_read_every_stage(stage, writer):
    data = make_codec(stage=writer).dumps([Line("a")])
    reader = make_codec(stage=stage)
    assert reader.loads(data) == [Line("a")]
    assert reader.load(io.BytesIO(data + data)) == [Line("a")]


def test_json_only_refuses_pickles():
    codec = make_codec(stage="json-only")
    for read in (lambda data: codec.loads(data), lambda data: codec.load(io.BytesIO(data))):
        with pytest.raises(DecodeError, match="json-only") as caught:
            read(pickle.dumps(Line("a")))
        assert caught.value.reason == "pickle-refused"
        with pytest.raises(pickle.UnpicklingError):
            read(pickle.dumps(1, 0))
    assert codec.counts == {"fallback-read": 0, "refused-read": 4}


def test_fallback_reads_are_counted():
    codec = make_codec()
    codec.loads(codec.dumps(1))
    assert codec.counts["fallback-read"] == 0
    codec.loads(pickle.dumps(1))
    codec.load(io.BytesIO(pickle.dumps(1)))
    assert codec.counts == {"fallback-read": 2, "refused-read": 0}


def test_observe_reads_and_writes_as_before(tmp_path):
    codec = Codec("old", stage="observe")
    file = io.BytesIO(codec.dumps(Unregistered(1)) + codec.dumps(2))
    assert codec.load(file).x == 1
    assert codec.load(file) == 2


class Unregistered:
    def __init__(self, x):
        self.x = x


def test_dual_read_does_not_execute():
    with pytest.raises(DecodeError):
        Codec("safe", stage="dual-read").loads(pickle.dumps(Unregistered(1)))


@pytest.mark.parametrize("protocol", range(6))
def test_the_protocol_of_the_call_counts_most(protocol):
    codec = make_codec(stage="dual-read", protocol=2)
    assert protocol_of(codec.dumps([1])) == 2
    assert protocol_of(codec.dumps([1], protocol)) == protocol
    assert protocol_of(make_codec(stage="dual-read").dumps([1])) == pickle.DEFAULT_PROTOCOL


def protocol_of(data):
    return max(opcode.proto for opcode, _, _ in pickletools.genops(data)) if data[:1] != b"\x80" else data[1]


def test_constants_are_those_of_pickle():
    from migrate.runtime import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL

    assert (DEFAULT_PROTOCOL, HIGHEST_PROTOCOL) == (pickle.DEFAULT_PROTOCOL, pickle.HIGHEST_PROTOCOL)


def test_the_environment_overrides_the_code(monkeypatch):
    assert Codec("shop").stage is Stage.JSON
    assert Codec("shop", stage=Stage.DUAL_READ).stage is Stage.DUAL_READ
    monkeypatch.setenv("PICKLE_MIGRATE_STAGE", "dual-read")
    assert Codec("shop", stage="json").stage is Stage.DUAL_READ
    monkeypatch.setenv("PICKLE_MIGRATE_STAGE_SHOP_EU", "json-only")
    assert Codec("shop-eu").stage is Stage.JSON_ONLY
    assert Codec("shop").stage is Stage.DUAL_READ
    monkeypatch.setenv("PICKLE_MIGRATE_STAGE_SHOP", "")
    assert Codec("shop").stage is Stage.DUAL_READ


@pytest.mark.parametrize("word", ["JSON", "jsononly", "pickle", "dual_read", "1"])
def test_a_word_that_is_no_stage(monkeypatch, word):
    with pytest.raises(ValueError, match="observe, dual-read, json, json-only"):
        Codec("shop", stage=word)
    monkeypatch.setenv("PICKLE_MIGRATE_STAGE_SHOP", word)
    with pytest.raises(ValueError, match=f"PICKLE_MIGRATE_STAGE_SHOP.*{word}"):
        Codec("shop")
