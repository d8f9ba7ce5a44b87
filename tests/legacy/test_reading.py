"""Reading from bytes, off handles of every kind, several in a row."""

import io
import pickle

import pytest

from migrate.legacy import LegacyError, LimitExceeded, Limits, TruncatedPickle, decode_all, decode_from

VALUES = [{"a": [1, 2.5, "x" * 300, b"y" * 70_000]}, None, [True, ("é", 10**30)], 2**40]


class Bare:
    """A handle that can do nothing but what pickle asks for; ``read`` gives at most ``most`` bytes."""

    def __init__(self, data, most=1 << 30):
        self._file = io.BytesIO(data)
        self._most = most

    def read(self, size):
        assert size >= 0
        return self._file.read(min(size, self._most))

    def readline(self):
        return self._file.readline()


def plain(record):
    from .support import revive

    return revive(record)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("most", [1, 7, 1 << 30])
def test_the_handle_is_left_right_after_stop(protocol, most):
    data = b"".join(pickle.dumps(value, protocol) for value in VALUES)
    file = Bare(data + b"rest", most)
    for value in VALUES:
        assert plain(decode_from(file)) == value
    assert file.read(10)[:1] == b"r"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("taken", [1, 2, 5, 40])
def test_bytes_that_were_taken_already_are_given_as_head(protocol, taken):
    data = pickle.dumps(VALUES[0], protocol)
    file = Bare(data[taken:] + b"rest")
    assert plain(decode_from(file, head=data[:taken])) == VALUES[0]
    assert file.read(4) == b"rest"


def test_an_empty_handle_is_the_end():
    with pytest.raises(EOFError, match="Ran out of input"):
        decode_from(Bare(b""))


@pytest.mark.parametrize("protocol", range(6))
def test_a_handle_that_ends_early_is_truncated(protocol):
    data = pickle.dumps(VALUES[2], protocol)
    for end in range(1, len(data)):
        with pytest.raises(TruncatedPickle):
            decode_from(Bare(data[:end]))


def test_the_limit_of_bytes_holds_while_reading():
    with pytest.raises(LimitExceeded) as caught:
        decode_from(Bare(pickle.dumps("x" * 10_000)), limits=Limits(max_bytes=5_000))
    assert caught.value.limit == "max_bytes"


def test_a_claimed_length_is_not_reserved():
    class Counting(Bare):
        largest = 0

        def read(self, size):
            self.largest = max(self.largest, size)
            return super().read(size)

    file = Counting(b"\x8e" + (1 << 50).to_bytes(8, "little") + b"abc")
    with pytest.raises(TruncatedPickle):
        decode_from(file)
    assert file.largest <= 1 << 20


def test_several_pickles_in_a_row():
    data = b"".join(pickle.dumps(value, protocol) for protocol, value in enumerate(VALUES))
    assert [plain(record) for record in decode_all(data)] == VALUES


def test_nothing_is_no_pickles():
    assert list(decode_all(b"")) == []


def test_garbage_after_the_last_is_an_error():
    records = decode_all(b"N.N.garbage")
    assert next(records) is None
    assert next(records) is None
    with pytest.raises(LegacyError) as caught:
        next(records)
    assert caught.value.offset == 4
