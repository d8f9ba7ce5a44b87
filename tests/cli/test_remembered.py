"""What was found in a large tree is kept, and used only while nothing that it follows from has changed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from migrate.cli import cli, remembered
from migrate.evidence import Flow, Gathered, gather, stored
from migrate.legacy import looks_like_pickle
from migrate.model import ClassSchema, Evidence, Field, TypeRef
from migrate.sites import find_sites
from migrate.sites.tree import read_tree

from .support import STORE

MODELS = """
from dataclasses import dataclass

@dataclass
class Line:
    name: str
    price: float = 0.0

@dataclass
class Order:
    lines: list[Line]
    note: str | None = None

class Special(Order):
    def __init__(self):
        self.extra = {"a": [1, 2.0]}
"""


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """The folder of the entries; not made yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/pickle-migrate/surveys"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "shop/__init__.py").write_text("")
    (root / "shop/store.py").write_text(STORE)
    (root / "shop/models.py").write_text(MODELS)
    for number in range(remembered.SMALLEST):
        (root / f"shop/part{number}.py").write_text(f"VALUE = {number}\n")
    return root


def scan(root, *options):
    done = CliRunner().invoke(cli, ["scan", str(root), "--json", *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def entries(folder):
    return sorted(folder.iterdir()) if folder.exists() else []


def forget_reports(folder):
    """Let the next scan ask for the evidence, and not for the whole report."""
    shutil.rmtree(folder.parent / "reports")


def poison(folder):
    """Make the one entry say that nothing flows anywhere, as only something with its key can."""
    (entry,) = entries(folder)
    forget_reports(folder)
    body = stored.dumps(stored.Found({}, {}, {}))
    entry.write_bytes(remembered._seal(entry.stem, body) + body)


def telling(document):
    """Return how many sites are known to have types."""
    return sum(bool(site["types"]) for site in document["sites"])


# --- it is used ---------------------------------------------------------------------------------------------


def test_the_second_scan_says_the_same(tree, cached):
    first = scan(tree)
    assert len(first["sites"]) == telling(first) == 2
    assert len(entries(cached)) == 1
    assert scan(tree) == first


def test_the_second_scan_takes_what_was_kept(tree, cached):
    scan(tree)
    poison(cached)
    assert telling(scan(tree)) == 0


def test_every_command_that_surveys_uses_it(tree, cached):
    scan(tree)
    poison(cached)
    for command, said in (("rewrite", "unknown-classes"), ("review", "0 safe, 2 review")):
        done = CliRunner().invoke(cli, [command, str(tree)])
        assert said in done.output, command


def test_what_is_kept_is_what_was_found(tree):
    sources = read_tree(tree).sources
    files = find_sites(sources)
    gathered = gather(sources, files)
    found = stored.Found(gathered.graph, gathered.flows, gathered.matches)
    again = stored.loads(stored.dumps(found))
    assert again == found
    for part in ("graph", "flows"):
        assert list(getattr(again, part)) == list(getattr(found, part))


# --- it is not used -----------------------------------------------------------------------------------------


def test_a_changed_file_is_seen(tree, cached):
    scan(tree)
    poison(cached)
    with (tree / "shop/part7.py").open("a") as file:
        file.write("import pickle\npickle.loads(b'')\n")
    assert telling(again := scan(tree)) == 2
    assert len(again["sites"]) == 3


def test_a_changed_stored_pickle_is_seen(tree, cached):
    (tree / "old.pkl").write_bytes(pickle.dumps([1]))
    scan(tree)
    poison(cached)
    (tree / "old.pkl").write_bytes(pickle.dumps([2]))
    assert telling(scan(tree)) == 2


def test_another_selection_of_files_is_another_tree(tree, cached):
    scan(tree)
    poison(cached)
    assert telling(scan(tree, "--exclude", "part1.py")) == 2


def test_another_version_of_this_program_looks_anew(tree, cached, monkeypatch):
    scan(tree)
    poison(cached)
    monkeypatch.setattr(remembered, "program", lambda: "another")
    assert telling(scan(tree)) == 2


@pytest.mark.parametrize("option", ["--no-cache", None])
def test_it_can_be_told_not_to(tree, cached, option):
    if option is None:
        (tree / "pyproject.toml").write_text("[tool.pickle-migrate.scan]\ncache = false\n")
    scan(tree, *([option] if option else []))
    assert entries(cached) == []


def test_a_small_tree_is_not_kept(tree, cached):
    for number in range(10):
        (tree / f"shop/part{number}.py").unlink()
    scan(tree)
    assert entries(cached) == []


# --- it is only a cache -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:40],
        lambda data: data[:-1],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: pickle.dumps({"sites": []}),
    ],
    ids=["empty", "cut short", "without its end", "one bit", "a pickle"],
)
def test_a_spoiled_entry_is_passed_over_and_replaced(tree, cached, spoil):
    first = scan(tree)
    (entry,) = entries(cached)
    good = entry.read_bytes()
    entry.write_bytes(spoil(good))
    forget_reports(cached)
    assert scan(tree) == first
    assert len(entry.read_bytes()) == len(good)


def test_a_sealed_entry_of_another_shape_is_passed_over(tree, cached):
    first = scan(tree)
    (entry,) = entries(cached)
    forget_reports(cached)
    body = b"\x93\x01\x02\x03"
    entry.write_bytes(remembered._seal(entry.stem, body) + body)
    assert scan(tree) == first


def test_an_entry_holds_no_pickle_and_is_the_users_alone(tree, cached):
    scan(tree)
    (entry,) = entries(cached)
    data = entry.read_bytes()
    assert not looks_like_pickle(data)
    assert not looks_like_pickle(data[remembered._DIGEST :])
    if os.name == "posix":
        assert entry.stat().st_mode & 0o077 == 0
        assert cached.stat().st_mode & 0o077 == 0


def test_without_a_directory_to_write_to_all_works(tree, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert telling(scan(tree)) == 2


def test_the_oldest_entries_go(tree, cached):
    cached.mkdir(parents=True)
    for number in range(30):
        old = cached / f"{number:02}.msgpack"
        old.write_bytes(b"old")
        os.utime(old, (number, number))
    scan(tree)
    left = [path.stem for path in entries(cached)]
    assert len(left) == remembered._ENTRIES
    assert {f"{number:02}" for number in range(15, 30)} < set(left)


def test_a_relative_cache_directory_is_none(tree, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    scan(tree)
    assert not Path("here").exists()


def test_the_table_of_the_project_can_say_so_for_all_commands(tree, cached):
    (tree / "pyproject.toml").write_text("[tool.pickle-migrate]\ncache = false\n")
    scan(tree)
    assert entries(cached) == []


def test_all_that_a_class_says_is_kept():
    """A new attribute of these must be written and read in `migrate.evidence.stored` too."""

    def names(cls):
        return [field.name for field in attrs.fields(cls)]

    assert TypeRef.__struct_fields__ == ("name", "args")
    assert names(Evidence) == ["type", "source", "where"]
    assert names(Field) == ["name", "type", "evidence"]
    assert names(ClassSchema) == list(stored._Class.__struct_fields__)
    assert names(Flow) == list(stored._Flow.__struct_fields__)
    later = ["observed", "observed_matches", "named"]  # `with_runs` and the plan file add them, kept or not
    later += ["consulted"]  # its line is kept
    assert names(Gathered) == ["graph", "flows", "data", "matches", *later]
