"""Classes that hypothesis makes up, with values that conform to their annotations and values that do not."""

import json
import pickle

import pytest
from hypothesis import Phase, given, note, settings

from migrate.runtime import EncodeError, differences
from tests.runtime.random_classes import families
from tests.runtime.test_columns import the_general_way
from tests.runtime.test_properties import QUICK

FORMATS = ["json", "yaml", "msgpack", "cbor"]
FOUND = [Phase.generate]
"""No shrinking: it takes minutes here, and the source of the module is printed as it is."""
FEW = settings(QUICK, max_examples=15, phases=FOUND, report_multiple_bugs=False)
MANY = settings(FEW, max_examples=80)


def exact_in_every_format(family):
    note(family.source)
    for name in FORMATS:
        codec = family.codec(format=name)
        record = codec.dumps(family.value)
        if name == "json":
            assert record.count(b"\n") == 1
            json.loads(record, parse_constant=pytest.fail)
        assert differences(family.value, codec.loads(record)) == [], name


def written(codec, value):
    try:
        return codec.dumps(value)
    except EncodeError as error:
        return str(error), error.path, error.reason


def the_same_with_and_without_columns(family):
    note(family.source)
    fast, general = family.codec(), the_general_way(family.codec())
    record = written(fast, family.value)
    assert record == written(general, family.value)
    assert differences(general.loads(record), fast.loads(record)) == []


def exact_from_pickles(family):
    note(family.source)
    codec = family.codec()
    for protocol in range(2, 6):
        try:
            data = pickle.dumps(family.value, protocol)
            again = pickle.loads(data)
        except (TypeError, AttributeError):  # a method of the class does not let pickle restore it
            continue
        found = codec.loads(data)
        if family.whole:
            assert differences(again, found) == [], protocol


@FEW
@given(families())
def test_typed_classes_are_exact_in_every_format(family):
    exact_in_every_format(family)


@FEW
@given(families(typed=False))
def test_untyped_classes_are_exact_in_every_format(family):
    exact_in_every_format(family)


@FEW
@given(families())
def test_columns_change_nothing(family):
    the_same_with_and_without_columns(family)


@FEW
@given(families())
def test_their_pickles_are_read_exactly(family):
    exact_from_pickles(family)


@pytest.mark.fuzz
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "check", [exact_in_every_format, the_same_with_and_without_columns, exact_from_pickles]
)
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
def test_many_more(check, typed):
    settings(MANY)(given(families(typed=typed))(check))()
