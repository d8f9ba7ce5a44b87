"""``pickle-migrate scan``: what is there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate import __version__
from migrate.cli.configuration import cache_option, observed_option, path_argument, tree_options, types_option
from migrate.cli.scanned import report
from migrate.cli.show import console, table
from migrate.model import REASONS, Decision, Safety
from migrate.model.wording import counted
from migrate.review.sarif import of_decision, sarif

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.cli.scanned import Fact, Report, ShownClass
    from migrate.model import Suppression

_EXISTING = click.Path(exists=True, path_type=Path)
_MOST_ROWS = 100
"""Of a table of classes or files."""
_NAMED = 3
"""Of the classes that are guessed."""


@click.command()
@path_argument()
@tree_options
@cache_option
@types_option
@click.option(
    "--data", multiple=True, type=_EXISTING, help="Stored pickles to learn classes from (repeatable)."
)
@observed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print a SARIF 2.1.0 log, for code scanning.")
def command(
    path: Path, data: tuple[Path, ...], observed: tuple[Path, ...], *, as_json: bool, as_sarif: bool
) -> None:
    """List every use of pickle below PATH, the classes that flow there, and the stored pickles."""
    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif exclude each other.")
    found, tree = report(path, data, observed)
    if as_sarif:
        findings = map(of_decision, found.decisions)
        log = sarif(findings, tree.texts, version=__version__, problems=found.problems)
        click.echo(json.dumps(log, indent=2, ensure_ascii=False))
        return
    if as_json:
        click.echo(json.dumps(_document(found), indent=2, ensure_ascii=False))
        return
    _print(found)


def _document(found: Report) -> dict[str, Any]:
    """Return all that was found, as JSON."""
    return {
        "version": 1,
        "sites": [
            _site(decision, [found.facts[number] for number in numbers])
            for decision, numbers in zip(found.decisions, found.known, strict=True)
        ],
        "classes": [_class(c) for c in found.classes],
        "skipped": list(found.skipped),
        "data": [name for name, _ in found.stored],
        "problems": [{"path": p.path, "reason": p.reason, "message": p.message} for p in found.problems],
        "suppressions": [_suppression(s) for s in found.suppressions],
        "notes": list(found.notes),
    }


def _site(decision: Decision, facts: Sequence[Fact]) -> dict[str, Any]:
    site = decision.site
    return {
        "id": site.id,
        "path": site.path,
        "line": site.span.line,
        "column": site.span.column,
        **({"cell": {"number": site.cell.cell, "line": site.cell.line}} if site.cell else {}),
        "scope": site.scope,
        "operation": site.operation.value,
        "library": site.library,
        "text": site.text,
        "safety": decision.safety.value,
        "reason": decision.reason,
        "question": decision.question,
        "why": decision.why,
        "types": [fact._asdict() for fact in facts],
        **({"kept": site.keep_reason} if site.keep else {}),
        **({"silenced": site.silenced} if site.silenced else {}),
    }


def _suppression(suppression: Suppression) -> dict[str, Any]:
    return {
        "path": suppression.path,
        "line": suppression.line,
        "word": suppression.word,
        "reason": suppression.reason,
        "used": suppression.used,
    }


def _class(shown: ShownClass) -> dict[str, Any]:
    return {
        "class": shown.key,
        "kind": shown.kind,
        "path": shown.path,
        "line": shown.line,
        "fields": shown.fields,
        "aliases": list(shown.aliases),
        "provenance": list(shown.provenance),
        "guessed": shown.guessed,
    }


def _print(found: Report) -> None:
    out = console()
    decisions = found.decisions
    known = found.known_classes
    guessed = [c.key for c in found.guessed_classes]
    if decisions:
        out.print(table(("where", "use", "safety", "reason"), map(_row, decisions), title="Sites"))
    if known:
        rows = [(c.key, c.kind, f"{c.path}:{c.line}") for c in known]
        _print_some(("class", "kind", "defined"), rows, "Classes that flow there")
    if guessed:
        more = "one more class" if len(guessed) == 1 else f"{len(guessed):,} more classes"
        out.print(f"\nA guess, because of the open sites: {more} could flow there ({_some(guessed)}).")
    if found.stored:
        data = [(name, f"{size:,}") for name, size in found.stored]
        _print_some(("file", "bytes"), data, "Stored pickles")
    for skipped in found.skipped:
        out.print(f"{skipped}/: not looked at, it is an environment or a copy of the standard library")
    for problem in (*found.problems, *found.suppression_problems):
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    for line in found.lines:
        out.print(line)
    _legend(decisions)
    counts = Counter(d.safety for d in decisions)
    out.print(
        f"\n{counted(len(decisions), 'site')} in {counted(len({d.site.path for d in decisions}), 'file')}: "
        + ", ".join(f"{counts[s]} {s.value}" for s in Safety)
        + f"; {counted(len(known), 'class', 'classes')}; {counted(len(found.stored), 'stored pickle')}"
    )
    if counts[Safety.SAFE] or counts[Safety.REVIEW]:
        out.print("Next: pickle-migrate rewrite PATH shows the diff and changes nothing.")


def _print_some(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Print a table of as many rows as somebody may read."""
    out = console()
    out.print(table(columns, rows[:_MOST_ROWS], title=f"\n{title}"))
    if len(rows) > _MOST_ROWS:
        out.print(f"… and {len(rows) - _MOST_ROWS:,} more; --json has all of them.")


def _some(keys: Sequence[str]) -> str:
    """Name a few classes of many."""
    named = ", ".join(keys[:_NAMED])
    return named if len(keys) <= _NAMED else f"{named} …; --json has all of them"


def _row(decision: Decision) -> tuple[str, str, str, str]:
    site = decision.site
    text = " ".join(site.text.split())
    use = text if len(text) <= 48 else text[:45] + "..."
    return site.place, use, decision.safety.value, decision.reason or ""


def _legend(decisions: tuple[Decision, ...]) -> None:
    codes = sorted({d.reason for d in decisions if d.reason})
    if codes:
        rows = ((code, f"{REASONS[code].summary} {REASONS[code].advice}") for code in codes)
        console().print(table(("reason", "what it means and what to do"), rows, title="\nReasons"))
