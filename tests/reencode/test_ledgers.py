"""The ledger in a file and in a database: the same answers, whatever it is kept in."""

import json
import multiprocessing
import os
import sqlite3
import subprocess
import time

import pytest

from migrate.reencode import Report, State, TakenOver, work
from migrate.reencode.errors import LedgerLost, StoreError
from migrate.reencode.ledger import Entry
from migrate.reencode.ledgers import file_of, open_url
from migrate.reencode.runs import Keeper, all_runs
from migrate.reencode.sqlledger import SqlLedger

from .databases import sql_ledger
from .servers import Forwarder
from .support import PYTHON
from .test_kill_stores import VALUES, Table, command, count_new, run

STORE = "postgresql://db/shop#orders.payload"


def keeper(book, store=STORE, **options):
    return Keeper.start(book, store, 100, **{"resumable": True, **options})


def record(book, *entries, store=STORE, **options):
    kept = keeper(book, store)
    assert book.change(kept.id, {"state": "running"}, entries=entries, store=store, **options)


def test_done_is_what_was_recorded_with_the_same_version(book):
    states = [State.CONVERTED, State.NOTHING, State.OTHER, State.FAILED, State.PLANNED]
    record(book, *(Entry(state.value, "v1", state) for state in states))
    asked = {state.value: "v1" for state in states}
    assert book.settled(asked, STORE) == {s.value: s for s in states[:3]}
    assert book.settled(dict.fromkeys(asked, "v2"), STORE) == {}
    assert book.settled(asked, "s3://other") == {}


def test_many_keys_are_asked_for_at_once(book):
    record(book, *(Entry(str(n), f"v{n}", State.CONVERTED) for n in range(1200)))
    assert len(book.settled({str(n): f"v{n}" for n in range(0, 1200, 2)}, STORE)) == 600


def test_what_is_recorded_again_counts(book):
    record(book, Entry("a", "v1", State.FAILED, reason="limit"))
    record(book, Entry("a", "v2", State.CONVERTED))
    assert book.failed_keys(STORE) == []
    assert book.settled({"a": "v2"}, STORE) == {"a": State.CONVERTED}


def test_failures_are_those_of_the_store_until_they_are_forgotten(book):
    record(book, Entry("b", "", State.FAILED), Entry("a", "", State.FAILED), Entry("c", "", State.CONVERTED))
    record(book, Entry("other", "", State.FAILED), store="s3://other")
    assert book.failed_keys(STORE) == ["a", "b"]
    book.forget(STORE, ["a", "never heard of"])
    assert book.failed_keys(STORE) == ["b"]
    record(book, forget=["b"])
    assert book.failed_keys(STORE) == []
    assert book.failed_keys("s3://other") == ["other"]


@pytest.mark.parametrize("key", [os.fsdecode(b"not \xff utf-8"), "long" * 1000, "€", "two\nlines"])
def test_keys_are_kept_exactly(book, key):
    record(book, Entry(key, "v", State.FAILED, message="\0 in a message"))
    assert book.failed_keys(STORE) == [key]


def test_what_was_written_to_a_file_is_told(book):
    record(book, Entry("/a", "v", State.CONVERTED, after="ab"), Entry("/b", "v", State.FAILED), store="")
    assert (book.written("/a"), book.written("/b"), book.written("/c")) == ("ab", None, None)


def test_run_goes_on_where_it_was(book):
    first = keeper(book)
    first.advance(Report(converted=5), [], "key 5")
    again = keeper(book)
    assert (again.id, again.watermark, again.report.converted, again.resumed) == (first.id, "key 5", 5, True)
    again.turn("finished")
    assert keeper(book).id != first.id


def test_run_without_an_order_begins_anew(book):
    assert keeper(book).id != keeper(book, resumable=False).id


