"""Every test works on its own copy of the data."""

import os
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture
def data(tmp_path):
    """A copy of the data that came with the program (``SHOP_DATA`` names another set)."""
    source = os.environ.get("SHOP_DATA") or HERE.parent / "data"
    return Path(shutil.copytree(source, tmp_path / "data"))
