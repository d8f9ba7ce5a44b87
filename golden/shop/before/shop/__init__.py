"""The back office of a small bookshop."""

__version__ = "4.2"
