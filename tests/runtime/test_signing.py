"""Signed and encrypted records: nothing is parsed before a key has vouched for it."""

import io
import os
import pickle
import sys
from base64 import b64encode

import pytest

from migrate.runtime import Codec, DecodeError, Keys, NotAuthentic, TruncatedRecord, engine, formats
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Order
from tests.runtime.test_handles import OnlyReads

OLD, NEW = b"o" * 32, b"n" * 32
ORDER = Order(1, lines=[Line("a")])
FORMATS = ["json", "yaml", "msgpack", "cbor"]
KINDS = ["signing", "encryption"]


def codec(kind="signing", keys=(("new", NEW),), **options):
    return make_codec(**{kind: Keys(keys)}, **options)


def refusal(reader, data):
    errors = []
    for read in (reader.loads, lambda d: reader.load(io.BytesIO(d)), reader.to_wire):
        with pytest.raises(NotAuthentic) as caught:
            read(data)
        errors.append(caught.value)
    assert {error.reason for error in errors} == {"not-authentic"}
    return errors[0].message


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_round_trip(kind, form):
    there = codec(kind, format=form)
    record = there.dumps(ORDER)
    assert there.loads(record) == there.load(io.BytesIO(record)) == ORDER
    assert there.from_wire(there.to_wire(record)) == ORDER
    assert codec(kind).loads(record, Order) == ORDER


def test_a_signed_record_can_still_be_read_by_eye():
    header, line = codec().dumps({"a": 1}).splitlines()
    assert line == b'{"a":1}'
    words = header.split()
    assert (words[:3], words[4]) == ([b"~signed", b"v1", b"new"], b"8")
    assert len(words[3]) == 64


