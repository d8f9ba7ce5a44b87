"""Sealed pickles: executed when a key vouches for every byte, and never otherwise."""

import io
import pickle
import re
from fractions import Fraction

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, Keys, NotAuthentic, Seals, TruncatedRecord
from migrate.runtime.seals import execute_sealed, seal, verified
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line

OLD, NEW = b"o" * 32, b"n" * 32
KEYS = Keys({"new": NEW, "old": OLD})
STAGES = ["observe", "dual-read", "json", "json-only"]


class Foreign:
    """A class that no converters module knows."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(other) is Foreign and other.x == self.x

    __hash__ = None


class Touch:
    """Leaves a mark when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def codec(*, keep=True, require=False, keys=KEYS, **options):
    return make_codec(seals=Seals(keys, keep, require), **options)


def both(reader, data):
    return reader.loads(data), reader.load(io.BytesIO(data))


@pytest.mark.parametrize("stage", ["json", "json-only"])
def test_a_value_without_a_json_form_is_kept_and_comes_back(stage, telemetry):
    there = codec(stage=stage)
    data = there.dumps([Foreign(1), Foreign(2)])
    assert re.match(rb"~sealed v1 new [0-9a-f]{64} \d+\n\x80", data)
    assert both(there, data) == ([Foreign(1), Foreign(2)],) * 2
    counted = {key.event: (key.reason, key.path) for key in telemetry.snapshot()}
    assert counted["sealed-write"] == ("unregistered-class", "[]")
    assert "sealed-read" in counted
    assert "refused-write" not in counted


def test_a_value_with_a_json_form_becomes_json():
    assert codec().dumps(Line("a")).startswith(b"{")


def test_without_the_declaration_it_is_refused_as_ever(telemetry):
    with pytest.raises(EncodeError) as caught:
        codec(keep=False).dumps({"a": Foreign(1)})
    assert (caught.value.reason, caught.value.path) == ("unregistered-class", "['a']")
    assert "refused-write" in {key.event for key in telemetry.snapshot()}


def test_what_pickle_refuses_too_is_refused_with_the_path(telemetry):
    with pytest.raises(EncodeError) as caught:
        codec().dumps({"a": lambda: 1})
    assert caught.value.path == "['a']"
    assert {"refused-write"} == {key.event for key in telemetry.snapshot()}


def test_records_and_sealed_pickles_in_one_file():
    there, file = codec(), io.BytesIO()
    for value in (1, Foreign(2), Line("a"), Foreign(3)):
        there.dump(value, file)
    file.seek(0)
    assert [there.load(file) for _ in range(4)] == [1, Foreign(2), Line("a"), Foreign(3)]
    with pytest.raises(EOFError):
        there.load(file)


def test_item_by_item():
    there, file = codec(), io.BytesIO()
    there.dump_items([1, Foreign(2)], file)
    assert there.loads(file.getvalue()) == [1, Foreign(2)]
    file.seek(0)
    assert list(there.iter_items(file)) == [1, Foreign(2)]


# --- what never executes -------------------------------------------------------------------------------


@pytest.fixture
def marker(tmp_path):
    return tmp_path / "executed"


def hostile(marker):
    return pickle.dumps(Touch(marker))


def test_it_would_execute(marker):
    """The trap works: what follows can fail."""
    execute_sealed(KEYS, envelope_of(seal(KEYS, hostile(marker))), {}).close()
    assert marker.exists()


def envelope_of(data):
    from migrate.runtime import envelope

    return envelope.take_first(data)


def forgeries(marker):
    pickled = hostile(marker)
    sealed = seal(KEYS, pickled)
    header, _, body = sealed.partition(b"\n")
    words = header.split()
    signed = make_codec(signing=KEYS).dumps("x" * (len(pickled) - 3))
    mac = signed.split()[3]
    yield "no seal", pickled
    yield "an unknown key", seal(Keys({"other": NEW}), pickled)
    yield "a known name, another secret", seal(Keys({"new": b"x" * 32}), pickled)
    yield "another name, same secret", sealed.replace(b" new ", b" old ")
    yield "a changed byte", header + b"\n" + body[:-2] + b"0."
    yield "a byte more inside", b"%s %d\n" % (b" ".join(words[:4]), len(body) + 1) + body + b"."
    yield "a byte less inside", b"%s %d\n" % (b" ".join(words[:4]), len(body) - 1) + body
    yield "an empty mac", sealed.replace(words[3], b"")
    yield "a mac of zeros", sealed.replace(words[3], b"0" * 64)
    yield "upper case", sealed.replace(words[3], words[3].upper())
    yield "the mac of a signed record", sealed.replace(words[3], mac)
    yield "a sealed pickle called signed", sealed.replace(b"~sealed", b"~signed")
    yield "another version", sealed.replace(b" v1 ", b" v2 ")
    yield "a negative length", b"%s -1\n" % b" ".join(words[:4]) + body
    yield "a seal in a seal", seal(Keys({"other": NEW}), sealed)
    yield "a seal of another in front", seal(KEYS, b"N.")[:-2] + pickled
    yield "spaces before it", b"  " + pickled
    yield "encrypted", b"~encrypted v1 new %d\n" % len(body) + body


