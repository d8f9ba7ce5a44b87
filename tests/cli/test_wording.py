"""What commands say of one of a kind, and how they name themselves."""

import re

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.model.wording import counted

PROGRAM = """
import pickle
from dataclasses import dataclass


@dataclass
class Order:
    number: int


def save(order: Order, path: str) -> None:
    with open(path, "wb") as f:
        pickle.dump(order, f)
"""
ONE_OF_MANY = re.compile(
    r"\b1 (?:\w+ )?(?:sites|files|classes|pickles|places|edits|processes|values|changes|uses|runs|opcodes|"
    r"calls|objects|fields|lines|are|were|do|hold|go|have)\b"
)
SEQUENCE = [
    "scan .",
    "plan .",
    "guard .",
    "guard --update",
    "inspect orders",
    "inspect orders/1.pkl --ops",
    "inspect orders --find store.Order",
    "rewrite .",
    "review .",
    "review . --markdown review.md",
    "review . --patches patches",
    "rewrite . --write",
    "scan .",
    "guard .",
    "tests .",
    "stage show .",
    "retire . --stock orders",
    "reencode orders --dry-run",
    "reencode orders --backup",
    "reencode orders",
    "reencode orders --verify-only",
    "reencode status",
    "restore orders",
    "restore orders",
    "undo .",
]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A program with one file, one site, one class and one stored pickle."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "store.py").write_text(PROGRAM)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "1.pkl").write_bytes(b"\x80\x02cstore\nOrder\n)\x81}U\x06numberK\x01sb.")
    return tmp_path


def test_one_of_a_kind_is_not_spoken_of_as_many(tree):
    said = [(line, _said(line, tree)) for line in SEQUENCE]
    assert "1 site in 1 file: 1 safe" in said[0][1]
    found = [(line, ONE_OF_MANY.findall(text)) for line, text in said]
    assert [(line, some) for line, some in found if some] == []


def _said(line, tree):
    """Return what a command prints, and what it writes for people."""
    done = CliRunner(env={"COLUMNS": "200"}).invoke(cli, line.split())
    assert done.exit_code in {0, 1}, done.output
    written = [*tree.glob("*.md"), *(tree / "patches").glob("*")]
    return "\n".join([done.output, *(path.read_text() for path in written)])


@pytest.mark.parametrize(
    "line", ["reencode", "reencode --help", "reencode run --help", "reencode --nonsense"]
)
def test_command_whose_word_is_left_out_names_itself_without_gaps(line):
    said = CliRunner().invoke(cli, line.split(), prog_name="pickle-migrate").output
    assert said.startswith("Usage: pickle-migrate reencode [OPTIONS] SOURCES...\n")
    assert "reencode  " not in said


def test_numbers_in_sentences():
    assert [counted(n, "file") for n in (0, 1, 2, 1234)] == ["0 files", "1 file", "2 files", "1,234 files"]
    assert [counted(n, "process", "processes") for n in (1, 3)] == ["1 process", "3 processes"]
