"""Exchanging two files in one step, so that what was there can be looked at before it is dropped.

A rename replaces whatever stands at the name, also what another program put there a moment ago. An
exchange does not: the file that was replaced comes out under the other name. Linux has it as
``renameat2(RENAME_EXCHANGE)``, see rename(2); macOS as ``renamex_np(RENAME_SWAP)``.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2
"""Both RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files of one file system, atomically.

    Returns False, with nothing done, where the system or the file system has no such thing. Raises
    :class:`OSError` for everything else, e.g. when one of them does not exist.
    """
    a, b = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = libc.renamex_np(a, b, _EXCHANGE)
        else:
            failed = libc.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE)
    except (AttributeError, TypeError, OSError):  # a libc without it; Windows has no libc to open by None
        return False
    number = ctypes.get_errno()
    if failed and number not in _UNSUPPORTED:
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def put_back(temp: Path, path: Path, last_put: tuple[int, ...]) -> None:
    """Undo an exchange that put the file with the stamp ``last_put`` at ``path`` and took ``temp`` out.

    What comes out should be what was put in. If it is not, it is newer, and is put back in turn.
    """
    while True:
        putting = stamp(temp)
        exchange(temp, path)
        if stamp(temp) == last_put:
            return
        last_put = putting


def stamp(path: Path) -> tuple[int, ...]:
    """Return what tells a file from another, and from itself after a write; an exchange leaves it alone."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def is_being_written(path: Path) -> bool:
    """Whether some program has ``path`` open for writing; False also where the system does not tell.

    Linux grants a read lease only on a file that nobody has open for writing, see F_SETLEASE in fcntl(2).
    """
    if sys.platform != "linux":
        return False
    import fcntl

    with path.open("rb") as file:
        # Breaking a lease sends a signal, by default one that ends the process.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            return error.errno == errno.EAGAIN
        with contextlib.suppress(OSError):
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
