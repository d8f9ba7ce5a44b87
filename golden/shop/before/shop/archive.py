"""A year of orders, packed away."""

import gzip
import pickle as pkl
from pathlib import Path

from shop.models import Order


def pack(year: int, orders: list[Order], folder: Path) -> Path:
    """Write the orders of a year; returns the file."""
    path = folder / f"archive-{year}.pkl.gz"
    with gzip.open(path, "wb", compresslevel=6) as f:
        # The header comes first, so that `summary` need not read the orders.
        pkl.dump({"year": year, "count": len(orders)}, f, protocol=4)
        pkl.dump(orders, f, protocol=4)
    return path


def summary(path: Path) -> dict[str, int]:
    """Only the header."""
    with gzip.open(path, "rb") as f:
        return pkl.load(f)


def unpack(path: Path) -> list[Order]:
    """The orders of an archive."""
    with gzip.open(path) as f:
        header = pkl.load(f)
        orders: list[Order] = pkl.load(f)
    if header["count"] != len(orders):
        raise ValueError(f"{path} should hold {header['count']} orders, not {len(orders)}")
    return orders
