"""Every opcode of the pickle machine, as pickletools documents it, and what it means in records."""

import pickle
import pickletools
import struct

import pytest

from migrate.legacy import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    LegacyError,
    MalformedPickle,
    Persistent,
    Set,
    TruncatedPickle,
    UnsupportedOpcode,
    decode,
    examine,
    opcodes,
    reference,
)


def test_every_opcode_of_pickletools_is_known():
    codes = {ord(op.code): op.name for op in pickletools.opcodes}
    assert codes == opcodes.NAMES
    assert {*opcodes.FIXED, *opcodes.LINES, *opcodes.PREFIXED} == set(codes)
    assert {*reference._HANDLERS, opcodes.STOP} == set(codes)


def test_arguments_are_as_long_as_pickletools_says():
    fixed = {
        ord(op.code): op.arg.n if op.arg else 0 for op in pickletools.opcodes if not op.arg or op.arg.n >= 0
    }
    assert fixed == opcodes.FIXED


SCALARS = {
    b"N.": None,
    b"\x88.": True,
    b"\x89.": False,
    b"I01\n.": True,
    b"I00\n.": False,
    b"I0\n.": 0,
    b"I-12\n.": -12,
    b"L123L\n.": 123,
    b"L-7\n.": -7,
    b"J\xff\xff\xff\xff.": -1,
    b"K\xff.": 255,
    b"M\x00\x01.": 256,
    b"\x8a\x00.": 0,
    b"\x8a\x01\xff.": -1,
    b"\x8a\x02\xff\x00.": 255,
    b"\x8b\x02\x00\x00\x00\x00\x80.": -32768,
    b"F1.5\n.": 1.5,
    b"F-inf\n.": float("-inf"),
    b"G\xbf\xf0\x00\x00\x00\x00\x00\x00.": -1.0,
    b"Vcaf\\u00e9\n.": "café",
    b"V\xe9\n.": "é",
    b"X\x02\x00\x00\x00\xc3\xa9.": "é",
    b"\x8c\x03\xed\xb2\x80.": "\udc80",
    b"\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.": "a",
    b"C\x01\xff.": b"\xff",
    b"B\x01\x00\x00\x00\xff.": b"\xff",
    b"\x8e\x01\x00\x00\x00\x00\x00\x00\x00\xff.": b"\xff",
    b"\x96\x01\x00\x00\x00\x00\x00\x00\x00\xff.": bytearray(b"\xff"),
    b").": (),
    b"].": [],
    b"(NK\x01t.": (None, 1),
    b"K\x01\x85.": (1,),
    b"K\x01K\x02\x86.": (1, 2),
    b"K\x01K\x02K\x03\x87.": (1, 2, 3),
    b"(K\x01K\x02l.": [1, 2],
    b"]K\x01a.": [1],
    b"](K\x01K\x02e.": [1, 2],
    b"K\x012\x86.": (1, 1),
    b"K\x01K\x020.": 1,
    b"K\x01(K\x02K\x031.": 1,
    b"K\x01(0.": 1,
    b"K\x05p3\n0g3\n.": 5,
    b"K\x05q\x030h\x03.": 5,
    b"K\x05r\x03\x00\x00\x000j\x03\x00\x00\x00.": 5,
    b"K\x05\x940h\x00.": 5,
    b"\x80\x02K\x01.": 1,
    b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01.": 1,
}


@pytest.mark.parametrize(("data", "value"), SCALARS.items(), ids=lambda v: repr(v)[:40])
def test_scalars_and_containers_stand_for_themselves(data, value):
    found = decode(data)
    assert found == value
    assert type(found) is type(value)
    assert found == pickle.loads(data)


STRINGS = {
    b"S'a b'\n.": b"a b",
    b"S''\n.": b"",
    b'S"it\'s"\n.': b"it's",
    b"S'\\x00\\xff'\n.": b"\x00\xff",
    b"S'\\n\\r\\t\\\\\\''\n.": b"\n\r\t\\'",
    b"S'\\101\\7'\n.": b"A\x07",
    b"T\x02\x00\x00\x00\xff\x00.": b"\xff\x00",
    b"U\x01\xff.": b"\xff",
}


@pytest.mark.parametrize(("data", "raw"), STRINGS.items(), ids=lambda v: repr(v)[:30])
def test_strings_of_python_2_stay_undecided(data, raw):
    found = decode(data)
    assert isinstance(found, ByteString)
    assert found.raw == raw
    assert raw == pickle.loads(data, encoding="bytes")


