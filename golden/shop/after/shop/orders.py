"""The old home of some classes: archives from before release 3 name them here."""

from shop.models import Customer, Order
from shop.models import Line as Item

__all__ = ["Customer", "Item", "Order"]
