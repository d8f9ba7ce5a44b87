"""Counting what a store holds: by format, without changing it, a part at a time."""

from __future__ import annotations

import gzip
import pickle
import sqlite3
import tracemalloc
import zipfile
from base64 import b64encode
from collections import Counter
from contextlib import closing

import pytest

from migrate.reencode import StoreError, Unavailable
from migrate.reencode.opening import open_source, shown, source_of
from migrate.reencode.stock import content_of, count, count_files
from migrate.rollout.stock import look_at
from migrate.runtime import Codec, Keys
from migrate.runtime.seals import seal
from tests.reencode.databases import OPEN
from tests.reencode.support import Evil

KEYS = Keys({"k": b"k" * 32})
PICKLE = pickle.dumps([1, "a"])
JSON = b'{"a":1}\n'


def counted(url):
    store = open_source(source_of([url], {}))
    OPEN.append(store.close)
    try:
        return count(store)
    finally:
        store.close()


# --- what one value is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_every_protocol_is_one(protocol):
    data = pickle.dumps({"a": [1.5, None]}, protocol)
    assert content_of(data).format == "pickle"
    assert content_of(gzip.compress(data)).format == "pickle"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (JSON, "json"),
        (JSON + JSON, "json"),
        (gzip.compress(JSON, mtime=0), "gzip"),
        (Codec("a", stage="json", format="msgpack").dumps([1]), "msgpack"),
        (b'{\n  "a": 1\n}\n', "json"),
        (b"", "empty"),
        (b"N.B. a text that begins as a pickle of None", "unknown"),
        (b"\x89PNG\r\n\x1a\n", "unknown"),
        (JSON + PICKLE, "pickle"),  # a log that was appended to in both formats
        (PICKLE + JSON, "pickle"),
        (PICKLE[:-3], "pickle"),  # damaged
    ],
)
def test_by_content(data, expected):
    assert content_of(data).format == expected


def test_seals_are_found_behind_other_records_and_inside_compression():
    sealed = seal(KEYS, PICKLE)
    assert content_of(sealed).sealed
    assert content_of(gzip.compress(JSON + sealed)).sealed
    assert not content_of(JSON).sealed


def test_nothing_executes(tmp_path):
    marker = tmp_path / "marker"
    assert content_of(pickle.dumps(Evil(marker))).format == "pickle"
    assert not marker.exists()


# --- files --------------------------------------------------------------------------------------------------


def test_files_below_a_folder(tmp_path):
    (tmp_path / "a").mkdir()
    for name, data in {
        "a/1": PICKLE,
        "a/2.json": JSON,
        "3.py": b"x = 1\n",
        "4": b"",
        "5": b"\x89PNG",
    }.items():
        (tmp_path / name).write_bytes(data)
    found = count_files(tmp_path)
    assert found.formats == Counter(pickle=1, json=1, unknown=1)
    assert found.pickles.examples == [str(tmp_path / "a" / "1")]


def test_what_cannot_be_told_is_no_reason_to_go_on(tmp_path):
    (tmp_path / "half.gz").write_bytes(gzip.compress(b"[" + b"1," * 9_000 + b"1]\n" + PICKLE)[:-20])
    found = count_files(tmp_path)
    assert found.unreadable.count == 1
    assert "half.gz" in found.unreadable.examples[0]


