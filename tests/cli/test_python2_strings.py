"""8-bit strings of Python 2 on the command line: where they are, and what ``reencode`` is told of them."""

import json

import pytest
from click.testing import CliRunner

from migrate.cli.inspect import command as inspect
from migrate.cli.reencode import command as reencode
from tests.legacy.python2_strings import MIXED

CONVERTERS = """\
# pickle-migrate: converters
from migrate.runtime import Codec

codec = Codec("shop", stage="json", python2={"shop_of_2012:Photo.raw": "bytes"})
codec.register("shop_of_2012:Photo")
"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "converters.py").write_text(CONVERTERS)
    for name in ("photo", "rows", "point"):
        (tmp_path / "data").mkdir(exist_ok=True)
        pickled = MIXED[name, 2].replace(b"cshop\n", b"cshop_of_2012\n")
        (tmp_path / "data" / f"{name}.pkl").write_bytes(pickled)
    return tmp_path / "data"


def run(command, *arguments, status=0):
    done = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done.output


def test_inspect_lists_the_places_as_a_codec_names_them(data):
    found = json.loads(run(inspect, data, "--json"))["strings_of_python_2"]
    assert found["shop_of_2012:Photo.name"] == {"ascii": 0, "utf8": 1, "other": 0}
    assert found["shop_of_2012:Point.*"] == {"ascii": 0, "utf8": 0, "other": 2}
    assert found["[*]['photo']"] == {"ascii": 1, "utf8": 0, "other": 1}
    shown = run(inspect, data)
    assert "  shop_of_2012:Photo.raw: 1 neither\n" in shown
    assert "  [*]['photo']: 1 ASCII, 1 neither\n" in shown


def test_inspect_is_silent_where_there_are_none(tmp_path):
    (tmp_path / "new.pkl").write_bytes(b"\x80\x04\x8c\x01a.")
    assert "8-bit" not in run(inspect, tmp_path)


@pytest.mark.parametrize("workers", [1, 2])
def test_reencode_takes_the_word_of_the_codec_and_of_the_command(data, workers):
    options = ["--python2", "shop_of_2012:Photo.*=utf-8", "--python2", "[*]=latin-1"]
    options += ["--python2", "[*]['photo']=bytes", "--workers", workers]
    run(reencode, data / "photo.pkl", data / "rows.pkl", "--as-data", *options)
    photo = json.loads((data / "photo.pkl").read_bytes())["$untyped"]
    assert (photo["raw"], photo["name"]) == ({"$bytes": "iVBOR/8="}, "café")
    rows = json.loads((data / "rows.pkl").read_bytes())
    assert rows[0] == {"photo": {"$bytes": "/wE="}, "title": "café", "sub": {"k\xe9y": "v"}}


def test_what_was_not_said_is_left_as_it_is_with_its_place(data):
    before = (data / "photo.pkl").read_bytes()
    told = run(reencode, data / "photo.pkl", "--as-data", status=1)
    assert "at name: an 8-bit string of Python 2 is not ASCII" in told
    assert (data / "photo.pkl").read_bytes() == before


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("shop_of_2012:Photo.raw", "say what is there"),
        ("shop_of_2012:Photo.raw=klingon", "'klingon' is no encoding"),
        ("shop:Foto.raw=bytes", "shop:Foto, which is not registered"),
        ("[0=bytes", "neither a field"),
    ],
)
def test_mistakes_in_the_option(data, said, told):
    assert told in run(reencode, data, "--python2", said, status=2)
