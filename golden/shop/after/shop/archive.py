"""A year of orders, packed away."""

import gzip
from pathlib import Path

from shop import converters
from shop.models import Order


def pack(year: int, orders: list[Order], folder: Path) -> Path:
    """Write the orders of a year; returns the file."""
    path = folder / f"archive-{year}.pkl.gz"
    with gzip.open(path, "wb", compresslevel=6) as f:
        # The header comes first, so that `summary` need not read the orders.
        converters.dump({"year": year, "count": len(orders)}, f)
        converters.dump(orders, f)
    return path


def summary(path: Path) -> dict[str, int]:
    """Only the header."""
    with gzip.open(path, "rb") as f:
        return converters.load(f)


def unpack(path: Path) -> list[Order]:
    """The orders of an archive."""
    with gzip.open(path) as f:
        header = converters.load(f)
        orders: list[Order] = converters.load(f)
    if header["count"] != len(orders):
        raise ValueError(f"{path} should hold {header['count']} orders, not {len(orders)}")
    return orders