def test_archives_are_looked_into(tmp_path):
    for name, member in {"old": PICKLE, "new": JSON, "sealed": seal(KEYS, PICKLE)}.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("note", "a text")
            archive.writestr("value", member)
    whole = (tmp_path / "new.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[:-10])
    found = count_files(tmp_path)
    assert found.formats == Counter(pickle=1, zip=2, unreadable=1)
    assert found.pickles.examples == [str(tmp_path / "old.zip")]
    assert found.sealed.examples == [str(tmp_path / "sealed.zip")]


def test_a_place_that_is_not_there_is_said(tmp_path):
    assert count_files(tmp_path / "nowhere").unreadable.examples == [
        f"{tmp_path / 'nowhere'}: No such file or directory"
    ]


# --- databases ----------------------------------------------------------------------------------------------


def url_of(database):
    return f"{database.url}?table=t&column=v"


def test_a_column_of_bytes(database):
    database.create()
    rows = {1: PICKLE, 2: JSON, 3: seal(KEYS, PICKLE), 4: None, 5: gzip.compress(PICKLE), 6: JSON}
    database.fill(rows)
    found = counted(url_of(database))
    assert found.formats["pickle"] == 2
    assert found.formats["json"] == 2
    assert (found.total, found.pickles.count, found.sealed.count, found.unreadable.count) == (5, 2, 1, 0)
    assert found.pickles.examples == ["1", "5"]
    assert database.values() == rows


def test_a_column_of_text(database):
    database.create("id BIGINT PRIMARY KEY, v TEXT")
    database.fill({1: b64encode(PICKLE).decode(), 2: '{"a":1}\n', 3: pickle.dumps([1], 0).decode()})
    assert counted(url_of(database)).pickles.count == 2


def test_more_rows_than_a_range_holds(database):
    database.create()
    database.fill({n: PICKLE if n % 100 == 0 else JSON for n in range(1_100)})
    found = counted(url_of(database))
    assert (found.total, found.pickles.count) == (1_100, 11)
    assert len(found.pickles.examples) == 5


def test_a_file_that_nobody_may_write_to(tmp_path):
    path = tmp_path / "stock.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
        database.execute("INSERT INTO t VALUES (1, ?)", (PICKLE,))
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert counted(f"sqlite:///{path}?table=t&column=v").pickles.count == 1
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [p.name for p in tmp_path.iterdir()] == ["stock.db"]


def test_the_memory_for_a_part_is_enough_for_all(tmp_path):
    path, size, rows = tmp_path / "stock.db", 40_000, 1_000
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
        value = b'"' + b"x" * size + b'"\n'
        database.executemany("INSERT INTO t VALUES (?, ?)", ((n, value) for n in range(rows)))
    url = f"sqlite:///{path}?table=t&column=v"
    counted(url)  # imports what it needs
    tracemalloc.start()
    try:
        assert counted(url).total == rows
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size * rows / 2


# --- objects ------------------------------------------------------------------------------------------------


@pytest.fixture
def memory():
    import fsspec

    system = fsspec.filesystem("memory")
    if system.exists("/stock"):
        system.rm("/stock", recursive=True)
    system.pipe_file("/stock/a/1", PICKLE)
    system.pipe_file("/stock/2", JSON)
    yield system
    system.rm("/stock", recursive=True)


def test_objects(memory):
    found = counted("memory://stock")
    assert (found.formats["json"], found.pickles.examples) == (1, ["/stock/a/1"])


def test_an_object_that_is_gone_when_it_is_read_counts_for_nothing(memory):
    store = open_source(source_of(["memory://stock"], {}))
    ranges = store.ranges

    def listed_and_then_gone(size, after=None):
        for part in ranges(size, after):
            memory.rm_file(part.items[0].key) if part.items[0].key == "/stock/2" else None
            yield part

    store.ranges = listed_and_then_gone
    found = count(store)
    assert (found.total, found.unreadable.count) == (1, 0)


def test_a_folder_that_cannot_be_listed_is_not_passed_over():
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Guarded(MemoryFileSystem):
        protocol = "guarded"

        @classmethod
        def _strip_protocol(cls, path):
            return "/" + path.removeprefix("guarded://").strip("/")

        def ls(self, path, detail=True, **options):
            if "secret" in path:
                raise PermissionError(13, "Permission denied", path)
            return super().ls(path, detail=detail, **options)

    fsspec.register_implementation("guarded", Guarded, clobber=True)
    system = fsspec.filesystem("guarded")
    system.pipe_file("/guarded/secret/1", PICKLE)
    system.pipe_file("/guarded/2", JSON)
    try:
        with pytest.raises(StoreError, match=r"not all of guarded://guarded could be listed: .*denied"):
            counted("guarded://guarded")
        assert "denied" in look_at("guarded://guarded", 0.0).problem
    finally:
        system.store.clear()


# --- where it is --------------------------------------------------------------------------------------------


def test_a_password_comes_from_the_environment_and_is_not_shown(monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "p@ss/w:rd?")
    source = source_of(["postgresql://app:${SHOP_PASSWORD}@db/shop?table=t&column=c"], {})
    assert source.url == "postgresql://app:p%40ss%2Fw%3Ard%3F@db/shop"
    assert shown(source.url) == "postgresql://app:***@db/shop"


def test_a_whole_url_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP", "postgresql://app:secret@db/shop")
    source = source_of(["${SHOP}?table=t&column=c"], {})
    assert (source.url, source.options["table"]) == ("postgresql://app:secret@db/shop", "t")


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    look = look_at("postgresql://app:${SHOP_PASSWORD}@db/shop?table=t&column=c", 0.0)
    assert "the environment has no SHOP_PASSWORD" in look.problem


def test_the_pattern_of_redis_stands_in_the_url():
    source = source_of(["redis://host/0?match=session:*&socket_timeout=3"], {})
    assert (source.url, source.options) == ("redis://host/0?socket_timeout=3", {"match": "session:*"})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///{0}/none.db?table=t&column=v", "there is no SQLite file"),
        ("sqlite:///{0}/stock.db?table=u&column=v", "there is no table 'u'; tables: t"),
        ("sqlite:///{0}/stock.db?table=t", "--column missing"),
        ("memory://nothing", "there is nothing at memory://nothing"),
        ("unheard-of://a", "no store is known"),
    ],
)
def test_what_keeps_a_store_from_being_looked_at_is_the_answer(tmp_path, url, says):
    with closing(sqlite3.connect(tmp_path / "stock.db")) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")
    look = look_at(url.format(tmp_path), 7.0)
    assert says in look.problem
    assert (look.at, look.found.total) == (7.0, 0)


