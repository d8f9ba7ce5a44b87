"""Records to lines: through objects where the classes are at hand, as data where they are not."""

import collections
import datetime as dt
import json
import pickle
import sys
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from migrate.legacy import MigrateError, decode
from migrate.reencode import ThroughCodec
from migrate.runtime import Codec, differences

from .support import Evil


@dataclass
class Line:
    sku: str
    count: int


@dataclass
class Order:
    number: int
    lines: list[Line] = field(default_factory=list)
    note: object = None


class Stubborn:
    """Does not take its state."""

    def __setstate__(self, state):
        raise KeyError("colour")


class Upgraded:
    """Takes states of its older self."""

    def __init__(self):
        self.old = 1

    def __setstate__(self, state):
        self.__dict__.update(state, version=2)


@pytest.fixture
def codec():
    made = Codec("objects")
    for cls in (Line, Order, Stubborn, Upgraded):
        made.register(f"{cls.__module__}:{cls.__qualname__}")
    return made


def line_of(codec, value, protocol=2, **options):
    return ThroughCodec(codec, **options)(decode(pickle.dumps(value, protocol)))


def order():
    pen = Line("pen", 2)
    return Order(7, [pen, pen], note=(1, b"x", {3: None}))


VALUES = [
    order(),
    [order(), None, True, 1.5, -0.0, float("inf"), 2**70],
    {(1, 2): {3}, None: frozenset("a")},
    dt.datetime(2024, 3, 31, 2, 30, fold=1, tzinfo=dt.timezone.utc),
    collections.deque([1], maxlen=3),
    collections.defaultdict(list, {"a": [1]}),
    Decimal("1.10"),
    {"$type": "Order", "number": 1},
    "\ud800",
]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_line_reads_back_equal(codec, value, protocol):
    line = line_of(codec, value, protocol)
    assert line.text.endswith(b"\n")
    # Pickle itself drops `fold` in protocols below 4.
    assert differences(codec.loads(line.text), pickle.loads(pickle.dumps(value, protocol))) == []
    assert not line.unchecked


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_line_as_data_reads_back_equal(codec, value):
    line = line_of(codec, value, 4, use_classes=False)
    assert differences(codec.loads(line.text), value) == []
    assert ("not to be imported" in line.unchecked) == bool(line.classes)


def test_typed_line_is_the_compact_one(codec):
    typed = json.loads(line_of(codec, order()).text)
    assert typed["$type"] == "Order"
    assert typed["lines"][0] == {"$id": 1, "sku": "pen", "count": 2}


@pytest.mark.parametrize("stage", ["json", "dual-read", "json-only"])
def test_writes_json_in_every_stage_that_reads_it(monkeypatch, codec, stage):
    monkeypatch.setenv("PICKLE_MIGRATE_STAGE", stage)
    made = Codec("objects")
    for cls in (Line, Order):
        made.register(f"{cls.__module__}:{cls.__qualname__}")
    assert line_of(made, order()).text == line_of(codec, order()).text
    assert line_of(codec, order()).text.startswith(b"{")


def test_classes_are_counted(codec):
    assert line_of(codec, [order(), Line("ink", 1)]).classes == {"Order": 1, "Line": 2}


def test_state_of_an_older_class_is_brought_up_to_date(codec):
    line = line_of(codec, Upgraded())
    assert vars(codec.loads(line.text)) == {"old": 1, "version": 2}


# --- classes that are not at hand ---------------------


@pytest.mark.parametrize("target", ["gone_module.models:Line", f"{__name__}:Removed"])
def test_class_that_cannot_be_imported_is_kept_as_data(target):
    made = Codec("gone")
    made.register(target, aliases=[f"{__name__}:Line"])
    line = line_of(made, Line("pen", 2))
    tag = target.partition(":")[2]
    assert json.loads(line.text) == {"$untyped": {"$type": tag, "sku": "pen", "count": 2}}
    assert target in line.unchecked


# --- must be refused ----------------------------------


def reason(codec, value, **options):
    with pytest.raises(MigrateError) as caught:
        line_of(codec, value, **options)
    return caught.value.reason, caught.value.path


def test_class_that_nobody_registered():
    made = Codec("empty")
    assert reason(made, {"a": [order()]}) == ("unknown-global", "['a'][0]")


def test_call_is_neither_made_nor_kept(codec, tmp_path):
    marker = tmp_path / "marker"
    assert reason(codec, [Evil(marker)])[0] == "unsafe-global"
    assert not marker.exists()


def test_class_that_does_not_take_its_data(codec):
    made = Stubborn()
    made.colour = "red"
    assert reason(codec, made)[0] == "not-restorable"


def test_module_that_exits_when_imported(monkeypatch, tmp_path):
    (tmp_path / "script_that_exits.py").write_text("raise SystemExit(0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    made = Codec("exits")
    made.register("script_that_exits:Line", aliases=[f"{__name__}:Line"])
    assert reason(made, Line("pen", 1))[0] == "not-restorable"
    assert "script_that_exits" not in sys.modules


def test_string_of_python_2_that_is_not_ascii(codec):
    record = decode(b"U\x03\xc3\xa9x.")
    with pytest.raises(MigrateError) as caught:
        ThroughCodec(codec)(record)
    assert caught.value.reason == "python2-bytes"


@pytest.mark.parametrize(
    ("encoding", "text"), [("utf-8", "éx"), ("latin1", "Ã©x"), ("bytes", {"$bytes": "w6l4"})]
)
def test_string_of_python_2_with_its_encoding(codec, encoding, text):
    line = ThroughCodec(codec, encoding=encoding)(decode(b"U\x03\xc3\xa9x."))
    assert json.loads(line.text) == text
