"""Pickles in a column of a table: converted row by row, or left and listed; nothing else changes."""

import base64
import gzip
import json
import os
import sqlite3
import threading
import time
import uuid
from contextlib import closing

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from migrate.cli.reencode import command
from migrate.reencode import State, StoreError, ThroughCodec
from migrate.reencode.backups import Backups, kept
from migrate.reencode.keys import read_key, write_key
from migrate.reencode.restore import restore_store
from migrate.reencode.sql import SqlColumn
from migrate.reencode.stores import Change, Item
from migrate.runtime import Codec

from .databases import Database, outcomes
from .support import pickled


@pytest.fixture
def table(database):
    database.create()
    database.fill({number: pickled([number, "x" * number], number % 6) for number in range(10)})
    return database


def states(found):
    return {key: outcome.state for key, outcome in found.items()}


# --- what is converted --------------------------------


def test_every_row_is_converted(table):
    found = outcomes(table.store())
    assert set(states(found).values()) == {State.CONVERTED}
    assert list(found) == [str(number) for number in range(10)]
    assert table.values() == {n: b'[%d, "%s"]\n' % (n, b"x" * n) for n in range(10)}


def test_rerun_writes_nothing(table):
    outcomes(table.store())
    before = table.values()
    assert set(states(outcomes(table.store())).values()) == {State.NOTHING}
    assert table.values() == before


def test_null_is_passed_by(table):
    table.run("UPDATE t SET v = NULL WHERE id = 3")
    assert "3" not in outcomes(table.store())
    assert table.values()[3] is None


def test_what_is_no_pickle_is_left(table):
    table.run("UPDATE t SET v = :v WHERE id = 3", {"v": b"\xff\xd8\xff\xe0 jpeg"})
    assert outcomes(table.store())["3"].state is State.OTHER
    assert table.values()[3] == b"\xff\xd8\xff\xe0 jpeg"


def test_damaged_row_is_left_and_the_others_are_done(table):
    damaged = pickled(["x" * 50])[:-3]
    table.run("UPDATE t SET v = :v WHERE id = 4", {"v": damaged})
    found = outcomes(table.store())
    assert (found["4"].state, found["4"].reason) == (State.FAILED, "truncated")
    assert sum(outcome.state is State.CONVERTED for outcome in found.values()) == 9
    assert table.values()[4] == damaged


def test_dry_run_changes_nothing(table):
    before = table.values()
    found = outcomes(table.store(), dry_run=True)
    assert set(states(found).values()) == {State.PLANNED}
    assert found["0"].size_after == len(b'[0, ""]\n')
    assert table.values() == before


def test_other_columns_and_tables_are_not_touched(database):
    database.create("id BIGINT PRIMARY KEY, v {bytes}, w {bytes}, note TEXT")
    database.run("INSERT INTO t VALUES (1, :v, :v, 'n')", {"v": pickled(1)})
    outcomes(database.store())
    assert database.run("SELECT v, w, note FROM t") == [(b"1\n", pickled(1), "n")]


def test_names_are_quoted(database):
    for name in ('odd "name; --', "select"):
        quoted = '"' + name.replace('"', '""') + '"'
        database.run(f"DROP TABLE IF EXISTS {quoted}")
        database.run(f'CREATE TABLE {quoted} ({quoted} {database.bytes}, "the key" BIGINT PRIMARY KEY)')
        database.run(f"INSERT INTO {quoted} VALUES (:v, 1)", {"v": pickled(1)})
        outcomes(SqlColumn(database.url, table=name, column=name))
        assert database.run(f"SELECT {quoted} FROM {quoted}") == [(b"1\n",)]
        database.run(f"DROP TABLE {quoted}")


# --- keys ---------------------------------------------


