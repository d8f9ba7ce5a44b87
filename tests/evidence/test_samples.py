"""The shapes of stored values: counts and sizes, of everything that a pickle can hold, and no values."""

from __future__ import annotations

import gzip
import pickle
from collections import Counter, OrderedDict, deque
from typing import NamedTuple

import pytest

from migrate.evidence.data import read_data
from migrate.evidence.samples import Shape, joined
from migrate.model import TypeRef


class Thing:
    def __init__(self, value):
        self.value = value


class Pair(NamedTuple):
    left: object
    right: object


def shapes(tmp_path, *values, protocol=4, place="value", make=Thing):
    (tmp_path / "data.pkl").write_bytes(pickle.dumps([make(value) for value in values], protocol=protocol))
    (seen,) = read_data([tmp_path / "data.pkl"], root=tmp_path).classes.values()
    return [f"{shape.count} {shape.type}: {shape.size}" for shape in seen.shapes[place]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["", "hunter2"], ["2 str: 0 to 7 characters"]),
        (["a"], ["1 str: 1 character"]),
        ([b"abc"], ["1 bytes: 3 bytes"]),
        ([7, -12345], ["2 int: 1 to 5 digits"]),
        ([10**6000], ["1 int: 6,001 digits"]),
        ([True, 1.5, None], ["1 None: ", "1 bool: ", "1 float: "]),
        ([[1, 2], [1]], ["2 list[int]: 1 to 2 items"]),
        ([(1, "a")], ["1 tuple[int, str]: 2 items"]),
        ([{"a": 1, "b": 2}], ["1 dict[str, int]: 2 items"]),
        ([{1, 2, 3}], ["1 set[int]: 3 items"]),
        ([frozenset("ab")], ["1 frozenset[str]: 2 items"]),
        ([deque([1, 2], 5)], ["1 collections.deque[int]: 2 items"]),
        ([Counter("abca")], ["1 collections.Counter[str]: 3 items"]),
        ([OrderedDict(a=1)], ["1 collections.OrderedDict[str, int]: 1 item"]),
        (["a", 1, "b"], ["2 str: 1 character", "1 int: 1 digit"]),
    ],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_values_are_counted_and_measured(tmp_path, values, expected, protocol):
    assert shapes(tmp_path, *values, protocol=protocol) == expected


def test_a_named_tuple_has_shapes_by_place(tmp_path):
    found = shapes(tmp_path, "ab", "abc", place="#1", make=lambda value: Pair(1, value))
    assert found == ["2 str: 2 to 3 characters"]


def test_an_integer_beyond_what_python_writes_down_is_measured_all_the_same(tmp_path):
    (said,) = shapes(tmp_path, 1 << 200_000)
    assert said == "1 int: 60,207 digits"


def test_shapes_of_several_names_are_joined():
    one, other = (Shape(TypeRef("str"), n, "characters", n, n) for n in (2, 5))
    assert joined([one, other]) == (Shape(TypeRef("str"), 7, "characters", 2, 5),)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a", pickle.dumps([1], 2), "pickle, protocol 2"),
        ("a", pickle.dumps([1], 5), "pickle, protocol 5"),
        ("a", pickle.dumps([1], 0), "pickle, protocol 0 or 1"),
        (
            "a",
            gzip.compress(gzip.compress(pickle.dumps([1], 4), mtime=0), mtime=0),
            "gzip of gzip of pickle, protocol 4",
        ),
        ("a", pickle.dumps([1] * 99, 4)[:-20], "pickle, protocol 4"),
        ("a", gzip.compress(pickle.dumps([1], 4), mtime=0)[:-9], "pickle, not readable"),
    ],
)
def test_a_file_is_called_what_it_is_by_its_content(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    assert read_data([tmp_path / name], root=tmp_path).formats == {said: 1}
