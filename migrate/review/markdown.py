"""The review as GitHub-flavoured Markdown, for the description of a pull request.

Names and source stand in code, everything else is escaped, so that nothing in a repository makes links,
mentions or markup. GitHub takes 65,536 characters; what does not fit is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from migrate.model.wording import counted
from migrate.review.highlight import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrate.review.document import ClassReview, FieldReview, Group, ReviewDocument, SiteReview

LIMIT = 64_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>@-])")
_PLACES = 50
_TYPES = 3


def markdown_review(review: ReviewDocument, *, limit: int = LIMIT) -> str:
    """Return the review in at most about ``limit`` characters."""
    summary = review.summary
    parts = [
        f"## Off pickle: {text(review.name)}\n\n"
        f"{counted(summary.sites, 'site')} in {counted(summary.files, 'file')}: "
        f"**{summary.safe} safe**, **{summary.review} review**, **{summary.manual} manual**. "
        f"{counted(len(review.groups), 'different edit')}; "
        f"{summary.accepted} accepted, {summary.rejected} rejected.\n",
        _questions(review.sites),
        _left(review),
    ]
    parts.append(_classes(review.classes, limit // 4))
    used = sum(map(len, parts))
    sites = {site.id: site for site in review.sites}
    edits = [group for group in review.groups if any(sites[i].edited for i in group.sites)]
    if edits:
        parts.append("### Edits\n")
    for number, group in enumerate(edits):
        part = _group(group, [sites[i] for i in group.sites])
        if used + len(part) > limit:
            parts.append(f"… and {counted(len(edits) - number, 'more kind')} of edit: see the HTML report.\n")
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
        + _flows(s)
        for s in asking[:_PLACES]
    ]
    more = [f"- … and {len(asking) - _PLACES} more"] if len(asking) > _PLACES else []
    return "\n".join(["### Questions\n", *shown, *more, ""])


def _flows(site: SiteReview) -> str:
    said = dict.fromkeys(f"{code(seen.type)} ({seen.confidence})" for seen in site.types)
    shown = list(said)[:_TYPES]
    return f" Flows here: {', '.join(shown)}." if shown else ""


def _classes(classes: Sequence[ClassReview], limit: int) -> str:
    """Return the classes, with how far the type of each field is known, in about ``limit`` characters."""
    if not classes:
        return ""
    lines = ["| field | type | confidence | stored values |", "|---|---|---|---|"]
    rows = [_field(found, field) for found in classes for field in found.fields]
    used = 0
    for number, row in enumerate(rows):
        used += len(row)
        if used > limit:
            lines.append(f"| … and {counted(len(rows) - number, 'more field')}: see the HTML report | | | |")
            break
        lines.append(row)
    counts = Counter(field.confidence for found in classes for field in found.fields)
    known = ", ".join(f"{counts[level]} {level}" for level in ("high", "medium", "low") if counts[level])
    flow = counted(len(classes), "class flows", "classes flow")
    summary = f"{flow}; confidence in the types of their fields: {known or 'no fields'}"
    body = "\n".join(lines)
    return f"### Classes\n\n<details><summary>{summary}</summary>\n\n{body}\n\n</details>\n"


def _field(found: ClassReview, field: FieldReview) -> str:
    stored = "; ".join(shape.text for shape in field.stored[:_TYPES])
    place = code(f"{found.key}.{field.name}")
    return f"| {_cell(place)} | {_cell(code(field.type))} | {field.confidence} | {text(stored)} |"


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
    summary = (
        f"{counted(len(sites), 'site')}: <code>{_html(visible(group.pattern))[:300]}</code> ({group.safety})"
    )
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
