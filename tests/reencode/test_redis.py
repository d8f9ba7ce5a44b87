"""Strings and fields of hashes of a real Redis: compared and set, with their expiry kept."""

import pytest

from migrate.reencode import Refused, State, StoreError, Unavailable
from migrate.reencode.backups import Backups, kept
from migrate.reencode.opening import open_source, source_of
from migrate.reencode.restore import restore_store

from .databases import outcomes
from .support import pickled, plain

pytestmark = pytest.mark.stores


@pytest.fixture
def client(redis_server):
    import redis

    made = redis.Redis.from_url(redis_server[1])
    made.flushall()
    for number in range(30):
        made.set(f"order:{number}", pickled([number], number % 6))
    yield made
    made.close()


def store(redis_server, **options):
    return open_source(source_of([redis_server[1]], options))


def values(client):
    return {key: client.get(key) for key in sorted(client.keys()) if client.type(key) == b"string"}


def test_every_value_is_converted_and_a_rerun_writes_nothing(client, redis_server):
    found = outcomes(store(redis_server), size=7)
    assert {outcome.state for outcome in found.values()} == {State.CONVERTED}
    assert values(client) == {f"order:{n}".encode(): b"[%d]\n" % n for n in sorted(range(30), key=str)}
    assert {o.state for o in outcomes(store(redis_server)).values()} == {State.NOTHING}


def test_expiry_is_kept(client, redis_server):
    client.pexpireat("order:1", 4_000_000_000_123)
    outcomes(store(redis_server))
    assert client.get("order:1") == b"[1]\n"
    assert client.pexpiretime("order:1") == 4_000_000_000_123
    assert client.ttl("order:2") == -1


def test_key_that_expired_meanwhile_is_not_made_again(client, redis_server):
    def expire(record, room=0):
        client.delete("order:4") if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=expire)
    assert found["order:4"].reason == "changed-meanwhile"
    assert not client.exists("order:4")


def test_value_written_meanwhile_is_left(client, redis_server):
    def write(record, room=0):
        client.set("order:4", pickled("newer")) if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=write)
    assert found["order:4"].reason == "changed-meanwhile"
    assert client.get("order:4") == pickled("newer")


def test_key_that_became_a_list_meanwhile_is_left(client, redis_server):
    def write(record, room=0):
        if record == [4]:
            client.delete("order:4")
            client.rpush("order:4", "x")
        return plain(record)

    assert outcomes(store(redis_server), convert_record=write)["order:4"].reason == "changed-meanwhile"
    assert client.lrange("order:4", 0, -1) == [b"x"]


def test_other_kinds_and_other_values_are_left(client, redis_server):
    client.rpush("list", pickled(1))
    client.set("counter", 7)
    found = outcomes(store(redis_server))
    assert "list" not in found
    assert found["counter"].state is State.OTHER
    assert client.get("counter") == b"7"


def test_only_keys_that_match(client, redis_server):
    client.set("cache:1", pickled(1))
    assert list(outcomes(store(redis_server, match="cache:*"))) == ["cache:1"]
    assert client.get("order:1") == pickled([1], 1)


def test_keys_are_any_bytes(client, redis_server):
    client.set(b"\xff\x00key", pickled(1))
    outcomes(store(redis_server))
    assert client.get(b"\xff\x00key") == b"1\n"


# --- hashes ------------------------------------------------------------------------------------


@pytest.fixture
def hashes(client):
    client.flushall()
    client.hset("cart:1", mapping={f"line:{n}": pickled([n], n % 6) for n in range(5)})
    client.hset("cart:2", mapping={"owner": "somebody", "total": 7, "items": pickled(["a"])})
    return client


