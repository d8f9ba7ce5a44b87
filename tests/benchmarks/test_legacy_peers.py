"""Reading pickles as data beside the tools that a user would pick today to look into one, in the same run.

None of them executes the pickle. What each does in its time is in docs/legacy-performance.md.
"""

import io
import pickle
import pickletools

import pytest

from migrate.legacy import examine
from tests.benchmarks.test_legacy import DATA, LIMITS, Order, least

pytestmark = pytest.mark.benchmark

fickle = pytest.importorskip("fickling.fickle", reason="needs the extra `peers`")
scanner = pytest.importorskip("picklescan.scanner", reason="needs the extra `peers`")

SMALLER = {
    "2,000 nested objects": lambda: pickle.dumps([Order(number) for number in range(2_000)], 4),
    "20,000 integers": lambda: pickle.dumps([n * 70_001 for n in range(20_000)], 4),
    "5,000 dicts": lambda: pickle.dumps([{"a": n, "b": 2.5, "c": f"x{n}"} for n in range(5_000)], 4),
    "1,000 arrays of 800 bytes": lambda: pickle.dumps(
        pickle.loads(DATA["10,000 arrays of 800 bytes"]())[:1_000], 4
    ),
    "arrays of 8 MB": DATA["arrays of 8 MB"],
}
"""Small enough for the slowest of them."""
NOISE = 1.5
"""Of one large opcode everybody copies the bytes and little else, so that the times are nearly the same."""


def readers(data):
    return {
        "fast engine": lambda: examine(data, limits=LIMITS),
        "fickling": lambda: fickle.Pickled.load(data).ast,
        "picklescan": lambda: scanner.scan_pickle_bytes(io.BytesIO(data), "orders.pkl"),
        "pickletools.dis": lambda: pickletools.dis(data, io.StringIO()),
    }


@pytest.mark.parametrize("name", SMALLER)
def test_not_slower_than_the_peers(name, record_property):
    data = SMALLER[name]()
    works = readers(data)
    times = dict(zip(works, least(*works.values(), rounds=3), strict=True))
    (loads,) = least(lambda: pickle.loads(data))
    ratios = {who: spent / loads for who, spent in times.items()}
    record_property(name, {who: round(ratio, 1) for who, ratio in ratios.items()})
    cells = " | ".join(f"{ratio:,.1f}" for ratio in ratios.values())
    print(f"\n| {name} | {loads * 1e3:.2f} ms | {cells} |", end="")
    for who, spent in times.items():
        if who != "fast engine":
            assert times["fast engine"] < NOISE * spent, who
