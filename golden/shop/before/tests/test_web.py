import os
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shop import pricing
from shop.basket import Basket, from_field, to_field
from shop.feeds import cached, dumps
from shop.jobs import Queue, ReminderJob, RestockJob
from shop.models import Customer, Line, place
from shop.serializer import Serializer, private, public
from shop.sessions import SessionStore
from shop.settings import GREETING, Settings


@pytest.fixture
def store(tmp_path):
    store = SessionStore(str(tmp_path / "sessions.db"))
    yield store
    store.close()


def test_session_round_trip(store):
    session = store.create()
    session.viewed += ["B-1", "B-1", "B-2"]
    session.flash = ("info", "Welcome")
    session.timeout = timedelta(0)
    store.save(session)
    again = store.get(str(session.id))
    assert again == session
    assert again.timeout == timedelta(0)
    assert again.started.tzinfo is timezone.utc


def test_no_such_session(store):
    assert store.get("nobody") is None


def test_all_sessions(store):
    made = {store.create().id for _ in range(3)}
    assert {s.id for s in store.all()} == made


def test_basket_travels():
    basket = Basket("visitor 1")
    basket.add("B-1")
    basket.add("B-1", 2)
    again = from_field(to_field(basket))
    assert (again.visitor, again.lines, again.coupon) == ("visitor 1", {"B-1": 3}, None)
    again.add("B-2")
    assert len(again) == 4
    assert len(basket) == 3


def test_no_basket():
    assert from_field("") is None


def test_jobs_run_and_failures_wait():
    queue = Queue()
    queue.push(ReminderJob(7, days=3))
    queue.push(RestockJob([]))
    queue.push(RestockJob(["B", "A", "A"]))
    done = []
    queue.run(done)
    assert done == ["remind customer of order 7", "restock A", "restock B"]
    (waiting,) = queue.waiting()
    assert type(waiting) is RestockJob
    assert waiting.attempts == 1
    assert waiting.skus == set()
    queue.close()


def test_serializers():
    value = {"a": [1, 2.5, None]}
    assert public.unpack(public.pack(value)) == value
    assert private.unpack(private.pack(value)) == value
    assert public.pack({"b": 1, "a": 2}) == b'{"a": 2, "b": 1}'


def test_private_values_keep_their_types():
    value = {("a", 1): {1, 2}, 3: datetime(2024, 1, 1), "x": Customer(1, "Ada")}
    assert Serializer().unpack(private.pack(value)) == value


def test_shipped_settings(data):
    settings = Settings().load(data / "settings.pkl")
    assert settings["texts.greeting"] == "Gr\xfc\xdfe"
    assert settings["tax.limit"] == float("inf")
    assert settings.price(5) == "$5.00"


def test_settings_round_trip(tmp_path):
    settings = Settings()
    settings["texts.greeting"] = GREETING
    settings["new.section"] = (1, 2)
    settings.save(tmp_path / "settings")
    again = Settings().load(tmp_path / "settings")
    assert again.sections == settings.sections
    assert list(again.sections) == ["shop", "tax", "texts", "new"]
    assert again.price(2) == "£2.00"


def test_discount_leaves_the_order():
    order = place(Customer(1, "Ada"), 1, [Line("B-1", 2, Decimal("10.00"))], datetime(2024, 1, 1))
    offer = pricing.discounted(order, Decimal(25))
    assert (offer.total(), order.total()) == (Decimal("15.00"), Decimal("20.00"))
    assert offer.customer is not order.customer
    assert offer.customer.orders[0] is offer


def test_fingerprint_follows_the_lines():
    order = place(Customer(1, "Ada"), 1, [Line("B-1", 2, Decimal("10.00"))], datetime(2024, 1, 1))
    first = pricing.fingerprint(order)
    assert first == pricing.fingerprint(pricing.copy_of(order))
    order.lines[0].quantity = 3
    assert pricing.fingerprint(order) != first


def test_price_list_is_parsed_once(tmp_path):
    source, kept = tmp_path / "list.csv", tmp_path / "list.cache"
    source.write_text(dumps({"B-1": Decimal("9.90")}))
    assert cached(source, kept) == {"B-1": Decimal("9.90")}
    stamp = source.stat()
    source.write_text("sku,price\nB-1,8.80\n")
    os.utime(source, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert str(cached(source, kept)["B-1"]) == "9.90"
    os.utime(source, ns=(0, 0))
    assert cached(source, kept) == {"B-1": Decimal("8.80")}
