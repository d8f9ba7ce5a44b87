"""Putting back, byte for byte, what was there before: only where nothing else was written since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.legacy import MigrateError
from migrate.reencode.backups import put_back_needed
from migrate.reencode.errors import Refused, Unavailable
from migrate.reencode.ledger import State, digest
from migrate.reencode.localtree import BACKUP_SUFFIX, LocalTree
from migrate.reencode.stores import Change, Item
from migrate.reencode.walk import files_below
from migrate.reencode.work import Outcome, again, failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrate.reencode.backups import Old
    from migrate.reencode.ledger import Book
    from migrate.reencode.stores import Ranged
    from migrate.reencode.work import Convert

_BATCH = 100


def restore_store(store: Ranged, kept: Iterable[Old]) -> Iterator[Outcome]:
    """Put the values ``kept`` (the latest first) back into ``store``; yield what became of each.

    A place that no longer holds what replaced the old value is left alone. Raises
    :class:`~migrate.reencode.errors.Unavailable`.
    """
    batch: dict[str, Old] = {}
    for old in kept:
        if old.key in batch or len(batch) == _BATCH:
            yield from _restore_batch(store, batch)
            batch = {}
        batch[old.key] = old
    yield from _restore_batch(store, batch)


def _restore_batch(store: Ranged, batch: dict[str, Old]) -> Iterator[Outcome]:
    changes = []
    for old in batch.values():
        item = Item(old.key, len(old.before))
        try:
            blob = again(store, lambda: store.read(item.key))  # noqa: B023 (called at once)
            if put_back_needed(old, blob.raw):
                changes.append(Change(item, blob, old.before, undo=True))
            else:
                yield Outcome(item.key, State.NOTHING, item.size, message="is as it was")
        except Unavailable:
            raise
        except MigrateError as error:
            yield failure(item, error)[0]
    if not changes:
        return
    for change, answer in zip(changes, again(store, lambda: store.replace_many(changes)), strict=True):
        if isinstance(answer, Refused):
            yield failure(change.item, answer)[0]
        else:
            yield Outcome(change.item.key, State.CONVERTED, len(change.expected.raw), len(change.new))


def restore_files(
    paths: Iterable[Path], ledger: Book, *, convert: Convert | None = None, force: bool = False
) -> Iterator[Outcome]:
    """Put the backups at or below ``paths`` back in place, and remove them; yield what became of each.

    A file that is neither what ``ledger`` says was written, nor what ``convert`` makes of the backup, was
    written by others since. It is left alone, unless ``force`` is given. A run that was killed between the
    file and the ledger leaves one that only ``convert`` can tell.
    """
    for path in paths:
        if path.is_dir():
            unlisted: list[OSError] = []
            found = [p for p in files_below(path, unlisted.append) if p.name.endswith(BACKUP_SUFFIX)]
            for error in unlisted:
                item = Item(str(error.filename), 0)
                yield failure(item, Refused(error.strerror or str(error), reason="unreadable"))[0]
        else:
            backup = path if path.name.endswith(BACKUP_SUFFIX) else path.with_name(path.name + BACKUP_SUFFIX)
            found = [backup]
        for backup in found:
            yield _restore_file(backup.resolve(), ledger, convert, force=force)


def _is_ours(key: str, now: bytes, old: bytes, ledger: Book, convert: Convert | None) -> bool:
    """Whether ``now`` is what was written in the place of ``old``."""
    if ledger.written(key) == digest(now):
        return True
    try:
        return convert is not None and convert(old).data == now
    except MigrateError:
        return False


def _restore_file(backup: Path, ledger: Book, convert: Convert | None, *, force: bool) -> Outcome:
    path = backup.with_name(backup.name.removesuffix(BACKUP_SUFFIX))
    store = LocalTree([path], interesting=bool)
    item = Item(str(path), 0)
    try:
        old = store.read(str(backup)).data
        now = store.read(str(path))
        if now.data == old:
            state = State.NOTHING
        elif force or _is_ours(str(path), now.data, old, ledger, convert):
            store.replace(str(path), now, old)
            state = State.CONVERTED
        else:
            message = "it is not what reencode wrote; --force puts the backup back all the same"
            raise Refused(message, reason="changed-meanwhile")
        ledger.forget("", [str(path)])
        backup.unlink()
    except OSError as error:
        return failure(item, Refused(f"{backup}: {error.strerror}", reason="write-failed"))[0]
    except MigrateError as error:
        return failure(item, error)[0]
    return Outcome(
        str(path), state, len(now.data), len(old), message="is as it was" if state is State.NOTHING else ""
    )
