"""What importing the runtime costs a program, over bare Python and beside other modules."""

import resource
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
    before = resource.getrusage(resource.RUSAGE_CHILDREN)  # os.times counts in hundredths of a second
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


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
