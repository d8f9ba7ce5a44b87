"""cattrs' own idioms on a codec's converter: strategies, overrides and errors; exactness stays verified."""

import contextlib
import dataclasses
from typing import Union

import attrs
import cattrs
import pytest
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union, include_subclasses

from migrate.runtime import Codec, DecodeError, EncodeError, differences


@attrs.define
class Card:
    number: int
    note: str = ""


@attrs.define
class Cash:
    currency: str


@attrs.define
class Animal:
    name: int


@attrs.define
class Dog(Animal):
    tricks: list[str]


@attrs.define
class Cat(Animal):
    lives: int


@dataclasses.dataclass
class Shop:
    paid: list[Card | Cash] = dataclasses.field(default_factory=list)
    last: Union[Card, Cash, None] = None  # noqa: UP007 - both forms of writing it
    pet: Animal | None = None


CLASSES = [Card, Cash, Animal, Dog, Cat, Shop]


@pytest.fixture
def codec():
    made = Codec("idioms")
    for cls in CLASSES:
        made.register(cls)
    return made


def exactly(codec, value):
    record = codec.dumps(value)
    assert differences(value, codec.loads(record)) == []
    return record


# --- strategies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("union", [Card | Cash, Union[Card, Cash]], ids=["A | B", "Union"])  # noqa: UP007
def test_tagged_unions(codec, union):
    configure_tagged_union(union, codec.converter)
    record = exactly(codec, Shop([Card(1), Cash("EUR")]))
    assert b'"paid":[{"number":1,"note":"","_type":"Card"},{"currency":"EUR","_type":"Cash"}]' in record


@pytest.mark.parametrize("odd", [None, 5, "text", {"_type": "Card"}, [Card(1)], Animal(1), (1,)])
def test_values_that_are_in_no_arm_survive_beside_a_tagged_union(codec, odd):
    configure_tagged_union(Card | Cash, codec.converter)
    exactly(codec, Shop([odd, Card(1)], odd))


def test_a_tagged_union_with_shared_objects(codec):
    configure_tagged_union(Card | Cash, codec.converter)
    card = Card(1)
    exactly(codec, Shop([card, card], card))


def test_a_hook_for_a_union_alone(codec):
    codec.converter.register_unstructure_hook(
        Card | Cash, lambda v: v.number if type(v) is Card else v.currency
    )
    codec.converter.register_structure_hook(Card | Cash, lambda r, _: Card(r) if type(r) is int else Cash(r))
    assert b'"paid":[1,"EUR"]' in exactly(codec, Shop([Card(1), Cash("EUR")]))
    with pytest.raises(EncodeError) as caught:
        codec.dumps(Shop([Card(1, "lost")]))
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "paid[0].note")


def test_include_subclasses(codec):
    include_subclasses(Animal, codec.converter)
    exactly(codec, Shop(pet=Dog(1, ["sit"])))
    exactly(codec, [Dog(1, ["sit"]), Cat(2, 9), Animal(3)])
    raw = {"name": 1, "tricks": ["sit"]}
    assert codec.converter.structure(raw, Animal) == Dog(1, ["sit"])


def test_a_strategy_that_loses_something_is_exact_or_refused(codec):
    include_subclasses(Animal, codec.converter, union_strategy=configure_tagged_union)
    with contextlib.suppress(EncodeError):
        exactly(codec, Shop(pet=Dog(1, ["sit"])))


# --- overrides ------------------------------------------------------------------------------------


def overridden(codec, cls, **overrides):
    converter = codec.converter
    converter.register_unstructure_hook(cls, make_dict_unstructure_fn(cls, converter, **overrides))
    converter.register_structure_hook(cls, make_dict_structure_fn(cls, converter, **overrides))


def test_rename(codec):
    overridden(codec, Card, number=override(rename="no"))
    assert b'{"no":1,"note":""}' in exactly(codec, Card(1))


def test_omit_is_exact_while_the_default_is_there(codec):
    overridden(codec, Card, note=override(omit=True))
    assert b'{"number":1}' in exactly(codec, Card(1))
    with pytest.raises(EncodeError) as caught:
        codec.dumps([Card(1, "lost")])
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "[0].note")


def test_omit_if_default(codec):
    converter = codec.converter
    converter.register_unstructure_hook(
        Card, make_dict_unstructure_fn(Card, converter, _cattrs_omit_if_default=True)
    )
    converter.register_structure_hook(Card, make_dict_structure_fn(Card, converter))
    assert b'{"number":1}' in exactly(codec, Card(1))
    assert b'"note":"kept"' in exactly(codec, Card(1, "kept"))


def test_hooks_within_hooks(codec):
    overridden(codec, Card, number=override(struct_hook=lambda r, _: int(r, 16), unstruct_hook=hex))
    assert b'{"number":"0xff","note":""}' in exactly(codec, Card(255))


# --- errors ---------------------------------------------------------------------------------------


def test_what_an_unstructure_hook_raises_has_a_path(codec):
    codec.converter.register_unstructure_hook(Card, lambda card: 1 / card.number)
    codec.converter.register_structure_hook(Card, lambda raw, _: Card(raw))
    with pytest.raises(EncodeError) as caught:
        codec.dumps(Shop([Cash("EUR"), Card(0)]))
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "paid[1]")
    assert "ZeroDivisionError" in caught.value.message
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_what_a_structure_hook_raises_has_a_path(codec):
    codec.converter.register_structure_hook(Card, lambda raw, _: Card(raw["a"]["b"]))
    for read in (
        lambda: codec.loads(b'{"$type":"Shop","paid":[{"$type":"Card","$value":{"a":1}}]}'),
        lambda: codec.converter.structure({"paid": [{"$type": "Card", "$value": {"a": 1}}]}, Shop),
    ):
        with pytest.raises(DecodeError) as caught:
            read()
        assert (caught.value.reason, caught.value.path) == ("bad-value", "paid[0]")
        assert isinstance(caught.value.__cause__, TypeError)


def test_the_paths_are_those_of_transform_error(codec):
    number = override(struct_hook=lambda raw, _: int(raw))
    overridden(codec, Card, number=number)
    plain = cattrs.Converter()
    plain.register_structure_hook(Card, make_dict_structure_fn(Card, plain, number=number))
    raw = [{"number": 1, "note": ""}, {"number": "one", "note": ""}]
    with pytest.raises(cattrs.ClassValidationError) as theirs:
        plain.structure({"paid": raw}, attrs.make_class("Bag", {"paid": attrs.field(type=list[Card])}))
    (told,) = cattrs.transform_error(theirs.value, path="")
    with pytest.raises(DecodeError) as ours:
        codec.converter.structure(raw, list[Card])
    assert f".paid{ours.value.path}" == told.rpartition(" @ ")[2] == ".paid[1].number"


def test_a_key_that_nobody_reads_is_an_error(codec):
    overridden(codec, Card)
    with pytest.raises(DecodeError, match="extra") as caught:
        codec.converter.structure([{"number": 1, "x": 2}], list[Card])
    assert caught.value.path == "[0]"


def test_what_hooks_of_the_codec_raise(codec):
    class Odd:
        pass

    codec.hooks(Odd, unstructure=lambda odd: odd.missing, structure=lambda parts: parts.missing)
    with pytest.raises(EncodeError) as caught:
        codec.dumps({"a": [Odd()]})
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "['a'][0]")
    with pytest.raises(DecodeError) as caught:
        codec.loads(b'[{"$type":"%s","$value":1}]' % codec.lookup(__name__, Odd.__qualname__).encode())
    assert (caught.value.reason, caught.value.path) == ("not-restorable", "[0]")
