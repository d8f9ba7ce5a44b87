"""Importing the runtime is light: production code pays for what it uses."""

import subprocess
import sys

import pytest

HEAVY = [
    "attr",
    "attrs",
    "cattrs",
    "click",
    "dataclasses",
    "inspect",
    "json",
    "libcst",
    "migrate.cli",
    "migrate.model",
    "migrate.plan",
    "migrate.rewrite",
    "migrate.sites",
    "msgspec",
    "pickle",
    "rich",
    "typing_extensions",
]


def modules_after(code):
    # -I: no user site, no PYTHONPATH; what the environment's own .pth files load is subtracted.
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", HEAVY)
def test_is_not_imported(name):
    assert name not in modules_after("import migrate.runtime")


def test_reading_and_writing_needs_no_cattrs():
    code = "from migrate.runtime import Codec; c = Codec('x'); c.loads(c.dumps([1, (2,), {'a': {3}}]))"
    loaded = modules_after(code)
    assert "msgspec" in loaded
    assert not {"cattrs", "attrs", "libcst", "click", "rich", "json", "pickle"} & loaded


def test_only_its_own_rooms_are_imported():
    rooms = {m.split(".")[1] for m in modules_after("import migrate.runtime") if m.startswith("migrate.")}
    assert rooms == {"legacy", "runtime"}
