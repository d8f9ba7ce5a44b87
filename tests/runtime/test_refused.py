"""What cannot come back exactly is refused, with its path and reason, before a byte is written."""

import io
import re
import struct
import sys
import threading
import zoneinfo

import pytest

from migrate.runtime import Codec, EncodeError
from tests.runtime.models import Line, MyList, Order, Plain


class Stranger:
    pass


class Forgetful:
    """Its state does not say what it was."""

    def __init__(self):
        self.kept, self.lost = 1, 2

    def __setstate__(self, state):
        self.kept = state["kept"]


class Singleton:
    def __reduce__(self):
        return "INSTANCE"


class BySetter:
    def __reduce__(self):
        return BySetter, (), {"a": 1}, None, None, setattr


class ByStranger:
    def __reduce__(self):
        return Stranger, ()


class Picky:
    """``__new__`` wants an argument that nothing stores."""

    def __new__(cls, a):
        return object.__new__(cls)


class HashedByAttribute:
    def __init__(self, key):
        self.peers = None  # comes first in its state, so the set of peers is made before there is a key
        self.key = key

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        return self.key == other.key


class Broken:
    def __init__(self):
        self.x = 1

    def __getstate__(self):
        return {"x": self.x}

    def __setstate__(self, state):
        raise RuntimeError("no")


def random_generator():
    import _random

    return _random.Random(1)


def hashed_in_a_cycle():
    value = HashedByAttribute("k")
    value.peers = {value}
    return value


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def local_class():
    class Local:
        pass

    return Local()


def closed_file():
    file = io.BytesIO(b"a")
    file.close()
    return file


def zone_from_a_file():
    # RFC 8536: a header, one local time type, its designation.
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    data = b"TZif" + bytes(16) + counts + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(data))


REFUSED = {
    "a class that is not registered": (Stranger, "unregistered-class"),
    "a local class": (local_class, "unregistered-class"),
    "a class itself": (lambda: Stranger, "class-object"),
    "a lambda": (lambda: lambda: 1, "function-or-lambda"),
    "a function": (lambda: nested, "function-or-lambda"),
    "a builtin function": (lambda: len, "function-or-lambda"),
    "a bound method": (lambda: Order.__eq__.__get__(1), "function-or-lambda"),
    "a module": (lambda: sys, "unsupported-type"),
    "a lock": (threading.Lock, "unsupported-type"),
    "a file": (lambda: io.BufferedReader(io.BytesIO()), "unsupported-type"),
    "a closed file in memory": (closed_file, "not-restorable"),
    "a generator": (lambda: (i for i in ()), "unsupported-type"),
    "an iterator": (lambda: iter([]), "unsupported-type"),
    "a match": (lambda: re.match("a", "a"), "unsupported-type"),
    "a memoryview": (lambda: memoryview(b""), "unsupported-type"),
    "a zone from a file": (zone_from_a_file, "not-restorable"),
    "a pattern that prints": (lambda: DEBUG_PATTERN, "unsupported-type"),
    "a state that does not restore": (Forgetful, "not-restorable"),
    "a __setstate__ that fails": (Broken, "not-restorable"),
    "a __reduce__ to a global": (Singleton, "not-restorable"),
    "a __reduce__ with a state setter": (BySetter, "not-restorable"),
    "a __reduce__ to a stranger": (ByStranger, "unregistered-class"),
    "a __new__ with arguments": (lambda: Picky(1), "not-restorable"),
    "hashed before it is complete": (hashed_in_a_cycle, "not-restorable"),
    "too deep": (lambda: nested(100_000), "too-deep"),
}


@pytest.fixture(scope="module", autouse=True)
def debug_pattern():
    global DEBUG_PATTERN
    stdout, sys.stdout = sys.stdout, io.StringIO()
    try:
        DEBUG_PATTERN = re.compile("a", re.DEBUG)
    finally:
        sys.stdout = stdout


@pytest.fixture
def codec(codec: Codec) -> Codec:
    for cls in (Forgetful, Singleton, BySetter, ByStranger, Picky, HashedByAttribute, Broken):
        codec.register(cls)
    return codec


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_with_reason(codec, make, reason):
    with pytest.raises(EncodeError) as caught:
        codec.dumps(make())
    assert caught.value.reason == reason


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_nothing_is_written(codec, make, reason):
    file = io.BytesIO(b"before")
    file.seek(6)
    with pytest.raises(EncodeError):
        codec.dump([1, 2, make()], file)
    assert file.getvalue() == b"before"


PATHS = {
    "": lambda bad: bad,
    "[1]": lambda bad: [0, bad],
    "['k'][0]": lambda bad: {"k": (bad,)},
    "[(1, 2)]": lambda bad: {1: 1, (1, 2): bad},
    "first": lambda bad: Order(1, first=bad),
    "lines[1].notes[0]": lambda bad: Order(1, lines=[Line("a"), Line("b", notes=[bad])]),
    "a.b.c[0]": lambda bad: Plain(a=Plain(b=Plain(c=[bad]))),
    "[0][1]": lambda bad: [MyList([1, bad])],
}


@pytest.mark.parametrize(("path", "wrap"), PATHS.items(), ids=PATHS)
def test_the_path_leads_to_the_value(codec, path, wrap):
    with pytest.raises(EncodeError) as caught:
        codec.dumps(wrap(Stranger()))
    expected = path.replace("(1, 2)", "<tuple>")
    assert caught.value.path == expected
    assert str(caught.value).startswith(f"{expected}: " if expected else "tests.")


OPAQUE = {
    "lock": threading.Lock,
    "RLock": threading.RLock,
    "file": lambda: io.FileIO.__new__(io.FileIO),
    "random": random_generator,
    "iterator": lambda: iter([1]),
}


@pytest.mark.parametrize("make", OPAQUE.values(), ids=OPAQUE)
def test_registering_does_not_make_it_data(codec, make):
    value = make()
    codec.register(type(value))
    with pytest.raises(TypeError) as caught:  # an EncodeError, or what its own __reduce__ raises
        codec.dumps([value])
    assert getattr(caught.value, "reason", "unsupported-type") in (
        "unsupported-type",
        "not-restorable",
        "unregistered-class",
    )


def test_the_message_says_what_to_do(codec):
    with pytest.raises(EncodeError, match=r'codec\.register\("tests\.runtime\.test_refused:Stranger"\)'):
        codec.dumps(Stranger())


def test_a_reloaded_class_is_another_class(codec, monkeypatch):
    from tests.runtime import models

    old = models.Plain(a=1)
    monkeypatch.setattr(models, "Plain", type("Plain", (), {"__module__": models.__name__}))
    with pytest.raises(EncodeError) as caught:
        Codec_with(models).dumps(old)
    assert caught.value.reason == "unregistered-class"


def Codec_with(models):
    codec = Codec("reloaded")
    codec.register("tests.runtime.models:Plain")
    return codec


def test_a_dict_that_grows_while_it_is_written(codec):
    class Growing:
        def __init__(self, target):
            self.target = target

        def __getstate__(self):
            self.target[len(self.target)] = 1
            return {"a": 1}

    codec.register(Growing)
    value = {}
    value[0] = Growing(value)
    with pytest.raises(EncodeError) as caught:
        codec.dumps(value)
    assert caught.value.reason == "changed-while-encoding"


def test_errors_of_the_users_own_code_pass_through(codec):
    class Refuses:
        def __getstate__(self):
            raise TypeError("cannot pickle this")

    codec.register(Refuses)
    with pytest.raises(TypeError, match="cannot pickle this") as caught:
        codec.dumps(Refuses())
    assert not isinstance(caught.value, EncodeError)
