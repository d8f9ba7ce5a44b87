"""``[tool.pickle-migrate]``: what it sets, what goes before it, and how mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migrate.cli import cli

SAVE = "import pickle\ndef save(f):\n    pickle.dump([1], f)\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("shop/__init__.py", "shop/store.py", "tools/run.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("" if name.endswith("__init__.py") else SAVE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(tree: Path, text: str) -> None:
    (tree / "pyproject.toml").write_text(f"[tool.pickle-migrate]\n{text}\n")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)])


def scanned(*arguments: object) -> list[str]:
    done = run("scan", *(arguments or ["."]), "--json")
    assert done.exit_code == 0, done.output
    return sorted({site["path"] for site in json.loads(done.stdout)["sites"]})


def new_files(*arguments: object) -> list[str]:
    done = run("rewrite", *(arguments or ["."]), "--json")
    assert done.exit_code == 0, done.output
    return sorted(file["path"] for file in json.loads(done.stdout)["files"] if file["new"])


# --- which files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["shop/store.py", "tools/run.py"]),
        ('include = ["shop"]', ["shop/store.py"]),
        ('exclude = ["shop/"]', ["tools/run.py"]),
        ('exclude = ["run.py"]', ["shop/store.py"]),
        ('include = ["*.py"]\nexclude = ["tools"]', ["shop/store.py"]),
    ],
)
def test_include_and_exclude(tree, text, expected):
    configure(tree, text)
    assert scanned() == expected


def test_patterns_are_relative_to_the_file_also_when_less_is_read(tree):
    configure(tree, 'exclude = ["shop/store.py"]')
    assert scanned(tree / "shop") == []
    configure(tree, 'exclude = ["store/*"]')
    assert scanned(tree / "shop") == ["store.py"]


def test_the_command_line_wins(tree):
    configure(tree, 'exclude = ["shop"]')
    assert scanned(".", "--exclude", "tools") == ["shop/store.py"]
    assert scanned(".", "--files", "tools") == ["tools/run.py"]


def test_what_git_ignores(tree):
    (tree / ".gitignore").write_text("tools/\n")
    assert scanned() == ["shop/store.py"]
    assert scanned(".", "--no-gitignore") == ["shop/store.py", "tools/run.py"]
    configure(tree, "gitignore = false")
    assert scanned() == ["shop/store.py", "tools/run.py"]
    assert scanned(".", "--gitignore") == ["shop/store.py"]


def test_guard_obeys_it_too(tree):
    configure(tree, 'exclude = ["tools"]\nbaseline = "known/sites.json"')
    (tree / "known").mkdir()
    assert run("guard", "--update").exit_code == 0
    known = json.loads((tree / "known/sites.json").read_text())["sites"]
    assert [entry["path"] for entry in known] == ["shop/store.py"]
    assert run("guard", "shop/store.py").exit_code == 0


# --- settings of commands -----------------------------------------------------------------------------------


def test_the_stage_and_the_format_of_the_converters(tree):
    configure(tree, 'stage = "dual-read"\nformat = "yaml"')
    diff = run("rewrite", ".").stdout
    assert 'stage="dual-read"' in diff
    assert 'format="yaml"' in diff
    assert 'stage="json"' in run("rewrite", ".", "--stage", "json").stdout


def test_a_table_for_one_command(tree):
    configure(tree, 'stage = "json"\n[tool.pickle-migrate.rewrite]\nstage = "dual-read"')
    assert 'stage="dual-read"' in run("rewrite", ".").stdout


def test_the_format_of_records_is_not_that_of_guard(tree):
    configure(tree, 'format = "yaml"\n[tool.pickle-migrate.guard]\nformat = "json"')
    assert json.loads(run("guard").stdout)["new"]


def test_data_are_found_from_the_folder_of_the_file(tree, monkeypatch):
    (tree / "old").mkdir()
    (tree / "old" / "a.bin").write_bytes(b"\x80\x04K\x05.")
    configure(tree, 'data = ["old"]')
    monkeypatch.chdir(tree / "shop")
    found = json.loads(run("scan", ".", "--json").stdout)["data"]
    assert [Path(path).name for path in found] == ["a.bin"]


# --- the converters module ----------------------------------------------------------------------------------


def test_another_name(tree):
    configure(tree, 'converters = "serial"')
    assert new_files() == ["shop/serial.py", "tools/serial.py"]
    assert "from shop import serial" in run("rewrite", ".").stdout
    assert new_files(".", "--converters", "codecs_") == ["shop/codecs_.py", "tools/codecs_.py"]


def test_one_place_for_the_whole_tree(tree):
    configure(tree, 'converters = "shop/serial.py"')
    assert new_files() == ["shop/serial.py"]
    assert run("rewrite", ".").stdout.count("+from shop import serial") == 2
    assert new_files(tree / "shop") == ["serial.py"]


def test_a_rewrite_with_it_runs_and_a_second_one_changes_nothing(tree):
    configure(tree, 'converters = "shop/serial.py"')
    assert run("rewrite", ".", "--write").exit_code == 0
    assert json.loads(run("rewrite", ".", "--json").stdout)["files"] == []
    assert "codec" in (tree / "shop/serial.py").read_text()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no such/serial.py", "no folder"),
        ("shop/store.py", "a file of yours"),
        ("class", "no name of a module"),
        ("shop/my-serial.py", "no name of a module"),
        ("shop/serial", "no name of a module"),
        ("../serial.py", "inside it"),
        ("/tmp/serial.py", "inside it"),
    ],
)
def test_a_place_that_cannot_be(tree, value, message):
    configure(tree, f'converters = "{value}"')
    done = run("rewrite", ".")
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_a_place_outside_of_what_is_read(tree):
    configure(tree, 'converters = "tools/serial.py"')
    done = run("rewrite", "shop")
    assert done.exit_code == 2
    assert "outside" in done.output


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('exlude = ["a"]', "exlude in [tool.pickle-migrate] is not known; did you mean exclude?"),
        ("zzz = 1", "known are"),
        ('include = "shop"', "include in [tool.pickle-migrate] must be a list of texts"),
        ("gitignore = 1", "must be true or false"),
        ('stage = "jsn"', "'jsn' is not one of"),
        ("stage = 1", "must be a text"),
        ('data = ["nowhere"]', "does not exist"),
        ("[tool.pickle-migrate.rewrite]\nstge = 'json'", "stge in [tool.pickle-migrate.rewrite]"),
        ("[tool.pickle-migrate.rewrite]\nwrite = true", "can only be said on the command line"),
        ("[tool.pickle-migrate.rewriter]\nstage = 'json'", "did you mean rewrite?"),
        ("rewrite = 1", "is no table"),
        ("include = [", "cannot be read"),
    ],
)
def test_mistakes_are_named_with_file_and_key(tree, text, message):
    configure(tree, text)
    done = run("rewrite", ".")
    assert done.exit_code == 2, done.output
    assert message in " ".join(done.output.split())
    assert "pyproject.toml" in done.output
    assert "Traceback" not in done.output


def test_nothing_above_a_repository_counts(tree):
    configure(tree, "nonsense = 1")
    (tree / "shop/.git").mkdir()
    assert run("scan", "shop").exit_code == 0


def test_a_file_without_the_table_is_passed_over(tree):
    configure(tree, 'exclude = ["shop/store.py"]')
    (tree / "shop/pyproject.toml").write_text("[project]\nname = 'shop'\n")
    assert scanned(tree / "shop") == []
