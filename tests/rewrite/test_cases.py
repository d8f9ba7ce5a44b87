"""Every case of ``cases/*.txt``: the text afterwards, that it parses, and that a second run finds nothing.

A case is a name behind ``##``, the text before, ``-->`` and the text after; without the arrow, the text
must stay as it is. A line with ``# stay`` has a site that is not to be rewritten.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .support import rewrite_text

CASES = {
    name: text
    for file in sorted((Path(__file__).parent / "cases").glob("*.txt"))
    for name, _, text in (case.partition("\n") for case in file.read_text("utf-8").split("## ")[1:])
}
REWRITTEN = {name: text.rstrip("\n") + "\n" for name, text in CASES.items() if "\n-->\n" in text}
UNCHANGED = {name: text for name, text in CASES.items() if name not in REWRITTEN}


def test_there_are_cases() -> None:
    assert len(REWRITTEN) > 60
    assert len(UNCHANGED) > 60


@pytest.mark.parametrize("name", REWRITTEN)
def test_is_rewritten(name: str) -> None:
    before, _, after = REWRITTEN[name].partition("\n-->\n")
    assert rewrite_text(before + "\n") == after
    ast.parse(after)


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_second_run_changes_nothing(name: str) -> None:
    after = REWRITTEN[name].partition("\n-->\n")[2]
    assert rewrite_text(after) == after


@pytest.mark.parametrize("name", UNCHANGED)
def test_is_left_alone(name: str) -> None:
    assert rewrite_text(UNCHANGED[name]) == UNCHANGED[name]
