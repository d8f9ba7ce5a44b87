"""Where each codec stands now: its default in code, the environment, and a settings file that is watched.

A rollback must not need a release. The file beats the environment, because it can change while a process
runs; the environment beats the code. Within a source the name of the codec beats ``*``.
"""

from __future__ import annotations

import os
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from .stage import READ, STAGE, WRITE, Position, Stage, moved, parse_stage, start, variable_of
from .telemetry import TELEMETRY, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIABLE = "PICKLE_MIGRATE_SETTINGS"
"""Environment variable with the path of the settings file."""
INTERVAL = 1.0
"""Seconds between two looks at the settings file."""


class SettingsFile:
    """One settings file, shared by all codecs of a process: ``{"shop": {"stage": "json", "shadow": 5}}``.

    A file that is missing says nothing. One that is damaged while the process runs is reported, and what
    it said before stays in force: a slip in an editor must not take a fleet down.
    """

    def __init__(self, path: str, clock: Callable[[], float] = monotonic) -> None:
        self.path = path
        self.version = 0
        """Counts the contents that were read."""
        self._clock = clock
        self._lock = Lock()
        self._signature: object = None
        self._entries: dict[str, dict[str, Any]] = {}
        self._next = 0.0

    def entry(self, name: str) -> dict[str, Any]:
        """Return what the file says of ``name``."""
        return self._entries.get(name, {})

    def load(self) -> None:
        """Read the file now. Raises ValueError, with the path, when it cannot be understood."""
        with self._lock:
            self._signature = self._look()
            self._entries = self._read()
            self.version += 1

    def watch(self) -> None:
        """Look at the file if the interval is over, and read it if it has changed."""
        if self._clock() < self._next or not self._lock.acquire(blocking=False):
            return  # another thread is at it
        try:
            self._next = self._clock() + INTERVAL
            signature = self._look()
            if signature == self._signature:
                return
            self._signature = signature
            self._entries = self._read()
            self.version += 1
        except ValueError as error:
            _report(str(error))
        finally:
            self._lock.release()

    def _look(self) -> object:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - pathlib would double the import time of the runtime
        except OSError as error:
            return type(error)
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> dict[str, dict[str, Any]]:
        import json

        try:
            with open(self.path, "rb") as file:  # noqa: PTH123
                content = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ValueError(f"settings file {self.path}: {error}") from None
        if not isinstance(content, dict):
            raise ValueError(f"settings file {self.path}: it must hold an object, codec names with settings")
        entries = {}
        for name, entry in content.items():
            entries[name] = {"stage": entry} if isinstance(entry, str) else entry
            if not isinstance(entries[name], dict):
                raise ValueError(f"settings file {self.path}: {name!r} must be a stage or an object")
            moved(start(Stage.JSON), entries[name], f"settings file {self.path}, {name!r}")
        return entries


class Switch:
    """The position of one codec, as of now."""

    def __init__(self, name: str, default: Position, file: SettingsFile | None) -> None:
        self.default = default
        """Where the codec stands by its code alone."""
        self._names = ("*", name)
        self._file = file
        self._before_file = self._from_environment(default)
        self._version = -1
        self._now = self._before_file
        if file is not None:
            self._refresh(file, strict=True)

    def now(self) -> Position:
        """Return the position; cheap enough for each call of dump and load."""
        file = self._file
        if file is not None:
            file.watch()
            if file.version != self._version:
                self._refresh(file)
        return self._now

    def _refresh(self, file: SettingsFile, *, strict: bool = False) -> None:
        self._version = file.version
        position = self._before_file
        try:
            for name in self._names:
                position = moved(position, file.entry(name), f"settings file {file.path}, {name!r}")
        except ValueError as error:
            if strict:
                raise
            _report(str(error))
        else:
            self._now = position

    def _from_environment(self, position: Position) -> Position:
        for name in self._names:
            changes = dict(_variables(name))
            if changes:
                source = "environment variable " + " and ".join(
                    _variable(name, prefix) for word, prefix in _PREFIXES if word in changes
                )
                position = moved(position, changes, source)
        return position


_PREFIXES = (("stage", STAGE), ("read", READ), ("write", WRITE))


def _variable(name: str, prefix: str) -> str:
    return prefix if name == "*" else variable_of(name, prefix)


def _variables(name: str) -> Iterator[tuple[str, str]]:
    for word, prefix in _PREFIXES:
        value = os.environ.get(_variable(name, prefix))
        if value:
            yield word, value


class Fixed(NamedTuple):
    """A switch that nobody moves: a tool's, which reads and writes what it was told to."""

    default: Position

    def now(self) -> Position:
        """Return the position."""
        return self.default


_files: dict[str, SettingsFile] = {}
_files_lock = Lock()


def settings_file() -> SettingsFile | None:
    """Return the settings file that the environment names. Raises ValueError when it is damaged."""
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    with _files_lock:
        if path not in _files:
            file = SettingsFile(path)
            file.load()
            _files[path] = file
        return _files[path]


def switch_of(name: str, stage: Stage | str, shadow: float, canary: float) -> Switch:
    """Return the switch of the codec ``name``, whose default in code is ``stage``.

    Raises ValueError for words that are no stage or no position of a switch, and says where they stand.
    """
    source = f"codec {name!r}"
    default = moved(start(parse_stage(stage, source)), {"shadow": shadow, "canary": canary}, source)
    return Switch(name, default, settings_file())


def _report(message: str) -> None:
    import logging

    TELEMETRY.add(Key("*", "settings-error"))
    logging.getLogger("migrate").warning("%s; what was in force before stays in force", message)
