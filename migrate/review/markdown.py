"""The review as GitHub-flavoured Markdown, for the description of a pull request.

Names and source stand in code, everything else is escaped, so that nothing in a repository makes links,
mentions or markup. GitHub takes 65,536 characters; what does not fit is counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.review.highlight import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.review.document import Group, ReviewDocument, SiteReview

LIMIT = 64_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>@-])")
_PLACES = 50


def markdown_review(review: ReviewDocument, *, limit: int = LIMIT) -> str:
    """Return the review in at most about ``limit`` characters."""
    summary = review.summary
    parts = [
        f"## Off pickle: {text(review.name)}\n\n{summary.sites} sites in {summary.files} files: "
        f"**{summary.safe} safe**, **{summary.review} review**, **{summary.manual} manual**. "
        f"{len(review.groups)} different edits; {summary.accepted} accepted, {summary.rejected} rejected.\n",
        _questions(review.sites),
        _left(review),
    ]
    used = sum(map(len, parts))
    sites = {site.id: site for site in review.sites}
    edits = [group for group in review.groups if any(sites[i].edited for i in group.sites)]
    if edits:
        parts.append("### Edits\n")
    for number, group in enumerate(edits):
        part = _group(group, [sites[i] for i in group.sites])
        if used + len(part) > limit:
            parts.append(f"… and {len(edits) - number} more kinds of edit: see the HTML report.\n")
            break
        used += len(part)
        parts.append(part)
    return "\n".join(part for part in parts if part)


def _questions(sites: Iterable[SiteReview]) -> str:
    asking = [s for s in sites if s.question and s.safety == "review"]
    if not asking:
        return ""
    shown = [
        f"- [{'x' if s.verdict == 'accept' else ' '}] {code(f'{s.path}:{s.line}')} {text(s.question or '')}"
        + (" (rejected)" if s.verdict == "reject" else "")
        + (f" {text(s.comment)}" if s.comment else "")
        for s in asking[:_PLACES]
    ]
    more = [f"- … and {len(asking) - _PLACES} more"] if len(asking) > _PLACES else []
    return "\n".join(["### Questions\n", *shown, *more, ""])


def _left(review: ReviewDocument) -> str:
    left = [s for s in review.sites if not s.edited]
    if not left:
        return ""
    advice = {reason.code: reason.advice for reason in review.reasons}
    rows: dict[str, list[str]] = {}
    for site in left:
        rows.setdefault(site.reason or "", []).append(f"{site.path}:{site.line}")
    lines = ["### Left alone\n", "| reason | sites | what to do |", "|---|---|---|"]
    for reason, places in rows.items():
        listed = ", ".join(code(place) for place in places[:5]) + (" …" if len(places) > 5 else "")
        lines.append(f"| {code(reason)} | {len(places)}: {_cell(listed)} | {text(advice.get(reason, ''))} |")
    return "\n".join([*lines, ""])


def _group(group: Group, sites: list[SiteReview]) -> str:
    first = sites[0]
    diff = []
    for row in first.diff:
        same = row.old is not None and row.new is not None and row.before == row.after
        if same:
            diff.append(f" {row.before}")
        else:
            diff += [f"-{row.before}"] if row.old is not None else []
            diff += [f"+{row.after}"] if row.new is not None else []
    body = visible("\n".join(line.replace("\r", "") for line in diff))
    fence = _fence(body)
    places = ", ".join(code(f"{s.path}:{s.line}") for s in sites[:_PLACES])
    more = f" and {len(sites) - _PLACES} more" if len(sites) > _PLACES else ""
    summary = f"{len(sites)} sites: <code>{_html(visible(group.pattern))[:300]}</code> ({group.safety})"
    listed = f"{places}{more}\n\n{fence}diff\n{body}\n{fence}"
    return f"<details><summary>{summary}</summary>\n\n{listed}\n\n</details>\n"


def _fence(body: str) -> str:
    runs = [len(run) for run in re.findall(r"`+", body)]
    return "`" * max(3, max(runs, default=0) + 1)


def text(value: str) -> str:
    """Return plain text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", _html(" ".join(visible(value).split())))


def code(value: str) -> str:
    """Return a code span, whatever is in it (CommonMark, "Code spans")."""
    value = " ".join(visible(value).split())
    mark = "`" * (max((len(run) for run in re.findall(r"`+", value)), default=0) + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{mark}{pad}{value}{pad}{mark}"


def _cell(value: str) -> str:
    return value.replace("|", "\\|")


def _html(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
