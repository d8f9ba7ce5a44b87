"""Writes what a command was asked for to the file that the user named."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import click

from migrate.rewrite.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def write_output(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, as a whole or not at all, also when the command is killed meanwhile.

    What is no regular file, such as a pipe or a terminal, is written to as it is. Raises
    `click.ClickException` when that cannot be done.
    """
    try:
        if _is_regular(path):
            write_atomically(path, data)
        else:
            path.write_bytes(data)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True
