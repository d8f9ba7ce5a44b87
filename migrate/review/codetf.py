"""The proposal in the Code Transformation Format (CodeTF), for platforms that show changes of many tools.

Source: pixee/codemodder-specs, ``codetf.schema.json``. One result with a change set for each file; a change
is a site, by its line before the edit. Change sets with edits that ask a question are provisional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrate.review.diff import unified_diff

if TYPE_CHECKING:
    from migrate.model import Decision, FileEdit
    from migrate.review.build import Proposal

CODEMOD = "pickle-migrate:python/off-pickle"


def codetf(proposal: Proposal, *, version: str, directory: str, command: str, elapsed: int) -> dict[str, Any]:
    """Return the document. ``elapsed`` is in milliseconds; ``command`` makes the proposal again."""
    sites: dict[str, list[Decision]] = {}
    for decision in proposal.decisions:
        sites.setdefault(decision.site.path, []).append(decision)
    # A file without a shown site is left out, unless it has none at all: a converters module, the runtime.
    edits = [edit for edit in proposal.edits if edit.path in sites or not edit.sites]
    left = [d for d in proposal.decisions if d.site.id not in proposal.edited]
    result = {
        "codemod": CODEMOD,
        "summary": "Replaced pickle by generated converters",
        "description": "Call sites of pickle go through a generated converters module that writes JSON and "
        "still reads old pickles, as data and without executing them.",
        "references": [{"url": "https://docs.python.org/3/library/pickle.html", "description": "pickle"}],
        "properties": {"left": [_left(d) for d in left]},
        "failedFiles": sorted({problem.path for problem in proposal.problems}),
        "changeset": [_changeset(edit, sites.get(edit.path, [])) for edit in edits],
    }
    run = {
        "vendor": "pickle-migrate",
        "tool": "pickle-migrate",
        "version": version,
        "projectName": proposal.name,
        "commandLine": command,
        "elapsed": elapsed,
        "directory": directory,
        "sarifs": [],
    }
    return {"run": run, "results": [result]}


def _changeset(edit: FileEdit, decisions: list[Decision]) -> dict[str, Any]:
    made = [d for d in decisions if d.site.id in edit.sites]
    changes = [_change(d) for d in made] or [
        {"lineNumber": 1, "description": "Written by pickle-migrate", "diffSide": "right"}
    ]
    return {
        "path": edit.path,
        "diff": unified_diff([edit]).decode("utf-8", "replace"),
        "changes": changes,
        "strategy": "deterministic",
        "provisional": any(d.question for d in made),
    }


def _change(decision: Decision) -> dict[str, Any]:
    properties = {
        "site": decision.site.id,
        "safety": decision.safety.value,
        "reason": decision.reason,
        "question": decision.question,
    }
    return {
        "lineNumber": decision.site.span.line,
        "description": decision.question or decision.why or "pickle's own name; it has a counterpart",
        "diffSide": "left",
        "properties": properties,
    }


def _left(decision: Decision) -> dict[str, Any]:
    site = decision.site
    return {"site": site.id, "path": site.path, "line": site.span.line, "reason": decision.reason}
