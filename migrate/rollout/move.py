"""Moves the default in code: one word in one file, and not a byte beside it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.model import FileEdit

if TYPE_CHECKING:
    from migrate.rollout.stores import Store
    from migrate.runtime import Stage


class MoveError(Exception):
    """The default of a store cannot be moved by an edit."""


def move(store: Store, stage: Stage, source: bytes) -> FileEdit:
    """Return the edit of ``source``, the file of ``store``, after which the store begins in ``stage``.

    Raises MoveError when the stage is computed there.
    """
    if store.span is None:
        raise MoveError(
            f"{store.path}:{store.line}: the stage of {store.name!r} is computed; write it as a word, "
            f'stage="{stage.value}", or move it by hand'
        )
    begin, end = store.span
    after = source[:begin] + _word(source[begin:end], stage) + source[end:]
    ast.parse(after)
    return FileEdit(store.path, source, after)


def _word(old: bytes, stage: Stage) -> bytes:
    """Return the new literal, written as the old one was."""
    if not old:
        return f', stage="{stage.value}"'.encode()
    if b"." in old:
        return old[: old.rindex(b".") + 1] + stage.name.encode()
    quote = old[-1:].decode()
    return f"{quote}{stage.value}{quote}".encode()
