"""A file is taken apart into pickles and JSON lines, and nothing in it is overlooked."""

import pickle

import pytest

from migrate.legacy import DEFAULT_LIMITS, TruncatedPickle
from migrate.reencode.errors import Foreign
from migrate.reencode.segments import JsonLine, Pickle, split


def kinds(data):
    return [part.text if isinstance(part, JsonLine) else part.record for part in split(data, DEFAULT_LIMITS)]


@pytest.mark.parametrize("protocol", range(6))
def test_several_pickles(protocol):
    data = b"".join(pickle.dumps(n, protocol) for n in (1, 2, 300))
    assert kinds(data) == [1, 2, 300]


@pytest.mark.parametrize(("protocol", "said"), [(0, "0-1"), (1, "0-1"), (2, "2"), (5, "5")])
def test_protocol_is_told(protocol, said):
    (part,) = split(pickle.dumps([1], protocol), DEFAULT_LIMITS)
    assert isinstance(part, Pickle)
    assert part.protocol == said


def test_json_before_between_and_after_pickles():
    one = pickle.dumps(1, 2)
    assert kinds(b'{"a": 1}\n' + one + b"[2]\n" + one + b"3\n") == [b'{"a": 1}\n', 1, b"[2]\n", 1, b"3\n"]


def test_last_json_line_gets_its_line_feed():
    assert kinds(b"1\n[2]") == [b"1\n", b"[2]\n"]


def test_number_without_line_feed_may_lack_digits():
    with pytest.raises(Foreign):
        kinds(pickle.dumps(1, 4) + b"2")


def test_white_space_after_a_pickle_is_no_record():
    assert kinds(pickle.dumps(1, 0) + b"\r\n \n") == [1]


def test_nothing_holds_nothing():
    assert kinds(b"") == []
    assert kinds(b" \n") == []


def test_truncated_pickle_is_an_error():
    whole = pickle.dumps("x" * 50, 4)
    with pytest.raises(TruncatedPickle):
        kinds(whole + whole[:-1])


@pytest.mark.parametrize("tail", [b"\xff\xff", b"{broken\n", b"hello", b"NaN\n"])
def test_tail_that_is_neither_is_an_error(tail):
    with pytest.raises(Foreign):
        kinds(pickle.dumps(1, 4) + tail)


def test_json_record_directly_followed_by_a_pickle_is_no_line():
    with pytest.raises(Foreign):
        kinds(b"5" + pickle.dumps(1, 4))
