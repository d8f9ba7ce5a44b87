"""``reencode`` of a database, ``restore``, ``status``, ``pause`` and ``resume`` as a person meets them."""

import json
import pickle
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from functools import partial

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.reencode import Ledger
from tests.reencode.support import PYTHON, Evil, pickled, write_program

ORDERS = """
import pickle, sqlite3, sys
from shop.models import Line, Order
with sqlite3.connect("shop.db") as database:
    database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, data BLOB)")
    orders = (Order(n, [Line("pen", n)], note=(n,)) for n in range(int(sys.argv[1])))
    rows = ((order.number, pickle.dumps(order, order.number % 6)) for order in orders)
    database.executemany("INSERT INTO orders VALUES (?, ?)", rows)
"""
URL = "sqlite:///shop.db?table=orders&column=data"


def python(root, code, *arguments):
    done = subprocess.run(
        [PYTHON, "-c", code, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def elsewhere(root, *arguments, status=0):
    """Run a command as a process of its own."""
    done = subprocess.run(
        [PYTHON, "-m", "migrate", *map(str, arguments)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def command(*arguments, status=0):
    """Run a command in this process."""
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code == status, done.output
    return done


def report(*arguments, status=0):
    return json.loads(command("reencode", "--json", *arguments, status=status).stdout)


def rows():
    with closing(sqlite3.connect("shop.db")) as database:
        return dict(database.execute("SELECT id, data FROM orders ORDER BY id"))


def write(data, where):
    with closing(sqlite3.connect("shop.db")) as database, database:
        database.execute(f"UPDATE orders SET data = ? WHERE {where}", (data,))


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A project whose orders are in a database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    write_program(tmp_path)
    python(tmp_path, ORDERS, "40")
    return tmp_path


@pytest.fixture
def stock(tmp_path, monkeypatch):
    """A working directory with a database of plain lists; there is no program."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    with closing(sqlite3.connect("shop.db")) as database, database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, data BLOB)")
        stored = ((n, pickled([n, "x" * n], n % 6)) for n in range(40))
        database.executemany("INSERT INTO orders VALUES (?, ?)", stored)
    return tmp_path


def mistake(*arguments):
    """Run a command that is a mistake; returns what is said."""
    return " ".join(command(*arguments, status=2).output.replace("│", "").split())


def test_orders_are_converted_and_the_program_reads_them(program):
    found = json.loads(elsewhere(program, "reencode", URL, "--json").stdout)
    assert (found["converted_count"], found["failed_count"]) == (40, 0)
    assert found["classes"] == {"Order": 40, "Line": 40}
    code = """
import sqlite3
from shop.converters import codec
from shop.models import Line, Order
for n, data in sqlite3.connect("shop.db").execute("SELECT id, data FROM orders"):
    assert data[:1] == b"{"
    assert codec.loads(data, Order) == Order(n, [Line("pen", n)], (n,))
"""
    python(program, code)


@pytest.mark.stores
def test_options_may_stand_beside_the_url(stock):
    assert report("sqlite:///shop.db", "--table", "orders", "--column", "data")["converted_count"] == 40


def test_rerun_is_a_no_op(stock):
    report(URL)
    before = rows()
    changed = (stock / "shop.db").stat().st_mtime_ns
    found = report(URL)
    assert (found["converted_count"], found["already_json"]) == (0, 40)
    assert rows() == before
    assert (stock / "shop.db").stat().st_mtime_ns == changed


@pytest.mark.stores
def test_several_workers(stock):
    found = report(URL, "--workers", "2", "--max-rate", "5000")
    assert (found["converted_count"], found["failed_count"]) == (40, 0)
    assert all(data[:1] == b"[" for data in rows().values())


@pytest.mark.stores
def test_several_workers_over_files(stock):
    (stock / "data").mkdir()
    for number in range(70):
        (stock / "data" / str(number)).write_bytes(pickled([number]))
    assert report("data", "--workers", "2")["converted_count"] == 70
    assert {p.name: p.read_bytes() for p in (stock / "data").iterdir()} == {
        str(n): b"[%d]\n" % n for n in range(70)
    }
    assert report("data", "--workers", "2")["already_json"] == 70


def test_dry_run_ends_with_an_estimate(stock):
    before = rows()
    found = report(URL, "--dry-run", "--limit", "10")
    assert found["estimate"]["places"] == 40
    assert found["estimate"]["bytes_after"] > 0
    assert rows() == before
    assert "Estimate for all 40 values" in command("reencode", URL, "--dry-run").stdout
    assert not (stock / ".pickle-migrate").exists()


def test_restore_puts_the_same_bytes_back(stock):
    before = rows()
    report(URL, "--backup-to", "old")
    assert rows() != before
    done = command("restore", URL, "--from", "old")
    assert "40 restored, 0 left as they are, 0 were as before." in done.stdout
    assert rows() == before
    report(URL)


def test_restore_of_files(stock):
    (stock / "data").mkdir()
    old = {f"{n}.pkl": pickled(["x", n], n) for n in range(6)}
    for name, data in old.items():
        (stock / "data" / name).write_bytes(data)
    report("data", "--backup")
    (stock / "data" / "3.pkl").write_bytes(b'"newer"\n')
    done = command("restore", "data", status=1)
    assert "5 restored, 1 left as it is" in done.stdout
    assert "changed-meanwhile" in done.stdout
    assert (stock / "data" / "3.pkl").read_bytes() == b'"newer"\n'
    command("restore", "data", "--force")
    assert {p.name: p.read_bytes() for p in (stock / "data").iterdir()} == old


def test_restore_of_files_that_the_ledger_does_not_know(stock):
    """So a kill between the file and the ledger leaves them."""
    (stock / "data").mkdir()
    for number in range(3):
        (stock / "data" / str(number)).write_bytes(pickled([number]))
    report("data", "--backup")
    (stock / ".pickle-migrate" / "reencode.sqlite").unlink()
    (stock / "data" / "1").write_bytes(b'"newer"\n')
    assert "2 restored, 1 left as it is" in command("restore", "data", status=1).stdout
    assert (stock / "data" / "1").read_bytes() == b'"newer"\n'
    assert (stock / "data" / "2").read_bytes() == pickled([2])


def test_verify_only(stock):
    found = report(URL, "--verify-only", status=1)
    assert found["reasons"] == {"not-converted": 40}
    report(URL)
    assert report(URL, "--verify-only")["already_json"] == 40
    write(b'{"$type": "Nobody"}\n', "id = 7")
    found = report(URL, "--verify-only", status=1)
    assert [entry["file"] for entry in found["failed"]] == ["7"]


def test_hostile_rows_are_listed_and_nothing_runs(stock):
    marker = stock / "marker"
    write(pickled(Evil(marker)), "id = 7")
    before = rows()[7]
    found = report(URL, status=1)
    assert found["reasons"] == {"unsafe-global": 1}
    assert rows()[7] == before
    assert not marker.exists()


def test_failures_are_tried_again_after_a_stop(stock):
    write(b"\x80\x04\x95", "id < 3")
    found = report(URL, "--max-failures", "1", status=1)
    assert found["stopped"]
    write(pickle.dumps([1]), "id < 3")
    found = report(URL)
    assert found["converted_count"] == 3
    assert all(data[:1] in b"{[" for data in rows().values())


def test_status_tells_what_was_done(stock):
    report(URL)
    (run,) = json.loads(command("reencode", "status", "--json").stdout)
    assert (run["state"], run["done"], run["total"], run["converted"]) == ("finished", 40, 40, 40)
    assert "finished" in command("reencode", "status").stdout


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.mark.stores
def test_pause_and_resume_from_outside(stock):
    def state():
        done = CliRunner().invoke(cli, ["reencode", "status", "--json"])
        found = json.loads(done.stdout) if done.exit_code == 0 else []  # it has not begun
        return (found[0]["state"], found[0]["done"]) if found else ("", 0)

    run = [PYTHON, "-m", "migrate", "reencode", URL, "--max-rate", "10"]
    with subprocess.Popen(run, cwd=stock, stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: state()[1] > 0)
        command("reencode", "pause")
        wait_for(lambda: state()[0] == "paused")
        done = state()[1]
        time.sleep(0.5)
        assert state() == ("paused", done)
        assert done < 40
        command("reencode", "resume")
        assert process.wait(timeout=60) == 0
    assert state() == ("finished", 40)


@pytest.mark.stores
def test_interrupted_run_goes_on_where_it_was(stock):
    run = [PYTHON, "-m", "migrate", "reencode", URL, "--max-rate", "10", "--json"]
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell with & takes it away
    with subprocess.Popen(run, cwd=stock, stdout=subprocess.PIPE, text=True, preexec_fn=listening) as process:
        wait_for(lambda: any(data[:1] == b"[" for data in rows().values()))
        process.send_signal(signal.SIGINT)
        assert json.loads(process.communicate(timeout=60)[0])["stopped"]
        assert process.returncode == 1
    left = sum(data[:1] != b"[" for data in rows().values())
    assert 0 < left < 40
    found = report(URL)
    assert found["converted_count"] == left
    assert found["already_json"] < 40 - left + 11  # at most one range is looked at again
    assert len(json.loads(command("reencode", "status", "--json").stdout)) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sqlite:///no.db?table=t&column=c"], "no SQLite file no.db"),
        (["sqlite:///shop.db"], "--table and --column missing"),
        (["sqlite:///shop.db?table=t&column=c"], "no table 't'; tables: orders"),
        (["nosuch://x/y"], "no store is known for nosuch://"),
        ([URL, "shop"], "one store at a time"),
        (["shop", "--table", "t"], "--table belongs to the URL"),
        ([URL, "--backup"], "--backup-to DIR"),
        (["shop", "--backup-to", "x"], "for files there is --backup"),
        ([URL, "--limit", "3"], "--limit is for --dry-run"),
        ([URL, "--dry-run", "--verify-only"], "one of them"),
        (["no/such/file"], "does not exist"),
        ([URL, "--engine", "dask"], "--engine dask needs --address"),
        ([URL, "--address", "tcp://x:1"], "--address is for --engine dask"),
        (
            [URL, "--engine", "dask", "--address", "tcp://x:1", "--workers", "2"],
            "--workers is for this machine",
        ),
        ([URL, "--engine", "dask", "--address", "tcp://x:1"], "a SQLite file is for one machine"),
        ([URL, "--ledger", "sqlite://"], "a ledger in SQLite is a file"),
        ([URL, "--ledger", "."], ". is a directory"),
        ([URL, "--ledger", "nonsense+x://a:secret@b/c"], "no URL of a database"),
        (["postgresql+psycopg2://x/y?table=t&column=c"], "driver of postgresql+psycopg2 is not installed"),
    ],
)
def test_mistakes_are_explained(stock, arguments, said):
    found = mistake("reencode", *arguments)
    assert said in found
    assert "secret" not in found


def test_status_without_a_ledger(stock):
    assert "There is no ledger" in mistake("reencode", "status")
    assert "There is no ledger" in mistake("reencode", "status", "--ledger", "sqlite:///absent.sqlite")
    (stock / "other.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 30)
    assert "is no ledger" in mistake("reencode", "status", "--ledger", "other.sqlite")


def test_restore_without_backups(stock):
    assert "--from DIR is missing" in mistake("restore", URL)
    (stock / "old").mkdir()
    assert "no backups in old" in mistake("restore", URL, "--from", "old")


def test_pause_where_nothing_runs(stock):
    Ledger(stock / ".pickle-migrate" / "reencode.sqlite").close()
    assert "no reencode is running" in command("reencode", "pause", status=1).output
    assert "No runs yet" in command("reencode", "status").output
