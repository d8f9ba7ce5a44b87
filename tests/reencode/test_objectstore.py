"""Objects at fsspec URLs: in memory in every run, and on a work-alike of S3 with conditional writes."""

import json
import subprocess

import pytest

from migrate.reencode import Keyed, State, StoreError
from migrate.reencode.backups import Backups, kept
from migrate.reencode.opening import open_source, source_of
from migrate.reencode.restore import restore_store

from .databases import outcomes
from .support import PYTHON, pickled, plain


class Memory:
    def __init__(self):
        import fsspec

        self.system = fsspec.filesystem("memory")
        self.url = "memory://stock"
        if self.system.exists("/stock"):
            self.system.rm("/stock", recursive=True)

    def put(self, name, data):
        self.system.pipe_file(f"/stock/{name}", data)

    def get(self, name):
        return self.system.cat_file(f"/stock/{name}")

    def names(self):
        return sorted(path.removeprefix("/stock/") for path in self.system.find("/stock"))

    def key(self, name):
        return f"/stock/{name}"


class S3:
    def __init__(self):
        import boto3

        self.client = boto3.client("s3")
        self.client.create_bucket(Bucket="stock")
        for entry in self.client.list_objects_v2(Bucket="stock").get("Contents", ()):
            self.client.delete_object(Bucket="stock", Key=entry["Key"])
        self.url = "s3://stock/orders"

    def put(self, name, data, **more):
        self.client.put_object(Bucket="stock", Key=f"orders/{name}", Body=data, **more)

    def get(self, name):
        return self.client.get_object(Bucket="stock", Key=f"orders/{name}")["Body"].read()

    def names(self):
        found = self.client.list_objects_v2(Bucket="stock", Prefix="orders/").get("Contents", ())
        return sorted(entry["Key"].removeprefix("orders/") for entry in found)

    def key(self, name):
        return f"stock/orders/{name}"


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.stores)])
def bucket(request, monkeypatch):
    if request.param == "memory":
        made = Memory()
    else:
        for name, value in request.getfixturevalue("s3_server").items():
            monkeypatch.setenv(name, value)
        made = S3()
    for number in range(9):
        made.put(f"{number // 3}/{number}.pkl", pickled([number], number % 6))
    return made


def opened(bucket):
    return open_source(source_of([bucket.url], {}))


def test_every_object_is_converted_and_a_rerun_writes_nothing(bucket):
    names = bucket.names()
    found = outcomes(opened(bucket))
    assert {outcome.state for outcome in found.values()} == {State.CONVERTED}
    assert [bucket.get(name) for name in names] == [b"[%d]\n" % n for n in range(9)]
    assert {o.state for o in outcomes(opened(bucket)).values()} == {State.NOTHING}
    assert bucket.names() == names


def test_other_objects_are_left(bucket):
    bucket.put("image.jpg", b"\xff\xd8\xff\xe0")
    assert outcomes(opened(bucket))[bucket.key("image.jpg")].state is State.OTHER
    assert bucket.get("image.jpg") == b"\xff\xd8\xff\xe0"


def test_object_written_meanwhile_is_left(bucket):
    def write(record, room=0):
        if record == [4]:
            bucket.put("1/4.pkl", pickled("newer"))
        return plain(record)

    found = outcomes(opened(bucket), convert_record=write)
    assert found[bucket.key("1/4.pkl")].reason == "changed-meanwhile"
    assert bucket.get("1/4.pkl") == pickled("newer")
    assert len(bucket.names()) == 9


def test_object_deleted_meanwhile_is_not_made_again(bucket):
    def delete(record, room=0):
        if record == [4]:
            if isinstance(bucket, Memory):
                bucket.system.rm_file(bucket.key("1/4.pkl"))
            else:
                bucket.client.delete_object(Bucket="stock", Key="orders/1/4.pkl")
        return plain(record)

    found = outcomes(opened(bucket), convert_record=delete)
    assert found[bucket.key("1/4.pkl")].state is State.FAILED
    assert "1/4.pkl" not in bucket.names()


def test_restore_is_byte_identical(bucket, tmp_path):
    before = {name: bucket.get(name) for name in bucket.names()}
    store = opened(bucket)
    backups = Backups(tmp_path, store.address)
    outcomes(store, backups=backups)
    backups.close()
    store = opened(bucket)
    assert {o.state for o in restore_store(store, kept(tmp_path, store.address))} == {State.CONVERTED}
    assert {name: bucket.get(name) for name in bucket.names()} == before


def test_nothing_there(bucket):
    with pytest.raises(StoreError, match="nothing at"):
        open_source(source_of([bucket.url + "/no/such"], {}))


def test_risk_is_said_where_there_are_no_conditional_writes(bucket):
    store = opened(bucket)
    assert isinstance(store, Keyed)
    assert ("no conditional writes" in store.note) == isinstance(bucket, Memory)


@pytest.mark.stores
@pytest.mark.parametrize("bucket", ["s3"], indirect=True)
def test_s3_keeps_what_it_knows_of_an_object(bucket):
    known = {"ContentType": "application/x-shop", "CacheControl": "no-store", "Metadata": {"owner": "ann"}}
    bucket.put("a", pickled(1), Tagging="team=blue&kind=order", **known)
    outcomes(opened(bucket))
    found = bucket.client.get_object(Bucket="stock", Key="orders/a")
    assert found["Body"].read() == b"1\n"
    assert {name: found[name] for name in known} == known
    tags = bucket.client.get_object_tagging(Bucket="stock", Key="orders/a")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "blue", "kind": "order"}


@pytest.mark.stores
@pytest.mark.parametrize("bucket", ["s3"], indirect=True)
def test_s3_from_the_command_line_does_not_read_again_what_is_done(bucket, tmp_path):
    command = [PYTHON, "-m", "migrate", "reencode", "--json", bucket.url, "--workers", "2"]
    for converted in (9, 0):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        assert (found["converted_count"], found["already_json"]) == (converted, 9 - converted)
