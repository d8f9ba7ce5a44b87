"""Customers and their orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, auto


class Status(Enum):
    """Where an order is on its way."""

    OPEN = "open"
    PAID = "paid"
    SENT = "sent"
    RETURNED = "returned"


class Priority(IntEnum):
    """Sorts the packing list."""

    LOW = 1
    NORMAL = 5
    HIGH = 9


class Consent(Flag):
    """What a customer agreed to."""

    NONE = 0
    EMAIL = auto()
    POST = auto()
    PHONE = auto()


@dataclass(frozen=True)
class Address:
    """Where a parcel goes."""

    street: str
    city: str
    postcode: str
    country: str = "GB"


@dataclass
class Customer:
    """Somebody who orders. Knows the orders, which know the customer."""

    number: int
    name: str
    email: str | None = None
    address: Address | None = None
    consent: Consent = Consent.NONE
    orders: list[Order] = field(default_factory=list, repr=False, compare=False)

    def spent(self) -> Decimal:
        """The total of all orders that were not returned."""
        return sum((o.total() for o in self.orders if o.status is not Status.RETURNED), Decimal(0))


@dataclass
class Line:
    """One position of an order."""

    sku: str
    quantity: int
    price: Decimal

    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.price


@dataclass
class Order:
    """What a customer ordered, and when."""

    number: int
    customer: Customer
    placed: datetime
    lines: list[Line] = field(default_factory=list)
    status: Status = Status.OPEN
    priority: Priority = Priority.NORMAL
    ship_to: Address | None = None
    tags: set[str] = field(default_factory=set)
    history: list[tuple[datetime, Status]] = field(default_factory=list)
    signature: bytes | None = None

    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.total() for line in self.lines), Decimal(0))

    def move(self, status: Status, when: datetime | None = None) -> None:
        """Change the status and remember when."""
        self.history.append((when or datetime.now(timezone.utc), status))
        self.status = status


def place(customer: Customer, number: int, lines: list[Line], placed: datetime) -> Order:
    """A new order, entered with its customer."""
    order = Order(number, customer, placed, lines, ship_to=customer.address)
    customer.orders.append(order)
    return order
