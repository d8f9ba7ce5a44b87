"""The quick start does what it says: its commands are run, in order, and print what the page shows."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from click.testing import CliRunner

from migrate.cli import cli

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quickstart.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps():
    """Yield the commands of the page that are ours, and after each the blocks that show its output."""
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "sh":
            lines = [shlex.split(line, comments=True) for line in text.splitlines()]
            others = [line for line in lines if line[:1] != ["pickle-migrate"]]
            yield from (("run", line[1:]) for line in lines if line[:1] == ["pickle-migrate"])
            if others:
                yield "other", others
        else:
            yield "shown", text.splitlines()


def test_every_command_prints_what_the_page_shows(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "golden" / "shop" / "before", tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    runner = CliRunner(env={"COLUMNS": "100"})
    output, ran = None, []
    for what, words in steps():
        if what == "run":
            words = [word.replace("/tmp", str(tmp_path)) for word in words]
            done = runner.invoke(cli, words)
            assert done.exit_code in (0, 1), done.output
            output = done.output
            ran.append(words[0])
        elif what == "other":
            output = Path(words[0][-1]).read_text() if words[0][0] == "head" else None  # of pip, of pytest
        elif output is not None:
            assert_shown(output, words)
    assert ran == ["scan", "rewrite", "review", "rewrite", "inspect", "reencode", "reencode", "reencode"]


def assert_shown(output, shown):
    """Check that the lines are printed in this order; ``...`` stands for any number of others."""
    printed = " ".join(output.split())
    position = 0
    for line in (" ".join(line.split()) for line in shown):
        if line in ("", "..."):
            continue
        found = printed.find(line, position)
        assert found >= 0, f"{line!r} is not printed, or not there:\n{output}"
        position = found + len(line)
