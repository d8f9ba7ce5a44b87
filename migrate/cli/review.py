"""``pickle-migrate review``: the edits with all that a person needs to say yes or no."""

from __future__ import annotations

import json
import shlex
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from migrate import __version__
from migrate.cli.asking import ask
from migrate.cli.choosing import all_decisions, selected, selection_options, stale_lines
from migrate.cli.configuration import (
    cache_option,
    converters_option,
    path_argument,
    tree_options,
    types_option,
)
from migrate.cli.exits import exit_code_option, finish
from migrate.cli.output import write_output
from migrate.cli.patching import write_patches
from migrate.cli.pipeline import Survey, evidence_lines, survey
from migrate.cli.shaping import plan_options
from migrate.cli.show import console, table
from migrate.model import Safety
from migrate.model.wording import counted
from migrate.plan import Options
from migrate.review import document as doc
from migrate.review.build import Proposal, build_review
from migrate.review.codetf import codetf
from migrate.review.decisions import EVERYTHING, match_decisions
from migrate.review.html import MissingExtraError, html_report
from migrate.review.markdown import markdown_review
from migrate.review.patches import DEFAULT_SIZE
from migrate.review.stock import stock_of
from migrate.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHAPING = ("data", "observed", "plan", "stage", "form", "deepcopy", "vendor")
_OUT = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@path_argument(default=Path())
@tree_options
@cache_option
@types_option
@converters_option
@click.option("--html", type=_OUT, help="Write the report, one HTML file ('-': standard output).")
@click.option("--markdown", type=_OUT, help="Write Markdown for a pull request ('-': standard output).")
@click.option("--json", "as_json", type=_OUT, help="Write the review as JSON ('-': standard output).")
@click.option("--codetf", type=_OUT, help="Write the edits as CodeTF ('-': standard output).")
@click.option("-i", "--interactive", is_flag=True, help="Ask about every undecided edit, like `git add -p`.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where --interactive writes the decisions (default: --decisions, or decisions.json).",
)
@click.option(
    "--patches",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write patches for `git am` of what is safe or accepted.",
)
@click.option(
    "--split-by",
    type=click.Choice(["package", "owner", "size"]),
    default="package",
    show_default=True,
    help="How --patches is divided.",
)
@click.option(
    "--size", type=click.IntRange(1), default=DEFAULT_SIZE, show_default=True, help="Sites in a patch."
)
@click.option("--author", metavar="'NAME <MAIL>'", help="Author of the patches (default: git's).")
@click.option("--docs-url", default="", metavar="URL", help="Where the pages of the reason codes are.")
@plan_options
@selection_options
@exit_code_option
def command(path: Path, *, exit_code: bool, **options: Any) -> None:
    """Review the edits that `rewrite` would make below PATH (default: here). Changes none of its files.

    Without an option, prints the different edits. Every edit is shown, also those that ask a question; the
    options that select narrow it. Exits with 1 if a file had to be left out.
    """
    begin = time.monotonic()
    out = {name: options.pop(name) for name in ("html", "markdown", "as_json", "codetf")}
    docs_url, interactive, save = (options.pop(name) for name in ("docs_url", "interactive", "save"))
    patches = {name: options.pop(name) for name in ("patches", "split_by", "size", "author")}
    shaped = {name: options.pop(name) for name in _SHAPING}
    found = read(path, **shaped)
    proposal = proposed(found, **options)
    review = build_review(proposal)
    if interactive:
        ask(review, save or options["decisions"] or Path("decisions.json"))
    if out["html"]:
        _write(out["html"], _html(review, docs_url).encode())
    if out["markdown"]:
        _write(out["markdown"], markdown_review(review).encode())
    if out["as_json"]:
        _write(out["as_json"], doc.to_json(review))
    if out["codetf"]:
        _write(out["codetf"], _codetf(proposal, path, begin))
    if patches["patches"]:
        write_patches(found, patches.pop("patches"), **patches, **options)
    elif not (interactive or any(out.values())):
        _print(review)
    for line in (*stale_lines(proposal.decided.stale), *evidence_lines(found)):
        console(stderr=True).print(line)
    asking = any(s.safety == "review" and s.verdict == "undecided" for s in review.sites)
    finish(failures=bool(proposal.problems), changes=bool(proposal.edits), asking=asking, say=exit_code)


