# -*- coding: latin-1 -*-
"""Settings of the shop. Prices are in £ unless a customer's country says otherwise."""

from shop import converters

SYMBOLS = {"GBP": "£", "JPY": "¥", "USD": "$"}
GREETING = "Grüße aus dem Laden"

#: Sections in the order in which they are stored.
SECTIONS = ("shop", "tax", "texts")


class Settings:
    """Sections of values; unknown sections of newer releases are kept."""

    def __init__(self):
        self.sections = {"shop": {"currency": "GBP"}, "tax": {"GB": 0.0, "DE": 0.07}, "texts": {}}

    def __getitem__(self, key):
        section, _, name = key.partition(".")
        return self.sections[section][name]

    def __setitem__(self, key, value):
        section, _, name = key.partition(".")
        self.sections.setdefault(section, {})[name] = value

    def price(self, amount):
        return "%s%.2f" % (SYMBOLS[self["shop.currency"]], amount)

    def save(self, path):
        with open(path, "wb") as f:
            pickler = converters.Pickler(f)
            pickler.dump([(name, self.sections[name]) for name in self.sections])

    def load(self, path):
        with open(path, "rb") as f:
            unpickler = converters.Unpickler(f)
            self.sections.update(unpickler.load())
        return self
