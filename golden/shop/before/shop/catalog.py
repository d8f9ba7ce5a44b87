"""What is for sale."""

from __future__ import annotations

import pickle
from collections import namedtuple
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import attrs

Price = namedtuple("Price", "amount currency")


class Size(NamedTuple):
    """In millimetres."""

    width: int
    height: int
    depth: int = 0


@attrs.define
class Product:
    """A thing in the catalogue."""

    sku: str
    title: str
    price: Price
    size: Size | None = None
    barcode: bytes = b""
    related: tuple[str, ...] = ()
    weight: float = attrs.field(default=0.0, kw_only=True)


Catalog = dict[str, Product]


def save(catalog: Catalog, path: Path) -> None:
    """Write the whole catalogue."""
    with path.open("wb") as f:
        pickle.dump(catalog, f, pickle.HIGHEST_PROTOCOL)


def load(path: Path) -> Catalog:
    """Read what `save` wrote."""
    with path.open("rb") as f:
        return pickle.load(f)


def raise_prices(catalog: Catalog, percent: Decimal) -> Catalog:
    """A catalogue with every price raised, rounded to pennies."""
    factor = 1 + percent / 100
    return {
        sku: attrs.evolve(
            product,
            price=product.price._replace(amount=(product.price.amount * factor).quantize(Decimal("0.01"))),
        )
        for sku, product in catalog.items()
    }
