"""The JSON Schema of a codec accepts what the codec writes, and not what it would refuse to read."""

import datetime as dt
import json
import pickle
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from migrate.runtime import Codec, DecodeError
from migrate.runtime.containers import CONTAINER_TAGS
from migrate.runtime.decode import BUILTIN_TAGS
from migrate.runtime.standard import STANDARD_TAGS
from tests.runtime.conftest import make_codec
from tests.runtime.models import Color, Line, Order, Perm, Point, Typed, TypedNode
from tests.runtime.test_properties import json_values, values
from tests.runtime.test_wire import SHARED
from tests.runtime.values import VALUES

CODEC = make_codec()
LOOSE = jsonschema.Draft202012Validator(CODEC.json_schema())
STRICT = jsonschema.Draft202012Validator(CODEC.json_schema(strict=True))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def test_it_is_a_schema():
    for strict in (True, False):
        codec = Codec("t")
        for name in ("Order", "Line", "Typed", "Color", "Perm", "Point", "Animal", "MyList", "Reduced"):
            codec.register(f"tests.runtime.models:{name}")
        schema = codec.json_schema(strict=strict)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert json.loads(json.dumps(schema)) == schema


def test_it_is_the_same_every_time():
    assert json.dumps(make_codec().json_schema()) == json.dumps(CODEC.json_schema())


def test_every_reference_leads_somewhere():
    text = json.dumps(LOOSE.schema) + json.dumps(STRICT.schema)
    names = set(text.split('"#/$defs/')[1:])
    names = {name.partition('"')[0] for name in names}
    assert names <= set(LOOSE.schema["$defs"])


def test_no_tag_is_forgotten():
    for tag in {*BUILTIN_TAGS, *STANDARD_TAGS, *CONTAINER_TAGS, "$class", "$generic", "$defaultdict"}:
        definition = LOOSE.schema["$defs"][f"wire-tag-{tag[1:]}"]
        assert definition["additionalProperties"] is False, f"{tag} is missing in schema_tags"


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_every_kind_of_value_validates(make):
    LOOSE.validate(json.loads(CODEC.dumps(make())))


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_and_so_does_what_is_made_from_pickles_without_the_objects(make, protocol):
    try:
        wire = CODEC.to_wire(pickle.dumps(make(), protocol))
    except Exception:  # not every value can be pickled by every protocol
        return
    LOOSE.validate(wire)


@pytest.mark.parametrize("make", [make for make, _ in SHARED.values()], ids=SHARED)
def test_shared_objects_validate(make):
    LOOSE.validate(json.loads(CODEC.dumps(make())))
    STRICT.validate(json.loads(CODEC.dumps(make())))


@QUICK
@given(values)
def test_whatever_is_written_validates(value):
    LOOSE.validate(json.loads(CODEC.dumps(value)))


@QUICK
@given(json_values)
def test_what_can_be_read_is_written_so_that_it_validates(wire):
    try:
        value = CODEC.from_wire(wire)
        again = json.loads(CODEC.dumps(value))
    except Exception:
        return
    LOOSE.validate(again)


WRONG = {
    "unknown tag": {"$nonsense": 1},
    "unknown class": {"$type": "Nobody", "a": 1},
    "tag with a stranger beside it": {"$tuple": [], "x": 1},
    "tuple that is no array": {"$tuple": 5},
    "unknown tag deep inside": [{"a": {"$tuple": [[{"$nonsense": 1}]]}}],
    "pair of three": {"$dict": [[1, 2, 3]]},
    "number that is not hexadecimal": {"$int": "5"},
    "float that is finite": {"$float": "1.5"},
    "not base64": {"$bytes": "AA"},
    "reference to zero": {"$ref": 0},
    "reference by name": {"$ref": "a"},
    "enum without its member": {"$enum": ["Color"]},
    "enum with a wrong member": {"$enum": ["Color", "GREEN"]},
    "enum of another class": {"$enum": ["Order", "RED"]},
    "date in words": {"$date": "yesterday"},
    "time zone in words": {"$timezone": "CET"},
    "timedelta of two": {"$timedelta": [1, 2]},
    "unknown path": {"$path": "a", "type": "Path"},
    "constant": {"$constant": "None"},
    "class that is a number": {"$class": 5},
    "typed date": {"$type": "Typed", "date": "2024-1-2"},
    "typed decimal": {"$type": "Order", "price": "a lot"},
    "typed enum": {"$type": "Typed", "color": "GREEN"},
    "typed class that is no record": {"$type": "Typed", "line": {"sku": {"$nonsense": 1}}},
    "typed array": {"$type": "Typed", "dates": ["yesterday"]},
    "typed tuple": {"$type": "Typed", "pair": [1, {"sku": "a"}, 3]},
    "typed int keys": {"$type": "Typed", "by_number": {"one": {"sku": "a"}}},
    "typed pairs": {"$type": "Typed", "by_pair": [[1, 2, 3]]},
    "typed typed dict": {"$type": "Typed", "movie": {"released": "yesterday"}},
    "typed named tuple": {"$type": "Typed", "point": []},
    "bytes": {"$type": "Typed", "bytes": "?"},
    "inside untyped": {"$untyped": {"$nonsense": 1}},
}


