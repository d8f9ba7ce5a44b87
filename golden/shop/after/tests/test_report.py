"""The report runs as a script, the way cron runs it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def report(folder):
    done = subprocess.run(
        [sys.executable, str(ROOT / "report.py"), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_report_knows_the_last_one(data):
    lines = report(data)
    assert lines == [
        "   1 Grace              2     37.98    +18.99",
        "   2 Linus              1     12.00     +0.00",
        "open: 2 was: 1",
        "best: Grace",
    ]


def test_second_report_has_no_gain(data):
    report(data)
    assert report(data)[0] == "   1 Grace              2     37.98     +0.00"


def test_first_report_of_all(data):
    (data / "summary.pkl").unlink()
    assert report(data)[0] == "   1 Grace              2     37.98    +37.98"
    assert (data / "summary.pkl").exists()


def test_report_on_nothing(tmp_path):
    assert report(tmp_path) == ["open: 0 was: 0", "best: nobody"]
