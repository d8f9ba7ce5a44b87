"""What ``reencode status`` says of a run whose process is gone, or may be."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from migrate.cli import cli
from migrate.reencode import Ledger, runs
from migrate.reencode.alive import SILENCE, Place
from migrate.reencode.runs import Keeper, all_runs

from .support import PYTHON, pickled

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the beats tell")
STORES = {"files": ["data"], "database": ["sqlite:///shop.db?table=t&column=v"]}


def command(*arguments):
    return [PYTHON, "-m", "migrate", "reencode", *arguments]


def ask(*arguments):
    """Run a command in this process, which is another one than that of the run."""
    return CliRunner().invoke(cli, ["reencode", *arguments], catch_exceptions=False)


def states():
    done = ask("status", "--json")
    return [run["state"] for run in json.loads(done.stdout)] if done.exit_code == 0 else []


def wait_for(state, process):
    """Ask until the run of ``process`` is in that state."""
    while states() != [state]:
        assert process.poll() is None
        time.sleep(0.05)


@pytest.fixture
def stock(tmp_path, monkeypatch):
    """Forty values in files and in a table of the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
        for number in range(40):
            (tmp_path / "data" / f"{number}.bin").write_bytes(pickled([number], 4))
            database.execute("INSERT INTO t VALUES (?, ?)", (number, pickled([number], 4)))
    return tmp_path


@linux
@pytest.mark.parametrize("sources", STORES.values(), ids=STORES)
@pytest.mark.parametrize("state", ["running", "paused"])
def test_killed_run_is_interrupted_whatever_it_was_over(stock, sources, state):
    with subprocess.Popen(
        command(*sources, "--max-rate", "5"), cwd=stock, stdout=subprocess.DEVNULL
    ) as process:
        wait_for("running", process)
        if state == "paused":
            assert ask("pause").stdout == "1 run: will pause.\n"
            wait_for("paused", process)
        process.kill()
    assert states() == ["interrupted"]
    assert "interrupted" in ask("status").stdout
    asked = ask("pause")
    assert (asked.exit_code, "no reencode is running" in asked.stderr) == (1, True)
    assert ask(*sources).exit_code == 0
    assert states()[0] == "finished"


def begin(book, place, **values):
    kept = Keeper.start(book, "s3://bucket/stock", 100, resumable=False)
    assert book.change(kept.id, {"place": str(place), **values})
    return kept.id


def seen_after(book, silence, monkeypatch):
    """Return the state of the run when it was last heard of ``silence`` seconds ago."""
    now = book.now()
    monkeypatch.setattr(book, "now", lambda: now + silence)
    return all_runs(book)[0].state


ELSEWHERE = Place("other", 4711, "another machine", "12345")


@pytest.mark.parametrize("place", [ELSEWHERE, evolve(ELSEWHERE, space="", began="")])
@pytest.mark.parametrize("state", ["running", "paused"])
@pytest.mark.parametrize(
    ("silence", "interrupted"), [(-3600, False), (SILENCE / 2, False), (SILENCE + 1, True)]
)
def test_on_another_machine_beats_tell(book, monkeypatch, place, state, silence, interrupted):
    begin(book, place, state=state)
    assert seen_after(book, silence, monkeypatch) == ("interrupted" if interrupted else state)


@linux
def test_on_its_own_machine_a_process_lives_however_long_it_was_silent(book, monkeypatch):
    begin(book, Place.here())
    assert seen_after(book, 10 * SILENCE, monkeypatch) == "running"


@linux
def test_number_of_a_process_that_another_one_has_now_is_no_sign_of_life(book):
    begin(book, evolve(Place.here(), began="1"))
    assert all_runs(book)[0].state == "interrupted"


@linux
def test_dead_process_that_nobody_has_buried_is_dead():
    with subprocess.Popen([PYTHON, "-c", ""], stdout=subprocess.DEVNULL) as process:
        place = evolve(Place.here(), number=process.pid, began=_began(process.pid))
        deadline = time.monotonic() + 60
        while place.lives(0.0):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def _began(number):
    return Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]


@pytest.mark.parametrize("place", ["host:4711", "", "host:x:y:z", "host:99999999999999999999999:a:b"])
def test_run_of_a_version_that_left_no_beats_is_not_called_dead(book, monkeypatch, place):
    begin(book, place)
    silence = 10 * SILENCE if Place.of(place) is None else 0
    assert seen_after(book, silence, monkeypatch) == "running"


@pytest.mark.parametrize("state", ["stopped", "finished"])
def test_run_that_ended_stays_what_it_was(book, monkeypatch, state):
    begin(book, ELSEWHERE, state=state)
    assert seen_after(book, 10 * SILENCE, monkeypatch) == state


def test_database_whose_clock_nobody_knows_makes_no_run_dead(book, monkeypatch):
    begin(book, ELSEWHERE)
    monkeypatch.setattr(book, "now", lambda: None)
    assert all_runs(book)[0].state == "running"


def test_run_beats_while_one_value_takes_long(book, monkeypatch):
    monkeypatch.setattr(runs, "BEAT", 0.02)
    kept = Keeper.start(book, "s3://bucket/stock", 100, resumable=False)
    before = all_runs(book)[0].updated
    with kept.beating():
        deadline = time.monotonic() + 60
        while all_runs(book)[0].updated <= before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    kept.turn("finished")
    last = all_runs(book)[0].updated
    book.beat(kept.id, kept.place)
    assert all_runs(book)[0].updated == last


def test_beat_of_a_run_that_was_taken_over_says_nothing(book):
    number = begin(book, ELSEWHERE)
    before = all_runs(book)[0].updated
    book.beat(number, str(Place.here()))
    assert all_runs(book)[0].updated == before


def test_ledger_that_is_gone_does_not_end_the_beats(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(runs, "BEAT", 0.01)
    with Ledger(tmp_path / "ledger.sqlite") as kept_in:
        kept = Keeper.start(kept_in, "s3://bucket/stock", 100, resumable=False)
        monkeypatch.setattr(kept_in, "_path", tmp_path / "no" / "such" / "ledger.sqlite")
        with kept.beating():
            time.sleep(0.05)
    assert capfd.readouterr().err == ""
