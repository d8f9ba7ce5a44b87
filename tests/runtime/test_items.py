"""Large lists and dicts, item by item."""

import io
import json
import pickle
import tracemalloc

import jsonschema
import pytest

from migrate.runtime import DecodeError, EncodeError, Keys, TruncatedRecord
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Order
from tests.runtime.test_handles import OnlyReads

FORMATS = ["json", "yaml", "msgpack", "cbor"]
ITEMS = [1, "a", None, Line("a"), {"$end": 5}, {"$stream": "list"}, (1, [2]), []]


def written(items, codec=None):
    file = io.BytesIO()
    (codec or make_codec()).dump_items(items, file)
    return file.getvalue()


def options():
    yield from ({"format": name} for name in FORMATS)
    yield {"signing": Keys({"k": b"k" * 32}), "format": "msgpack"}
    yield {"encryption": Keys({"k": b"k" * 32})}


@pytest.mark.parametrize("option", list(options()), ids=[*FORMATS, "signed", "encrypted"])
def test_round_trip(option):
    codec = make_codec(**option)
    data = written(iter(ITEMS), codec)
    assert list(codec.iter_items(OnlyReads(data))) == ITEMS
    assert codec.load(OnlyReads(data)) == codec.loads(data) == codec.loads(data, list) == ITEMS
    mapping = {1: "a", "b": [Line("b")], (1, 2): None}
    data = written(mapping, codec)
    assert list(codec.iter_items(OnlyReads(data))) == list(mapping.items())
    assert codec.load(OnlyReads(data)) == codec.loads(data, dict) == mapping


def test_one_line_for_each_item(codec):
    assert written(n for n in (1, [2], Line("a"))).splitlines() == [
        b'{"$stream":"list"}',
        b"1",
        b"[2]",
        b'{"$type":"Line","sku":"a","qty":1,"notes":[]}',
        b'{"$end":3}',
    ]
    assert written({1: 2}).splitlines()[:2] == [b'{"$stream":"dict"}', b'{"$tuple":[1,2]}']


@pytest.mark.parametrize("items", [[], {}])
def test_nothing_to_write(codec, items):
    assert codec.loads(written(items)) == items


def test_the_number_of_items_is_returned(codec):
    assert codec.dump_items(range(7), io.BytesIO()) == 7


def test_streams_among_other_records(codec):
    file = OnlyReads(codec.dumps(0) + written([1, 2]) + pickle.dumps(3) + written({}) + codec.dumps("end"))
    assert [codec.load(file) for _ in range(5)] == [0, [1, 2], 3, {}, "end"]
    with pytest.raises(EOFError):
        codec.load(file)


def test_an_item_can_be_read_by_its_offset(codec):
    data = written([{"n": n} for n in range(5)])
    file = io.BytesIO(data)
    file.seek(data.index(b'{"n":3}'))
    assert codec.load(file) == {"n": 3}


def test_what_follows_is_left(codec):
    file = io.BytesIO(written([1, 2]) + b"3\n")
    assert list(codec.iter_items(file)) == [1, 2]
    assert codec.load(file) == 3


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, (1,), {5}, frozenset([6])])
def test_what_was_not_written_as_a_stream(codec, value):
    expected = list(value.items()) if isinstance(value, dict) else list(value)
    for data in (codec.dumps(value), *(pickle.dumps(value, protocol) for protocol in range(6))):
        assert list(codec.iter_items(OnlyReads(data))) == expected


@pytest.mark.parametrize("value", [5, "text", None, Order(1)])
def test_what_has_no_items(codec, value):
    with pytest.raises(DecodeError) as caught:
        list(codec.iter_items(io.BytesIO(codec.dumps(value))))
    assert caught.value.reason == "type-mismatch"


@pytest.mark.parametrize("items", [[1, Line("a"), [2]], {1: 2, "a": [3]}])
def test_a_stream_that_was_cut_off(codec, items):
    data = written(items)
    for end in range(1, len(data) - 1):
        for read in (codec.load, lambda file: list(codec.iter_items(file))):
            with pytest.raises(TruncatedRecord):
                read(io.BytesIO(data[:end]))


WRONG = {
    "an item too many": b'{"$stream":"list"}\n1\n2\n{"$end":1}\n',
    "an item is missing": b'{"$stream":"list"}\n{"$end":1}\n',
    "an end alone": b'{"$end":0}\n',
    "an end that is no number": b'{"$stream":"list"}\n{"$end":"0"}\n',
    "an end that is a truth": b'{"$stream":"list"}\n{"$end":false}\n',
    "another kind": b'{"$stream":"set"}\n{"$end":0}\n',
    "a kind that is a list": b'{"$stream":[1]}\n{"$end":0}\n',
    "a stranger beside it": b'{"$stream":"list","x":1}\n{"$end":0}\n',
    "a stream in a stream": b'{"$stream":"list"}\n{"$stream":"list"}\n{"$end":0}\n{"$end":1}\n',
    "no pair": b'{"$stream":"dict"}\n1\n{"$end":1}\n',
    "pair that is a list": b'{"$stream":"dict"}\n[1,2]\n{"$end":1}\n',
    "key without hash": b'{"$stream":"dict"}\n{"$tuple":[[],2]}\n{"$end":1}\n',
    "deeper": b'[{"$stream":"list"}]\n',
    "end deeper": b'[{"$end":0}]\n',
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_wrong_streams(codec, data):
    with pytest.raises(DecodeError):
        codec.loads(data)
    with pytest.raises(DecodeError):
        codec.load(io.BytesIO(data))


def test_ends_are_no_values(codec):
    for wire in ({"$stream": "list"}, {"$end": 0}):
        with pytest.raises(DecodeError):
            codec.from_wire(wire)


def test_errors_name_the_item(codec):
    with pytest.raises(EncodeError) as caught:
        written([1, Order(1, lines=[Line(object())])])
    assert caught.value.path == "[1].lines[0].sku"
    with pytest.raises(DecodeError) as caught:
        codec.loads(b'{"$stream":"list"}\n1\n[{"$nonsense":1}]\n{"$end":2}\n')
    assert caught.value.path == "[1][0]"


def test_a_refused_item_leaves_no_valid_stream(codec):
    file = io.BytesIO()
    with pytest.raises(EncodeError):
        codec.dump_items([1, object(), 2], file)
    with pytest.raises(TruncatedRecord):
        codec.loads(file.getvalue())


def test_stages_that_write_pickle_write_one():
    codec = make_codec(stage="dual-read")
    assert pickle.loads(written(iter([1, 2]), codec)) == [1, 2]
    assert pickle.loads(written({1: 2}, codec)) == {1: 2}


def test_memory_is_bounded(tmp_path):
    path = tmp_path / "large"
    codec = make_codec()
    count, item = 20_000, "x" * 1000

    def peak(run):
        tracemalloc.start()
        run()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def write():
        with path.open("wb") as file:
            codec.dump_items(({"n": n, "line": Line(item)} for n in range(count)), file)

    def read():
        with path.open("rb") as file:
            assert sum(found["n"] for found in codec.iter_items(file)) == count * (count - 1) // 2

    codec.loads(codec.dumps(Line("warm")))
    assert peak(write) < 500_000
    assert path.stat().st_size > 20_000_000
    assert peak(read) < 500_000


def test_the_schema_knows_the_ends(codec):
    validator = jsonschema.Draft202012Validator(codec.json_schema())
    for line in written(ITEMS).splitlines():
        validator.validate(json.loads(line))
    assert not validator.is_valid({"$stream": "set"})
    assert not validator.is_valid([{"$end": 1}])
