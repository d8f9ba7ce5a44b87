"""Carts of any kind: what is in them is up to the callers."""

import converters  # the oldest module of the shop


class Carts:
    opener = staticmethod(converters.open_shelf)

    def __init__(self, path, *, keep=False):
        self.shelf = converters.open_shelf(path, "c", None, keep)   # kept open

    def put(self, name, cart):
        self.shelf[name] = cart
        self.shelf.sync()

    def get(self, name):
        return self.shelf.get(name)


def in_memory():
    import converters
    return converters.shelf({})
