"""Keeps a command from writing to the program that runs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse_ourselves(root: Path, sources: Iterable[str]) -> None:
    """Raise `click.UsageError` if ``sources``, paths below ``root``, hold the package that is running.

    A command that rewrites its own modules while it imports them ends anywhere.
    """
    package = Path(migrate.__file__).resolve().parent
    top = root.resolve()
    if top.is_relative_to(package):
        ours = any(True for _ in sources)
    elif package.is_relative_to(top):
        ours = f"{package.relative_to(top).as_posix()}/__init__.py" in sources
    else:
        ours = False
    if ours:
        raise click.UsageError(
            f"{package} is the program that is running, and would be changed under it. Leave it out "
            "(--exclude), or run a pickle-migrate that is installed elsewhere."
        )
