"""Payloads of a store: repaired when they are read, verified before they are looked at."""

import hashlib
import hmac
import pickle

import pytest

from migrate.runtime import EncodeError, Payloads
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line

LINE = Line("a")
OLD = pickle.dumps(LINE)


class Table(dict):
    """A store with compare-and-set."""

    def replacer(self, key):
        def replace(old, new):
            if self.get(key) != old:
                return False
            self[key] = new
            return True

        return replace


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def payloads(repairs=1_000.0, **options):
    return Payloads(make_codec(**options), repairs=repairs)


def read(there, table, key="k"):
    return there.loads(table[key], key=key, replace=table.replacer(key))


def events(telemetry):
    return {key.event: key.reason for key in telemetry.snapshot()}


def test_a_pickle_becomes_a_record_when_it_is_read(telemetry):
    table, there = Table(k=OLD), payloads()
    assert read(there, table) == LINE
    assert table["k"].startswith(b"{")
    assert read(there, table) == LINE
    assert [(key.event, count.number) for key, count in telemetry.snapshot().items()] == [
        ("fallback-read", 1),
        ("repaired", 1),
    ]


def test_a_record_is_left_alone():
    table, there = Table(), payloads()
    table["k"] = there.dumps(LINE)

    def never(old, new):
        raise AssertionError

    assert there.loads(table["k"], replace=never) == LINE


@pytest.mark.parametrize("stage", ["observe", "dual-read"])
def test_where_pickle_is_written_nothing_is_repaired(stage):
    table = Table(k=OLD)
    assert read(payloads(stage=stage), table) == LINE
    assert table["k"] == OLD


def test_a_key_that_is_no_canary_is_not_repaired():
    table = Table(k=OLD)
    assert read(payloads(canary=0), table) == LINE
    assert table["k"] == OLD


def test_without_a_budget_or_a_replacement_nothing_is_repaired():
    table = Table(k=OLD)
    assert read(payloads(repairs=None), table) == LINE
    assert payloads().loads(OLD) == LINE
    assert table["k"] == OLD


def test_a_payload_that_somebody_wrote_in_between_stays(telemetry):
    table = Table(k=b"newer")
    assert payloads().loads(OLD, replace=table.replacer("k")) == LINE
    assert table["k"] == b"newer"
    assert "repair-lost" in events(telemetry)


def test_a_refusal_is_counted_with_its_reason(telemetry, monkeypatch):
    there = payloads()

    def refuse(value):
        raise EncodeError("no", reason="function")

    monkeypatch.setattr(there.codec, "record", refuse)
    assert there.loads(OLD, replace=lambda old, new: True) == LINE
    assert events(telemetry)["repair-refused"] == "function"


def test_a_store_that_is_down_does_not_stop_the_reader(telemetry):
    def down(old, new):
        raise ConnectionError("gone")

    assert payloads().loads(OLD, replace=down) == LINE
    assert events(telemetry)["repair-failed"] == "raised ConnectionError"


def test_no_more_than_the_rate(telemetry):
    clock = Clock()
    there, table = Payloads(make_codec(), repairs=2, clock=clock), Table(dict.fromkeys(range(10), OLD))

    def repaired():
        for key in table:
            there.loads(table[key], replace=table.replacer(key))
        return sum(payload != OLD for payload in table.values())

    assert repaired() == 2
    clock.now += 0.5
    assert repaired() == 3
    clock.now += 60
    assert repaired() == 5  # a quiet minute is not saved up
    clock.now -= 3600
    assert repaired() == 5  # a clock that goes back gives nothing away


@pytest.mark.parametrize("rate", [0, -1, "5", True, float("nan")])
def test_what_is_no_rate(rate):
    with pytest.raises(ValueError, match="no number of repairs per second"):
        Payloads(make_codec(), repairs=rate)


# --- signatures of others --------------------------------------------------------------------------------


class BadSignature(Exception):
    pass


def wrap(data):
    return hmac.digest(b"secret", data, hashlib.sha256).hex() + "." + data.decode("latin-1")


def unwrap(payload):
    mac, _, text = payload.partition(".")
    if not hmac.compare_digest(mac, wrap(text.encode("latin-1")).partition(".")[0]):
        raise BadSignature
    return text.encode("latin-1")


def test_a_signed_payload_is_verified_and_signed_again():
    table = Table(k=wrap(OLD))
    there = Payloads(make_codec(), unwrap=unwrap, wrap=wrap, repairs=5)
    assert read(there, table) == LINE
    assert unwrap(table["k"]).startswith(b"{")
    assert read(there, table) == LINE


class Touch:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_is_parsed_before_the_signature_is_verified(tmp_path, telemetry):
    forged = wrap(OLD)[:-1] + "!"
    there = Payloads(make_codec(stage="observe"), unwrap=unwrap, wrap=wrap)
    with pytest.raises(BadSignature):
        there.loads(forged)
    with pytest.raises(BadSignature):
        there.loads("0." + pickle.dumps(Touch(tmp_path / "x"), 0).decode("latin-1"))
    assert not (tmp_path / "x").exists()
    assert not telemetry.snapshot()


@pytest.mark.extras
def test_with_itsdangerous():
    from itsdangerous import BadSignature as Theirs
    from itsdangerous import Signer

    signer = Signer("secret")
    table = Table(k=signer.sign(OLD))
    there = Payloads(make_codec(), unwrap=signer.unsign, wrap=signer.sign, repairs=5)
    assert read(there, table) == LINE
    assert signer.unsign(table["k"]).startswith(b"{")
    with pytest.raises(Theirs):
        there.loads(b"x" + table["k"])