def test_an_encrypted_record_shows_nothing_and_is_two_lines_of_text():
    record = codec("encryption").dumps({"secret": "word"})
    assert record.isascii()
    assert record.count(b"\n") == 2
    assert b"secret" not in record
    assert record != codec("encryption").dumps({"secret": "word"})


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_several_records_in_one_file(kind, form):
    there = codec(kind, format=form)
    data = b"\n".join(there.dumps([number, ORDER]) for number in range(5))
    file = OnlyReads(data)
    assert [there.load(file)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(EOFError, match="Ran out"):
        there.load(file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_byte_is_noticed(kind, monkeypatch):
    there = codec(kind)
    record = there.dumps([1, "abc"])

    def parsed(*_):
        raise AssertionError("it was parsed before it was verified")

    monkeypatch.setattr(engine.jsontext, "read", parsed)
    monkeypatch.setattr(formats.Form, "read", parsed)
    for position in range(1, len(record)):
        for change in (record[position] ^ 1, record[position] ^ 0x20, 0x0A):
            changed = record[:position] + bytes([change]) + record[position + 1 :]
            if changed != record:
                with pytest.raises(DecodeError):
                    there.loads(changed)
                with pytest.raises(DecodeError):
                    there.load(io.BytesIO(changed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_was_cut_off(kind):
    there = codec(kind)
    record = there.dumps([1])
    for end in range(1, len(record)):
        with pytest.raises(TruncatedRecord):
            there.load(io.BytesIO(record[:end]))


@pytest.mark.parametrize("kind", KINDS)
def test_another_key_of_the_same_name(kind):
    assert "changed" in refusal(codec(kind, [("new", OLD)]), codec(kind).dumps(1))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_key_is_named(kind):
    assert "'new'" in refusal(codec(kind, [("old", OLD)]), codec(kind).dumps(1))


@pytest.mark.parametrize("kind", KINDS)
def test_without_keys_nothing_signed_is_read(kind):
    assert "no keys" in refusal(make_codec(), codec(kind).dumps(1))
    assert "no keys" in refusal(make_codec(unsigned="accept"), codec(kind).dumps(1))


def test_what_was_signed_cannot_be_passed_off_as_encrypted():
    keys = Keys({"new": NEW})
    both = make_codec(signing=keys, encryption=keys)
    signed = make_codec(signing=keys).dumps(1)
    assert both.loads(signed) == 1
    body = signed.partition(b"\n")[2]
    with pytest.raises(NotAuthentic):
        both.loads(b"~encrypted v1 new %d\n" % len(body) + body)


def test_with_both_it_is_encrypted_and_both_are_read():
    both = make_codec(signing=Keys({"s": OLD}), encryption=Keys({"e": NEW}))
    assert both.dumps(1).startswith(b"~encrypted v1 e ")
    assert both.loads(codec(keys=[("s", OLD)]).dumps(2)) == 2


# --- rotation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_rotation(kind):
    before = codec(kind, [("old", OLD)])
    readers = codec(kind, [("old", OLD), ("new", NEW)])
    writers = codec(kind, [("new", NEW), ("old", OLD)])
    after = codec(kind, [("new", NEW)])
    old, new = before.dumps(1), writers.dumps(2)
    assert readers.dumps(0).split()[2] == b"old"
    for reader in (readers, writers):
        assert (reader.loads(old), reader.loads(new)) == (1, 2)
    assert after.loads(new) == 2
    refusal(after, old)
    assert [after.key_of(record) for record in (old, new)] == ["old", "new"]


def test_key_of_what_has_none():
    assert codec().key_of(make_codec().dumps(1)) is None
    assert codec().key_of(pickle.dumps(1)) is None
    assert codec().key_of(b"") is None
    with pytest.raises(DecodeError):
        codec().key_of(b"~signed nonsense\n")


# --- what is not signed ---------------------------------------------------------------------------

JSON, PICKLE = make_codec().dumps([1]), pickle.dumps([1])


@pytest.mark.parametrize(
    ("policy", "json", "legacy"),
    [("refuse", False, False), ("legacy", False, True), ("accept", True, True)],
)
@pytest.mark.parametrize("kind", KINDS)
def test_policies(kind, policy, json, legacy):
    there = codec(kind, unsigned=policy)
    records = [make_codec(format=form).dumps([1]) for form in FORMATS]
    for data, allowed in ((PICKLE, legacy), *((record, json) for record in records)):
        if allowed:
            assert there.loads(data) == there.load(io.BytesIO(data)) == [1]
        else:
            assert "not signed" in refusal(there, data)


def test_refusing_is_the_default():
    refusal(codec(), JSON)
    refusal(codec(), PICKLE)
    refusal(codec(), b"any bytes")


def test_pickles_are_refused_by_their_stage_all_the_same():
    with pytest.raises(DecodeError) as caught:
        codec(unsigned="accept", stage="json-only").loads(PICKLE)
    assert caught.value.reason == "pickle-refused"


def test_observe_executes_no_unsigned_pickle(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "marker"),)

    refusal(codec(stage="observe"), pickle.dumps(Evil()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_no_pickle_is_read_out_of_an_envelope(kind, monkeypatch):
    there = codec(kind, unsigned="accept")
    inside = there._guard.close(PICKLE)
    for read in (there.loads, lambda data: there.load(io.BytesIO(data))):
        with pytest.raises(DecodeError, match="no record"):
            read(inside)
    with pytest.raises(DecodeError, match="no record"):
        there.loads(there._guard.close(there.dumps(1)))


def test_pickles_that_a_stage_writes_are_as_they_were():
    there = codec(stage="dual-read", unsigned="legacy")
    assert there.dumps([1]) == pickle.dumps([1])
    assert there.loads(codec().dumps(2)) == 2


def test_an_end_is_still_an_end():
    for read in (codec().loads, lambda data: codec().load(io.BytesIO(data))):
        with pytest.raises(EOFError) as caught:
            read(b"")
        assert type(caught.value) is EOFError


@pytest.mark.parametrize("word", ["", "maybe", "Accept", None])
def test_a_policy_that_does_not_exist(word):
    with pytest.raises(ValueError, match="refuse, legacy, accept"):
        codec(unsigned=word)


# --- keys -----------------------------------------------------------------------------------------


def test_keys_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP_KEYS", f"new:{b64encode(NEW).decode()}, old:{b64encode(OLD).decode()}")
    keys = Keys.from_environment("SHOP_KEYS")
    assert keys.names == ("new", "old")
    assert make_codec(signing=keys).loads(codec(keys=[("old", OLD)]).dumps(1)) == 1


def test_generated_keys(monkeypatch):
    monkeypatch.setenv("SHOP_KEYS", Keys.generate("2026-11"))
    assert Keys.from_environment("SHOP_KEYS").current == "2026-11"
    assert Keys.generate("a") != Keys.generate("a")


@pytest.mark.parametrize("text", ["", "secret", "a:", "a:c2hvcnQ=", "a:%%%", ":AAAA", "a b:" + "A" * 44])
def test_a_variable_that_holds_no_keys(monkeypatch, text):
    monkeypatch.setenv("SHOP_KEYS", text)
    with pytest.raises(ValueError, match="SHOP_KEYS") as caught:
        Keys.from_environment("SHOP_KEYS")
    assert len(text) < 7 or text[-6:] not in str(caught.value)


@pytest.mark.parametrize(
    "keys", [{}, {"a": b"short"}, {"a b": NEW}, {"": NEW}, {"a": "text" * 10}, [("a", NEW), ("a", OLD)]]
)
def test_keys_that_are_none(keys):
    with pytest.raises(ValueError, match="key"):
        Keys(keys)


def test_keys_are_not_shown():
    assert repr(Keys({"a": NEW})) == "<Keys a>"
    with pytest.raises(TypeError, match=r"Keys\("):
        make_codec(signing={"a": NEW})


def test_what_is_signed_for_one_purpose_is_not_valid_for_another():
    keys = Keys({"a": NEW})
    name, mac = keys.sign("seal v1", b"data")
    keys.verify("seal v1", name, mac, b"data")
    for purpose, parts in (("record v1", [b"data"]), ("seal v1", [b"da", b"ta"]), ("seal v1", [b"data2"])):
        with pytest.raises(NotAuthentic):
            keys.verify(purpose, name, mac, *parts)
    assert keys.secret_for("x", "a") != keys.secret_for("y", "a") != NEW


def test_comparison_takes_constant_time(monkeypatch):
    import hmac

    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append(1) or real(a, b))
    codec().loads(codec().dumps(1))
    assert compared


def test_encryption_without_its_library(monkeypatch):
    for name in [n for n in sys.modules if n.startswith("cryptography")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pickle-migrate\[crypto\]"):
        Codec("t", encryption=Keys({"a": NEW}))
    assert Codec("t", signing=Keys({"a": NEW})).dumps(1)
