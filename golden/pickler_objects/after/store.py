"""Picklers and unpicklers as objects: in one expression, in a variable, in an attribute."""

from dataclasses import dataclass

import converters


@dataclass
class Point:
    x: int
    y: int


def write(points: list[Point], path):
    with open(path, "wb") as f:
        converters.dump(points, f)


def read(path) -> list[Point]:
    with open(path, "rb") as f:
        return converters.load(f)


def write_one(point: Point, path):
    with open(path, "wb") as f:
        out = converters.Pickler(f)
        out.dump(point)


class Reader:
    def __init__(self, f):
        self.unpickler = converters.Unpickler(f, encoding="latin1")

    def next(self) -> Point:
        return self.unpickler.load()
