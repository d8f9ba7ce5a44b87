"""The plan file as text: what is written is read back, and mistakes are named with their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.review.decisions import Verdict
from migrate.review.planfile import (
    ClassPlan,
    FieldPlan,
    PlanFile,
    PlanFileError,
    SitePlan,
    dump_plan,
    foreign_comments,
    parse_plan,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TEXTS = st.lists(TEXT, max_size=2)
FIELDS = st.builds(FieldPlan, type=st.sampled_from(["int", "list[m:C]"]), found=TEXT, sources=TEXTS)
CLASSES = st.builds(
    ClassPlan,
    kind=TEXT,
    defined=TEXT,
    owners=TEXTS,
    aliases=TEXTS,
    found_aliases=TEXTS,
    comment=TEXT,
    gone=st.booleans(),
    renames=st.dictionaries(TEXT, TEXT, max_size=2),
    fields=st.dictionaries(TEXT, FIELDS, max_size=2),
)
SITES = st.builds(
    SitePlan,
    where=TEXT,
    text=TEXT,
    safety=TEXT,
    decision=st.sampled_from(Verdict),
    comment=TEXT,
    question=TEXT,
    gone=st.booleans(),
)
PLANS = st.builds(
    PlanFile,
    sites=st.dictionaries(st.from_regex(r"[0-9a-f]{12}", fullmatch=True), SITES, max_size=2),
    classes=st.dictionaries(TEXT, CLASSES, max_size=2),
)


@pytest.mark.parametrize("as_json", [False, True])
@settings(max_examples=40)
@given(plan=PLANS)
def test_what_is_written_is_read_back(plan, as_json):
    data = dump_plan(plan, as_json=as_json)
    assert parse_plan(data, as_json=as_json) == plan
    assert dump_plan(parse_plan(data, as_json=as_json), as_json=as_json) == data
    assert as_json or foreign_comments(data) == 0 or "#" in str(plan)


SITE = '[sites.abcabcabcabc]\nwhere = "a.py:1"\ntext = "x"\nsafety = "safe"\n'
CLASS = '[classes."m:C"]\nkind = "plain class"\ndefined = "m.py:1"\n[classes."m:C".fields]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no plan file of version 1"),
        ("version = 2", "is no plan file of version 1"),
        ("version = ", "is no TOML"),
        ("version = 1\nsite = 3", "site in the file is not known; did you mean sites?"),
        ("version = 1\nsites = 3", "sites is no table"),
        (
            f'version = 1\n{SITE}decison = "accept"',
            "decison in sites.abcabcabcabc is not known; did you",
        ),
        (f'version = 1\n{SITE}decision = "yes"', "in sites.abcabcabcabc: Invalid enum value 'yes'"),
        (
            f'version = 1\n{CLASS}x = {{type = "list[", found = "int"}}',
            "in classes.\"m:C\".fields.x: 'list[' is no",
        ),
        (
            f'version = 1\n{CLASS}x = {{typ = "int"}}',
            'typ in classes."m:C".fields.x is not',
        ),
        (f"version = 1\n{CLASS}x = 3", 'in classes."m:C": Expected'),
        (f"version = 1\n{SITE}{SITE}", "is no TOML"),
    ],
)
def test_mistakes_are_named_with_their_place(text, said):
    with pytest.raises(PlanFileError) as caught:
        parse_plan(text.encode(), as_json=False)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text():
    for as_json in (False, True):
        with pytest.raises(PlanFileError):
            parse_plan(b"\xff\xfe\x00", as_json=as_json)


def test_comments_of_a_person_are_counted():
    assert foreign_comments(dump_plan(PlanFile(), as_json=False) + b"# mine\n  # mine, too\n") == 2
