"""Programs that several tests of commands scan."""

from __future__ import annotations

STORE = """
import pickle
from shop.models import Order

def save(order: Order, file):
    pickle.dump(order, file)

def load(file):
    return pickle.load(file)
"""
"""A module ``shop.store``, which keeps an ``Order`` of ``shop.models``."""
