"""Files that have not changed are not read: what says so, and when nothing does."""

from __future__ import annotations

import os
import time

import pytest

from migrate.sites import contents
from migrate.sites.contents import ChangedError, Contents, digest_of, digests, sizes
from migrate.sites.tree import read_tree

OLD = 1_600_000_000_000_000_000


@pytest.fixture
def later(monkeypatch):
    """Let an hour pass, so that what lies on disk now is settled."""
    now = time.time_ns

    def pass_by():
        monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600_000_000_000)

    return pass_by


@pytest.fixture
def reads(monkeypatch):
    """The files that are read, one after the other."""
    found = []
    read = contents.read_stamped

    def noted(path):
        found.append(path.rpartition("/")[2])
        return read(path)

    monkeypatch.setattr(contents, "read_stamped", noted)
    return found


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    (tmp_path / "b.py").write_bytes(b"y = 2\n")
    return tmp_path


def known_of(tree):
    return read_tree(tree).sources.index()


def test_a_file_that_has_not_changed_is_read_when_it_is_asked_for(tree, later, reads):
    later()
    known = known_of(tree)
    reads.clear()
    sources = read_tree(tree, known=known).sources
    assert list(sources) == ["a.py", "b.py"]
    assert digests(sources) == {"a.py": digest_of(b"x = 1\n"), "b.py": digest_of(b"y = 2\n")}
    assert sizes(sources) == {"a.py": 6, "b.py": 6}
    assert sources.index() == known
    assert "a.py" in sources
    assert reads == []
    assert sources["b.py"] == sources["b.py"] == b"y = 2\n"
    assert reads == ["b.py"]


def test_what_was_changed_just_now_is_not_noted(tree):
    """It may change again within the same tick of the file system's clock (git: "racy")."""
    assert known_of(tree) == {}


def test_a_change_within_the_same_tick_is_seen(tree):
    known = known_of(tree)
    before = (tree / "a.py").stat()
    (tree / "a.py").write_bytes(b"x = 3\n")
    os.utime(tree / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read_tree(tree, known=known).sources["a.py"] == b"x = 3\n"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the system keeps no time of a change of status")
def test_a_change_of_the_same_size_with_the_old_time_is_seen(tree, later):
    """``touch -d`` sets the one time and not the other."""
    os.utime(tree / "a.py", ns=(OLD, OLD))
    later()
    known = known_of(tree)
    assert len(known) == 2
    (tree / "a.py").write_bytes(b"x = 3\n")
    os.utime(tree / "a.py", ns=(OLD, OLD))
    assert read_tree(tree, known=known).sources["a.py"] == b"x = 3\n"


def test_a_file_that_takes_the_place_of_another_is_seen(tree, later):
    later()
    known = known_of(tree)
    (tree / "new").write_bytes(b"x = 3\n")
    os.utime(tree / "new", ns=(OLD, known["a.py"].stamp[3]))
    (tree / "new").replace(tree / "a.py")
    assert read_tree(tree, known=known).sources["a.py"] == b"x = 3\n"


def test_files_that_are_touched_gone_and_new(tree, later, reads):
    later()
    known = known_of(tree)
    (tree / "b.py").unlink()
    (tree / "c.py").write_bytes(b"z = 3\n")
    os.utime(tree / "a.py", ns=(OLD, OLD))
    reads.clear()
    sources = read_tree(tree, known=known).sources
    assert sources == {"a.py": b"x = 1\n", "c.py": b"z = 3\n"}
    assert sorted(reads) == ["a.py", "c.py"]


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_what_changes_while_it_is_looked_at_is_said(tree, later, how):
    later()
    sources = read_tree(tree, known=known_of(tree)).sources
    if how == "changed":
        (tree / "a.py").write_bytes(b"x = 12\n")
    else:
        (tree / "a.py").unlink()
    with pytest.raises(ChangedError, match=r"a\.py"):
        sources["a.py"]
    assert sources["b.py"] == b"y = 2\n"


def test_contents_compare_like_a_dict(tree):
    made = Contents(str(tree))
    made.put("b.py", b"2")
    made.put("a.py", b"1")
    assert made == {"a.py": b"1", "b.py": b"2"}
    assert list(made.sorted()) == ["a.py", "b.py"]
    assert made.select(lambda path: path == "a.py") == {"a.py": b"1"}
