# -*- coding: utf-8 -*-
"""Write the data files of the shop as its releases wrote them. Run by hand, once with each interpreter:

    PYTHONHASHSEED=0 python2.7  golden/shop/make_data.py     # what the old shop left in 2012
    PYTHONHASHSEED=0 python3.6  golden/shop/make_data.py     # releases 2 and 3, before dataclasses
    PYTHONHASHSEED=0 python3.11 golden/shop/make_data.py     # today's (needs attrs)

The first two cannot import today's modules, so they make the classes as they were then, under the names that the
pickles must carry. The files are committed; the tests of the shop read them and never write them.
"""

from __future__ import print_function, unicode_literals

import datetime
import gzip
import io
import os
import pickle
import subprocess
import sys
import types
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
BEFORE = os.path.join(HERE, "before")
DATA = os.path.join(BEFORE, "data")


def main():
    """Write the files of the interpreter that runs this."""
    if sys.version_info[0] == 2:
        python27()
    elif sys.version_info[:2] == (3, 6):
        python36()
    elif sys.version_info[:2] == (3, 11):
        python311()
    else:
        sys.exit("run this with Python 2.7, 3.6 or 3.11")


def old_module(name, *classes):
    """Pretend that ``classes`` are defined in a module called ``name``."""
    module = sys.modules[str(name)] = types.ModuleType(str(name))
    for cls in classes:
        cls.__module__ = str(name)
        cls.__qualname__ = cls.__name__
        setattr(module, cls.__name__, cls)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[str(parent)], str(child), module)


def made(cls, **attributes):
    """An instance that never saw its constructor, with attributes named as Python itself would name them."""
    instance = cls()
    for name, value in attributes.items():
        instance.__dict__[str(name)] = value
    return instance


def write(name, protocol, *values):
    """Dump values one after the other."""
    with io.open(os.path.join(DATA, name), "wb") as f:
        for value in values:
            pickle.dump(value, f, protocol)
    print(sys.version.split()[0], "protocol", protocol, name)


def python27():
    """Old-style and new-style classes, 8-bit and Unicode strings, protocols 0, 1 and 2."""

    class Contact:
        pass

    class Booking(object):
        pass

    class Customer(object):
        pass

    old_module("shop")
    old_module("shop.legacy", Contact, Booking)
    old_module("shop.models", Customer)

    bindery = made(Contact, name="B\xfccherstube M\xfcller", phone=str("+49 30 1234"))
    printer = made(Contact, name="Smith & Sons", phone=None)
    bindery.partner, printer.partner = printer, bindery
    write("contacts.pck", 1, {str("binder"): bindery, str("printer"): printer, str("default"): bindery})

    utf8 = "Ren\xe9e Dupr\xe9".encode("utf-8")
    customers = [
        made(Customer, number=7, name=utf8, email=str("renee@example.com"), street="Rue du Caf\xe9 4".encode("utf-8"),
             city=str("Lyon"), postcode=str("69001")),
        made(Customer, number=8, name=str("John Doe"), street=str("High Street 1"), city=str("Leeds")),
        made(Customer, number=long(2) ** 70, name="Zo\xeb", street="Dorpsstraat", city="Gent", postcode="9000"),  # noqa: F821
    ]
    write("customers-2009.pkl", 2, customers)

    bookings = [
        made(Booking, day=datetime.date(2011, 1, 3), text=str("carried over"), amount=Decimal("1204.17"), contact=None),
        made(Booking, day=datetime.datetime(2011, 3, 9, 17, 30, 5, 123456), text=str("binding"), amount=Decimal("-310.00"),
             contact=bindery),
        made(Booking, day=datetime.date(2011, 12, 31), text="Papier f\xfcr Kataloge", amount=Decimal("-99.5"),
             contact=bindery),
        made(Booking, day=datetime.date(2011, 12, 31), text=str("leaflets"), amount=Decimal("-1E+2"), contact=printer),
    ]
    write("ledger-2011.dat", 0, bookings)


