"""What 8-bit strings of Python 2 are, said field by field and path by path; the pickles are of Python 2.7."""

import collections
import pickle
import typing

import pytest

from migrate.legacy import ByteString, Call, Dict, decode
from migrate.reencode.objects import ThroughCodec
from migrate.runtime import Codec, ConverterError, DecodeError

from .python2_strings import MIXED


class Photo:
    raw: bytes
    name: str
    tags: list[str] | None


class Old:
    pass


class Slotted:
    __slots__ = ("name", "raw")

    def __setstate__(self, state):
        for name, value in state[1].items():
            setattr(self, name, value)


class Stated:
    def __getstate__(self):
        return {"raw": self.raw}, {"name": self.name}

    def __setstate__(self, state):
        self.__dict__.update(state[0])
        self.__dict__.update(state[1])


class Point(typing.NamedTuple):
    raw: bytes
    name: str


LATIN_1 = {"raw": "bytes", "name": "latin-1"}


def codec(python2=None, *classes):
    made = Codec("shop", python2=python2)
    for cls in classes or (Photo, Old, Slotted, Stated, Point):
        made.register(cls, aliases=(f"shop:{cls.__name__}",))
    return made


def of(cls, fields):
    return {f"shop:{cls}.{name}": policy for name, policy in fields.items()}


def fields_of(value):
    return {name: getattr(value, name) for name in ("raw", "name")}


def each(name):
    return [pytest.param(MIXED[name, protocol], id=f"protocol {protocol}") for protocol in range(3)]


@pytest.mark.parametrize("data", each("photo"))
def test_each_field_has_its_own(data):
    python2 = of("Photo", {"raw": "bytes", "name": "utf-8", "tags": "latin-1"})
    assert vars(codec(python2).loads(data)) == {
        "raw": b"\x89PNG\xff",
        "name": "café",
        "tags": ["a", "b\xc3\xbc"],
    }


@pytest.mark.parametrize("data", each("photo"))
def test_the_load_says_it_of_the_other_fields(data):
    by_field = codec(of("Photo", {"raw": "bytes"}))
    assert by_field.loads(data, encoding="utf-8").name == "café"
    with pytest.raises(DecodeError) as caught:
        by_field.loads(data)
    assert (caught.value.reason, caught.value.path) == ("python2-bytes", "name")


@pytest.mark.parametrize("data", each("photo"))
def test_a_star_says_it_of_the_other_fields(data):
    value = codec(of("Photo", {"*": "utf-8", "raw": "bytes"})).loads(data)
    assert vars(value) == {"raw": b"\x89PNG\xff", "name": "café", "tags": ["a", "bü"]}


@pytest.mark.parametrize("data", each("ascii_photo"))
def test_bytes_are_bytes_also_when_they_are_ascii(data):
    value = codec(of("Photo", {"raw": "bytes"})).loads(data)
    assert vars(value) == {"raw": b"plain", "name": "name", "tags": ["t"]}


@pytest.mark.parametrize("data", each("ascii_photo"))
def test_what_is_to_be_reported_is_refused_with_its_path_also_when_it_is_ascii(data):
    with pytest.raises(DecodeError, match="8-bit string of Python 2") as caught:
        codec(of("Photo", {"tags": "report"})).loads(data, encoding="latin-1")
    assert (caught.value.reason, caught.value.path) == ("python2-bytes", "tags[0]")


@pytest.mark.parametrize("data", each("photo"))
def test_declared_types_decide_where_asked_to(data):
    value = codec(of("Photo", {"*": "declared"})).loads(data, encoding="utf-8")
    assert vars(value) == {"raw": b"\x89PNG\xff", "name": "café", "tags": ["a", "bü"]}
    value = codec(of("Photo", {"raw": "declared"})).loads(data, encoding="utf-8")
    assert value.raw == b"\x89PNG\xff"


@pytest.mark.parametrize("data", each("ascii_photo"))
def test_a_field_declared_text_is_text_even_if_all_else_is_bytes(data):
    value = codec(of("Photo", {"*": "declared"})).loads(data, encoding="bytes")
    assert vars(value) == {"raw": b"plain", "name": "name", "tags": ["t"]}


@pytest.mark.parametrize("data", each("ascii_photo"))
def test_declared_types_change_nothing_where_nobody_asked(data):
    assert codec().loads(data).raw == pickle.loads(data.replace(b"shop", __name__.encode())).raw == "plain"


@pytest.mark.parametrize("data", each("old"))
def test_old_style_classes(data):
    assert vars(codec(of("Old", LATIN_1)).loads(data)) == {"raw": b"\xff\x00", "name": "café"}


@pytest.mark.parametrize("name", ["slotted", "stated"])
@pytest.mark.parametrize("protocol", range(3))
def test_states_of_two_dicts_reach_setstate_with_each_field_as_declared(name, protocol):
    data = MIXED[name, protocol]
    made = codec(of(name.title(), LATIN_1))
    for encoding in ("ASCII", "bytes"):
        assert fields_of(made.loads(data, encoding=encoding)) == {"raw": b"\xff", "name": "café"}
    assert b'"caf\xc3\xa9"' in ThroughCodec(made)(decode(data)).text


