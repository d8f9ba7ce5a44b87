#!/usr/bin/env python
"""Imports at the top, some of them for nothing."""
import os, pickle, sys  # three on a line
import pickle as unused
from pickle import (
    HIGHEST_PROTOCOL,  # kept for callers
    dumps,
    loads as read,  # renamed
)


def roundtrip(x: dict[str, int]) -> bytes:
    """The name `pickle` in this string is not a use."""
    pickle_path = os.path.join("a", "pickle")  # nor is pickle here
    with open(pickle_path, "wb") as f: pickle.dump(x, f, HIGHEST_PROTOCOL)
    if sys.flags.debug: print(read(dumps(x)))
    return dumps(x, protocol=HIGHEST_PROTOCOL)
