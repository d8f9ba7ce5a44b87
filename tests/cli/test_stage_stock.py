"""The last gates look at the stock wherever it is, and the configuration says where."""

from __future__ import annotations

import json
import pickle
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from tests.cli.test_stage import telemetry

SOURCE = """\
from migrate.runtime import Codec

codec = Codec("shop", stage="json")
carts = codec.store("carts", stage="json")
"""
PICKLE, JSON = pickle.dumps([1]), b"[1]\n"
OF_ORDERS = "sqlite:///shop.db?table=orders&column=data"
OF_CARTS = "sqlite:///shop.db?table=carts&column=data"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A program with two stores in one database: no pickle among the orders, one among the carts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "converters.py").write_text(SOURCE)
    with closing(sqlite3.connect("shop.db")) as database, database:
        for table, values in {"orders": [JSON, JSON], "carts": [JSON, PICKLE]}.items():
            database.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, data BLOB)")
            database.executemany(f"INSERT INTO {table} (data) VALUES (?)", [(value,) for value in values])
    for store in ("shop", "carts"):
        telemetry(tmp_path / "counts", store=store, stage="json")
    return tmp_path


def configure(project, text):
    (project / "pyproject.toml").write_text(f"[tool.pickle-migrate]\n{text}\n")


def run(*arguments, status=0):
    done = CliRunner().invoke(cli, [*map(str, arguments)], env={"COLUMNS": "400"})
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done


def step(store, *arguments, status=0):
    return run("stage", "next", "app", "--store", store, "--telemetry", "counts", *arguments, status=status)


def evidence(store, *arguments, status=0):
    return json.loads(step(store, "--json", *arguments, status=status).stdout)


def open_in(found):
    return [c["says"] for c in found["conditions"] if not c["holds"]]


# --- stores that are not files ------------------------------------------------------------------------------


def test_a_column_without_pickles_lets_the_store_go_on(project):
    found = evidence("shop", "--stock", OF_ORDERS)
    (looked,) = found["stock"]
    assert looked["source"] == "sqlite:///shop.db#orders.data"
    assert (looked["unit"], looked["looked_at"], looked["formats"]) == ("values", 2, {"json": 2})
    assert looked["at"] == found["at"]


def test_a_column_with_pickles_keeps_it_back(project):
    found = evidence("carts", "--stock", OF_CARTS, status=1)
    assert open_in(found) == [
        "sqlite:///shop.db#carts.data: 1 of 2 values holds pickles, e.g. 2 (pickle-migrate reencode)"
    ]
    assert found["stock"][0]["formats"] == {"json": 1, "pickle": 1}
    assert (project / "app" / "converters.py").read_text() == SOURCE


def test_every_place_is_looked_at(project):
    (project / "files").mkdir()
    (project / "files" / "a.json").write_bytes(JSON)
    found = evidence("shop", "--stock", OF_ORDERS, "--stock", OF_CARTS, "--stock", "files", status=1)
    assert [look["source"].partition("#")[2] or look["source"] for look in found["stock"]] == [
        "orders.data",
        "carts.data",
        "files",
    ]
    assert len(open_in(found)) == 1


def test_a_store_that_cannot_be_looked_at_keeps_it_back_and_says_why(project):
    url = "redis://:geheim@127.0.0.1:1/0"
    found = evidence("shop", "--stock", OF_ORDERS, "--stock", url, status=1)
    (says,) = open_in(found)
    assert says.startswith("redis://:***@127.0.0.1:1/0: could not be looked at: ")
    assert found["stock"][1]["problem"]
    assert "geheim" not in json.dumps(found)


def test_a_step_that_does_not_need_the_stock_does_not_count_it(project):
    (project / "app" / "converters.py").write_text(SOURCE.replace("json", "observe"))
    found = evidence("shop", "--stock", "sqlite:///none.db?table=t&column=c", status=1)
    assert found["stock"] is None


