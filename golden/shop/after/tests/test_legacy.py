from datetime import date, datetime
from decimal import Decimal

from shop import archive, legacy
from shop.events import Event, EventLog
from shop.models import Address, Customer, Line, Order


def test_contacts_of_python_2(data):
    contacts = legacy.load_contacts(str(data / "contacts.pck"))
    assert contacts["default"] is contacts["binder"]
    assert contacts["binder"].name == "B\xfccherstube M\xfcller"
    assert repr(contacts["printer"]) == "<Contact Smith & Sons>"
    assert contacts["binder"].partner.partner is contacts["binder"]


def test_contacts_round_trip(tmp_path, data):
    contacts = legacy.load_contacts(str(data / "contacts.pck"))
    contacts["new"] = legacy.Contact("New", "123")
    legacy.save_contacts(contacts, tmp_path / "contacts")
    again = legacy.load_contacts(tmp_path / "contacts")
    assert list(again) == list(contacts)
    assert again["new"].phone == "123"
    assert again["default"].partner is again["printer"]


def test_customers_of_python_2(data):
    renee, john, zoe = legacy.load_customers(data / "customers-2009.pkl")
    assert renee == Customer(7, "Renée Dupré", "renee@example.com", Address("Rue du Café 4", "Lyon", "69001"))
    assert john.address == Address("High Street 1", "Leeds", "")
    assert zoe.number == 2**70
    assert zoe.name == "Zoë"


def test_ledger_of_python_2(data):
    bookings = legacy.load_ledger(data / "ledger-2011.dat")
    assert [b.day for b in bookings] == [
        date(2011, 1, 3),
        datetime(2011, 3, 9, 17, 30, 5, 123456),
        date(2011, 12, 31),
        date(2011, 12, 31),
    ]
    assert legacy.balance(bookings) == {
        None: Decimal("1204.17"),
        "B\xfccherstube M\xfcller": Decimal("-409.50"),
        "Smith & Sons": Decimal("-100"),
    }
    assert str(bookings[3].amount) == "-1E+2"
    assert bookings[1].contact is bookings[2].contact


def test_events_of_release_2(data):
    log = list(EventLog(data / "events-2018.log"))
    assert [e.kind for e in log] == ["opened", "sold", "closed"]
    assert log[1].details["prices"] == (Decimal("9.99"), 2)
    assert log[2].when.tzname() == "BST"
    assert log[2].details["till"] == {1: b"\x00\xff", None: frozenset({1, 2})}


def test_events_go_on_in_an_old_log(data):
    log = EventLog(data / "events-2018.log")
    first = Event(datetime(2024, 1, 1), "opened", {"by": ("ada", {"bob"})})
    second = Event(datetime(2024, 1, 2), "closed", {})
    offset = log.append(first, second)
    assert list(log)[3:] == [first, second]
    assert log.at(offset) == first
    assert log.at(0).kind == "opened"


def test_archive_of_release_2(data):
    orders = archive.unpack(data / "archive-2019.pkl.gz")
    assert archive.summary(data / "archive-2019.pkl.gz") == {"year": 2019, "count": 3}
    assert [o.total() for o in orders] == [Decimal("9.99"), Decimal("19.98"), Decimal("29.97")]
    assert orders[0].customer.orders == [orders[0], orders[2]]
    assert orders[0].customer.spent() == Decimal("39.96")


def test_archive_again(tmp_path, data):
    orders = archive.unpack(data / "archive-2019.pkl.gz")
    path = archive.pack(2020, orders, tmp_path)
    assert archive.summary(path)["year"] == 2020
    assert [o.number for o in archive.unpack(path)] == [1, 2, 3]


def test_moved_classes_are_the_new_ones(data):
    # Release 2 had Customer, Order and Item in shop.orders; Item is called Line today.
    order = archive.unpack(data / "archive-2019.pkl.gz")[0]
    assert (type(order), type(order.customer), type(order.lines[0])) == (Order, Customer, Line)