def test_process_whose_run_was_taken_over_stops_and_changes_nothing(book, monkeypatch):
    first = keeper(book)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    second = keeper(book)
    second.advance(Report(converted=2), [], "key 2")
    with pytest.raises(TakenOver):
        first.advance(Report(converted=1), [Entry("a", "", State.FAILED)], "key 1")
    (found,) = all_runs(book)
    assert (found.watermark, found.report.converted, book.failed_keys(STORE)) == ("key 2", 2, [])


def test_pause_reaches_what_is_not_finished(book):
    done, going = keeper(book, "s3://done"), keeper(book)
    done.turn("finished")
    assert book.ask("pause") == 1
    assert (done.wanted(), going.wanted()) == ("run", "pause")
    assert [row["id"] for row in book.runs()] == [going.id, done.id]


def test_change_counts_as_a_whole_or_not_at_all(book, monkeypatch):
    monkeypatch.setattr(work, "_WAITS", ())
    kept = keeper(book)
    entries = [Entry("a", "", State.FAILED), Entry("b", None, State.FAILED)]
    with pytest.raises((sqlite3.Error, LedgerLost)):
        book.change(kept.id, {"watermark": "key 9"}, entries=entries, store=STORE)
    assert (book.failed_keys(STORE), book.runs()[0]["watermark"]) == ([], None)


def test_url_of_sqlite_is_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PLACE", str(tmp_path))
    assert file_of(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert str(file_of("sqlite:///${PLACE}/a.db")) == f"{tmp_path}/a.db"
    assert (file_of("a.db"), file_of("postgresql://host/a")) == (None, None)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro"])
def test_url_of_sqlite_that_is_no_file_is_refused(url):
    with pytest.raises(StoreError, match="is a file"):
        file_of(url)


def test_database_without_a_ledger_is_not_given_one(tmp_path):
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="no ledger"):
        SqlLedger(f"sqlite:///{tmp_path}/empty.db", create=False)


@pytest.mark.parametrize(
    ("url", "words"),
    [("nonsense+x://a:secret@b/c", "no URL of a database"), ("postgresql+absent://a:secret@b/c", "no URL")],
)
def test_url_that_no_driver_knows_is_refused_without_its_password(url, words):
    with pytest.raises(StoreError, match=words) as caught:
        open_url(url)
    assert "secret" not in str(caught.value)


stores = pytest.mark.stores


def _make(url, gate):
    gate.wait()
    SqlLedger(url).close()