def test_looking_changes_nothing(project):
    before = (project / "shop.db").read_bytes()
    evidence("carts", "--stock", OF_CARTS, status=1)
    assert (project / "shop.db").read_bytes() == before


def test_a_path_that_is_not_there_is_a_mistake_in_the_command(project):
    assert "does not exist" in step("shop", "--stock", "nowhere", status=2).stderr


# --- configuration ------------------------------------------------------------------------------------------


def test_each_store_has_its_own_places(project):
    configure(
        project,
        f'[tool.pickle-migrate.stores.shop]\nstock = ["{OF_ORDERS}"]\n'
        f'[tool.pickle-migrate.stores.carts]\nstock = ["{OF_CARTS}"]',
    )
    assert evidence("shop")["holds"]
    assert "carts.data: 1 of 2 values" in open_in(evidence("carts", status=1))[0]


def test_a_store_without_places_takes_those_of_all(project):
    configure(
        project,
        f'stock = ["{OF_ORDERS}"]\n[tool.pickle-migrate.stores.carts]\nstock = ["{OF_CARTS}"]',
    )
    assert evidence("shop")["holds"]
    assert not evidence("carts", status=1)["holds"]


def test_the_command_line_wins(project):
    configure(project, f'[tool.pickle-migrate.stores.carts]\nstock = ["{OF_CARTS}"]')
    assert evidence("carts", "--stock", OF_ORDERS)["holds"]


def test_a_store_of_which_nobody_says_where_it_is_stays(project):
    configure(project, f'[tool.pickle-migrate.stores.carts]\nstock = ["{OF_ORDERS}"]')
    assert open_in(evidence("shop", status=1)) == ["nobody looked at the stock (--stock PATH or URL)"]


def test_paths_are_relative_to_the_file_also_inside_urls(project, monkeypatch):
    (project / "files").mkdir()
    configure(project, f'telemetry = ["counts"]\nwindow = "5d"\nstock = ["{OF_ORDERS}", "files"]')
    monkeypatch.chdir(project / "app")
    found = json.loads(run("stage", "next", ".", "--store", "shop", "--json").stdout)
    assert found["window_seconds"] == 5 * 86_400
    assert [look["source"] for look in found["stock"]] == [
        f"sqlite:///{project}/shop.db#orders.data",
        str(project / "files"),
    ]


def test_a_password_from_the_environment(project):
    configure(project, 'stock = ["redis://:${SHOP_REDIS}@127.0.0.1:1/0"]')
    (says,) = open_in(evidence("shop", status=1))
    assert "the environment has no SHOP_REDIS" in says


def test_retire_looks_at_the_places_of_each_store(project):
    (project / "app" / "converters.py").write_text(SOURCE.replace('stage="json"', 'stage="json-only"'))
    text = f'[tool.pickle-migrate.stores.shop]\nstock = ["{OF_ORDERS}"]\n[tool.pickle-migrate.stores.carts]\n'
    configure(project, f'{text}stock = ["{OF_CARTS}"]')
    refused = run("retire", "app", "--unwatched", "--write", status=1)
    assert "carts.data: 1 of 2 values holds pickles" in refused.stderr
    configure(project, f'{text}stock = ["{OF_ORDERS}"]')
    assert run("retire", "app", "--unwatched").exit_code == 0


def test_show_looks_at_the_places_of_each_store(project):
    configure(project, f'telemetry = ["counts"]\nstock = ["{OF_CARTS}"]')
    shown = run("stage", "show", "app").stdout
    assert shown.count("carts.data: 1 of 2 values holds pickles") == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.pickle-migrate.stores.shop]\nstok = []", "stok in [tool.pickle-migrate.stores.shop]"),
        ('[tool.pickle-migrate.stores.shop]\nstock = "a"', "must be a list of texts"),
        ("[tool.pickle-migrate.stores]\nshop = 1", "[tool.pickle-migrate.stores.shop] is no table"),
        ("stores = 1", "[tool.pickle-migrate.stores] is no table"),
        ('window = "a week"', "window in [tool.pickle-migrate]: 'a week' is no time"),
        ('stock = ["nowhere"]', "does not exist"),
        ("[tool.pickle-migrate.retire]\nunwatched = true", "can only be said on the command line"),
    ],
)
def test_mistakes_are_named_with_file_and_key(project, text, says):
    configure(project, text)
    command = ("retire", "app") if "retire" in text else ("stage", "show", "app")
    done = run(*command, status=2)
    assert says in " ".join(done.stderr.split())
    assert "pyproject.toml" in done.stderr


