"""``guard`` as continuous integration and pre-commit call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from migrate.cli import cli
from migrate.cli.guard import BASELINE

SAVE = "import pickle\ndef save(x, f):\n    pickle.dump(x, f)\n"
LOAD = "def load(f):\n    return pickle.load(f)\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(SAVE)
    (tmp_path / "other.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def guard(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["guard", *map(str, arguments)])


def known(tree: Path) -> list[dict]:
    return json.loads((tree / BASELINE).read_text())["sites"]


def test_without_a_baseline_every_site_is_new(tree):
    done = guard()
    assert done.exit_code == 1
    assert done.stdout == "app.py:3:5: pickle-site pickle.dump(x, f): The program uses pickle here.\n"
    assert "1 new use" in done.stderr


def test_a_tree_without_pickle_passes(tree):
    (tree / "app.py").write_text("x = 1\n")
    assert guard().exit_code == 0


def test_what_is_in_the_baseline_passes_and_one_more_fails(tree):
    assert guard("--update").exit_code == 0
    assert known(tree) == [{"path": "app.py", "scope": "save", "text": "pickle.dump(x, f)"}]
    assert guard().exit_code == 0
    (tree / "app.py").write_text("# moved\n" + SAVE + LOAD)
    done = guard()
    assert done.exit_code == 1
    assert done.stdout.startswith("app.py:6:12: pickle-site pickle.load(f)")


def test_handlers_and_constants_are_no_new_use(tree):
    (tree / "app.py").write_text("import pickle\ntry: f()\nexcept pickle.PickleError: pass\n")
    assert guard().exit_code == 0


def test_a_kept_site_passes_only_with_a_reason(tree):
    (tree / "app.py").write_text("import pickle\npickle.dumps(x)  # pickle-migrate: keep[signed]\n")
    assert guard().exit_code == 0
    (tree / "app.py").write_text("import pickle\npickle.dumps(x)  # pickle-migrate: keep\n")
    done = guard()
    assert done.exit_code == 1
    assert "suppression-without-reason" in done.stdout


def test_a_suppression_that_suppresses_nothing_is_said_and_does_not_fail(tree):
    (tree / "app.py").write_text("x = 1  # pickle-migrate: keep[moved away]\n")
    done = guard()
    assert done.exit_code == 0
    assert "unused-suppression" in done.stderr


def test_update_shrinks_but_does_not_grow(tree):
    (tree / "app.py").write_text(SAVE + LOAD)
    guard("--update")
    (tree / "app.py").write_text("import pickle\n" + LOAD)
    assert "1 site of the baseline is gone" in guard().stderr
    (tree / "app.py").write_text("import pickle\n" + LOAD + "pickle.loads(b)\n")
    done = guard("--update")
    assert done.exit_code == 1
    assert "pickle.loads(b)" in done.stdout
    assert [entry["text"] for entry in known(tree)] == ["pickle.load(f)"]


def test_growth_takes_a_reason_that_is_written_down(tree):
    guard("--update")
    (tree / "app.py").write_text(SAVE + LOAD)
    assert guard("--update", "--allow-growth", "until release 4").exit_code == 0
    assert [entry.get("why") for entry in known(tree)] == ["until release 4", None]
    assert guard().exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--allow-growth", "x"],
        ["--update", "--allow-growth", " "],
        ["--update", "app.py"],
        ["--baseline", "none.json"],
        ["none.py"],
        ["--root", "sub", "app.py"],
    ],
)
def test_wrong_usage(tree, arguments):
    (tree / "sub").mkdir()
    (tree / "sub" / "a.py").write_text("x = 1\n")
    done = guard(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert not (tree / BASELINE).exists()


def test_a_broken_baseline_is_named_and_stays(tree):
    (tree / BASELINE).write_text("<<<<<<< HEAD\n")
    for arguments in ([], ["--update"]):
        done = guard(*arguments)
        assert done.exit_code == 2
        assert BASELINE in done.output
    assert (tree / BASELINE).read_text() == "<<<<<<< HEAD\n"


def test_file_names_as_pre_commit_passes_them(tree):
    assert guard("other.py").exit_code == 0
    assert guard("app.py", "other.py").exit_code == 1
    assert guard(tree / "app.py").exit_code == 1
    (tree / "README.md").write_text("pickle\n")
    assert guard("README.md").exit_code == 0


def test_file_names_of_another_folder_below_the_root(tree, monkeypatch):
    (tree / "src").mkdir()
    (tree / "src" / "a.py").write_text(SAVE)
    monkeypatch.chdir(tree / "src")
    assert guard("a.py").stdout.startswith("src/a.py:3:5:")
    assert guard("--root", ".").stdout.startswith("a.py:3:5:")


def test_names_are_resolved_over_the_whole_tree_though_one_file_is_asked_for(tree):
    (tree / "compat.py").write_text(
        "try:\n    import cPickle as p\nexcept ImportError:\n    import pickle as p\n"
    )
    (tree / "other.py").write_text("from compat import p\nblob = p.dumps(1)\n")
    assert guard("other.py").stdout.startswith("other.py:2:8: pickle-site p.dumps(1)")


def test_a_file_that_cannot_be_parsed_fails_until_it_is_known(tree):
    (tree / "old.py").write_text("import cPickle\nprint cPickle.loads(x)\n")
    (tree / "app.py").unlink()
    done = guard()
    assert done.exit_code == 1
    assert "old.py:2:1: python2-source" in done.stdout
    guard("--update")
    assert guard().exit_code == 0


def test_the_order_in_which_files_are_named_does_not_matter(tree):
    (tree / "other.py").write_text("import pickle\n" + LOAD)
    assert guard("app.py", "other.py").stdout == guard("other.py", "app.py").stdout == guard().stdout


def test_json(tree):
    guard("--update")
    (tree / "app.py").write_text(SAVE + LOAD + "x = 1  # pickle-migrate: keep[a]\n")
    found = json.loads(guard("--format", "json").stdout)
    assert [(s["path"], s["line"], s["column"], s["text"]) for s in found["new"]] == [
        ("app.py", 5, 12, "pickle.load(f)")
    ]
    assert [s["line"] for s in found["known"]] == [3]
    assert [w["reason"] for w in found["warnings"]] == ["unused-suppression"]
    assert (found["gone"], found["errors"]) == ([], [])


def test_sarif_tells_new_from_known_and_kept(tree):
    guard("--update")
    kept = "pickle.loads(b)  # pickle-migrate: keep[signed]\nx = 1  # pickle-migrate: keep[gone]\n"
    (tree / "app.py").write_text(SAVE + LOAD + kept)
    done = guard("--format", "sarif")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["runs"][0]["results"]
    assert [(r["ruleId"], r["level"], r.get("baselineState"), "suppressions" in r) for r in found] == [
        ("pickle-site", "note", "unchanged", False),
        ("pickle-site", "error", "new", False),
        ("kept", "note", None, True),
        ("unused-suppression", "warning", None, False),
    ]


def test_annotations_for_github_are_escaped(tree):
    (tree / "app.py").write_text("import pickle\npickle.dumps('100%,:\\n')\n")
    line = guard("--format", "github").stdout.splitlines()[0]
    assert line.startswith("::error file=app.py,line=2,endLine=2,col=1,title=pickle-migrate%3A pickle-site::")
    assert "100%25,:" in line


def test_scan_prints_sarif_too(tree):
    done = CliRunner().invoke(cli, ["scan", ".", "--sarif"])
    assert done.exit_code == 0
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["ruleId"] == "unknown-classes"
    assert CliRunner().invoke(cli, ["scan", ".", "--sarif", "--json"]).exit_code == 2


def test_the_hook_for_pre_commit_calls_a_command_that_exists():
    text = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    assert "entry: pickle-migrate guard\n" in text
    assert "require_serial: true" in text


def test_a_site_in_a_notebook_is_named_with_its_cell(tree):
    (tree / "app.py").unlink()
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": [source]}
        for source in ("import pickle", "pickle.dumps(1)")
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tree / "a.ipynb").write_text(json.dumps(document, indent=1))
    done = guard("a.ipynb")
    assert done.exit_code == 1
    assert done.stdout == (
        "a.ipynb:16:1: pickle-site cell 2, line 1: pickle.dumps(1): The program uses pickle here.\n"
    )
    (result,) = json.loads(guard("--format", "sarif").stdout)["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 16, "endLine": 16}
    assert result["message"]["text"].startswith("cell 2, line 1: ")


def test_an_import_that_others_take_or_took_is_no_new_use(tree):
    dance = "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle\n"
    (tree / "compat.py").write_text(dance)
    (tree / "app.py").write_text("from compat import pickle\npickle.dumps(1)\n")
    assert [line[:8] for line in guard().stdout.splitlines()] == ["app.py:2"]
    (tree / "app.py").write_text("x = 1\n")
    assert guard().exit_code == 0
