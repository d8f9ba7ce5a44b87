"""How far a type is to be believed: every rule of the table, and that the page says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.evidence.confidence import confidences, covered, overall
from migrate.model import ClassSchema, Confidence, Evidence, Kind, Source, TypeRef

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tasks" / "review.md"
GRAPH = {
    key: ClassSchema(key, Kind.PLAIN, "shop/models.py", 1, bases)
    for key, bases in {"shop:Order": (), "shop:Rush": ("shop:Order",), "shop:Box": ("dict",)}.items()
}


def parse(text):
    """Read ``dict[str, int]`` into a type."""
    name, _, rest = text.partition("[")
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(rest):
        depth += (sign == "[") - (sign == "]")
        if (sign == "," and depth == 0) or (sign == "]" and depth == -1):
            parts.append(rest[start:i].strip())
            start = i + 1
    return TypeRef(name, tuple(parse(part) for part in parts if part))


def judged(*facts):
    """Judge facts written as ``declared int``."""
    words = [fact.partition(" ") for fact in facts]
    evidence = [Evidence(parse(ref), Source(source), "somewhere") for source, _, ref in words]
    levels = confidences(evidence, GRAPH)
    return [level.value for level in levels], overall(evidence, GRAPH).value


@pytest.mark.parametrize(
    ("facts", "each", "whole"),
    [
        (["guessed int"], ["low"], "low"),
        (["inferred Any"], ["low"], "low"),
        ([], [], "low"),
        (["declared int"], ["high"], "high"),
        (["declared int", "data int"], ["high", "high"], "high"),
        (["declared int", "data str"], ["low", "medium"], "low"),
        (["declared int", "observed None"], ["low", "medium"], "low"),
        (["declared int", "data int", "data None"], ["low", "high", "medium"], "low"),
        (["declared int", "inferred None"], ["medium", "medium"], "medium"),
        (["declared Any", "data int"], ["low", "medium"], "low"),
        (["inferred int"], ["medium"], "medium"),
        (["inferred int", "data int"], ["high", "high"], "high"),
        (["inferred int", "inferred None", "data int"], ["high", "medium", "high"], "medium"),
        (["inferred int", "data str"], ["low", "medium"], "low"),
        (["data int"], ["medium"], "medium"),
        (["data int", "guessed str"], ["medium", "low"], "medium"),
    ],
)
def test_the_first_rule_that_fits_decides(facts, each, whole):
    assert judged(*facts) == (each, whole)


@pytest.mark.parametrize(
    ("narrow", "wide", "fits"),
    [
        ("int", "int", True),
        ("int", "float", True),
        ("float", "int", False),
        ("int", "str", False),
        ("None", "Optional[int]", True),
        ("str", "Union[int, str]", True),
        ("Union[bytes, str]", "str", False),
        ("int", "object", True),
        ("list[str]", "list", True),
        ("list[str]", "list[int]", False),
        ("list[Never]", "list[int]", True),
        ("list[str]", "collections.abc.Sequence[str]", True),
        ("set[str]", "collections.abc.Sequence[str]", False),
        ("dict[str, int]", "collections.abc.Mapping[str, float]", True),
        ("dict[str, list[str]]", "dict[str, list[int]]", False),
        ("collections.Counter[str]", "dict[str, int]", True),
        ("collections.OrderedDict[str, int]", "dict[str, int]", True),
        ("tuple[int, int]", "tuple[int, ...]", True),
        ("tuple[int, str]", "tuple[int, ...]", False),
        ("tuple[int]", "tuple[int, int]", False),
        ("tuple[int, ...]", "tuple[int, int]", True),
        ("tuple", "tuple[str, ...]", True),
        ("shop:Rush", "shop:Order", True),
        ("shop:Order", "shop:Rush", False),
        ("shop:Box", "dict[str, int]", True),
        ("datetime.datetime", "datetime.date", False),
    ],
)
def test_what_a_type_covers(narrow, wide, fits):
    assert covered(parse(narrow), [parse(wide)], GRAPH) is fits


def test_a_class_that_derives_from_itself_ends():
    graph = {"a:A": ClassSchema("a:A", Kind.PLAIN, "a.py", 1, ("a:A",))}
    assert not covered(TypeRef("a:A"), [TypeRef("int")], graph)


def test_the_page_has_the_table():
    page = PAGE.read_text()
    for level in Confidence:
        assert f"| {level.value} |" in page
