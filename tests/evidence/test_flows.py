"""What flows through a site, and whether that is a closed set."""

from __future__ import annotations

import pytest

from .support import flows, one_flow, said, tree

MODELS = """
import pickle
from dataclasses import dataclass, field
from typing import Any, cast
@dataclass
class Line:
    sku: str
@dataclass
class Order:
    lines: list[Line] = field(default_factory=list)
@dataclass
class Gift(Line):
    note: str = ""
@dataclass
class Loose:
    meta: Any = None
"""
KEYS = {name: f"app.m:{name}" for name in ("Line", "Order", "Gift", "Loose")}

DUMPS = {
    "annotated parameter": ("def f(o: Order, h): pickle.dump(o, h)", [("app.m:Order", "declared")]),
    "local constructor": ("def f(h):\n    o = Order()\n    pickle.dump(o, h)", [("app.m:Order", "inferred")]),
    "annotated variable": (
        "def f(h, x):\n    o: Order = x\n    pickle.dump(o, h)",
        [("app.m:Order", "declared")],
    ),
    "display": ("def f(h): pickle.dump([Order()], h)", [("list[app.m:Order]", "inferred")]),
    "call with a return annotation": (
        "def g(x) -> Order: return x\ndef f(h): pickle.dump(g(1), h)",
        [("app.m:Order", "inferred")],
    ),
    "loop variable": (
        "def f(h, os: list[Order]):\n    for o in os: pickle.dump(o, h)",
        [("app.m:Order", "inferred")],
    ),
    "from a caller": ("def _f(o, h): pickle.dump(o, h)\n_f(Order(), None)", [("app.m:Order", "inferred")]),
    "keyword": ("def f(o: Order, h): pickle.dump(file=h, obj=o)", [("app.m:Order", "declared")]),
    "Pickler": ("def f(o: Order, h): pickle.Pickler(h).dump(o)", [("app.m:Order", "declared")]),
}


@pytest.mark.parametrize("name", DUMPS)
def test_dump(name):
    text, expected = DUMPS[name]
    flow = one_flow(MODELS + text, operation="dump")
    assert said(flow) == expected
    assert flow.closed, flow.why
    assert flow.classes == {KEYS["Order"], KEYS["Line"], KEYS["Gift"]}


