"""A shelf of the runtime stands where one of :mod:`shelve` stood: same file, same keys, old values too."""

import dbm
import pickle
import shelve
import sys
from collections.abc import MutableMapping
from contextlib import closing
from pathlib import Path

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, UnknownClass
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Node, Order

VALUES = {"int": 1, "list": [1, (2,)], "line": Line("a"), "ключ": {1: {2.5}}, "": None}


@pytest.fixture
def old(tmp_path) -> str:
    path = str(tmp_path / "carts")
    with shelve.open(path) as db:
        db.update(VALUES)
    return path


def records(path: str) -> dict[bytes, bytes]:
    with dbm.open(path, "r") as db:
        return {bytes(key): db[key] for key in db.keys()}  # noqa: SIM118 - not all of dbm iterate


class TestOldFiles:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles_are_read(self, codec, tmp_path, protocol):
        path = str(tmp_path / "carts")
        with shelve.open(path, protocol=protocol) as db:
            db.update(VALUES)
        with codec.open_shelf(path, "r") as db:
            assert dict(db) == VALUES

    def test_reading_leaves_the_file_as_it_is(self, codec, old):
        before = records(old)
        with codec.open_shelf(old, "r") as db:
            assert len(list(db.items())) == len(VALUES)
        assert records(old) == before

    def test_what_is_stored_is_json_and_the_rest_stays(self, codec, old):
        before = records(old)
        with codec.open_shelf(old) as db:
            db["line"] = Line("b")
        after = records(old)
        assert after.pop(b"line").startswith(b"{")
        before.pop(b"line")
        assert after == before

    def test_a_whole_shelf_is_converted_by_storing_it_again(self, codec, old):
        with codec.open_shelf(old) as db:
            for key in list(db):
                db[key] = db[key]
        assert not any(record.startswith(b"\x80") for record in records(old).values())
        with codec.at_stage("json-only").open_shelf(old, "r") as db:
            assert dict(db) == VALUES

    def test_nothing_of_a_pickle_runs(self, codec, tmp_path):
        path, marker = str(tmp_path / "db"), tmp_path / "marker"

        class Evil:
            def __reduce__(self):
                return Path.touch, (marker,)

        with shelve.open(path) as db:
            db["x"] = Evil()
        with codec.open_shelf(path) as db, pytest.raises(UnknownClass, match=r"^\['x'\]"):
            db["x"]
        assert not marker.exists()

    def test_json_only_refuses_pickles_and_names_the_key(self, codec, old):
        with codec.at_stage("json-only").open_shelf(old) as db, pytest.raises(DecodeError) as caught:
            db["line"]
        assert (caught.value.reason, caught.value.path) == ("pickle-refused", "['line']")

    @pytest.mark.parametrize("stage", ["observe", "dual-read"])
    def test_before_json_shelve_can_read_what_is_stored(self, codec, old, stage):
        with codec.at_stage(stage).open_shelf(old, protocol=2) as db:
            db["line"] = Line("b")
            assert db["line"] == Line("b")
        with shelve.open(old) as db:
            assert db["line"] == Line("b")
        assert records(old)[b"line"].startswith(b"\x80\x02")


class TestAsAMapping:
    @pytest.fixture
    def db(self, codec, tmp_path):
        with codec.open_shelf(tmp_path / "new") as db:
            yield db

    def test_it_does_what_a_dict_does(self, db):
        db.update(a=1, b=2)
        assert db.setdefault("c", 3) == 3
        assert isinstance(db, MutableMapping)
        assert ("a" in db, "z" in db, len(db)) == (True, False, 3)
        assert (sorted(db), sorted(db.values())) == (["a", "b", "c"], [1, 2, 3])
        assert (db.get("a"), db.get("z"), db.get("z", 9)) == (1, None, 9)
        assert (db.pop("a"), db.pop("z", None)) == (1, None)
        del db["b"]
        assert dict(db) == {"c": 3}

    def test_a_key_that_is_missing(self, db):
        for use in (lambda: db["z"], lambda: db.__delitem__("z"), lambda: db.pop("z")):
            with pytest.raises(KeyError):
                use()

    @pytest.mark.parametrize("key", [1, None, b"bytes"])
    def test_a_key_that_is_no_text(self, db, key):
        with pytest.raises(AttributeError):
            db[key] = 1
        assert len(db) == 0

    def test_clear_does_not_read(self, codec, old):
        with codec.at_stage("json-only").open_shelf(old) as db:
            db.clear()
        assert records(old) == {}

    def test_objects_of_its_own_graph_only(self, db):
        node = Node("a")
        node.next = node
        db["node"] = node
        assert db["node"].next.next is not node
        assert db["node"] is not db["node"]