def test_what_is_excluded_holds_no_stores(project):
    configure(project, 'exclude = ["converters.py"]')
    assert "no store below app" in run("stage", "show", "app", status=1).stderr
    assert "no store below app" in run("retire", "app", "--unwatched", status=1).stderr
    assert "shop" in run("stage", "show", "app", "--exclude", "nothing").stdout


def test_explain_shows_a_site_as_the_configuration_would_rewrite_it(project):
    (project / "app" / "save.py").write_text("import pickle\n\ndef save(f):\n    pickle.dump([1], f)\n")
    configure(project, 'converters = "serial"')
    assert "serial.dump([1], f)" in run("explain", "save.py:4", "app").stdout
    configure(project, 'exclude = ["save.py"]')
    assert run("explain", "save.py:4", "app", status=2)


def test_undo_takes_back_what_was_written_whatever_the_configuration_says_now(project):
    step("shop", "--stock", OF_ORDERS, "--write")
    configure(project, 'exclude = ["app"]\nnonsense = 1')
    run("undo", "app")
    assert (project / "app" / "converters.py").read_text() == SOURCE


# --- all or nothing -----------------------------------------------------------------------------------------


def steps(project):
    """A step forward and the one back, each with where its evidence goes."""
    proof = project / "app" / ".pickle-migrate" / "evidence"
    return {
        ("next", "--stock", OF_ORDERS): proof / "shop-json-to-json-only.json",
        ("back",): proof / "shop-json-to-dual-read.json",
    }


def attempt(command, *arguments):
    word, *others = command
    options = ["--store", "shop", "--telemetry", "counts", *others, *arguments]
    return run("stage", word, "app", *options, "--write", status=1)


@pytest.mark.parametrize("number", [0, 1], ids=["next", "back"])
def test_no_evidence_stays_of_a_step_that_could_not_be_made(project, number):
    command, proof = list(steps(project).items())[number]
    (project / "app" / "converters.py").chmod(0o444)
    assert "read-only" in attempt(command).stderr
    assert not proof.exists()
    assert (project / "app" / "converters.py").read_text() == SOURCE


@pytest.mark.parametrize("number", [0, 1], ids=["next", "back"])
def test_no_step_is_made_whose_evidence_cannot_be_kept(project, number):
    command, proof = list(steps(project).items())[number]
    proof.mkdir(parents=True)
    assert "Is a directory" in attempt(command).stderr
    assert (project / "app" / "converters.py").read_text() == SOURCE
    (project / "elsewhere").mkdir(mode=0o555)
    assert "read-only" in attempt(command, "--evidence", "elsewhere/e.json").stderr
    assert (project / "app" / "converters.py").read_text() == SOURCE


def test_the_evidence_of_an_earlier_try_stays_as_it_was(project):
    proof = steps(project)["next", "--stock", OF_ORDERS]
    proof.parent.mkdir(parents=True)
    proof.write_text("earlier")
    (project / "app" / "converters.py").chmod(0o444)
    attempt(("next", "--stock", OF_ORDERS))
    assert proof.read_text() == "earlier"


def test_evidence_elsewhere_goes_with_the_step_and_comes_back_with_it(project):
    step("shop", "--stock", OF_ORDERS, "--write", "--evidence", "kept/e.json")
    assert json.loads((project / "kept" / "e.json").read_text())["to"] == "json-only"
    run("undo", "app")
    assert not (project / "kept").exists()
    assert (project / "app" / "converters.py").read_text() == SOURCE
