"""A cache of computed values on disk. Losing it costs time, never data."""

from __future__ import annotations

import logging
import pickle
import time
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

Entry = tuple[float, dict[str, int]]


class Cache:
    """Counters by name, each with the time at which it was computed."""

    def __init__(self, path: Path, ttl: float = 3600.0) -> None:
        self.path = path
        self.ttl = ttl
        self.entries: dict[str, Entry] = {}

    def read(self) -> bool:
        """Take the entries from disk. A missing or damaged file is an empty cache."""
        try:
            with self.path.open("rb") as f:
                self.entries = pickle.load(f)
        except FileNotFoundError:
            return False
        except (pickle.UnpicklingError, EOFError) as e:
            logger.warning("%s is damaged and was dropped: %s", self.path, e)
            self.entries = {}
            return False
        return True

    def write(self) -> bool:
        """Put the entries on disk, if they can be."""
        try:
            data = pickle.dumps(self.entries, protocol=4)
        except pickle.PickleError:
            logger.exception("the cache holds something that cannot be stored")
            return False
        self.path.write_bytes(data)
        return True

    def get(self, name: str) -> dict[str, int] | None:
        """A value that is still fresh."""
        when, value = self.entries.get(name, (0.0, {}))
        return value if time.time() - when < self.ttl else None

    def put(self, name: str, value: dict[str, int]) -> None:
        """Remember a value."""
        self.entries[name] = (time.time(), value)

    def drop(self) -> None:
        """Forget everything, on disk too."""
        self.entries = {}
        with suppress(FileNotFoundError):
            self.path.unlink()
