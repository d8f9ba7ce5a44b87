"""Files: which are looked at, and how they are replaced."""

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from migrate.reencode import Conflict, LocalTree, Refused, could_hold
from migrate.reencode import localtree as room
from migrate.reencode import swap as swapping
from migrate.reencode.localtree import _machine

from .support import pickled

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs renameat2 and leases")


def tree(*paths, **options):
    return LocalTree(paths, interesting=could_hold, **options)


def names(*paths):
    return [Path(item.key).name for item in tree(*paths).items()]


def entries(folder):
    return sorted(path.name for path in folder.iterdir())


def replace(path, data=b"[1]\n", **options):
    store = tree(path, **options)
    return store.replace(str(path), store.read(str(path)), data)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(pickled([1]))
    return path


@pytest.fixture
def unprivileged():
    """Act as a user without root's rights, in a directory that such a user can reach."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o777)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield place
    if root:
        os.seteuid(0)
    place.chmod(0o700)
    shutil.rmtree(place)


# --- which files ----------------------------------------


def test_found_by_content_whatever_the_name(tmp_path):
    for name in ("a.pkl", "b.txt", "c", "d.json"):
        (tmp_path / name).write_bytes(pickled([1]))
    assert names(tmp_path) == ["a.pkl", "b.txt", "c", "d.json"]


@pytest.mark.parametrize(
    "name",
    [".git/x", ".hg/x", "__pycache__/x", "node_modules/x", ".pickle-migrate/x", "env/x", "code.py", "m.pyc"],
)
def test_passed_by(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickled([1]))
    if name == "env/x":
        (tmp_path / "env/pyvenv.cfg").write_text("")
    assert names(tmp_path) == []


def test_named_file_is_looked_at_whatever_it_is(tmp_path):
    path = tmp_path / "readme.py"
    path.write_text("text")
    assert names(path) == ["readme.py"]


def test_file_named_twice_is_listed_once(tmp_path, file):
    assert names(tmp_path, file, tmp_path, file) == ["data.bin"]


def test_backups_are_never_looked_at(tmp_path, file):
    backup = file.with_name("data.bin.pickle-backup")
    backup.write_bytes(pickled([1]))
    assert names(tmp_path) == ["data.bin"]
    assert names(backup) == []


def test_directory_that_cannot_be_listed_gets_an_answer(unprivileged):
    closed = unprivileged / "closed"
    closed.mkdir(mode=0o000)
    (item,) = tree(unprivileged).items()
    with pytest.raises(Refused) as caught:
        tree(unprivileged).read(item.key)
    closed.chmod(0o700)
    assert caught.value.reason == "unreadable"


def test_link_within_the_tree_is_passed_by(tmp_path, file):
    (tmp_path / "link").symlink_to(file)
    assert names(tmp_path) == ["data.bin"]


def test_link_out_of_the_tree_is_refused_not_followed(tmp_path, file):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(file)
    assert names(inside) == ["link"]
    with pytest.raises(Refused) as caught:
        replace(inside / "link")
    assert caught.value.reason == "symbolic-link"
    assert (inside / "link").is_symlink()
    assert file.read_bytes() == pickled([1])


def test_linked_directory_is_not_entered(tmp_path, file):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "loop").symlink_to(tmp_path)
    assert names(inside) == []


def test_special_file_is_refused_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == []
    with pytest.raises(Refused, match="not a regular file"):
        tree(tmp_path / "pipe").read(str(tmp_path / "pipe"))


def test_file_over_the_limit_is_refused_unread(file):
    with pytest.raises(Refused) as caught:
        tree(file, max_bytes=5).read(str(file))
    assert caught.value.reason == "limit"


# --- replacing ----------------------------------------


def test_replaced_and_nothing_left_beside(tmp_path, file):
    replace(file)
    assert file.read_bytes() == b"[1]\n"
    assert entries(tmp_path) == ["data.bin"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_mode_and_times_are_kept(file, mode):
    file.chmod(mode)
    os.utime(file, ns=(1_000_000_001, 2_000_000_002))
    replace(file)
    status = file.stat()
    assert stat.S_IMODE(status.st_mode) == mode
    assert status.st_mtime_ns == 2_000_000_002


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner_is_kept(file):
    os.chown(file, 1234, 5678)
    replace(file)
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 5678)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_file_whose_owner_cannot_be_kept_is_left(unprivileged):
    path = unprivileged / "theirs"
    os.seteuid(0)
    path.write_bytes(pickled([1]))
    path.chmod(0o666)
    os.seteuid(65534)
    with pytest.raises(Refused, match="owner"):
        replace(path)
    assert path.read_bytes() == pickled([1])
    assert entries(unprivileged) == ["theirs"]


def test_read_only_file_is_left(file):
    file.chmod(0o444)
    with pytest.raises(Refused) as caught:
        replace(file)
    assert caught.value.reason == "read-only"
    assert file.read_bytes() == pickled([1])


def test_read_only_directory(unprivileged):
    folder = unprivileged / "folder"
    folder.mkdir()
    path = folder / "data"
    path.write_bytes(pickled([1]))
    folder.chmod(0o555)
    with pytest.raises(Refused) as caught:
        replace(path)
    folder.chmod(0o755)
    assert caught.value.reason == "read-only"
    assert path.read_bytes() == pickled([1])


def test_disk_full(monkeypatch, tmp_path, file):
    def fail(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(room.os, "fsync", fail)
    with pytest.raises(Refused) as caught:
        replace(file)
    assert caught.value.reason == "write-failed"
    assert file.read_bytes() == pickled([1])
    assert entries(tmp_path) == ["data.bin"]


# --- another program writes ----------------------------------------


def test_file_written_since_it_was_read_is_left(tmp_path, file):
    store = tree(file)
    blob = store.read(str(file))
    file.write_bytes(pickled([2]))
    with pytest.raises(Conflict):
        store.replace(str(file), blob, b"[1]\n")
    assert file.read_bytes() == pickled([2])
    assert entries(tmp_path) == ["data.bin"]


def test_write_of_the_same_size_and_times_is_noticed(file):
    store = tree(file)
    before = file.stat()
    blob = store.read(str(file))
    file.write_bytes(pickled([2]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(Conflict):
        store.replace(str(file), blob, b"[1]\n")


@pytest.mark.parametrize("backup", [False, True])
def test_write_while_the_new_file_is_written(monkeypatch, tmp_path, file, backup):
    genuine = room._write_beside

    def write_and_let_another_in(path, data):
        made = genuine(path, data)
        if data == b"[1]\n":
            file.write_bytes(pickled([2]))
        return made

    monkeypatch.setattr(room, "_write_beside", write_and_let_another_in)
    with pytest.raises(Conflict):
        replace(file, backup=backup)
    assert file.read_bytes() == pickled([2])
    assert entries(tmp_path) == ["data.bin"]


def test_write_after_the_backup_takes_the_backup_away(monkeypatch, tmp_path, file):
    genuine = room._keep_backup

    def keep_and_let_another_in(path, data):
        made = genuine(path, data)
        file.write_bytes(pickled([2]))
        return made

    monkeypatch.setattr(room, "_keep_backup", keep_and_let_another_in)
    with pytest.raises(Conflict):
        replace(file, backup=True)
    assert entries(tmp_path) == ["data.bin"]


def let_another_in(monkeypatch, file, *writes):
    """Let another program write right before each exchange of files."""
    genuine, pending = room.exchange, list(writes)

    def write_and_exchange(temp, path):
        if pending:
            pending.pop(0)(file)
        return genuine(temp, path)

    monkeypatch.setattr(room, "exchange", write_and_exchange)
    monkeypatch.setattr(swapping, "exchange", write_and_exchange)


def in_place(file):
    file.write_bytes(pickled([2]))


def as_a_whole(file):
    new = file.parent / "new"
    new.write_bytes(pickled([3]))
    new.replace(file)


@linux
@pytest.mark.parametrize(
    ("writes", "last"),
    [
        ([in_place], 2),
        ([as_a_whole], 3),
        ([in_place, as_a_whole], 3),
        ([as_a_whole, as_a_whole, in_place], 2),
    ],
)
def test_write_in_the_last_instant_is_put_back(monkeypatch, tmp_path, file, writes, last):
    let_another_in(monkeypatch, file, *writes)
    with pytest.raises(Conflict):
        replace(file)
    assert file.read_bytes() == pickled([last])
    assert entries(tmp_path) == ["data.bin"]


@linux
def test_file_that_is_open_for_writing_is_left(tmp_path, file):
    with file.open("r+b") as writer:
        with pytest.raises(Conflict):
            replace(file)
        writer.write(b"late")
    assert file.read_bytes().startswith(b"late")
    assert entries(tmp_path) == ["data.bin"]


def test_file_that_is_open_for_reading_is_converted(file):
    with file.open("rb") as reader:
        replace(file)
        assert reader.read() == pickled([1])
    assert file.read_bytes() == b"[1]\n"


@linux
def test_file_deleted_in_the_last_instant_stays_deleted(monkeypatch, tmp_path, file):
    let_another_in(monkeypatch, file, lambda path: path.unlink())
    with pytest.raises(Refused):
        replace(file)
    assert entries(tmp_path) == []


def test_file_system_that_cannot_exchange(monkeypatch, tmp_path, file):
    monkeypatch.setattr(room, "exchange", lambda *_: False)
    replace(file)
    assert file.read_bytes() == b"[1]\n"
    assert entries(tmp_path) == ["data.bin"]


def test_file_that_is_gone(file):
    store = tree(file)
    blob = store.read(str(file))
    file.unlink()
    with pytest.raises(Refused, match="gone"):
        store.replace(str(file), blob, b"[1]\n")
    assert not file.exists()


# --- backups ----------------------------------------


def test_backup_is_the_old_file(file):
    file.chmod(0o640)
    os.utime(file, ns=(1, 2))
    replace(file, backup=True)
    backup = file.with_name("data.bin.pickle-backup")
    assert backup.read_bytes() == pickled([1])
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640
    assert backup.stat().st_mtime_ns == 2


def test_backup_with_other_bytes_is_never_overwritten(file):
    backup = file.with_name("data.bin.pickle-backup")
    backup.write_bytes(b"precious")
    with pytest.raises(Refused) as caught:
        replace(file, backup=True)
    assert caught.value.reason == "backup-exists"
    assert backup.read_bytes() == b"precious"
    assert file.read_bytes() == pickled([1])


def test_backup_with_the_same_bytes_will_do(file):
    backup = file.with_name("data.bin.pickle-backup")
    backup.write_bytes(pickled([1]))
    replace(file, backup=True)
    assert file.read_bytes() == b"[1]\n"


def test_backup_without_hard_links(monkeypatch, file):
    def fail(*_):
        raise PermissionError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(room.os, "link", fail)
    replace(file, backup=True)
    assert file.with_name("data.bin.pickle-backup").read_bytes() == pickled([1])


# --- what a killed run leaves ----------------------------------------


def test_temporary_file_of_a_dead_process_is_removed(tmp_path, file):
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    (tmp_path / f".pickle-migrate-{gone}-{_machine()}-00.tmp").write_bytes(b"half")
    assert names(tmp_path) == ["data.bin"]
    assert entries(tmp_path) == ["data.bin"]


def test_temporary_file_of_another_machine_is_left(tmp_path):
    """Its processes have numbers of their own."""
    theirs = tmp_path / ".pickle-migrate-2000000000-0123abcd-00.tmp"
    theirs.write_bytes(pickled([1]))
    assert names(tmp_path) == []
    assert theirs.exists()


def test_temporary_file_of_a_running_process_is_left(tmp_path):
    mine = tmp_path / f".pickle-migrate-{os.getpid()}-{_machine()}-00.tmp"
    mine.write_bytes(pickled([1]))
    assert names(tmp_path) == []
    assert mine.exists()


def test_names_that_are_no_text(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.pkl"
    with contextlib.suppress(OSError), open(path, "wb") as made:  # noqa: PTH123
        made.write(pickled([1]))
    if not os.path.exists(path):  # noqa: PTH110
        pytest.skip("the file system wants UTF-8")
    (item,) = tree(tmp_path).items()
    replace(Path(item.key))
    assert Path(item.key).read_bytes() == b"[1]\n"
