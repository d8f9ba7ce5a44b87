"""A scan of a large tree again: the same report as of a tree that nobody has looked at, whatever changed."""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
import time

import pytest
from click.testing import CliRunner

from migrate.cli import cli, pipeline, remembered, scanned
from migrate.cli.remembered import SMALLEST
from migrate.sites import contents

from .support import STORE

MODELS = """
from dataclasses import dataclass

@dataclass
class Order:
    note: str | None = None
"""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of all that is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/pickle-migrate"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "shop/__init__.py").write_text("")
    (root / "shop/store.py").write_text(STORE)
    (root / "shop/models.py").write_text(MODELS)
    for number in range(SMALLEST):
        (root / f"shop/part{number}.py").write_text(f"VALUE = {number}\n")
    for number in range(25):
        (root / f"data/{number}.pkl").write_bytes(pickle.dumps([number, "x" * number]))
    return root


@pytest.fixture
def later(monkeypatch):
    """Let an hour pass, so that what lies on disk now is settled."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600_000_000_000)


@pytest.fixture
def surveys(monkeypatch):
    """How often the tree is surveyed."""
    found = []

    def counted(*args, **options):
        found.append(args[0].root)
        return pipeline.surveyed(*args, **options)

    monkeypatch.setattr(scanned, "surveyed", counted)
    return found


def scan(root, *options):
    done = CliRunner().invoke(cli, ["scan", str(root), "--types", "none", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("options", [[], ["--json"], ["--sarif"]], ids=["text", "json", "sarif"])
def test_an_unchanged_tree_is_listed_and_nothing_of_it_is_opened(
    tree, kept, later, surveys, monkeypatch, options
):
    first = scan(tree, *options)
    monkeypatch.setattr(scanned, "surveyed", None)
    opened = []
    read = contents.read_stamped
    monkeypatch.setattr(contents, "read_stamped", lambda path: opened.append(path) or read(path))
    assert scan(tree, *options) == first
    # SARIF counts columns in characters, for which the lines of the sites are read.
    assert {path.rpartition("/")[2] for path in opened} == ({"store.py"} if "--sarif" in options else set())


def test_all_files_are_read_when_that_is_asked_for(tree, kept, later, monkeypatch):
    first = scan(tree)
    opened = []
    read = contents.read_stamped
    monkeypatch.setattr(contents, "read_stamped", lambda path: opened.append(path) or read(path))
    assert scan(tree, "--reread") == first
    assert len(opened) == SMALLEST + 3


def test_the_times_of_files_may_change(tree, kept, later, surveys):
    """As in a fresh clone of the same revision."""
    first = scan(tree)
    for path in tree.rglob("*.*"):
        os.utime(path)
    assert scan(tree) == first
    assert len(surveys) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--evidence-limit", "0.001"],
        ["--exclude", "part1.py"],
        ["--data", "{tree}/../more"],
        ["--observed", "{tree}/../seen.json"],
    ],
)
def test_other_options_are_another_report(tree, kept, later, surveys, options):
    (tree / "../more").mkdir()
    (tree / "../more/x.pkl").write_bytes(pickle.dumps(1))
    (tree / "../seen.json").write_text('{"version": 1, "places": []}')
    scan(tree)
    CliRunner().invoke(cli, ["scan", str(tree), "--types", "none", *(o.format(tree=tree) for o in options)])
    assert len(surveys) == 2


def test_another_configuration_is_another_report(tree, kept, later, surveys):
    scan(tree)
    (tree / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.8"\n')
    assert "3.8" in scan(tree, "--json")
    assert len(surveys) == 2


def test_another_list_of_installed_modules_is_another_report(tree, kept, later, surveys):
    (tree / "till.py").write_text("import pickle\ndef save(x: int, f): pickle.dump(x, f)\n")
    (tree / "setup.cfg").write_text("[options]\npy_modules = till\n")
    first = scan(tree, "--json")
    (tree / "setup.cfg").write_text("[options]\npy_modules = till, converters\n")
    assert scan(tree, "--json") == scan(tree, "--json", "--no-cache") != first


def test_another_version_of_this_program_surveys_anew(tree, kept, later, surveys, monkeypatch):
    scan(tree)
    monkeypatch.setattr(remembered, "program", lambda: "another")
    monkeypatch.setattr(scanned, "program", lambda: "another")
    scan(tree)
    assert len(surveys) == 2


def test_what_changes_between_listing_and_reading_is_read_again(tree, kept, later, monkeypatch):
    scan(tree)
    shutil.rmtree(kept / "reports")
    shutil.rmtree(kept / "surveys")
    found = pipeline.surveyed

    def changing(*args, **options):
        if not (tree / "changed").exists():
            (tree / "changed").write_text("")
            (tree / "shop/part3.py").write_text(STORE)
        return found(*args, **options)

    monkeypatch.setattr(scanned, "surveyed", changing)
    assert len(json.loads(scan(tree, "--json"))["sites"]) == 4


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:40],
        lambda data: data[:-1],
        lambda data: pickle.dumps({"sites": []}),
    ],
    ids=["empty", "cut short", "without its end", "a pickle"],
)
def test_entries_that_are_damaged_are_passed_over(tree, kept, later, spoil):
    first = scan(tree)
    for entry in kept.rglob("*.msgpack"):
        entry.write_bytes(spoil(entry.read_bytes()))
    assert scan(tree) == first


@pytest.mark.parametrize(
    "body", [b"\xc0", b"\x90", b"\x93\x01\x02\x03", b"\x9f", b"\x80", b"\x93\x91\xa1a\x90\xc4\x00"]
)
def test_entries_of_another_shape_are_passed_over(tree, kept, later, body):
    first = scan(tree)
    for entry in kept.rglob("*.msgpack"):
        entry.write_bytes(remembered._seal(entry.stem, body) + body)
    assert scan(tree) == first


def test_entries_that_refer_to_nothing_are_passed_over(tree, kept, later):
    """Every number of every entry, one after the other, is made too large."""
    first = scan(tree)
    for kind in ("reports", "surveys", "pickles", "imports"):
        (entry,) = (kept / kind).iterdir()
        body = entry.read_bytes()[remembered._DIGEST :]
        entry.write_bytes(remembered._seal(entry.stem, body) + body.replace(b"\x01", b"\x7f"))
        assert scan(tree) == first


def test_nothing_that_is_kept_is_a_pickle(tree, kept, later):
    scan(tree)
    for entry in kept.rglob("*.msgpack"):
        assert entry.read_bytes()[remembered._DIGEST] != 0x80
        assert entry.stat().st_mode & 0o077 == 0


# --- edits at random ----------------------------------------------------------------------------------------

_SNIPPETS = [
    "VALUE = 1\n",
    STORE,
    "import pickle as codec\n",
    "from shop.part3 import codec\ncodec.dumps([1])\n",
    "from shop.models import Order\nclass Special(Order):\n    extra: int = 0\n",
    "from shop import store\nstore.save(3, None)\n",
    "def broken(\n",
    "import shop.part4\nfrom .part5 import *\n",
    "# pickle-migrate: keep-file[why]\n",
    "from shop.store import save\nfrom shop.models import Order\nsave(Order(note=1), None)\n",
]


def _edit(root, chance):
    names = [f"shop/part{number}.py" for number in range(8)] + ["shop/store.py", "shop/models.py"]
    path = root / chance.choice(names)
    match chance.randrange(8):
        case 0:
            path.unlink(missing_ok=True)
        case 1 if path.exists():
            path.rename(root / f"shop/other{chance.randrange(3)}.py")
        case 2 if path.exists():
            os.utime(path, ns=(1, 1_500_000_000_000_000_000))
        case 3 if path.exists():  # the same size, and the same time of change
            before = path.stat()
            path.write_bytes(path.read_bytes()[::-1] if chance.random() < 0.3 else path.read_bytes())
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        case 4:
            data = root / f"data/{chance.randrange(4)}.pkl"
            data.write_bytes(chance.choice([b"", b"no pickle", pickle.dumps([chance.random()])]))
        case 5 if path.exists():
            path.write_text(path.read_text() + chance.choice(_SNIPPETS))
        case _:
            path.write_text(chance.choice(_SNIPPETS))


@pytest.mark.parametrize("seed", range(4))
def test_after_edits_at_random_a_scan_says_what_a_first_one_says(tree, kept, later, seed, monkeypatch):
    chance = random.Random(seed)
    for _ in range(12):
        for _ in range(chance.randrange(1, 3)):
            _edit(tree, chance)
        limit = chance.choice(["0", "0.004"])
        again = scan(tree, "--json", "--evidence-limit", limit)
        assert again == scan(tree, "--json", "--evidence-limit", limit, "--no-cache")
