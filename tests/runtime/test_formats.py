"""The same tree as YAML, MessagePack and CBOR: exact, told apart by its first bytes, and safe to read."""

import contextlib
import io
import json
import pickle
import pickletools
import sys
import tracemalloc

import cbor2
import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.legacy import Format, sniff
from migrate.runtime import Codec, DecodeError, EncodeError, TruncatedRecord, differences, formats
from tests.runtime.conftest import make_codec
from tests.runtime.models import Line, Order, WithState
from tests.runtime.test_handles import OnlyReads
from tests.runtime.test_properties import values
from tests.runtime.values import VALUES

FORMS = {"yaml": formats.YAML, "msgpack": formats.MSGPACK, "cbor": formats.CBOR}
NAMES = ["json", *FORMS]
CODECS = {name: make_codec(format=name) for name in NAMES}
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ORDER = Order(1, lines=[Line("a", 2, ["x", "yes", "2024-01-01", "a\nb"])], first=Line("ž 🐎"))


def frame(form, body):
    return form.start + len(body).to_bytes(8, "big") + body


def refusal(data, codec=CODECS["json"]):
    with pytest.raises(DecodeError) as caught:
        codec.loads(data)
    return caught.value


# --- exact ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_every_kind_of_value(name, make):
    value = make()
    record = CODECS[name].dumps(value)
    assert differences(value, CODECS["json"].loads(record)) == []


@QUICK
@given(values, st.sampled_from(list(FORMS)))
def test_whatever_hypothesis_thinks_of(value, name):
    assert differences(value, CODECS["json"].loads(CODECS[name].dumps(value))) == []


@QUICK
@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(list(FORMS)))
def test_every_text_as_key_and_as_value(text, name):
    value = {text: [text, {text: text}], "f": 1.5}
    assert FORMS[name].read(FORMS[name].write(value)) == value


@QUICK
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1))
def test_every_number(number):
    for form in FORMS.values():
        found = form.read(form.write(number))
        assert type(found) is type(number)
        assert repr(found) == repr(number)


@pytest.mark.parametrize(
    "word",
    [
        *("yes", "No", "ON", "off", "y", "~", "null", "NULL", "true", "", "007", "0o7", "0x1F", "1_000"),
        *("12:30:45", "1e3", "1E+3", ".5", "-.inf", ".NaN", "=", "<<", "2024-01-01", "!x", "&a", "*a"),
        *("- a", "a: b", "# c", "%YAML 1.2", "---", "...", "a\n...\nb", " ", "a ", "@", "`", "\ufeff"),
        *("\x85", "\u2028", "\t", "null a"),
    ],
)
def test_texts_that_yaml_could_take_for_something_else(word):
    record = formats.YAML.write([word, {word: word}])
    assert formats.YAML.read(record) == [word, {word: word}]
    assert yaml.safe_load(record.decode()) == [word, {word: word}]  # and so for a reader of YAML 1.1


def test_other_programs_read_it():
    wire = {"$type": "Order", "id": 1, "price": 1.5, "big": 1e22, "ok": True, "none": None, "l": [[], {}]}
    assert yaml.safe_load(formats.YAML.write(wire).decode()) == wire
    assert msgspec.msgpack.decode(formats.MSGPACK.write(wire)[12:]) == wire
    embedded = cbor2.loads(formats.CBOR.write(wire), semantic_decoders={})
    assert cbor2.loads(embedded.value if isinstance(embedded, cbor2.CBORTag) else embedded) == wire


def test_yaml_as_a_person_reads_it():
    codec = make_codec(format="yaml")
    assert codec.dumps(Order(1, lines=[Line("a", 2, ["no"])])).decode() == (
        '%YAML 1.2\n---\n$type: Order\nid: 1\nprice: "0"\nlines:\n- sku: a\n  qty: 2\n  notes:\n'
        '  - "no"\nfirst: null\n...\n'
    )


def test_yaml_as_a_person_writes_it():
    record = (
        b"%YAML 1.2\n---\n# an order\n$type: Line\nsku: 'it''s'\nqty: 0x10\nnotes: [a, \"b\", 12:30]\n...\n"
    )
    assert CODECS["json"].loads(record) == Line("it's", 16, ["a", "b", "12:30"])
    assert CODECS["json"].loads(record.replace(b"\n", b"\r\n")) == Line("it's", 16, ["a", "b", "12:30"])


@pytest.mark.parametrize("name", FORMS)
def test_what_depends_on_the_programs_own_code_is_verified(name):
    class Loses:
        def __setstate__(self, state):
            self.x = None

    codec = Codec("t", format=name)
    codec.register(Loses)
    value = Loses()
    value.x = 1
    with pytest.raises(EncodeError) as caught:
        codec.dumps(value)
    assert caught.value.reason == "not-restorable"


