"""What a type checker is to this room: something that answers the questions of an overlay."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT = 120.0
"""Seconds that one run of a checker may take."""
LARGEST_OUTPUT = 64 << 20
"""Bytes that it may print."""
CANARY = "ask-canary"
_LONGEST_COMMAND = 24_000
"""Characters of file names on a command line; Windows allows 32,767 in all."""


class EngineError(Exception):
    """The checker cannot be used here; the message says why, in one line."""


@frozen
class Overlay:
    """A copy of a part of a tree with questions in it."""

    folder: Path
    search: tuple[Path, ...]
    """Where imports are looked for, in this order."""
    files: tuple[str, ...]
    """The files with questions, relative to the folder."""
    libraries: tuple[Path, ...] = ()
    """Directories with the packages that the program imports; they are read, and nothing in them is run."""


class Engine(Protocol):
    """A type checker."""

    @property
    def name(self) -> str:
        """Return its name and version, as evidence gives them."""

    def reveal(self, overlay: Overlay) -> dict[str, str]:
        """Return the answers: question → the type as the checker writes it.

        Raises `EngineError` if the checker cannot be run, or says something that is not understood.
        """


def installed(name: str) -> tuple[str, str] | None:
    """Return the program of a package that is installed beside this one, and its version; or None."""
    folders = dict.fromkeys([sysconfig.get_path("scripts"), str(Path(sys.executable).parent)])
    found = (Path(folder) / each for folder in folders for each in (name, f"{name}.exe"))
    program = next((str(path) for path in found if path.is_file()), None)
    if program is None:
        return None
    from importlib import metadata  # here, for it takes as long to load as all of ours that a scan needs

    try:
        return program, metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def named(overlay: Overlay) -> tuple[str, ...]:
    """Return the files with questions as a command names them: all of the overlay if they are many."""
    return overlay.files if sum(map(len, overlay.files)) <= _LONGEST_COMMAND else (".",)


def run(command: Sequence[str], folder: Path, *, timeout: float = TIMEOUT) -> bytes:
    """Run a checker in ``folder`` and return what it prints, whatever its exit code.

    It gets none of the settings that the environment may have for it. Raises `EngineError` if it cannot be
    started, takes too long or prints too much.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a checker that the user has installed
            command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise EngineError(f"it cannot be started: {error.strerror}") from error
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(timeout, stop)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - as asked for
        output = process.stdout.read(LARGEST_OUTPUT + 1)
    finally:
        timer.cancel()
        process.kill()  # nothing happens to one that has ended
        process.communicate()
    if late.is_set():
        raise EngineError(f"it took longer than {timeout:.0f} seconds")
    if len(output) > LARGEST_OUTPUT:
        raise EngineError(f"it printed more than {LARGEST_OUTPUT:,} bytes")
    return output


def _environment(folder: Path) -> Mapping[str, str]:
    """Return an environment in which no setting of a checker, and no configuration of the user, is found."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    home = str(folder)
    return {
        **kept,
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CONFIG_HOME": home,
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
