"""Who reads what whom wrote, and which way back is safe: what the pages promise, done."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).resolve().parents[2] / "docs"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rollout_matrix", DOCS / "rollout_matrix.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MATRIX = load()
PICKLES = {MATRIX.OLD, "observe", "dual-read"}
"""Who writes pickle."""


@pytest.mark.parametrize("form", MATRIX.FORMATS)
@pytest.mark.parametrize("reader", MATRIX.PROGRAMS)
@pytest.mark.parametrize("writer", MATRIX.PROGRAMS)
def test_every_reader_and_writer(writer: str, reader: str, form: str) -> None:
    expected = "reads"
    if writer in PICKLES and reader == "json-only":
        expected = "pickle-refused"
    if writer not in PICKLES and reader == MATRIX.OLD:
        expected = "pickle fails"
    assert MATRIX.read(reader, MATRIX.write(writer, form), form) == expected


SAFE = {
    "observe": {MATRIX.OLD},
    "dual-read": {MATRIX.OLD, "observe"},
    "json": {"observe", "dual-read"},
    "json-only": {"observe", "dual-read", "json"},
}


@pytest.mark.parametrize("before", SAFE)
def test_the_ways_back(before: str) -> None:
    back = MATRIX.PROGRAMS[: MATRIX.PROGRAMS.index(before)]
    assert {after for after in back if MATRIX.rollback_is_safe(before, after)} == SAFE[before]


def test_sealed_pickles_are_read_in_every_stage() -> None:
    assert set(MATRIX.sealed().values()) == {"reads"}