OPEN = {
    "untyped parameter": ("def f(o, h): pickle.dump(o, h)", "o has an unknown type"),
    "field of any type": ("def f(o: Loose, h): pickle.dump(o, h)", "Loose.meta has an unknown type"),
    "unknown element": ("def f(o, h): pickle.dump([o], h)", "[o] has an unknown type"),
    "bare list": ("def f(o: list, h): pickle.dump(o, h)", "o has an unknown type"),
    "never filled": ("def f(h):\n    o = []\n    pickle.dump(o, h)", "what o holds is unknown"),
    "another library's object": (
        "import numpy\ndef f(h): pickle.dump(numpy.Thing(), h)",
        "numpy.Thing() may be numpy.Thing, which is not a class of the tree",
    ),
    "function": ("def f(h): pickle.dump(f, h)", "f may be a function"),
    "local class": (
        "def f(h):\n    class L: pass\n    pickle.dump(L(), h)",
        "L is a class that pickle cannot find by name",
    ),
    "base outside the tree": (
        "import lib\nclass D(lib.Base): pass\ndef f(h): pickle.dump(D(), h)",
        "D derives from lib.Base, which is not in the tree",
    ),
    "computed attributes": (
        "class D:\n    def s(self, k): setattr(self, k, 1)\ndef f(h): pickle.dump(D(), h)",
        "D gets attributes under computed names",
    ),
    "a subclass with an unknown field": (
        "class B: pass\nclass D(B):\n    def s(self, k): self.k = k\ndef f(b: B, h): pickle.dump(b, h)",
        "D.k has an unknown type",
    ),
    "generator": (
        "def f(h): pickle.dump((i for i in 'ab'), h)",
        "may be an iterator, which cannot be stored",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_open(name):
    text, why = OPEN[name]
    flow = one_flow(MODELS + text, operation="dump")
    assert not flow.closed
    assert why in flow.why


def test_a_class_that_dumps_itself_means_its_subclasses_too():
    text = "class B:\n    def save(self, h): pickle.dump(self, h)\nclass D(B): pass\n"
    flow = one_flow(MODELS + text, operation="dump")
    assert flow.classes == {"app.m:B", "app.m:D"}
    assert flow.closed


def test_the_state_of_an_object_has_the_types_of_its_fields():
    text = (
        "class B:\n    def __init__(self): self.n = 1\n    def save(self, h): pickle.dump(self.__dict__, h)\n"
    )
    assert said(one_flow(MODELS + text, operation="dump")) == [("dict[str, int]", "inferred")]


def test_open_fields_are_listed():
    flow = one_flow(MODELS + "def f(o: Loose, h): pickle.dump(o, h)", operation="dump")
    assert flow.open_fields == ("app.m:Loose.meta",)


def test_callers_of_a_function_that_the_package_offers_are_not_all_seen():
    sources = tree(
        lib__="from lib.io import save",
        lib__io="import pickle\ndef save(o, h): pickle.dump(o, h)\n",
        app="from lib import save\nsave([1], None)\n",
    )
    (flow,) = flows(sources, operation="dump")
    assert said(flow) == [("list[int]", "inferred")]
    assert not flow.closed
    assert "offers it to others" in flow.why


def test_tests_are_no_proof_of_what_a_parameter_gets():
    sources = tree(
        lib__="",
        lib__io="import pickle\ndef save(o, h): pickle.dump(o, h)\n",
        tests__test_io="from lib.io import save\nsave([1], None)\n",
    )
    (flow,) = flows(sources, operation="dump")
    assert not flow.closed
    assert "only tests or examples" in flow.why


def test_callers_in_the_application_are():
    sources = tree(
        lib__="",
        lib__io="import pickle\ndef save(o, h): pickle.dump(o, h)\n",
        app="from lib.io import save\nsave([1], None)\n",
    )
    (flow,) = flows(sources, operation="dump")
    assert flow.closed, flow.why


LOADS = {
    "annotated variable": ("def f(h):\n    o: Order = pickle.load(h)", [("app.m:Order", "declared")]),
    "return annotation": ("def f(h) -> Order: return pickle.load(h)", [("app.m:Order", "declared")]),
    "returned variable": (
        "def f(h) -> Order:\n    o = pickle.load(h)\n    return o",
        [("app.m:Order", "declared")],
    ),
    "cast": ("def f(h): return cast(Order, pickle.load(h))", [("app.m:Order", "declared")]),
    "isinstance afterwards": (
        "def f(h):\n    o = pickle.load(h)\n    assert isinstance(o, Order)",
        [("app.m:Order", "inferred")],
    ),
    "declared attribute": (
        "class S:\n    o: Order\n    def f(self, h): self.o = pickle.load(h)",
        [("app.m:Order", "declared")],
    ),
    "yield": (
        "from collections.abc import Iterator\ndef f(h) -> Iterator[Order]: yield pickle.load(h)",
        [("app.m:Order", "declared")],
    ),
    "paired dump in the class": (
        "class S:\n    def w(self, o: Order, h): pickle.dump(o, h)\n"
        "    def r(self, h): return pickle.load(h)",
        [("app.m:Order", "guessed")],
    ),
}


@pytest.mark.parametrize("name", LOADS)
def test_load(name):
    text, expected = LOADS[name]
    flow = one_flow(MODELS + text, operation="load")
    assert said(flow) == expected
    assert flow.closed, flow.why


_GET = "def f(h):\n    o = pickle.load(h)\n"
_CHECK = "    if not isinstance(o, Order): raise TypeError\n"
ASSURED = {
    "a check": (_GET + _CHECK, "app.m:Order"),
    "a check beside another": (
        _GET + "    if h.closed or not isinstance(o, Order): raise TypeError\n",
        "app.m:Order",
    ),
    "two kinds": (_GET + "    assert isinstance(o, (Order, Line))", "Union[app.m:Line, app.m:Order]"),
    "every other kind is an error": (
        _GET + "    if isinstance(o, Order): a = 1\n    elif isinstance(o, Line): a = 2\n"
        "    else: raise TypeError",
        "Union[app.m:Line, app.m:Order]",
    ),
    "after the with": (
        "def f(p):\n    with open(p) as h:\n        o = pickle.load(h)\n"
        "    assert isinstance(o, Order)\n    return o",
        "app.m:Order",
    ),
    "one that failed is replaced": (
        "def f(h):\n    try:\n        o = pickle.load(h)\n    "
        + _CHECK
        + "    except TypeError:\n        o = None\n    return o",
        "app.m:Order",
    ),
    "returned, or another where none can be read": (
        "def f(h) -> Order:\n    o = None\n    try:\n        o = pickle.load(h)\n    except EOFError:\n"
        "        o = Order()\n    return o",
        "app.m:Order",
    ),
}


@pytest.mark.parametrize("name", ASSURED)
def test_a_load_that_is_made_sure_of(name):
    text, expected = ASSURED[name]
    flow = one_flow(MODELS + text, operation="load")
    assert said(flow) == [(expected, "inferred")]
    assert flow.closed, flow.why


ASKED = {
    "the other kinds are welcome": _GET + "    if isinstance(o, Order): return [o]\n    first, second = o",
    "they come back as they are": _GET + "    if not isinstance(o, Order): return o\n    return o.n",
    "the error is only of some": _GET
    + "    if not isinstance(o, Order):\n        if h: return o\n        raise TypeError\n",
    "some have left before": _GET + "    if h: return o\n" + _CHECK,
    "it is asked of another": _GET + "    h.put(o)\n    o = Order()\n" + _CHECK,
    "only in one branch": _GET + "    if h:\n        assert isinstance(o, Order)\n    return o",
    "after a loop, of the last": "def f(hs, out):\n    for h in hs:\n        o = pickle.load(h)\n"
    "        out.append(o)\n    assert isinstance(o, Order)",
    "the error is caught": "def f(h):\n    try:\n        o = pickle.load(h)\n    "
    + _CHECK
    + "    except TypeError:\n        pass\n    return o",
    "the error is caught, and it is used": "def f(h):\n    try:\n        o = pickle.load(h)\n    "
    + _CHECK
    + "    except TypeError:\n        o = [o]\n    return o",
    "returned, but replaced before": "def f(h) -> Order:\n    o = pickle.load(h)\n    o = Order(*o)\n"
    "    return o",
    "returned, but replaced in the loop": "def f(hs) -> Order:\n    for h in hs:\n"
    "        if h: o = Order(*o)\n        o = pickle.load(h)\n    return o",
}


@pytest.mark.parametrize("name", ASKED)
def test_a_load_of_which_only_one_kind_is_spoken_of(name):
    flow = one_flow(MODELS + ASKED[name], operation="load")
    assert said(flow) == [("app.m:Order", "guessed")]
    assert not flow.closed
    assert "may be something else than app.m:Order" in flow.why


def test_a_load_of_state_gets_the_types_of_the_fields():
    text = (
        "class B:\n    def __init__(self): self.n = 1\n"
        "    def r(self, h): self.__dict__.update(pickle.load(h))\n"
    )
    assert said(one_flow(MODELS + text, operation="load")) == [("dict[str, int]", "inferred")]


NOT_KNOWN = {
    "nothing around": "def f(h): return pickle.load(h)",
    "annotated as anything": "def f(h) -> Any: return pickle.load(h)",
    "isinstance of another name": "def f(h, x):\n    o = pickle.load(h)\n    assert isinstance(x, Order)",
    "returned under another name": "def f(h, x) -> Order:\n    o = pickle.load(h)\n    return x",
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_load_of_nothing_known(name):
    flow = one_flow(MODELS + NOT_KNOWN[name], operation="load")
    assert flow.types == ()
    assert not flow.closed


def test_load_change_dump_is_closed_by_what_is_put_in():
    text = """
def f(h):
    try:
        seen = pickle.load(h)
    except EOFError:
        seen = {}
    seen["a"] = Order()
    pickle.dump(seen, h)
"""
    flow = one_flow(MODELS + text, operation="dump")
    assert flow.closed, flow.why
    assert {ref for ref, _ in said(flow)} >= {"dict[str, app.m:Order]"}


def test_a_kept_pickler_is_as_closed_as_what_goes_through_it():
    text = "def f(o: Order, h):\n    p = pickle.Pickler(h)\n    p.dump(o)\n"
    assert one_flow(MODELS + text, operation="pickler").closed
    text = "def f(o, h):\n    p = pickle.Pickler(h)\n    p.dump(o)\n"
    assert not one_flow(MODELS + text, operation="pickler").closed


def test_pickle_passed_on_is_open():
    assert not one_flow(MODELS + "keep = dict(serializer=pickle)", operation="module").closed
    assert not one_flow(MODELS + "keep = [pickle.loads]", operation="value").closed


class TestShelves:
    """What is stored in a shelf is seen where the shelf does not leave the variable that it is in."""

    SEEN = {
        "with": 'with shelve.open("x") as db:\n        db["a"] = Line("s")',
        "variable": 'db = shelve.open("x")\n    db["a"] = Line("s")\n    db.close()',
        "closing": 'with closing(shelve.open("x")) as db:\n        db["a"] = Line("s")',
        "read as well": 'with shelve.open("x") as db:\n        db["a"] = Line("s")\n'
        '        for k in db: print(db[k].sku, len(db), k in db, db.get(k))\n        del db["a"]',
        "setdefault": 'with shelve.open("x") as db:\n        db.setdefault("a", Line("s"))',
        "no writeback": 'with shelve.open("x", "c", None, False) as db:\n        db["a"] = Line("s")',
    }
    OPEN = {
        "unknown value": ('with shelve.open("x") as db:\n        db["a"] = h', "h"),
        "returned": ('db = shelve.open("x")\n    db["a"] = Line("s")\n    return db', "what else is done"),
        "passed on": ('db = shelve.open("x")\n    fill(db)', "what else is done"),
        "update": ('with shelve.open("x") as db:\n        db.update(h)', "what else is done"),
        "attribute": ('h.db = shelve.open("x")', "not visible"),
        "in place": (
            'with shelve.open("x", writeback=True) as db:\n        db["a"] = Line("s")',
            "writeback",
        ),
        "added to": ('with shelve.open("x") as db:\n        db["a"] += h', "db"),
        "read only": ('with shelve.open("x") as db:\n        return db["a"]', "nothing in this file"),
        "unseen arguments": ('with shelve.open(*h) as db:\n        db["a"] = Line("s")', "writeback"),
    }

    @pytest.mark.parametrize("name", SEEN)
    def test_seen(self, name):
        flow = one_flow(f"import shelve{MODELS}\ndef f(h):\n    {self.SEEN[name]}\n", operation="shelf")
        assert said(flow) == [("app.m:Line", "inferred")]
        assert (flow.closed, flow.classes) == (True, {KEYS["Line"], KEYS["Gift"]})

    @pytest.mark.parametrize("name", OPEN)
    def test_open(self, name):
        body, why = self.OPEN[name]
        flow = one_flow(f"import shelve{MODELS}\ndef f(h):\n    {body}\n", operation="shelf")
        assert not flow.closed
        assert why in flow.why

    def test_one_that_reads_is_known_by_one_that_writes_beside_it(self):
        writer = 'import shelve\ndef f():\n    with shelve.open("x") as db: db["a"] = 1\n'
        for reader in ('return dict(shelve.open("x"))', 'db = shelve.open("x"); return dict(db)'):
            found = flows(tree(m=f"{writer}def g():\n    {reader}\n"), operation="shelf")
            assert [flow.closed for flow in found] == [True, True], reader

    def test_one_that_leaves_its_variable_casts_doubt_on_the_others(self):
        text = 'import shelve\ndef f():\n    with shelve.open("x") as db: db["a"] = 1\n'
        found = flows(tree(m=f'{text}def g(): return shelve.open("x")\n'), operation="shelf")
        assert [flow.closed for flow in found] == [False, False]

    def test_a_variable_of_a_module_that_others_import(self):
        text = 'import shelve\ndb = shelve.open("x")\ndb["a"] = 1\n'
        assert flows(tree(m=text), operation="shelf")[0].closed
        assert not flows(tree(m=text, other="import m\nm.db['b'] = object()\n"), operation="shelf")[0].closed