@pytest.mark.parametrize("name", FORMS)
def test_errors_name_the_path(name):
    with pytest.raises(EncodeError) as caught:
        CODECS[name].dumps(Order(1, lines=[Line("a", object())]))
    assert caught.value.path == "lines[0].qty"
    wire = {"$type": "Order", "id": 1, "lines": [{"sku": {"$x": 1}}]}
    assert refusal(FORMS[name].write(wire)).path == "lines[0].sku"


# --- told apart -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_the_first_byte_tells(name):
    start = FORMS[name].start[:1]
    opcodes = {code.code.encode("latin-1") for code in pickletools.opcodes}
    assert start not in opcodes | {bytes([c]) for c in b'{["-0123456789tfn \t\r\n~'}
    assert len({form.start[:1] for form in FORMS.values()}) == len(FORMS)
    assert sniff(CODECS[name].dumps(ORDER)[:8]) is Format(name)


@pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)
def test_no_pickle_is_taken_for_a_record(make):
    for protocol in range(6):
        try:
            data = pickle.dumps(make(), protocol)
        except Exception:  # some cannot be pickled by the old protocols
            continue
        assert sniff(data[:16]) is Format.PICKLE


def mixture():
    parts = [CODECS[name].dumps([name, ORDER]) for name in NAMES]
    parts += [pickle.dumps([protocol, ORDER], protocol) for protocol in range(6)]
    return parts + parts[::-1]


@pytest.mark.parametrize("writes", NAMES)
def test_all_formats_in_one_file(writes):
    file = OnlyReads(b"\n".join(mixture()))
    found = [CODECS[writes].load(file) for _ in range(20)]
    assert [f[1] for f in found] == [ORDER] * 20
    assert [f[0] for f in found[:10]] == [*NAMES, *range(6)]
    with pytest.raises(EOFError, match="Ran out of input"):
        CODECS[writes].load(file)


def test_seek_and_append(tmp_path):
    path = tmp_path / "log"
    offsets = []
    for part in mixture():
        with path.open("ab") as file:
            offsets.append(file.tell())
            file.write(part)
    with path.open("rb") as file:
        for number in (7, 2, 19, 0, 11, 3):
            file.seek(offsets[number])
            assert CODECS["json"].load(file)[1] == ORDER
            assert file.tell() == [*offsets, path.stat().st_size][number + 1]


@pytest.mark.parametrize("name", FORMS)
def test_loads_ignores_what_follows(name):
    assert CODECS["json"].loads(CODECS[name].dumps(ORDER) + b"\x00rest") == ORDER
    assert CODECS["json"].loads(bytearray(CODECS[name].dumps(ORDER)), Order) == ORDER


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("make", [lambda: ORDER, lambda: "text", lambda: 5], ids=["object", "text", "number"])
def test_a_record_that_was_cut_off_is_not_a_value(name, make):
    record = CODECS[name].dumps(make())
    for end in range(1, len(record) - (2 if name == "yaml" else 0)):
        for read in (lambda data: CODECS["json"].load(io.BytesIO(data)), CODECS["json"].loads):
            with pytest.raises(TruncatedRecord):
                read(record[:end] if end > 11 or read is not CODECS["json"].loads else record[:12])


def test_json_only_reads_them_and_no_pickle():
    codec = make_codec(format="cbor", stage="json-only")
    assert codec.loads(codec.dumps(ORDER)) == codec.loads(CODECS["yaml"].dumps(ORDER)) == ORDER
    assert refusal(pickle.dumps(1), codec).reason == "pickle-refused"


def test_dual_read_reads_them_and_writes_pickle():
    codec = make_codec(format="msgpack", stage="dual-read")
    assert codec.dumps([1])[:1] == b"\x80"
    assert codec.loads(CODECS["msgpack"].dumps(ORDER)) == ORDER


@pytest.mark.parametrize("name", NAMES)
def test_wire_trees(name):
    record = CODECS[name].dumps(ORDER)
    wire = CODECS["json"].to_wire(record)
    assert wire == json.loads(CODECS["json"].dumps(ORDER))
    assert CODECS[name].write_wire(wire) == record


@pytest.mark.parametrize("name", ["xml", "JSON", "", "pickle"])
def test_a_format_that_does_not_exist(name):
    with pytest.raises(ValueError, match="formats are json, yaml, msgpack, cbor"):
        Codec("t", format=name)


