"""What importing the runtime costs a program, over bare Python and beside a peer in the same run."""

import resource
import subprocess
import sys

import pytest

pytestmark = pytest.mark.benchmark

ROUNDS = 21
LIMIT = 1.25
"""Of what ``import cattrs`` costs in the same rounds: milliseconds differ by a factor of two between
machines, and from minute to minute on a shared one. It is two thirds on a quiet one (docs/performance.md)."""

MODULES = ("migrate.runtime", "json", "pickle", "cattrs")


def cpu_seconds(code):
    """CPU time, user and system, of an interpreter that runs ``code``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)  # os.times counts in hundredths of a second
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def least_seconds(codes):
    """The least CPU time of each program; a round runs every one, so that a busy minute meets them all."""
    rounds = [[cpu_seconds(code) for code in codes] for _ in range(ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def test_import_of_the_runtime(record_property):
    bare, *times = least_seconds(["pass", *(f"import {name}" for name in MODULES)])
    figures = {name: seconds - bare for name, seconds in zip(MODULES, times, strict=True)}
    for name, seconds in figures.items():
        record_property(name, f"{seconds * 1000:.0f} ms")
    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in figures.items()})
    assert figures["migrate.runtime"] < LIMIT * figures["cattrs"]
