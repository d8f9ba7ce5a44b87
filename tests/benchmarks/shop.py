"""The orders that the benchmark of the codec writes and reads: the same data in three kinds of class."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import attrs

from migrate.runtime import Codec


class Status(enum.Enum):
    NEW = "new"
    PAID = "paid"
    SENT = "sent"


# --- dataclasses


@dataclass
class Address:
    street: str
    city: str
    zip: str
    country: str


@dataclass
class Customer:
    id: int
    name: str
    email: str
    address: Address


@dataclass
class Line:
    sku: str
    quantity: int
    price: Decimal
    weight: float


@dataclass
class Order:
    id: int
    customer: Customer
    status: Status
    placed: dt.datetime
    lines: list[Line] = field(default_factory=list)
    shipping: Address | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)


@dataclass
class PureLine:
    sku: str
    quantity: int
    price: float
    weight: float


@dataclass
class PureOrder:
    id: int
    customer: Customer
    status: str
    placed: float
    lines: list[PureLine] = field(default_factory=list)
    shipping: Address | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)


# --- attrs


@attrs.define
class AttrsAddress:
    street: str
    city: str
    zip: str
    country: str


@attrs.define
class AttrsCustomer:
    id: int
    name: str
    email: str
    address: AttrsAddress


@attrs.define
class AttrsLine:
    sku: str
    quantity: int
    price: Decimal
    weight: float


@attrs.define
class AttrsOrder:
    id: int
    customer: AttrsCustomer
    status: Status
    placed: dt.datetime
    lines: list[AttrsLine] = attrs.Factory(list)
    shipping: AttrsAddress | None = None
    note: str | None = None
    tags: list[str] = attrs.Factory(list)


@attrs.define
class AttrsPureLine:
    sku: str
    quantity: int
    price: float
    weight: float


@attrs.define
class AttrsPureOrder:
    id: int
    customer: AttrsCustomer
    status: str
    placed: float
    lines: list[AttrsPureLine] = attrs.Factory(list)
    shipping: AttrsAddress | None = None
    note: str | None = None
    tags: list[str] = attrs.Factory(list)


# --- plain classes, whose attributes are not declared


class Bare:
    def __init__(self, *values: Any) -> None:
        for name, value in zip(self.NAMES, values, strict=True):
            setattr(self, name, value)


class BareAddress(Bare):
    NAMES = ("street", "city", "zip", "country")


class BareCustomer(Bare):
    NAMES = ("id", "name", "email", "address")


class BareLine(Bare):
    NAMES = ("sku", "quantity", "price", "weight")


class BareOrder(Bare):
    NAMES = ("id", "customer", "status", "placed", "lines", "shipping", "note", "tags")


def orders(order, line, customer, address, *, pure=False, count=2000):
    """``count`` orders of four lines each; ``pure`` has only text and numbers in it."""
    start = dt.datetime(2024, 3, 1, 9, 30, 15, 250_000)
    stati = list(Status)
    made = []
    for i in range(count):
        home = address(f"{i} Long Road", f"Town {i % 97}", f"{10_000 + i}", "NL")
        status, placed = stati[i % 3], start + dt.timedelta(minutes=i)
        made.append(
            order(
                i,
                customer(i, f"Customer Number {i}", f"c{i}@example.com", home),
                status.value if pure else status,
                placed.timestamp() if pure else placed,
                [
                    line(f"SKU-{i}-{j}", j + 1, i / 7 if pure else Decimal(i * 100 + j) / 100, j * 0.25)
                    for j in range(4)
                ],
                address(f"{i} Work Street", "Utrecht", f"{i}", "NL") if i % 2 else None,
                f"note {i}" if i % 3 else None,
                ["a", "gift"] if i % 5 else [],
            )
        )
    return made


def plain(value):
    """The same data in dicts and lists, without classes."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__") and not isinstance(value, enum.Enum):
        return {name: plain(item) for name, item in vars(value).items()}
    return value


def shop_codec(**options) -> Codec:
    codec = Codec("shop", **options)
    for cls in (
        *(Status, Address, Customer, Line, Order, PureLine, PureOrder),
        *(AttrsAddress, AttrsCustomer, AttrsLine, AttrsOrder, AttrsPureLine, AttrsPureOrder),
        *(BareAddress, BareCustomer, BareLine, BareOrder),
    ):
        codec.register(cls)
    return codec


DATA = {
    "dataclass": lambda: orders(Order, Line, Customer, Address),
    "dataclass, text and numbers": lambda: orders(PureOrder, PureLine, Customer, Address, pure=True),
    "attrs": lambda: orders(AttrsOrder, AttrsLine, AttrsCustomer, AttrsAddress),
    "attrs, text and numbers": lambda: orders(
        AttrsPureOrder, AttrsPureLine, AttrsCustomer, AttrsAddress, pure=True
    ),
    "plain classes": lambda: orders(BareOrder, BareLine, BareCustomer, BareAddress),
    "plain, text and numbers": lambda: orders(BareOrder, BareLine, BareCustomer, BareAddress, pure=True),
    "untyped dicts": lambda: plain(orders(PureOrder, PureLine, Customer, Address, pure=True)),
    "untyped, with tuples": lambda: [{"id": i, "tags": ["a", "b"], "at": (i, 0.5)} for i in range(10_000)],
    "a list of 5 MB": lambda: [[i, f"row {i}", i / 7, None, True] for i in range(150_000)],
    "texts": lambda: [f"line {i} of some text" for i in range(100_000)],
    "texts by name": lambda: {f"key {i}": f"text {i} of some length" for i in range(50_000)},
    "floats": lambda: [i / 7 for i in range(100_000)],
    "one order": lambda: orders(Order, Line, Customer, Address, count=2)[1],
    "one small list": lambda: [1, 2, "three"],
}
"""Name → function that makes the value."""
