"""Sketches say what records say, or nothing; and nothing runs, grows or takes its time."""

import os
import pickle
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings

from migrate.legacy import DEFAULT_LIMITS, NO_STATE, Call, Dict, Global, LegacyError, Limits, examine
from migrate.legacy.sketches import MAX_SIZE, CallSketch, InstanceSketch, Sketcher, calling, instances, within

from .attacks import EXECUTE, EXHAUST, SURVIVE
from .corpus import SEEDS
from .fuzzer import changed, stream
from .test_attacks import audited
from .test_differential import Point, values

FUZZED = int(os.environ.get("LEGACY_FUZZ", "1500"))


def by_case(module, name):
    """Classes have names with a capital, as a rule."""
    return (instances if name[:1].isupper() else calling)(module, name)


def all_instances(module, name):
    return instances(module, name)


def all_called(module, name):
    return calling(module, name)


READERS = [Sketcher(named) for named in (by_case, all_instances, all_called)]


def sketched(reader, data):
    """Return the sketch in a list; None if there is none."""
    try:
        return [reader.read(data)]
    except Exception:
        return None


def same(sketch, record, known):
    """Whether a sketch says what a record does; ``known``: ids that stand for each other."""
    kind = type(sketch)
    if kind in (list, dict) or isinstance(sketch, (InstanceSketch, CallSketch)) or (kind is tuple and sketch):
        if known.setdefault(id(sketch), record) is not record:
            return False
        if (id(sketch), id(record)) in known:
            return True
        known[id(sketch), id(record)] = True
    if kind in (list, tuple):
        return kind is type(record) and _all(sketch, record, known)
    if kind is dict:
        if type(record) is not Dict:
            return False
        if not all(type(key) is str for key in sketch):
            return len(sketch) <= len(record.pairs)  # who takes the sketch for more refuses these
        return [*sketch] == [*dict(record.pairs)] and _all(
            sketch.values(), dict(record.pairs).values(), known
        )
    if isinstance(sketch, InstanceSketch):
        made = type(record) is Call and record.new and not (record.args or record.kwargs or record.items)
        states = [] if record.state is NO_STATE else [record.state]
        name = (record.function.module, record.function.name)
        return made and name == kind.name and not record.parts and _all(sketch, states, known)
    if kind is CallSketch:
        made = type(record) is Call and not record.new and record.state is NO_STATE
        name = (sketch.func.module, sketch.func.name)
        right = made and name == (record.function.module, record.function.name) and not sketch.keywords
        return right and _all(sketch.args, record.args, known)
    if isinstance(record, Global):
        return isinstance(sketch, type) or callable(sketch)
    return kind is type(record) and repr(sketch) == repr(record)


def _all(sketches, records, known):
    pairs = zip(sketches, records, strict=False)
    return len(sketches) == len(records) and all(same(sketch, record, known) for sketch, record in pairs)


def reads(data, reader=READERS[0]):
    """Whether there is a sketch; the records must agree."""
    found = sketched(reader, data)
    if found is None:
        return False
    decoded = examine(data)
    assert not decoded.dropped
    assert decoded.end == len(data)
    if not _calls_calls(decoded.root):
        assert same(found[0], decoded.root, {}), (found, decoded.root)
    return True


def _calls_calls(record):
    """Whether something is called that is no name: of that a sketch is no picture."""
    from migrate.legacy import walk

    return any(isinstance(node, Call) and not isinstance(node.function, Global) for node in walk(record))


# --- it reads what picklers write ---


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=values)
def test_any_value_any_protocol(value):
    for protocol in range(6):
        reads(pickle.dumps(value, protocol))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_are_read(protocol):
    value = {
        "a": [1, 2.5, "text", b"raw", None, True, 2**70, -1, 70_000],
        "b": (1, 2),
        "p": [Point(1, "y" * 300)],
    }
    assert reads(pickle.dumps(value, protocol))
    assert reads(pickle.dumps([value["a"]] * 2, protocol))  # met twice
    assert not reads(pickle.dumps([value["b"]] * 2, protocol))  # a tuple, from the memo