@pytest.mark.parametrize(("name", "module"), [("yaml", "yaml"), ("cbor", "cbor2")])
def test_a_library_that_is_not_installed(monkeypatch, name, module):
    record = CODECS[name].dumps(1)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"pip install 'pickle-migrate\[{name}\]'"):
        Codec("t", format=name)
    error = refusal(record, Codec("t"))
    assert error.reason == "missing-extra"
    assert f"pickle-migrate[{name}]" in error.message


# --- safe -----------------------------------------------------------------------------------------

HOSTILE_YAML = {
    "object": b"!!python/object/apply:os.system ['touch {marker}']",
    "name": b"!!python/name:os.system",
    "object/new": b"!!python/object/new:tuple [[1]]",
    "standard tag": b"!!set {a, b}",
    "binary": b"!!binary AAAA",
    "alias": b"[&a [1], *a]",
    "anchor": b"&a [1]",
    "bomb": b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
    "cycle": b"&a [*a]",
    "second document": b"1\n---\n2",
    "key that is a list": b"? [1]\n: 2",
    "key that is a number": b"1: 2",
    "key that is null": b"~: 2",
    "key twice": b"a: 1\na: 2",
    "not a number": b"[.nan]",
    "infinity": b"-.INF",
    "beyond float": b"1e999",
    "number of a million digits": b"9" * 1_000_000,
    "not UTF-8": b'"\xff"',
    "NUL": b'"\x00"',
    "unclosed": b"[1, 2",
    "tabs": b"a:\n\t- 1",
}


@pytest.mark.parametrize("body", HOSTILE_YAML.values(), ids=HOSTILE_YAML)
def test_hostile_yaml(body, tmp_path):
    body = body.replace(b"{marker}", str(tmp_path / "marker").encode())
    error = refusal(b"%YAML 1.2\n---\n" + body + b"\n...\n")
    assert error.reason in ("malformed", "truncated")
    assert not list(tmp_path.iterdir())


def test_directives_and_other_versions_of_yaml():
    refusal(b"%YAML 1.2\n%TAG ! tag:x,2000:\n---\n1\n...\n")
    refusal(b"%YAML 2.0\n---\n1\n...\n")
    refusal(b"%YAML 1.2 x\n---\n1\n...\n")
    refusal(b"%PDF-1.7\n...\n")
    refusal(b"%YAML 1.2\n...\n")


HOSTILE_MSGPACK = {
    "extension": msgspec.msgpack.encode([msgspec.msgpack.Ext(5, b"x")]),
    "timestamp": b"\xd6\xff\x00\x00\x00\x01",
    "bytes": b"\xc4\x01x",
    "key that is a number": b"\x81\x01\x02",
    "key that is null, deep inside": b"\x91\x91\x81\xc0\x02",
    "key that is a list": b"\x81\x91\x01\x02",
    "list of four billion": b"\xdd\xff\xff\xff\xff",
    "map of four billion": b"\xdf\xff\xff\xff\xff\xa1a",
    "text of four billion": b"\xdb\xff\xff\xff\xffabc",
    "not UTF-8": b"\xa1\xff",
    "C1": b"\xc1",
    "more than one": b"\x01\x02",
    "nothing": b"",
}
HOSTILE_CBOR = {
    "shared reference": b"\xd8\x1c\x81\xd8\x1d\x00",
    "pattern": b"\xd8\x23\x63(a+",
    "date": b"\xc0\x74" + b"2013-03-21T20:04:00Z",
    "decimal of a huge exponent": b"\xc4\x82\x1a\x7f\xff\xff\xff\x01",
    "big number": b"\xc2\x41\x01",
    "set": b"\xd9\x01\x02\x81\x01",
    "itself": b"\xd9\xd9\xf7\x01",
    "bytes": b"\x41x",
    "undefined": b"\xf7",
    "undefined length": b"\x9f\x01\xff",
    "text of undefined length": b"\x7f\x61a\xff",
    "key that is a number": b"\xa1\x01\x02",
    "key that is a list": b"\xa1\x81\x01\x02",
    "list of four billion": b"\x9a\xff\xff\xff\xff",
    "list of more than there is": b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    "text of more than there is": b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
    "simple value": b"\xf8\x20",
    "reserved": b"\x1c",
    "deep": b"\x81" * 5000 + b"\x01",
    "not UTF-8": b"\x61\xff",
    "more than one": b"\x01\x02",
    "nothing": b"",
}
HOSTILE = {
    **{f"msgpack {key}": frame(formats.MSGPACK, body) for key, body in HOSTILE_MSGPACK.items()},
    **{f"cbor {key}": frame(formats.CBOR, body) for key, body in HOSTILE_CBOR.items()},
}


