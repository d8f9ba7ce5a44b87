"""black's cache of files that need no change."""

import os
import sys
from pathlib import Path

os.environ["BLACK_CACHE_DIR"] = str(Path(sys.argv[2]) / "cache")

import black
from black.cache import Cache
from common import main, picture


def write(folder: Path) -> None:
    paths = [folder / "a.py", folder / "größe.py"]
    for path in paths:
        path.write_text("x = 1\n")
        os.utime(path, (1e9 + 0.25, 1e9 + 0.25))
    Cache.read(black.Mode()).write(paths)


def show(folder: Path) -> object:
    cache = Cache.read(black.Mode())
    return {Path(name).name: picture(data) for name, data in cache.file_data.items()}


main(write, show)
