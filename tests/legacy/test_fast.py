"""The fast engine says what the reference engine says, or nothing; and nothing runs in it either."""

import copyreg
import itertools
import os
import pickle
import random
import struct
import time
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.legacy import DEFAULT_LIMITS, LegacyError, LimitExceeded, Limits, decode_all, examine, fast
from tests.patience import PATIENCE

from .attacks import EXECUTE, EXHAUST, SURVIVE
from .corpus import SEEDS
from .engines import difference, disagreement
from .fuzzer import changed, stream
from .old_pickles import PYTHON_27, PYTHON_36
from .test_attacks import audited
from .test_differential import values
from .test_opcodes import SCALARS

FUZZED = int(os.environ.get("LEGACY_FUZZ", "1500"))


def reads(data, limits=DEFAULT_LIMITS):
    """Return whether the fast engine reads the pickle; the reference engine must agree."""
    problem, said = disagreement(data, limits=limits)
    assert problem is None
    return said


# --- it reads what picklers write ---

WRITTEN = [*SEEDS, *PYTHON_27.values(), *PYTHON_36.values()]
NOT_READ = (b"a0", b"a1", b"00")
"""Tuples in themselves: only the reference engine reads POP where nothing is left above a mark."""


@pytest.mark.parametrize("data", WRITTEN, ids=[f"{index}" for index in range(len(WRITTEN))])
def test_it_reads_what_picklers_write(data):
    assert reads(data) or any(odd in data for odd in NOT_READ)


POPPED_ALONE = (b"K\x01(0.", b"K\x05p3\n0", b"K\x05\x940", b"K\x05q\x030", b"K\x05r\x03\x00\x00\x000")


@pytest.mark.parametrize("data", SCALARS, ids=[f"{index}" for index in range(len(SCALARS))])
def test_every_scalar_is_read(data):
    assert reads(data) or data.startswith(POPPED_ALONE)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=values, protocol=st.integers(0, 5))
