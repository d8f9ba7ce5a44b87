"""A class of the program's own that is Pickler by another name."""

import pickle
from library import converters


class Pickler(pickle.Pickler):
    """Writes our files."""


def save(words: list[str], path):
    with open(path, "wb") as f:
        converters.dump(words, f)


def load(path) -> list[str]:
    with open(path, "rb") as f:
        return converters.load(f)
