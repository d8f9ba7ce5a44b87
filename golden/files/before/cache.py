import joblib


def keep(scores: dict[str, float], path: str) -> None:
    joblib.dump(scores, path, compress=3)


def kept(path: str) -> dict[str, float]:
    return joblib.load(path)
