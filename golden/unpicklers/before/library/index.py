"""Another module makes the unpickler, and keeps it."""

import pickle

from library.safe import RestrictedUnpickler


def save(words: dict[str, int], path):
    with open(path, "wb") as f:
        pickle.dump(words, f)


def load(path) -> dict[str, int]:
    with open(path, "rb") as f:
        unpickler = RestrictedUnpickler(f)
        return unpickler.load()
