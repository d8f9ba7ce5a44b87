"""Files of the old shop, which ran on Python 2 until 2012.

Three kinds are left: address books, customers and ledgers.
"""

from shop import converters
from shop.models import Address, Customer


class Contact:
    """An entry of the address book. An old-style class, when it was young."""

    def __init__(self, name, phone):
        self.name = name
        self.phone = phone

    def __repr__(self):
        return "<Contact %s>" % self.name


class Booking(object):
    """A line of the ledger."""

    def __init__(self, day, text, amount, contact=None):
        self.day = day
        self.text = text
        self.amount = amount
        self.contact = contact


def load_contacts(path):
    f = open(path, "rb")
    try:
        return converters.load(f)
    finally:
        f.close()


def save_contacts(contacts, path):
    f = open(path, "wb")
    try:
        converters.dump(contacts, f)
    finally:
        f.close()


def load_customers(path):
    """Customers of the old shop, as customers of this one.

    The old shop kept names as UTF-8 in plain strings, and the address in two attributes.
    """
    with open(path, "rb") as f:
        old = converters.load(f, encoding="utf-8")
    return [_modern(customer) for customer in old]


def _modern(customer):
    state = vars(customer)
    address = Address(state["street"], state["city"], state.get("postcode", ""))
    return Customer(state["number"], state["name"], state.get("email"), address)


def load_ledger(path):
    """All bookings of a year. The dates inside ask for latin-1."""
    return converters.load(open(path, "rb"), encoding="latin1")


def balance(bookings):
    """Sums by contact name; None collects the rest."""
    sums = {}
    for booking in bookings:
        key = booking.contact.name if booking.contact is not None else None
        sums[key] = sums.get(key, 0) + booking.amount
    return sums