@pytest.mark.parametrize(
    "values",
    [[1], [-(2**60)], ["a'b"], ["日本"], [b"\x00\xff"], [1.5], ["x", 7], [uuid.UUID(int=5)], [[1] and "[1]"]],
)
def test_keys_come_back_from_their_text(values):
    assert read_key(write_key(values)) == values
    assert [type(v) for v in read_key(write_key(values))] == [type(v) for v in values]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("TEXT", ["", "A", "B", "a", "a'b", 'q"', "ä", "日本"]),
        ("{bytes}", [b"", b"\x00", b"\x00\x01", b"\xff"]),
        ("BIGINT", [-(2**62), -1, 0, 7, 2**62]),
    ],
)
def test_kinds_of_keys(database, kind, keys):
    database.create(f"id {kind} PRIMARY KEY, v {{bytes}}")
    database.fill({key: pickled(1) for key in keys})
    assert len(outcomes(database.store(), size=2)) == len(keys)
    assert database.values() == dict.fromkeys(keys, b"1\n")


def test_composite_key(database):
    database.create("a BIGINT, b VARCHAR(10), v {bytes}, PRIMARY KEY (a, b)")
    rows = [{"a": a, "b": b, "v": pickled([a, b])} for a in range(4) for b in ("x", "y", "z")]
    database.run("INSERT INTO t VALUES (:a, :b, :v)", *rows)
    found = outcomes(database.store(), size=2)
    assert list(found)[:4] == ['[0, "x"]', '[0, "y"]', '[0, "z"]', '[1, "x"]']
    assert {v for (v,) in database.run("SELECT v FROM t")} == {
        b'[%d, "%s"]\n' % (a, b) for a in range(4) for b in (b"x", b"y", b"z")
    }


def test_unique_column_as_key(database):
    database.create("id BIGINT NOT NULL UNIQUE, v {bytes}")
    database.fill({1: pickled(1)})
    with pytest.raises(StoreError, match="no primary key; name a unique column with --key"):
        database.store()
    assert states(outcomes(database.store(key=["id"]))) == {"1": State.CONVERTED}


def test_key_that_is_not_unique_is_refused(database):
    database.create("id BIGINT, v {bytes}")
    with pytest.raises(StoreError, match="not known to be unique"):
        database.store(key=["id"])


def test_unique_index_over_some_rows_is_no_key(database):
    database.create("id BIGINT, v {bytes}")
    database.run("CREATE UNIQUE INDEX partly ON t (id) WHERE id > 5")
    with pytest.raises(StoreError, match="not known to be unique"):
        database.store(key=["id"])


def test_rows_without_a_key_are_refused(database):
    database.create("id BIGINT UNIQUE, v {bytes}")
    database.run("INSERT INTO t VALUES (NULL, :v)", {"v": pickled(1)})
    with pytest.raises(StoreError, match="NULL in some rows"):
        database.store(key=["id"])


def test_missing_names_are_said_with_what_there_is(table):
    with pytest.raises(StoreError, match=r"no table 'orders'; tables: .*t"):
        table.store(table="orders")
    with pytest.raises(StoreError, match="no column 'blob'; columns: id, v"):
        table.store(column="blob")


def test_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="no SQLite file"):
        SqlColumn(f"sqlite:///{tmp_path}/no.db", table="t", column="v")
    assert list(tmp_path.iterdir()) == []


def test_other_databases_are_refused():
    with pytest.raises(StoreError, match="mysql are not supported"):
        SqlColumn("mysql://localhost/x", table="t", column="v")


# --- text ---------------------------------------------


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (lambda b: base64.b64encode(b).decode(), base64.b64decode),
        (lambda b: base64.encodebytes(b).decode(), base64.b64decode),
        (lambda b: base64.urlsafe_b64encode(b).decode(), base64.urlsafe_b64decode),
        (lambda b: base64.b64encode(b).decode().rstrip("="), lambda t: base64.b64decode(t + "==")),
    ],
)
def test_base64_stays_base64_of_the_same_style(database, write, read):
    database.create("id BIGINT PRIMARY KEY, v TEXT")
    database.fill({n: write(pickled(["y" * 50, n], n % 6)) for n in range(6)})
    assert set(states(outcomes(database.store())).values()) == {State.CONVERTED}
    for number, text in database.values().items():
        assert read(text) == b'["%s", %d]\n' % (b"y" * 50, number)
        assert write(read(text)).rstrip("=") == text.rstrip("=")
    assert set(states(outcomes(database.store())).values()) == {State.NOTHING}


