"""``--types``: what is said where no type checker is installed, and what is refused."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.types import chosen_checker, described
from migrate.evidence.checker import Checker, Pyrefly, Ty

LACK = "pyrefly is not installed"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("PICKLE_MIGRATE_TYPES")
    monkeypatch.setattr("migrate.cli.types.find_pyrefly", lambda: None)
    monkeypatch.setattr("migrate.cli.types.find_ty", lambda: None)
    monkeypatch.setattr("migrate.cli.pipeline.find_pyrefly", lambda: None)
    (tmp_path / "m.py").write_text("import pickle\ndef save(v): return pickle.dumps(v)\n", encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("command", [["scan"], ["rewrite"], ["review"]])
def test_one_line_says_what_is_lacking(root, command):
    done = run(*command, root)
    assert words(done.output).count(LACK) == 1
    assert "pip install 'pickle-migrate[types]'" in words(done.output)


def test_plan_says_it_too(root):
    assert LACK in words(run("plan", root, "-o", root / "p.toml").output)


def test_nothing_is_said_when_it_is_not_wanted_or_could_not_help(root):
    assert LACK not in words(run("scan", root, "--types", "none").output)
    (root / "m.py").write_text("import pickle\ndef save(): return pickle.dumps(1)\n", encoding="utf-8")
    assert LACK not in words(run("scan", root).output)


def test_json_is_the_same_with_and_without_the_option(root):
    assert run("scan", root, "--json").stdout == run("scan", root, "--json", "--types", "none").stdout


def test_asking_for_one_that_is_not_installed_says_how_to_install_it(root):
    done = run("scan", root, "--types", "pyrefly")
    assert done.exit_code == 2
    assert "--types pyrefly: pyrefly is not installed" in words(done.output)
    assert "pip install 'pickle-migrate[types]'" in words(done.output)


def test_asking_for_ty_where_it_is_not_installed_says_how_to_install_it(root):
    done = run("scan", root, "--types", "ty")
    assert done.exit_code == 2
    assert "--types ty: ty is not installed" in words(done.output)
    assert "pip install ty" in words(done.output)


@pytest.mark.parametrize(
    ("types", "there", "asked"),
    [
        ("auto", {"pyrefly", "ty"}, ["pyrefly 1.0", "ty 0.1"]),
        ("auto", {"pyrefly"}, ["pyrefly 1.0"]),
        ("auto", {"ty"}, []),
        ("pyrefly", {"pyrefly", "ty"}, ["pyrefly 1.0"]),
        ("ty", {"pyrefly", "ty"}, ["ty 0.1"]),
        ("ty", {"ty"}, ["ty 0.1"]),
        ("none", {"pyrefly", "ty"}, []),
    ],
)
def test_who_is_asked_follows_from_the_option_and_from_what_is_installed(
    types, there, asked, root, monkeypatch
):
    known = {"pyrefly": Pyrefly("p", "1.0"), "ty": Ty("t", "0.1")}
    for name in there:
        monkeypatch.setattr(f"migrate.cli.types.find_{name}", lambda name=name: known[name])
    checker = chosen_checker(types, root)
    engines = [checker.engine, checker.second] if checker else []
    assert [engine.name for engine in engines if engine is not None] == asked


def test_the_configuration_and_the_environment_decide_and_the_command_line_wins(root, monkeypatch):
    (root / "pyproject.toml").write_text('[tool.pickle-migrate]\ntypes = "pyrefly"\n', encoding="utf-8")
    assert run("scan", root).exit_code == 2
    assert run("scan", root, "--types", "none").exit_code == 0
    monkeypatch.setenv("PICKLE_MIGRATE_TYPES", "none")
    assert run("scan", root).exit_code == 0


def test_an_unknown_one_is_refused_in_the_configuration(root):
    (root / "pyproject.toml").write_text('[tool.pickle-migrate]\ntypes = "mypy"\n', encoding="utf-8")
    done = run("scan", root)
    assert done.exit_code == 2
    assert "types in [tool.pickle-migrate]" in words(done.output)


def test_a_checker_that_cannot_be_started_is_named_and_the_rest_is_done(root, monkeypatch):
    broken = Pyrefly(str(root / "no-such-program"), "1.0")
    monkeypatch.setattr("migrate.cli.types.find_pyrefly", lambda: broken)
    done = run("scan", root)
    assert done.exit_code == 0
    assert "pyrefly 1.0 could not be used, it cannot be started" in words(done.output)


def test_what_is_remembered_depends_on_the_checker_and_on_what_is_installed(tmp_path):
    libraries = (tmp_path,)
    one = described(Checker(Pyrefly("p", "1.0"), libraries))
    assert one == described(Checker(Pyrefly("p", "1.0"), libraries))
    assert one != described(Checker(Pyrefly("p", "1.1"), libraries))
    both = {described(Checker(Pyrefly("p", "1.0"), libraries, Ty("t", v))) for v in ("0.1", "0.2")}
    assert len(both | {one}) == 3
    (tmp_path / "numpy-2.0.dist-info").mkdir()
    assert len({one, described(Checker(Pyrefly("p", "1.0"), libraries)), described(None)}) == 3


SAID = "in the 1e-05 MB of source nearest the sites"


@pytest.mark.parametrize("command", ["scan", "rewrite", "review", "plan"])
def test_a_tree_beyond_the_limit_is_said_to_be_one(root, command, monkeypatch):
    monkeypatch.chdir(root)
    (root / "far.py").write_text("class Far: pass\n", encoding="utf-8")
    assert SAID in words(run(command, "--types", "none", "--evidence-limit", "0.00001", root).output)
    assert "nearest the sites" not in words(run(command, "--types", "none", root).output)


def test_the_documents_of_scan_and_rewrite_say_so_too(root):
    for command in ("scan", "rewrite"):
        done = run(command, "--types", "none", "--evidence-limit", "0.00001", "--json", root)
        assert any(SAID in note for note in json.loads(done.stdout)["notes"])


@pytest.mark.parametrize(("value", "said"), [("0.00001", SAID), ('"much"', "is not a valid float")])
def test_the_limit_stands_in_the_configuration(root, value, said):
    text = f'[tool.pickle-migrate]\nevidence-limit = {value}\ntypes = "none"\n'
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    assert said in words(run("scan", root).output)
