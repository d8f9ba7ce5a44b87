"""The orders on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from shop import converters
from shop.models import Customer, Order

T = TypeVar("T")


@dataclass
class Page(Generic[T]):
    """A page of a longer list."""

    items: list[T]
    number: int
    of: int

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


class OrderRepository:
    """Keeps all orders in one file, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._orders: dict[int, Order] | None = None

    @property
    def orders(self) -> dict[int, Order]:
        """All orders by number, read at first use."""
        if self._orders is None:
            self._orders = self._read() if self.path.exists() else {}
        return self._orders

    def add(self, order: Order) -> None:
        """Take a new order in; `commit` makes it last."""
        if order.number in self.orders:
            raise KeyError(f"order {order.number} exists")
        self.orders[order.number] = order

    def customers(self) -> list[Customer]:
        """Everybody who ordered, once each."""
        found = {id(o.customer): o.customer for o in self.orders.values()}
        return sorted(found.values(), key=lambda c: c.number)

    def pages(self, size: int, wanted: Callable[[Order], bool] = lambda order: True) -> list[Page[Order]]:
        """The orders wanted, newest first, in pages."""
        orders = sorted((o for o in self.orders.values() if wanted(o)), key=lambda o: o.placed, reverse=True)
        count = -(-len(orders) // size)
        return [Page(orders[i * size : (i + 1) * size], i + 1, count) for i in range(count)]

    def commit(self) -> None:
        """Write everything beside the file, then move it into place."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        try:
            with os.fdopen(handle, "wb") as f:
                converters.dump(self.orders, f)
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise

    def _read(self) -> dict[int, Order]:
        with self.path.open("rb") as f:
            return converters.load(f)


def export_page(page: Page[Order], path: Path) -> None:
    """Leave one page for the packing desk."""
    path.write_bytes(converters.dumps(page))


def import_page(path: Path) -> Page[Order]:
    """What the office left."""
    return converters.loads(path.read_bytes())
