"""Re-encoding a table beside the plain loop that a program would write for it, in the same run.

    python -m pytest -m benchmark -s tests/benchmarks/test_reencode.py

prints the figures of docs/tasks/reencode-stores.md. The plain loop executes what it reads, keeps nothing of
types, and verifies nothing: pickle.loads, cattrs, json.dumps, UPDATE.
"""

import gc
import json
import os
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
import sqlalchemy as sa
from cattrs.preconf.json import make_converter

from migrate.reencode.converters import Loaded
from migrate.reencode.ledger import Ledger
from migrate.reencode.opening import Source, open_source
from migrate.reencode.pool import Pool
from migrate.reencode.recipe import Recipe, Worker
from migrate.reencode.report import Report
from migrate.reencode.run import Inline, Run
from migrate.reencode.runs import Keeper
from tests.benchmarks import shop
from tests.benchmarks.shop import orders, shop_codec
from tests.reencode import servers

pytestmark = pytest.mark.benchmark

ROWS = 8000
PAGE = 500
BOUND = 4


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
    for number in range(3):
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


# --- stores, with one worker and two ------------------------------------------------------------

FEW, MANY = 2_000, 12_000
"""The difference of two runs is the time of so many rows, without what starting takes."""
CONVERTERS = """
from tests.benchmarks.shop import shop_codec
codec = shop_codec()
dump, dumps, load, loads = codec.dump, codec.dumps, codec.load, codec.loads
"""


class Rows:
    """A table, at a URL of SQLAlchemy."""

    def __init__(self, url):
        self.url = url
        self.source = Source(url=url, options={"table": "orders", "column": "payload"})

    def fill(self, count):
        kind = "BYTEA" if self.url.startswith("postgresql") else "BLOB"
        rows = [{"i": number, "p": blob} for number, blob in blobs(count)]
        with self._begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS orders")
            connection.exec_driver_sql(f"CREATE TABLE orders (id INTEGER PRIMARY KEY, payload {kind})")
            connection.execute(sa.text("INSERT INTO orders VALUES (:i, :p)"), rows)

    def plain_loop(self):
        converter = make_converter()
        converter.register_unstructure_hook(Decimal, str)
        page = sa.text("SELECT id, payload FROM orders WHERE id > :last ORDER BY id LIMIT 500")
        update = sa.text("UPDATE orders SET payload = :new WHERE id = :id")
        last = -1
        while True:
            with self._begin() as connection:
                found = connection.execute(page, {"last": last}).fetchall()
                if not found:
                    return
                new = [
                    {"id": number, "new": json.dumps(converter.unstructure(pickle.loads(blob))).encode()}
                    for number, blob in found
                ]
                connection.execute(update, new)
            last = found[-1][0]

    def _begin(self):
        return sa.create_engine(self.url, poolclass=sa.NullPool).begin()


class Folder:
    """Files."""

    def __init__(self, folder):
        self.folder = folder
        self.source = Source(paths=[str(folder)])

    def fill(self, count):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for number, blob in blobs(count):
            (self.folder / f"{number}.pickle").write_bytes(blob)

    def plain_loop(self):
        converter = make_converter()
        converter.register_unstructure_hook(Decimal, str)
        for path in sorted(self.folder.iterdir()):
            new = path.with_suffix(".new")
            with new.open("wb") as file:
                file.write(json.dumps(converter.unstructure(pickle.loads(path.read_bytes()))).encode())
                os.fsync(file.fileno())
            new.replace(path)


def blobs(count):
    made = orders(shop.Order, shop.Line, shop.Customer, shop.Address, count=count)
    return [(number, pickle.dumps(order, 4)) for number, order in enumerate(made)]


def run_workers(stock, workers, root, name):
    ledger = root / f"{name}.sqlite"
    recipe = Recipe(stock.source, str(root / "benchmark_converters.py"))
    store = open_source(stock.source)
    with Ledger(ledger) as book:
        keeper = Keeper.start(book, store.address or "files", store.estimate(), resumable=store.ordered)
        report, pool = Report(), Pool(recipe, workers)
        Run(store, pool, keeper, book, PAGE).go(report.merge)
        pool.close()
    store.close()
    return report


def used(action, *arguments):
    """Seconds of the processor, in this process and its children, and seconds of the clock."""
    before, begin = os.times(), time.perf_counter()
    result = action(*arguments)
    taken = time.perf_counter() - begin
    after = os.times()
    return sum(after[:4]) - sum(before[:4]), taken, result


@pytest.fixture(params=["sqlite", "files", pytest.param("postgresql", marks=pytest.mark.stores)])
def stock_of(request, tmp_path):
    if request.param == "files":
        yield Folder(tmp_path / "data")
    elif request.param == "sqlite":
        (tmp_path / "stock.db").touch()
        yield Rows(f"sqlite:///{tmp_path}/stock.db")
    else:
        with servers.postgresql() as (_, url):
            yield Rows(url)


@pytest.mark.timeout(600)
def test_stores_with_one_worker_and_two(stock_of, tmp_path, record_property):
    (tmp_path / "benchmark_converters.py").write_text(CONVERTERS)
    figures = {}
    few, many = (FEW // 10, MANY // 10) if isinstance(stock_of, Folder) else (FEW, MANY)
    ways = {"plain": None, "one worker": 1, "two workers": 2}
    stock_of.fill(1)
    run_workers(stock_of, 1, tmp_path, "first")  # compiles what workers import, if nothing is there
    for name, workers in ways.items():
        spent = []
        for count in (few, many):
            stock_of.fill(count)
            if workers is None:
                spent.append(used(stock_of.plain_loop)[:2])
            else:
                *both, report = used(run_workers, stock_of, workers, tmp_path, f"{workers} {count}")
                assert (report.converted, report.failed) == (count, 0)
                spent.append(both)
        figures[name] = [(many - few) / (b - a) for a, b in zip(*spent, strict=True)]
        cpu, clock = figures[name]
        print(f"\n{name}: {cpu:,.0f} rows per second of the processor, {clock:,.0f} by the clock")
    plain, one, two = (figures[name][0] for name in ways)
    record_property("ratio", round(plain / one, 1))
    assert plain < BOUND * one
    assert two > one / 2  # two workers do no more than one


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