@pytest.mark.parametrize("data", each("point"))
def test_fields_of_named_tuples_go_by_their_position(data):
    assert codec(of("Point", LATIN_1)).loads(data) == Point(b"\xff", "café")
    assert codec(of("Point", {"*": "declared"})).loads(data, encoding="latin-1") == Point(b"\xff", "café")


@pytest.mark.parametrize("data", each("nested"))
def test_a_field_covers_the_containers_in_it_and_no_object_of_another_class(data):
    by_field = codec(of("Photo", {"raw": "bytes", "name": "utf-8", "tags": "report"}))
    value = by_field.loads(data)
    assert value.raw == {b"k": b"\xff"}
    assert fields_of(value.tags[0]) == {"raw": b"\xfe", "name": "é"}


@pytest.mark.parametrize("data", each("ordered"))
def test_ordered_and_default_dicts(data):
    value = codec(of("Photo", {"raw": "bytes", "*": "utf-8"})).loads(data)
    assert value.raw == collections.OrderedDict({b"a": b"\xff"})
    assert value.tags == collections.defaultdict(list, {"x": ["é"]})


@pytest.mark.parametrize("data", each("shared_fields"))
def test_what_two_fields_share_cannot_be_two_things(data):
    with pytest.raises(DecodeError, match="shared") as caught:
        codec(of("Photo", {"raw": "bytes", "name": "latin-1"})).loads(data)
    assert caught.value.reason == "python2-bytes"
    value = codec(of("Photo", {"raw": "latin-1", "name": "latin-1"})).loads(data)
    assert value.raw is value.name
    assert value.raw == ["café"]


def test_objects_that_two_fields_share_are_read_by_their_own_class():
    record = Call.of(decode(b"cshop\nPhoto\n."), (), new=True)
    inner = Call.of(decode(b"cshop\nPhoto\n."), (), new=True)
    inner.state = Dict([("name", ByteString(b"\xe9"))])
    record.state = Dict([("raw", inner), ("name", inner)])
    made = codec(of("Photo", {"raw": "bytes", "name": "latin-1"}))
    assert b'"name":"\xc3\xa9"' in ThroughCodec(made, use_classes=False)(record).text


@pytest.mark.parametrize("data", each("rows"))
def test_paths_say_it_of_data_without_classes(data):
    value = codec({"[*]['photo']": "bytes", "[0].title": "utf-8", "[*]['title']": "latin-1"}).loads(
        data, encoding="latin-1"
    )
    assert value == [
        {"photo": b"\xff\x01", "title": "café", "sub": {"k\xe9y": "v"}},
        {"photo": b"x", "title": "\u20ac", "sub": {}},
    ]
    value = codec({"[0]": "latin-1", "[1]['photo']": "bytes"}).loads(data)
    assert value[0]["photo"] == "\xff\x01"
    assert value[1]["photo"] == b"x"


@pytest.mark.parametrize("data", each("nested"))
def test_paths_go_through_objects(data):
    python2 = {"raw": "bytes", ".tags[0].*": "utf-8", "tags[*].raw": "latin-1"}
    value = codec(python2).loads(data)
    assert value.raw == {b"k": b"\xff"}
    assert value.tags[0].name == "é"


@pytest.mark.parametrize("data", each("photo"))
def test_without_the_class_its_fields_are_still_told_apart(data):
    made = Codec("shop", python2=of("Photo", {"raw": "bytes", "name": "utf-8", "tags": "utf-8"}))
    made.register("shop:Photo")
    line = ThroughCodec(made)(decode(data))
    assert b'"raw":{"$bytes":"iVBOR/8="},"name":"caf\xc3\xa9"' in line.text


@pytest.mark.parametrize("name", ["photo", "point"])
@pytest.mark.parametrize("protocol", range(3))
def test_what_only_the_class_can_tell_is_reported_without_it(name, protocol):
    policies = {"raw": "declared", "*": "latin-1"} if name == "photo" else LATIN_1
    made = codec(of(name.title(), policies))
    ThroughCodec(made)(decode(MIXED[name, protocol]))
    with pytest.raises(Exception, match="to be reported"):
        ThroughCodec(made, use_classes=False)(decode(MIXED[name, protocol]))


def test_a_class_that_is_not_registered_is_told():
    with pytest.raises(ConverterError, match="shop:Foto, which is not registered"):
        codec(of("Foto", LATIN_1)).loads(MIXED["photo", 2])


def test_a_class_by_two_of_its_names_is_told():
    twice = {**of("Photo", LATIN_1), f"{__name__}:Photo.tags": "bytes"}
    with pytest.raises(ConverterError, match="twice"):
        codec(twice).loads(MIXED["photo", 2])


@pytest.mark.parametrize(
    "declared",
    [
        {"shop:Photo.raw": "byte"},
        {"shop:Photo.raw": 1},
        {"[0]": "declared"},
        {"[0": "bytes"},
        {"": "bytes"},
        {"shop:Photo": "bytes"},
    ],
)
def test_mistakes_are_told_when_the_codec_is_made(declared):
    with pytest.raises(ValueError, match="python2"):
        Codec("shop", python2=declared)


@pytest.mark.parametrize("data", each("photo"))
def test_records_of_today_are_not_concerned(data):
    made = codec(of("Photo", {"*": "utf-8", "raw": "bytes"}))
    value = made.loads(data)
    assert vars(made.loads(made.dumps(value))) == vars(value)
    assert vars(made.loads(pickle.dumps(value))) == vars(value)
