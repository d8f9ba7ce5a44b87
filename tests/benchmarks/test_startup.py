"""What importing the runtime costs a program, over bare Python and beside other modules."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.benchmark

ROUNDS = 15
BUDGET = 0.040
"""Seconds of CPU time over bare Python (docs/design.md: production code is light)."""


def cpu_seconds(code):
    """The least CPU time, user and system, of an interpreter that runs ``code``."""
    return min(_one(code) for _ in range(ROUNDS))


def _one(code):
    before = os.times()
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=60)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def test_import_of_the_runtime(record_property):
    bare = cpu_seconds("pass")
    figures = {
        name: cpu_seconds(f"import {name}") - bare for name in ("migrate.runtime", "json", "pickle", "cattrs")
    }
    for name, seconds in figures.items():
        record_property(name, f"{seconds * 1000:.0f} ms")
    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in figures.items()})
    assert figures["migrate.runtime"] < BUDGET
    assert figures["migrate.runtime"] < figures["cattrs"]
