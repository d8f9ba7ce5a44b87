"""The guest book: a shelf whose values are all made here."""

from contextlib import closing
from dataclasses import dataclass, field

import converters

PATH = "guests"


@dataclass
class Guest:
    name: str
    visits: list[str] = field(default_factory=list)


def sign(name: str, day: str) -> None:
    with closing(converters.open_shelf(PATH)) as book:
        guest = Guest(name)
        guest.visits.append(day)
        book[name] = guest


def names() -> list[str]:
    with converters.open_shelf(PATH, "r") as book:
        return sorted(book)
