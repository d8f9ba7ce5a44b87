"""One site on a terminal: what is changed, why, and what flows there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from migrate.model import REASONS
from migrate.review.highlight import visible

if TYPE_CHECKING:
    from rich.console import Console

    from migrate.review.document import FieldReview, ReviewDocument, SiteReview

_TYPES = 8
_SHAPES = 3


def show_site(out: Console, site: SiteReview, review: ReviewDocument) -> None:
    """Print one site: safety and reason, question, evidence, classes, diff."""
    out.print(Text(visible(f"{site.path}:{site.line}"), style="bold"), Text(f"  {site.safety}  {site.id}"))
    if site.reason:
        reason = REASONS[site.reason]
        out.print(f"{reason.code}: {reason.summary} {reason.advice}")
    if site.why:
        out.print(f"Because: {visible(site.why)}")
    for seen in site.types[:_TYPES]:
        out.print(
            f"Flows here: {visible(seen.type)} ({seen.confidence}: {seen.source}, {visible(seen.where)})"
        )
    _show_classes(out, site, review)
    _show_diff(out, site)
    if site.question:
        out.print(Text(visible(site.question), style="yellow"))


def _show_classes(out: Console, site: SiteReview, review: ReviewDocument) -> None:
    classes = {c.key: c for c in review.classes}
    for found in (classes[key] for key in site.classes if key in classes):
        fields = "" if found.fields else ": no fields known"
        out.print(visible(f"Class {found.key} ({found.kind}, {found.path}:{found.line}){fields}"))
        for line in map(_field, found.fields):
            out.print(Text(visible(line)))


def _show_diff(out: Console, site: SiteReview) -> None:
    for row in site.diff:
        if row.old is not None and row.new is not None and row.before == row.after:
            out.print(Text(visible(f"  {row.before}")), soft_wrap=True)
            continue
        if row.old is not None:
            out.print(Text(visible(f"- {row.before}"), style="red"), soft_wrap=True)
        if row.new is not None:
            out.print(Text(visible(f"+ {row.after}"), style="green"), soft_wrap=True)


def _field(field: FieldReview) -> str:
    """Return a field on a line: its type, how far that is to be believed, and what is stored there."""
    shapes = "; ".join(shape.text for shape in field.stored[:_SHAPES])
    stored = f"; in data: {shapes}" if shapes else ""
    return f"    {field.name}: {field.type} ({field.confidence}){stored}"