def python36():
    """Release 2 kept its classes in ``shop.orders``; release 3 moved them."""
    sys.path.insert(0, BEFORE)
    import shop
    from shop.stock import Item, Perishable, Warehouse

    main_hall = Warehouse("main hall")
    main_hall.put(1, 1, Item("B-100", 12))
    main_hall.put(1, 2, Perishable("C-2019", 30, datetime.date(2019, 12, 31)))
    main_hall.put(2, 1, Item("B-100", 3))
    main_hall.find("B-100")[0].reserve(2)
    main_hall.shelf(3, 1).items.append(main_hall.find("C-2019")[0])
    main_hall.pay_in(5000, "ada")
    main_hall.save(os.path.join(DATA, "warehouse.pkl"))
    print(sys.version.split()[0], "protocol 2 warehouse.pkl")

    class Event(object):
        pass

    old_module("shop.events", Event)
    utc = datetime.timezone.utc
    day = datetime.datetime(2018, 5, 4, 8, 0, tzinfo=utc)
    write(
        "events-2018.log",
        3,
        made(Event, when=day, kind="opened", details={}),
        made(Event, when=day.replace(hour=9), kind="sold", details={"sku": "B-100", "prices": (Decimal("9.99"), 2)}),
        made(Event, when=day.replace(hour=18, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "BST")),
             kind="closed", details={"till": {1: b"\x00\xff", None: frozenset([1, 2])}}),
    )

    class Customer(object):
        pass

    class Order(object):
        pass

    old_item = type("Item", (object,), {})  # not the one of shop.stock: today's Line
    old_module("shop.orders", Customer, Order, old_item)
    ada = made(Customer, number=1, name="Ada", email="ada@example.com", orders=[])
    bob = made(Customer, number=2, name="Bob", email=None, orders=[])
    orders = []
    for number, customer in ((1, ada), (2, bob), (3, ada)):
        order = made(Order, number=number, customer=customer, placed=datetime.datetime(2019, 2, number, 12, 0, tzinfo=utc),
                     lines=[made(old_item, sku="B-100", quantity=number, price=Decimal("9.99"))], tags={"paper"})
        customer.orders.append(order)
        orders.append(order)
    with gzip.GzipFile(os.path.join(DATA, "archive-2019.pkl.gz"), "wb", mtime=0) as f:
        pickle.dump({"year": 2019, "count": 3}, f, 4)
        pickle.dump(orders, f, 4)
    print(shop.__name__, sys.version.split()[0], "protocol 4 archive-2019.pkl.gz")


def python311():
    """Today's release, by its own functions."""
    sys.path.insert(0, BEFORE)
    from datetime import timezone
    from pathlib import Path

    from shop import catalog, models, repository
    from shop.settings import Settings

    data = Path(DATA)
    home = models.Address("12 Mill Lane", "Bath", "BA1 1AA")
    grace = models.Customer(1, "Grace", "grace@example.com", home, models.Consent.EMAIL | models.Consent.POST)
    linus = models.Customer(2, "Linus", None, models.Address("Katu 3", "Espoo", "02100", "FI"))
    (data / "orders.pkl").unlink(missing_ok=True)
    (data / "summary.pkl").unlink(missing_ok=True)
    orders = repository.OrderRepository(data / "orders.pkl")

    def order(customer, number, day, *lines):
        placed = models.datetime(2024, 2, day, 9, 30, tzinfo=timezone.utc)
        made_of = [models.Line(sku, quantity, Decimal(price)) for sku, quantity, price in lines]
        orders.add(models.place(customer, number, made_of, placed))
        return orders.orders[number]

    first = order(grace, 101, 1, ("B-100", 1, "9.99"), ("B-200", 2, "4.50"))
    first.tags.add("gift")
    first.move(models.Status.PAID, models.datetime(2024, 2, 2, 10, 0))
    first.signature = b"\x89PNG\r\n\x1a\n"
    order(linus, 102, 3, ("C-2025", 1, "12.00"))
    orders.commit()
    subprocess.run([sys.executable, "report.py", "data"], cwd=BEFORE, check=True)
    third = order(grace, 103, 5, ("B-300", 1, "30.00"))
    third.priority = models.Priority.HIGH
    third.lines = first.lines  # reordered: the lines are the same list
    orders.commit()
    repository.export_page(orders.pages(2)[0], data / "page.pkl")

    products = [
        catalog.Product("B-100", "Gardening for Robots", catalog.Price(Decimal("9.99"), "GBP"), catalog.Size(130, 200, 18),
                        b"\x04\x00\xff", ("B-200",), weight=0.35),
        catalog.Product("B-200", "Caf\xe9 Society \U0001f375", catalog.Price(Decimal("4.50"), "GBP")),
    ]
    catalog.save({p.sku: p for p in products}, data / "catalog.pkl")

    settings = Settings()
    settings["texts.greeting"] = "Gr\xfc\xdfe"
    settings["shop.currency"] = "USD"
    settings["tax.limit"] = float("inf")
    settings.save(data / "settings.pkl")
    (data / "orders.pkl").chmod(0o644)


if __name__ == "__main__":
    main()