@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes(record):
    tracemalloc.start()
    error = refusal(record)
    assert error.reason in ("malformed", "truncated")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("form", [formats.MSGPACK, formats.CBOR], ids=lambda form: form.name)
def test_a_length_that_is_a_lie_takes_no_memory(form, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(form.start + b"\x00\xff" + b"\xff" * 6 + b"abc")
    tracemalloc.start()
    with path.open("rb") as file, pytest.raises(TruncatedRecord):
        CODECS["json"].load(file)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", FORMS)
def test_nested_too_deeply_to_write(name):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(EncodeError) as caught:
        CODECS[name].dumps(deep)
    assert caught.value.reason == "too-deep"


@QUICK
@given(st.binary(max_size=60), st.sampled_from([*FORMS]))
def test_any_bytes_behind_a_start_are_a_value_or_an_error_of_the_data(body, name):
    form = FORMS[name]
    data = form.start + b"---\n" + body + b"\n...\n" if name == "yaml" else frame(form, body)
    with contextlib.suppress(DecodeError, EOFError):
        CODECS["json"].loads(data)


@QUICK
@given(st.binary(min_size=1, max_size=40))
def test_any_bytes(data):
    for first in (b"%", b"\xc1", b"\xd9", b"~"):
        with pytest.raises(DecodeError):
            CODECS["json"].load(io.BytesIO(first + data))


def test_a_state_that_runs_code_gets_what_it_wrote():
    for name in FORMS:
        assert CODECS["json"].loads(CODECS[name].dumps(WithState([1]))).x == [1]


# --- bytes as they are ----------------------------------------------------------------------------

BYTES = {"bytes": b"\x00\xff" * 1000, "bytearray": bytearray(b"\x80" * 1000)}


@pytest.mark.parametrize("value", BYTES.values(), ids=BYTES)
@pytest.mark.parametrize("name", ["msgpack", "cbor"])
def test_binary_formats_carry_bytes_as_they_are(name, value):
    data = CODECS[name].dumps([value])
    assert bytes(value) in data
    assert differences(CODECS[name].loads(data), [value]) == []


@pytest.mark.parametrize("name", FORMS)
def test_base64_is_read_in_every_format(name):
    wire = {"a": {"$bytes": "AP8="}, "b": {"$bytearray": "gA=="}}
    assert CODECS["json"].loads(FORMS[name].write(wire)) == {"a": b"\x00\xff", "b": bytearray(b"\x80")}


@pytest.mark.parametrize("name", [*FORMS, "json"])
def test_the_tree_for_tools_is_the_same_in_every_format(name):
    value = [BYTES, {"inner": (b"\x01", [b"\x02"])}]
    tree = CODECS["json"].to_wire(CODECS["json"].dumps(value))
    assert CODECS[name].to_wire(CODECS[name].dumps(value)) == tree
    assert differences(CODECS["json"].loads(CODECS[name].write_wire(tree)), value) == []


@pytest.mark.parametrize("form", [formats.MSGPACK, formats.CBOR], ids=lambda form: form.name)
@pytest.mark.parametrize(
    "wire",
    [
        [b"a"],
        {"a": b"a"},
        {"$str": b"a"},
        {"$utf8": b"a"},
        {"$bytes": "", "x": b"a"},
        {"a": 1, "$bytes": b"a"},
    ],
    ids=["in an array", "in an object", "as text", "as UTF-8", "beside the tag", "behind another key"],
)
def test_bytes_stand_where_json_has_base64_and_nowhere_else(form, wire):
    error = refusal(form.write(wire))
    assert error.reason == "malformed"


@pytest.mark.parametrize("text", ["AP8", "AP8=\n", "A", "====", "AP8é", "AP8=AP8=", "A-8_"])
def test_text_that_is_not_base64(text):
    with pytest.raises(DecodeError) as caught:
        CODECS["json"].loads(json.dumps([{"$bytes": text}]).encode())
    assert caught.value.reason == "bad-value"
    assert caught.value.path == "[0]"


def test_bytes_of_a_pickle_are_not_made_text_in_between():
    value = [BYTES["bytes"], BYTES["bytearray"], {"again": b""}]
    for protocol in range(6):
        assert differences(CODECS["json"].loads(pickle.dumps(value, protocol)), value) == []
    assert CODECS["json"].to_wire(pickle.dumps([b"a"])) == {"$untyped": [{"$bytes": "YQ=="}]}


def test_two_references_among_many_dollars_and_among_few():
    shared = [1]
    for count in (1, 500):
        value = [b"x"] * count + [shared, shared]
        back = CODECS["json"].loads(CODECS["json"].dumps(value))
        assert back[-1] is back[-2]
        assert back[:count] == [b"x"] * count
