"""The dance of Python 2."""
from __future__ import absolute_import

try:
    import cPickle as pickle
except ImportError:  # Python 3
    import pickle

try:
    import cPickle
except ImportError:
    import pickle as cPickle


def save(numbers, path):
    with open(path, "wb") as f:
        pickle.dump([int(n) for n in numbers], f, 2)


def load(path):
    with open(path, "rb") as f:
        return cPickle.load(f)