def propose(path: Path, **options: Any) -> Proposal:
    """Return everything that can be edited below ``path``, narrowed to what ``options`` select.

    The options are those of `read` and `proposed`.
    """
    shaping = {name: options.pop(name) for name in _SHAPING if name in options}
    return proposed(read(path, **shaping), **options)


def read(
    path: Path,
    *,
    data: tuple[Path, ...] = (),
    observed: tuple[Path, ...] = (),
    plan: Path | None = None,
    stage: str = "json",
    form: str = "json",
    deepcopy: bool = False,
    vendor: bool = False,
) -> Survey:
    """Read a tree and plan to edit everything that can be edited."""
    options = Options(stage=stage, format=form, include=EVERYTHING, deepcopy=deepcopy, vendor=vendor)
    return survey(path, options, data, observed, plan)


def proposed(
    found: Survey,
    *,
    decisions: Path | None = None,
    include: str = "safe",  # noqa: ARG001 - every edit is shown
    only: str | None = None,
    sites: tuple[str, ...] = (),
    reasons: tuple[str, ...] = (),
    classes: tuple[str, ...] = (),
) -> Proposal:
    """Return what is proposed for a tree that `read` has read. Raises as `selected` and `read_decisions`."""
    edits, problems = rewrite(found.plan, found.tree.sources, found.tree.notebooks)
    decided = match_decisions(all_decisions(found, decisions), found.plan.decisions)
    return Proposal(
        name=found.root.resolve().name or "/",
        plan=evolve(found.plan, notes=(*found.plan.notes, *found.notes)),
        edits=edits,
        sources=found.tree.stored,
        flows=found.gathered.flows,
        graph=found.gathered.graph,
        decided=decided,
        problems=(*found.tree.problems, *problems),
        stored=Counter(found.gathered.data.formats) + Counter(stock_of(found.others)),
        in_data=found.gathered.stored_of,
        shown=selected(found, only=only, sites=sites, reasons=reasons, classes=classes),
    )


def _html(review: doc.ReviewDocument, docs_url: str) -> str:
    try:
        return html_report(review, docs_url=docs_url)
    except MissingExtraError as error:
        raise click.ClickException(str(error)) from error


def _codetf(proposal: Proposal, path: Path, begin: float) -> bytes:
    made = codetf(
        proposal,
        version=__version__,
        directory=str(path.resolve()),
        command=f"pickle-migrate review {shlex.quote(str(path))} --codetf -",
        elapsed=round((time.monotonic() - begin) * 1000),
    )
    return json.dumps(made, indent=2, ensure_ascii=True).encode() + b"\n"


def _write(path: Path, data: bytes) -> None:
    """Write to a file, or to standard output for ``-``."""
    if str(path) == "-":
        click.echo(data, nl=False)
        return
    write_output(path, data)
    click.echo(f"Written: {path} ({len(data):,} bytes)", err=True)


def _print(review: doc.ReviewDocument) -> None:
    out = console()
    sites = {site.id: site for site in review.sites}
    rows = [(str(len(g.sites)), g.safety, g.pattern, _places(g.sites, sites)) for g in review.groups]
    if rows:
        out.print(table(("sites", "safety", "edit", "where"), rows))
    for problem in review.problems:
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    summary = review.summary
    asking = sum(s.safety == Safety.REVIEW.value and s.verdict == "undecided" for s in review.sites)
    out.print(
        f"\n{counted(summary.sites, 'site')} in {counted(summary.files, 'file')}, "
        f"{counted(len(review.groups), 'different edit')}: "
        f"{summary.safe} safe, {summary.review} review ({asking} undecided), {summary.manual} manual."
    )
    if summary.sites:
        out.print("Next: review --html review.html, or --interactive, and decide.")


def _places(ids: Sequence[str], sites: dict[str, doc.SiteReview]) -> str:
    places = [f"{sites[i].path}:{sites[i].line}" for i in ids[:3]]
    return ", ".join(places) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
