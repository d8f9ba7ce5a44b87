"""pickle-migrate: takes a Python code base off pickle, for good, and without losing a byte.

The rooms and their import direction are described in ``docs/design.md``.
"""

__version__ = "0.1.0"
