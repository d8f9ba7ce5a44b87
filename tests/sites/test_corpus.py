"""What is found, and what must not be: the detection corpus, in any order of files."""

from __future__ import annotations

import random

import pytest

from migrate.sites import find_sites
from tests.sites.corpus import Case, cases

CASES = cases()


def found_in(sources: dict[str, bytes]) -> list[tuple[str, int, str]]:
    return [
        (site.path, site.span.line, site.operation.value + (f"[{site.reason}]" if site.reason else ""))
        for file in find_sites(sources).values()
        for site in file.sites
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_case(case: Case):
    assert found_in(case.sources) == case.expected


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if len(c.sources) > 1])
def test_the_order_of_files_does_not_matter(case: Case):
    expected = find_sites(case.sources)
    for seed in range(5):
        shuffled = list(case.sources.items())
        random.Random(seed).shuffle(shuffled)
        assert list(find_sites(dict(shuffled)).items()) == list(expected.items())


def test_the_whole_corpus_in_one_tree():
    """No case finds less because other files stand around it."""
    sources = {f"case{n}/{p}": s for n, case in enumerate(CASES) for p, s in case.sources.items()}
    expected = sorted(
        (f"case{n}/{path}", line, mark) for n, case in enumerate(CASES) for path, line, mark in case.expected
    )
    assert sorted(found_in(sources)) == expected


def test_the_order_of_a_large_tree_does_not_matter():
    """Names of one case may reach into another here, as in a tree that somebody made by copying."""
    sources = {f"case{n % 40}/{p}": s for n, case in enumerate(CASES) for p, s in case.sources.items()}
    expected = find_sites(dict(sorted(sources.items())))
    assert len(expected) > 40
    shuffled = list(sources.items())
    random.Random(7).shuffle(shuffled)
    assert list(find_sites(dict(shuffled)).items()) == list(expected.items())


def test_the_corpus_holds_as_many_cases_that_must_not_match():
    """At least 150 in all; half of them name what must not be found."""
    must_not = [case for case in CASES if ": not: " in case.name]
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(must_not) * 2 == len(CASES)
