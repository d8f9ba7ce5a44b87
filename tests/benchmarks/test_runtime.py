"""Time and size of the codec as ratios to pickle (protocol 5), measured in the same run.

The bounds guard against accidents; they are not the goal, which is the speed of pickle.
"""

import gc
import pickle
import time
from decimal import Decimal

import pytest

from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Order, Plain

pytestmark = pytest.mark.benchmark

DATA = {
    "dataclass and attrs": lambda: [
        Order(i, Decimal(i), [Line(f"s{j}", j, ["n"]) for j in range(4)], Line("f")) for i in range(2000)
    ],
    "plain classes": lambda: [
        Plain(id=i, lines=[Plain(sku=f"s{j}", qty=j) for j in range(4)]) for i in range(2000)
    ],
    "untyped": lambda: [{"id": i, "tags": ["a", "b"], "at": (i, 0.5)} for i in range(10_000)],
    "strings": lambda: [f"line {i} of some text" for i in range(100_000)],
    "floats": lambda: [i / 7 for i in range(100_000)],
}
DUMPS, LOADS, SIZE = 30, 25, 4
"""Upper bounds of the ratios."""


@pytest.fixture(params=[True, False], ids=["gc", "no gc"])
def collector(request):
    was = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield
    (gc.enable if was else gc.disable)()


def least(work, rounds=5):
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("name", DATA)
@pytest.mark.usefixtures("collector")
def test_against_pickle(name, record_property):
    codec, value = make_codec(), DATA[name]()
    record, pickled = codec.dumps(value), pickle.dumps(value, 5)
    ratios = {
        "dumps": least(lambda: codec.dumps(value)) / least(lambda: pickle.dumps(value, 5)),
        "loads": least(lambda: codec.loads(record)) / least(lambda: pickle.loads(pickled)),
        "size": len(record) / len(pickled),
    }
    for what, ratio in ratios.items():
        record_property(f"{name}: {what}", round(ratio, 2))
    print(name, {what: round(ratio, 2) for what, ratio in ratios.items()})
    assert ratios["dumps"] < DUMPS
    assert ratios["loads"] < LOADS
    assert ratios["size"] < SIZE


def test_the_dual_read_costs_nothing_that_can_be_measured_per_record(record_property):
    codec, other = make_codec(), make_codec(stage="json-only")
    record = codec.dumps(DATA["dataclass and attrs"]()[:200])
    both, alone = least(lambda: codec.loads(record), 15), least(lambda: other.loads(record), 15)
    record_property("dual read", round(both / alone, 3))
    assert both / alone < 1.25
