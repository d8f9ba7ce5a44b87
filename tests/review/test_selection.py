"""`--site`, `--reason`, `--class`, `--only`, and the exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from tests.review.support import ASKING, MANUAL, SAFE, make_tree


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree")


def run(*arguments):
    return CliRunner().invoke(cli, ["rewrite", *map(str, arguments)])


def rewritten(tree, *arguments):
    result = run(tree, *arguments, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    scan = json.loads(CliRunner().invoke(cli, ["scan", str(tree), "--json"]).stdout)
    names = {site["id"]: f"{site['path']}:{site['line']}" for site in scan["sites"]}
    return sorted(names[site] for site in document["rewritten"])


READ, WRITE = "shop/orders.py:17", "shop/orders.py:12"
ASKING_READ, ASKING_WRITE = "shop/cache.py:9", "shop/cache.py:5"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [WRITE, READ]),
        (["--only", "safe"], [WRITE, READ]),
        (["--only", "review"], [ASKING_WRITE, ASKING_READ]),
        (["--include", "review"], [ASKING_WRITE, ASKING_READ, WRITE, READ]),
        (["--site", READ], [READ]),
        (["--site", f"./{READ}", "--site", WRITE], [WRITE, READ]),
        (["--site", ASKING_READ], []),
        (["--site", ASKING_READ, "--include", "review"], [ASKING_READ]),
        (["--reason", "unknown-classes", "--include", "review"], [ASKING_WRITE, ASKING_READ]),
        (["--reason", "unknown-classes"], []),
        (["--class", "Order"], [WRITE, READ]),
        (["--class", "shop.orders:Order", "--site", READ], [READ]),
        (["--class", "Order", "--include", "review"], [WRITE, READ]),
    ],
)
def test_what_the_options_apply(tree, arguments, expected):
    assert rewritten(tree, *arguments) == sorted(expected)


def test_a_writer_alone_waits_for_its_reader_and_says_so(tree):
    assert rewritten(tree, "--site", WRITE) == []
    said = " ".join(run(tree, "--site", WRITE).stderr.split())
    assert "line 17 reads the same data and stays with pickle (not-selected)" in said


def test_files_that_are_not_selected_stay_byte_for_byte(tree):
    assert run(tree, "--site", READ, "--write", "--include", "review").exit_code == 0
    assert (tree / "shop/cache.py").read_bytes() == ASKING
    assert (tree / "shop/copies.py").read_bytes() == MANUAL
    text = (tree / "shop/orders.py").read_bytes()
    assert b"pickle.dump(order, f, protocol=2)" in text
    assert b"converters.load(f, Order)" in text


def test_a_site_by_the_beginning_of_its_id(tree):
    site = json.loads(run(tree, "--json").stdout)["rewritten"][0]
    assert site in json.loads(run(tree, "--json", "--site", site[:6], "--include", "review").stdout)[
        "rewritten"
    ] or ("not-selected" in run(tree, "--site", site[:6]).stderr)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--site", "shop/orders.py:999"], "there is no site 'shop/orders.py:999'. Did you mean"),
        (["--site", "zzzz"], "there is no site 'zzzz'."),
        (["--reason", "unknown-clases"], "no reason code 'unknown-clases'. Did you mean unknown-classes"),
        (["--class", "Ordr"], "no class 'Ordr' is known to flow through any site. Did you mean Order"),
    ],
)
def test_a_name_that_means_nothing_is_a_usage_error(tree, arguments, message):
    result = run(tree, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_the_summary_states_the_question_of_each_edit_that_needs_review(tree):
    said = " ".join(run(tree).stderr.split())
    assert "needs review question" in said
    assert "shop/cache.py:5" in said
    assert "Are all classes that can be in" in said


# --- exit codes ---------------------------------------------------------------------------------------------


def test_exit_codes(tree, tmp_path):
    assert run(tree).exit_code == 0
    assert run(tree, "--exit-code").exit_code == 5
    assert run(tree, "--exit-code", "--include", "review").exit_code == 4
    assert run(tree, "--write", "--exit-code", "--include", "review").exit_code == 0
    assert run(tree, "--exit-code", "--include", "review").exit_code == 0
    make_tree(tree, {"shop/old.py": b"import pickle\nprint pickle\n"})
    assert run(tree, "--exit-code").exit_code == 1
    assert run(tree, "--exit-kode").exit_code == 2


def test_only_safe_edits_left_are_changes_without_review(tmp_path):
    tree = make_tree(tmp_path / "safe", {"orders.py": SAFE})
    assert run(tree, "--exit-code").exit_code == 4
