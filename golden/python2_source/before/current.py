import pickle


def save(scores: dict[str, int], path):
    with open(path, "wb") as f:
        pickle.dump(scores, f, 2)


def load(path) -> dict[str, int]:
    with open(path, "rb") as f:
        return pickle.load(f)
