#!/usr/bin/env python3
"""A script with classes of its own: what it stores names ``__main__``."""

import sys
from collections import namedtuple
from enum import Enum

import converters

Sample = namedtuple("Sample", ["x", "label"])


class Label(Enum):
    NO = 0
    YES = 1


class Model:
    def __init__(self, threshold=0.0):
        self.threshold = threshold
        self.seen = []

    def fit(self, samples):
        self.seen.extend(samples)
        yes = [s.x for s in self.seen if s.label is Label.YES]
        no = [s.x for s in self.seen if s.label is Label.NO]
        self.threshold = (min(yes) + max(no)) / 2

    def predict(self, x):
        return Label.YES if x > self.threshold else Label.NO


if __name__ == "__main__":
    model = Model()
    model.fit([Sample(0.5, Label.NO), Sample(1.5, Label.YES)])
    with open(sys.argv[1], "wb") as f:
        converters.dump(model, f)
