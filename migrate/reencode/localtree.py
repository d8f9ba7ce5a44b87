"""Files and trees of files as a store: replaced atomically, with mode, owner and times kept."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import socket
import stat
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.reencode.archives import MAGIC
from migrate.reencode.errors import Conflict, Refused
from migrate.reencode.ledger import digest
from migrate.reencode.stores import Blob, Item
from migrate.reencode.swap import exchange, is_being_written, put_back, stamp
from migrate.reencode.walk import files_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BACKUP_SUFFIX = ".pickle-backup"
_TEMP_PREFIX, _TEMP_SUFFIX = ".pickle-migrate-", ".tmp"
_HEAD = 4096
"""Bytes read to tell whether a file of a tree can be of interest."""
_SOURCE_SUFFIXES = frozenset({".py", ".pyi", ".pyx", ".pxd", ".pyc", ".pyo", ".so", ".pyd"})
_ARCHIVE = ".zip"
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class LocalTree:
    """The files at ``paths`` and below the directories among them.

    In a directory, files whose first bytes ``interesting`` refuses, Python source and compiled Python
    are passed by. With ``backup`` the old bytes are kept beside the file as ``NAME.pickle-backup``.
    Backups are never looked at. Files over ``max_bytes`` are refused. With ``archives`` zip archives are
    looked at that are called ``.zip``; others belong to programs that want them as they are.

    Compare-and-set rests on exchanging the files and looking at what came out
    (:mod:`~migrate.reencode.swap`). Where the system cannot exchange, the file is compared right before
    the rename, and a program that writes in the instant between the two loses what it wrote.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        interesting: Callable[[bytes], bool],
        backup: bool = False,
        archives: bool = False,
        max_bytes: int = 1 << 30,
    ) -> None:
        self._roots = _outermost(paths)
        self._interesting = interesting
        self._backup = backup
        self._archives = archives
        self._max_bytes = max_bytes

    def items(self) -> Iterator[Item]:
        """List named files and those below named directories; see :class:`~migrate.reencode.stores.Store`."""
        for root in self._roots:
            if root.is_dir():
                yield from self._below(root)
            elif not root.name.endswith(BACKUP_SUFFIX):
                yield _item(root, named=True)

    def read(self, key: str) -> Blob:
        """Read a file as a whole; see :class:`~migrate.reencode.stores.Store`."""
        path = Path(key)
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise Refused("not a regular file", reason="unreadable")
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                if before.st_size > self._max_bytes:
                    message = f"{before.st_size} bytes are more than the limit of {self._max_bytes}"
                    raise Refused(message, reason="limit")
                data = file.read()
                version = _version(os.fstat(file.fileno()))
        except OSError as error:
            raise Refused(_why(error), reason="unreadable") from error
        if version != _version(before):
            raise Conflict("the file was written while it was read")
        return Blob(data, version)

    def check(self, key: str) -> None:
        """Refuse links, files marked read-only, and directories that cannot be written."""
        path = Path(key)
        if not path.exists():
            raise Refused("the file is gone", reason="unreadable")
        if path.is_symlink():
            target = path.resolve()
            raise Refused(f"a link to {target}; name that file to convert it", reason="symbolic-link")
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise Refused("the file is marked read-only", reason="read-only")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise Refused(f"no permission to write in {path.parent}", reason="read-only")

    def replace(self, key: str, expected: Blob, data: bytes) -> str:
        """Rename a temporary file over the old one; see :class:`~migrate.reencode.stores.Store`."""
        path = Path(key)
        try:
            self.check(key)
            version = self._swap(path, expected, data)
            _sync_directory(path.parent)
            return version
        except OSError as error:
            reason = "read-only" if error.errno in _READ_ONLY else "write-failed"
            raise Refused(_why(error), reason=reason) from error

    def _below(self, root: Path) -> Iterator[Item]:
        unlisted: list[OSError] = []
        for path in files_below(root, unlisted.append):
            if _is_temporary(path):
                _remove_if_abandoned(path)
            elif self._is_candidate(path):
                yield _item(path)
        for error in unlisted:
            yield Item(str(error.filename), 0, named=True)

    def _is_candidate(self, path: Path) -> bool:
        """Whether to look at a file of a tree. A file that cannot be read is looked at, and then reported."""
        if path.suffix in _SOURCE_SUFFIXES or path.name.endswith(BACKUP_SUFFIX):
            return False
        if path.is_symlink() and any(path.resolve().is_relative_to(root) for root in self._roots):
            return False  # converted where it stands
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            return True
        is_archive = self._archives and path.suffix.lower() == _ARCHIVE and head.startswith(MAGIC)
        return is_archive or self._interesting(head)

    def _swap(self, path: Path, expected: Blob, data: bytes) -> str:
        """Put ``data`` in the place of ``path`` and return the version of what was put there.

        That is asked of the file itself: by the time its name could be asked, another program may have put a
        file of its own there, whose version must not go down as ours.
        """
        temp = _write_beside(path, data)
        try:
            ours = temp.open("rb")
        except OSError:
            temp.unlink()
            raise
        try:
            self._check_unchanged(path, expected)
            backup = _keep_backup(path, expected.data) if self._backup else None
            try:
                self._check_unchanged(path, expected)
                _put(temp, path, expected.data)
            except BaseException:
                if backup is not None:
                    backup.unlink()
                raise
            return _version(os.fstat(ours.fileno()))
        finally:
            ours.close()
            temp.unlink(missing_ok=True)

    def _check_unchanged(self, path: Path, expected: Blob) -> None:
        if self.read(str(path)) != expected:
            raise Conflict("another program wrote the file since it was read; run again")


