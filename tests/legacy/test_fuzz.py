"""Random and changed pickles through everything: both engines agree, nothing runs, only our errors come out.

A long run, in a process of its own: ``python -m tests.legacy.test_fuzz SECONDS SEED``. It prints how many
pickles it read and stops at the first that breaks a promise.
"""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import pathlib
import pickle
import pkgutil
import random
import re
import sys
import time
import types
import uuid
import zoneinfo
from contextlib import suppress
from importlib import import_module

import pytest

import migrate.legacy
import migrate.runtime
from migrate.legacy import MigrateError
from migrate.runtime import Codec

from .corpus import SEEDS
from .engines import disagreement
from .fuzzer import changed, stream


class Color(enum.Enum):
    RED = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


Point = collections.namedtuple("Point", "x y")

STANDARD = (
    fractions.Fraction(1, 3),
    decimal.Decimal("-0.10"),
    uuid.UUID(int=5),
    pathlib.PurePosixPath("a/b"),
    re.compile("a+", re.IGNORECASE),
    ipaddress.ip_network("10.0.0.0/8"),
    array.array("d", [1, 2]),
    types.SimpleNamespace(a=1),
    zoneinfo.ZoneInfo("UTC"),
    range(5),
    slice(1, 2),
    complex(1, 2),
    dt.timedelta(1),
    dt.date(2020, 1, 1),
    dt.time(1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    dt.datetime(2020, 1, 1, fold=1),
    collections.Counter("abc"),
    collections.defaultdict(list, a=[1]),
    KeyError("x"),
    OSError(2, "x", "file"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "reason"),
    [int, dict, ValueError],
    Ellipsis,
    [Color.RED, Access.READ | Access.WRITE, Point(1, [2])],
)
PICKLES = (*SEEDS, *(pickle.dumps(value, protocol) for value in STANDARD for protocol in range(6)))


STRINGS = {"tests.legacy.corpus:Plain.*": "latin-1", "[*]": "bytes", "[0][*]": "utf-8", "['a']": "report"}
BUFFERS = (b"abc", bytearray(b"abc"), memoryview(bytearray(8)), pickle.PickleBuffer(b"abc"))


def make_codec():
    codec = Codec("fuzz", python2=STRINGS)
    for name in ("Plain", "Slotted", "Keyed", "Listed", "Reduced", "StateSetter", "setter"):
        codec.register(f"tests.legacy.corpus:{name}")
    for kind in (Color, Access, Point):
        codec.register(kind)
    return codec


def check(data, codec):
    """Fails with the pickle in the message when a promise does not hold for it."""
    assert disagreement(data)[0] is None, data
    try:
        codec.loads(data, buffers=BUFFERS if b"\x97" in data else None)
    except MigrateError:
        pass
    except BaseException as error:
        raise AssertionError(f"{type(error).__name__}: {error}", data) from error


def some(rng):
    return changed(rng, rng.choice(PICKLES)) if rng.random() < 0.7 else stream(rng)


def run(seconds, seed, codec):
    """Return how many pickles were read."""
    rng, count = random.Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(500):
            check(some(rng), codec)
        count += 500
    return count


EVENTS = []
"""What the interpreter audited (PEP 578) while :data:`WATCHING`."""
WATCHING = []
WATCHED = ("import", "os.", "subprocess", "socket", "pickle", "open", "exec", "compile")


def _hook(event, args):
    # Zones are looked up in a closed list; the one that is there is then read from the system's database.
    if WATCHING and event.startswith(WATCHED) and "zoneinfo" not in str(args[0]):
        EVENTS.append((event, args))


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_random_pickles():
    codec, rng = make_codec(), random.Random(20)
    for _ in range(1_000):
        check(some(rng), codec)


@pytest.mark.fuzz
@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_pickles_for_a_while(seed, record_property):
    codec = make_codec()  # parses the paths that it is told, which is audited, too
    for room in (migrate.legacy, migrate.runtime):  # what our own code imports late is imported now
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            with suppress(ImportError):  # an extra
                import_module(module.name)
    run(2, seed, codec)
    sys.addaudithook(_hook)
    WATCHING.append(True)
    try:
        count = run(40, seed + 100, codec)
    finally:
        WATCHING.clear()
    record_property("pickles", count)
    assert EVENTS == []


if __name__ == "__main__":
    print(run(float(sys.argv[1]), int(sys.argv[2])), "pickles, seed", sys.argv[2])
