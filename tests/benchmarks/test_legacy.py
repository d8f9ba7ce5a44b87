"""Time and memory of reading pickles as data, as ratios to ``pickle.loads`` in the same run.

The bounds guard against accidents. What was measured is in docs/legacy-performance.md.
"""

import array
import datetime as dt
import pickle
import pickletools
import random
import time
import tracemalloc

import pytest

from migrate.legacy import Limits, examine

pytestmark = pytest.mark.benchmark

LIMITS = Limits(max_depth=300_000)


class Order:
    def __init__(self, number):
        self.number = number
        self.customer = f"customer {number}"
        self.price = number * 1.5
        self.tags = ["a", "b"]
        self.address = {"zip": number}


class Node:
    def __init__(self, number):
        self.number = number
        self.parent = None
        self.children = [Node(child) for child in (number // 2, number // 3) if child > 1]
        for child in self.children:
            child.parent = self


def _integers():
    rng = random.Random(1)
    return [rng.randrange(1 << 30) for _ in range(1_000_000)]


def _integers_of_any_size():
    rng = random.Random(1)
    return [rng.randrange(1 << rng.randrange(1, 31)) for _ in range(400_000)]


def _orders(protocol):
    return pickle.dumps([Order(number) for number in range(10_000)], protocol)


DATA = {
    **{f"10,000 nested objects, protocol {p}": lambda p=p: _orders(p) for p in range(6)},
    "a tree with links to parents": lambda: pickle.dumps(Node(500_000), 4),
    "5 MB of integers": lambda: pickle.dumps(_integers(), 4),
    "1 MB of small integers": lambda: pickle.dumps([number % 256 for number in range(500_000)], 4),
    "3 MB of floats": lambda: pickle.dumps([number / 7 for number in range(300_000)], 4),
    "3 MB of short texts": lambda: pickle.dumps([f"text {number}" for number in range(200_000)], 4),
    "5 MB of texts of 500": lambda: pickle.dumps([f"{number:500}" for number in range(10_000)], 4),
    "100,000 pairs": lambda: pickle.dumps([(number, number + 1) for number in range(100_000)], 4),
    "50,000 dicts": lambda: pickle.dumps([{"a": n, "b": 2.5, "c": f"x{n}"} for n in range(50_000)], 4),
    "30,000 datetimes": lambda: pickle.dumps([dt.datetime(2020, 1, 1 + n % 28) for n in range(30_000)], 4),
    "arrays of 8 MB": lambda: pickle.dumps([array.array("d", bytes(8_000_000)) for _ in range(3)], 4),
    "10,000 arrays of 800 bytes": lambda: pickle.dumps(
        [array.array("d", bytes(800)) for _ in range(10_000)], 4
    ),
    "20 MB of bytes": lambda: pickle.dumps(bytes(20_000_000), 4),
    "20 MB in a bytearray": lambda: pickle.dumps(bytearray(20_000_000), 5),
    "50,000 bytes of 100": lambda: pickle.dumps([bytes((n % 256,)) * 100 for n in range(50_000)], 4),
    "2 MB of integers of any size": lambda: pickle.dumps(_integers_of_any_size(), 4),
    "3 MB of texts of any length": lambda: pickle.dumps(
        ["x" * (3 + n * 7 % 37) + str(n) for n in range(100_000)], 4
    ),
    "lists 200,000 deep": lambda: b"\x80\x04" + b"]\x94" * 200_000 + b"a" * 199_999 + b".",
}
SLOWEST = 60
COPIED_ONCE = ("arrays of 8 MB", "20 MB of bytes", "20 MB in a bytearray")


def least(*works, rounds=5):
    """Return the least time that each of the works took, taken in turn."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            start = time.process_time()
            result = work()
            best[index] = min(best[index], time.process_time() - start)
            del result
    return best


def peak(work):
    tracemalloc.start()
    result = work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return most


@pytest.mark.parametrize("name", DATA)
def test_against_pickle(name, record_property):
    data = DATA[name]()
    fast, loads = least(lambda: examine(data, limits=LIMITS), lambda: pickle.loads(data))
    (slow,) = least(lambda: examine(data, limits=LIMITS, engine="reference"), rounds=1)
    (parsed,) = least(lambda: sum(1 for _ in pickletools.genops(data)), rounds=1)
    memory = peak(lambda: examine(data, limits=LIMITS)) / max(peak(lambda: pickle.loads(data)), len(data))
    ratios = {"fast": fast / loads, "reference": slow / loads, "genops": parsed / loads, "memory": memory}
    record_property(name, {what: round(ratio, 2) for what, ratio in ratios.items()})
    print(
        f"\n| {name} | {loads * 1e3:.1f} ms | " + " | ".join(f"{r:.1f}" for r in ratios.values()) + " |",
        end="",
    )
    assert ratios["fast"] < (1.5 if name in COPIED_ONCE else SLOWEST)
    assert ratios["memory"] < 8


def test_a_small_pickle(record_property):
    data = pickle.dumps({"a": 1}, 4)
    (fast,) = least(lambda: [examine(data) for _ in range(1_000)])
    record_property("microseconds", round(fast * 1e3, 1))
    assert fast < 0.5


N = 200_000
DENSE = {
    "empty sets": b"\x80\x04(" + b"\x8f" * N + b"t.",
    "empty sets that are dropped": b"(" + b"\x8f" * N + b"1N.",
    "empty dicts": b"(" + b"}" * N + b"t.",
    "empty lists": b"(" + b"]" * N + b"t.",
    "calls": b"cm\nn\nq\x000(" + b"h\x00)R" * (N // 4) + b"t.",
    "frozensets": b"\x80\x04(" + b"(\x91" * (N // 2) + b"t.",
    "memo entries": b"\x80\x04(" + b"K\x01\x94" * (N // 3) + b"t.",
    "8-bit strings": b"(" + b"U\x00" * (N // 2) + b"t.",
    "persistent ids": b"(" + b"Pa\n" * (N // 3) + b"t.",
}
"""What makes the most of the fewest bytes."""


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize("name", DENSE)
def test_memory_is_at_most_a_multiple_of_the_input(name, engine, record_property):
    data = DENSE[name]
    multiple = peak(lambda: examine(data, engine=engine)) / len(data)
    record_property(f"{name}, {engine}", round(multiple))
    assert multiple < 140
