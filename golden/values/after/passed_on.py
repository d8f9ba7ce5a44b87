"""pickle's functions and the module itself, passed on as values."""

import functools

import converters


def from_rows(rows) -> list[int]:
    return list(map(converters.loads, rows))


def to_rows(values: list[int]):
    return [*map(converters.dumps, values)]


write_short = functools.partial(converters.dumps, protocol=2)


class Client:
    encode = staticmethod(converters.dumps)
    decode = staticmethod(converters.loads)

    def __init__(self, serializer=converters, dumps=converters.dumps):
        self.serializer = serializer
        self.dumps = dumps


MODULES = {"pickle": converters}
