"""JSON that is not a record of the codec is refused, says where, and runs nothing."""

import pytest

from migrate.runtime import DecodeError, TruncatedRecord
from tests.runtime.models import Line

BAD = {
    "not JSON": (b"{a}", "malformed", ""),
    "a constant of JavaScript": (b"[nan]", "malformed", ""),
    "two values": (b"1 2", "malformed", ""),
    "a trailing comma": (b"[1,]", "malformed", ""),
    "not UTF-8": (b'"\xff"', "malformed", ""),
    "a number beyond float": (b"1e400", "malformed", ""),
    "cut off": (b'{"a":[1,', "truncated", ""),
    "too deep": (b"[" * 50_000 + b"]" * 50_000, "too-deep", ""),
    "an unknown tag": (b'[{"$nope":1}]', "unknown-tag", "[0]"),
    "an unknown class": (b'{"a":{"$type":"Nope"}}', "unknown-tag", "['a']"),
    "a class that is no name": (b'{"$type":5}', "malformed", ""),
    "an unknown class as a value": (b'{"$class":"os.system"}', "unknown-tag", ""),
    "a module as a class": (b'{"$class":"os"}', "unknown-tag", ""),
    "an unknown exception": (b'{"$exception":"int","args":[]}', "unknown-tag", ""),
    "an unknown factory": (b'{"$defaultdict":[],"factory":"eval"}', "unknown-tag", ""),
    "an unknown member": (b'{"$enum":["Color","GREEN"]}', "bad-value", ""),
    "a member by a dunder name": (b'{"$enum":["Color","__class__"]}', "bad-value", ""),
    "an enum that is none": (b'{"$enum":["Line","sku"]}', "unknown-global", ""),
    "a tag with an extra member": (b'{"$tuple":[],"more":1}', "malformed", ""),
    "a reference to nothing": (b'[{"$ref":1}]', "malformed", "[0]"),
    "a reference ahead": (b'[{"$ref":1},{"$list":[],"$id":1}]', "malformed", "[0]"),
    "a number used twice": (b'[{"$list":[],"$id":1},{"$list":[],"$id":1}]', "malformed", "[1]"),
    "a number that is none": (b'{"$list":[],"$id":"a"}', "malformed", ""),
    "a list in a set": (b'{"$set":[[]]}', "bad-value", ""),
    "a list as a key": (b'{"$dict":[[[],1]]}', "bad-value", ""),
    "a pair of three": (b'{"$dict":[[1,2,3]]}', "malformed", "[0]"),
    "a number where an array belongs": (b'{"$tuple":5}', "malformed", ""),
    "base64 that is none": (b'{"$bytes":"###"}', "bad-value", ""),
    "UTF-8 that is none": (b'{"$utf8":"/w=="}', "bad-value", ""),
    "a decimal int": (b'{"$int":"12"}', "bad-value", ""),
    "a struct_time of eight": (b'{"$structtime":[1,2,3,4,5,6,7,8]}', "bad-value", ""),
    "a struct_time of texts": (b'{"$structtime":["1",2,3,4,5,6,7,8,9]}', "bad-value", ""),
    "a struct_time with half a zone": (
        b'{"$structtime":[1,2,3,4,5,6,7,8,9],"zone":["CET"]}',
        "bad-value",
        "",
    ),
    "a zone of the wrong types": (b'{"$structtime":[1,2,3,4,5,6,7,8,9],"zone":[1,"CET"]}', "bad-value", ""),
    "a BytesIO of text": (b'{"$bytesio":"###"}', "bad-value", ""),
    "a position before the beginning": (b'{"$bytesio":"AA==","position":-1}', "bad-value", ""),
    "a position that is huge": (b'{"$stringio":"a","position":18446744073709551615}', "bad-value", ""),
    "another newline": (b'{"$stringio":"a","newline":"x"}', "bad-value", ""),
    "a newline that is no text": (b'{"$stringio":"a","newline":5}', "bad-value", ""),
    "attributes that are none": (b'{"$bytesio":"AA==","state":5}', "bad-value", ""),
    "month 13": (b'{"$datetime":"2024-13-01T00:00:00"}', "bad-value", ""),
    "an offset in the text": (b'{"$datetime":"2024-01-01T00:00:00+01:00"}', "bad-value", ""),
    "fold 2": (b'{"$datetime":"2024-01-01T00:00:00","fold":2}', "bad-value", ""),
    "a zone that is none": (b'{"$datetime":"2024-01-01T00:00:00","tz":5}', "bad-value", ""),
    "a timezone of 48 hours": (b'{"$timezone":[172800,0,null]}', "bad-value", ""),
    "a zone out of the database": (b'{"$zoneinfo":"../../etc/passwd"}', "bad-value", ""),
    "a decimal that is none": (b'{"$decimal":"1.2.3"}', "bad-value", ""),
    "a fraction over zero": (b'{"$fraction":[1,0]}', "bad-value", ""),
    "a uuid that is none": (b'{"$uuid":"x"}', "bad-value", ""),
    "a path of another kind": (b'{"$path":"a","type":"os"}', "unknown-tag", ""),
    "an address that is none": (b'{"$ip":"1.2.3","type":"IPv4Address"}', "bad-value", ""),
    "a pattern that is none": (b'{"$pattern":"(","flags":32}', "bad-value", ""),
    "an array out of range": (b'{"$array":[300],"typecode":"B"}', "bad-value", ""),
    "a negative maxlen": (b'{"$deque":[],"maxlen":-1}', "bad-value", ""),
    "a range of texts": (b'{"$range":["a",1,1]}', "bad-value", ""),
    "in an attribute": (b'{"$type":"Order","lines":[{"sku":{"$x":1}}]}', "unknown-tag", "lines[0].sku"),
    "in a typed attribute": (b'{"$type":"Order","price":"abc"}', "bad-value", "price"),
    "in a set": (b'{"$set":[1,{"$x":1}]}', "unknown-tag", "[1]"),
    "in a pair": (b'{"$dict":[[1,{"$x":1}]]}', "unknown-tag", "[1]"),
    "in the state": (b'{"$type":"WithState","x":{"$x":1}}', "unknown-tag", "x"),
    "in the arguments": (b'{"$type":"Reduced","$args":[{"$x":1}],"$call":true}', "unknown-tag", "args[0]"),
    "items of what is no container": (b'{"$type":"Plain","$items":[1]}', "malformed", ""),
    "content of what has none": (b'{"$type":"Plain","$value":1}', "malformed", ""),
}


