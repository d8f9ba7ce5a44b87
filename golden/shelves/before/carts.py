"""Carts of any kind: what is in them is up to the callers."""

import shelve  # the oldest module of the shop


class Carts:
    opener = staticmethod(shelve.open)

    def __init__(self, path, *, keep=False):
        self.shelf = shelve.open(path, "c", None, keep)   # kept open

    def put(self, name, cart):
        self.shelf[name] = cart
        self.shelf.sync()

    def get(self, name):
        return self.shelf.get(name)


def in_memory():
    from shelve import Shelf as MemoryShelf
    return MemoryShelf({})