@stores
def test_many_make_the_tables_at_once(ledger_url):
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(6)
    processes = [context.Process(target=_make, args=(ledger_url, gate)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 6


@pytest.fixture
def stock(postgresql):
    made = Table(postgresql[1])
    made.fill()
    yield made
    made.close()


def begin(stock, root, ledger, *arguments):
    return subprocess.Popen(
        command(stock, "--ledger", ledger, *arguments), cwd=root, stdout=subprocess.PIPE, text=True
    )


def done(book):
    runs = all_runs(book)
    return runs[0].report.converted if runs else 0


def wait_for_more(process, book, than=0):
    while process.poll() is None and done(book) <= than:
        time.sleep(0.01)
    assert process.poll() is None, "it ended before it was disturbed"


@stores
def test_run_that_was_killed_goes_on_by_the_ledger_in_postgresql(stock, tmp_path, ledger_url):
    book = sql_ledger(ledger_url)
    with begin(stock, tmp_path, ledger_url, "--max-rate", "2500") as process:
        wait_for_more(process, book)
        process.kill()
    before = done(book)
    assert 0 < before <= count_new(stock.values(), VALUES) < VALUES
    found = run(stock, tmp_path, "--ledger", ledger_url)
    assert found["failed_count"] == 0
    assert found["converted_count"] <= VALUES - before  # it did not begin at the beginning
    assert found["already_json"] < VALUES / 2
    assert count_new(stock.values(), VALUES) == VALUES
    again = run(stock, tmp_path, "--ledger", ledger_url)
    assert (again["converted_count"], again["already_json"]) == (0, VALUES)
    assert not (tmp_path / ".pickle-migrate").exists()


def status(url, *arguments):
    asked = [PYTHON, "-m", "migrate", "reencode", "status", "--ledger", url, *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


@stores
def test_status_pause_and_resume_from_elsewhere(stock, tmp_path, ledger_url):
    book = sql_ledger(ledger_url)
    with begin(stock, tmp_path, ledger_url, "--max-rate", "1500") as process:
        wait_for_more(process, book)
        assert book.ask("pause") == 1
        while all_runs(book)[0].state != "paused":
            assert process.poll() is None
            time.sleep(0.02)
        (seen,) = json.loads(status(ledger_url, "--json"))
        assert (seen["state"], 0 < seen["done"] < VALUES, seen["per_second"] > 0) == ("paused", True, True)
        assert "secret" not in status(ledger_url)
        for word in ("pause", "resume"):
            asked = [PYTHON, "-m", "migrate", "reencode", word, "--ledger", ledger_url]
            assert subprocess.check_output(asked, text=True).startswith("1 run: ")
        found = json.loads(process.communicate(timeout=120)[0])
    assert (process.returncode, found["converted_count"]) == (0, VALUES)


@stores
def test_second_coordinator_takes_over_and_the_first_says_so(stock, tmp_path, ledger_url):
    book = sql_ledger(ledger_url)
    with begin(stock, tmp_path, ledger_url, "--max-rate", "200") as first:
        wait_for_more(first, book)
        found = run(stock, tmp_path, "--ledger", ledger_url)
        stopped = json.loads(first.communicate(timeout=120)[0])
    assert (first.returncode, stopped["stopped"]) == (1, True)
    assert "another process goes on" in stopped["notes"][-1]
    assert (found["stopped"], found["failed_count"]) == (False, 0)
    assert count_new(stock.values(), VALUES) == VALUES
    assert [found.state for found in all_runs(book)] == ["finished"]


@stores
def test_ledger_that_is_away_for_a_moment_is_waited_for(stock, tmp_path, ledger_url):
    book = sql_ledger(ledger_url)
    with (
        Forwarder(ledger_url) as between,
        begin(stock, tmp_path, between.url, "--max-rate", "1500") as process,
    ):
        wait_for_more(process, book)
        between.cut()
        time.sleep(0.5)
        between.mend()
        found = json.loads(process.communicate(timeout=120)[0])
    assert (process.returncode, found["converted_count"]) == (0, VALUES)
    assert all_runs(book)[0].state == "finished"


@stores
def test_ledger_that_stays_away_stops_the_run_with_a_clear_line(stock, tmp_path, ledger_url):
    book = sql_ledger(ledger_url)
    with (
        Forwarder(ledger_url) as between,
        begin(stock, tmp_path, between.url, "--max-rate", "1500") as process,
    ):
        wait_for_more(process, book)
        between.cut()
        output = process.communicate(timeout=120)[0]
        found = json.loads(output)
    assert (process.returncode, found["stopped"]) == (1, True)
    assert "the ledger at postgresql+psycopg://tester:***@127.0.0.1" in found["notes"][-1]
    assert "run again to go on" in found["notes"][-1]
    assert "secret" not in output
    assert count_new(stock.values(), VALUES) < VALUES
    assert run(stock, tmp_path, "--ledger", ledger_url)["failed_count"] == 0
    assert count_new(stock.values(), VALUES) == VALUES


@stores
def test_ledger_that_cannot_be_used_is_a_mistake_in_the_command(stock, tmp_path, ledger_url):
    url = ledger_url.rpartition(":")[0] + ":1/postgres"
    asked = subprocess.run(
        command(stock, "--ledger", url), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stdout) == (1, "")
    assert (
        "the ledger at postgresql+psycopg://tester:***@127.0.0.1:1/postgres cannot be reached" in asked.stderr
    )
    assert "secret" not in asked.stderr
    assert "Traceback" not in asked.stderr
    assert count_new(stock.values(), VALUES) == 0
