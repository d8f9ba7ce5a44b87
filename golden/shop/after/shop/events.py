"""The event log: one record after the other, never rewritten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterator

from shop import converters


@dataclass(frozen=True)
class Event:
    when: datetime
    kind: str
    details: dict[str, Any]


class EventLog:
    def __init__(self, path):
        self.path = path

    def append(self, *events: Event) -> int:
        """Write events and return the offset of the first."""
        with open(self.path, "ab") as f:
            start = f.tell()
            for event in events:
                converters.dump(event, f)
        return start

    def __iter__(self) -> Iterator[Event]:
        with open(self.path, "rb") as f:
            while True:
                try:
                    yield converters.load(f, Event)
                except EOFError:
                    break

    def at(self, offset: int) -> Event:
        """The event that starts at an offset."""
        with open(self.path, "rb") as f:
            f.seek(offset)
            return converters.load(f, Event)