def test_base64_of_unknown_alphabet_is_left_where_it_matters(database):
    """A program that decodes the one alphabet silently drops characters of the other."""
    database.create("id BIGINT PRIMARY KEY, v TEXT")
    texts = ["z" * n + "?" for n in range(9)]
    old = {n: base64.b64encode(pickled([text], 2)).decode() for n, text in enumerate(texts)}
    new = {n: base64.b64encode(b'["%s"]\n' % text.encode()).decode() for n, text in enumerate(texts)}
    unknown = {n for n in old if not set(old[n]) & set("+/")}
    matters = {n for n in unknown if set(new[n]) & set("+/")}
    assert 0 < len(matters) < len(unknown)
    database.fill({n: old[n] for n in unknown})
    found = outcomes(database.store())
    assert {int(key) for key, outcome in found.items() if outcome.reason == "write-failed"} == matters
    assert database.values() == {n: old[n] if n in matters else new[n] for n in unknown}
    outcomes(database.store(base64="url"))
    assert {n: database.values()[n] for n in matters} == {n: new[n].replace("/", "_") for n in matters}


def test_pickle_as_text_becomes_json_as_text(database):
    database.create("id BIGINT PRIMARY KEY, v TEXT")
    database.fill({1: pickled(["a", 1], 0).decode(), 2: "just some words", 3: '{"a": 1}\n'})
    found = states(outcomes(database.store()))
    assert found == {"1": State.CONVERTED, "2": State.OTHER, "3": State.NOTHING}
    assert database.values() == {1: '["a", 1]\n', 2: "just some words", 3: '{"a": 1}\n'}


def test_texts_that_a_collation_takes_for_equal_are_not(tmp_path):
    """An UPDATE under NOCASE would overwrite what another wrote, if only the case differs."""
    (tmp_path / "a.db").touch()
    database = Database(f"sqlite:///{tmp_path}/a.db")
    database.create("id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE")
    old = base64.b64encode(pickled(["a", 1])).decode()
    database.fill({1: old})
    store = database.store()
    blob = store.read("1")
    database.run("UPDATE t SET v = :v", {"v": old.swapcase()})
    (answer,) = store.replace_many([Change(Item("1", 0), blob, blob.encode(b"1\n"))])
    assert answer.reason == "changed-meanwhile"
    assert database.values() == {1: old.swapcase()}


def test_values_of_any_type_in_a_column_of_sqlite(tmp_path):
    (tmp_path / "a.db").touch()
    database = Database(f"sqlite:///{tmp_path}/a.db")
    database.create("id INTEGER PRIMARY KEY, v")
    text = base64.b64encode(pickled([1])).decode()
    database.fill({1: pickled([1]), 2: 5, 3: 1.5, 4: text})
    found = outcomes(database.store())
    assert (found["2"].reason, found["3"].reason) == ("unreadable", "unreadable")
    assert database.values() == {1: b"[1]\n", 2: 5, 3: 1.5, 4: base64.b64encode(b"[1]\n").decode()}


# --- a column beside ----------------------------------


@pytest.fixture
def beside(database):
    database.create("id BIGINT PRIMARY KEY, v {bytes}, j TEXT")
    database.fill({n: pickled([n]) for n in range(5)})
    return database


