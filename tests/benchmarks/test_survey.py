"""What a scan of a large tree costs, beside parsing its files, and the second time beside the first.

The tree is the standard library of this interpreter without its tests: code that everybody has, and a hard
case, since it holds pickle itself and everything in it is connected.
"""

import ast
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path
from time import process_time

import pytest

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

COLD = 12
"""Times what parsing all files takes: a scan parses each, and then solves equations about all of them. It is
half of this (docs/performance.md)."""
WARM = 0.25
"""Of the first scan. It is a tenth or less (docs/performance.md)."""
LEFT_OUT = shutil.ignore_patterns(
    "site-packages",
    "test",
    "tests",
    "idlelib",
    "lib2to3",
    "turtledemo",
    "config-*",
    "__pycache__",
    "*.so",
    "*.a",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    root = tmp_path_factory.mktemp("library") / "lib"
    shutil.copytree(sysconfig.get_path("stdlib"), root, ignore=LEFT_OUT)
    return root


def parse_seconds(root):
    sources = [path.read_bytes() for path in root.rglob("*.py")]
    start = process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in sources:
            ast.parse(source)
    return process_time() - start


def scan(root, cache):
    """CPU seconds of a process that scans, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "migrate", "scan", "--json", str(root)]
    done = subprocess.run(command, env=env, check=True, capture_output=True, timeout=500)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def test_a_scan_beside_parsing_and_again(library, tmp_path, record_property):
    parsing = min(parse_seconds(library) for _ in range(3))
    cold, first = scan(library, tmp_path)
    warm, again = min(scan(library, tmp_path) for _ in range(2))
    figures = {"parsing": parsing, "cold / parsing": cold / parsing, "warm / cold": warm / cold}
    for name, value in figures.items():
        record_property(name, f"{value:.2f}")
    print({name: f"{value:.2f}" for name, value in figures.items()})
    assert again == first
    assert cold < COLD * parsing
    assert warm < WARM * cold
