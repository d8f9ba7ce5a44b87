import converters


def save(scores: dict[str, int], path):
    with open(path, "wb") as f:
        converters.dump(scores, f)


def load(path) -> dict[str, int]:
    with open(path, "rb") as f:
        return converters.load(f)
