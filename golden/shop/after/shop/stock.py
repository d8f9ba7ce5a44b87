"""What is on the shelves, and where."""

from collections import defaultdict
from datetime import date

from shop import converters


class Item(object):
    """A batch of one product."""

    def __init__(self, sku, quantity):
        self.sku = sku
        self.quantity = quantity
        self.reserved = 0

    def available(self):
        return self.quantity - self.reserved

    def reserve(self, n):
        if n > self.available():
            raise ValueError("only %d of %s left" % (self.available(), self.sku))
        self.reserved += n

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None


class Perishable(Item):
    """A batch that has to go by a certain day: calendars, mostly."""

    def __init__(self, sku, quantity, best_before):
        Item.__init__(self, sku, quantity)
        self.best_before = best_before

    def available(self, today=None):
        if self.best_before < (today or date.today()):
            return 0
        return Item.available(self)


class Shelf(object):
    """Many of them, hence the slots."""

    __slots__ = ("row", "column", "items")

    def __init__(self, row, column):
        self.row = row
        self.column = column
        self.items = []


class Warehouse(object):
    """Shelves by (row, column), and a till that nobody else should touch."""

    def __init__(self, name):
        self.name = name
        self.shelves = {}
        self.counts = defaultdict(int)
        self.__float = 0
        self.__keyholders = frozenset()

    def shelf(self, row, column):
        return self.shelves.setdefault((row, column), Shelf(row, column))

    def put(self, row, column, item):
        self.shelf(row, column).items.append(item)
        self.counts[item.sku] += item.quantity

    def find(self, sku):
        return [item for shelf in self.shelves.values() for item in shelf.items if item.sku == sku]

    def pay_in(self, pennies, keyholder):
        self.__float += pennies
        self.__keyholders |= {keyholder}

    def till(self):
        return self.__float, sorted(self.__keyholders)

    def save(self, path):
        # Protocol 2, because the label printer still runs on Python 2.
        with open(path, "wb") as f:
            converters.dump(self, f)

    @classmethod
    def load(cls, path):
        with open(path, "rb") as f:
            warehouse = converters.load(f)
        if not isinstance(warehouse, cls):
            raise TypeError("%s does not hold a warehouse" % path)
        return warehouse
