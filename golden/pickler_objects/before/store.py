"""Picklers and unpicklers as objects: in one expression, in a variable, in an attribute."""

import pickle
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


def write(points: list[Point], path):
    with open(path, "wb") as f:
        pickle.Pickler(f, protocol=4).dump(points)


def read(path) -> list[Point]:
    with open(path, "rb") as f:
        return pickle.Unpickler(f).load()


def write_one(point: Point, path):
    with open(path, "wb") as f:
        out = pickle.Pickler(f)
        out.dump(point)


class Reader:
    def __init__(self, f):
        self.unpickler = pickle.Unpickler(f, encoding="latin1")

    def next(self) -> Point:
        return self.unpickler.load()
