"""``pickle-migrate explain``: what a reason code means and what to do."""

from __future__ import annotations

import json
from difflib import get_close_matches

import click

from migrate.model import REASONS


@click.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(code: str, *, as_json: bool) -> None:
    """Say what the reason code CODE means and what to do about it.

    The codes stand in the output of `scan`, `rewrite` and `reencode`. Exits with 2 if there is no such code.
    """
    reason = REASONS.get(code)
    if reason is None:
        near = get_close_matches(code, REASONS, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`scan` prints the codes of your sites."
        raise click.BadParameter(f"{code!r} is no reason code. {hint}", param_hint="CODE")
    if as_json:
        page = {"code": reason.code, "summary": reason.summary, "advice": reason.advice}
        click.echo(json.dumps(page, indent=2, ensure_ascii=False))
        return
    for text in (reason.code, reason.summary, f"What to do: {reason.advice}"):
        click.echo(click.wrap_text(text, width=79))
