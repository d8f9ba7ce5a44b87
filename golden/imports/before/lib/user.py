from lib.compat import pickle


def save(x: int, path):
    with open(path, "wb") as f:
        pickle.dump(x, f)
