"""Exit codes: the same numbers in every command that proposes changes."""

from __future__ import annotations

import click

LEFT_OUT = 1
"""A file could not be taken along."""
CHANGES = 4
"""There are edits that could be applied."""
NEEDS_REVIEW = 5
"""Edits ask a question that nobody has answered."""

exit_code_option = click.option(
    "--exit-code",
    is_flag=True,
    help="Exit with 0 only when there is nothing to do: 4 if there are changes, 5 if edits need review.",
)


def finish(*, failures: bool, changes: bool, asking: bool, say: bool) -> None:
    """Leave the program with the code that fits.

    A file that was left out goes before everything else; the codes of what there is to do are given only if
    ``say`` (``--exit-code``).
    """
    if failures:
        raise SystemExit(LEFT_OUT)
    if say and (changes or asking):
        raise SystemExit(NEEDS_REVIEW if asking else CHANGES)