def test_dicts_and_sets_are_pairs_and_items_in_the_order_stored():
    for data in (b"(K\x01NK\x02Nd.", b"}K\x01NsK\x02Ns.", b"}(K\x01NK\x02Nu."):
        found = decode(data)
        assert isinstance(found, Dict)
        assert found.pairs == [(1, None), (2, None)]
    found = decode(b"\x8f(K\x01K\x01\x90.")
    assert isinstance(found, Set)
    assert found.items == [1, 1]
    found = decode(b"(K\x01\x91.")
    assert isinstance(found, FrozenSet)
    assert found.items == (1,)


def test_keys_that_cannot_be_hashed_are_kept():
    found = decode(b"}]Ns.")
    assert found.pairs == [([], None)]


@pytest.mark.parametrize("data", [b"cshop\nOrder.Line\n.", b"\x8c\x04shop\x8c\x0aOrder.Line\x93."])
def test_globals_are_names_and_dots_are_not_walked(data):
    found = decode(data)
    assert isinstance(found, Global)
    assert (found.module, found.name) == ("shop", "Order.Line")


def test_reduce_and_newobj_and_state():
    call = decode(b"cshop\nmake\nK\x01\x85R}X\x01\x00\x00\x00aK\x02sb.")
    assert (call.function.name, call.args, call.new, call.old, call.kwargs) == (
        "make",
        (1,),
        False,
        False,
        None,
    )
    assert call.state.pairs == [("a", 2)]
    call = decode(b"cshop\nOrder\n)\x81.")
    assert (call.new, call.args, call.state) == (True, (), NO_STATE)
    call = decode(b"cshop\nOrder\nK\x01\x85}X\x01\x00\x00\x00aK\x02s\x92.")
    assert (call.new, call.args, call.kwargs.pairs) == (True, (1,), [("a", 2)])


def test_state_none_is_not_no_state():
    assert decode(b"cshop\nOrder\n)\x81Nb.").state is None


@pytest.mark.parametrize("data", [b"(K\x01ishop\nOld\n.", b"(cshop\nOld\nK\x01o."])
def test_inst_and_obj_make_old_instances(data):
    call = decode(data)
    assert isinstance(call, Call)
    assert (call.function.module, call.function.name, call.args, call.old) == ("shop", "Old", (1,), True)


def test_items_and_pairs_of_a_call():
    call = decode(b"cshop\nBag\n)R(K\x01K\x02eK\x03aK\x04K\x05s(K\x06K\x07u.")
    assert call.items == [1, 2, 3]
    assert call.pairs == [(4, 5), (6, 7)]
    assert decode(b"cshop\nBag\n)R(K\x01\x90.").items == [1]


def test_a_state_setter_is_noted_at_the_object():
    found = decode(pickle.dumps(_Holder(), 4))
    assert [effect.function.name for effect in found.effects] == ["_set_state"]
    assert found.effects[0].args[0] is found


def _set_state(obj, state):
    obj.__dict__.update(state)


class _Holder:
    def __reduce__(self):
        return _Holder, (), {"a": 1}, None, None, _set_state


def test_persistent_ids():
    found = decode(b"Pkey 1\n.")
    assert isinstance(found, Persistent)
    assert found.pid == "key 1"
    assert decode(b"K\x01\x85Q.").pid == (1,)


def test_buffers_are_referred_to_by_index_when_given():
    found = decode(b"\x80\x05\x97\x97\x98\x86.", buffers=[b"a", b"b"])
    assert all(isinstance(b, Buffer) for b in found)
    assert [(b.index, b.readonly) for b in found] == [(0, False), (1, True)]


def test_buffers_must_not_be_invented():
    with pytest.raises(UnsupportedOpcode) as caught:
        decode(b"\x80\x05\x97.")
    assert caught.value.reason == "unsupported-opcode"
    with pytest.raises(MalformedPickle):
        decode(b"\x80\x05\x97\x97\x86.", buffers=[b"a"])


@pytest.mark.parametrize("data", [b"\x82\x01.", b"\x83\x01\x00.", b"\x84\x01\x00\x00\x00."])
def test_the_extension_registry_is_refused(data):
    with pytest.raises(UnsupportedOpcode) as caught:
        decode(b"\x80\x02" + data)
    assert caught.value.offset == 2


def test_identity_is_kept():
    found = decode(pickle.dumps([shared := [1], shared, (shared,)]))
    assert found[0] is found[1] is found[2][0]


def test_a_cycle_is_a_cycle():
    cycle = []
    cycle.append(cycle)
    found = decode(pickle.dumps(cycle))
    assert found[0] is found


