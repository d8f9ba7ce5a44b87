"""The decisions file: read strictly, matched by content, obeyed by `rewrite`."""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner

from migrate.cli import cli
from migrate.cli.pipeline import survey
from migrate.model import Safety
from migrate.plan import Options
from migrate.review.decisions import (
    EVERYTHING,
    DecisionsError,
    Verdict,
    content_hash,
    dump_decisions,
    entry_for,
    match_decisions,
    parse_decisions,
    schema,
)
from tests.review.support import ASKING, SAFE, make_tree


def proposed(root):
    return survey(root, Options(include=EVERYTHING)).plan.decisions


def one(root, path, text):
    (found,) = [d for d in proposed(root) if d.site.path == path and d.site.text.startswith(text)]
    return found


@pytest.fixture
def tree(tmp_path):
    return make_tree(tmp_path / "tree")


def decide(tree, *entries):
    path = tree.parent / "decisions.json"
    path.write_bytes(dump_decisions(entries))
    return path


def rewrite(*arguments):
    return CliRunner().invoke(cli, ["rewrite", *map(str, arguments)])


def document(*arguments):
    result = rewrite(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# --- obeyed -------------------------------------------------------------------------------------------------


def test_by_default_what_is_safe_is_applied_and_nothing_else(tree):
    assert rewrite(tree, "--write").exit_code == 0
    assert b"converters.dump(order, f)" in (tree / "shop/orders.py").read_bytes()
    assert (tree / "shop/cache.py").read_bytes() == ASKING


def test_what_is_rejected_stays_byte_for_byte_and_what_is_accepted_is_applied(tree):
    reader = one(tree, "shop/cache.py", "pickle.load")
    writer = one(tree, "shop/cache.py", "pickle.dump")
    rejected = [d for d in proposed(tree) if d.site.path == "shop/orders.py"]
    file = decide(
        tree,
        entry_for(reader, Verdict.ACCEPT),
        entry_for(writer, Verdict.ACCEPT),
        *(entry_for(d, Verdict.REJECT, "not before May") for d in rejected),
    )
    assert rewrite(tree, "--write", "--decisions", file).exit_code == 0
    assert (tree / "shop/orders.py").read_bytes() == SAFE
    assert b"converters.dump(data, f)" in (tree / "shop/cache.py").read_bytes()
    assert b"pickle" not in (tree / "shop/cache.py").read_bytes()


def test_a_rejected_site_is_listed_with_its_reason(tree):
    reader = one(tree, "shop/orders.py", "pickle.load")
    left = document(tree, "--decisions", decide(tree, entry_for(reader, Verdict.REJECT)))["left"]
    reasons = {site["text"]: site["reason"] for site in left if site["path"] == "shop/orders.py"}
    assert reasons["pickle.load(f)"] == "rejected"
    assert reasons["pickle.dump(order, f, protocol=2)"] == "channel-not-rewritten"


def test_only_safe_applies_no_question_even_if_it_was_accepted(tree):
    accepted = [d for d in proposed(tree) if d.safety is Safety.REVIEW]
    file = decide(tree, *(entry_for(d, Verdict.ACCEPT) for d in accepted))
    assert len(document(tree, "--decisions", file)["rewritten"]) == 4
    assert len(document(tree, "--decisions", file, "--only", "safe")["rewritten"]) == 2


def test_a_comment_alone_decides_nothing(tree):
    reader = one(tree, "shop/cache.py", "pickle.load")
    file = decide(tree, entry_for(reader, Verdict.UNDECIDED, "ask Ann"))
    assert document(tree, "--decisions", file)["rewritten"] == document(tree)["rewritten"]


# --- stale --------------------------------------------------------------------------------------------------


def test_moved_lines_leave_a_decision_as_it_is(tree):
    entry = entry_for(one(tree, "shop/cache.py", "pickle.load"), Verdict.ACCEPT)
    (tree / "shop/cache.py").write_bytes(b'"""Cache."""\n\n' + ASKING)
    matched = match_decisions([entry], proposed(tree))
    assert (matched.accepted, matched.stale) == ({entry.site}, ())


def test_an_acceptance_is_stale_when_other_types_flow(tree):
    entry = entry_for(one(tree, "shop/orders.py", "pickle.load"), Verdict.ACCEPT)
    (tree / "shop/orders.py").write_bytes(
        SAFE.replace(b"-> Order", b"-> list[Order]").replace(b": Order", b": list[Order]")
    )
    matched = match_decisions([entry], proposed(tree))
    assert matched.accepted == frozenset()
    assert [(s.entry, s.gone) for s in matched.stale] == [(entry, False)]


def test_a_stale_acceptance_is_reported_and_does_not_count(tree):
    entry = entry_for(one(tree, "shop/cache.py", "pickle.load"), Verdict.ACCEPT)
    entry.hash = "0" * 16
    file = decide(tree, entry)
    result = rewrite(tree, "--decisions", file)
    assert "Stale decision: shop/cache.py:9 (accept)" in " ".join(result.stderr.split())
    assert document(tree, "--decisions", file)["stale"] == [
        {"site": entry.site, "path": "shop/cache.py", "line": 9, "verdict": "accept", "gone": False}
    ]
    assert document(tree, "--decisions", file)["rewritten"] == document(tree)["rewritten"]


def test_a_stale_rejection_is_reported_and_goes_on_holding_the_site(tree):
    entry = entry_for(one(tree, "shop/orders.py", "pickle.load"), Verdict.REJECT)
    entry.hash = "0" * 16
    assert document(tree, "--decisions", decide(tree, entry))["rewritten"] == []


def test_decisions_about_sites_that_are_gone_are_counted(tree):
    file = decide(tree, *(entry_for(d, Verdict.ACCEPT) for d in proposed(tree) if d.safety is Safety.SAFE))
    assert rewrite(tree, "--write", "--decisions", file).exit_code == 0
    assert "sites that are gone (rewritten, removed or moved): 2" in " ".join(
        rewrite(tree, "--decisions", file).stderr.split()
    )


def test_the_hash_follows_the_question_but_no_line_number(tree):
    before = content_hash(one(tree, "shop/cache.py", "pickle.dump"))
    (tree / "shop/cache.py").write_bytes(b"\n\n" + ASKING)
    assert content_hash(one(tree, "shop/cache.py", "pickle.dump")) == before
    (tree / "shop/cache.py").write_bytes(ASKING.replace(b"keep(data, f", b"keep(data: list, f"))
    assert content_hash(one(tree, "shop/cache.py", "pickle.dump")) != before


# --- read strictly ------------------------------------------------------------------------------------------

GOOD = {"version": 1, "decisions": [{"site": "abcd", "hash": "1", "verdict": "reject"}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("nonsense", "is not a decisions file"),
        ([], "is not a decisions file"),
        ({**GOOD, "version": 2}, "has version 2"),
        ({"decisions": []}, "missing required field `version`"),
        ({**GOOD, "extra": 1}, "unknown field `extra`"),
        (
            {**GOOD, "decisions": [{"site": "a", "hash": "1", "verdict": "yes"}]},
            r"'yes' - at `$.decisions[0].verdict`",
        ),
        ({**GOOD, "decisions": [{"site": 1, "hash": "1", "verdict": "accept"}]}, r"at `$.decisions[0].site`"),
        ({**GOOD, "decisions": GOOD["decisions"] * 2}, "decides twice about site abcd ($.decisions[1])"),
    ],
)
def test_anything_else_is_refused_with_the_place(change, message):
    with pytest.raises(DecisionsError) as error:
        parse_decisions(json.dumps(change).encode())
    assert message in str(error.value)


def test_the_command_line_names_the_file_and_the_fault(tree):
    (tree / "d.json").write_text("{")
    result = rewrite(tree, "--decisions", tree / "d.json")
    assert result.exit_code == 2
    assert "d.json is not a decisions file" in " ".join(result.stderr.split())


def test_what_is_written_is_read_back_and_fits_the_schema(tree):
    entries = [entry_for(d, Verdict.REJECT, 'a "comment" with \u2028') for d in proposed(tree)]
    data = dump_decisions(entries)
    assert parse_decisions(data) == sorted(entries, key=lambda e: (e.path, e.line, e.site))
    jsonschema.validate(json.loads(data), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(data), "extra": 1}, schema())
