"""`review --interactive`, and `explain` of a site."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.review import propose
from migrate.review.build import build_review
from migrate.review.decisions import parse_decisions
from migrate.review.interactive import HELP, Session
from tests.review.support import make_tree, migrate
from tests.review.test_report import STORED

ORDER = ["shop/cache.py:5", "shop/cache.py:9", "shop/orders.py:12", "shop/orders.py:17"]


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree")


def verdicts(tree, *answers):
    review = build_review(propose(tree))
    session = Session.of(review)
    for answer in answers:
        assert session.answer(*answer)
    found = {f"{s.path}:{s.line}": s.verdict for s in session.sites}
    return [found[place] for place in ORDER], session


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("y", ["accept", "undecided", "undecided", "undecided"]),
        ("n", ["reject", "undecided", "undecided", "undecided"]),
        ("yn", ["accept", "reject", "undecided", "undecided"]),
        ("a", ["accept", "accept", "undecided", "undecided"]),
        ("d", ["reject", "reject", "undecided", "undecided"]),
        ("sy", ["undecided", "accept", "undecided", "undecided"]),
        ("sky", ["accept", "undecided", "undecided", "undecided"]),
        ("kky", ["accept", "undecided", "undecided", "undecided"]),
        ("ykn", ["reject", "undecided", "undecided", "undecided"]),
        ("ad", ["accept", "accept", "reject", "reject"]),
        ("q", ["undecided"] * 4),
    ],
)
def test_what_the_keys_decide(tree, keys, expected):
    assert verdicts(tree, *keys)[0] == expected


def test_a_kind_is_accepted_in_all_files(tmp_path):
    load = b"import pickle\ndef f(g):\n    return pickle.load(g)\n"
    session = Session.of(build_review(propose(make_tree(tmp_path / "t", {"a.py": load, "b.py": load}))))
    assert session.answer("g")
    assert session.current is None
    assert [s.verdict for s in session.sites] == ["accept", "accept"]


def test_it_ends_with_the_last_edit_and_takes_nothing_else(tree):
    _, session = verdicts(tree, "a", "a")
    assert session.current is None
    assert not session.answer("y")
    assert not Session.of(build_review(propose(tree))).answer("x")


def test_manual_sites_are_not_asked_about(tree):
    assert {s.safety for s in Session.of(build_review(propose(tree))).sites} == {"safe", "review"}


# --- on a terminal ------------------------------------------------------------------------------------------


def interactive(tree, answers, *arguments):
    return CliRunner().invoke(cli, ["review", str(tree), "-i", *map(str, arguments)], input=answers)


def test_answers_become_a_decisions_file_that_rewrite_obeys(tree, tmp_path):
    file = tmp_path / "d.json"
    done = interactive(tree, "y\ny\ne\nask Ann\nn\ny\n", "--save", file)
    assert done.exit_code == 0, done.output
    assert [(e.path, e.line, e.verdict.value, e.comment) for e in parse_decisions(file.read_bytes())] == [
        ("shop/cache.py", 5, "accept", ""),
        ("shop/cache.py", 9, "accept", ""),
        ("shop/orders.py", 12, "reject", "ask Ann"),
        ("shop/orders.py", 17, "accept", ""),
    ]
    assert CliRunner().invoke(cli, ["rewrite", str(tree), "--decisions", str(file), "--write"]).exit_code == 0
    assert b"converters.dump(data, f)" in (tree / "shop/cache.py").read_bytes()
    assert b"pickle.dump(order, f, protocol=2)" in (tree / "shop/orders.py").read_bytes()


def test_a_second_round_asks_only_what_is_open(tree, tmp_path):
    file = tmp_path / "d.json"
    assert interactive(tree, "y\nq\n", "--save", file).exit_code == 0
    again = interactive(tree, "a\n", "--decisions", file)
    assert "(1/3)" in again.stdout
    assert len(parse_decisions(file.read_bytes())) == 2


def test_what_was_decided_is_kept_when_the_input_ends(tree, tmp_path):
    file = tmp_path / "d.json"
    assert interactive(tree, "y\n", "--save", file).exit_code == 0
    assert len(parse_decisions(file.read_bytes())) == 1


def test_a_stale_rejection_is_asked_about_again(tree, tmp_path):
    file = tmp_path / "d.json"
    assert interactive(tree, "n\nq\n", "--save", file).exit_code == 0
    entry, *_ = parse_decisions(file.read_bytes())
    file.write_bytes(file.read_bytes().replace(entry.hash.encode(), b"0" * 16))
    again = interactive(tree, "y\nq\n", "--decisions", file)
    assert "(1/4)" in again.stdout
    assert [e.verdict.value for e in parse_decisions(file.read_bytes())] == ["accept"]


def test_nothing_decided_writes_nothing(tree, tmp_path):
    assert "nothing is written" in interactive(tree, "q\n", "--save", tmp_path / "d.json").stdout
    assert not (tmp_path / "d.json").exists()


def test_the_evidence_is_at_hand_and_a_question_mark_helps(tree, tmp_path):
    out = interactive(tree, "?\nq\n", "--save", tmp_path / "d.json").stdout
    assert "shop/cache.py:5" in out
    assert "-     pickle.dump(data, f)" in out
    assert "+     converters.dump(data, f)" in out
    assert "Are all classes that can be in `data`" in " ".join(out.split())
    assert all(f"{key} - {meaning}" in out for key, meaning in HELP.items())


# --- explain ------------------------------------------------------------------------------------------------


def explain(*arguments):
    return CliRunner().invoke(cli, ["explain", *map(str, arguments)])


def test_a_site_by_its_place_and_by_its_id(tree):
    by_place = explain("shop/orders.py:12", tree)
    assert by_place.exit_code == 0, by_place.output
    said = " ".join(by_place.stdout.split())
    assert "Flows here: shop.orders:Order (high: declared, shop/orders.py:10)" in said
    assert "Class shop.orders:Order (dataclass, shop/orders.py:5) number: int (high)" in said
    site = json.loads(explain("shop/orders.py:12", tree, "--json").stdout)["sites"][0]
    assert explain(site["id"], tree).stdout == by_place.stdout


def test_stored_values_show_their_shapes(tree):
    (tree / "orders.dat").write_bytes(STORED)
    said = " ".join(explain("shop/orders.py:12", tree).stdout.split())
    assert "number: int (low); in data: 1 int of 7 digits; 1 str of 14 bytes" in said
    assert "hunter2" not in said


def test_a_manual_site_says_why_and_what_to_do(tree):
    assert "deepcopy-idiom" in explain("shop/copies.py:5", tree).stdout


def test_a_site_that_is_not_there_is_a_usage_error(tree):
    done = explain("shop/orders.py:1", tree)
    assert done.exit_code == 2
    assert "there is no site 'shop/orders.py:1'. Did you mean" in " ".join(done.stderr.split())


def test_80_columns_and_no_colour_in_a_pipe(tree):
    for arguments in (["review", tree], ["explain", "shop/cache.py:5", tree]):
        done = CliRunner(env={"COLUMNS": "80"}).invoke(cli, [str(a) for a in arguments])
        assert done.exit_code == 0
        assert "\x1b" not in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_no_color_is_obeyed_even_where_colour_is_forced(tree):
    done = migrate("explain", "shop/cache.py:5", tree, cwd=tree, NO_COLOR="1", FORCE_COLOR="1")
    assert done.returncode == 0
    assert b"\x1b[3" not in done.stdout
