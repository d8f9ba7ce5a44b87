"""A class derived from a shelf stays, and the shelves beside it: it may read what they write."""

import shelve
from typing import Any


class Counted(shelve.DbfilenameShelf[Any]):
    reads = 0

    def __getitem__(self, key: str) -> Any:
        self.reads += 1
        return super().__getitem__(key)


def fill(path: str) -> None:
    with shelve.open(path) as db:
        db["answer"] = 42


def size(db: shelve.Shelf[Any]) -> int:
    return len(db)
