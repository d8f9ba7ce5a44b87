"""Pickles of every protocol come back as pickle itself would have read them, and nothing of them runs."""

import pickle
import sys

import pytest

from migrate.runtime import Codec, DecodeError, Limits, TruncatedRecord, UnknownClass, differences
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Node, Order, Plain
from tests.runtime.values import VALUES

DIFFERENT = {
    # What pickle cannot do itself, or does otherwise by intent.
    "exception of the program": "pickle calls __init__ with the wrong arguments",
    "dataclass nothing set": "fields that are absent from old data take their defaults",
    "attrs nothing set": "fields that are absent from old data take their defaults",
}
MAY_BE_REFUSED = {
    "list[int]",
    "dict[str, list[int]]",
    "Box[int]",
    "dataclass generic called with a parameter",
    "OrderedDict with attribute",
}
"""Kinds that pickles hold in forms that landing does not know; refused is not changed."""


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", [name for name in VALUES if name not in DIFFERENT])
def test_as_pickle_reads_it(codec, name, protocol):
    try:
        data = pickle.dumps(VALUES[name](), protocol)
        expected = pickle.loads(data)
    except Exception as error:
        pytest.skip(f"pickle cannot: {error}")
    try:
        found = codec.loads(data)
    except DecodeError:
        assert name in MAY_BE_REFUSED
        return
    assert differences(expected, found) == []


def test_declared_types_do_not_bend_old_data(codec):
    old = Order("1", "1.50", ["2024-01-02", Line("a")], {"sku": "x"})
    for protocol in range(6):
        assert differences(old, codec.loads(pickle.dumps(old, protocol))) == []


def test_old_objects_take_defaults_for_new_fields(codec):
    old = Order.__new__(Order)
    old.id = 5
    assert codec.loads(pickle.dumps(old)) == Order(5)


def test_renamed_classes_are_found_by_alias():
    codec = Codec("alias")
    codec.register("tests.runtime.models:Plain", aliases=("tests.runtime.models:Node",))
    assert type(codec.loads(pickle.dumps(Node(1)))) is Plain


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'touch MARKER'\ntR.",
        b"(S'touch MARKER'\nios\nsystem\n.",
        b'c__builtin__\neval\n(S\'open("MARKER", "w")\'\ntR.',
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0ctouch MARKER\x85R.",
        b"ctests.runtime.models\nOrder\n(S'touch MARKER'\ntR.",
        b"ctests.runtime.models\nPlain.__init__\n(tR.",
        b"\x82\x01.",
    ],
)
def test_nothing_runs(codec, tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    events = []
    active = [True]
    sys.addaudithook(lambda event, args: events.append(event) if active[0] and event in FORBIDDEN else None)
    try:
        with pytest.raises(DecodeError) as caught:
            codec.loads(data)
    finally:
        active[0] = False
    assert events == []
    assert list(tmp_path.iterdir()) == []
    assert caught.value.reason in ("unknown-global", "unsafe-global", "unsupported-opcode", "bad-value")


FORBIDDEN = {"os.system", "exec", "compile", "subprocess.Popen", "os.exec", "pickle.find_class"}


def test_the_errors_are_those_of_pickle(codec):
    whole = pickle.dumps([1, "text"])
    for end in range(1, len(whole) - 1):
        with pytest.raises((pickle.UnpicklingError, EOFError)) as caught:
            codec.loads(whole[:end])
        assert isinstance(caught.value, DecodeError)
    with pytest.raises(TruncatedRecord):
        codec.loads(whole[:-1])
    with pytest.raises(EOFError):
        codec.loads(b"")


def test_an_unknown_class_is_named_with_its_place(codec):
    with pytest.raises(UnknownClass, match=r"collections\.ChainMap") as caught:
        import collections

        codec.loads(pickle.dumps({"a": [collections.ChainMap()]}))
    assert caught.value.path == "['a'][0]"
    assert caught.value.__cause__ is not None


def test_limits_are_kept():
    with pytest.raises(DecodeError) as caught:
        make_codec(limits=Limits(max_bytes=10)).loads(pickle.dumps("x" * 100))
    assert caught.value.reason == "limit"


def test_encoding_of_python_2_strings(codec):
    data = b"U\x03\xc5\xbea."
    assert codec.loads(data, encoding="utf-8") == "ža"
    assert codec.loads(data, encoding="bytes") == b"\xc5\xbea"
    with pytest.raises(DecodeError) as caught:
        codec.loads(data)
    assert caught.value.reason == "python2-bytes"


def test_out_of_band_buffers(codec):
    buffers = []
    data = pickle.dumps(pickle.PickleBuffer(bytearray(b"abc")), 5, buffer_callback=buffers.append)
    with pytest.raises(DecodeError):
        codec.loads(data)


def test_the_wire_form_needs_no_classes():
    codec = Codec("unimportable")
    codec.register("tests.runtime.models:Gone", aliases=("tests.runtime.models:Line",))
    wire = codec.to_wire(pickle.dumps([Line("a")]))
    assert wire == {"$untyped": [{"$type": "Gone", "sku": "a", "qty": 1, "notes": []}]}
    assert codec.to_wire(b"[1]\n") == [1]


def test_the_wire_form_reads_back_the_same(codec):
    old = Order("1", "1.50", ["x"], {"sku": "x"})
    assert differences(old, codec.from_wire(codec.to_wire(pickle.dumps(old)))) == []