def _put(temp: Path, path: Path, expected: bytes) -> None:
    """Put ``temp`` in the place of ``path``, unless that turns out to hold other bytes than ``expected``."""
    new = stamp(temp)
    if not exchange(temp, path):
        temp.replace(path)
        return
    # From here on `temp` names what stood at `path`.
    if is_being_written(temp) or temp.read_bytes() != expected:
        put_back(temp, path, new)
        raise Conflict("another program is writing the file; run again")


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """``paths`` as absolute ones without those that lie below another, so that no file is met twice."""
    found: list[Path] = []
    for path in sorted({p.resolve() if p.is_dir() else p.parent.resolve() / p.name for p in paths}):
        if not any(path.is_relative_to(root) for root in found):
            found.append(path)
    return found


def _item(path: Path, *, named: bool = False) -> Item:
    try:
        status = path.stat()
    except OSError:
        return Item(str(path), 0, named=True)
    return Item(str(path), status.st_size, _version(status), named)


def _version(status: os.stat_result) -> str:
    """Return what changes with every write: the modification time can be set back, the change time cannot."""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def _write_beside(path: Path, data: bytes) -> Path:
    """Write ``data`` to a new file beside ``path`` that is like it in everything else."""
    temp = path.parent / f"{_TEMP_PREFIX}{os.getpid()}-{_machine()}-{secrets.token_hex(4)}{_TEMP_SUFFIX}"
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor, not a path)
            file.write(data)
            file.flush()
            _keep_owner(path, temp)
            shutil.copystat(path, temp)
            os.fsync(file.fileno())
    except BaseException:
        temp.unlink()
        raise
    return temp


def _keep_owner(path: Path, temp: Path) -> None:
    """Give ``temp`` the owner of ``path``: a file that its program can no longer open is as good as lost."""
    old, new = path.stat(), temp.stat()
    if (old.st_uid, old.st_gid) == (new.st_uid, new.st_gid):
        return
    try:
        os.chown(temp, old.st_uid, old.st_gid)
    except PermissionError:
        message = f"its owner {old.st_uid}:{old.st_gid} could not be kept; run as that user"
        raise Refused(message, reason="read-only") from None


def _keep_backup(path: Path, data: bytes) -> Path | None:
    """Write the backup; None when the same bytes are kept already. Other bytes are never overwritten."""
    backup = path.with_name(path.name + BACKUP_SUFFIX)
    temp = _write_beside(path, data)
    try:
        _name(temp, backup)
    except FileExistsError:
        if backup.read_bytes() == data:
            return None
        message = f"{backup} keeps other bytes; move it away"
        raise Refused(message, reason="backup-exists") from None
    finally:
        temp.unlink(missing_ok=True)
    return backup


def _name(temp: Path, path: Path) -> None:
    """Give ``temp`` the name ``path``, never replacing what is there, as a rename would."""
    try:
        os.link(temp, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temp.rename(path)


def _sync_directory(directory: Path) -> None:
    """Make a rename durable. Windows has no such call for directories."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(_TEMP_PREFIX) and path.name.endswith(_TEMP_SUFFIX)


def _remove_if_abandoned(temp: Path) -> None:
    """Remove what a killed run of this machine left behind, known by the process number in its name."""
    number, _, rest = temp.name.removeprefix(_TEMP_PREFIX).partition("-")
    if os.name == "nt" or not number.isdecimal() or not rest.startswith(f"{_machine()}-"):
        return  # on Windows os.kill(n, 0) is no question; nor is it for processes of other machines
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        temp.unlink(missing_ok=True)
    except (OSError, OverflowError):
        return  # alive and another user's, or not ours to tell


@cache
def _machine() -> str:
    """Return what tells this machine, or container, from others that see the same files."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # where there is no such thing
        space = ""
    return digest(f"{socket.gethostname()} {space}")[:8]


def _why(error: OSError) -> str:
    return error.strerror or str(error)
