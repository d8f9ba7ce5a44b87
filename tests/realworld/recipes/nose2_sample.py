"""The test ids of a run of nose2."""

import subprocess
import sys
from pathlib import Path

from common import main, picture
from nose2.plugins.testid import TestId
from nose2.session import Session

TESTS = """
import unittest

class T(unittest.TestCase):
    def test_a(self): pass
    def test_b(self): pass
"""


def write(folder: Path) -> None:
    (folder / "test_sample.py").write_text(TESTS)
    command = [sys.executable, "-m", "nose2", "--plugin", "nose2.plugins.testid", "--with-id"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def show(folder: Path) -> object:
    plugin = TestId(session=Session())
    plugin.idfile = str(folder / ".noseids")
    plugin.loadIds()
    return picture(plugin.ids), picture(plugin.tests), plugin.id


main(write, show)
