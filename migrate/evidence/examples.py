"""Files that show how code is used, rather than using it."""

from __future__ import annotations

import posixpath
import re

_TEST_FILE = re.compile(r"(test_.*|.*_tests?|conftest)\.py$")
_TEST_FOLDERS = frozenset(
    {"test", "tests", "testing", "examples", "example", "docs", "demo", "demos", "benchmarks"}
)


def is_example(path: str) -> bool:
    """Whether a file shows how code is used, rather than using it: tests, examples, documentation."""
    folders = set(posixpath.dirname(path).split("/"))
    return bool(folders & _TEST_FOLDERS) or _TEST_FILE.match(posixpath.basename(path)) is not None
