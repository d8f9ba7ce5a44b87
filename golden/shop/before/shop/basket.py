"""Baskets of the web shop: they travel in a hidden form field between two requests."""

import base64
import pickle
import threading
import zlib


class Basket:
    """What a visitor has picked so far. Safe to share between threads."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.lines = {}
        self.coupon = None
        self._lock = threading.Lock()

    def add(self, sku, quantity=1):
        with self._lock:
            self.lines[sku] = self.lines.get(sku, 0) + quantity

    def __len__(self):
        return sum(self.lines.values())

    def __getstate__(self):
        state = self.__dict__.copy()
        del state["_lock"]
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._lock = threading.Lock()


def to_field(basket):
    """The text of the hidden field."""
    return base64.urlsafe_b64encode(zlib.compress(pickle.dumps(basket, 2))).decode("ascii")


def from_field(text):
    """The basket again; an empty field is no basket."""
    if not text:
        return None
    return pickle.loads(zlib.decompress(base64.urlsafe_b64decode(text)))
