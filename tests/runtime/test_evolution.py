"""Classes that changed since: missing, renamed and unknown fields, in records and in pickles."""

import pickle
from dataclasses import dataclass, field
from typing import NamedTuple

import attrs
import jsonschema
import pytest

from migrate.legacy import decode
from migrate.reencode import ThroughCodec
from migrate.runtime import Codec, DecodeError, EncodeError, formats


@dataclass
class Data:
    a: int = 1
    b: list[int] = field(default_factory=list)


@attrs.define
class Attrs:
    a: int = 1
    b: list[int] = attrs.Factory(list)
    c: int = attrs.field(default=attrs.Factory(lambda self: self.a + 1, takes_self=True))


class Plain:
    b = ()  # a default of the class

    def __init__(self):
        self.a = 1


class Pair(NamedTuple):
    a: int
    b: int = 7


class Slots:
    __slots__ = ("a", "b")


class Own:
    def __setstate__(self, state):
        self.__dict__.update(state, seen=sorted(state))


@dataclass
class Outer:
    items: list[Data] = field(default_factory=list)


CLASSES = [Data, Attrs, Plain, Pair, Slots, Own, Outer]


def make(unknown_fields="keep", **registrations):
    codec = Codec("t", unknown_fields=unknown_fields)
    for cls in CLASSES:
        codec.register(cls, **registrations.get(cls.__name__, {}))
    return codec


RENAMED = {"renames": {"old": "a"}}


# --- missing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (b'{"$type":"Data","a":5}', Data(5)),
        (b'{"$type":"Attrs","a":5}', Attrs(5, [], 6)),
        (b'{"$type":"Pair","$value":[5]}', Pair(5)),
        (b'{"$type":"Outer","items":[{}]}', Outer([Data()])),
    ],
)
def test_missing_fields_take_their_defaults(record, value):
    assert make().loads(record) == value


def test_defaults_of_a_plain_class_are_those_of_the_class():
    value = make().loads(b'{"$type":"Plain","a":5}')
    assert (vars(value), value.b) == ({"a": 5}, ())


def test_defaults_are_not_shared():
    first, second = make().loads(b'[{"$type":"Data"},{"$type":"Data"}]')
    assert first.b is not second.b


@pytest.mark.parametrize("protocol", range(6))
def test_missing_fields_of_pickles(protocol):
    old = Data(5)
    del old.b
    assert make().loads(pickle.dumps(old, protocol)) == Data(5)


# --- renamed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "cls", "value"),
    [
        (b'{"$type":"Data","old":5,"b":[]}', Data, Data(5)),
        (b'{"$type":"Attrs","old":5}', Attrs, Attrs(5)),
        (b'{"$type":"Outer","items":[{"old":2},{"a":3}]}', Data, Outer([Data(2), Data(3)])),
        (b'{"$untyped":{"$type":"Outer","items":[{"$type":"Data","old":2}]}}', Data, Outer([Data(2)])),
        (b'{"$type":"Data","$state":{"old":5,"b":[]}}', Data, Data(5)),
    ],
)
def test_renamed_fields(record, cls, value):
    assert make(**{cls.__name__: RENAMED}).loads(record) == value


def test_they_are_written_under_the_new_name():
    codec = make(Data=RENAMED)
    assert codec.dumps(codec.loads(b'{"$type":"Data","old":5}')) == b'{"$type":"Data","a":5,"b":[]}\n'


def test_they_are_typed_as_today():
    codec = Codec("t")
    codec.register(Data)
    codec.register(Outer, renames={"rows": "items"})
    assert codec.loads(b'{"$type":"Outer","rows":[{"a":2}]}') == Outer([Data(2)])


def test_shared_objects_stay_shared():
    codec = make(Data=RENAMED)
    first, second = codec.loads(b'[{"$type":"Data","$id":1,"old":5},{"$ref":1}]')
    assert first is second
    assert first.a == 5


class OldPlain:
    """As a pickle knows it: another name, and another field."""


class OldSlots:
    __slots__ = ("x",)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(("old", "cls"), [(OldPlain, Data), (OldPlain, Plain), (OldSlots, Slots)])
def test_renamed_fields_of_pickles(old, cls, protocol):
    if old is OldSlots and protocol < 2:
        pytest.skip("pickle cannot do that")
    codec = Codec("t")
    codec.register(cls, aliases=(f"{__name__}:{old.__name__}",), renames={"x": "b"})
    value = old()
    value.x = 5
    data = pickle.dumps(value, protocol)
    assert codec.loads(data).b == 5
    assert not hasattr(codec.loads(data), "x")
    assert codec.loads(ThroughCodec(codec)(decode(data)).text).b == 5


