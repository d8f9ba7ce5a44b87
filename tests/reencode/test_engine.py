"""Running a store, a conversion and a ledger: each place gets its answer, and a rerun has nothing to do."""

import os
import sqlite3
from pathlib import Path

import pytest

from migrate.reencode import Conflict, Ledger, LocalTree, State, TooManyFailures
from migrate.reencode.ledger import Entry

from .support import pickled, run, run_one, states


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, value in {"a": 1, "b": [2], "c": ["x", 3]}.items():
        (folder / name).write_bytes(pickled(value))
    (folder / "image.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    return folder


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / ".pickle-migrate" / "reencode.sqlite") as book:
        yield book


def rows(tmp_path):
    with sqlite3.connect(tmp_path / ".pickle-migrate" / "reencode.sqlite") as database:
        found = {
            os.fsdecode(k): (s, r) for k, s, r in database.execute("SELECT key, state, reason FROM blobs")
        }
    database.close()
    return found


def test_everything_is_converted(data):
    assert set(states(run(data)).values()) == {State.CONVERTED}
    assert [(data / n).read_bytes() for n in "abc"] == [b"1\n", b"[2]\n", b'["x", 3]\n']


def unread(path):
    """Return what a file is, but for when it was last read."""
    found = path.stat()
    return found[:7], found.st_mtime_ns


def test_rerun_changes_nothing(data, ledger):
    run(data, ledger=ledger)
    before = {n: unread(data / n) for n in "abc"}
    assert set(states(run(data, ledger=ledger)).values()) == {State.NOTHING}
    assert set(states(run(data)).values()) == {State.NOTHING}  # without the ledger as well
    assert {n: unread(data / n) for n in "abc"} == before


def test_rerun_with_the_ledger_does_not_read_again(monkeypatch, data, ledger):
    run(data, ledger=ledger)
    monkeypatch.setattr(LocalTree, "read", lambda *_: pytest.fail("read again"))
    assert set(states(run(data, ledger=ledger)).values()) == {State.NOTHING}


def test_rerun_does_not_take_other_files_for_json(data, ledger):
    (data / "letter").write_bytes(b"I am text that begins like a pickle\n")
    assert states(run(data, ledger=ledger))["letter"] is State.OTHER
    assert states(run(data, ledger=ledger))["letter"] is State.OTHER


def test_pickle_written_over_a_converted_file_is_converted_again(data, ledger):
    run(data, ledger=ledger)
    before = (data / "a").stat()
    (data / "a").write_bytes(pickled(5))
    os.utime(data / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert states(run(data, ledger=ledger))["a"] is State.CONVERTED


def test_dry_run_tells_and_changes_nothing(data):
    before = {n: (data / n).read_bytes() for n in "abc"}
    outcomes = run(data, dry_run=True)
    assert set(states(outcomes).values()) == {State.PLANNED}
    assert [outcome.size_after for outcome in outcomes] == [2, 4, 9]
    assert {n: (data / n).read_bytes() for n in "abc"} == before
    assert sorted(path.name for path in data.iterdir()) == ["a", "b", "c", "image.jpg"]


def test_dry_run_sees_what_would_be_refused(data):
    (data / "a").chmod(0o444)
    assert states(run(data, dry_run=True))["a"] is State.FAILED


def test_one_failure_does_not_stop_the_others(data, tmp_path, ledger):
    (data / "b").write_bytes(pickled(["x" * 50])[:-3])
    damaged = (data / "b").read_bytes()
    found = states(run(data, ledger=ledger))
    assert found == {"a": State.CONVERTED, "b": State.FAILED, "c": State.CONVERTED}
    assert (data / "b").read_bytes() == damaged
    assert rows(tmp_path)[str(data / "b")] == ("failed", "truncated")


def test_failure_is_tried_again(data, ledger):
    (data / "b").write_bytes(pickled(["x" * 50])[:-3])
    run(data, ledger=ledger)
    assert states(run(data, ledger=ledger))["b"] is State.FAILED


@pytest.mark.parametrize(
    ("theirs", "state"), [(b'["theirs"]\n', State.NOTHING), (pickled(["theirs"]), State.FAILED)]
)
def test_what_others_put_there_meanwhile_decides(monkeypatch, data, theirs, state):
    """Two may be at the same file: what the other has converted is done, not left."""

    def replace(self, key, expected, new):
        Path(key).write_bytes(theirs)
        raise Conflict("another program wrote it")

    monkeypatch.setattr(LocalTree, "replace", replace)
    found = run(data / "a")
    assert [(outcome.state, outcome.reason) for outcome in found] == [
        (state, "" if state is State.NOTHING else "changed-meanwhile")
    ]
    assert (data / "a").read_bytes() == theirs


def test_stops_after_too_many_failures(data):
    for name in "abc":
        (data / name).write_bytes(pickled(["x" * 50])[:-3])
    with pytest.raises(TooManyFailures):
        run(data, max_failures=1)


def test_as_many_failures_as_allowed_do_not_stop(data):
    (data / "a").write_bytes(pickled(["x" * 50])[:-3])
    assert len(run(data, max_failures=1)) >= 3


def test_named_file_without_pickles_gets_an_answer(data):
    outcome = run_one(data / "image.jpg")
    assert (outcome.state, outcome.named) == (State.OTHER, True)


def test_ledger_tells_what_was_done(data, tmp_path, ledger):
    run(data, ledger=ledger)
    assert rows(tmp_path)[str(data / "a")] == ("converted", "")


def test_planned_is_not_done(data, ledger):
    status = (data / "a").stat()
    version = f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"
    ledger.record(Entry(str(data / "a"), version, State.PLANNED))
    assert states(run(data, ledger=ledger))["a"] is State.CONVERTED


def test_ledger_hides_from_git(tmp_path, ledger):
    assert (tmp_path / ".pickle-migrate" / ".gitignore").read_text() == "*\n"


def test_no_version_is_never_settled(ledger):
    ledger.record(Entry("key", "", State.CONVERTED))
    assert ledger.settled({"key": ""}) == {}
