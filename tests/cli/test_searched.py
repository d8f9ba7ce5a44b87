"""The sites of a large tree are kept, and used while no file changes that has to do with pickle."""

from __future__ import annotations

import json
import time

import pytest
from click.testing import CliRunner

from migrate.cli import cli, remembered, searched
from migrate.cli.mentioned import files_with
from migrate.sites import Modules, contents, find_sites, search
from migrate.sites.tree import read_tree

COMPAT = "import pickle as codec\nfrom vendor import special\n"
STORE = "import pickle\n\ndef save(order, file):\n    pickle.dump(order, file)\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "project"
    (root / "shop").mkdir(parents=True)
    (root / "loose").mkdir()
    files = {"shop/__init__.py": "", "shop/store.py": STORE, "shop/compat.py": COMPAT, "vendor.py": "x = 1\n"}
    files |= {f"shop/part{number}.py": f"VALUE = {number}\n" for number in range(remembered.SMALLEST)}
    files["loose/plain.py"] = "y = 2\n"
    for path, text in files.items():
        (root / path).write_text(text)
    return root


@pytest.fixture
def searches(monkeypatch):
    """How often a tree is searched."""
    found = []

    def counted(sources, modules):
        found.append(len(sources))
        return search(sources, modules)

    monkeypatch.setattr(searched, "search", counted)
    return found


def guard(root, *options):
    done = CliRunner().invoke(cli, ["guard", "--root", str(root), "--format", "json", *options])
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)


def kept(root):
    sources = read_tree(root).sources
    return searched.sites_of(sources, root, package="", modules=Modules(sources), keep=True)


def test_an_unchanged_tree_is_searched_once(tree, searches):
    first = guard(tree)
    assert len(first["new"]) == 1
    assert guard(tree) == first
    assert len(searches) == 1


def test_scan_finds_what_guard_has_kept(tree, searches):
    guard(tree)
    done = CliRunner().invoke(cli, ["scan", str(tree), "--json", "--types", "none"])
    assert len(json.loads(done.stdout)["sites"]) == 1
    assert len(searches) == 1


def test_it_can_be_told_not_to(tree, searches):
    guard(tree)
    guard(tree, "--no-cache")
    assert len(searches) == 2


@pytest.mark.parametrize("text", ["VALUE = 8\n", "import json\nfrom shop import part9\n", "def broken(\n"])
def test_a_file_that_has_nothing_to_do_with_pickle_may_change(tree, searches, text):
    before = kept(tree)
    (tree / "shop/part7.py").write_text(text)
    assert kept(tree) == before == find_sites(read_tree(tree).sources)
    assert len(searches) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/part7.py", STORE),
        ("shop/part7.py", "from shop.compat import codec\nx = codec.dumps(1)\n"),
        ("shop/part7.py", "import shop.compat as c\nx = c.codec.dumps(1)\n"),
        ("shop/store.py", "x = 1\n"),
        ("vendor.py", "from shop.compat import codec as special\n"),
        ("shop/part7.py", "import loose.plain\n"),
        ("shop/part7.py", "# pickle-migrate: keep-file[why]\n"),
    ],
)
def test_what_may_matter_is_searched_for(tree, searches, path, text):
    kept(tree)
    (tree / path).write_text(text)
    assert kept(tree) == find_sites(read_tree(tree).sources)
    assert len(searches) == 2


def test_a_file_that_is_asked_for_a_name_matters_when_it_imports_that(tree, searches):
    kept(tree)
    (tree / "vendor.py").write_text("from json import special\n")
    kept(tree)
    assert len(searches) == 2


def test_a_new_file_is_searched_for(tree, searches):
    kept(tree)
    (tree / "shop/json.py").write_text("")
    kept(tree)
    assert len(searches) == 2


def test_a_spoiled_entry_is_passed_over(tree, searches):
    before = kept(tree)
    (entry,) = (remembered._folder("sites")).iterdir()
    entry.write_bytes(entry.read_bytes()[:-1])
    assert kept(tree) == before
    entry.write_bytes(remembered._seal(entry.stem, b"\xc0") + b"\xc0")
    assert kept(tree) == before
    assert len(searches) == 3


def test_an_entry_holds_no_pickle(tree):
    kept(tree)
    (entry,) = (remembered._folder("sites")).iterdir()
    assert entry.stat().st_mode & 0o077 == 0
    assert entry.read_bytes()[32:33] != b"\x80"


def test_guard_opens_no_file_of_an_unchanged_tree(tree, monkeypatch):
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600_000_000_000)
    (tree / "shop/converters.py").write_text('from migrate.runtime import Codec\ncodec = Codec("shop")\n')
    first = guard(tree)
    opened = []
    read = contents.read_stamped
    monkeypatch.setattr(contents, "read_stamped", lambda path: opened.append(path) or read(path))
    assert guard(tree) == first
    assert [path.rpartition("/")[2] for path in opened] == ["converters.py"]


def test_files_with_a_word_are_found_after_any_change(tree):
    def found():
        sources = read_tree(tree).sources
        with_it = files_with(b"special", sources, tree, keep=True)
        assert with_it == {path: source for path, source in sources.items() if b"special" in source}
        return list(with_it)

    assert found() == found() == ["shop/compat.py"]
    (tree / "shop/part3.py").write_text("special = 3\n")
    (tree / "shop/new.py").write_text("special = 3\n")
    assert found() == found() == ["shop/compat.py", "shop/new.py", "shop/part3.py"]
    (tree / "shop/part3.py").write_text("VALUE = 3\n")
    (tree / "shop/compat.py").unlink()
    assert found() == ["shop/new.py"]
    (entry,) = (remembered._folder("words")).iterdir()
    entry.write_bytes(remembered._seal(entry.stem, b"\xc0") + b"\xc0")
    assert found() == ["shop/new.py"]