NAMES = [name for name, _ in forgeries("x")]


@pytest.mark.parametrize("require", [False, True], ids=["", "required"])
@pytest.mark.parametrize("stage", STAGES[1:])
@pytest.mark.parametrize("name", NAMES)
def test_what_no_key_vouches_for_never_executes(name, stage, require, marker):
    data = dict(forgeries(marker))[name]
    there = codec(stage=stage, require=require)
    for read in (there.loads, lambda d: there.load(io.BytesIO(d)), there.to_wire):
        with pytest.raises(DecodeError):
            read(data)
    assert not marker.exists()


@pytest.mark.parametrize("name", NAMES)
def test_with_seals_required_not_even_observe_executes(name, marker):
    there = codec(stage="observe", require=True)
    with pytest.raises(DecodeError):
        there.loads(dict(forgeries(marker))[name])
    assert not marker.exists()


def test_without_keys_a_sealed_pickle_is_refused(marker):
    for read in (make_codec().loads, lambda d: make_codec().load(io.BytesIO(d))):
        with pytest.raises(NotAuthentic, match=r"has no seals=Seals"):
            read(seal(KEYS, hostile(marker)))
    assert not marker.exists()


def test_the_keys_of_signatures_do_not_open_seals(marker):
    with pytest.raises(NotAuthentic):
        make_codec(signing=KEYS).loads(seal(KEYS, hostile(marker)))
    assert not marker.exists()


def test_tools_get_no_data_out_of_a_seal(marker):
    with pytest.raises(DecodeError) as caught:
        codec().to_wire(seal(KEYS, hostile(marker)))
    assert caught.value.reason == "sealed-pickle"
    assert not marker.exists()


def test_an_envelope_of_another_kind_is_not_executed():
    signed = envelope_of(make_codec(signing=KEYS).dumps(1))
    with pytest.raises(DecodeError, match="no sealed pickle"):
        verified(KEYS, signed)


def test_a_file_that_ends_too_early(marker):
    data = seal(KEYS, hostile(marker))
    for end in (8, 40, len(data) - 1):
        with pytest.raises(DecodeError) as caught:
            codec().load(io.BytesIO(data[:end]))
        assert isinstance(caught.value, (TruncatedRecord, EOFError)) or end == 40
    assert not marker.exists()


# --- required seals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_a_codec_reads_what_it_writes(stage):
    there = codec(stage=stage, require=True)
    assert there.loads(there.dumps(Fraction(1, 3))) == Fraction(1, 3)


def test_pickles_of_a_stage_are_sealed_only_where_no_others_are_read():
    assert codec(stage="dual-read", require=True).dumps(1).startswith(b"~sealed ")
    assert pickle.loads(codec(stage="dual-read").dumps(1)) == 1


def test_a_pickle_without_a_seal_is_refused_and_counted(telemetry):
    with pytest.raises(DecodeError) as caught:
        codec(require=True).loads(pickle.dumps(1))
    assert caught.value.reason == "not-sealed"
    (key,) = telemetry.snapshot()
    assert (key.event, key.reason) == ("refused-read", "not-sealed")


# --- keys ----------------------------------------------------------------------------------------------


def test_keys_rotate():
    before = codec(keys=Keys({"old": OLD})).dumps(Foreign(1))
    assert codec().loads(before) == Foreign(1)
    assert Codec("x").key_of(before) == "old"
    with pytest.raises(NotAuthentic):
        codec(keys=Keys({"new": NEW})).loads(before)


def test_a_codec_that_encrypts_keeps_nothing_readable():
    pytest.importorskip("cryptography")
    with pytest.raises(ValueError, match="undo encryption"):
        codec(encryption=KEYS)
    codec(encryption=KEYS, keep=False)


def test_a_broken_pickle_under_a_good_seal_is_an_error_of_ours():
    with pytest.raises(DecodeError):
        codec().loads(seal(KEYS, b"\x80\x04X"))
