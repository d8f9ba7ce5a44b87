"""Reading what running programs left behind."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from migrate.rollout.counts import read_counts

PROGRAM = """
import pickle, sys
from migrate.runtime import Codec
codec = Codec("shop", stage="dual-read", shadow=100)
codec.loads(pickle.dumps([1, 2]))
codec.dumps({"a": 1})
"""


def run(directory, release, program=PROGRAM):
    environment = {
        **os.environ,
        "PICKLE_MIGRATE_TELEMETRY": str(directory),
        "PICKLE_MIGRATE_RELEASE": release,
    }
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], env=environment, check=True, timeout=60)


def test_what_two_processes_counted(tmp_path):
    run(tmp_path / "a", "1.0")
    run(tmp_path / "b", "1.1")
    found = read_counts([tmp_path / "a", tmp_path / "b"])
    assert not found.problems
    assert sorted((p.release, p.stages) for p in found.of("shop")) == [
        ("1.0", {"shop": "dual-read"}),
        ("1.1", {"shop": "dual-read"}),
    ]
    assert sum(found.events("shop", "fallback-read").values()) == 2
    assert sum(found.events("shop", "shadow-check", format="json").values()) == 2
    assert not found.events("shop", "shadow-check", format="json", since=found.processes[0].written + 60)
    assert not found.of("other")


def test_a_process_that_does_nothing_is_seen(tmp_path):
    run(tmp_path, "1.0", 'from migrate.runtime import Codec; Codec("shop")')
    assert [p.stages for p in read_counts([tmp_path]).processes] == [{"shop": "json"}]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"version": 1}', b'{"version": 99}', b"\xff", b"[" * 100_000, b"1e999"],
    ids=repr,
)
def test_a_damaged_file_is_a_problem_and_the_others_are_read(tmp_path, content):
    run(tmp_path, "1.0", 'from migrate.runtime import Codec; Codec("shop")')
    (tmp_path / "x.counts.json").write_bytes(content)
    found = read_counts([tmp_path])
    assert len(found.of("shop")) == 1
    (problem,) = found.problems
    assert problem.path == str(tmp_path / "x.counts.json")
    assert problem.message.startswith("cannot be read as telemetry")


def test_a_draft_of_a_process_that_was_killed_is_no_telemetry(tmp_path):
    (tmp_path / "x.counts.json.new").write_bytes(b"{")
    assert read_counts([tmp_path]).problems == ()


def test_a_directory_that_is_missing_is_a_problem(tmp_path):
    (problem,) = read_counts([tmp_path / "none"]).problems
    assert "no directory" in problem.message


def test_another_version_is_named(tmp_path):
    (tmp_path / "x.counts.json").write_text(json.dumps({"version": 2}))
    (problem,) = read_counts([tmp_path]).problems
    assert "version 2; this tool reads version 1" in problem.message
