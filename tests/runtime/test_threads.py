"""One codec, many threads; and records written while others are being written."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from migrate.runtime import EncodeError, differences
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Order, Plain


def test_many_threads_on_a_fresh_codec():
    codec = make_codec()

    def work(number):
        line = Line(str(number))
        value = [Order(number, lines=[line, line], first=line), Plain(me=[number])]
        return differences(value, codec.loads(codec.dumps(value)))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(400))) == [[]] * 400


def test_registering_while_others_write():
    codec = make_codec()

    def work(number):
        cls = type(f"Extra{number}", (), {"__module__": __name__})
        codec.register(cls)
        return type(codec.loads(codec.dumps([cls(), Line("a")]))[0]) is cls

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(100)))


def test_a_record_inside_a_record(codec):
    class Envelope:
        """Keeps another record as bytes in its state, as caches do."""

        def __init__(self, content):
            self.content = content

        def __getstate__(self):
            return {"blob": codec.dumps([self.content, self.content])}

        def __setstate__(self, state):
            self.content = codec.loads(state["blob"])[0]

    codec.register(Envelope)
    shared = [1]
    first, second = codec.loads(codec.dumps([Envelope(shared), shared]))
    assert (first.content, second) == ([1], [1])


def test_an_error_inside_does_not_disturb_what_follows(codec):
    with pytest.raises(EncodeError):
        codec.dumps([Line("a"), iter([])])
    with pytest.raises(EncodeError):
        codec.dumps([Line("a"), lambda: 1])
    assert codec.loads(codec.dumps([Line("a")])) == [Line("a")]
