"""Markdown for a pull request: what it says, and that nothing in a repository becomes markup."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.review import propose
from migrate.review.build import build_review
from migrate.review.markdown import code, markdown_review, text
from tests.review.support import make_tree
from tests.review.test_report import HOSTILE_TREE, STORED


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree")


def test_it_says_figures_questions_edits_and_what_is_left(tree):
    said = markdown_review(build_review(propose(tree)))
    assert "6 sites in 3 files: **2 safe**, **2 review**, **2 manual**." in said
    assert "- [ ] `shop/cache.py:5` Are all classes" in said
    assert "```diff\n" in said
    assert "-    pickle.dump(data, f)\n+    converters.dump(data, f)\n" in said
    assert "| `deepcopy-idiom` | 2: `shop/copies.py:5`, `shop/copies.py:5` |" in said


def test_it_says_how_far_the_types_are_to_be_believed(tree):
    (tree / "orders.dat").write_bytes(STORED)
    said = markdown_review(build_review(propose(tree)))
    assert "1 class flows; confidence in the types of their fields: 1 low" in said
    assert "| `shop.orders:Order.number` | `int` | low | 1 int of 7 digits; 1 str of 14 bytes |" in said
    assert "Flows here: `Any` (low)." in said


def test_what_does_not_fit_is_counted(tree):
    said = markdown_review(build_review(propose(tree)), limit=1000)
    assert "more kinds of edit: see the HTML report" in said
    assert len(said) < 2000


def test_hostile_names_and_source_make_no_markup(tmp_path):
    said = markdown_review(build_review(propose(make_tree(tmp_path / "hostile", HOSTILE_TREE))))
    outside, inside = [], False
    for line in said.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            outside.append(line)
    prose = "\n".join(line for line in outside if "<code>" not in line)
    while "`" in prose.replace("\\`", ""):
        before, mark, rest = prose.partition("`")
        prose = before + rest.partition(mark)[2]
    assert "<img" not in prose.replace("&lt;img", "")
    assert "\u202e" not in said


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "plain"),
        ("@ann #12 <b> *x* [a](b) `c` | \\", r"\@ann \#12 &lt;b&gt; \*x\* \[a\]\(b\) \`c\` \| \\"),
        ("two\nlines", "two lines"),
    ],
)
def test_text_is_escaped(value, shown):
    assert text(value) == shown


@pytest.mark.parametrize(("value", "shown"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a``", "``` `a`` ```")])
def test_code_spans_hold_anything(value, shown):
    assert code(value) == shown


def test_the_command_writes_it(tree):
    done = CliRunner().invoke(cli, ["review", str(tree), "--markdown", "-"])
    assert done.exit_code == 0
    assert done.stdout.startswith("## Off pickle: tree\n")