MALFORMED = {
    "no opcode": (b"\x00.", 0),
    "text": (b"hello", 0),
    "nothing to return": (b".", 0),
    "stop inside a mark": (b"K\x01(.", 3),
    "pop of nothing": (b"0.", 0),
    "pop below a mark": (b"K\x01(\x85.", 3),
    "no mark": (b"t.", 0),
    "no memo": (b"h\x07.", 0),
    "memo of nothing": (b"q\x00.", 0),
    "odd dict": (b"(K\x01d.", 3),
    "odd setitems": (b"}(K\x01u.", 4),
    "items for a dict": (b"}K\x01a.", 3),
    "items for a number": (b"K\x01K\x02a.", 4),
    "set items for a list": (b"](K\x01\x90.", 4),
    "pairs for a list": (b"]K\x01K\x02s.", 5),
    "state for a list": (b"]}b.", 2),
    "state for a global": (b"cos\nsystem\n}b.", 12),
    "state for a function twice": (b"cos\nsystem\n)R}b}b.", 16),
    "state for a tuple": (b")}b.", 2),
    "arguments that are a list": (b"cshop\nx\n]R.", 9),
    "arguments that are None": (b"cshop\nx\nN\x81.", 9),
    "keyword arguments that are None": (b"cshop\nx\n)N\x92.", 10),
    "a class that is not after its mark": (b"(o.", 1),
    "a name that is not text": (b"K\x01K\x02\x93.", 4),
    "a name that is not UTF-8": (b"c\xff\nx\n.", 0),
    "text that is not UTF-8": (b"\x8c\x01\xff.", 0),
    "an unknown protocol": (b"\x80\x06N.", 0),
    "an int that is not one": (b"Iabc\n.", 0),
    "an int in another base": (b"I0x10\n.", 0),
    "an int that may be octal": (b"I010\n.", 0),
    "an int with underscores": (b"I1_0\n.", 0),
    "a float that is not one": (b"Fabc\n.", 0),
    "a string without quotes": (b"Sabc\n.", 0),
    "a string with half a quote": (b"S'\n.", 0),
    "a string with a broken escape": (b"S'\\xz'\n.", 0),
    "a negative length": (b"T\xff\xff\xff\xff.", 0),
    "a negative length of an int": (b"\x8b\xff\xff\xff\xff.", 0),
    "a code point that does not exist": (b"V\\U00110000\n.", 0),
    "a read-only view of a list": (b"]\x98.", 1),
}


@pytest.mark.parametrize(("data", "offset"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_pickles_say_where(data, offset):
    with pytest.raises(MalformedPickle) as caught:
        decode(data)
    assert caught.value.reason == "malformed"
    assert caught.value.offset == offset
    assert f"(at byte {offset})" in str(caught.value)


TRUNCATED = {
    "no STOP": b"K\x01",
    "an argument": b"M\x01",
    "a length": b"X\x01\x00",
    "a text": b"X\x09\x00\x00\x00abc.",
    "a line": b"I123",
    "a global": b"cos\nsystem",
    "a frame": b"\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N.",
}


@pytest.mark.parametrize("data", TRUNCATED.values(), ids=TRUNCATED)
def test_truncated_pickles_are_told_from_malformed_ones(data):
    with pytest.raises(TruncatedPickle) as caught:
        decode(data)
    assert caught.value.reason == "truncated"


def test_every_prefix_of_a_pickle_is_refused():
    data = pickle.dumps({"a": [1, 2.5, "x", b"y", (1,)], "b": {1, 2}}, 4)
    for end in range(1, len(data)):
        with pytest.raises((TruncatedPickle, MalformedPickle)):
            decode(data[:end])


def test_nothing_is_not_a_pickle():
    with pytest.raises(EOFError, match="Ran out of input"):
        decode(b"")


def test_bytes_after_stop_are_ignored_as_pickle_does():
    assert decode(b"K\x01.trailing") == 1


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_object_is_taken(kind):
    assert decode(kind(b"K\x01.")) == 1


def test_floats_keep_their_bits():
    nan = struct.pack(">Q", 0x7FF8000000000001)
    assert struct.pack(">d", decode(b"G" + nan + b".")) == nan
    assert str(decode(b"F-0.0\n.")) == "-0.0"


STATE_TWICE = (
    b"\x80\x02cshop\nTags\nq\x00]q\x01cshop\nItem\nq\x02)\x81q\x03}q\x04X\x04\x00\x00\x00attrq\x05h\x00]q\x06"
    b"h\x03a\x85q\x07Rq\x08}q\tX\x01\x00\x00\x00aq\nK\x01sbsba\x85q\x0bR0h\x08h\tb."
)
"""``tags = Tags([item]); item.attr = tags; tags.a = 1``, by the pickler in Python (3.10)."""


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_the_same_state_a_second_time_is_the_same_state(engine):
    tags = examine(STATE_TWICE, engine=engine).root
    assert tags.state.pairs == [("a", 1)]
    assert tags.args[0][0].state.pairs == [("attr", tags)]


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_another_state_for_the_same_object_is_refused(engine):
    with pytest.raises(LegacyError, match="a second state"):
        examine(STATE_TWICE.replace(b"h\x08h\tb.", b"h\x08h\x04b."), engine=engine)
