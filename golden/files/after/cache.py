import converters


def keep(scores: dict[str, float], path: str) -> None:
    converters.dump_file(scores, path, compression="zlib")


def kept(path: str) -> dict[str, float]:
    return converters.load_file(path)