# --- servers ------------------------------------------------------------------------------------------------


@pytest.mark.stores
def test_redis(redis_server):
    import redis

    with closing(redis.Redis.from_url(redis_server[1])) as client:
        client.flushall()
        for number in range(1_200):
            client.set(f"order:{number}", PICKLE if number < 7 else JSON, ex=1_000)
        client.set("other", PICKLE)
        client.hset("hash", mapping={"a": PICKLE, "b": JSON})
        client.lpush("list", PICKLE)
        before = client.dbsize()
        client.config_resetstat()
        assert counted(f"{redis_server[1]}?match=order:*").pickles.count == 7
        assert counted(redis_server[1]).pickles.count == 9
        assert client.dbsize() == before
        assert not {"cmdstat_set", "cmdstat_evalsha", "cmdstat_del"} & client.info("commandstats").keys()
        client.flushall()


@pytest.mark.stores
def test_a_server_that_is_down_is_the_answer(postgresql):
    server, url = postgresql
    other = url.replace(f":{server.port}/", ":1/")
    assert "refused" in look_at(f"{other}?table=t&column=v", 0.0).problem
    assert "refused" in look_at("redis://127.0.0.1:1/0", 0.0).problem
    with pytest.raises(Unavailable):
        counted(f"{other}?table=t&column=v")


@pytest.mark.stores
def test_a_user_who_may_only_read(postgresql):
    from tests.reencode.databases import Database

    database = Database(postgresql[1])
    database.create()
    database.fill({1: PICKLE, 2: JSON})
    database.run("DROP ROLE IF EXISTS looker")
    database.run("CREATE ROLE looker LOGIN")
    try:
        database.run("GRANT SELECT ON t TO looker")
        url = postgresql[1].replace("tester:secret@", "looker:geheim@")
        look = look_at(f"{url}?table=t&column=v", 0.0)
        assert (look.problem, look.found.pickles.count, look.found.total) == ("", 1, 2)
        assert "geheim" not in look.source
    finally:
        database.run("DROP OWNED BY looker")
        database.run("DROP ROLE looker")


@pytest.mark.stores
def test_buckets(s3_server, monkeypatch):
    import boto3

    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="counted")
    client.put_object(Bucket="counted", Key="a/1", Body=PICKLE)
    client.put_object(Bucket="counted", Key="2", Body=JSON)
    found = counted("s3://counted")
    assert (found.pickles.count, found.total) == (1, 2)
