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
    "unknown element": ("def f(o, h): pickle.dump([o], h)", "what [o] holds is unknown"),
    "bare list": ("def f(o: list, h): pickle.dump(o, h)", "what o holds is unknown"),
    "never filled": ("def f(h):\n    o = []\n    pickle.dump(o, h)", "what o holds is unknown"),
    "list of anything": ("def f(o: list[Any], h): pickle.dump(o, h)", "what o holds is unknown"),
    "a function for a type": ("def f(o: any, h): pickle.dump(o, h)", "o has an unknown type"),
    "a function for an argument": ("def f(o: list[any], h): pickle.dump(o, h)", "what o holds is unknown"),
    "one thing or anything": ("def f(a, o, h): pickle.dump(a or [1], h)", "a or [1] has an unknown type"),
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
    "declared parameter": (
        "def use(n, o: Order): pass\ndef f(h): use(1, pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "declared parameter, by keyword": (
        "def use(*, o: Order): pass\ndef f(h): use(o=pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "declared rest of the parameters": (
        "def use(*o: Order): pass\ndef f(h): use(1, pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "declared parameter of a method": (
        "class S:\n    def take(self, o: Order): pass\n    def f(self, h): self.take(pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "declared parameter of a constructor": (
        "class S:\n    def __init__(self, o: Order): pass\ndef f(h): S(pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "declared field of a dataclass": (
        "@dataclass\nclass S:\n    n: int\n    o: Order\ndef f(h): S(1, pickle.load(h))",
        [("app.m:Order", "declared")],
    ),
    "what is awaited": (
        "async def f(h) -> Order: return await pickle.load(h)",
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
    "it is asked in the next round": "def f(hs):\n    o = None\n    for h in hs:\n"
    "        if isinstance(o, Order): return o\n        o = pickle.load(h)",
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
    "annotated with a function": "def f(h) -> any: return pickle.load(h)",
    "isinstance of another name": "def f(h, x):\n    o = pickle.load(h)\n    assert isinstance(x, Order)",
    "returned under another name": "def f(h, x) -> Order:\n    o = pickle.load(h)\n    return x",
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_load_of_nothing_known(name):
    flow = one_flow(MODELS + NOT_KNOWN[name], operation="load")
    assert flow.types == ()
    assert not flow.closed


BEFORE = {
    "a check": "def f(o):\n    if isinstance(o, Order): o = pickle.loads(o)\n    return o",
    "made sure of": "def f(o):\n    assert isinstance(o, Order)\n    o = pickle.loads(o)\n    return o",
    "in each round of a loop": "def f(d, out):\n    for k in d:\n        o = d[k]\n"
    "        if isinstance(o, Order): o = pickle.loads(o)\n        out[k] = o",
    "of what is looped over": "def f(d, out):\n    for o in d:\n"
    "        if isinstance(o, Order): o = pickle.loads(o)\n        out.append(o)",
}


@pytest.mark.parametrize("name", BEFORE)
def test_a_question_about_what_a_load_replaces_says_nothing_of_the_load(name):
    flow = one_flow(MODELS + BEFORE[name], operation="loads")
    assert flow.types == ()
    assert not flow.closed


def test_what_a_load_gives_is_named_by_the_load():
    flow = one_flow(MODELS + "def f(h) -> list: return pickle.load(h)", operation="load")
    assert flow.why == "what the result of pickle.load(h) holds is unknown"


MAY_BE = {
    "variable that is passed on": (
        "def use(o: Order): pass\ndef f(h):\n    o = pickle.load(h)\n    use(o)",
        "app.m:Order",
    ),
    "variable that is kept": (
        "class S:\n    o: Order\n    def f(self, h):\n        o = pickle.load(h)\n        self.o = o",
        "app.m:Order",
    ),
    "what else an attribute is given": (
        "class S:\n    def __init__(self): self.o = Order()\n    def f(self, h): self.o = pickle.load(h)",
        "app.m:Order",
    ),
    "the same, through a variable": (
        "class S:\n    def __init__(self): self.o = Order()\n"
        "    def f(self, h):\n        o = pickle.load(h)\n        self.o = o",
        "app.m:Order",
    ),
    "what a caller declares": (
        "def f(h): return pickle.load(h)\ndef g(h):\n    o: Order = f(h)",
        "app.m:Order",
    ),
    "what a caller returns": (
        "def f(h): return pickle.load(h)\ndef g(h) -> Order: return f(h)",
        "app.m:Order",
    ),
    "what the caller of a method passes on": (
        "class S:\n    def f(self, h):\n        o = pickle.load(h)\n        return o\n"
        "def use(o: Order): pass\ndef g(h): use(S().f(h))",
        "app.m:Order",
    ),
    "the caller of a caller": (
        "def f(h): return pickle.load(h)\ndef g(h): return f(h)\ndef k(h) -> Order: return g(h)",
        "app.m:Order",
    ),
}


@pytest.mark.parametrize("name", MAY_BE)
def test_what_a_load_may_give_is_a_guess_and_never_all(name):
    text, expected = MAY_BE[name]
    flow = one_flow(MODELS + text, operation="load")
    assert said(flow) == [(expected, "guessed")]
    assert (flow.closed, flow.classes) == (False, {KEYS["Order"], KEYS["Line"], KEYS["Gift"]})
    assert "app.m:Order" in flow.why


NO_HINT = {
    "parameter of another argument": "def use(o: Order, n): pass\ndef f(h): use(1, pickle.load(h))",
    "parameter of another function": "def use(o: Order): pass\ndef f(h, other): other.use(pickle.load(h))",
    "parameter of any object": "def use(o: object): pass\ndef f(h): use(pickle.load(h))",
    "starred before it": "def use(n, o: Order): pass\ndef f(h, a): use(*a, pickle.load(h))",
    "called, not passed": "def use(o: Order): pass\ndef f(h): pickle.load(h)(use)",
    "a variable that is bound again": (
        "def use(o: Order): pass\ndef f(h, g):\n    o = pickle.load(h)\n    o = g(o)\n    use(o)"
    ),
    "an attribute that is None before": (
        "class S:\n    def __init__(self): self.o = None\n    def f(self, h): self.o = pickle.load(h)"
    ),
    "an attribute that is given anything": (
        "class S:\n    def __init__(self, o): self.o = o\n    def g(self): self.o = Order()\n"
        "    def f(self, h): self.o = pickle.load(h)"
    ),
    "a caller of a function that gives something else": (
        "def f(h):\n    o = pickle.load(h)\n    return len(o)\ndef g(h):\n    n: Order = f(h)"
    ),
    "a function of the same name": (
        "class S:\n    def f(self, h): return pickle.load(h)\n"
        "class T:\n    def f(self, h): return 1\ndef g(h) -> Order: return T().f(h)"
    ),
}


@pytest.mark.parametrize("name", NO_HINT)
def test_what_tells_nothing_of_a_load(name):
    flow = one_flow(MODELS + NO_HINT[name], operation="load")
    assert flow.types == ()
    assert not flow.closed


LIKE = """
class Parcel:
    weight = 0
    def __init__(self): self.receiver = ""
    def send_to(self): pass
class Express(Parcel):
    pass
class Letter:
    def __init__(self): self.receiver = ""
"""
SUGGESTED = {
    "attributes of a variable": "def f(h):\n    p = pickle.load(h)\n    print(p.weight, p.receiver)",
    "a method": "def f(h):\n    p = pickle.load(h)\n    p.send_to()\n    return p.receiver",
    "attributes of what is kept": (
        "class S:\n    def f(self, h): self.p = pickle.load(h)\n"
        "    def g(self): return self.p.weight, self.p.receiver"
    ),
}


@pytest.mark.parametrize("name", SUGGESTED)
def test_a_class_that_has_what_is_read_of_a_load_is_suggested_and_not_registered(name):
    flow = one_flow(MODELS + LIKE + SUGGESTED[name], operation="load")
    assert said(flow) == [("app.m:Parcel", "guessed")]
    assert (flow.closed, flow.classes) == (False, frozenset())
    assert "may be app.m:Parcel" in flow.why


NOT_ALIKE = {
    "one attribute": "def f(h):\n    p = pickle.load(h)\n    print(p.weight)",
    "an attribute that no class has": "def f(h):\n    p = pickle.load(h)\n    print(p.weight, p.size)",
    "names that other values have": "def f(h):\n    p = pickle.load(h)\n    print(p.weight, p.items())",
    "attributes of another variable": "def f(h, q):\n    p = pickle.load(h)\n    print(q.weight, q.receiver)",
    "a variable that is bound again": (
        "def f(h, g):\n    p = pickle.load(h)\n    p = g(p)\n    print(p.weight, p.receiver)"
    ),
    "two classes that are not akin": (
        "class Crate:\n    weight = 0\n    receiver = ''\n"
        "def f(h):\n    p = pickle.load(h)\n    print(p.weight, p.receiver)"
    ),
}


@pytest.mark.parametrize("name", NOT_ALIKE)
def test_what_suggests_no_class(name):
    assert one_flow(MODELS + LIKE + NOT_ALIKE[name], operation="load").types == ()


RANKS = """
def use(o: Line): pass
class S:
    def __init__(self): self.p = Order()
    def g(self): return self.p.weight, self.p.receiver
    def f(self, h):
        p = pickle.load(h)
        self.p = p
"""


def test_what_else_an_attribute_is_given_goes_before_a_class_that_is_only_alike():
    flow = one_flow(MODELS + LIKE + RANKS, operation="load")
    assert said(flow) == [("app.m:Order", "guessed")]


def test_the_type_that_is_expected_goes_before_both():
    flow = one_flow(f"{MODELS}{LIKE}{RANKS}        use(p)\n", operation="load")
    assert said(flow) == [("app.m:Line", "guessed")]


def test_beside_a_dump_that_is_not_wholly_known_a_hint_is_one_more_guess():
    text = (
        "class S:\n    def __init__(self): self.o = Order()\n    def f(self, h): self.o = pickle.load(h)\n"
        "    def w(self, x, h): pickle.dump([x], h)"
    )
    flow = one_flow(MODELS + text, operation="load")
    assert {ref for ref, _ in said(flow)} >= {"app.m:Order"}
    assert not flow.closed
    assert flow.why.startswith("as written at line")


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