def test_fields_are_converted_and_others_stay(hashes, redis_server):
    found = outcomes(store(redis_server))
    assert hashes.hgetall("cart:1") == {b"line:%d" % n: b"[%d]\n" % n for n in range(5)}
    assert hashes.hgetall("cart:2") == {b"owner": b"somebody", b"total": b"7", b"items": b'["a"]\n'}
    assert found['["cart:2", "items"]'].state is State.CONVERTED
    assert found['["cart:2", "total"]'].state is State.OTHER
    assert State.CONVERTED not in {outcome.state for outcome in outcomes(store(redis_server)).values()}


def test_a_hash_of_many_fields_is_listed_in_parts(client, redis_server):
    client.flushall()
    client.hset("many", mapping={f"field {n}": pickled([n, "x" * 80]) for n in range(3000)})
    client.set("one", pickled(1))
    found = outcomes(store(redis_server), size=100)
    assert len(found) == 3001
    assert {outcome.state for outcome in found.values()} == {State.CONVERTED}


def test_expiry_of_a_hash_is_kept(hashes, redis_server):
    hashes.pexpireat("cart:1", 4_000_000_000_123)
    outcomes(store(redis_server))
    assert hashes.pexpiretime("cart:1") == 4_000_000_000_123
    assert hashes.ttl("cart:2") == -1


@pytest.fixture
def newer(monkeypatch):
    """A work-alike of Redis 7.4 in this process, which runs scripts: in Debian's, fields do not expire."""
    import fakeredis
    import redis

    made = fakeredis.FakeRedis(version=(7, 4), server_type="redis")
    monkeypatch.setattr(redis.Redis, "from_url", lambda _url: made)
    monkeypatch.setattr(made, "info", lambda _section: {"redis_version": "7.4.2", "run_id": "one"})
    made.hset("cart:1", mapping={f"line:{n}": pickled([n], n % 6) for n in range(5)})
    made.hpexpireat("cart:1", 4_000_000_000_123, "line:1")
    return made


def test_expiry_of_a_field_is_kept_where_the_server_has_it(newer):
    found = outcomes(open_source(source_of(["redis://other/0"], {})))
    assert {outcome.state for outcome in found.values()} == {State.CONVERTED}
    assert newer.hgetall("cart:1") == {b"line:%d" % n: b"[%d]\n" % n for n in range(5)}
    assert newer.hpexpiretime("cart:1", "line:1", "line:2") == [4_000_000_000_123, -1]


def test_field_whose_expiry_is_not_told_is_left(newer, monkeypatch):
    """Without the right to ask for it, it would be lost."""
    from fakeredis._helpers import SimpleError
    from fakeredis.commands_mixins.hash_mixin import HashCommandsMixin

    def refuse(*_arguments):
        raise SimpleError("NOPERM this user has no permissions to run the 'hpexpiretime' command")

    monkeypatch.setattr(HashCommandsMixin, "hpexpiretime", refuse)
    before = newer.hgetall("cart:1")
    found = outcomes(open_source(source_of(["redis://other/0"], {})))
    assert {outcome.state for outcome in found.values()} == {State.FAILED}
    assert newer.hgetall("cart:1") == before


def test_expiry_of_a_field_is_kept(hashes, redis_server):
    from redis import ResponseError

    try:
        hashes.execute_command("HPEXPIREAT", "cart:1", 4_000_000_000_123, "FIELDS", 1, "line:1")
    except ResponseError:
        pytest.skip("in this server fields do not expire; they do since Redis 7.4 and Valkey 9")
    outcomes(store(redis_server))
    assert hashes.hget("cart:1", "line:1") == b"[1]\n"
    ends = hashes.execute_command("HPEXPIRETIME", "cart:1", "FIELDS", 2, "line:1", "line:2")
    assert ends == [4_000_000_000_123, -1]


def test_field_that_another_program_wrote_is_left(hashes, redis_server):
    def write(record, room=0):
        hashes.hset("cart:1", "line:4", pickled("newer")) if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=write)
    assert found['["cart:1", "line:4"]'].reason == "changed-meanwhile"
    assert hashes.hget("cart:1", "line:4") == pickled("newer")


