"""Settings of every room's tests."""

import gc
import os
import tempfile
from pathlib import Path

from hypothesis import settings

# The same examples in every run, so that a failure is the change's and not the day's. To look for new ones:
# HYPOTHESIS_PROFILE=default python -m pytest tests/runtime/test_properties.py
settings.register_profile("same-every-time", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same-every-time"))

# What is found must not depend on whether a type checker is installed; the tests that ask one say so.
os.environ["PICKLE_MIGRATE_TYPES"] = "none"


def pytest_configure(config):
    """Where Python is told to leave no bytecode in the tree, keep that of this run elsewhere.

    Else each of some hundred processes that the tests start compiles anew what it imports, as do the workers.
    """
    if not hasattr(config, "workerinput") and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        folder = tempfile.TemporaryDirectory(prefix="pickle-migrate-bytecode-", ignore_cleanup_errors=True)
        os.environ.setdefault("PYTHONPYCACHEPREFIX", folder.name)
        config.add_cleanup(folder.cleanup)


def pytest_collection_finish():
    """Spare the collector of cycles the sixteen thousand tests, which it would look through every time."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser):
    parser.addoption(
        "--screenshots",
        type=Path,
        metavar="DIR",
        help="where the tests marked `browser` leave their screenshots (docs/images)",
    )