@pytest.mark.parametrize(("data", "reason", "path"), BAD.values(), ids=BAD)
def test_refused(codec, data, reason, path):
    with pytest.raises(DecodeError) as caught:
        codec.loads(data)
    assert (caught.value.reason, caught.value.path) == (reason, path)
    assert len(str(caught.value)) < 300


def test_the_offset_is_told(codec):
    with pytest.raises(DecodeError, match="byte 4") as caught:
        codec.loads(b"[1, x]")
    assert caught.value.offset == 4


def test_truncation_is_its_own_error(codec):
    with pytest.raises(TruncatedRecord):
        codec.loads(b'{"a":')


@pytest.mark.parametrize(
    ("data", "kind"),
    {
        "int for str": (b"1", str),
        "dict for an instance": (b'{"sku":"a"}', Line),
        "another class": (b'{"$type":"Plain"}', Line),
        "element": (b'[{"$type":"Line","sku":"a"},1]', list[Line]),
        "value": (b'{"a":"b"}', dict[str, int]),
        "None": (b"null", Line),
        "tuple of other length": (b'{"$tuple":[1]}', tuple[int, int]),
        "neither of a union": (b"1.5", int | str),
    }.values(),
    ids=str,
)
def test_a_value_of_another_type(codec, data, kind):
    with pytest.raises(DecodeError) as caught:
        codec.loads(data, kind)
    assert caught.value.reason == "type-mismatch"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"1", int),
        (b"1", float),
        (b"null", Line | None),
        (b"[1]", list[int]),
        (b"[]", list[Line]),
        (b'{"a":1}', dict[str, int]),
        (b'{"$dict":[[1,2]]}', dict[int, int]),
        (b'{"$tuple":[1,"a"]}', tuple[int, str]),
        (b'{"$tuple":[1,2]}', tuple[int, ...]),
        (b'{"$type":"Line","sku":"a"}', Line),
        (b'{"$type":"Dog","name":"Rex","tricks":[]}', object),
    ],
    ids=str,
)
def test_the_type_argument_checks_and_converts_nothing(codec, data, kind):
    assert repr(codec.loads(data, kind)) == repr(codec.loads(data)) or kind is object


def test_the_type_argument_is_no_conversion(codec):
    from decimal import Decimal

    with pytest.raises(DecodeError):
        codec.loads(codec.dumps("1.5"), Decimal)
    assert codec.loads(codec.dumps([1]), list) == [1]
