"""The report: one HTML file that holds all it needs and asks nothing of a network.

What comes from the repository goes two ways into it: through jinja2 with autoescape, or as JSON in a
data block, from which the script makes text nodes. A Content-Security-Policy allows the one script and the
one style sheet by their hashes and nothing else, so that even a fault in that would execute nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from migrate.model.wording import counted
from migrate.review.decisions import VERSION as DECISIONS_VERSION
from migrate.review.highlight import pieces, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.review.document import ClassReview, FieldReview, Line, ReviewDocument, SiteReview

_BARS = 12
"""Bars of a chart; what is left is added up in one."""
_SHAPES = 4
_FILES = 3


class MissingExtraError(ImportError):
    """The report needs a package that is not installed; the message names the extra."""


def html_report(review: ReviewDocument, *, docs_url: str = "") -> str:
    """Return the report. ``docs_url`` is where the pages of the reason codes are, if they are anywhere.

    Raises `MissingExtraError` without jinja2.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise MissingExtraError(
            "the HTML report needs jinja2: pip install 'pickle-migrate[review]'"
        ) from error
    assets = files("migrate.review") / "assets"
    script, style, page = (
        (assets / name).read_text(encoding="utf-8") for name in ("report.js", "report.css", "report.html.j2")
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    return environment.from_string(page).render(
        review=review,
        script=_Safe(script),
        style=_Safe(style),
        data=_Safe(_json(_payload(review))),
        policy="; ".join(
            [
                "default-src 'none'",
                f"script-src '{_hash(script)}'",
                f"style-src '{_hash(style)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            ]
        ),
        charts=_charts(review),
        docs_url=docs_url.rstrip("/"),
    )


class _Safe(str):
    """Text of our own, or made safe by `_json`, that goes into the page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    """Return JSON that ends no script element and opens no comment, whatever strings it holds."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _payload(review: ReviewDocument) -> dict[str, Any]:
    return {
        "name": review.name,
        "decisionsVersion": DECISIONS_VERSION,
        "sites": [_site(site) for site in review.sites],
        "groups": {g.id: {"pattern": visible(g.pattern), "size": len(g.sites)} for g in review.groups},
        "classes": {
            c.key: {
                "kind": c.kind,
                "where": visible(f"{c.path}:{c.line}"),
                "module": visible(c.module),
                "fields": [_field(f) for f in c.fields],
                "stored": _stored(c),
                "converter": [pieces(line) for line in c.converter.split("\n")] if c.converter else [],
            }
            for c in review.classes
        },
        "reasons": {r.code: {"summary": r.summary, "advice": r.advice} for r in review.reasons},
        "files": {f.path: {"new": f.new, "others": _rows(f.others[:400])} for f in review.files},
    }


def _site(site: SiteReview) -> dict[str, Any]:
    return {
        "id": site.id,
        "hash": site.hash,
        "path": site.path,
        "shown": visible(site.path),
        "line": site.line,
        "scope": visible(site.scope),
        "operation": site.operation,
        "text": visible(" ".join(site.text.split()))[:200],
        "safety": site.safety,
        "reason": site.reason,
        "question": visible(site.question) if site.question else None,
        "why": visible(site.why),
        "edited": site.edited,
        "group": site.group,
        "types": [[visible(t.type), t.confidence, t.source, visible(t.where)] for t in site.types],
        "classes": site.classes,
        "verdict": site.verdict,
        "comment": site.comment,
        "stale": site.stale,
        "rows": _rows(site.diff),
    }


def _field(field: FieldReview) -> list[str]:
    known_from = dict.fromkeys(visible(f"{e.source} {e.where}") for e in field.evidence[:4])
    shapes = [visible(shape.text) for shape in field.stored[:_SHAPES]]
    if len(field.stored) > _SHAPES:
        shapes.append(counted(len(field.stored) - _SHAPES, "other type"))
    sure = ": ".join(filter(None, (field.confidence, ", ".join(known_from))))
    return [visible(field.name), visible(field.type), sure, "; ".join(shapes)]


def _stored(found: ClassReview) -> str:
    if not found.objects:
        return ""
    files = ", ".join(visible(file) for file in found.files[:_FILES])
    more = f" and {len(found.files) - _FILES} more" if len(found.files) > _FILES else ""
    return f"{found.objects:,} stored in {files}{more}"


def _rows(lines: Iterable[Line]) -> list[list[Any]]:
    """Return the lines as [old, new, pieces before, pieces after]; 0 stands for an after that is the same."""
    return [
        [line.old, line.new, pieces(line.before), 0 if line.before == line.after else pieces(line.after)]
        for line in lines
    ]


def _charts(review: ReviewDocument) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Return the charts as (title, bars), a bar as (label, number, percent of the longest)."""
    reasons = Counter(site.reason for site in review.sites if site.reason)
    modules = Counter(site.path.rpartition("/")[0] or "." for site in review.sites)
    safety = {name: getattr(review.summary, name) for name in ("safe", "review", "manual")}
    charts = [
        ("Sites by safety", list(safety.items())),
        ("Sites by reason", reasons.most_common()),
        ("Sites by folder", modules.most_common()),
        ("Stock by format", Counter(review.summary.stored).most_common()),
    ]
    return [(title, _bars(numbers)) for title, numbers in charts if numbers]


def _bars(numbers: list[tuple[str, int]]) -> list[tuple[str, int, int]]:
    shown = numbers[:_BARS]
    if rest := numbers[_BARS:]:
        shown = [*shown, (counted(len(rest), "other"), sum(number for _, number in rest))]
    longest = max((number for _, number in shown), default=0) or 1
    return [(label, number, round(100 * number / longest)) for label, number in shown]
