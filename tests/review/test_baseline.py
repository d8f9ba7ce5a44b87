"""What is new against a baseline, what is known, and what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrate.review.baseline import BaselineError, Comparison, Entry, compare, read_baseline, write_baseline
from migrate.sites import find_sites

if TYPE_CHECKING:
    from migrate.model import Site

SAVE = "def save(x, f):\n    pickle.dump(x, f)\n"
LOAD = "def load(f):\n    return pickle.load(f)\n"


def sites(**files: str) -> list[Site]:
    sources = {f"{name}.py": f"import pickle\n{text}".encode() for name, text in files.items()}
    return [site for file in find_sites(sources).values() for site in file.sites]


def baseline(**files: str) -> tuple[Entry, ...]:
    return against((), **files).grown("")


def against(entries: tuple[Entry, ...], **files: str) -> Comparison:
    paths = {f"{name}.py" for name in files}
    return compare(sites(**files), entries, present=paths, looked_at=paths)


def lines(found) -> list[tuple[str, int]]:
    return [(site.path, site.span.line) for site in found]


def test_the_same_tree_has_nothing_new_and_nothing_gone():
    found = against(baseline(a=SAVE + LOAD), a=SAVE + LOAD)
    assert (found.new, found.gone) == ((), ())
    assert lines(found.known) == [("a.py", 3), ("a.py", 5)]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n\n# moved\n" + SAVE,
        "def save(x, f):\n    pickle.dump(\n        x,  f\n    )\n".replace(
            "(\n        x,  f\n    )", "(x, f)"
        ),
        "def other():\n    pass\n\n" + SAVE,
    ],
)
def test_lines_may_move(text):
    found = against(baseline(a=SAVE), a=text)
    assert (found.new, found.gone) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        SAVE + LOAD,
        SAVE + "def save_too(x, f):\n    pickle.dump(x, f)\n",
        "def save(x, f):\n    pickle.dump(x, f)\n    pickle.dump(x, f)\n",
        SAVE + "pickle.dump(x, f)\n",
    ],
)
def test_one_more_site_is_new(text):
    found = against(baseline(a=SAVE), a=text)
    assert len(found.new) == 1
    assert found.new[0].span.line > 3
    assert found.gone == ()


def test_another_text_is_new_and_the_old_one_gone():
    found = against(
        baseline(a=SAVE), a=SAVE.replace("x, f)\n", "x, f, 2)\n", 2).replace("save(x, f, 2)", "save(x, f)")
    )
    assert len(found.new) == 1
    assert [entry.text for entry in found.gone] == ["pickle.dump(x, f)"]


def test_the_same_site_in_another_file_is_new_while_the_first_stays():
    assert lines(against(baseline(a=SAVE), a=SAVE, b=SAVE).new) == [("b.py", 3)]


def test_a_renamed_file_takes_its_sites_along():
    found = against(baseline(a=SAVE), b=SAVE)
    assert (found.new, found.gone) == ((), ())
    assert [entry.path for entry in found.kept_entries] == ["b.py"]


def test_a_renamed_file_brings_no_more_than_it_had():
    found = against(baseline(a=SAVE), b=SAVE, c=SAVE)
    assert lines(found.new) == [("c.py", 3)]


def test_what_is_gone_leaves_the_baseline_and_may_not_come_back():
    shrunk = against(baseline(a=SAVE + LOAD), a=SAVE).kept_entries
    assert [entry.text for entry in shrunk] == ["pickle.dump(x, f)"]
    assert len(against(shrunk, a=SAVE + LOAD).new) == 1


def test_files_that_were_not_looked_at_are_not_gone():
    entries = baseline(a=SAVE, b=LOAD)
    found = compare(sites(a=SAVE), entries, present={"a.py", "b.py"}, looked_at={"a.py"})
    assert found.gone == ()
    assert found.kept_entries == entries


def test_growth_keeps_its_reason():
    grown = against(baseline(a=SAVE), a=SAVE + LOAD).grown("needed until May")
    assert [(entry.text, entry.why) for entry in grown] == [
        ("pickle.load(f)", "needed until May"),
        ("pickle.dump(x, f)", ""),
    ]
    again = against(grown, a=SAVE + LOAD + LOAD).grown("and once more")
    assert again[0] == Entry("a.py", "load", "pickle.load(f)", 2, "needed until May; and once more")


def test_reading_gives_what_was_written():
    entries = (Entry("a.py", "", "é\\"), Entry("b.py", "A.f", 'pickle.loads(b"x")', 3, "why"))
    text = write_baseline(entries)
    assert read_baseline(text, "x") == entries
    assert write_baseline(reversed(entries)) == text
    assert read_baseline(write_baseline(()), "x") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no baseline"),
        ('{"version": 1}', "no list"),
        ('{"version": 2, "sites": []}', "version 2"),
        ('{"version": 1, "sites": [1]}', r"sites\[0\] is no entry"),
        ('{"version": 1, "sites": [{"path": "a", "scope": ""}]}', r"sites\[0\] is no entry"),
        ('{"version": 1, "sites": [{"path": "a", "scope": "", "text": "", "count": 0}]}', "count"),
        ('{"version": 1, "sites": [{"path": "a", "scope": "", "text": "", "count": true}]}', "count"),
        (write_baseline([Entry("a", "f", "t"), Entry("a", "f", "t", 2)]), "two entries for `t` in a f"),
    ],
)
def test_what_is_no_baseline_is_refused_with_its_place(text, message):
    with pytest.raises(BaselineError, match=message) as caught:
        read_baseline(text, "known.json")
    assert "known.json" in str(caught.value)
