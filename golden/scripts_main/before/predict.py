#!/usr/bin/env python3
"""Reads what train.py wrote, the way scripts do."""

import pickle
import sys

from train import Label, Model, Sample  # noqa: F401  (the pickle looks for them here)

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as f:
        model = pickle.load(f)
    print(model.predict(float(sys.argv[2])).name, len(model.seen))
