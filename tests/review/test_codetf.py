"""CodeTF: the keys that its schema requires, with the types that it says."""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner

from migrate.cli import cli
from tests.review.support import make_tree

CHANGE = {
    "type": "object",
    "required": ["lineNumber", "diffSide"],
    "properties": {"lineNumber": {"type": "integer"}, "diffSide": {"enum": ["left", "right"]}},
}
CHANGESET = {
    "type": "object",
    "required": ["path", "diff", "changes"],
    "properties": {
        "path": {"type": "string"},
        "diff": {"type": "string"},
        "changes": {"type": "array", "minItems": 1, "items": CHANGE},
        "strategy": {"enum": ["ai", "hybrid", "deterministic"]},
        "provisional": {"type": "boolean"},
    },
}
REQUIRED = {
    "type": "object",
    "required": ["run", "results"],
    "properties": {
        "run": {"required": ["vendor", "tool", "version", "commandLine", "elapsed", "directory"]},
        "results": {
            "type": "array",
            "items": {
                "required": ["codemod", "summary", "description", "changeset"],
                "properties": {"changeset": {"type": "array", "items": CHANGESET}},
            },
        },
    },
}


@pytest.fixture
def document(tmp_path):
    tree = make_tree(tmp_path / "tree")
    done = CliRunner().invoke(cli, ["review", str(tree), "--codetf", "-"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_it_has_what_the_format_requires(document):
    jsonschema.validate(document, REQUIRED)
    assert document["run"]["elapsed"] >= 0
    assert document["run"]["projectName"] == "tree"


def test_every_edit_is_a_change_at_its_line(document):
    (result,) = document["results"]
    sets = {c["path"]: c for c in result["changeset"]}
    assert set(sets) == {"shop/converters.py", "shop/orders.py", "shop/cache.py"}
    assert [c["lineNumber"] for c in sets["shop/cache.py"]["changes"]] == [5, 9]
    assert "+    converters.dump(data, f)\n" in sets["shop/cache.py"]["diff"]
    assert sets["shop/converters.py"]["changes"][0]["diffSide"] == "right"


def test_what_asks_a_question_is_provisional_and_what_is_left_says_why(document):
    (result,) = document["results"]
    provisional = {c["path"]: c["provisional"] for c in result["changeset"]}
    assert provisional == {"shop/converters.py": False, "shop/orders.py": False, "shop/cache.py": True}
    assert {site["reason"] for site in result["properties"]["left"]} == {"deepcopy-idiom"}
