"""pickle's functions and the module itself, passed on as values."""

import functools
import pickle


def from_rows(rows) -> list[int]:
    return list(map(pickle.loads, rows))


def to_rows(values: list[int]):
    return [*map(pickle.dumps, values)]


write_short = functools.partial(pickle.dumps, protocol=2)


class Client:
    encode = staticmethod(pickle.dumps)
    decode = staticmethod(pickle.loads)

    def __init__(self, serializer=pickle, dumps=pickle.dumps):
        self.serializer = serializer
        self.dumps = dumps


MODULES = {"pickle": pickle}
