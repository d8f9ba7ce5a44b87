#!/usr/bin/env python
"""Imports at the top, some of them for nothing."""
import os, sys  # three on a line
from lib import converters
from pickle import (
    dumps,
    loads as read,  # renamed
)


def roundtrip(x: dict[str, int]) -> bytes:
    """The name `pickle` in this string is not a use."""
    pickle_path = os.path.join("a", "pickle")  # nor is pickle here
    with open(pickle_path, "wb") as f: converters.dump(x, f)
    if sys.flags.debug: print(read(dumps(x)))
    return converters.dumps(x)
