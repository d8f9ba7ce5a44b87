"""The program does not change itself while it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import migrate
from migrate.cli.ourselves import refuse_ourselves

PACKAGE = Path(migrate.__file__).parent
SAVE = "import pickle\n\n\ndef save(f):\n    pickle.dump([1], f)\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout of this program, beside one of ours, run from where it is."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PACKAGE, folder / "migrate", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text("")
    return folder


def run(checkout, *arguments, status):
    (checkout / "app" / "save.py").write_text(SAVE)
    done = subprocess.run(
        [sys.executable, "-m", "migrate", *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def content(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".pickle-migrate" not in p.parts}


def test_what_is_running_is_refused_unless_it_is_left_out(checkout):
    before = content(checkout / "migrate")
    smaller = ["--files", "migrate/__init__.py", "--files", "app"]
    done = run(checkout, "rewrite", ".", "--write", *smaller, status=2)
    assert "is the program that is running" in " ".join(done.stderr.split())
    assert "--exclude" in done.stderr
    assert "Traceback" not in done.stderr
    assert (checkout / "app" / "save.py").read_text() == SAVE
    run(checkout, "rewrite", ".", "--write", "--exclude", "migrate", status=0)
    assert "pickle" not in (checkout / "app" / "save.py").read_text()
    assert content(checkout / "migrate") == before


@pytest.mark.parametrize(
    ("root", "sources"),
    [
        (PACKAGE, ["__init__.py"]),
        (PACKAGE / "rollout", ["move.py"]),
        (PACKAGE.parent, ["migrate/__init__.py"]),
    ],
)
def test_a_part_of_it_is_refused_as_well(root, sources):
    with pytest.raises(click.UsageError, match="is the program that is running"):
        refuse_ourselves(root, sources)


def test_another_program_is_not(tmp_path):
    refuse_ourselves(tmp_path, ["migrate/__init__.py"])
    refuse_ourselves(PACKAGE.parent, ["app/migrate/__init__.py"])
