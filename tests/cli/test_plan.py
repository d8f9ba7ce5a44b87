"""``plan``: a file that a person corrects; `rewrite` and `review` obey it, and contradictions are shown."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from migrate.cli import cli

PLAN = "pickle-migrate.plan.toml"
MODELS = """
class Line:
    def __init__(self, sku):
        self.sku = sku

class Order:
    def __init__(self, number, lines):
        self.number = int(number)
        self.lines = lines

class Note:
    text: str

    def __init__(self, text):
        self.text = text
"""
STORE = """
import pickle
from shop.models import Note, Order

def save(order: Order, f):
    pickle.dump(order, f)

def load(f) -> Order:
    return pickle.load(f)
"""
NOTES = """
import pickle
from shop.models import Note

def keep(note: Note) -> bytes:
    return pickle.dumps(note)
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name, text in {
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/store.py": STORE,
        "shop/notes.py": NOTES,
        "CODEOWNERS": "* @all\nshop/store.py @store\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object, code: int = 0) -> str:
    """Run a command; return its output, its lines joined as a terminal may have folded them."""
    done = CliRunner().invoke(cli, [*map(str, arguments)])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def rewritten(*arguments: object) -> str:
    return CliRunner().invoke(cli, ["rewrite", ".", "--plan", PLAN, *map(str, arguments)]).stdout


def edit(tree, pattern: str, new: str) -> None:
    text = (tree / PLAN).read_text()
    changed, count = re.subn(pattern, new, text, count=1, flags=re.MULTILINE)
    assert count == 1, text
    (tree / PLAN).write_text(changed)


def decide(tree, where: str, verdict: str, comment: str = "") -> None:
    """Edit the decision on the site at ``where``."""
    edit(
        tree,
        rf'(where = "{where}"\n(?:.+\n)*?)decision = "\w+"\ncomment = ".*"',
        rf'\1decision = "{verdict}"\ncomment = "{comment}"',
    )


# --- the file -----------------------------------------------------------------------------------------------


def test_the_file_names_sites_types_and_owners(tree):
    said = run("plan")
    assert "Plan: 3 sites" in said
    text = (tree / PLAN).read_text()
    assert 'where = "shop/store.py:6"' in text
    assert 'owners = ["@store"]' in text
    assert 'number = {type = "int", found = "int", sources = ["int: inferred, shop/models.py:8"]}' in text


def test_a_file_that_nobody_edited_changes_nothing(tree):
    before = CliRunner().invoke(cli, ["rewrite", ".", "--include", "review"]).stdout
    run("plan")
    first = (tree / PLAN).read_bytes()
    run("plan")
    assert (tree / PLAN).read_bytes() == first
    assert rewritten("--include", "review") == before


def test_json_when_the_file_is_called_so(tree):
    run("plan", "-o", "plan.json")
    assert json.loads((tree / "plan.json").read_text())["version"] == 1
    run("rewrite", ".", "--plan", "plan.json")


# --- what a person says counts ------------------------------------------------------------------------------


def test_a_type_of_a_person_is_declared_and_evidence_against_it_is_shown(tree):
    run("plan")
    edit(tree, r'^number = \{type = "int"', 'number = {type = "str"')
    edit(tree, r'^lines = \{type = "Any"', 'lines = {type = "list[Line] | None"')
    diff = rewritten("--include", "review")
    assert "+    number: str" in diff
    assert "+    lines: list[Line] | None" in diff
    said = "shop.models:Order.number: the plan says str, evidence says int (inferred, shop/models.py:8)."
    assert said in run("rewrite", ".", "--plan", PLAN)
    assert said in run("review", ".", "--plan", PLAN)
    assert said in run("plan")


def test_a_class_that_only_the_plan_names_is_registered(tree):
    run("plan")
    assert '"shop.models:Line"' not in (tree / PLAN).read_text().partition("[classes")[0]
    edit(tree, r'^text = \{type = "str"', 'text = {type = "shop.models:Line"')
    assert "# Named in the plan file." in rewritten("--include", "review")


def test_aliases_and_renames_are_written(tree):
    run("plan")
    edit(
        tree,
        r'(classes."shop.models:Order"\]\n(?:.+\n)*?)aliases = \[\]\ncomment = ""\n',
        r'\1aliases = ["old.shop:Order"]\ncomment = "moved in 2019"\n'
        r'[classes."shop.models:Order".renames]\nno = "number"\n',
    )
    diff = rewritten("--include", "review")
    assert 'aliases=("old.shop:Order",)' in diff
    assert 'renames={"no": "number"}' in diff
    run("plan")
    text = (tree / PLAN).read_text()
    assert 'aliases = ["old.shop:Order"]' in text
    assert 'no = "number"' in text
    assert 'comment = "moved in 2019"' in text


def test_decisions_are_obeyed(tree):
    run("plan")
    decide(tree, "shop/store.py:9", "accept")
    decide(tree, "shop/store.py:6", "accept")
    decide(tree, "shop/notes.py:6", "reject", "not yet")
    edited = json.loads(CliRunner().invoke(cli, ["rewrite", ".", "--plan", PLAN, "--json"]).stdout)
    assert [f["path"] for f in edited["files"] if not f["new"]] == ["shop/store.py"]
    assert {(s["path"], s["reason"]) for s in edited["left"]} == {("shop/notes.py", "rejected")}
    review = json.loads(CliRunner().invoke(cli, ["review", ".", "--plan", PLAN, "--json", "-"]).stdout)
    assert sorted(site["verdict"] for site in review["sites"]) == ["accept", "accept", "reject"]


def test_a_decisions_file_counts_for_more(tree):
    run("plan")
    decide(tree, "shop/notes.py:6", "reject")
    review = json.loads(CliRunner().invoke(cli, ["review", ".", "--json", "-"]).stdout)
    note = next(site for site in review["sites"] if site["path"] == "shop/notes.py")
    decisions = [{"site": note["id"], "hash": note["hash"], "verdict": "accept"}]
    (tree / "decisions.json").write_text(json.dumps({"version": 1, "decisions": decisions}))
    assert "+++ b/shop/notes.py" not in rewritten()
    assert "+++ b/shop/notes.py" in rewritten("--decisions", "decisions.json")


def test_the_configuration_names_the_file(tree):
    (tree / "pyproject.toml").write_text('[tool.pickle-migrate]\nplan = "plans/shop.toml"\n')
    (tree / "plans").mkdir()
    run("plan")
    text = (tree / "plans" / "shop.toml").read_text().replace('{type = "int"', '{type = "str"')
    (tree / "plans" / "shop.toml").write_text(text)
    diff = CliRunner().invoke(cli, ["rewrite", ".", "--include", "review"]).stdout
    assert "+    number: str" in diff


# --- a further run keeps the edits and says what has changed ------------------------------------------------


def test_edits_stay_and_changes_are_named(tree):
    run("plan")
    edit(tree, r'^number = \{type = "int"', 'number = {type = "str"')
    decide(tree, "shop/notes.py:6", "reject", "later")
    models = MODELS.replace("int(number)", "float(number)").replace("self.lines = lines", "self.rows = lines")
    (tree / "shop/models.py").write_text(models)
    (tree / "shop/more.py").write_text("import pickle\n\ndef f(x):\n    return pickle.dumps([1])\n")
    said = run("plan")
    assert "shop.models:Order.number: int was found, now float." in said
    assert "shop.models:Order.lines: the field is gone." in said
    assert "shop.models:Order.rows: a new field, Any." in said
    assert "shop/more.py:4: new, " in said
    text = (tree / PLAN).read_text()
    assert 'number = {type = "str", found = "float"' in text
    assert 'decision = "reject"\ncomment = "later"' in text
    assert "was found, now" not in run("plan")


def test_what_was_accepted_and_has_changed_is_undecided_again(tree):
    run("plan")
    decide(tree, "shop/notes.py:6", "accept")
    models = MODELS.replace("text: str\n", "text: object\n")
    (tree / "shop/models.py").write_text(models)
    assert "Stale decision: shop/notes.py:6 (accept)" in run("rewrite", ".", "--plan", PLAN)
    assert "shop/notes.py:6: what was accepted has changed; undecided again." in run("plan")
    assert 'decision = "accept"' not in (tree / PLAN).read_text()


def test_what_is_gone_is_named_and_a_persons_words_about_it_are_kept(tree):
    run("plan")
    edit(tree, r'^text = \{type = "str"', 'text = {type = "bytes"')
    decide(tree, "shop/notes.py:6", "reject", "keep me")
    (tree / "shop/models.py").write_text(MODELS.partition("class Note")[0])
    (tree / "shop/notes.py").unlink()
    (tree / "shop/store.py").write_text(STORE.replace("Note, ", ""))
    assert f"{PLAN}: there is no class shop.models:Note any more" in run("rewrite", ".", "--plan", PLAN)
    said = run("plan")
    assert "shop/notes.py:6: the site is gone (its file is gone, or was not read); its decision" in said
    assert "shop.models:Note: the class is gone, or flows nowhere any more; its edits are kept." in said
    assert "is gone" not in run("plan")
    text = (tree / PLAN).read_text()
    assert text.count("gone = true") == 2
    assert 'comment = "keep me"' in text
    (tree / "shop/models.py").write_text(MODELS)
    (tree / "shop/notes.py").write_text(NOTES)
    run("plan")
    text = (tree / PLAN).read_text()
    assert "gone = true" not in text
    assert 'text = {type = "bytes", found = "str"' in text


def test_an_acceptance_is_kept_while_its_file_is_not_read_and_dropped_when_it_is_done(tree):
    run("plan")
    for where in ("shop/notes.py:6", "shop/store.py:6", "shop/store.py:9"):
        decide(tree, where, "accept")
    run("plan", "--exclude", "notes.py")
    assert (tree / PLAN).read_text().count('decision = "accept"') == 3
    run("rewrite", ".", "--plan", PLAN, "--write")
    run("plan")
    left = (tree / PLAN).read_text()
    assert "shop/store.py" not in left.partition("[classes")[0]


def test_comments_are_not_kept_without_a_word(tree):
    run("plan")
    with (tree / PLAN).open("a") as file:
        file.write("# what I wanted to say\n")
    assert "Comments are not kept, only `comment`: 1 line" in run("plan")
    assert "what I wanted to say" in (tree / f"{PLAN}.old").read_text()


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 1\nclases = 1", "clases in the file is not known; did you mean classes?"),
        ('type = "int"', 'type = "int["', "is no type"),
        ('decision = "undecided"', 'decision = "maybe"', "Invalid enum value 'maybe'"),
    ],
)
def test_a_mistake_in_the_file_stops_the_run_and_the_file_stays(tree, old, new, said):
    run("plan")
    text = (tree / PLAN).read_text().replace(old, new, 1)
    (tree / PLAN).write_text(text)
    for command in (["rewrite", ".", "--plan", PLAN], ["plan"]):
        assert said in run(*command, code=2)
    assert (tree / PLAN).read_text() == text


def test_a_type_that_means_nothing_is_named_and_what_was_found_stays(tree):
    run("plan")
    edit(tree, r'^number = \{type = "int"', 'number = {type = "list[Lien]"')
    assert "there is no type Lien to declare; what was found stays, int." in run(
        "rewrite", ".", "--plan", PLAN
    )
    assert "+    number: int" in rewritten("--include", "review")


def test_another_file_is_not_overwritten(tree):
    (tree / PLAN).write_text("[project]\nname = 'mine'\n")
    assert "is no plan file" in run("plan", code=2)
    assert "mine" in (tree / PLAN).read_text()