def test_new_column_is_filled_and_the_old_one_kept(beside):
    before = beside.values()
    assert set(states(outcomes(beside.store(into="j"))).values()) == {State.CONVERTED}
    assert beside.values() == before
    assert beside.values("j") == {n: f"[{n}]\n" for n in range(5)}
    assert set(states(outcomes(beside.store(into="j"))).values()) == {State.NOTHING}


def test_new_column_that_holds_something_else_is_left(beside):
    beside.run("UPDATE t SET j = 'mine' WHERE id = 2")
    found = outcomes(beside.store(into="j"))
    assert found["2"].reason == "changed-meanwhile"
    assert beside.values("j")[2] == "mine"


def test_json_in_the_old_column_is_copied(beside):
    beside.run("UPDATE t SET v = :v WHERE id = 2", {"v": b'{"a": 1}\n'})
    outcomes(beside.store(into="j"))
    assert beside.values("j")[2] == '{"a": 1}\n'


def test_json_column_keeps_the_text(database):
    if database.dialect == "sqlite":
        pytest.skip("SQLite has no such type; a column declared JSON is below")
    database.create("id BIGINT PRIMARY KEY, v BYTEA, j JSON")
    database.fill({1: pickled({"b": -0.0, "a": 1e300})})
    outcomes(database.store(into="j"), convert_record=ThroughCodec(Codec("exact")))
    assert database.run("SELECT CAST(j AS TEXT) FROM t") == [('{"b":-0.0,"a":1e300}\n',)]
    assert states(outcomes(database.store(into="j"), convert_record=ThroughCodec(Codec("exact")))) == {
        "1": State.NOTHING
    }


def b64(value, protocol=4, *, encode=base64.b64encode):
    return json.dumps(encode(pickled(value, protocol)).decode())


def json_text(database, column="v"):
    return dict(database.run(f"SELECT id, CAST({column} AS TEXT) FROM t ORDER BY id"))


JSON_ROWS = {
    1: b64({"b": 1.0, "a": [True, None]}),
    2: b64({"b": "\u00e9\n"}, 2, encode=base64.encodebytes),
    3: '{"a": 1}',
    4: '"just a text"',
    5: json.dumps(base64.b64encode(b"no pickle").decode()),
    6: json.dumps(base64.b64encode(gzip.compress(pickled([1]))).decode()),
    7: b64(pickled(1)),
    8: b64(base64.b64encode(pickled(1)).decode()),
}


def fill_json(database, columns="id BIGINT PRIMARY KEY, v JSON", rows=JSON_ROWS):
    database.create(columns)
    kind = columns.split(" v ")[1].split(",")[0]
    value = f"CAST(:v AS {kind})" if database.dialect == "postgresql" else ":v"
    rows = ({"id": k, "v": v} for k, v in rows.items())
    database.run(f"INSERT INTO t (id, v) VALUES (:id, {value})", *rows)
    return database


def test_strings_of_base64_in_a_json_column_become_json(database):
    """What is no string of a pickle stays as it is, byte for byte."""
    fill_json(database)
    exact = ThroughCodec(Codec("exact"))
    found = outcomes(database.store(), convert_record=exact)
    converted = {"1", "2", "6", "7"}
    assert {key for key, state in states(found).items() if state is State.CONVERTED} == converted
    assert {key: outcome.reason for key, outcome in found.items() if outcome.reason} == {"8": "write-failed"}
    now = json_text(database)
    assert (now[1], now[2]) == ('{"b":1.0,"a":[true,null]}\n', '{"b":"\u00e9\\n"}\n')
    assert {n: now[n] for n in (3, 4, 5, 8)} == {n: JSON_ROWS[n] for n in (3, 4, 5, 8)}
    assert gzip.decompress(base64.b64decode(json.loads(now[6]))) == b"[1]\n"
    again = outcomes(database.store(), convert_record=exact)
    assert {key for key, state in states(again).items() if state is not State.NOTHING} == {"8"}
    assert json_text(database) == now


