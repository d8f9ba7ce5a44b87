"""``pickle-migrate inspect``: what is in a file, told without executing it."""

import bz2
import gzip
import json
import os
import pickle
import pickletools

import pytest
from click.testing import CliRunner

from migrate.cli.inspect import command
from tests.reencode.support import Evil, pickled


@pytest.fixture
def file(tmp_path):
    return tmp_path / "stored"


def inspect(path, *options, status=0):
    done = CliRunner().invoke(command, [str(path), *map(str, options)], catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done.output


def document(path, *options, status=0):
    (found,) = json.loads(inspect(path, "--json", *options, status=status))
    return found


# --- must show ----------------------------------------


@pytest.mark.parametrize("protocol", range(6))
def test_values_are_shown(file, protocol):
    file.write_bytes(pickled({"name": ["pen", 2]}, protocol))
    shown = inspect(file)
    assert "protocol " in shown
    assert "'pen'" in shown
    assert "nothing beyond plain constructors" in shown


def test_several_pickles(file):
    file.write_bytes(pickled(1) + pickled(2) + pickled(3))
    assert "pickle 2 of 3" in inspect(file)
    assert [record["value"] for record in document(file)["records"]] == [1, 2, 3]


def test_compressed(file):
    file.write_bytes(gzip.compress(bz2.compress(pickled([1]))))
    assert "in bz2 in gzip" in inspect(file)
    assert document(file)["compression"] == ["gzip", "bz2"]


def test_json_record_says_so(file):
    file.write_bytes(b'{"a": 1}\n')
    assert "JSON record" in inspect(file)


def test_json_and_pickles_mixed(file):
    file.write_bytes(b"[1]\n" + pickled(2))
    assert [record["format"] for record in document(file)["records"]] == ["json", "pickle"]


def test_output_is_bounded(file):
    file.write_bytes(pickled(list(range(1000))))
    assert len(inspect(file, "--max-lines", 10).splitlines()) < 15


def test_what_is_whole_is_shown_before_the_damage(file):
    file.write_bytes(pickled("whole") + pickled("damaged")[:-3])
    shown = inspect(file, status=1)
    assert "'whole'" in shown
    assert "truncated" in shown


# --- must not execute ---------------------------------


@pytest.mark.parametrize("protocol", range(6))
def test_hostile_pickle_is_named_and_not_run(file, tmp_path, protocol):
    marker = tmp_path / "marker"
    file.write_bytes(pickled(Evil(marker), protocol))
    shown = inspect(file)
    assert "DANGEROUS" in shown
    assert "system" in shown
    assert document(file)["records"][0]["verdict"]["dangerous"] == [f"{os.system.__module__}.system"]
    assert not marker.exists()


def test_call_hidden_behind_a_harmless_value_is_told(file, tmp_path):
    file.write_bytes(pickled(Evil(tmp_path / "marker"), 2)[:-1] + b"0K\x01.")
    assert "DANGEROUS" in inspect(file)
    assert not (tmp_path / "marker").exists()


def test_names_in_the_data_cannot_act_on_the_terminal(file):
    file.write_bytes(pickled({"\x1b[2J\r": "\x9b31m"}) + b"cmod\x1b[0m\nname\n.")
    assert not set(inspect(file)) & {"\x1b", "\r", "\x9b"}


def test_endless_nesting(file):
    file.write_bytes(b"]" * 9000 + b"a" * 8999 + b".")
    assert len(inspect(file).splitlines()) < 250
    document(file)


def test_value_that_contains_itself(file):
    value = []
    value.append(value)
    file.write_bytes(pickle.dumps(value, 2))
    assert "#1" in inspect(file)
    document(file)


# --- must say what is wrong ---------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-a-pickle"),
        (b"hello\n", "not-a-pickle"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "not-a-pickle"),
        (pickled(["x" * 50])[:-2], "truncated"),
        (gzip.compress(pickled([1] * 500), mtime=0)[:-9], "truncated"),
        (b"\x80\x04\x82\x01.", "unsupported-opcode"),
    ],
)
def test_file_that_is_none(file, data, reason):
    file.write_bytes(data)
    assert f"({reason})" in inspect(file, status=1)
    assert document(file, status=1)["error"]["reason"] == reason


