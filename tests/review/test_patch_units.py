"""What has to be committed together is in one patch, and what need not be is not."""

from __future__ import annotations

import compileall
import subprocess
import sys

import pytest
from attrs import evolve

from migrate.cli.review import propose
from migrate.review.patches import units_of
from tests.names import missing_modules, undefined
from tests.review.support import SAFE, make_tree
from tests.review.test_patches import GIT, commit, git, patches, reset

pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")

MODELS = b"from dataclasses import dataclass\n\n\n@dataclass\nclass Order:\n    number: int\n"
WRITER = b"""import pickle

from shop.models import Order


def save(order: Order, path):
    with open(path, "wb") as f:
        pickle.dump(order, f)
"""
READER = b"""import pickle

from shop.models import Order


def load(path) -> Order:
    with open(path, "rb") as f:
        return pickle.load(f)
"""
TEST = b"""import pickle

from bank.orders import Order, save


def test_save(tmp_path):
    save(Order(1), tmp_path / "o")
    with open(tmp_path / "o", "rb") as f:
        order: Order = pickle.load(f)
    assert order == Order(1)
"""
EXCHANGE = b"""import sys
from shop.models import Order
from shop.store import save
from report.read import load

save(Order(7), sys.argv[1])
assert load(sys.argv[1]) == Order(7)
"""
FILES = {
    "shop/__init__.py": b"",
    "shop/models.py": MODELS,
    "shop/store.py": WRITER,
    "report/__init__.py": b"",
    "report/read.py": READER,
    "bank/__init__.py": b"",
    "bank/orders.py": SAFE,
    "checks/__init__.py": b"",
    "checks/test_bank.py": TEST,
    "zoo/__init__.py": b"",
    "zoo/orders.py": SAFE,
    "exchange.py": EXCHANGE,
}


@pytest.fixture
def repository(tmp_path):
    return commit(make_tree(tmp_path / "repository", FILES))


def contents(repository, patch):
    git(repository, "am", "-q", patch)
    changed = git(repository, "show", "--format=", "--name-only").split()
    return {path for path in changed if not path.endswith("converters.py")}


def test_a_writer_goes_with_the_reader_of_another_package_and_a_test_with_its_subject(repository, tmp_path):
    git(repository, "checkout", "-q", "-b", "trial")
    found = []
    for patch in patches(repository, tmp_path / "series", "--include", "review"):
        found.append(contents(repository, patch))
        reset(repository)
    assert sorted(found, key=sorted) == [
        {"bank/orders.py", "checks/test_bank.py"},
        {"report/read.py", "shop/store.py"},
        {"zoo/orders.py"},
    ]


def test_each_alone_leaves_a_tree_that_works(repository, tmp_path):
    git(repository, "checkout", "-q", "-b", "trial")
    for number, patch in enumerate(patches(repository, tmp_path / "series", "--include", "review")):
        git(repository, "am", "-q", patch)
        assert compileall.compile_dir(repository, quiet=2, legacy=False)
        for path in repository.rglob("*.py"):
            name = path.relative_to(repository).as_posix()
            assert undefined(path.read_bytes()) == set(), f"{patch.name}: {name}"
            assert missing_modules(repository, path.read_bytes(), name) == set(), f"{patch.name}: {name}"
        run = [sys.executable, "exchange.py", str(tmp_path / f"data{number}")]
        done = subprocess.run(run, cwd=repository, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{patch.name}: {done.stderr}"
        reset(repository)


@pytest.mark.parametrize(
    "statement",
    [
        b"from shop import converters as others\n",
        b"import shop.converters\n",
        b"from shop.converters import codec\n",
        b"from ..shop import converters as others\n",
    ],
)
@pytest.mark.parametrize("path", ["zoo/orders.py", "zoo/converters.py"])
def test_a_file_that_imports_the_converters_of_another_package_goes_with_them(repository, path, statement):
    proposal = propose(repository)
    edits = [evolve(e, after=e.after + statement) if e.path == path else e for e in proposal.edits]
    units = [{edit.path for edit in unit.edits} for unit in units_of(proposal.plan, edits)]
    assert any({"zoo/orders.py", "zoo/converters.py", "shop/store.py"} <= unit for unit in units)
    assert len(units) == len(units_of(proposal.plan, proposal.edits)) - 1


def test_what_the_checks_of_names_find(tmp_path):
    assert undefined(b"import os\ndef f(x):\n    return os, x, y, len\nfor z in f: z\n") == {"y"}
    assert undefined(b"class A:\n    b = 1\n    c = b\n    def m(self): return A, self.b, later\n") == {
        "later"
    }
    assert undefined(b"def f():\n    global g\n    g = 1\nprint(g)\n") == set()
    make_tree(tmp_path, {"a/converters.py": b"", "b/x.py": b""})
    assert missing_modules(tmp_path, b"from a import converters", "b/x.py") == set()
    assert missing_modules(tmp_path, b"from . import converters", "b/x.py") == {"converters"}
