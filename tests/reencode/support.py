"""What the tests of this room share: a small program with its converters, and conversions without one."""

from __future__ import annotations

import json
import pickle
import sys
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from migrate.reencode import Ledger, Line, LocalTree, State, convert, could_hold, reencode

if TYPE_CHECKING:
    from pathlib import Path

    from migrate.legacy import Record
    from migrate.reencode import Outcome


def plain(record: Record, room: int = 0) -> Line:
    """A record converter for what JSON has by itself, so that files can be tested without a codec."""
    return Line(json.dumps(record).encode() + b"\n", {})


def run(path: Path, *, ledger: Ledger | None = None, **options: object) -> list[Outcome]:
    """Convert what is at or below ``path`` with :func:`plain`."""
    keep = {key: options.pop(key) for key in ("backup", "max_bytes") if key in options}
    store = LocalTree([path], interesting=could_hold, **keep)
    with Ledger() if ledger is None else nullcontext(ledger) as book:
        return list(reencode(store, partial(convert, convert_record=plain), book, **options))


def run_one(path: Path, **options: object) -> Outcome:
    """Convert the one file at ``path``."""
    (outcome,) = run(path, **options)
    return outcome


def states(outcomes: list[Outcome]) -> dict[str, State]:
    """File name → state."""
    return {outcome.key.rpartition("/")[2]: outcome.state for outcome in outcomes}


class Evil:
    """Pickles as a call of os.system that would leave a marker."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, (f"touch {self.marker}",)


MODELS = """
import dataclasses

@dataclasses.dataclass
class Line:
    sku: str
    count: int

@dataclasses.dataclass
class Order:
    number: int
    lines: list[Line]
    note: object = None
"""
CONVERTERS = '''"""Converters of shop."""
# pickle-migrate: converters
from migrate.runtime import Codec

codec = Codec("shop", stage="json")
codec.register("shop.models:Order")
codec.register("shop.models:Line")
'''


def write_program(root: Path, *, name: str = "shop", models: str = MODELS) -> Path:
    """Write a package with models and a converters module; returns the path of the latter."""
    package = root / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(models)
    converters = package / "converters.py"
    converters.write_text(CONVERTERS.replace("shop", name))
    return converters


PICKLE_ORDERS = """
import pickle, sys
from shop.models import Line, Order
for number in range(int(sys.argv[2])):
    order = Order(number, [Line("pen", 2), Line("ink", number)], note=(1, b"x", {3: None}))
    with open(f"{sys.argv[1]}/{number}.order", "wb") as file:
        pickle.dump(order, file, protocol=number % 6)
"""


def pickled(value: object, protocol: int = 4) -> bytes:
    return pickle.dumps(value, protocol)


PYTHON = sys.executable
