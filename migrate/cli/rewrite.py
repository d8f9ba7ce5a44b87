"""``pickle-migrate rewrite``: the codemod."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from migrate.cli.choosing import chosen, included, selection_options, stale_lines
from migrate.cli.configuration import (
    cache_option,
    converters_option,
    path_argument,
    tree_options,
    types_option,
)
from migrate.cli.exits import exit_code_option, finish
from migrate.cli.ourselves import refuse_ourselves
from migrate.cli.pipeline import Survey, evidence_lines, survey
from migrate.cli.shaping import plan_options
from migrate.cli.show import console, table, write_diff
from migrate.model import REASONS, Operation, Problem, Safety
from migrate.model.wording import counted
from migrate.plan import Options
from migrate.review.diff import unified_diff
from migrate.rewrite import apply, rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrate.model import Decision, FileEdit
    from migrate.review.decisions import Matched
    from migrate.rewrite import Applied


@click.command()
@path_argument()
@tree_options
@cache_option
@types_option
@converters_option
@click.option("--write", is_flag=True, help="Change the files (default: print the diff and change nothing).")
@plan_options
@selection_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print the outcome as one JSON document instead of the diff."
)
@exit_code_option
def command(  # noqa: PLR0913 - its options
    path: Path,
    data: tuple[Path, ...],
    observed: tuple[Path, ...],
    plan: Path | None,
    *,
    write: bool,
    stage: str,
    form: str,
    deepcopy: bool,
    vendor: bool,
    as_json: bool,
    exit_code: bool,
    **selecting: Any,
) -> None:
    """Rewrite the pickle call sites below PATH to a generated converters module.

    Prints a unified diff on standard output and a summary on standard error. Only what is safe is applied,
    and what a decisions file accepts. Exits with 1 if a file had to be left out.
    """
    options = Options(
        stage=stage, format=form, include=included(selecting["include"]), deepcopy=deepcopy, vendor=vendor
    )
    found = survey(path, options, data, observed, plan)
    if write:
        refuse_ourselves(found.root, found.tree.sources)
    found, decided = chosen(found, **selecting)
    edits, problems = rewrite(found.plan, found.tree.sources, found.tree.notebooks)
    applied = apply(found.root, edits) if write and edits else None
    failures = [*_unparsed(found), *found.tree.problems, *problems, *(applied.problems if applied else ())]
    if as_json:
        click.echo(
            json.dumps(_document(found, edits, failures, applied, decided), indent=2, ensure_ascii=False)
        )
    else:
        if not write:
            write_diff(unified_diff(edits))
        for line in (*stale_lines(decided.stale), *evidence_lines(found)):
            console(stderr=True).print(line)
        _summary(found, edits, failures, applied, path)
    finish(
        failures=bool(failures),
        changes=bool(edits) and applied is None,
        asking=bool(_asking(found)),
        say=exit_code,
    )


def _document(
    found: Survey,
    edits: Sequence[FileEdit],
    failures: Sequence[Problem],
    applied: Applied | None,
    decided: Matched,
) -> dict[str, object]:
    edited = {site for edit in edits for site in edit.sites}
    return {
        "version": 1,
        "written": applied is not None,
        "undo": applied.run_id if applied else None,
        "files": [{"path": e.path, "new": e.before is None, "sites": list(e.sites)} for e in edits],
        "rewritten": sorted(edited),
        "left": [
            {"id": d.site.id, "path": d.site.path, "line": d.site.span.line, "safety": d.safety.value}
            | {"reason": d.reason, "question": d.question, "text": d.site.text}
            for d in found.plan.decisions
            if d.site.id not in edited
        ],
        "stale": [
            {
                "site": s.entry.site,
                "path": s.entry.path,
                "line": s.entry.line,
                "verdict": s.entry.verdict.value,
            }
            | {"gone": s.gone}
            for s in decided.stale
        ],
        "problems": [{"path": p.path, "reason": p.reason, "message": p.message} for p in failures],
        "notes": [*found.plan.notes, *found.notes, *filter(None, [found.gathered.consulted.line])],
    }


def _summary(
    found: Survey, edits: Sequence[FileEdit], failures: Sequence[Problem], applied: Applied | None, path: Path
) -> None:
    """Say on standard error what was done, what was not and why, and what comes next."""
    out = console(stderr=True)
    edited = {site for edit in edits for site in edit.sites}
    left = [d for d in found.plan.decisions if d.site.id not in edited]
    if left:
        out.print(table(("left alone", "reason", "why"), _left_rows(left)))
        out.print()
        codes = sorted({d.reason for d in left if d.reason})
        out.print(table(("reason", "what to do"), ((c, REASONS[c].advice) for c in codes)))
        out.print()
    questions = question_rows(left)
    if questions:
        out.print(table(("needs review", "question"), questions))
        out.print()
    for note in found.plan.notes:
        out.print(note)
    for failure in failures:
        out.print(f"{failure.path}: {failure.message} ({failure.reason})")
    new = sum(edit.before is None for edit in edits)
    verb = "Rewritten" if applied else "Would rewrite"
    done = f"{verb}: {counted(len(edited), 'site')} in {counted(len(edits) - new, 'file')}; {new} new."
    out.print(f"{done if edits else 'Nothing to rewrite.'} Left alone: {counted(len(left), 'site')}.")
    _next_step(found, left, applied, path, changed=bool(edits))


def _asking(found: Survey) -> list[Decision]:
    return [d for d in found.plan.decisions if d.safety is Safety.REVIEW and not d.apply]


def question_rows(left: Sequence[Decision]) -> list[tuple[str, str]]:
    """One row for all sites of a file that wait for the same answer, with the question."""
    rows: dict[tuple[str, str], list[str]] = {}
    for decision in (d for d in left if d.safety is Safety.REVIEW and d.question):
        whole = decision.question or ""
        number, _, rest = whole.rpartition("Moves together with line ")[2].partition(": ")
        asked = rest if number.isdecimal() and rest else whole
        rows.setdefault((decision.site.path, asked), []).append(str(decision.site.span.line))
    return [(f"{path}:{', '.join(dict.fromkeys(lines))}", asked) for (path, asked), lines in rows.items()]


def _unparsed(found: Survey) -> list[Problem]:
    """Return the files that use pickle and could not be read as Python 3."""
    return [
        Problem(
            d.site.path,
            d.reason or "does-not-parse",
            f"line {d.site.span.line} is not Python 3: {d.site.text}",
        )
        for d in found.plan.decisions
        if d.site.operation is Operation.UNPARSED
    ]


def _left_rows(left: Sequence[Decision]) -> list[tuple[str, str, str]]:
    """One row for all sites of a file that stay for the same reason: they are settled together."""
    groups: dict[tuple[str, str], list[Decision]] = {}
    for decision in left:
        groups.setdefault((decision.site.path, decision.reason or ""), []).append(decision)
    rows = []
    for (path, reason), decisions in groups.items():
        lines = ", ".join(str(line) for line in dict.fromkeys(d.site.span.line for d in decisions))
        whys = list(dict.fromkeys(d.why for d in decisions if d.why)) or [
            REASONS[reason].summary if reason else ""
        ]
        more = f" (and {len(whys) - 2} more)" if len(whys) > 2 else ""
        rows.append((f"{path}:{lines}", reason, "; ".join(whys[:2]) + more))
    return rows


def _next_step(
    found: Survey, left: Sequence[Decision], applied: Applied | None, path: Path, *, changed: bool
) -> None:
    out = console(stderr=True)
    asking = sum(d.safety is Safety.REVIEW for d in left)
    if asking:
        out.print(
            f"{counted(asking, 'site')} {'asks a question' if asking == 1 else 'ask questions'}. If the "
            f"answer is yes for all: --include review. One by one: pickle-migrate review {path}"
        )
    if applied:
        needs = "attrs, cattrs and msgspec" if found.plan.vendor else "pickle-migrate"
        out.print(f"The program now needs {needs} at run time: add it to its dependencies.")
        out.print(f"Undo: pickle-migrate undo {path}")
        if found.legacy:
            stored = "stored pickle" if len(found.legacy) == 1 else f"{len(found.legacy):,} stored pickles"
            out.print(f"Next: pickle-migrate reencode {path} converts the {stored}.")
    elif changed:
        out.print("Nothing was changed. Apply with --write.")
