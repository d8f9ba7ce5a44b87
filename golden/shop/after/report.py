#!/usr/bin/env python3
"""Print what changed since the report was printed last: ``python report.py DATA``."""

import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from shop import converters
from shop.models import Status
from shop.repository import OrderRepository


@dataclass
class Row:
    """One customer."""

    name: str
    orders: int = 0
    spent: Decimal = Decimal(0)


class Summary:
    """All customers, and how the orders stand."""

    def __init__(self):
        self.rows = {}
        self.statuses = Counter()
        self.best = None

    @classmethod
    def of(cls, repository):
        summary = cls()
        for customer in repository.customers():
            row = summary.rows[customer.number] = Row(customer.name, len(customer.orders), customer.spent())
            summary.statuses.update(order.status for order in customer.orders)
            if summary.best is None or row.spent > summary.best.spent:
                summary.best = row
        return summary


def main(folder):
    """Compare with the last summary, then keep this one."""
    last = folder / "summary.pkl"
    summary = Summary.of(OrderRepository(folder / "orders.pkl"))
    if last.exists():
        with last.open("rb") as f:
            before = converters.load(f)
    else:
        before = Summary()
    for number, row in sorted(summary.rows.items()):
        gain = row.spent - before.rows.get(number, Row(row.name)).spent
        print(f"{number:>4} {row.name:<16} {row.orders:>3} {row.spent:>9} {gain:+9}")
    print("open:", summary.statuses[Status.OPEN], "was:", before.statuses[Status.OPEN])
    print("best:", summary.best.name if summary.best else "nobody")
    with last.open("wb") as f:
        converters.dump(summary, f)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
