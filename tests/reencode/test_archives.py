"""Zip archives: members that are pickles are converted, everything else stays byte for byte."""

import gzip
import io
import json
import stat
import struct
import subprocess
import zipfile
from functools import partial

import pytest

from migrate.legacy import Limits, MigrateError
from migrate.reencode import Refused, ThroughCodec, convert
from migrate.reencode.archives import InArchives
from migrate.reencode.verify import Verification
from migrate.runtime import Codec

from .support import PYTHON, Evil, pickled

WHEN = (2019, 7, 6, 5, 4, 2)
KINDS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
into = partial(convert, convert_record=ThroughCodec(Codec("archives")))
looked_into = InArchives(into)


def member(name, compression=zipfile.ZIP_DEFLATED, mode=0o640):
    info = zipfile.ZipInfo(name, WHEN)
    info.compress_type, info.external_attr = compression, (stat.S_IFREG | mode) << 16
    info.comment = f"about {name}".encode()
    return info


def archive(*members, comment=b"the orders"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.comment = comment
        for info, data in members:
            file.writestr(info, data)
    return buffer.getvalue()


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {info.filename: (info, file.read(info)) for info in file.infolist()}


def mixed():
    return archive(
        (member("readme.txt"), b"hello\n" * 100),
        (member("a.pkl", zipfile.ZIP_STORED), pickled([1], 2)),
        (member("ä/b.pkl", zipfile.ZIP_LZMA, 0o600), pickled({"b": 2}, 5) + pickled(3, 0)),
        (member("done.json"), b"[3]\n"),
        (member("c.gz", zipfile.ZIP_BZIP2), gzip.compress(pickled("c"))),
        (member("empty"), b""),
        (member("dir/"), b""),
    )


def test_pickles_are_converted_and_all_else_stays():
    old = mixed()
    found = looked_into(old)
    before, after = members(old), members(found.data)
    assert list(after) == list(before)
    assert after["a.pkl"][1] == b"[1]\n"
    assert after["ä/b.pkl"][1] == b'{"b":2}\n3\n'
    assert gzip.decompress(after["c.gz"][1]) == b'"c"\n'
    for name in ("readme.txt", "done.json", "empty", "dir/"):
        assert after[name][1] == before[name][1]
    assert found.label == "JSON + pickle 0-1 + pickle 2 + pickle 4 + pickle 5 in zip"
    assert found.pickles == 4
    assert zipfile.ZipFile(io.BytesIO(found.data)).comment == b"the orders"


@pytest.mark.parametrize("kind", KINDS)
def test_date_mode_comment_and_compression_are_kept(kind):
    old = archive((member("a.pkl", kind), pickled([1])))
    ((before, _),), ((after, data),) = members(old).values(), members(looked_into(old).data).values()
    assert data == b"[1]\n"
    for name in ("date_time", "external_attr", "comment", "compress_type", "extra", "create_system"):
        assert getattr(after, name) == getattr(before, name)


def test_members_without_pickles_are_the_same_bytes_in_the_archive():
    info = member("readme.txt")
    old = archive((member("a.pkl"), pickled([1])), (info, b"hello\n" * 100))
    new = looked_into(old).data
    (readme, _), (moved, _) = members(old)["readme.txt"], members(new)["readme.txt"]
    size = 30 + len("readme.txt") + readme.compress_size
    assert new[moved.header_offset :][:size] == old[readme.header_offset :][:size]


class Pipe(io.RawIOBase):
    """Where nobody can go back, so that zipfile writes sizes behind the data."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


def test_archives_that_were_written_to_a_pipe():
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as file:
        file.writestr(member("a.pkl"), pickled([1]))
        file.writestr(member("b.txt"), b"hello")
    after = members(looked_into(pipe.data).data)
    assert [data for _, data in after.values()] == [b"[1]\n", b"hello"]


def test_an_archive_that_is_done_or_holds_none_is_left_alone():
    assert looked_into(archive((member("a.json"), b"[1]\n"))).data is None
    assert looked_into(archive((member("a.json"), b"[1]\n"))).kinds == ("JSON",)
    assert looked_into(archive((member("a.txt"), b"hello"))).kinds == ()
    assert looked_into(looked_into(mixed()).data).data is None


def test_an_archive_in_an_archive_is_left_alone():
    inner = archive((member("a.pkl"), pickled([1])))
    assert looked_into(archive((member("inner.zip"), inner))).data is None


def test_what_cannot_be_converted_is_named_and_the_archive_stays(tmp_path):
    old = archive((member("a.pkl"), pickled([1])), (member("b.pkl"), pickled(Evil(tmp_path / "marker"))))
    with pytest.raises(Refused, match=r"b\.pkl"):
        looked_into(old)
    assert not (tmp_path / "marker").exists()


def encrypted():
    data = bytearray(archive((member("a.pkl"), pickled([1]))))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def of_another_crc():
    data = bytearray(archive((member("a.pkl", zipfile.ZIP_STORED), pickled([1, 2]))))
    data[data.index(b"\x80\x04") + 13] ^= 1
    return bytes(data)


def overlapping():
    data = bytearray(archive((member("a.pkl"), pickled([1])), (member("b.pkl"), pickled([2]))))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, second + 42, 0)
    return bytes(data)


def in_zip64():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file, file.open(member("a.pkl"), "w", force_zip64=True) as inside:
        inside.write(pickled([1]))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (encrypted, "unreadable", "encrypted"),
        (of_another_crc, "malformed", "damaged"),
        (overlapping, "malformed", "damaged"),
        (lambda: mixed()[:-40], "malformed", "damaged"),
        (lambda: mixed() + b"more", "malformed", ""),
        (lambda: mixed()[:200], "malformed", "damaged"),
        (in_zip64, "malformed", "Zip64"),
    ],
)
def test_what_is_refused(data, reason, said):
    with pytest.raises(Refused) as refused:
        looked_into(data())
    assert refused.value.reason == reason
    assert said in refused.value.message


def test_a_member_that_unpacks_to_too_much_is_refused():
    bomb = archive((member("a.pkl"), pickled("x" * 100_000)))
    with pytest.raises(Refused, match=r"a\.pkl") as refused:
        InArchives(into, Limits(max_unpacked=50_000))(bomb)
    assert refused.value.reason == "limit"


def test_any_damage_is_refused_or_harmless():
    old = archive((member("a.pkl"), pickled([1])), (member("b.txt"), b"hello"))
    for position in range(len(old)):
        data = bytearray(old)
        data[position] ^= 0x41
        try:
            found = looked_into(bytes(data))
        except MigrateError:
            continue
        if found.data is not None:
            members(found.data)


def run(folder, *arguments, command="reencode"):
    done = subprocess.run(
        [PYTHON, "-m", "migrate", command, *arguments, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_archives_of_a_tree_are_converted_backed_up_and_put_back(tmp_path):
    old = mixed()
    (tmp_path / "orders.zip").write_bytes(old)
    (tmp_path / "library.whl").write_bytes(old)
    status, found = run(tmp_path, ".", "--backup")
    assert (status, found["converted_count"], found["pickles"]) == (0, 1, 4)
    assert (tmp_path / "library.whl").read_bytes() == old
    assert members((tmp_path / "orders.zip").read_bytes())["a.pkl"][1] == b"[1]\n"
    assert run(tmp_path, ".", "--verify-only")[0] == 0
    assert run(tmp_path, ".", command="restore")[0] == 0
    assert (tmp_path / "orders.zip").read_bytes() == old


def test_verification_names_the_member_that_is_a_pickle():
    check = InArchives(Verification(Codec("archives")))
    with pytest.raises(Refused, match=r"a\.pkl") as refused:
        check(mixed())
    assert refused.value.reason == "not-converted"
    assert check(looked_into(mixed()).data).data is None


def test_an_archive_that_was_named_is_looked_into_whatever_it_is_called(tmp_path):
    (tmp_path / "orders.bin").write_bytes(mixed())
    (tmp_path / "locked.zip").write_bytes(encrypted())
    status, found = run(tmp_path, "orders.bin", "locked.zip")
    assert (status, found["converted_count"]) == (1, 1)
    assert [failure["reason"] for failure in found["failed"]] == ["unreadable"]
    assert (tmp_path / "locked.zip").read_bytes() == encrypted()
