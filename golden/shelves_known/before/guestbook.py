"""The guest book: a shelf whose values are all made here."""

import shelve
from contextlib import closing
from dataclasses import dataclass, field

PATH = "guests"


@dataclass
class Guest:
    name: str
    visits: list[str] = field(default_factory=list)


def sign(name: str, day: str) -> None:
    with closing(shelve.open(PATH, protocol=2)) as book:
        guest = Guest(name)
        guest.visits.append(day)
        book[name] = guest


def names() -> list[str]:
    with shelve.open(PATH, "r") as book:
        return sorted(book)
