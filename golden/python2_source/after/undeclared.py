import pickle

name = "café"  # latin-1 without saying so


def save(x, path):
    pickle.dump(x, open(path, "wb"))