class TestRefused:
    def test_the_old_value_stays(self, codec, old):
        before = records(old)
        with codec.open_shelf(old) as db:
            with pytest.raises(EncodeError, match=r"\['line'\]\[1\]"):
                db["line"] = [1, lambda: 0]
            assert db["line"] == Line("a")
        assert records(old) == before

    def test_sync_stores_all_or_nothing(self, codec, tmp_path):
        db = codec.open_shelf(tmp_path / "db", writeback=True)
        db["a"], db["b"] = [1], [2]
        db["a"].append(3)
        db["b"].append(lambda: 0)
        with pytest.raises(EncodeError, match="'b'"):
            db.sync()
        assert codec.loads(db.dict[b"a"]) == [1]
        db["b"].pop()
        db.close()
        with codec.open_shelf(tmp_path / "db") as db:
            assert dict(db) == {"a": [1, 3], "b": [2]}

    def test_close_closes_the_file_even_so(self, codec, tmp_path):
        db = codec.open_shelf(tmp_path / "db", writeback=True)
        db["a"] = []
        db["a"].append(lambda: 0)
        with pytest.raises(EncodeError):
            db.close()
        with codec.open_shelf(tmp_path / "db") as db:
            assert dict(db) == {"a": []}


class TestWriteback:
    def test_what_is_changed_in_place_is_stored(self, codec, old):
        with codec.open_shelf(old, writeback=True) as db:
            db["list"].append(5)
        with codec.open_shelf(old) as db:
            assert db["list"] == [1, (2,), 5]

    def test_without_it_nothing_is(self, codec, old):
        with codec.open_shelf(old) as db:
            db["list"].append(5)
            assert db["list"] == [1, (2,)]

    def test_a_deleted_value_does_not_come_back(self, codec, old):
        with codec.open_shelf(old, writeback=True) as db:
            assert db["list"] is db["list"]
            del db["list"]
        with codec.open_shelf(old) as db:
            assert "list" not in db


class TestClosing:
    def test_later_uses_are_refused(self, codec, tmp_path):
        with codec.open_shelf(tmp_path / "db") as db:
            db["a"] = 1
        for use in (lambda: db["a"], lambda: db.__setitem__("a", 2), lambda: len(db), lambda: list(db)):
            with pytest.raises(ValueError, match="closed shelf"):
                use()
        db.close()

    def test_contextlib_closing(self, codec, tmp_path):
        with closing(codec.open_shelf(tmp_path / "db")) as db:
            db["a"] = 1
        with codec.open_shelf(tmp_path / "db", "r") as db:
            assert db["a"] == 1

    def test_a_file_that_is_not_there(self, codec, tmp_path):
        with pytest.raises(dbm.error[0]):
            codec.open_shelf(tmp_path / "none", "r")
        assert list(tmp_path.iterdir()) == []


class TestOverAMapping:
    def test_in_memory(self, codec):
        data: dict[bytes, bytes] = {}
        with codec.shelf(data) as db:
            db["a"] = Order("1")
            assert db["a"] == Order("1")
        assert list(data) == [b"a"]

    def test_another_encoding_of_keys(self, codec):
        data: dict[bytes, bytes] = {}
        shelve.Shelf(data, keyencoding="latin-1")["é"] = 1
        assert dict(codec.shelf(data, keyencoding="latin-1")) == {"é": 1}


def test_the_arguments_are_those_of_shelve(tmp_path):
    import inspect

    ours, theirs = inspect.signature(Codec.open_shelf), inspect.signature(shelve.open)
    assert list(ours.parameters)[1:5] == list(theirs.parameters)[:4]
    assert all(
        ours.parameters[name].default == theirs.parameters[name].default
        for name in list(theirs.parameters)[:4]
    )


def test_shelve_itself_is_not_needed(tmp_path):
    import subprocess

    code = (
        "import sys; from migrate.runtime import Codec\n"
        f"with Codec('x').open_shelf({str(tmp_path / 'db')!r}) as db: db['a'] = 1; print(db['a'])\n"
        "print('shelve' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_a_store_of_its_own_stage(tmp_path):
    codec = make_codec()
    with codec.store("carts", stage="dual-read").open_shelf(tmp_path / "db") as db:
        db["a"] = 1
        assert db.dict[b"a"].startswith(b"\x80")
