"""Sessions on disk."""

from datetime import datetime
from pathlib import Path

from common import main, picture
from web.session import DiskStore
from web.utils import Storage


def write(folder: Path) -> None:
    store = DiskStore(str(folder / "sessions"))
    store["plain"] = {"user": "Zoë", "seen": datetime(2020, 1, 2), "cart": [("A", 1), ("B", 2)], 5: {1, 2}}
    store["own"] = {"page": Storage(title="Hello", visits=3)}


def show(folder: Path) -> object:
    store = DiskStore(str(folder / "sessions"))
    return picture(store["plain"]), picture(store["own"])


main(write, show)
