"""``seal``: a stock under seals, and back."""

from __future__ import annotations

import gzip
import json
import pickle
from base64 import b64encode

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.runtime import Codec, Keys, NotAuthentic, Seals

SECRET = "new:" + b64encode(b"n" * 32).decode()
KEYS = Keys({"new": b"n" * 32})


class Ours:
    """Named in a pickle, as a program's own class."""

    def __init__(self):
        self.x = 1


def run(*arguments, secret=SECRET):
    return CliRunner().invoke(
        cli, ["seal", *map(str, arguments)], env={"SHOP_SEALS": secret, "COLUMNS": "200"}
    )


@pytest.fixture
def stock(tmp_path):
    folder = tmp_path / "stock"
    folder.mkdir()
    (folder / "one.pkl").write_bytes(pickle.dumps(Ours(), 2))
    (folder / "one.pkl").chmod(0o640)
    (folder / "mixed").write_bytes(pickle.dumps([1], 4) + b'{"a":1}\n' + pickle.dumps("x", 0))
    (folder / "packed.gz").write_bytes(gzip.compress(pickle.dumps({"a": 1}, 4)))
    (folder / "record.json").write_bytes(b'{"a":1}\n')
    (folder / "notes.txt").write_text("Some words.\n")
    return folder


def content(folder):
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".pickle" not in str(path)
    }


def test_without_write_it_says_what_would_be_called_and_changes_nothing(stock):
    before = content(stock)
    result = run(stock, "--keys", "SHOP_SEALS")
    assert result.exit_code == 0, result.output
    assert "tests.cli.test_seal.Ours" in result.stdout
    assert "4 pickles in 3 files would be sealed" in result.stdout
    assert "Apply with --write" in result.stdout
    assert content(stock) == before


def test_the_program_reads_on(stock):
    assert run(stock, "--keys", "SHOP_SEALS", "--write").exit_code == 0
    codec = Codec("shop", seals=Seals(KEYS, require=True))
    with (stock / "mixed").open("rb") as file:
        assert [codec.load(file) for _ in range(3)] == [[1], {"a": 1}, "x"]
    assert codec.loads(gzip.decompress((stock / "packed.gz").read_bytes())) == {"a": 1}
    assert codec.loads((stock / "one.pkl").read_bytes()).x == 1
    assert (stock / "one.pkl").stat().st_mode & 0o777 == 0o640


def test_a_second_run_changes_nothing(stock):
    run(stock, "--keys", "SHOP_SEALS", "--write")
    before = content(stock)
    result = run(stock, "--keys", "SHOP_SEALS", "--write")
    assert result.exit_code == 0
    assert "0 pickles in 0 files" in result.stdout
    assert content(stock) == before


def test_there_and_back_the_pickles_are_byte_for_byte_the_same(stock):
    before = content(stock)
    run(stock, "--keys", "SHOP_SEALS", "--write")
    assert content(stock) != before
    result = run(stock, "--keys", "SHOP_SEALS", "--write", "--remove")
    assert result.exit_code == 0, result.output
    after = content(stock)
    assert gzip.decompress(after.pop("packed.gz")) == gzip.decompress(before.pop("packed.gz"))
    assert after == before


def test_a_seal_that_does_not_hold_is_not_removed(stock):
    run(stock, "--keys", "SHOP_SEALS", "--write")
    sealed = (stock / "one.pkl").read_bytes()
    (stock / "one.pkl").write_bytes(sealed[:-3] + b"xb.")
    result = run(stock, "--keys", "SHOP_SEALS", "--write", "--remove")
    assert result.exit_code == 1
    assert "one.pkl" in result.stdout
    assert "not-authentic" in result.stdout
    assert (stock / "one.pkl").read_bytes() == sealed[:-3] + b"xb."


def test_a_damaged_pickle_is_left_as_it_is_and_named(stock):
    damaged = pickle.dumps(list(range(100)), 4)[:-20]
    (stock / "damaged").write_bytes(damaged)
    result = run(stock, "--keys", "SHOP_SEALS", "--write", "--json")
    assert result.exit_code == 1
    (failure,) = json.loads(result.stdout)["failures"]
    assert failure["file"].endswith("damaged")
    assert (stock / "damaged").read_bytes() == damaged


def test_the_seal_of_another_key_does_not_open(stock):
    run(stock, "--keys", "SHOP_SEALS", "--write")
    other = Codec("shop", seals=Seals(Keys({"new": b"x" * 32})))
    with pytest.raises(NotAuthentic):
        other.loads((stock / "one.pkl").read_bytes())


@pytest.mark.parametrize("secret", ["", "new", "new:????", "new:" + b64encode(b"short").decode()])
def test_keys_that_are_none_are_a_clear_error(stock, secret):
    result = run(stock, "--keys", "SHOP_SEALS", secret=secret)
    assert result.exit_code == 2
    assert "SHOP_SEALS" in result.stderr
    assert "Traceback" not in result.stderr