def test_one_bad_file_does_not_hide_the_others(file, tmp_path):
    file.write_bytes(b"hello\n")
    good = tmp_path / "good"
    good.write_bytes(pickled("here"))
    assert "'here'" in inspect(file, good, status=1)


def test_file_that_is_not_there(tmp_path):
    assert "does not exist" in inspect(tmp_path / "nowhere", status=2)


# --- other views --------------------------------------


class Order:
    def __init__(self, number, lines=()):
        self.number = number
        self.lines = list(lines)


class Line:
    def __init__(self, sku):
        self.sku = sku


def test_opcodes_say_what_they_would_do(file, tmp_path):
    file.write_bytes(pickled(Evil(tmp_path / "marker"), 4))
    shown = inspect(file, "--ops")
    assert f"imports {os.system.__module__}, takes system" in shown
    assert f"calls {os.system.__module__}.system" in shown
    assert not (tmp_path / "marker").exists()


def test_opcodes_before_the_damage_are_shown(file):
    file.write_bytes(pickled(["whole"], 2)[:-1])
    shown = inspect(file, "--ops", status=1)
    assert "BINUNICODE       'whole'" in shown
    assert "no end (STOP)" in shown


@pytest.mark.parametrize(
    "data", [b"\x80\x04\x82\x01.", b"Nr\xff\xff\xff\x0f.", b"(" * 50 + b".", b"\x80", b"\xff\xfe", b""]
)
def test_opcodes_of_hostile_files(file, data):
    file.write_bytes(data)
    inspect(file, "--ops", status=1)
    assert json.loads(inspect(file, "--ops", "--json", status=1))[0]["error"]


def test_opcodes_of_every_protocol_are_those_of_pickletools(file):
    for protocol in range(6):
        data = pickled({"a": [Order(1, [Line("x")]), {2}, (3.5, b"b", -70_000)]}, protocol)
        file.write_bytes(data)
        (found,) = json.loads(inspect(file, "--ops", "--json"))
        assert [(op["offset"], op["name"]) for op in found["ops"]] == [
            (at, op.name) for op, _, at in pickletools.genops(data)
        ]


def test_names_with_what_would_be_done(file, tmp_path):
    file.write_bytes(pickled([Evil(tmp_path / "marker"), Line, Order(1)], 4))
    lines = [line.split() for line in inspect(file, "--globals").splitlines()]
    assert ["DANGEROUS", f"{os.system.__module__}.system"] in lines
    assert ["calls", "it", f"{__name__}.Order"] in lines
    assert ["imports", "it", f"{__name__}.Line"] in lines


def test_objects_of_a_class_are_found_by_path(file):
    file.write_bytes(pickled({"open": [Order(1, [Line("a"), Line("b")])], 7: Line("c")}, 4))
    assert [f["path"] for f in document(file, "--find", "Line")["records"][0]["found"]] == [
        "['open'][0].lines[0]",
        "['open'][0].lines[1]",
        "[7]",
    ]
    assert "['open'][0]: instance of" in inspect(file, "--find", f"{__name__}.Order")
    assert "nothing of Ord in 1 file" in inspect(file, "--find", "Ord")


def test_a_directory_is_summed_up(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(pickled([Order(1, [Line("x")]), Order(None)], 4))
    (tmp_path / "b.gz").write_bytes(gzip.compress(pickled(Order("2"), 2)))
    (tmp_path / "c.txt").write_text("no pickle")
    shown = inspect(tmp_path)
    assert "2 files with pickles, 1 without" in shown
    assert f"{__name__}:Order  3 objects in 2 files" in shown
    assert ".number: " in shown
    document = json.loads(inspect(tmp_path, "--json"))
    assert {c["name"]: (c["objects"], c["fields"]) for c in document["classes"]}[f"{__name__}:Line"] == (
        1,
        {"sku": "str"},
    )


def test_a_directory_with_hostile_and_damaged_files(tmp_path):
    marker = tmp_path / "marker"
    (tmp_path / "evil").write_bytes(pickled(Evil(marker), 4))
    (tmp_path / "cut").write_bytes(pickled(["some text"] * 9, 4)[:-4])
    shown = inspect(tmp_path, "--summary", status=1)
    assert "DANGEROUS" in shown
    assert "FRAME wants 33 bytes" in shown
    assert not marker.exists()


def test_views_exclude_each_other(file):
    file.write_bytes(pickled(1))
    assert "different things" in inspect(file, "--ops", "--find", "X", status=2)