@pytest.mark.parametrize("data", SEEDS, ids=[f"{index}" for index in range(len(SEEDS))])
def test_what_picklers_write_is_read_as_the_records_say(data):
    reads(data)


# --- it must not say more than the records ---

REFUSED = {
    "an open mark": b"(N.",
    "an open mark below": b"N(.",
    "our marks closed": b"t(N.",
    "our marks closed by a list": b"l(N.",
    "our mark closed by no items": b"e(N.",
    "our mark closed by no pairs": b"u(N.",
    "our mark closed by an item": b"K\x01e(N.",
    "our bytearray in the memo": b"e\x94(h\x00.",
    "both marks closed and opened": b"e\x94t(h\x00(N.",
    "our bytearray filled": b"K\x01e\x94(h\x00K\x02a.",
    "two values": b"NN.",
    "no value": b".",
    "nothing added": b"N(e.",
    "nothing set": b"](u.",
    "an argument of NEWOBJ": b"cm\nN\nK\x01\x85\x81.",
    "an argument from the memo": b"K\x01\x85\x94cm\nN\nh\x00\x81.",
    "a state of a call": b"cm\nn\n)R}b.",
    "a state of a name": b"cm\nn\n(cm\nn\n)}Ntb.",
    "a state of the name of a class": b"cm\nN\n]b.",
    "items of an instance": b"cm\nN\n)\x81K\x01a.",
    "items of a call": b"cm\nn\n)RK\x01a.",
    "pairs of an instance": b"cm\nN\n)\x81K\x00K\x01s.",
    "a call of a class of which instances are made": b"cm\nN\n](K\x01e\x85R.",
    "dropped": b"NK\x010.",
    "persistent": b"NQ.",
    "extension": b"\x82\x01.",
    "more behind it": b"N.N.",
    "a far index": b"Nr\x00\x00\x01\x00.",
    "a frame that is too long": b"\x95\x03" + bytes(7) + b"N.",
    "a frame that is too short": b"\x95\x01" + bytes(7) + b"N.",
    "a long argument that is none": b"X\xff\xff\xff\xffN.",
    "bytes of Python 2": b"U\x01a.",
    "a long number": b"\x8a\x12" + b"\x01" * 18 + b".",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_there_is_no_sketch_of_what_is_odd(body):
    for head in (b"\x80\x02", b"\x80\x04"):
        assert sketched(READERS[0], head + body) is None


def test_a_pickle_cannot_change_what_stands_for_a_name():
    """Were it so, the next row would be read as something else."""
    reader = Sketcher(all_called)
    before = sketched(reader, b"\x80\x04cm\na\n)R.")[0]
    assert sketched(reader, b"\x80\x04cm\na\n(cm\nb\n)}Ntb.") is None
    assert sketched(reader, b"\x80\x04cm\na\n}(X\x04\x00\x00\x00funcNub.") is None
    after = sketched(reader, b"\x80\x04cm\na\n)R.")[0]
    assert before.func is after.func
    assert (after.func.module, after.func.name) == ("m", "a")


ATTACKS = {**EXECUTE, **EXHAUST, **SURVIVE}


@pytest.mark.parametrize("data", ATTACKS.values(), ids=ATTACKS)
def test_nothing_is_imported_called_or_opened(data):
    begin = time.process_time()
    for reader in READERS:
        with audited() as seen:
            sketched(reader, data)
        assert seen == []
    assert time.process_time() - begin < 5


def _doubled(tuple_of, times):
    """A tuple of a tuple twice, and so on, as the key of a dict: to hash it takes 2 ** times steps."""
    return b"\x80\x04}(" + b"K\x01\x85\x94" + b"".join(tuple_of(n) for n in range(times)) + b"Nu."


DOUBLED = {
    "pairs": lambda n: b"h%ch%c\x86\x94" % (n, n),
    "triples": lambda n: b"h%ch%cN\x87\x94" % (n, n),
    "marked": lambda n: b"(h%ch%ct\x94" % (n, n),
    "built on": lambda n: b"h%ch%c\x86Nb\x94" % (n, n),
    "put": lambda n: b"h%ch%c\x86q%c" % (n, n, n + 1),
    "put far": lambda n: b"h%ch%c\x86r%c\x00\x00\x00" % (n, n, n + 1),
    "stored twice": lambda n: b"h%ch%c\x86\x94\x94" % (2 * n, 2 * n),
}


@pytest.mark.parametrize("tuple_of", DOUBLED.values(), ids=DOUBLED)
def test_keys_take_no_endless_time(tuple_of):
    for reader in READERS:
        assert sketched(reader, _doubled(tuple_of, 60)) is None


ARGUMENTS = {
    "a line": b"cm\n" + "\xd4".encode() * 50 + b"\n",
    "bytes": b"C\x64" + b"\x94" * 100,
    "a text": b"\x8c\x64" + "\xd4".encode() * 50,  # C3 94
    "a number": b"\x8a\x11" + b"\x94" * 17,
    "few": b"G" + b"\x94" * 8,
}


@pytest.mark.parametrize("argument", ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_before_a_long_one_are_no_opcodes(argument):
    """Were they taken for such, the memo would be counted wrongly, and tuples fetched unnoticed."""
    long = b"X\x00\x01\x00\x00" + b"a" * 256
    places = argument.count(b"\x94")
    doubled = b"".join(b"h%ch%c\x86\x94N" % (n, n) for n in range(min(places - 2, 18)))
    assert sketched(READERS[0], b"\x80\x04](" + argument + long + b"K\x01\x85\x94N" + doubled + b"e.") is None


def test_what_comes_after_a_tuple_is_looked_at_once():
    begin = time.process_time()
    assert sketched(READERS[0], b"\x80\x04](NN\x86" + b"N" * 30_000 + b"e.")
    assert time.process_time() - begin < 1


def test_keys_of_times_take_no_endless_time():
    time_of = b"C\x0a0123456789\x94h%c\x86\x94"
    body = b"".join(time_of % (2 * n) for n in range(100))
    begin = time.process_time()
    sketched(READERS[0], b"\x80\x04}(K\x01\x85\x94" + body + b"Nu.")
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("opcode", [b"\x85", b"N\x86", b"\x85\x94"])
def test_nesting_does_not_use_up_the_stack(opcode):
    deep = b"\x80\x04}(N" + opcode * (MAX_SIZE // len(opcode) - 10) + b"Nu."
    assert sketched(READERS[0], deep) is None


def test_colliding_keys_take_no_endless_time():
    body = b"".join(b"\x8a\x0a" + (n * (2**61 - 1)).to_bytes(10, "little") + b"N" for n in range(1, 2_500))
    begin = time.process_time()
    sketched(READERS[0], b"\x80\x04}(" + body + b"u.")
    assert time.process_time() - begin < 2


def test_limits_that_are_smaller_are_noticed():
    assert within(DEFAULT_LIMITS)
    assert not within(DEFAULT_LIMITS._replace(max_ops=10_000))
    assert not within(Limits(max_depth=100))


# --- at random ---


def test_changed_pickles_are_read_as_the_records_say():
    choose = random.Random(20)
    seeds = [seed for seed in SEEDS if seed[:1] == b"\x80" and len(seed) < 2_000]
    read = 0
    for _ in range(FUZZED):
        read += _agrees(changed(choose, choose.choice(seeds)), choose)
    assert read > FUZZED // 30


def test_opcodes_at_random_are_read_as_the_records_say():
    choose = random.Random(21)
    for _ in range(FUZZED):
        _agrees(b"\x80\x04" + stream(choose), choose)


def _agrees(data, choose):
    try:
        return reads(data, choose.choice(READERS))
    except LegacyError as error:
        # Pickle as well sets items of a list, and builds nothing on whatever it is.
        assert "SETITEM" in str(error) or "BUILD" in str(error), error
        return False
