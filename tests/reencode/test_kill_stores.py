"""Stores under kill -9 and servers that go away: every value is old or new, and a rerun finishes."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from migrate.reencode import Ledger
from migrate.reencode.runs import GOING, all_runs

from .databases import Database
from .support import PYTHON, pickled

VALUES = 4000
"""Enough for a run to last as long as the kills are apart."""
KILLS = int(os.environ.get("STORES_KILLS", "3"))
"""Per store and number of workers; more when they are asked for (docs/contributing.md)."""
BEFORE, AFTER = (0.0, 0.5), (0.0, 0.15)
"""Seconds until a kill that may come while the run starts, and after its first range was done."""

pytestmark = [pytest.mark.stores, pytest.mark.timeout(max(600, 60 * KILLS))]


def value_of(number):
    return [number, "x" * (number % 50), {"next": [number + 1]}]


def old(number):
    return pickled(value_of(number), number % 6)


class Table:
    def __init__(self, url):
        self.database = Database(url)
        self.url, self.options = url, ["--table", "t", "--column", "v"]

    def fill(self):
        self.database.create()
        self.database.fill({number: old(number) for number in range(VALUES)})

    def values(self):
        return self.database.values()

    def close(self):
        self.database.engine.dispose()


class Keys:
    def __init__(self, url):
        import redis

        self.client = redis.Redis.from_url(url)
        self.url, self.options = url, []

    def fill(self):
        self.client.flushall()
        self.client.mset({str(number): old(number) for number in range(VALUES)})

    def values(self):
        found = self.client.mget([str(number) for number in range(VALUES)])
        return dict(enumerate(found))

    def close(self):
        self.client.close()


class Fields(Keys):
    """The fields of one hash."""

    def fill(self):
        self.client.flushall()
        self.client.hset("stock", mapping={str(number): old(number) for number in range(VALUES)})

    def values(self):
        return {int(name): value for name, value in self.client.hgetall("stock").items()}


class Files:
    def __init__(self, folder):
        self.folder, self.url, self.options = folder, str(folder), []

    def fill(self):
        self.folder.mkdir(exist_ok=True)
        for number in range(VALUES // 10):
            (self.folder / str(number)).write_bytes(old(number))

    def values(self):
        return {int(p.name): p.read_bytes() for p in self.folder.iterdir() if p.name.isdecimal()}

    def close(self):
        pass


@pytest.fixture(params=["files", "sqlite", "postgresql", "redis", "hash"])
def stock(request, tmp_path):
    if request.param == "files":
        made = Files(tmp_path / "data")
    elif request.param == "sqlite":
        (tmp_path / "stock.db").touch()
        made = Table(f"sqlite:///{tmp_path}/stock.db")
    elif request.param == "postgresql":
        made = Table(request.getfixturevalue("postgresql")[1])
    else:
        made = {"redis": Keys, "hash": Fields}[request.param](request.getfixturevalue("redis_server")[1])
    yield made
    made.close()


def command(stock, *arguments):
    return [PYTHON, "-m", "migrate", "reencode", "--json", stock.url, *stock.options, *arguments]


def run(stock, root, *arguments, status=0):
    done = subprocess.run(
        command(stock, *arguments), cwd=root, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def count_new(values, expected):
    """Every value is there, and is old or new; returns how many are new."""
    assert len(values) == expected
    new = 0
    for number, found in values.items():
        if found != old(number):
            assert json.loads(found) == value_of(number)
            new += 1
    return new


def ledger_says_done(root):
    try:
        with closing(sqlite3.connect(root / ".pickle-migrate" / "reencode.sqlite", timeout=30)) as database:
            rows = database.execute("SELECT report FROM runs ORDER BY id DESC LIMIT 1").fetchall()
    except sqlite3.Error:
        return 0
    return json.loads(rows[0][0])["converted"] if rows else 0


def going(root):
    """Return the runs that `reencode status` takes to be alive."""
    path = root / ".pickle-migrate" / "reencode.sqlite"
    if sys.platform != "linux" or not path.exists():
        return []
    try:
        with Ledger(path, create=False) as book:
            return [found for found in all_runs(book) if found.state in GOING]
    except sqlite3.Error:
        return []  # killed before it had made its tables


def wait_until_begun(process, stock, root, before):
    """Wait until something was converted, so that a kill meets the work."""
    while process.poll() is None and ledger_says_done(root) == before:
        time.sleep(0.01)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_at_random_points(stock, tmp_path, workers, record_property):
    stock.fill()
    before = stock.values()
    total, choose, met = len(before), random.Random(11), 0
    backup = ["--backup"] if isinstance(stock, Files) else ["--backup-to", str(tmp_path / "old")]
    for number in range(KILLS):
        process = subprocess.Popen(
            command(stock, "--workers", workers, *backup),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if number % 2:
            wait_until_begun(process, stock, tmp_path, ledger_says_done(tmp_path))
        time.sleep(choose.uniform(*(AFTER if number % 2 else BEFORE)))
        process.kill()
        process.wait()
        time.sleep(0.3 if workers != "1" else 0.0)  # workers end after the range they are at
        assert not going(tmp_path)
        new = count_new(stock.values(), total)
        met += 0 < new < total
        if new == total:
            stock.fill()  # all done already: begin again, with no memory of it
            for path in (tmp_path / ".pickle-migrate").glob("reencode.sqlite*"):
                path.unlink()
    print(f"{type(stock).__name__}, {workers} workers: {met} of {KILLS} kills met the work")
    record_property("kills", KILLS)
    record_property("met", met)
    found = run(stock, tmp_path, "--workers", workers, *backup)
    assert found["failed_count"] == 0
    assert count_new(stock.values(), total) == total
    again = run(stock, tmp_path, "--workers", workers, *backup)
    assert (again["converted_count"], again["already_json"]) == (0, total)
    _restore(stock, tmp_path)
    assert stock.values() == before


def _restore(stock, root):
    where = [] if isinstance(stock, Files) else ["--from", "old"]
    restore = [PYTHON, "-m", "migrate", "restore", stock.url, *stock.options, *where]
    done = subprocess.run(restore, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("stock", ["postgresql", "redis", "hash"], indirect=True)
def test_server_that_restarts_during_the_run(stock, tmp_path, request):
    """Short of seconds it is waited for."""
    name = "postgresql" if isinstance(stock, Table) else "redis_server"
    server = request.getfixturevalue(name)[0]
    stock.fill()
    with subprocess.Popen(
        command(stock, "--max-rate", "1500"), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        wait_until_begun(process, stock, tmp_path, 0)
        stock.close()
        server.stop()
        time.sleep(0.3)
        server.start()
        found = json.loads(process.communicate(timeout=300)[0])
    assert (process.returncode, found["failed_count"], found["stopped"]) == (0, 0, False)
    assert count_new(stock.values(), VALUES) == VALUES


def test_server_that_stays_away_stops_the_run_with_a_clear_line(tmp_path, postgresql):
    server, url = postgresql
    stock = Table(url)
    stock.fill()
    with subprocess.Popen(
        command(stock, "--max-rate", "500"), cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        wait_until_begun(process, stock, tmp_path, 0)
        stock.close()
        server.stop()
        try:
            found = json.loads(process.communicate(timeout=300)[0])
        finally:
            server.start()
    assert (process.returncode, found["stopped"]) == (1, True)
    assert "run again to go on" in found["notes"][-1]
    assert count_new(stock.values(), VALUES) < VALUES
    run(stock, tmp_path)
    assert count_new(stock.values(), VALUES) == VALUES
    stock.close()


@pytest.mark.parametrize("stock", ["sqlite"], indirect=True)
def test_worker_that_is_killed_is_replaced(stock, tmp_path):
    stock.fill()
    with subprocess.Popen(
        command(stock, "--workers", "2", "--max-rate", "3000"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_begun(process, stock, tmp_path, 0)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        os.kill(int(children[0]), signal.SIGKILL)
        found = json.loads(process.communicate(timeout=300)[0])
    assert (process.returncode, found["failed_count"]) == (0, 0)
    assert count_new(stock.values(), VALUES) == VALUES
