"""Every kind of value comes back exactly, in an untyped place and in typed ones that it may not even fit."""

import dataclasses
import json

import pytest

from migrate.runtime import differences
from tests.runtime.conftest import make_codec
from tests.runtime.models import Plain, Typed
from tests.runtime.values import VALUES

EVERY = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)


@pytest.fixture(scope="module")
def codec():
    """One for all, as in a program: what it has learned of a class must not depend on the values so far."""
    return make_codec()


def exactly(codec, value):
    data = codec.dumps(value)
    assert data.endswith(b"\n")
    assert data.count(b"\n") == 1
    json.loads(data, parse_constant=pytest.fail)  # strict JSON: no NaN
    assert differences(value, codec.loads(data)) == []


@EVERY
def test_at_the_top(codec, make):
    exactly(codec, make())


@EVERY
def test_in_untyped_places(codec, make):
    exactly(codec, [make(), {"k": make()}, (make(),), Plain(a=make())])


@EVERY
def test_in_every_typed_place(codec, make):
    for field in dataclasses.fields(Typed):
        exactly(codec, Typed(**{field.name: make()}))


@EVERY
def test_inside_typed_containers(codec, make):
    value = make()
    exactly(codec, Typed(ints=[value], lines=[value], many=(value,), pair=(value, value)))
    exactly(codec, Typed(by_name={"k": value}, by_number={1: value}, by_pair={(1, 2): value}))


@EVERY
def test_twice_in_one_record(codec, make):
    value = make()
    exactly(codec, [value, Typed(any=value, line=value, lines=[value])])


def test_enough_kinds():
    assert len(VALUES) >= 150
