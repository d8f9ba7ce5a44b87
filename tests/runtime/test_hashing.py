"""Keys that take too long to hash, or that collide, are refused; ordinary keys are not."""

import pickle
import time
from fractions import Fraction

import pytest

from migrate.runtime import DecodeError
from tests.legacy.attacks import _colliding_ints, _doubling_key
from tests.patience import PATIENCE

from .conftest import make_codec


def refused(read, data):
    start = time.process_time()
    with pytest.raises(DecodeError) as caught:
        read(data)
    assert caught.value.reason in ("limit", "too-deep")
    assert time.process_time() - start < PATIENCE  # undetected, it takes years


@pytest.mark.parametrize("levels", [28, 60, 4_000])
def test_a_key_that_doubles_with_each_level(levels):
    refused(make_codec().loads, _doubling_key(levels))


def test_the_same_as_a_record_and_in_a_set():
    codec = make_codec()
    doubled = '{"$tuple": [], "$id": 1}'
    for number in range(1, 60):
        doubled = f'{{"$tuple": [{doubled}, {{"$ref": {number}}}], "$id": {number + 1}}}'
    for container in ('{"$dict": [[%s, 1]]}', '{"$set": [%s]}', '{"$frozenset": [%s]}'):
        refused(codec.loads, (container % doubled).encode() + b"\n")


def test_many_middling_keys_share_one_budget():
    wide = b"(" + b"K\x01" * 2_000 + b"tq\x00"
    refused(make_codec().loads, b"]" + wide + b"0(" + b"}h\x00Ns" * 300 + b"e.")


@pytest.mark.parametrize("count", [20_000, 100_000])
def test_numbers_with_one_hash(count):
    refused(make_codec().loads, _colliding_ints(count))


def test_numbers_with_one_hash_inside_of_tuples_and_sets():
    modulus = (1 << 61) - 1
    numbers = [n * modulus for n in range(1, 5_000)]
    parts = b"".join(pickle.dumps(n, 2)[2:-1] for n in numbers)
    refused(make_codec().loads, b"\x80\x04\x8f(" + parts + b"\x90.")
    pairs = b"".join(pickle.dumps(n, 2)[2:-1] + b"\x85" for n in numbers)
    refused(make_codec().loads, b"\x80\x04\x8f(" + pairs + b"\x90.")


@pytest.mark.parametrize(
    "value",
    [
        {(n, str(n)): n for n in range(5_000)},
        {n * ((1 << 61) - 1) for n in range(500)},
        {Fraction(n, 7) for n in range(3_000)},
        {(tuple(range(1_500)), 1): 2},
        {float(n) for n in range(5_000)},
        frozenset((frozenset((n, n + 1)),) for n in range(3_000)),
        {2**n: n for n in range(3_000)},
    ],
    ids=range(7),
)
def test_ordinary_keys(value):
    codec = make_codec()
    assert codec.loads(codec.dumps(value)) == value
    assert codec.loads(pickle.dumps(value, 4)) == value
