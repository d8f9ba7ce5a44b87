"""Settings of every room's tests."""

import os
from pathlib import Path

from hypothesis import settings

# The same examples in every run, so that a failure is the change's and not the day's. To look for new ones:
# HYPOTHESIS_PROFILE=default python -m pytest tests/runtime/test_properties.py
settings.register_profile("same-every-time", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same-every-time"))

# What is found must not depend on whether a type checker is installed; the tests that ask one say so.
os.environ["PICKLE_MIGRATE_TYPES"] = "none"


def pytest_addoption(parser):
    parser.addoption(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help="where the tests marked `browser` leave their screenshots (docs/images)",
    )
