# ruff: noqa: PLC3002
"""Promise 2: no kind of value is silently changed, whichever way it is stored. See docs/exactness.md."""

import copy
import pickle
import random
import sys

import pytest

from migrate.runtime import differences
from tests.exactness import table
from tests.exactness.judge import describe
from tests.exactness.kinds import KINDS
from tests.runtime.models import Line, Order, Plain

PAGE_IS_OF = (3, 11)


@pytest.fixture(scope="module")
def ours():
    return table.our_table()


def test_there_are_enough_kinds():
    assert len(KINDS) >= 300


@pytest.mark.parametrize("column", table.OURS)
def test_nothing_is_changed(ours, column):
    changed = {name: row[column].detail for name, row in ours.items() if row[column].word == "changed"}
    assert changed == {}


def test_most_kinds_that_pickle_can_store_are_kept(ours):
    for protocol in table.PROTOCOLS:
        words = [row[f"pickle {protocol}"].word for row in ours.values()]
        stored = [word for word in words if word != "none"]
        assert stored.count("exact") / len(stored) > 0.9


def test_every_refusal_has_a_reason(ours):
    from migrate.model import REASONS

    refused = [o for row in ours.values() for o in row.values() if o.word == "refused"]
    assert refused
    assert all(outcome.detail in REASONS for outcome in refused)


@pytest.mark.skipif(sys.version_info[:2] != PAGE_IS_OF, reason="some kinds differ between versions of Python")
def test_the_page_is_up_to_date(ours):
    lines = table.PAGE.read_text(encoding="utf-8").split("## Kind by kind")[1].splitlines()
    shown = {}
    for line in lines:
        cells = [cell.strip() for cell in line.replace("\\|", "\0").split(" | ")]
        if line.startswith("| ") and len(cells) > len(table.OURS):
            shown[cells[0].removeprefix("| ").replace("\0", "|")] = cells[1 : 1 + len(table.OURS)]
    for name, row in ours.items():
        assert shown[name] == [table.SIGNS[row[column].word] for column in table.OURS], name


# --- the second opinion is worth something --------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        ("a", b"a"),
        ([1], (1,)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1: "a"}, {"1": "a"}),
        ([[], []], (lambda v: [v, v])([])),
        (Plain(a=1), Plain(a=1, b=2)),
        (Plain(a=[1]), Plain(a=(1,))),
        (Line("a"), Plain(sku="a")),
        ({1}, {True}),
        (bytearray(b"a"), b"a"),
        (KINDS["datetime fold"](), KINDS["datetime"]()),
        (KINDS["deque maxlen"](), KINDS["deque"]()),
        (KINDS["defaultdict"](), KINDS["defaultdict of set"]()),
    ],
)
def test_both_opinions_see_a_difference(left, right):
    assert describe(left) != describe(right)
    assert differences(left, right) != []


def test_neither_opinion_sees_one_in_what_pickle_brings_back(ours):
    for name, row in ours.items():
        if row["pickle 5"].word == "exact":
            value = KINDS[name]()
            again = pickle.loads(pickle.dumps(value, 5))
            if describe(value) == describe(again):  # else pickle itself changes it, as attributes of slots
                assert differences(value, again) == [], name


def mutations():
    """Return name → a change of one thing in the graph that ``graph`` makes."""
    return {
        "the type of a number": lambda g: g[0].__setitem__("n", 1.0),
        "the sign of zero": lambda g: g[0].__setitem__("zero", -0.0),
        "the type of a key": lambda g: g[0].__setitem__(True, g[0].pop(1)),
        "the order of keys": lambda g: g[0].__setitem__("n", g[0].pop("n")),
        "an attribute": lambda g: setattr(g[1], "later", None),
        "an attribute less": lambda g: delattr(g[1], "a"),
        "an element": lambda g: g[2].lines.append(Line("new")),
        "a list that was shared": lambda g: setattr(g[1], "a", list(g[1].a)),
        "a list that was not": lambda g: g[2].lines[0].notes.append(g[2].lines),
        "the class of an element": lambda g: g[2].lines.__setitem__(0, Plain(sku="a", qty=1, notes=[])),
        "a fold": lambda g: g[0].__setitem__("when", g[0]["when"].replace(fold=1)),
        "a maxlen": lambda g: g.__setitem__(3, type(g[3])(g[3], 9)),
        "a factory": lambda g: setattr(g[4], "default_factory", set),
        "a set": lambda g: g[5].add("new"),
        "a byte": lambda g: g[6].__setitem__(0, 0),
    }


def graph():
    shared = [1, 2]
    return [
        {"n": 1, "zero": 0.0, 1: "one", "when": KINDS["datetime"](), "shared": shared},
        Plain(a=shared, b=None),
        Order(1, lines=[Line("a", 1, [])]),
        KINDS["deque"](),
        KINDS["defaultdict"](),
        {"x", "y"},
        bytearray(b"abc"),
    ]


@pytest.mark.parametrize("name", mutations())
def test_a_change_of_one_thing_is_found(name):
    before, after = graph(), graph()
    assert differences(before, after) == []
    mutations()[name](after)
    assert len(differences(before, after)) >= 1
    assert describe(before) != describe(after)


@pytest.mark.parametrize("seed", range(50))
def test_changes_anywhere_in_nested_data_are_found(seed):
    rng = random.Random(seed)
    before = _nested(rng, 4)
    after = copy.deepcopy(before)
    assert differences(before, after) == []
    holder, key = rng.choice(list(_places(after)))
    old = holder[key]
    new = rng.choice([v for v in (0, False, 0.0, -0.0, "", b"", None, (), [], {}) if not _alike(v, old)])
    holder[key] = new
    assert differences(before, after) != []


def _nested(rng, depth):
    if depth == 0:
        return rng.choice([0, False, 0.0, -0.0, "", b"", None, (), 1, "x"])
    if rng.random() < 0.5:
        return [_nested(rng, depth - 1) for _ in range(3)]
    return {rng.choice(["a", 1, None, (1,)]): _nested(rng, depth - 1) for _ in range(3)}


def _places(value):
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(item, (list, dict)):
            yield from _places(item)


def _alike(a, b):
    return type(a) is type(b) and repr(a) == repr(b)