def test_any_value_any_protocol(value, protocol):
    assert reads(pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", range(6))
def test_a_large_pickle_is_read_window_by_window(protocol):
    value = [
        {"index": i, "text": "x" * (i % 400), "raw": b"y" * (i % 300), "real": i / 7} for i in range(3_000)
    ]
    assert reads(pickle.dumps(value, protocol))


TOKENS = {
    "counted": b"\x8c\x05h.llo\x94",
    "counted with a long length": b"X\xff\x00\x00\x00" + b"}" * 255,
    "counted beyond the expression": b"X\x2c\x01\x00\x00" + b"}" * 300,
    "a value": b"B\x00\x20\x00\x00" + b"." * 0x2000,
    "fixed": b"J\x01\x02\x03\x04G\x01\x02\x03\x04\x05\x06\x07\x08",
    "lines": b"cmodule\nname\nI123\nVtext\n",
    "a long line": b"V" + b"u" * 3_000 + b"\n",
    "rewritten": b"}(K\x01Ku)\x81b".replace(b"Ku", b"K\x02u").replace(b")\x81b", b""),
    "an object": b"cm\nn\n)\x81\x94}\x94(\x8c\x01aK\x01ub",
    "a string of Python 2": b"U\x03abcS'text'\n",
    "marks": b"((((lltt",
    "puts": b"Nq\x07r\xff\x00\x00\x00p3\n\x94h\x07g3\n",
    "a frame": b"\x95" + bytes(8) + b"N",
    "a mark before a frame": b"(\x95" + bytes(8) + b"Nt",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_an_opcode_may_lie_across_any_end_of_a_window(token):
    size = len(token) if len(token) < 100 else 20
    for boundary in (2_048, 2_048 + 8_192):
        for before in range(boundary - size - 4, boundary + 2):
            assert reads(b"(" + b"N" * before + token + b"N" * 50 + b"t.")


ROWS = {
    "floats": b"G12345678",
    "small numbers": b"K\x01",
    "numbers": b"J\x01\x02\x03\x04",
    "dates": b"h\x00C\x0a\x07\xe4\x01\x0100000a\x94\x85\x94R\x94",
    "digests": b"C\x20" + b"x" * 32 + b"\x94",
    "texts": b"X\x05\x00\x00\x00helloq\x07",
    "texts of Python 3": b"\x8c\x05hello\x94",
    "texts with a long index": b"X\x05\x00\x00\x00hellor\x07\x01\x00\x00",
    "small arrays": b"h\x00(h\x00K\x0eB\x2c\x01\x00\x00" + b"a" * 300 + b"t\x94R\x94",
    "lists": b"](K\x01K\x02e",
    "pairs": b"K\x01M\x02\x03\x86\x94",
    "states": b"h\x00)RK\x01b",
}
BETWEEN = {
    "nothing": b"",
    "an opcode": b"N",
    "a list of a mark": b"(l",
    "a dict": b"}(NNu",
    "more items": b"e(",
    "a frame": b"\x95" + bytes(8),
    "more items and a frame": b"e(\x95" + bytes(8),
    "the start of another": b"K\x01K\x02K\x03",
}
HEAD = b"\x80\x04cm\nn\nq\x00]("


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_rows_of_the_same_opcodes_are_read(row):
    times = itertools.cycle((7, 8, 9, 40, 1_001))
    body = b"".join(row * next(times) + between for between in (*BETWEEN.values(), b"N" * 2_048))
    assert reads(HEAD + body + b"e.")


SPOILED = {
    "another opcode": (b"K\x01", b"\x98"),
    "no opcode": (b"K\x01", b"\xff\x01"),
    "a mark before APPENDS": (b"K\x01", b"(e"),
    "an extension": (b"K\x01", b"\x82\x01"),
    "a longer length": (b"C\x02ab", b"C\x03ab"),
    "a longer length of two bytes": (b"B\x02\x00\x00\x00ab", b"B\x02\x01\x00\x00ab"),
    "an index far off": (b"Kar\x07\x00\x00\x00", b"Kar\x07\x00\x00\x7f"),
    "an index": (b"j\x00\x00\x00\x00", b"j\x00\x00\x00\x7f"),
    "a buffer": (b"K\x01\x94", b"\x97\x94"),
    "text that is none": (b"\x8c\x02ab\x94", b"\x8c\x02\xff\xff\x94"),
}


@pytest.mark.parametrize(("row", "spoiled"), SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize("times", [0, 8, 1_000])
def test_what_is_wrong_in_a_row_is_found(row, spoiled, times):
    data = HEAD + row * times + spoiled + row * (1_200 - times) + b"e."
    assert fast.read(data, 0, DEFAULT_LIMITS) is None
    with pytest.raises(LegacyError) as error:
        examine(data)
    assert error.value.offset >= len(HEAD)


def test_the_indexes_of_a_row_are_within_the_limit():
    row = b"Kar\x07\x00\x01\x00"
    assert fast.read(HEAD + row * 3_000 + b"N" * 200_000 + b"e.", 0, Limits(max_memo=100_000)) is not None
    far = b"Kar\x07\x00\xff\x00"
    assert fast.read(HEAD + far * 5_000 + b"e.", 0, DEFAULT_LIMITS) is None


def test_a_row_may_end_with_the_data():
    for row in ROWS.values():
        for cut in range(0, len(row), len(row) // 10 + 1):
            assert fast.read(HEAD + row * 300 + row[:cut], 0, DEFAULT_LIMITS) is None


@pytest.mark.parametrize("start", [0, 1, 3_000])
def test_it_starts_and_ends_where_it_should(start):
    data = b"." * start + pickle.dumps([1, "two"], 4) + b"trailing" * 1_000
    problem, said = disagreement(data, start=start)
    assert said
    assert problem is None


def test_pickles_in_a_row_take_time_in_proportion():
    one = pickle.dumps({"a": [1, 2, 3]}, 4)
    few, many = one * 200, one * 4_000
    times = []
    for data in (few, many):
        begin = time.process_time()
        assert sum(1 for _ in decode_all(data)) == len(data) // len(one)
        times.append(time.process_time() - begin)
    assert times[1] < 100 * times[0]


# --- it must not say more than the reference engine ---

REFUSED = {
    "an open mark": b"(N.",
    "an open mark below": b"N(.",
    "no mark": b"Nt.",
    "no mark twice": b"tt.",
    "our marks closed and opened again": b"t(N.",
    "our marks closed by nothing": b"e(N.",
    "our marks closed by nothing after PROTO": b"\x80\x04e(N.",
    "our marks closed by nothing after FRAME": b"\x80\x04\x95" + bytes(8) + b"e(N.",
    "our marks closed by nothing after two FRAMEs": b"\x95" + bytes(8) + b"\x95" + bytes(8) + b"e(N.",
    "our marks closed by pairs": b"u(N.",
    "our marks closed by set items": b"\x90(N.",
    "our marks closed, and what that gave thrown away": b"t0(N.",
    "our marks closed by POP_MARK": b"1(N.",
    "our marks closed around something, and thrown away": b"NK\x01t0(N.",
    "nothing at all": b".",
    "nothing to tuple": b"\x85.",
    "nothing to copy": b"2.",
    "nothing to memoize": b"\x94N.",
    "nothing to memoize above a mark": b"N(q\x00t.",
    "APPENDS of nothing to None": b"N(e.",
    "APPENDS of nothing to None, behind FRAME": b"N(\x95" + bytes(8) + b"e.",
    "APPENDS of nothing to None, behind FRAMEs": b"N(\x95" + bytes(8) + b"\x95" + bytes(8) + b"e.",
    "APPENDS of nothing to None, behind PROTO": b"N(\x80\x04e.",
    "APPENDS to a dict": b"}(Ne.",
    "APPENDS to a tuple": b")(Ne.",
    "APPEND to a bytearray": b"\x96" + struct.pack("<Q", 1) + b"aK\x01a.",
    "APPENDS to a bytearray": b"\x96" + struct.pack("<Q", 1) + b"a(K\x01K\x02e.",
    "APPENDS of nothing to a bytearray": b"\x96" + struct.pack("<Q", 1) + b"a(e.",
    "APPENDS to a set": b"\x8f(Ne.",
    "APPENDS to a name": b"cos\nsystem\n(Ne.",
    "SETITEMS of nothing to a list": b"](u.",
    "SETITEM on a list": b"]NNs.",
    "SETITEM on a name": b"cos\nsystem\nNNs.",
    "SETITEMS with a key only": b"}(Nu.",
    "ADDITEMS to a list": b"](N\x90.",
    "ADDITEMS to a dict": b"}(N\x90.",
    "DICT of a key only": b"(Nd.",
    "BUILD of a dict on a list": b"]}b.",
    "BUILD of None and a dict on a list": b"]N}\x86b.",
    "BUILD of None on a dict": b"}Nb.",
    "BUILD of None on a name": b"cos\nsystem\nNb.",
    "BUILD of None twice": b"cm\nn\n)RNbNb.",
    "BUILD on a name": b"cos\nsystem\n}b.",
    "BUILD on a dict": b"}}b.",
    "SETITEMS and BUILD on a dict": b"}}(NNub.",
    "BUILD with nothing below": b"}(NNub.",
    "BUILD twice": b"cm\nn\n)R}b}b.",
    "REDUCE with a list": b"cm\nn\n]R.",
    "REDUCE of a dict with a list": b"}](NNeR.",
    "NEWOBJ with None": b"cm\nn\nN\x81.",
    "NEWOBJ_EX without a dict": b"cm\nn\n)N\x92.",
    "OBJ of nothing": b"(o.",
    "the name of a name": b"cm\nn\nX\x01\x00\x00\x00a\x93.",
    "the name is bytes": b"C\x01aC\x01b\x93.",
    "the name is a string of Python 2": b"U\x01aU\x01b\x93.",
    "a memo without the index": b"h\x00.",
    "an index that was not put": b"Nq\x05h\x04.",
    "extension": b"\x80\x02\x82\x01.",
    "no buffers": b"\x97.",
    "a read-only view of None": b"N\x98.",
    "text that is not UTF-8": b"X\x01\x00\x00\x00\xff.",
    "a long text that is not UTF-8": b"X\x00\x20\x00\x00" + b"\xff" * 0x2000 + b".",
    "a negative length": b"T\xff\xff\xff\xff.",
    "an octal escape that is too large": b"S'\\777'.",
    "a string without quotes": b"Sa\n.",
    "a frame that is too long": b"\x95\x09" + bytes(7) + b"N.",
    "an argument cut off": b"M\x01",
    "no STOP": b"N",
    "PROTO 6": b"\x80\x06N.",
    "PROTO cut off": b"\x80",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_it_says_nothing_to_what_is_refused(data):
    assert fast.read(data, 0, DEFAULT_LIMITS) is None
    with pytest.raises(LegacyError) as ours:
        examine(data)
    with pytest.raises(LegacyError) as theirs:
        examine(data, engine="reference")
    assert type(ours.value) is type(theirs.value)
    assert (str(ours.value), ours.value.offset) == (str(theirs.value), theirs.value.offset)


SAME = {
    "INT +1 is a number": b"I+1\n.",
    "INT -0 is a number": b"I-0\n.",
    "INT 01 is a boolean": b"I01\n.",
    "no items for a call": b"cm\nn\n)R(e.",
    "no pairs for a dict": b"}(u.",
    "pairs for a call": b"cm\nn\n)R(NNu.",
    "items for a call, twice": b"cm\nn\n)R(Ne(NNeNa.",
    "set items for a call": b"cm\nn\n)R(N\x90.",
    "an empty list filled for a call": b"cm\nn\n)R(\x90.",
    "state that was filled before": b"cm\nn\n)R}(NNuK\x01K\x02s(NNub.",
    "state that is a call": b"cm\nn\n)Rcm\nn\n)R(NNub.",
    "a dict in itself": b"}q\x00(Nh\x00u.",
    "a list in itself": b"]q\x00h\x00a.",
    "a call in its state": b"cm\nn\n)\x81q\x00}(Nh\x00ub.",
    "records left on the stack": b"cm\nn\n)RNN.",
    "records thrown away": b"cm\nn\n)R0]0N.",
    "a state setter": b"cm\nn\n)Rq\x00cm\ns\nh\x00}\x86R0.",
    "what is thrown away leaves nothing for APPENDS": b"cm\nn\n)R(N0e.",
    "a state setter beside others": b"cm\nn\n)Rq\x00(cm\ns\nh\x00}\x86RN1.",
    "a call with two arguments": b"Ncm\ns\nNN\x86R0.",
    "arguments of a call, met again": b"cm\nn\n(I0\nI5\ntp1\nRp2\ng1\n\x86.",
    "arguments of a call, in themselves": b"cm\nn\n(]q\x00tq\x01h\x00h\x01a0R.",
    "arguments of an object, met again": b"cm\nn\n(I0\nI5\ntp1\n\x81p2\ng1\n\x86.",
    "BUILD of None on a list": b"]Nb.",
    "BUILD of two Nones on a tuple": b")NN\x86b.",
    "BUILD of None on None": b"NNb.",
    "BUILD of None on bytes": b"C\x01aNb.",
    "BUILD of None on a call": b"cm\nn\n)RNb.",
    "a copy": b"cm\nn\n)R2\x86.",
    "names are shared": b"cm\nn\ncm\nn\n\x86.",
    "two pickles' worth of PROTO": b"\x80\x02\x80\x04N.",
    "a float that is not a number": b"G\x7f\xf8\x00\x00\x00\x00\x00\x01.",
    "an empty name": b"c\n\n.",
    "numbers of 4300 digits": b"I" + b"9" * 4_300 + b"\n.",
    "put over a put": b"Nq\x00Kq\x00K\x01q\x00h\x00.".replace(b"Kq\x00K", b"K"),
    "MEMOIZE counts what is there": b"Nq\x05]\x94h\x01\x86.",
    "MEMOIZE over a put": b"Nq\x00N\x94]q\x01h\x01\x86.",
}


@pytest.mark.parametrize("data", SAME.values(), ids=SAME)
def test_both_engines_read_the_corners_alike(data):
    reads(data)
    ours, theirs = examine(data), examine(data, engine="reference")
    assert difference((ours.root, ours.dropped), (theirs.root, theirs.dropped)) is None
    assert (ours.end, ours.protocol) == (theirs.end, theirs.protocol)


FORGED = {
    "a tuple of one": b"cm\nn\n\x85Q.",
    "a tuple with a code": b"NK\x05\x86Q.",
    "two and a list": b"cm\nn\n)R}](NNe\x87Q.",
    "one and a list": b"}](NNe\x86Q.",
    "None": b"NQ.",
    "True": b"\x88Q.",
    "a number of a value": b"J\x00\x00\x00\x00Q.",
    "bytes": b"C\x01aQ.",
    "text": b"X\x01\x00\x00\x00aQ.",
    "an empty tuple": b")Q.",
    "a call of a tuple": b"cm\nn\n)R}](NNe\x87)\x81.",
    "a call of a call with a list": b"}](NNe)\x86R.",
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_data_cannot_ask_what_the_rewriting_asks(data):
    reads(data)
    assert difference(examine(data).root, examine(data, engine="reference").root) is None


# --- nothing runs ---


@pytest.mark.parametrize(
    "data", {**EXECUTE, **EXHAUST, **SURVIVE}.values(), ids={**EXECUTE, **EXHAUST, **SURVIVE}
)
def test_nothing_is_imported_called_or_opened(data):
    fast.read(b"N.", 0, DEFAULT_LIMITS)
    with audited() as events:
        found = fast.read(data, 0, DEFAULT_LIMITS)
        del found
    assert events == []
    reads(data, Limits(max_depth=2_000_000))


def test_nothing_comes_out_of_the_extension_registry(monkeypatch):
    monkeypatch.setitem(copyreg._extension_cache, 1, os.system)
    assert fast.read(b"\x82\x01X\x04\x00\x00\x00true\x85R.", 0, DEFAULT_LIMITS) is None


def test_a_malicious_pickle_does_not_touch_the_disk(tmp_path):
    marker = tmp_path / "marker"
    for command in (b"cos\nmkdir\n", b"cos\npath.os.mkdir\n", b"cbuiltins\nopen\n"):
        path = os.fsencode(marker)
        data = command + b"X" + struct.pack("<I", len(path)) + path + b"\x85R."
        assert reads(data)
        assert not marker.exists()


# --- limits ---


def test_a_memo_index_reserves_no_memory():
    for data in (b"\x80\x04Nr\xff\xff\xff\x03.", b"Np67108864\n.", b"Nr\xff\xff\xff\xff."):
        tracemalloc.start()
        fast.read(data, 0, DEFAULT_LIMITS)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 << 20


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_bytes=10),
        Limits(max_ops=10),
        Limits(max_memo=10),
        Limits(max_globals=0),
        Limits(max_digits=10),
    ],
    ids=repr,
)
def test_it_keeps_within_limits(limits):
    data = b"\x80\x02(cm\nn\nq\x0aI12345678901\n" + b"N" * 10 + b"t."
    assert fast.read(data, 0, limits) is None
    with pytest.raises(LimitExceeded):
        examine(data, limits=limits)


def test_no_more_is_read_than_the_opcodes_allow():
    data = b"(" + b"]" * 3_000_000 + b"t."
    tracemalloc.start()
    assert fast.read(data, 0, Limits(max_ops=100_000)) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_string_without_an_end_takes_no_memory():
    data = b"S'" + b"a" * 5_000_000
    tracemalloc.start()
    assert fast.read(data, 0, DEFAULT_LIMITS) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_deep_nesting_is_refused_quickly():
    for data in (
        b")" + b"\x85" * 1_000_000 + b".",
        b"]" * 300_000 + b"a" * 299_999 + b".",
        b"(" * 300_000 + b"t" * 300_000 + b".",
    ):
        begin = time.process_time()
        with pytest.raises(LimitExceeded, match="max_depth"):
            examine(data)
        assert time.process_time() - begin < PATIENCE


def test_long_values_are_copied_once():
    size = 30 << 20
    data = (
        b"(B"
        + struct.pack("<I", size)
        + bytes(size)
        + b"\x96"
        + struct.pack("<Q", size)
        + bytes(size)
        + b"t."
    )
    tracemalloc.start()
    found = examine(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(part) for part in found.root] == [size, size]
    assert peak < 2.1 * size
    found.root[1].append(1)


# --- at random ---


def test_streams_at_random():
    rng = random.Random(1)
    read = sum(reads(stream(rng)) for _ in range(FUZZED))
    assert read > FUZZED / 3


def test_changed_pickles():
    rng = random.Random(2)
    read = sum(reads(changed(rng, rng.choice(SEEDS))) for _ in range(FUZZED))
    assert read > FUZZED / 10


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=40))
def test_any_bytes(data):
    reads(data)
    with suppress(LegacyError):
        examine(data)
