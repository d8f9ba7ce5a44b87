"""What every command prints on a terminal 80 columns wide, in a pipe, and where NO_COLOR is set.

The commands run in one process on the shipped example, once for each kind of output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from migrate.cli import cli

pty = pytest.importorskip("pty", reason="needs terminals of POSIX")

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 80
MARK = "=== "
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
LINE_CODES = re.compile(r"\x1b\[\d*[AK]")
"""What a progress bar writes to go back to the line before and to empty it."""
LINE = re.compile(r"[\r\n]+")
FINDING = re.compile(r"\S+:\d+:\d+: ")
OF_DIFF = ("---", "+++", "@@", "+", "-", " ", "new file", "index ")
DRIVER = """
import json, sys
from migrate.cli import cli
for command in json.loads(sys.argv[1]):
    print("=== " + " ".join(command), flush=True)
    try:
        cli.main(command, prog_name="pickle-migrate")
    except SystemExit as ended:
        assert ended.code in (0, 1, 2), ended.code
    sys.stdout.flush(); sys.stderr.flush()
"""


def helps(command=cli, path=()):
    """Return the call for help of a command and of all below it."""
    yield [*path, "--help"]
    for name, part in command.commands.items() if isinstance(command, click.Group) else ():
        yield from helps(part, (*path, name))


COMMANDS = [
    *helps(),
    ["scan", "."],
    ["review", "."],
    ["explain", "shop/catalog.py:49", "."],
    ["explain", "unknown-classes"],
    ["guard"],
    ["plan"],
    ["observe", "--", sys.executable, "-c", "import pickle; pickle.dumps(1)"],
    ["rewrite", "."],
    ["inspect", "data/catalog.pkl"],
    ["inspect", "--globals", "data/orders.pkl"],
    ["inspect", "data"],
    ["review", ".", "--patches", "series", "--include", "review"],
    ["review", ".", "--html", "review.html"],
    ["rewrite", ".", "--include", "review", "--write"],
    ["schema", "shop/converters.py", "--output", "schema.json"],
    ["stage", "show"],
    ["stage", "next"],
    ["retire", "."],
    ["seal", "data"],
    ["reencode", "data", "--dry-run"],
    ["reencode", "data", "--backup"],
    ["restore", "data"],
    ["undo", "."],
    ["no-such-command"],
    ["scan", "no-such-folder"],
]


SOME = [
    ["scan", "."],
    ["explain", "shop/catalog.py:49", "."],
    ["rewrite", "."],
    ["inspect", "data/orders.pkl"],
    ["reencode", "data"],
]
"""Of each kind of output one."""


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return tmp_path_factory.mktemp("example")


def run(folder, commands, *, terminal, **variables):
    """Run commands in a new copy of the example; return what each printed, on both streams."""
    tree = folder / f"shop{'-t' if terminal else '-p'}{len(variables)}"
    shutil.copytree(ROOT / "golden" / "shop" / "before", tree)
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "CI")}
    env = {**kept, "COLUMNS": str(WIDTH), "TERM": "xterm-256color", **variables}
    command = [sys.executable, "-c", DRIVER, json.dumps(commands)]
    if terminal:
        text = _in_terminal(command, tree, env)
    else:
        done = subprocess.run(
            command, cwd=tree, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
        )
        text = done.stdout.decode("utf-8", "replace")
    parts = text.replace("\r\n", "\n").split(MARK)[1:]
    printed = {}
    for part in parts:
        name, _, rest = part.partition("\n")
        printed[name] = rest
    assert list(printed) == [" ".join(command) for command in commands]
    return printed


def _in_terminal(command, tree, env):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=tree, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 1 << 16):
            chunks.append(chunk)
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0, b"".join(chunks)[-2000:]
    return b"".join(chunks).decode("utf-8", "replace")


def too_wide(printed):
    """Return the lines wider than the terminal.

    Not counted: diffs, findings of `guard` (one line each, which editors and CI read), and one word that is
    wider by itself.
    """
    wide = []
    for command, text in printed.items():
        in_diff = False
        for line in LINE.split(ESCAPE.sub("", LINE_CODES.sub("\n", text))):
            in_diff = line.startswith("diff --git ") or (in_diff and line.startswith(OF_DIFF))
            if len(line) > WIDTH and not in_diff and not FINDING.match(line) and " " in line.strip():
                wide.append(f"{command}: {line}")
    return wide


def styled(printed):
    """Return the commands that colour, embolden or reset anything."""
    return [command for command, text in printed.items() if STYLE.search(text)]


def test_in_a_pipe_lines_fit_and_no_escape_is_written(example):
    printed = run(example, SOME, terminal=False)
    assert too_wide(printed) == []
    assert [command for command, text in printed.items() if "\x1b" in text] == []


def test_on_a_terminal_lines_fit_and_heads_and_diffs_stand_out(example):
    printed = run(example, SOME, terminal=True)
    assert too_wide(printed) == []
    assert {"scan .", "rewrite .", "reencode data"} <= set(styled(printed))


def test_with_no_color_every_command_fits_and_only_progress_moves_the_cursor(example):
    printed = run(example, COMMANDS, terminal=True, NO_COLOR="1")
    assert too_wide(printed) == []
    assert styled(printed) == []
    moving = {command for command, text in printed.items() if "\x1b" in text}
    assert moving <= {"reencode data --dry-run", "reencode data --backup", "seal data"}
