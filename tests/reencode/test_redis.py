"""String values of a real Redis: compared and set, with their expiry kept."""

import pytest

from migrate.reencode import State, StoreError, Unavailable
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
    def expire(record):
        client.delete("order:4") if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=expire)
    assert found["order:4"].reason == "changed-meanwhile"
    assert not client.exists("order:4")


def test_value_written_meanwhile_is_left(client, redis_server):
    def write(record):
        client.set("order:4", pickled("newer")) if record == [4] else None
        return plain(record)

    found = outcomes(store(redis_server), convert_record=write)
    assert found["order:4"].reason == "changed-meanwhile"
    assert client.get("order:4") == pickled("newer")


def test_key_that_became_a_list_meanwhile_is_left(client, redis_server):
    def write(record):
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