@pytest.mark.parametrize("wire", WRONG.values(), ids=WRONG)
def test_what_is_wrong_does_not_validate(wire):
    assert not LOOSE.is_valid(wire)
    assert not STRICT.is_valid(wire)
    with pytest.raises(DecodeError):
        CODEC.from_wire(wire)


@pytest.mark.parametrize("wire", [{"$type": "Order", "$x": 1}, {"a": 1, "$b": 2}])
def test_what_no_writer_writes_does_not_validate(wire):
    assert not LOOSE.is_valid(wire)


def test_alternatives_are_chosen_not_tried():
    wire = {"$type": "Order", "id": 1, "lines": [{"sku": {"$nonsense": 1}}]}
    for _ in range(10):  # trying all of them would take longer than the test may
        wire = {"$tuple": [{"$type": "Order", "id": wire}]}
    assert not LOOSE.is_valid(wire)


CONFORMING = {
    "order": Order(1, Decimal("1.5"), [Line("a", 2, ["x"])], Line("b")),
    "nothing set": Order(1),
    "large": Order(2**70),
    "all places": Typed(
        int=1,
        float=float("nan"),
        str="\ud800",
        bool=True,
        bytes=b"x",
        datetime=dt.datetime(2024, 1, 2, fold=1),
        date=dt.date(2024, 1, 2),
        time=dt.time(1, 2),
        decimal=Decimal("NaN"),
        line=Line("a"),
        color=Color.RED,
        perm=Perm.R,
        point=Point(1, Line("a")),
        ints=[1],
        lines=[Line("a")],
        set={1},
        frozenset=frozenset("a"),
        many=(1, 2),
        pair=(1, Line("a")),
        by_name={"a": Line("b")},
        by_number={1: Line("b")},
        by_pair={(1, 2): Line("b")},
        movie={"title": "x", "released": dt.date(2024, 1, 2)},
        union="text",
    ),
    "ring": TypedNode(1, TypedNode(2)),
}
NOT_CONFORMING = {
    "int": Order("one"),
    "list": Order(1, lines=(Line("a"),)),
    "class": Order(1, first={"sku": "a"}),
    "item": Order(1, lines=[Line(5)]),
    "optional": Typed(line=5),
    "bool": Typed(bool="yes"),
    "union": Typed(union=1.5),
    "date": Typed(date="2024-01-02"),
    "enum": Typed(color="RED"),
    "set": Typed(set=[1]),
}


@pytest.mark.parametrize("value", CONFORMING.values(), ids=CONFORMING)
def test_strict_takes_what_conforms(value):
    STRICT.validate(json.loads(CODEC.dumps(value)))


@pytest.mark.parametrize("value", NOT_CONFORMING.values(), ids=NOT_CONFORMING)
def test_strict_refuses_what_does_not(value):
    wire = json.loads(CODEC.dumps(value))
    LOOSE.validate(wire)
    assert not STRICT.is_valid(wire)


def test_strict_wants_the_fields_that_have_no_default():
    assert not STRICT.is_valid({"$type": "Typed", "line": {"qty": 1}})
    assert STRICT.is_valid({"$type": "Typed", "line": {"sku": "a"}})


def test_strict_knows_subclasses():
    assert STRICT.is_valid({"$type": "Typed", "base": {"$type": "Dog", "name": "Rex"}})
    assert not STRICT.is_valid({"$type": "Typed", "base": {"$type": "Line", "sku": "a"}})


def test_what_hooks_return_may_be_anything():
    codec = make_codec()
    codec.converter.register_unstructure_hook(Line, lambda line: line.sku)
    codec.converter.register_structure_hook(Line, lambda raw, _: Line(raw))
    validator = jsonschema.Draft202012Validator(codec.json_schema())
    validator.validate(json.loads(codec.dumps([Line("a"), Order(1, lines=[Line("a")])])))


def test_classes_that_are_not_here():
    codec = Codec("t")
    codec.register("no.such.module:Gone")
    validator = jsonschema.Draft202012Validator(codec.json_schema())
    validator.validate({"$type": "Gone", "a": [1]})
    assert not validator.is_valid({"$type": "Gone", "a": {"$nonsense": 1}})


def test_a_codec_without_classes():
    validator = jsonschema.Draft202012Validator(Codec("t").json_schema())
    validator.validate({"a": [1, {"$tuple": []}]})
    assert not validator.is_valid({"$enum": ["A", "B"]})
