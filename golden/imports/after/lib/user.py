from lib import converters


def save(x: int, path):
    with open(path, "wb") as f:
        converters.dump(x, f)
