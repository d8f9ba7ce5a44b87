"""Another module makes the unpickler, and keeps it."""

from library import converters


def save(words: dict[str, int], path):
    with open(path, "wb") as f:
        converters.dump(words, f)


def load(path) -> dict[str, int]:
    with open(path, "rb") as f:
        unpickler = converters.Unpickler(f)
        return unpickler.load()
