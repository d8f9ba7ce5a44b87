"""Writes a file so that whoever looks, at any time, finds the old bytes or the new ones."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = ".pickle-migrate.tmp"


def temporary(path: Path) -> Path:
    """Return the file beside ``path`` for its new bytes; a killed run may leave it behind."""
    return path.with_name(f".{path.name}{_SUFFIX}")


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` by a file with ``data``, and make the change durable. Raises OSError."""
    replace_content(path, data)
    sync_folder(path.resolve().parent)


def replace_content(path: Path, data: bytes) -> None:
    """Replace ``path`` by a file with ``data``; permissions and, where allowed, the owner stay.

    A symbolic link stays one: the file that it leads to is replaced. The new bytes are durable, the name is
    so only after `sync_folder`, of which many files of one folder need but one. Raises OSError.
    """
    path = path.resolve()
    prepared = temporary(path)
    try:
        descriptor = os.open(
            prepared, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666
        )
        with open(descriptor, "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _keep_attributes(path, prepared)
        prepared.replace(path)
    except BaseException:
        prepared.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make changes of the names in ``folder`` durable, on systems that can open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_read_only(path: Path) -> bool:
    """Whether the owner has taken the right to write away, from ``path`` or from the folder that holds it.

    Asks for the permission bits as well, because the superuser may write in spite of them.
    """
    found = path if path.exists() else None
    folder = next(parent for parent in path.parents if parent.exists())
    return any(
        not item.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(item, os.W_OK)
        for item in (found, folder)
        if item is not None
    )


def _keep_attributes(old: Path, new: Path) -> None:
    try:
        known = old.stat()
    except FileNotFoundError:
        return
    new.chmod(stat.S_IMODE(known.st_mode))
    made = new.stat()
    if (known.st_uid, known.st_gid) != (made.st_uid, made.st_gid):
        # Only the superuser may give a file away; the content matters more than the owner.
        with suppress(PermissionError):
            os.chown(new, known.st_uid, known.st_gid)
