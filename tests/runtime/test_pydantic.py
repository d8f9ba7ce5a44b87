"""Models of pydantic (version 2): typed like any other class, restored without validation, as pickle does."""

import datetime as dt
import json
import pickle
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import pytest

from migrate.legacy import decode
from migrate.reencode import ThroughCodec
from migrate.runtime import Codec, DecodeError, EncodeError, UnknownClass, differences

pytestmark = pytest.mark.extras
pydantic = pytest.importorskip("pydantic")


class Item(pydantic.BaseModel):
    sku: str
    qty: int = 1


class Order(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    id: int
    items: list[Item] = pydantic.Field(default_factory=list)
    first: Item | None = None
    _secret: list[int] = pydantic.PrivateAttr(default_factory=list)


class Frozen(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True)
    a: tuple[int, ...] = ()
    b: "Item | None" = None


class Derived(Item):
    price: float = pydantic.Field(default=1.5, alias="cost")

    @pydantic.field_validator("price")
    @classmethod
    def positive(cls, value):
        if value < 0:
            raise ValueError("negative")
        return value

    @pydantic.computed_field
    @property
    def total(self) -> float:
        return self.qty * self.price


class Own(pydantic.BaseModel):
    a: int = 0

    def __setstate__(self, state):
        super().__setstate__(state)
        self.a += 0


@dataclass
class Holder:
    order: Order
    items: list[Item]


CLASSES = [Item, Order, Frozen, Derived, Own, Holder]
ITEM = '"sku":"a","qty":1,"__pydantic_fields_set__":{"$set":["sku"]}'
ITEM += ',"__pydantic_extra__":null,"__pydantic_private__":null'


def make(form="json", **registrations):
    codec = Codec("models", format=form)
    for cls in CLASSES:
        codec.register(cls, **registrations.get(cls.__name__, {}))
    return codec


def with_secret():
    order = Order(id=1, items=[Item(sku="a")], more=[1])
    order._secret.append(5)
    return order


def sharing(item):
    return Order.model_construct(id=1, items=[item, item], first=item)


VALUES = {
    "plain": lambda: Item(sku="a"),
    "nested": lambda: Order(id=1, items=[Item(sku="x", qty=2)], first=Item(sku="y")),
    "extra and private": with_secret,
    "frozen": lambda: Frozen(a=(1, 2), b=Item(sku="a")),
    "derived with an alias": lambda: Derived(sku="a", cost=2),
    "derived where the base is declared": lambda: Order(id=1, first=Derived(sku="a")),
    "invalid": lambda: Item.model_construct(sku=5, qty=None),
    "changed since": lambda: Item(sku="a").model_copy(update={"qty": (1,)}),
    "setstate of its own": lambda: Own(a=3),
    "in a dataclass": lambda: Holder(Order(id=1), [Item(sku="a")]),
    "many": lambda: [Item(sku=str(n)) for n in range(300)],
    "many in a typed place": lambda: Order(id=1, items=[Item(sku=str(n)) for n in range(300)]),
    "shared": lambda: sharing(Item(sku="a")),
}


@pytest.mark.parametrize("make_value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("form", ["json", "yaml", "msgpack", "cbor"])
def test_round_trip(form, make_value):
    codec, value = make(form), make_value()
    back = codec.loads(codec.dumps(value))
    assert differences(value, back) == []
    assert back == value
    if isinstance(value, pydantic.BaseModel):
        assert back.model_fields_set == value.model_fields_set
        assert back.__pydantic_private__ == value.__pydantic_private__


@pytest.mark.parametrize("make_value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("protocol", range(6))
def test_out_of_a_pickle(protocol, make_value):
    value, codec = make_value(), make()
    data = pickle.dumps(value, protocol)
    assert differences(value, codec.loads(data)) == []
    assert differences(value, codec.loads(ThroughCodec(codec)(decode(data)).text)) == []


def test_fields_are_typed():
    assert make().dumps([Item(sku="a")]) == b'[{"$type":"Item",%s}]\n' % ITEM.encode()
    assert f'"items":[{{{ITEM}}}]'.encode() in make().dumps(Order(id=1, items=[Item(sku="a")]))


def test_many_of_a_pickle_that_was_converted_without_the_classes():
    data = pickle.dumps([Item(sku=str(n)) for n in range(300)])
    line = ThroughCodec(make(), use_classes=False)(decode(data)).text
    assert make().loads(line) == pickle.loads(data)


def test_validators_do_not_run():
    value = Derived.model_construct(sku="a", price=-1)
    assert make().loads(make().dumps(value)).price == -1


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_missing_fields_take_their_defaults(protocol):
    assert make().loads(b'{"$type":"Order","id":1}').items == []
    old = Order(id=1)
    del old.__dict__["items"], old.__dict__["first"]
    back = make().loads(pickle.dumps(old, protocol))
    assert (back.items, back.first) == ([], None)


def test_defaults_are_not_shared():
    first, second = make().loads(b'[{"$type":"Order","id":1},{"$type":"Order","id":2}]')
    assert first.items is not second.items


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_renamed_and_unknown_fields(protocol):
    old = Item(sku="a")
    old.__dict__["count"] = old.__dict__.pop("qty")
    old.__pydantic_fields_set__.add("count")
    renamed = make(Item={"renames": {"count": "qty"}})
    for back in (
        renamed.loads(pickle.dumps(old, protocol)),
        renamed.loads(b'{"$type":"Item","sku":"a","count":1}'),
    ):
        assert (back.sku, back.qty) == ("a", 1)
    assert renamed.loads(pickle.dumps(old, protocol)).model_fields_set == {"sku", "qty"}
    with pytest.raises(DecodeError) as caught:
        make(Item={"unknown_fields": "refuse"}).loads(pickle.dumps(old, protocol))
    assert caught.value.reason == "unknown-field"


def test_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(make().json_schema())
    for make_value in VALUES.values():
        validator.validate(json.loads(make().dumps(make_value())))
    assert not validator.is_valid({"$type": "Order", "items": [{"sku": {"$nonsense": 1}}]})


T = TypeVar("T")


class Page(pydantic.BaseModel, Generic[T], arbitrary_types_allowed=True):
    rows: list[T]
    total: int = 0


ItemPage = Page[Item]


class Results(pydantic.BaseModel):
    numbers: Page[int]
    items: Page[Item] | None = None


def pages(*names):
    codec = Codec("pages")
    for name in ("Item", "Page", "Results", *names):
        codec.register(f"{__name__}:{name}")
    return codec


def test_a_generic_model_with_its_arguments_is_a_class_of_its_own():
    codec = pages("Page[Item]")
    value = ItemPage(rows=[Item(sku="a")], total=1)
    assert json.loads(codec.dumps(value))["$type"] == "Page_Item"
    assert type(codec.loads(codec.dumps(value))) is ItemPage
    assert not differences(value, codec.loads(codec.dumps(value)))
    assert not differences(value, codec.loads(pickle.dumps(value)))
    with pytest.raises(EncodeError, match=r"Page\[int\] is not registered"):
        codec.dumps(Page[int](rows=[1]))


def test_arguments_need_no_name_of_their_own_in_the_module():
    """Pickle refuses these: it finds ``Page[int]`` only where that is the name of a global."""
    codec = pages("Page[int]", "Page[dict[str, list[Item]]]", "Page[Item]", "Page[int | None]")
    for value in (
        Results(numbers=Page[int](rows=[1, 2]), items=ItemPage(rows=[])),
        Page[dict[str, list[Item]]](rows=[{"a": [Item(sku="b")]}]),
        Page[int | None](rows=[None, 1]),
    ):
        assert not differences(value, codec.loads(codec.dumps(value)))


def test_arguments_from_other_modules_are_named_with_their_module():
    codec = pages("Page[datetime.date]", "Page[fractions.Fraction]", "Page[dt.timedelta]")
    value = Page[dt.date](rows=[dt.date(2026, 11, 29)])
    assert json.loads(codec.dumps(value))["$type"] == "Page_datetime_date"
    assert not differences(value, codec.loads(codec.dumps(value)))
    half = Page[Fraction](rows=[Fraction(1, 2)])
    assert type(codec.loads(codec.dumps(half))) is Page[Fraction]
    assert not differences(Page[dt.timedelta](rows=[]), codec.loads(codec.dumps(Page[dt.timedelta](rows=[]))))


@pytest.mark.parametrize(
    "name",
    [
        "Page[no.such.Name]",
        "Page[json.Nothing]",
        "Page[Nothing]",
        "Page[int",
        "Page[int]x",
        "Page[print('x')]",
        "Page[Item, int]",
        "Item[int]",
        "Page[]",
    ],
)
def test_arguments_that_mean_nothing(name):
    try:
        codec = pages(name)
    except ValueError as error:
        assert "does not name a class" in str(error)
    else:
        with pytest.raises(UnknownClass, match="cannot be imported"):
            codec.loads(json.dumps({"$type": re.sub(r"\W+", "_", name).strip("_")}).encode())
