"""A small tree with one edit of every safety, and the command line on it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SAFE = b"""import pickle
from dataclasses import dataclass


@dataclass
class Order:
    number: int


def save(order: Order, path):
    with open(path, "wb") as f:
        pickle.dump(order, f, protocol=2)


def load(path) -> Order:
    with open(path, "rb") as f:
        return pickle.load(f)
"""
ASKING = b"""import pickle


def keep(data, f):
    pickle.dump(data, f)


def fetch(f):
    return pickle.load(f)
"""
MANUAL = b"import pickle\n\n\ndef clone(x):\n    return pickle.loads(pickle.dumps(x))\n"

TREE = {"shop/__init__.py": b"", "shop/orders.py": SAFE, "shop/cache.py": ASKING, "shop/copies.py": MANUAL}


def make_tree(root: Path, files: dict[str, bytes] | None = None) -> Path:
    for path, data in (TREE if files is None else files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def migrate(
    *arguments: object, cwd: Path, stdin: bytes = b"", **env: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "migrate", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **env},
        input=stdin,
        capture_output=True,
        check=False,
    )