@pytest.mark.parametrize("form", ["yaml", "msgpack", "cbor"])
def test_in_every_format(form):
    record = formats.form_of(form).write({"$type": "Data", "old": 5})
    assert make(Data=RENAMED).loads(record) == Data(5)


def test_a_class_with_setstate_gets_what_was_written():
    value = make(Own=RENAMED).loads(pickle.dumps(_with(Own(), a=1)))
    assert value.seen == ["a"]


@pytest.mark.parametrize("record", [b'{"$type":"Data","old":1,"a":2}', b'{"$type":"Data","a":2,"old":1}'])
def test_both_names_in_one_record(record):
    with pytest.raises(DecodeError, match="old name") as caught:
        make(Data=RENAMED).loads(record)
    assert caught.value.path == "a"


# --- unknown --------------------------------------------------------------------------------------


def test_unknown_fields_are_kept():
    assert make().loads(b'{"$type":"Data","x":1}').x == 1


@pytest.mark.parametrize(
    ("record", "path"),
    [
        (b'{"$type":"Data","x":1}', "x"),
        (b'{"$type":"Attrs","a":1,"x":1}', "x"),
        (b'{"$type":"Outer","items":[{"a":1},{"x":1}]}', "items[1].x"),
        (b'[{"$type":"Slots","x":1}]', "[0].x"),
        (b'{"$type":"Data","$state":{"x":1}}', "x"),
        (b'{"$untyped":{"$type":"Data","x":1}}', "x"),
    ],
)
def test_unknown_fields_are_refused_with_their_path(record, path):
    with pytest.raises(DecodeError) as caught:
        make("refuse").loads(record)
    assert (caught.value.reason, caught.value.path) == ("unknown-field", path)


@pytest.mark.parametrize("protocol", range(6))
def test_and_those_of_pickles(protocol):
    with pytest.raises(DecodeError) as caught:
        make("refuse").loads(pickle.dumps([_with(Data(), x=1)], protocol))
    assert (caught.value.reason, caught.value.path) == ("unknown-field", "[0].x")


def test_what_could_not_be_read_is_not_written():
    with pytest.raises(EncodeError) as caught:
        make("refuse").dumps(Outer([Data(), _with(Data(), x=1)]))
    assert (caught.value.reason, caught.value.path) == ("unknown-field", "items[1].x")
    codec = make("refuse")
    with pytest.raises(EncodeError):
        codec.dumps(_with(Data(), **{"$odd": 1}))
    assert codec.loads(codec.dumps(Outer([Data(3)]))) == Outer([Data(3)])


def test_a_class_that_declares_nothing_keeps_everything():
    assert make("refuse").loads(b'{"$type":"Plain","a":1,"x":2}').x == 2


def test_a_declaration_in_the_converters_module_counts():
    codec = Codec("t", unknown_fields="refuse")

    @codec.register(f"{__name__}:Plain")
    class Declared:
        a: int

    assert codec.loads(b'{"$type":"Plain","a":1}').a == 1
    with pytest.raises(DecodeError):
        codec.loads(b'{"$type":"Plain","x":1}')


def test_one_class_may_differ():
    refused = {"unknown_fields": "refuse"}
    with pytest.raises(DecodeError):
        make(Data=refused).loads(b'{"$type":"Data","x":1}')
    assert make(Data=refused).loads(b'{"$type":"Outer","x":1}').x == 1
    assert make("refuse", Data={"unknown_fields": "keep"}).loads(b'{"$type":"Data","x":1}').x == 1


@pytest.mark.parametrize("word", ["", "ignore", "drop"])
def test_a_policy_that_does_not_exist(word):
    with pytest.raises(ValueError, match="keep, refuse"):
        Codec("t", unknown_fields=word)
    with pytest.raises(ValueError, match="keep, refuse"):
        Codec("t").register(Data, unknown_fields=word)


def test_the_schema_knows():
    codec = make("refuse", Data=RENAMED)
    validator = jsonschema.Draft202012Validator(codec.json_schema())
    assert validator.is_valid({"$type": "Data", "old": 1})
    assert validator.is_valid({"$type": "Outer", "items": [{"old": 1, "b": [1]}]})
    assert validator.is_valid({"$type": "Plain", "anything": 1})
    assert not validator.is_valid({"$type": "Data", "x": 1})
    assert not validator.is_valid({"$type": "Outer", "items": [{"x": 1}]})


def _with(value, **attributes):
    value.__dict__.update(attributes)
    return value
