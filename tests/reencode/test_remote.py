"""What a worker of a cluster does with a range; that a cluster is not needed for."""

import json
import sys
import time

import pytest

from migrate.reencode import ClusterError, State, StoreError
from migrate.reencode import remote as room
from migrate.reencode.cluster import Cluster
from migrate.reencode.messages import result_of
from migrate.reencode.opening import Source
from migrate.reencode.recipe import Answer, Recipe, plain_range
from migrate.reencode.remote import Job, do_range
from migrate.reencode.stores import Item, Range

from .support import pickled, write_program

URL = "postgresql+psycopg://tester:secret@127.0.0.1:1/shop"


@pytest.fixture(autouse=True)
def nothing_is_kept():
    room._load.cache_clear()
    yield
    for _, worker, _ in room._IDLE._waiting:
        worker.close()
    room._IDLE._waiting.clear()


def job(*paths, **options):
    told = {name: options.pop(name) for name in ("program", "version") if name in options}
    recipe = Recipe(Source(paths=[str(path) for path in paths]), **options)
    return Job(json.dumps(recipe.to_plain()), **{"program": "", **told})


def part(*paths):
    return plain_range(Range(0, len(paths), items=tuple(Item(str(path), 0) for path in paths)))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(pickled([1, "x"]))
    return path


def test_range_is_done_and_told(file):
    answer = do_range(job(file).sealed(), part(file))
    assert json.loads(json.dumps(answer)) == answer
    told = Answer.from_plain(result_of(answer))
    assert (told.report.converted, [entry.state for entry in told.entries]) == (1, [State.CONVERTED])
    assert file.read_bytes() == b'[1,"x"]\n'
    assert Answer.from_plain(result_of(do_range(job(file).sealed(), part(file)))).report.nothing == 1


def test_store_stays_open_between_ranges_and_no_longer(file, monkeypatch):
    monkeypatch.setattr(room, "IDLE", 0.05)
    opened = []
    monkeypatch.setattr(room, "_open", lambda told, really=room._open: opened.append(1) or really(told))
    do_range(job(file).sealed(), part(file))
    do_range(job(file).sealed(), part(file))
    assert len(opened) == 1
    deadline = time.monotonic() + 20
    while room._IDLE._waiting and time.monotonic() < deadline:
        time.sleep(0.01)
    assert room._IDLE._waiting == []
    do_range(job(file).sealed(), part(file))
    assert len(opened) == 2


def test_another_version_of_the_program_does_nothing(file):
    with pytest.raises(ClusterError, match=r"has pickle-migrate .* and here is 0\.0\.9: install the same"):
        result_of(do_range(job(file, version="0.0.9").sealed(), part(file)))
    assert file.read_bytes() == pickled([1, "x"])


def test_machine_that_does_not_see_the_files_says_so(tmp_path):
    with pytest.raises(StoreError, match=f"the worker .* does not see {tmp_path}/absent"):
        result_of(do_range(job(tmp_path / "absent").sealed(), part(tmp_path / "absent" / "a")))


def test_machine_that_does_not_see_the_backups_says_so(tmp_path, file):
    with pytest.raises(StoreError, match=f"does not see {tmp_path}/old"):
        result_of(do_range(job(file, backup_to=f"{tmp_path}/old").sealed(), part(file)))


def test_machine_with_other_converters_does_nothing(tmp_path, file, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    converters = write_program(tmp_path, name="shop_of_remote")
    with pytest.raises(ClusterError, match=r"another version of shop_of_remote\.converters"):
        result_of(do_range(job(file, converters=str(converters), program="0" * 64).sealed(), part(file)))
    loaded = room._load(str(converters))
    assert loaded[1] == room.fingerprint(loaded[0]) != ""
    same = job(file, converters=str(converters), program=loaded[1])
    assert Answer.from_plain(result_of(do_range(same.sealed(), part(file)))).report.converted == 1


def test_no_password_is_in_what_is_printed_or_answered():
    recipe = Recipe(Source(url=URL, options={"table": "t", "column": "v"}))
    told = Job(json.dumps(recipe.to_plain()), "")
    assert "secret" not in repr(told)
    assert "secret" not in repr(told.sealed())
    pytest.importorskip("psycopg")
    answer = do_range(told.sealed(), plain_range(Range(0, 1)))
    assert answer["error"] == "Unavailable"
    assert "secret" not in json.dumps(answer)


def test_sqlite_is_not_for_a_cluster():
    with pytest.raises(ClusterError, match="for one machine"):
        Cluster(Recipe(Source(url="sqlite:///a.db")), "tcp://127.0.0.1:1")


def test_without_the_extra_it_says_how_to_install_it(monkeypatch, file):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'pickle-migrate\[dask\]'"):
        Cluster(Recipe(Source(paths=[str(file)])), "tcp://127.0.0.1:1")
