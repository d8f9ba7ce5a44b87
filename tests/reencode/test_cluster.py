"""A Dask cluster of real processes, with workers, coordinators and schedulers killed: nothing is lost."""

import json
import re
import subprocess
import time

import pytest

from migrate.reencode import ClusterError, Ledger
from migrate.reencode import cluster as room
from migrate.reencode.cluster import Cluster
from migrate.reencode.opening import Source
from migrate.reencode.recipe import Recipe
from migrate.reencode.runs import all_runs
from migrate.reencode.sqlledger import SqlLedger

from . import servers
from .databases import OPEN, Database
from .support import PYTHON, pickled
from .test_kill_stores import Files, Table, count_new, old

pytestmark = [pytest.mark.stores, pytest.mark.timeout(300)]

OBJECTS = 90
ROWS = 2000


class Rows(Table):
    """Fewer of them."""

    def fill(self):
        self.database.create()
        self.database.fill({number: old(number) for number in range(ROWS)})


class Bucket:
    """Objects at a work-alike of S3."""

    def __init__(self, environment):
        import boto3

        self.environment = environment
        self._client = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"])
        self.url, self.options = "s3://stock", []

    def fill(self):
        self._client.create_bucket(Bucket="stock")
        for number in range(OBJECTS):
            self._client.put_object(Bucket="stock", Key=str(number), Body=old(number))

    def values(self):
        read = (
            (n, self._client.get_object(Bucket="stock", Key=str(n))["Body"].read()) for n in range(OBJECTS)
        )
        return dict(read)

    def close(self):
        self._client.close()


@pytest.fixture(params=["files", "postgresql", "s3"])
def stock(request, tmp_path, monkeypatch):
    if request.param == "files":
        made = Files(tmp_path / "data")
    elif request.param == "postgresql":
        made = Rows(request.getfixturevalue("postgresql")[1])
    else:
        environment = request.getfixturevalue("s3_server")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        made = Bucket(environment)
    made.fill()
    yield made
    made.close()


def begin(stock, root, cluster, *arguments):
    command = [PYTHON, "-m", "migrate", "reencode", "--json", stock.url, *stock.options]
    command += ["--engine", "dask", "--address", cluster.address, *arguments]
    return subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process, status=0):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == status, output + errors
    assert "Traceback" not in errors
    assert "secret" not in output + errors
    return json.loads(output) if output else errors


def run(*arguments, status=0):
    return finish(begin(*arguments), status)


def ledger_in(root):
    made = Ledger(root / ".pickle-migrate" / "reencode.sqlite")
    OPEN.append(made.close)
    return made


def wait_until_begun(process, book, than=0):
    while process.poll() is None:
        runs = all_runs(book)
        if runs and runs[0].report.converted > than:
            return runs[0].report.converted
        time.sleep(0.02)
    pytest.fail(f"it ended before it was disturbed: {process.communicate()}")


