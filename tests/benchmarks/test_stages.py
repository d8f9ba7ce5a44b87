"""What each stage costs beside plain cattrs and beside pickle, in the same run.

    python -m pytest -m benchmark -s tests/benchmarks/test_stages.py

prints the table of docs/performance.md. Plain cattrs with orjson's or the standard library's JSON is what a
program would call that needs neither exactness nor a way back.
"""

import json
import pickle
from decimal import Decimal

import pytest
from cattrs.preconf.json import make_converter

from migrate.runtime import TELEMETRY
from tests.benchmarks.shop import DATA, shop_codec
from tests.benchmarks.test_codec import least

pytestmark = pytest.mark.benchmark

ORDERS = 100


def plain():
    """Return dumps and loads as cattrs alone does them."""
    orders = DATA["dataclass"]()[:ORDERS]
    converter = make_converter()
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    kind = list[type(orders[0])]
    return (
        lambda: json.dumps(converter.unstructure(orders, kind)).encode(),
        lambda text: converter.structure(json.loads(text), kind),
        orders,
    )


def test_each_stage(record_property):
    dumps, loads, orders = plain()
    text, pickled = dumps(), pickle.dumps(orders, 5)
    assert loads(text) == orders
    codecs = {stage: shop_codec(stage=stage) for stage in ("observe", "dual-read", "json", "json-only")}
    codecs["dual-read, nothing checked"] = shop_codec(stage="dual-read", shadow=0)
    record = codecs["json"].dumps(orders)
    works = [dumps, lambda: loads(text), lambda: pickle.dumps(orders, 5), lambda: pickle.loads(pickled)]
    for codec in codecs.values():
        codec.dumps(orders)  # the first of each process is always checked in shadow
        works += [
            lambda codec=codec: codec.dumps(orders),
            lambda codec=codec: codec.loads(record),
        ]
    times = least(works, rounds=30, repeat=3)
    cattrs_dumps, cattrs_loads, pickle_dumps, pickle_loads = times[:4]
    print("\n| stage | dumps / cattrs | dumps / pickle | loads / cattrs | loads / pickle |")
    print("|---" * 5 + "|")
    for number, stage in enumerate(codecs):
        write, read = times[4 + 2 * number : 6 + 2 * number]
        cells = write / cattrs_dumps, write / pickle_dumps, read / cattrs_loads, read / pickle_loads
        print(f"| {stage} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
        record_property(stage, [round(cell, 2) for cell in cells])
        assert cells[0] < 2, stage
        assert cells[2] < 2, stage


def test_what_counting_costs(record_property, tmp_path):
    """With the file sink every read and write is counted, without it only what is rare."""
    orders = DATA["dataclass"]()[:ORDERS]
    codec = shop_codec()
    record = codec.dumps(orders)
    (quiet,) = least([lambda: codec.loads(record)], rounds=50)
    TELEMETRY.write_to(tmp_path)
    try:
        counted, _ = least([lambda: codec.loads(record), lambda: codec.dumps(orders)], rounds=50)
    finally:
        TELEMETRY.reset()
    print(f"\ncounting: {counted / quiet:.3f} of a read that nobody counts")
    record_property("counting", round(counted / quiet, 3))
    assert counted < 1.5 * quiet
