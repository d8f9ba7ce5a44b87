"""Re-encoding a table beside the plain loop that a program would write for it, in the same run.

    python -m pytest -m benchmark -s tests/benchmarks/test_reencode.py

prints the figures of docs/tasks/reencode-stores.md. The plain loop executes what it reads, keeps nothing of
types, and verifies nothing: pickle.loads, cattrs, json.dumps, UPDATE.
"""

import gc
import json
import pickle
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from cattrs.preconf.json import make_converter

from migrate.reencode.converters import Loaded
from migrate.reencode.ledger import Ledger
from migrate.reencode.opening import Source
from migrate.reencode.recipe import Recipe, Worker
from migrate.reencode.report import Report
from migrate.reencode.run import Inline, Run
from migrate.reencode.runs import Keeper
from tests.benchmarks import shop
from tests.benchmarks.shop import orders, shop_codec

pytestmark = pytest.mark.benchmark

ROWS = 2000
PAGE = 500
BOUND = 12


def stock(path, count=ROWS):
    made = orders(shop.Order, shop.Line, shop.Customer, shop.Address, count=count)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, payload BLOB)")
        rows = ((number, pickle.dumps(order, 4)) for number, order in enumerate(made))
        database.executemany("INSERT INTO orders VALUES (?, ?)", rows)
    return path


def plain_loop(path):
    converter = make_converter()
    converter.register_unstructure_hook(Decimal, str)
    with closing(sqlite3.connect(path)) as database:
        last = -1
        while True:
            page = database.execute(
                "SELECT id, payload FROM orders WHERE id > ? ORDER BY id LIMIT ?", (last, PAGE)
            ).fetchall()
            if not page:
                return
            for number, payload in page:
                new = json.dumps(converter.unstructure(pickle.loads(payload))).encode()
                database.execute("UPDATE orders SET payload = ? WHERE id = ?", (new, number))
                last = number
            database.commit()


def reencode(path, ledger):
    source = Source(url=f"sqlite:///{path}", options={"table": "orders", "column": "payload"})
    worker = Worker(Recipe(source), loaded=Loaded("", shop_codec()))
    with Ledger(ledger) as book:
        store = worker.store
        keeper = Keeper.start(book, store.address, store.estimate(), resumable=True)
        report = Report()
        Run(store, Inline(worker), keeper, book, PAGE).go(report.merge)
        worker.close()
    return report


def seconds(action, *arguments):
    """Of the processor, because what else the machine does is not to be counted; and the result."""
    gc.collect()
    begin = time.process_time()
    result = action(*arguments)
    return time.process_time() - begin, result


def test_a_table_beside_the_plain_loop(tmp_path, record_property):
    original, path = stock(tmp_path / "original.db"), tmp_path / "stock.db"
    plain, ours = [], []
    for number in range(7):
        shutil.copy(original, path)
        plain.append(seconds(plain_loop, path)[0])
        shutil.copy(original, path)
        taken, report = seconds(reencode, path, tmp_path / f"{number}.sqlite")
        ours.append(taken)
        assert (report.converted, report.failed) == (ROWS, 0)
    least, most = ROWS / min(ours), ROWS / min(plain)
    print(f"\nplain {most:,.0f} rows/s, reencode {least:,.0f} rows/s, {most / least:.1f} times")
    record_property("ratio", round(most / least, 1))
    assert most < BOUND * least


RUN = """
import sys
from migrate.cli import cli
assert not cli(sys.argv[1:], standalone_mode=False)
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1])
"""
"""What `resource` says of a child begins with what its parent took before it became another program."""


def highest_memory(root, rows):
    """The most that a run over a table of ``rows`` took, in kilobytes."""
    path = root / f"{rows}.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, payload BLOB)")
        values = ((n, pickle.dumps([n, "x" * 500, {"next": [n + 1]}])) for n in range(rows))
        database.executemany("INSERT INTO orders VALUES (?, ?)", values)
    options = ["--table", "orders", "--column", "payload", "--ledger", str(root / f"{rows}.sqlite")]
    command = [sys.executable, "-c", RUN, "reencode", f"sqlite:///{path}", *options]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return int(done.stdout.split()[-1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells it there")
def test_memory_does_not_grow_with_the_table(tmp_path, record_property):
    few, many = (highest_memory(tmp_path, rows) for rows in (10_000, 100_000))
    print(f"\n10,000 rows: {few / 1024:.0f} MB, 100,000 rows: {many / 1024:.0f} MB")
    record_property("ratio", round(many / few, 2))
    assert many < 1.3 * few
