"""``retire``: the tool leaves a program that has left pickle, and no other."""

from __future__ import annotations

import gzip
import json
import pickle

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.runtime import Keys
from migrate.runtime.seals import seal
from tests.cli.test_stage import telemetry

SOURCE = 'from migrate.runtime import Codec\n\ncodec = Codec("shop", stage="json-only")\n'


def run(*arguments):
    return CliRunner().invoke(cli, ["retire", *map(str, arguments)], env={"COLUMNS": "300"})


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "converters.py").write_text(SOURCE)
    (folder / "pyproject.toml").write_text('[project]\ndependencies = ["pickle-migrate"]\n')
    return folder


@pytest.fixture
def stock(tmp_path):
    folder = tmp_path / "stock"
    folder.mkdir()
    (folder / "a.json").write_bytes(b'{"a":1}\n')
    (folder / "b.gz").write_bytes(gzip.compress(b'{"a":1}\n'))
    return folder


@pytest.fixture
def watched(tmp_path):
    return telemetry(tmp_path / "counts", stage="json-only")


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".pickle-migrate" not in path.parts
    }


def test_without_write_it_prints_the_diff_and_changes_nothing(project, stock, watched):
    before = tree(project)
    result = run(project, "--stock", stock, "--telemetry", watched)
    assert result.exit_code == 0, result.output
    assert '-codec = Codec("shop", stage="json-only")\n+codec = Records("shop")\n' in result.stdout
    assert '-dependencies = ["pickle-migrate"]' in result.stdout
    assert "Apply with --write" in result.stderr
    assert tree(project) == before


def test_there_and_back(project, stock, watched):
    before = tree(project)
    result = run(project, "--stock", stock, "--telemetry", watched, "--write")
    assert result.exit_code == 0, result.output
    after = tree(project)
    assert "shop/records/records.py" in after
    assert b"migrate" not in after["pyproject.toml"]
    assert b"migrate.runtime" not in after["shop/converters.py"]
    assert CliRunner().invoke(cli, ["undo", str(project)]).exit_code == 0
    assert tree(project) == before


def fallback(stock, watched, project):
    (stock / "old.bin").write_bytes(pickle.dumps([1]))


def packed(stock, watched, project):
    (stock / "old.gz").write_bytes(gzip.compress(pickle.dumps([1])))


def sealed(stock, watched, project):
    (stock / "old").write_bytes(b'{"a":1}\n' + seal(Keys({"k": b"k" * 32}), pickle.dumps([1])))


def sealed_and_packed(stock, watched, project):
    (stock / "old.gz").write_bytes(gzip.compress(seal(Keys({"k": b"k" * 32}), pickle.dumps([1]))))


def refused(stock, watched, project):
    telemetry(
        watched,
        stage="json-only",
        counts=[{"event": "refused-read", "format": "pickle", "reason": "pickle-refused", "count": 2}],
    )


def sealed_reads(stock, watched, project):
    telemetry(watched, stage="json-only", counts=[{"event": "sealed-read", "format": "pickle", "count": 2}])


def late(stock, watched, project):
    telemetry(watched, stage="json")


def in_code(stock, watched, project):
    (project / "shop" / "converters.py").write_text(SOURCE.replace("json-only", "json"))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (fallback, "1 of 3 files holds pickles"),
        (packed, "1 of 3 files holds pickles"),
        (sealed, "1 file holds sealed pickles"),
        (sealed_and_packed, "1 file holds sealed pickles"),
        (refused, "2 pickles were refused"),
        (sealed_reads, "2 sealed pickles were read"),
        (late, "1 process is not there yet"),
        (in_code, "it begins in json, wanted is json-only"),
    ],
)
def test_refused_while_pickles_remain(project, stock, watched, spoil, says):
    spoil(stock, watched, project)
    before = tree(project)
    result = run(project, "--stock", stock, "--telemetry", watched, "--write")
    assert result.exit_code == 1
    assert says in result.stderr
    assert "has not left pickle yet" in result.stderr
    assert tree(project) == before


def test_nobody_looked(project, stock, watched):
    assert "nobody looked at the stock" in run(project, "--telemetry", watched).stderr
    assert "no process counted anything" in run(project, "--stock", stock).stderr
    assert run(project, "--stock", stock, "--unwatched").exit_code == 0


def test_json(project, stock, watched):
    found = json.loads(run(project, "--stock", stock, "--telemetry", watched, "--json").stdout)
    assert (found["holds"], found["written"]) == (True, False)
    assert found["changed"] == ["pyproject.toml", "shop/converters.py"]
    assert "shop/records/__init__.py" in found["new"]


@pytest.mark.parametrize("name", ["a-b", "", "1a", "../x"])
def test_a_name_that_is_none(project, stock, name):
    result = run(project, "--stock", stock, "--unwatched", "--package", name)
    assert result.exit_code == 2
    assert "cannot name a package" in result.stderr
