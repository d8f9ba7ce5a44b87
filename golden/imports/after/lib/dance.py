"""The dance of Python 2."""
from __future__ import absolute_import

from lib import converters


def save(numbers, path):
    with open(path, "wb") as f:
        converters.dump([int(n) for n in numbers], f)


def load(path):
    with open(path, "rb") as f:
        return converters.load(f)
