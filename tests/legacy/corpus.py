"""Pickles of ordinary values, of every protocol, to be changed at random."""

import collections
import datetime as dt
import decimal
import pickle


class Plain:
    def __init__(self, *values):
        self.values = values
        self.name = "plain"


class Slotted:
    __slots__ = ("left", "right")


class Keyed:
    def __new__(cls, *, key=None):
        return super().__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"key": 1}


class Listed(list):
    pass


class Reduced:
    def __reduce__(self):
        return Plain, (1,), {"state": 2}, iter([]), iter([])


class StateSetter(Reduced):
    def __reduce__(self):
        return Plain, (1,), {"state": 2}, None, None, setter


def setter(target, state):
    target.state = state


def _cycle():
    value = Plain([], {})
    value.values[0].append((value, value.values))
    value.values[1][value.name] = value
    return value


def _tuple_in_itself():
    value = ([],)
    value[0].append(value)
    return value


def _slotted():
    value = Slotted()
    value.left, value.right = 1, [Slotted]
    return value


VALUES = (
    None,
    [1, 2.5, "three", b"four", (5, 6), {"seven": 8}, {9}, frozenset((10,)), True, 1 << 70, -1, 300, 70_000],
    {"a": {"b": {"c": [{}]}}, 1: (), (2, 3): "tuple"},
    Plain(1, "x", [Plain()]),
    [Plain(index) for index in range(4)],
    Keyed(),
    Listed([1, Listed()]),
    StateSetter(),
    _cycle(),
    _tuple_in_itself(),
    collections.OrderedDict([("b", 1), ("a", [2])]),
    collections.defaultdict(list, {"k": [1]}),
    collections.deque([1, "2"], 5),
    decimal.Decimal("1.5"),
    dt.datetime(2020, 1, 2, tzinfo=dt.timezone.utc),
    bytearray(b"some bytes"),
    "x" * 300,
    b"y" * 6000,
    ["é", "\udc80", "", "a\nb\\"],
    {str(index): index for index in range(1001)},
    Exception("message", 1),
)
PYTHON_2 = (
    b"(dp0\nS'key'\np1\nI1\nsS'other'\np2\n(lp3\nF1.5\naL5L\nasg1\ng3\ns.",
    b"(i__main__\nOld\np0\n(dp1\nS'x'\np2\nI1\nsb.",
    b"(c__main__\nOld\nq\x00oq\x01}q\x02U\x01xq\x03K\x01sb.",
    b"\x80\x02]q\x00(U\x05helloq\x01T\x03\x00\x00\x00abcq\x02h\x01e.",
    b"\x80\x02(U\x01aK\x01U\x01bK\x02d.",
    b"(S'a'\nV\\u00e9\nI00\nI01\nNtp0\n0g0\n.",
    b"Ppersistent\n.",
    b"\x80\x02U\x02idQq\x00(h\x00Nt.",
)
SEEDS = (
    *(pickle.dumps(value, protocol) for value in VALUES for protocol in range(6)),
    *(pickle.dumps(_slotted(), protocol) for protocol in range(2, 6)),
    *PYTHON_2,
)
