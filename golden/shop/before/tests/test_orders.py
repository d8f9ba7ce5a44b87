import pickle
from datetime import datetime, timezone
from decimal import Decimal

import pytest

from shop.models import Address, Consent, Customer, Line, Order, Priority, Status, place
from shop.repository import OrderRepository, export_page, import_page


@pytest.fixture
def customer():
    return Customer(1, "Ada", address=Address("1 Mill", "Bath", "BA1"), consent=Consent.EMAIL)


@pytest.fixture
def order(customer):
    lines = [Line("B-1", 2, Decimal("9.99")), Line("B-2", 1, Decimal("0.02"))]
    return place(customer, 5, lines, datetime(2024, 1, 1, tzinfo=timezone.utc))


def test_shipped_orders(data):
    orders = OrderRepository(data / "orders.pkl").orders
    assert sorted(orders) == [101, 102, 103]
    assert orders[101].status is Status.PAID
    assert orders[101].signature == b"\x89PNG\r\n\x1a\n"
    assert orders[101].placed.tzinfo is timezone.utc
    assert orders[101].history == [(datetime(2024, 2, 2, 10, 0), Status.PAID)]
    assert orders[103].priority is Priority.HIGH
    assert orders[102].ship_to.country == "FI"


def test_shipped_orders_share_customers_and_lines(data):
    orders = OrderRepository(data / "orders.pkl").orders
    assert orders[101].customer is orders[103].customer
    assert orders[101].customer.orders == [orders[101], orders[103]]
    assert orders[101].customer.orders[0] is orders[101]
    assert orders[101].lines is orders[103].lines
    assert orders[101].ship_to is orders[101].customer.address
    assert orders[101].customer.consent == Consent.EMAIL | Consent.POST


def test_shipped_orders_still_add_up(data):
    repository = OrderRepository(data / "orders.pkl")
    assert [(c.name, c.spent()) for c in repository.customers()] == [("Grace", Decimal("37.98")), ("Linus", Decimal("12.00"))]


def test_commit_and_read_again(tmp_path, order):
    repository = OrderRepository(tmp_path / "orders.pkl")
    repository.add(order)
    repository.commit()
    again = OrderRepository(tmp_path / "orders.pkl").orders[5]
    assert again == order
    assert again.total() == Decimal("20.00")
    assert again.customer.orders[0] is again
    assert [p.name for p in tmp_path.iterdir()] == ["orders.pkl"]


def test_commit_keeps_what_was_there(data, order):
    repository = OrderRepository(data / "orders.pkl")
    repository.add(order)
    repository.commit()
    assert sorted(OrderRepository(data / "orders.pkl").orders) == [5, 101, 102, 103]


def test_an_order_number_is_taken_once(data, order):
    repository = OrderRepository(data / "orders.pkl")
    order.number = 101
    with pytest.raises(KeyError, match="101"):
        repository.add(order)


def test_failed_commit_leaves_the_old_file(data, order):
    before = (data / "orders.pkl").read_bytes()
    repository = OrderRepository(data / "orders.pkl")
    order.tags.add(lambda: None)
    repository.add(order)
    with pytest.raises(Exception):
        repository.commit()
    assert (data / "orders.pkl").read_bytes() == before
    assert not list(data.glob("orders.pkl?*"))


def test_the_file_holds_a_dict_by_number(tmp_path, order):
    repository = OrderRepository(tmp_path / "orders.pkl")
    repository.add(order)
    repository.commit()
    with open(tmp_path / "orders.pkl", "rb") as f:
        stored = pickle.load(f)
    assert list(stored) == [5]
    assert isinstance(stored[5], Order)


def test_reads_orders_of_release_3(tmp_path, order):
    # Release 3 wrote protocol 0 and knew no priorities.
    del order.priority
    with open(tmp_path / "orders.pkl", "wb") as f:
        pickle.dump({5: order}, f, protocol=0)
    stored = OrderRepository(tmp_path / "orders.pkl").orders[5]
    assert stored.priority is Priority.NORMAL
    assert stored.lines == order.lines


def test_pages(data):
    pages = OrderRepository(data / "orders.pkl").pages(2)
    assert [[o.number for o in page] for page in pages] == [[103, 102], [101]]
    assert [(page.number, page.of) for page in pages] == [(1, 2), (2, 2)]


def test_page_travels(tmp_path, data):
    page = OrderRepository(data / "orders.pkl").pages(2, lambda o: o.status is Status.OPEN)[0]
    export_page(page, tmp_path / "page")
    again = import_page(tmp_path / "page")
    assert [o.number for o in again] == [103, 102]
    assert again.items[0].customer.orders[1] is again.items[0]


def test_shipped_page(data):
    page = import_page(data / "page.pkl")
    assert (page.number, page.of) == (1, 2)
    assert page.items[0].ship_to == Address("12 Mill Lane", "Bath", "BA1 1AA")