def test_json_column_is_put_back_from_the_backup(database, tmp_path):
    fill_json(database, rows={n: JSON_ROWS[n] for n in (1, 2, 3)})
    store = database.store()
    backups = Backups(tmp_path / "old", store.address)
    outcomes(store, backups=backups, convert_record=ThroughCodec(Codec("exact")))
    backups.close()
    assert json_text(database)[1] != JSON_ROWS[1]
    store = database.store()
    for _ in restore_store(store, kept(tmp_path / "old", store.address)):
        pass
    store.close()
    assert json_text(database) == {n: JSON_ROWS[n] for n in (1, 2, 3)}


@pytest.mark.parametrize("kind", ["JSON", "JSONB"])
def test_json_column_is_copied_into_another(database, kind):
    fill_json(database, f"id BIGINT PRIMARY KEY, v {kind}, j JSON", {1: JSON_ROWS[1]})
    before = json_text(database)
    exact = ThroughCodec(Codec("exact"))
    outcomes(database.store(into="j"), convert_record=exact)
    assert json_text(database) == before
    assert json_text(database, "j") == {1: '{"b":1.0,"a":[true,null]}\n'}
    again = outcomes(database.store(into="j"), convert_record=exact)
    assert set(states(again).values()) == {State.NOTHING}


def test_json_row_that_another_program_writes_meanwhile_is_left(database):
    fill_json(database, rows={1: b64([1]), 2: b64([2])})

    def write(record):
        if record == [2]:
            value = "CAST(:v AS JSON)" if database.dialect == "postgresql" else ":v"
            database.run(f"UPDATE t SET v = {value} WHERE id = 2", {"v": '"newer"'})

    found = outcomes(database.store(), convert_record=_Between(write))
    assert found["2"].state is State.NOTHING  # what the other wrote is JSON
    assert json_text(database) == {1: "[1]\n", 2: '"newer"'}


def test_json_column_of_sqlite_that_makes_a_number_of_a_text_leaves_the_row(tmp_path):
    (tmp_path / "a.db").touch()
    database = Database(f"sqlite:///{tmp_path}/a.db")
    fill_json(database, rows={1: b64(12), 2: b64([12])})
    found = outcomes(database.store())
    assert (found["1"].reason, found["2"].state) == ("write-failed", State.CONVERTED)
    assert json_text(database) == {1: b64(12), 2: "[12]\n"}


@pytest.mark.parametrize("kind", ["JSONB", "INTEGER"])
def test_columns_that_would_not_keep_the_value_are_refused(database, kind):
    database.create(f"id BIGINT PRIMARY KEY, v {{bytes}}, j {kind}")
    with pytest.raises(StoreError, match="'j'"):
        database.store(into="j")


# --- nothing lost -------------------------------------


class _Between:
    """A record converter that lets another program write between the reading and the writing of a row."""

    def __init__(self, action):
        self.action = action

    def __call__(self, record, room):
        from .support import plain

        self.action(record)
        return plain(record)


def test_row_written_meanwhile_is_left(table):
    def write(record):
        if record[0] == 4:
            table.run("UPDATE t SET v = :v WHERE id = 4", {"v": pickled("newer")})

    found = outcomes(table.store(), convert_record=_Between(write))
    assert found["4"].reason == "changed-meanwhile"
    assert table.values()[4] == pickled("newer")
    assert sum(outcome.state is State.CONVERTED for outcome in found.values()) == 9
    outcomes(table.store())
    assert table.values()[4] == b'"newer"\n'


def test_row_deleted_meanwhile_is_not_made_again(table):
    found = outcomes(
        table.store(),
        convert_record=_Between(lambda r: r[0] == 4 and table.run("DELETE FROM t WHERE id = 4")),
    )
    assert found["4"].reason == "changed-meanwhile"
    assert 4 not in table.values()


