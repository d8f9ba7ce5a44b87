"""A class of the program's own that is Pickler by another name."""

import pickle


class Pickler(pickle.Pickler):
    """Writes our files."""


def save(words: list[str], path):
    with open(path, "wb") as f:
        Pickler(f, protocol=4).dump(words)


def load(path) -> list[str]:
    with open(path, "rb") as f:
        return pickle.load(f)