def test_worker_killed_in_the_middle_and_the_way_back(stock, tmp_path, dask):
    before = stock.values()
    total = len(before)
    files = isinstance(stock, Files)
    backup = ["--backup"] if files else ["--backup-to", "old"]
    with begin(stock, tmp_path, dask, *backup, "--max-rate", str(total // 3)) as process:
        assert wait_until_begun(process, ledger_in(tmp_path)) < total
        dask.kill_a_worker()
        dask.add(threads=2)
        found = finish(process)
    assert (found["failed_count"], found["converted_count"] + found["already_json"]) == (0, total)
    assert count_new(stock.values(), total) == total
    again = run(stock, tmp_path, dask, *backup)
    assert (again["converted_count"], again["already_json"], again["failed_count"]) == (0, total, 0)
    restore = [PYTHON, "-m", "migrate", "restore", stock.url, *stock.options]
    subprocess.run([*restore, *([] if files else ["--from", "old"])], cwd=tmp_path, check=True)
    assert stock.values() == before


@pytest.fixture
def ledger_url(postgresql):
    """A ledger in PostgreSQL that is empty."""
    Database(postgresql[1]).run("DROP TABLE IF EXISTS pickle_migrate_blobs, pickle_migrate_runs")
    return postgresql[1]


@pytest.mark.parametrize("stock", ["postgresql"], indirect=True)
def test_coordinator_killed_in_the_middle_goes_on_by_the_ledger(stock, tmp_path, dask, ledger_url):
    book = SqlLedger(ledger_url)
    OPEN.append(book.close)
    total = len(stock.values())
    with begin(stock, tmp_path, dask, "--ledger", ledger_url, "--max-rate", "700") as process:
        done = wait_until_begun(process, book)
        process.kill()
    assert count_new(stock.values(), total) < total
    found = run(stock, tmp_path, dask, "--ledger", ledger_url)
    assert found["failed_count"] == 0
    assert 0 < found["converted_count"] <= total - done
    assert count_new(stock.values(), total) == total
    again = run(stock, tmp_path, dask, "--ledger", ledger_url)
    assert (again["converted_count"], again["already_json"]) == (0, total)


@pytest.mark.parametrize("stock", ["files", "postgresql"], indirect=True)
def test_two_coordinators_at_once_do_no_harm(stock, tmp_path, dask):
    """Each with a ledger of its own, so that neither knows of the other: compare-and-set decides."""
    total = len(stock.values())
    both = [begin(stock, tmp_path, dask, "--ledger", f"{name}.sqlite") for name in "ab"]
    found = [finish(process) for process in both]
    assert [one["failed_count"] for one in found] == [0, 0]
    assert [one["converted_count"] + one["already_json"] for one in found] == [total, total]
    # One that finds its own bytes there, because the other wrote the same, has converted it, too.
    assert sum(one["converted_count"] for one in found) >= total
    assert count_new(stock.values(), total) == total


@pytest.mark.parametrize("stock", ["postgresql"], indirect=True)
def test_pause_rate_and_failures_are_as_on_one_machine(stock, tmp_path, dask):
    total = len(stock.values())
    stock.database.run("UPDATE t SET v = :v WHERE id % 200 = 199", {"v": pickled(["x" * 50])[:-3]})
    book = ledger_in(tmp_path)
    with begin(stock, tmp_path, dask, "--max-rate", "100", "--max-failures", "4") as process:
        wait_until_begun(process, book)
        started = time.monotonic()
        assert book.ask("pause") == 1
        while all_runs(book)[0].state != "paused":
            assert process.poll() is None
            time.sleep(0.02)
        resting = None
        while (now := all_runs(book)[0]) != resting:  # what was begun comes in
            resting = now
            time.sleep(1.0)
        assert resting.state == "paused"
        book.ask("run")
        found = finish(process, status=1)
    assert found["stopped"]
    assert "more than the 4 allowed" in found["notes"][-1]
    assert found["converted_count"] < total
    assert found["converted_count"] / (time.monotonic() - started) < 300  # 100 a second, and what was begun
    assert all_runs(book)[0].state == "stopped"


EVIL = '''"""Converters of evil."""
# pickle-migrate: converters
import os, signal
from migrate.runtime import Codec

codec = Codec("evil", stage="json")
codec.register("evil.models:Bomb")
'''
MODELS = """
import os, signal

class Bomb:
    def __setstate__(self, state):
        os.kill(os.getpid(), signal.SIGKILL)
"""


PICKLE_BOMB = """
import pickle, sys
from evil.models import Bomb
bomb = Bomb()
bomb.x = 1
with open(sys.argv[1], "wb") as file:
    pickle.dump(bomb, file)
"""


def test_what_goes_wrong_with_a_cluster_is_said_and_the_run_goes_on(tmp_path, postgresql):
    """One cluster: a range that kills workers, workers of other versions, a scheduler that goes away."""
    stock = Files(tmp_path / "data")
    stock.fill()
    total = len(stock.values())
    with servers.dask(workers=2) as cluster:
        _range_that_kills_workers(tmp_path, cluster)
        for process in cluster.workers:
            process.wait()
        cluster.workers.clear()

        cluster.add("from migrate.reencode import remote\nremote.VERSION = '0.0.9'\n")
        found = run(stock, tmp_path, cluster, status=1)
        assert re.search(r"the worker .* has pickle-migrate 0\.0\.9 .* install the same", found["notes"][-1])
        cluster.kill_a_worker()

        bare = cluster.add("import sys\nsys.modules['migrate'] = None\n")
        found = run(stock, tmp_path, cluster, status=1)
        assert "does not have migrate" in found["notes"][-1]
        assert "install pickle-migrate" in found["notes"][-1]
        assert bare.poll() is None  # it may be others' as well
        cluster.kill_a_worker()
        assert count_new(stock.values(), total) == 0

        cluster.add()
        with begin(stock, tmp_path, cluster, "--max-rate", "100") as process:
            wait_until_begun(process, ledger_in(tmp_path))
            cluster.scheduler.kill()
            cluster.scheduler.wait()
            found = finish(process, status=1)
        assert "the Dask scheduler at tcp://127.0.0.1" in found["notes"][-1]
        assert "run again to go on" in found["notes"][-1]
        assert 0 < count_new(stock.values(), total) < total
        cluster.stop()

        cluster.start(1)
        found = run(stock, tmp_path, cluster)
        assert found["failed_count"] == 0
        assert count_new(stock.values(), total) == total
        assert "secret" not in cluster.log


def _range_that_kills_workers(root, cluster):
    package = root / "evil"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(MODELS)
    (package / "converters.py").write_text(EVIL)
    bombs = Files(root / "bombs")
    bombs.folder.mkdir()
    subprocess.run([PYTHON, "-c", PICKLE_BOMB, str(bombs.folder / "0")], cwd=root, check=True)
    before = (bombs.folder / "0").read_bytes()
    found = run(bombs, root, cluster, "--converters", "evil/converters.py", status=1)
    assert "worker processes die at the range that ends with" in found["notes"][-1]
    assert str(bombs.folder / "0") in found["notes"][-1]
    assert (bombs.folder / "0").read_bytes() == before


def test_scheduler_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "_CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{servers.free_port()}"
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}"):
        Cluster(Recipe(Source(paths=[str(tmp_path)])), address)


def test_no_worker_at_all_is_said_after_a_while(tmp_path):
    from migrate.reencode import Unavailable
    from migrate.reencode.stores import Range

    with servers.dask(workers=0) as empty:
        engine = Cluster(Recipe(Source(paths=[str(tmp_path)])), empty.address, patience=0.5)
        try:
            with pytest.raises(Unavailable, match="has had no worker"):
                list(engine.run([Range(0, 1)]))
        finally:
            engine.close()
