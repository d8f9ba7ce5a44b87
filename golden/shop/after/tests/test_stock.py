import pickle
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from shop import catalog
from shop import converters
from shop.stock import Item, Perishable, Shelf, Warehouse


@pytest.fixture
def hall():
    hall = Warehouse("hall")
    hall.put(1, 1, Item("B-1", 4))
    hall.put(1, 2, Perishable("C-1", 2, date(2030, 1, 1)))
    hall.pay_in(250, "bob")
    return hall


def test_shipped_warehouse(data):
    hall = Warehouse.load(str(data / "warehouse.pkl"))
    assert hall.name == "main hall"
    assert hall.till() == (5000, ["ada"])
    assert sorted(hall.shelves) == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert [i.available() for i in hall.find("B-100")] == [10, 3]
    first, second = hall.find("C-2019")
    assert first is second
    assert type(first) is Perishable
    assert first.best_before == date(2019, 12, 31)


def test_shipped_warehouse_keeps_counting(data):
    hall = Warehouse.load(str(data / "warehouse.pkl"))
    assert isinstance(hall.counts, defaultdict)
    hall.put(4, 1, Item("new", 1))
    assert hall.counts["new"] == 1
    assert hall.counts["never seen"] == 0


def test_save_and_load(tmp_path, hall):
    hall.save(tmp_path / "hall")
    again = Warehouse.load(tmp_path / "hall")
    assert again.find("B-1") == hall.find("B-1")
    assert again.find("C-1")[0].available(date(2029, 1, 1)) == 2
    assert again.till() == (250, ["bob"])
    assert type(again.shelves[1, 1]) is Shelf


def test_only_warehouses_are_loaded(tmp_path):
    with open(tmp_path / "other", "wb") as f:
        converters.dump(["not", "a", "warehouse"], f)
    with pytest.raises(TypeError, match="does not hold"):
        Warehouse.load(tmp_path / "other")


def test_shelf_can_be_pickled():
    shelf = Shelf(1, 2)
    shelf.items.append(Item("B-1", 1))
    again = pickle.loads(pickle.dumps(shelf))
    assert (again.row, again.column, again.items) == (1, 2, shelf.items)


def test_reserving_too_much(hall):
    with pytest.raises(ValueError, match="only 4"):
        hall.find("B-1")[0].reserve(5)


def test_shipped_catalog(data):
    books = catalog.load(data / "catalog.pkl")
    assert books["B-100"].size == (130, 200, 18)
    assert type(books["B-100"].size) is catalog.Size
    assert type(books["B-100"].price) is catalog.Price
    assert books["B-100"].barcode == b"\x04\x00\xff"
    assert books["B-100"].weight == 0.35
    assert books["B-200"].title == "Café Society \U0001f375"


def test_catalog_save_and_load(tmp_path):
    books = {"X": catalog.Product("X", "An X", catalog.Price(Decimal("1.10"), "GBP"), related=("Y",), weight=-0.0)}
    catalog.save(books, tmp_path / "c")
    assert catalog.load(tmp_path / "c") == books
    assert str(catalog.load(tmp_path / "c")["X"].weight) == "-0.0"


def test_raised_prices_can_be_saved(tmp_path, data):
    raised = catalog.raise_prices(catalog.load(data / "catalog.pkl"), Decimal(10))
    catalog.save(raised, tmp_path / "c")
    assert catalog.load(tmp_path / "c")["B-200"].price.amount == Decimal("4.95")
