"""``pickle-migrate scan``: what is there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate import __version__
from migrate.cli.configuration import cache_option, observed_option, path_argument, tree_options, types_option
from migrate.cli.pipeline import Survey, evidence_lines, survey
from migrate.cli.show import console, table
from migrate.model import REASONS, Decision, Safety
from migrate.model.wording import counted
from migrate.plan import Options
from migrate.review.sarif import of_decision, sarif
from migrate.sites.suppress import suppression_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.model import ClassSchema, Converters, Suppression

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
    found = survey(path, Options(include=frozenset({Safety.SAFE, Safety.REVIEW})), data, observed)
    if as_sarif:
        findings = map(of_decision, found.plan.decisions)
        log = sarif(findings, found.tree.texts, version=__version__, problems=found.tree.problems)
        click.echo(json.dumps(log, indent=2, ensure_ascii=False))
        return
    if as_json:
        click.echo(json.dumps(_document(found), indent=2, ensure_ascii=False))
        return
    _print(found)


def _document(found: Survey) -> dict[str, Any]:
    """Return all that was found, as JSON."""
    return {
        "version": 1,
        "sites": [_site(d) for d in found.plan.decisions],
        "classes": [_class(c, m) for m in found.plan.converters for c in m.classes],
        "skipped": list(found.tree.skipped),
        "data": [_relative(p, found.root) for p in found.legacy],
        "problems": [{"path": p.path, "reason": p.reason, "message": p.message} for p in found.tree.problems],
        "suppressions": [_suppression(s) for f in found.files.values() for s in f.suppressions],
        "notes": [*found.plan.notes, *found.notes, *filter(None, [found.gathered.consulted.line])],
    }


def _site(decision: Decision) -> dict[str, Any]:
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
        "types": [
            {"type": str(e.type), "source": e.source.value, "where": e.where} for e in decision.evidence
        ],
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


def _class(schema: ClassSchema, module: Converters) -> dict[str, Any]:
    return {
        "class": schema.key,
        "kind": schema.kind.value,
        "path": schema.path,
        "line": schema.line,
        "fields": {f.name: str(f.type) for f in schema.fields},
        "aliases": list(schema.aliases),
        "provenance": list(module.provenance.get(schema.key, ())),
        "guessed": schema.key in module.guessed,
    }


def _print(found: Survey) -> None:
    out = console()
    decisions = found.plan.decisions
    if decisions:
        out.print(table(("where", "use", "safety", "reason"), map(_row, decisions), title="Sites"))
    known = [c for m in found.plan.converters for c in m.classes if c.key not in m.guessed]
    guessed = [c.key for m in found.plan.converters for c in m.classes if c.key in m.guessed]
    if known:
        rows = [(c.key, c.kind.value, f"{c.path}:{c.line}") for c in known]
        _print_some(("class", "kind", "defined"), rows, "Classes that flow there")
    if guessed:
        more = "one more class" if len(guessed) == 1 else f"{len(guessed):,} more classes"
        out.print(f"\nA guess, because of the open sites: {more} could flow there ({_some(guessed)}).")
    if found.legacy:
        data = [(_relative(p, found.root), f"{p.stat().st_size:,}") for p in found.legacy]
        _print_some(("file", "bytes"), data, "Stored pickles")
    for skipped in found.tree.skipped:
        out.print(f"{skipped}/: not looked at, it is an environment or a copy of the standard library")
    for problem in (*found.tree.problems, *suppression_problems(found.files.values())):
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    for line in evidence_lines(found):
        out.print(line)
    _legend(decisions)
    counts = Counter(d.safety for d in decisions)
    out.print(
        f"\n{counted(len(decisions), 'site')} in {counted(len({d.site.path for d in decisions}), 'file')}: "
        + ", ".join(f"{counts[s]} {s.value}" for s in Safety)
        + f"; {counted(len(known), 'class', 'classes')}; {counted(len(found.legacy), 'stored pickle')}"
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


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
