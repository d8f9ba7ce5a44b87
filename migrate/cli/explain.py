"""``pickle-migrate explain``: what a reason code means and what to do; or all about one site."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from migrate.cli.configuration import (
    cache_option,
    converters_option,
    path_argument,
    tree_options,
    types_option,
)
from migrate.cli.shaping import plan_options
from migrate.model import REASONS

_SITE = re.compile(r".+:\d+|[0-9a-f]{6,12}")


@click.command()
@click.argument("code", metavar="CODE|SITE")
@path_argument(default=Path())
@tree_options
@cache_option
@types_option
@converters_option
@plan_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(code: str, path: Path, *, as_json: bool, **shaping: Any) -> None:
    """Say what the reason code CODE means and what to do about it, or explain the site SITE below PATH.

    The codes stand in the output of `scan`, `rewrite` and `reencode`. A site is named by its id or by
    FILE:LINE. Exits with 2 if there is no such code or site.
    """
    if code in REASONS:
        _explain_code(code, as_json=as_json)
    elif _SITE.fullmatch(code):
        _explain_site(code, path, shaping, as_json=as_json)
    else:
        near = get_close_matches(code, REASONS, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`scan` prints the codes of your sites."
        raise click.BadParameter(f"{code!r} is no reason code. {hint}", param_hint="CODE")


def _explain_code(code: str, *, as_json: bool) -> None:
    reason = REASONS[code]
    if as_json:
        page = {"code": reason.code, "summary": reason.summary, "advice": reason.advice}
        click.echo(json.dumps(page, indent=2, ensure_ascii=False))
        return
    for text in (reason.code, reason.summary, f"What to do: {reason.advice}"):
        click.echo(click.wrap_text(text, width=79))


def _explain_site(name: str, path: Path, shaping: dict[str, Any], *, as_json: bool) -> None:
    # What reads a tree is loaded only here: explaining a code must be quick.
    from migrate.cli.review import propose
    from migrate.cli.show import console
    from migrate.cli.site_shown import show_site
    from migrate.review.build import build_review
    from migrate.review.document import to_json

    review = build_review(propose(path, sites=(name,), **shaping))
    if as_json:
        click.echo(to_json(review), nl=False)
        return
    for site in review.sites:
        show_site(console(), site, review)
