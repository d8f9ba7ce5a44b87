"""One site on a terminal: what is changed, why, and what flows there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from migrate.model import REASONS
from migrate.review.highlight import visible

if TYPE_CHECKING:
    from rich.console import Console

    from migrate.review.document import ReviewDocument, SiteReview

_TYPES = 8


def show_site(out: Console, site: SiteReview, review: ReviewDocument) -> None:
    """Print one site: safety and reason, question, evidence, classes, diff."""
    out.print(Text(visible(f"{site.path}:{site.line}"), style="bold"), Text(f"  {site.safety}  {site.id}"))
    if site.reason:
        reason = REASONS[site.reason]
        out.print(f"{reason.code}: {reason.summary} {reason.advice}")
    if site.why:
        out.print(f"Because: {visible(site.why)}")
    for seen in site.types[:_TYPES]:
        out.print(f"Flows here: {visible(seen.type)} ({seen.source}, {visible(seen.where)})")
    classes = {c.key: c for c in review.classes}
    for found in (classes[key] for key in site.classes if key in classes):
        fields = ", ".join(f"{f.name}: {f.type}" for f in found.fields) or "no fields known"
        out.print(visible(f"Class {found.key} ({found.kind}, {found.path}:{found.line}): {fields}"))
    for row in site.diff:
        if row.old is not None and row.new is not None and row.before == row.after:
            out.print(Text(visible(f"  {row.before}")), soft_wrap=True)
            continue
        if row.old is not None:
            out.print(Text(visible(f"- {row.before}"), style="red"), soft_wrap=True)
        if row.new is not None:
            out.print(Text(visible(f"+ {row.after}"), style="green"), soft_wrap=True)
    if site.question:
        out.print(Text(visible(site.question), style="yellow"))
