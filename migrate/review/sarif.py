"""Findings as SARIF 2.1.0, which code scanning shows beside the lines.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and what GitHub's code
scanning takes of it. A rule is a reason code; a result carries the id of its site as a fingerprint, so that
it stays the same when lines move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from attrs import frozen

from migrate.model import REASONS, Problem, Safety, Span
from migrate.sites.source import ParseFailure, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.model import Decision

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "pickleMigrateSite/v1"

Level = Literal["error", "warning", "note"]


@frozen
class Finding:
    """One thing to be shown at one place."""

    rule: str
    """Reason code."""
    level: Level
    message: str
    path: str
    span: Span | None = None
    id: str = ""
    """Id of the site."""
    state: Literal["", "new", "unchanged"] = ""
    """Against a baseline, where there is one."""
    kept: str | None = None
    """The reason given by a suppression in the source."""


def sarif(
    findings: Iterable[Finding],
    sources: Mapping[str, bytes],
    *,
    version: str,
    problems: Iterable[Problem] = (),
) -> dict[str, Any]:
    """Return one SARIF log with one run.

    ``sources`` give the columns in characters; ``problems`` are what stopped the tool at a file, and become
    notifications. ``version`` is that of the tool. Raises `KeyError` for a rule that is no reason code.
    """
    found = sorted(findings, key=lambda f: (f.path, f.span or Span(0, 0, 0, 0), f.rule))
    rules = sorted({finding.rule for finding in found})
    places = _Places(sources)
    notes = [_notification(problem) for problem in problems]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pickle-migrate",
                        "semanticVersion": version,
                        "rules": [_rule(code) for code in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the tree."}}},
                "invocations": [
                    {"executionSuccessful": not notes, "toolExecutionNotifications": notes},
                ],
                "results": [_result(finding, rules.index(finding.rule), places) for finding in found],
            }
        ],
    }


def of_decision(decision: Decision) -> Finding:
    """Return what `scan` says of one site."""
    site = decision.site
    code = decision.reason or "pickle-site"
    level: Level = "note" if site.keep else "warning"
    text = " ".join(site.text.split())
    asked = decision.question or decision.why
    where = f"{site.cell}: " if site.cell else ""
    message = f"{where}`{text}`: {REASONS[code].summary}" + (f" {asked}" if asked else "")
    if decision.safety is not Safety.MANUAL:
        message += f" `rewrite` edits it ({decision.safety.value})."
    kept = site.keep_reason if site.keep else None
    return Finding(code, level, message, site.path, site.span, site.id, kept=kept)


class _Places:
    """Turns columns in bytes into columns in characters."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources
        self._lines: dict[str, Sequence[bytes] | None] = {}

    def region(self, path: str, span: Span) -> dict[str, int]:
        """Return a region; whole lines where the text of the file is not known."""
        lines = self._of(path)
        region = {"startLine": span.line, "endLine": span.end_line}
        if lines is not None and span.end_line <= len(lines) and span.end_column:
            # A region of no width, a comment's, means the whole line.
            region["startColumn"] = _characters(lines[span.line - 1][: span.column]) + 1
            region["endColumn"] = _characters(lines[span.end_line - 1][: span.end_column]) + 1
        return region

    def _of(self, path: str) -> Sequence[bytes] | None:
        if path not in self._lines:
            try:
                self._lines[path] = lines_of(self._sources[path]) if path in self._sources else None
            except ParseFailure:
                self._lines[path] = None
        return self._lines[path]


def _characters(line: bytes) -> int:
    return len(line.decode("utf-8", "replace"))


def _rule(code: str) -> dict[str, Any]:
    reason = REASONS[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": reason.summary},
        "fullDescription": {"text": f"{reason.summary} {reason.advice}"},
        "help": {"text": f"{reason.advice}\n\nMore: pickle-migrate explain {code}"},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "pickle"], "precision": "very-high"},
    }


def _result(finding: Finding, index: int, places: _Places) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    if finding.span is not None:
        location["region"] = places.region(finding.path, finding.span)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
    if finding.id:
        result["partialFingerprints"] = {_FINGERPRINT: finding.id}
    if finding.state:
        result["baselineState"] = finding.state
    if finding.kept is not None:
        suppression = {"kind": "inSource", "status": "accepted", "justification": finding.kept}
        result["suppressions"] = [{k: v for k, v in suppression.items() if v}]
    return result


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}


def _notification(problem: Problem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": f"{problem.message} ({problem.reason})"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(problem.path)}}],
    }
