"""Programs that several tests of commands scan, and commands that run in the process of the tests."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrate.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

STORE = """
import pickle
from shop.models import Order

def save(order: Order, file):
    pickle.dump(order, file)

def load(file):
    return pickle.load(file)
"""
"""A module ``shop.store``, which keeps an ``Order`` of ``shop.models``."""


def run_here(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in ``cwd`` as a process of its own would, without the time that it takes to start one.

    For commands that import nothing of the program that they look at. A fault of ours is raised.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        done = CliRunner().invoke(
            cli, [*map(str, arguments)], env={"COLUMNS": "80", **env}, catch_exceptions=False
        )
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout_bytes, done.stderr_bytes)
