"""``review --interactive`` on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from migrate.cli.output import write_output
from migrate.cli.show import console
from migrate.cli.site_shown import show_site
from migrate.review.decisions import dump_decisions
from migrate.review.interactive import HELP, Session, entries

if TYPE_CHECKING:
    from pathlib import Path

    from migrate.review.document import ReviewDocument

_KEYS = ",".join(HELP)


def ask(review: ReviewDocument, save: Path) -> None:
    """Ask about every undecided edit and write the decisions to ``save``, also when it is broken off."""
    session = Session.of(review)
    out = console()
    if session.current is None:
        out.print("Nothing is undecided.")
    try:
        _ask_all(session, review)
    except (click.Abort, EOFError, KeyboardInterrupt):
        out.print()
    made = entries(review)
    if not session.decided:
        out.print("Nothing was decided, and nothing is written.")
        return
    write_output(save, dump_decisions(made))
    out.print(f"{len(session.decided)} decided now, {len(made)} in {save}.")
    out.print(f"Apply: pickle-migrate rewrite PATH --decisions {save}")


def _ask_all(session: Session, review: ReviewDocument) -> None:
    out = console()
    shown = None
    while (site := session.current) is not None:
        if site is not shown:
            out.print()
            show_site(out, site, review)
            shown = site
        place = f"({session.position + 1}/{len(session.sites)})"
        key = click.prompt(
            f"{place} Accept this edit [{_KEYS}]?", default="?", show_default=False, prompt_suffix=" "
        )
        key = str(key).strip()
        comment = ""
        if key == "e":
            comment = click.prompt("Comment", default=site.comment, show_default=bool(site.comment))
        if not session.answer(key, comment):
            for name, meaning in HELP.items():
                out.print(f"{name} - {meaning}")
