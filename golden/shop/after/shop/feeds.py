"""Price lists of the publishers: CSV files that are slow to fetch and quick to keep."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import TextIO


def load(handle: TextIO) -> dict[str, Decimal]:
    """Prices by sku from a price list."""
    return {row["sku"]: Decimal(row["price"]) for row in csv.DictReader(handle)}


def dumps(prices: dict[str, Decimal]) -> str:
    """A price list as text."""
    return "".join(["sku,price\n", *(f"{sku},{price}\n" for sku, price in sorted(prices.items()))])


def cached(source: Path, kept: Path) -> dict[str, Decimal]:
    """The prices of a list, parsed once for each version of it."""
    from shop import converters

    stamp = source.stat().st_mtime_ns
    if kept.exists():
        with kept.open("rb") as f:
            seen, prices = converters.load(f)
        if seen == stamp:
            return prices
    with source.open(encoding="utf-8", newline="") as text:
        prices = load(text)
    with kept.open("wb") as f:
        converters.dump((stamp, prices), f)
    return prices