def test_trigger_that_changes_the_value_is_noticed(table):
    if table.dialect == "sqlite":
        table.run(
            "CREATE TRIGGER spoil AFTER UPDATE ON t WHEN NEW.id = 4 AND NEW.v != x'00'"
            " BEGIN UPDATE t SET v = OLD.v WHERE id = 4; END"
        )
    else:
        table.run(
            "CREATE OR REPLACE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN IF NEW.id = 4 THEN NEW.v = OLD.v; END IF; RETURN NEW; END'"
        )
        table.run("CREATE TRIGGER spoil BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION spoil()")
    found = outcomes(table.store())
    assert found["4"].reason == "verify-failed"
    assert table.values()[4] == pickled([4, "xxxx"], 4)
    assert sum(outcome.state is State.CONVERTED for outcome in found.values()) == 9


def test_row_that_a_constraint_refuses_is_left(database):
    size = "octet_length" if database.dialect == "postgresql" else "length"
    database.create(f"id BIGINT PRIMARY KEY, v {{bytes}} CHECK ({size}(v) != 4)")
    database.fill({n: pickled([n]) for n in (9, 10, 11)})
    found = outcomes(database.store())
    assert {key: outcome.reason for key, outcome in found.items()} == {
        "9": "write-failed",
        "10": "",
        "11": "",
    }
    assert database.values() == {9: pickled([9]), 10: b"[10]\n", 11: b"[11]\n"}


def test_read_only_database(table):
    if table.dialect == "sqlite":
        table.run(
            "CREATE TRIGGER no BEFORE UPDATE ON t"
            " BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
        store = table.store()
    else:
        store = SqlColumn(
            table.url + "?options=-c%20default_transaction_read_only%3Don", table="t", column="v"
        )
    before = table.values()
    assert {outcome.reason for outcome in outcomes(store).values()} == {"read-only"}
    assert table.values() == before


def test_writer_that_races(table):
    """Whatever a program wrote last is what is there, converted or not."""
    stop, last = threading.Event(), {}

    def keep_writing():
        count = 0
        while not stop.is_set():
            count += 1
            table.run(
                "UPDATE t SET v = :v WHERE id = :id", {"id": count % 10, "v": pickled([count % 10, count])}
            )
            last[count % 10] = count
            time.sleep(0.001)  # so that others get at the file, too

    writer = threading.Thread(target=keep_writing)
    writer.start()
    for _ in range(3):
        outcomes(table.store(), size=4)
    stop.set()
    writer.join()
    assert last
    outcomes(table.store())
    values = table.values()
    assert {number: values[number] for number in last} == {n: b"[%d, %d]\n" % (n, c) for n, c in last.items()}


# --- backups ------------------------------------------


def test_restore_is_byte_identical(table, tmp_path):
    before = table.values()
    store = table.store()
    backups = Backups(tmp_path / "old", store.address)
    outcomes(store, backups=backups)
    backups.close()
    assert table.values() != before
    store = table.store()
    found = list(restore_store(store, kept(tmp_path / "old", store.address)))
    assert {outcome.state for outcome in found} == {State.CONVERTED}
    assert table.values() == before
    again = list(restore_store(store, kept(tmp_path / "old", store.address)))
    assert {outcome.state for outcome in again} == {State.NOTHING}
    store.close()


def test_restore_leaves_what_was_written_since(table, tmp_path):
    store = table.store()
    backups = Backups(tmp_path / "old", store.address)
    outcomes(store, backups=backups)
    backups.close()
    table.run("UPDATE t SET v = :v WHERE id = 4", {"v": b'"newer"\n'})
    store = table.store()
    found = {o.key: o for o in restore_store(store, kept(tmp_path / "old", store.address))}
    assert found["4"].reason == "changed-meanwhile"
    assert table.values()[4] == b'"newer"\n'
    assert table.values()[5] == pickled([5, "xxxxx"], 5)
    store.close()


def test_a_process_with_a_clock_that_is_behind_keeps_its_backups_after_the_others(table, tmp_path):
    store = table.store()
    for number, protocol in enumerate((2, 5)):
        table.run("UPDATE t SET v = :v WHERE id = 4", {"v": pickled([4], protocol)})
        backups = Backups(tmp_path, store.address)
        change = Change(Item("4", 1), store.read("4"), b"[4]\n")
        backups.keep([change])
        assert store.replace_many([change]) == [""]
        backups.close()
        if not number:  # its clock was an hour ahead
            (path,) = tmp_path.glob("*.backup.sqlite")
            with closing(sqlite3.connect(path)) as database, database:
                database.execute("UPDATE old SET at = at + 3600")
            os.utime(path, (time.time() + 3600, time.time() + 3600))
    list(restore_store(store, kept(tmp_path, store.address)))
    store.close()
    assert table.values()[4] == pickled([4], 5)


# --- no room -------------------------------------------------------------------------------------


def run_command(database, folder, *arguments):
    options = ["--table", "t", "--column", "v", "--ledger", str(folder / "ledger.sqlite"), "--json"]
    result = CliRunner().invoke(command, [database.url, *options, *arguments])
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def full(database):
    """A database that takes a few of its rows in JSON, which is longer, and no more."""
    database.create()
    database.fill({number: pickled([bytes([255]) * 3500]) for number in range(2000)})
    if database.dialect == "postgresql":
        # The error of a full disk, by the server itself.
        database.run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id > 700 THEN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';"
            " END IF; RETURN NEW; END $$"
        )
        database.run("CREATE TRIGGER full_disk BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION full_disk()")
        yield database, lambda: database.run("DROP FUNCTION full_disk CASCADE")
        return
    pages = database.run("PRAGMA page_count")[0][0]
    most = [pages + 700]

    def limit(connection, _):
        connection.execute(f"PRAGMA max_page_count = {most[0]}")

    sa.event.listen(sa.Engine, "connect", limit)
    yield database, lambda: most.__setitem__(0, 1 << 30)
    sa.event.remove(sa.Engine, "connect", limit)