def test_hash_that_is_gone_meanwhile_is_not_made_again(hashes, redis_server):
    def delete(record, room=0):
        hashes.delete("cart:1") if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=delete)
    assert found['["cart:1", "line:4"]'].reason == "changed-meanwhile"
    assert not hashes.exists("cart:1")


def test_hash_that_became_a_string_meanwhile_is_left(hashes, redis_server):
    opened = store(redis_server)
    listed = list(opened.ranges(100))
    hashes.delete("cart:1")
    hashes.set("cart:1", "text")
    found = [each for part in listed for each in opened.read_range(part)]
    opened.close()
    left = {each.item.key: each.blob for each in found if isinstance(each.blob, Refused)}
    assert set(left) == {f'["cart:1", "line:{n}"]' for n in range(5)}
    assert hashes.get("cart:1") == b"text"


def test_a_user_without_the_right_to_write_is_told(hashes, redis_server):
    hashes.execute_command("ACL", "SETUSER", "reader", "on", ">word", "~*", "+@all", "-hset")
    url = redis_server[1].replace("redis://", "redis://reader:word@")
    found = outcomes(open_source(source_of([url], {"match": "cart:1"})))
    assert {outcome.reason for outcome in found.values()} <= {"read-only", "write-failed"}
    assert hashes.hget("cart:1", "line:1") == pickled([1], 1)


def test_names_that_look_like_fields_are_told_apart(client, redis_server):
    client.flushall()
    client.hset("a", "b", pickled(1))
    client.set('["a", "b"]', pickled(2))
    client.set("[", pickled(3))
    client.hset(b"\xff", b"\x00\xfe", pickled(4))
    assert len(outcomes(store(redis_server))) == 4
    assert client.hget("a", "b") == b"1\n"
    assert client.get('["a", "b"]') == b"2\n"
    assert client.get("[") == b"3\n"
    assert client.hget(b"\xff", b"\x00\xfe") == b"4\n"


def test_restore_of_fields(hashes, redis_server, tmp_path):
    hashes.pexpireat("cart:1", 4_000_000_000_123)
    before = hashes.hgetall("cart:1"), hashes.hgetall("cart:2")
    opened = store(redis_server)
    backups = Backups(tmp_path, opened.address)
    outcomes(opened, backups=backups)
    backups.close()
    opened = store(redis_server)
    assert {o.state for o in restore_store(opened, kept(tmp_path, opened.address))} == {State.CONVERTED}
    opened.close()
    assert (hashes.hgetall("cart:1"), hashes.hgetall("cart:2")) == before
    assert hashes.pexpiretime("cart:1") == 4_000_000_000_123


# --- both --------------------------------------------------------------------------------------


def test_restore_is_byte_identical_and_keeps_the_expiry(client, redis_server, tmp_path):
    client.pexpireat("order:1", 4_000_000_000_123)
    before = values(client)
    opened = store(redis_server)
    backups = Backups(tmp_path, opened.address)
    outcomes(opened, backups=backups)
    backups.close()
    opened = store(redis_server)
    assert {o.state for o in restore_store(opened, kept(tmp_path, opened.address))} == {State.CONVERTED}
    opened.close()
    assert values(client) == before
    assert client.pexpiretime("order:1") == 4_000_000_000_123


def test_full_server_refuses_and_keeps_the_value(client, redis_server):
    client.config_set("maxmemory", 1)
    try:
        found = outcomes(store(redis_server))
    finally:
        client.config_set("maxmemory", 0)
    assert {outcome.reason for outcome in found.values()} == {"write-failed"}
    assert client.get("order:3") == pickled([3], 3)


def test_server_that_is_not_there():
    with pytest.raises(Unavailable):
        open_source(source_of(["redis://127.0.0.1:1/0"], {}))


def test_wrong_option(redis_server):
    with pytest.raises(StoreError, match="Redis has no option --table"):
        store(redis_server, table="t")
