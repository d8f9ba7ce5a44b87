"""Imports inside functions, classes and branches; and names that only look like pickle."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pickle


def save(x: "list[int]", path):
    import pickle

    with open(path, "wb") as f:
        pickle.dump(x, f)


def load(path):
    from lib import converters  # the only statement before the return

    return converters.load(open(path, "rb"))


def empty_after_import():
    pass


class Jar:
    from pickle import dumps

    def dump(self, pickle):
        return pickle.dump(self)  # the parameter, not the module


def shadowed():
    pickle = {"load": 1}
    return pickle.get("load")


def pickler(dumps: "pickle.Pickler | None" = None):
    return dumps
