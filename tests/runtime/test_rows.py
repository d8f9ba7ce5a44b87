"""Long rows of scalars are looked at in C; what does not stand for itself is still told apart."""

import math
import pickle

import pytest

from migrate.runtime import DecodeError, same

from .conftest import make_codec


class Half(float):
    pass


ROWS = {
    "floats": [n / 7 for n in range(50)],
    "nan": [0.5] * 20 + [math.nan],
    "infinities": [math.inf, -math.inf] * 10,
    "negative zeros": [-0.0, 0.0] * 10,
    "ints": list(range(-50, 50)),
    "ints of 64 bits": [-(2**63), 2**64 - 1] * 10,
    "ints beyond": [1] * 20 + [2**64],
    "ints below": [1] * 20 + [-(2**63) - 1],
    "bools": [True, False] * 10,
    "bools and ints": [True, 1] * 10,
    "ints and floats": [1, 1.0] * 10,
    "a float of a subclass": [0.5] * 20,
    "texts": [f"text {n}" for n in range(50)],
    "texts beyond ASCII": ["é", "日本", "\U0001f600", "\x00"] * 10,
    "a lone surrogate": ["a"] * 20 + ["\ud800"],
    "surrogates that meet": ["a\ud83d", "\ude00b"] * 10,
    "texts like tags": ["$type", '"$ref"', "\\u0024type"] * 10,
    "nothing": [None] * 20,
    "bytes": [b"a"] * 20,
}


@pytest.mark.parametrize("wrap", [list, tuple, lambda row: {"row": row}, lambda row: [row, row]])
@pytest.mark.parametrize("name", ROWS)
def test_a_row_comes_back_exactly(name, wrap):
    codec, value = make_codec(), wrap(ROWS[name])
    assert same(value, codec.loads(codec.dumps(value)))
    assert same(value, codec.loads(pickle.dumps(value, 4)))


def test_a_subclass_in_a_row_is_not_taken_for_its_base():
    codec = make_codec()
    codec.register(Half)
    value = [0.5] * 20 + [Half(0.5)]
    assert same(value, codec.loads(codec.dumps(value)))


def test_a_tag_that_is_written_with_an_escape_is_a_tag():
    codec = make_codec()
    assert codec.loads(b'{"\\u0024tuple": [1]}\n') == (1,)
    with pytest.raises(DecodeError):
        codec.loads(b'{"\\u0024unheard": [1]}\n')