def test_a_full_disk_stops_the_run_which_goes_on_when_there_is_room(full, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database, make_room = full
    before = database.values()
    status, found = run_command(database, tmp_path)
    assert (status, found["stopped"], found["failed_count"]) == (1, True, 0)
    assert "there is no room left for the database" in found["notes"][-1]
    assert "run again to go on" in found["notes"][-1]
    after = database.values()
    new = {number for number in after if after[number] != before[number]}
    assert 0 < len(new) < len(after)
    assert all(after[number].startswith(b'[{"$bytes":') for number in new)
    make_room()
    status, found = run_command(database, tmp_path)
    assert (status, found["failed_count"], found["stopped"]) == (0, 0, False)
    assert all(value.startswith(b'[{"$bytes":') for value in database.values().values())


def test_backups_of_another_store_are_not_taken(table, tmp_path):
    with pytest.raises(StoreError, match="no backups in"):
        list(kept(tmp_path, "x"))
    store = table.store()
    backups = Backups(tmp_path / "old", store.address)
    outcomes(store, backups=backups)
    backups.close()
    with pytest.raises(StoreError, match="no backups of elsewhere, but of"):
        list(kept(tmp_path / "old", "elsewhere"))


def test_restored_text_is_the_same_text(database, tmp_path):
    database.create("id BIGINT PRIMARY KEY, v TEXT")
    database.fill({1: base64.encodebytes(pickled(["x" * 99])).decode()})
    before = database.values()
    store = database.store()
    backups = Backups(tmp_path / "old", store.address)
    outcomes(store, backups=backups)
    backups.close()
    store = database.store()
    list(restore_store(store, kept(tmp_path / "old", store.address)))
    store.close()
    assert database.values() == before


def test_password_is_not_in_the_address(database):
    database.create()
    store = database.store()
    assert "secret" not in store.address
    store.close()
