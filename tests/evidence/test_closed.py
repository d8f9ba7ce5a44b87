"""What closes a set of types, attacked: wherever an ``Order`` flows, it is named, or the flow is open.

A flow that is closed may be edited without a question, so each of these that came out closed and without the
class would be a wrong ``safe``.
"""

from __future__ import annotations

import sys

import pytest

from . import ways
from .support import flows, one_flow, tree

HEAD = ways.HEAD
CASES = {
    "for else": ("def s(f):\n    x = None\n    for x in [Order()]: pass\n    pickle.dump(x, f)\n"),
    "with as": (
        "import contextlib\n"
        "@contextlib.contextmanager\n"
        "def mk():\n"
        "    yield Order()\n"
        "def s(f):\n"
        "    x = None\n"
        "    with mk() as x:\n"
        "        pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "walrus": ("def s(f):\n    x = None\n    if (x := Order()): pass\n    pickle.dump(x, f)\n"),
    "tuple unpack": ("def s(f):\n    x, y = None, 1\n    x, y = Order(), 2\n    pickle.dump(x, f)\n"),
    "star unpack": ("def s(f):\n    x, *y = [Order(), 1]\n    pickle.dump(x, f)\n"),
    "star rest": ("def s(f):\n    y, *x = [1, Order()]\n    pickle.dump(x, f)\n"),
    "augassign": ("def s(f):\n    x = []\n    x += [Order()]\n    pickle.dump(x, f)\n"),
    "augassign alias": ("def s(f):\n    x = []\n    y = x\n    y += [Order()]\n    pickle.dump(x, f)\n"),
    "alias append": ("def s(f):\n    x = []\n    y = x\n    y.append(Order())\n    pickle.dump(x, f)\n"),
    "passed append": (
        "def fill(y):\n    y.append(Order())\ndef s(f):\n    x = []\n    fill(x)\n    pickle.dump(x, f)\n"
    ),
    "passed setitem": (
        "def fill(y):\n    y['a'] = Order()\ndef s(f):\n    x = {}\n    fill(x)\n    pickle.dump(x, f)\n"
    ),
    "passed method": (
        "class F:\n"
        "    def fill(self, y):\n"
        "        y.append(Order())\n"
        "def s(f):\n"
        "    x = []\n"
        "    F().fill(x)\n"
        "    pickle.dump(x, f)\n"
    ),
    "passed nested": (
        "def fill(y):\n"
        "    y['a'].append(Order())\n"
        "def s(f):\n"
        "    x = {'a': []}\n"
        "    fill(x)\n"
        "    pickle.dump(x, f)\n"
    ),
    "returned alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = []\n"
        "    def get(self):\n"
        "        return self.items\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
        "def go(a):\n"
        "    A().get().append(Order())\n"
    ),
    "attr alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = []\n"
        "    def add(self):\n"
        "        i = self.items\n"
        "        i.append(Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
    ),
    "outside append": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = []\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
        "def go():\n"
        "    a = A()\n"
        "    a.items.append(Order())\n"
    ),
    "outside append unknown": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = []\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
        "def go(a):\n"
        "    a.items.append(Order())\n"
    ),
    "subclass store": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.item = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.item, f)\n"
        "class B(A):\n"
        "    def go(self):\n"
        "        self.item = Order()\n"
    ),
    "subclass classvar": (
        "class A:\n"
        "    item = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.item, f)\n"
        "class B(A):\n"
        "    item = Order()\n"
    ),
    "subclass method": (
        "class A:\n"
        "    def item(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.item(), f)\n"
        "class B(A):\n"
        "    def item(self):\n"
        "        return Order()\n"
    ),
    "subclass property": (
        "class A:\n"
        "    @property\n"
        "    def item(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.item, f)\n"
        "class B(A):\n"
        "    @property\n"
        "    def item(self):\n"
        "        return Order()\n"
    ),
    "subclass prop over var": (
        "class A:\n"
        "    item = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.item, f)\n"
        "class B(A):\n"
        "    @property\n"
        "    def item(self):\n"
        "        return Order()\n"
    ),
    "dict update": ("def s(f):\n    x = {}\n    x.update(a=Order())\n    pickle.dump(x, f)\n"),
    "dict update pos": ("def s(f):\n    x = {}\n    x.update({'a': Order()})\n    pickle.dump(x, f)\n"),
    "dict or": ("def s(f):\n    x = {}\n    x |= {'a': Order()}\n    pickle.dump(x, f)\n"),
    "setdefault": ("def s(f):\n    x = {}\n    x.setdefault('a', Order())\n    pickle.dump(x, f)\n"),
    "setdefault append": (
        "def s(f):\n    x = {}\n    x.setdefault('a', []).append(Order())\n    pickle.dump(x, f)\n"
    ),
    "defaultdict": (
        "from collections import defaultdict\n"
        "def s(f):\n"
        "    x = defaultdict(list)\n"
        "    x['a'].append(Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "list slice": ("def s(f):\n    x = [1]\n    x[0:1] = [Order()]\n    pickle.dump(x, f)\n"),
    "insert": ("def s(f):\n    x = [1]\n    x.insert(0, Order())\n    pickle.dump(x, f)\n"),
    "map": ("def s(f):\n    x = list(map(lambda a: Order(), [1]))\n    pickle.dump(x, f)\n"),
    "filter": ("def s(f):\n    x = list(filter(None, [Order()]))\n    pickle.dump(x, f)\n"),
    "sorted": ("def s(f):\n    x = sorted([Order()])\n    pickle.dump(x, f)\n"),
    "zip": ("def s(f):\n    x = dict(zip([1], [Order()]))\n    pickle.dump(x, f)\n"),
    "enumerate": ("def s(f):\n    x = list(enumerate([Order()]))\n    pickle.dump(x, f)\n"),
    "ifexp": ("def s(f, c):\n    x = 1 if c else Order()\n    pickle.dump(x, f)\n"),
    "or": ("def s(f, c=None):\n    x = c or Order()\n    pickle.dump(x, f)\n"),
    "nonlocal": (
        "def s(f):\n"
        "    x = None\n"
        "    def g():\n"
        "        nonlocal x\n"
        "        x = Order()\n"
        "    g()\n"
        "    pickle.dump(x, f)\n"
    ),
    "global": ("x = None\ndef g():\n    global x\n    x = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "global in class": (
        "x = None\n"
        "class C:\n"
        "    def g(self):\n"
        "        global x\n"
        "        x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "kwargs": ("def s(f, **kw):\n    pickle.dump(kw, f)\ns(open('x'), a=Order())\n"),
    "kwargs splat": ("def s(f, x=None):\n    pickle.dump(x, f)\nd = {'x': Order()}\ns(open('x'), **d)\n"),
    "args splat": ("def s(f, x=None):\n    pickle.dump(x, f)\nd = [open('x'), Order()]\ns(*d)\n"),
    "partial": (
        "import functools\n"
        "def s(f, x=None):\n"
        "    pickle.dump(x, f)\n"
        "functools.partial(s, x=Order())(open('x'))\n"
    ),
    "thread": (
        "import threading\n"
        "def s(f, x=None):\n"
        "    pickle.dump(x, f)\n"
        "threading.Thread(target=s, args=(1, Order())).start()\n"
        "s(1, 2)\n"
    ),
    "executor": (
        "def s(f, x=None):\n    pickle.dump(x, f)\ndef go(pool):\n    pool.submit(s, 1, Order())\ns(1, 2)\n"
    ),
    "callback": (
        "def s(f, x=None):\n    pickle.dump(x, f)\ndef each(cb):\n    cb(1, Order())\neach(s)\ns(1, 2)\n"
    ),
    "alias call": ("def s(f, x=None):\n    pickle.dump(x, f)\ng = s\ng(1, Order())\ns(1, 2)\n"),
    "dict call": ("def s(f, x=None):\n    pickle.dump(x, f)\nT = {'a': s}\nT['a'](1, Order())\ns(1, 2)\n"),
    "bound alias": (
        "class A:\n"
        "    def s(self, f, x=None):\n"
        "        pickle.dump(x, f)\n"
        "g = A().s\n"
        "g(1, Order())\n"
        "A().s(1, 2)\n"
    ),
    "getattr call": (
        "class A:\n"
        "    def s(self, f, x=None):\n"
        "        pickle.dump(x, f)\n"
        "getattr(A(), 's')(1, Order())\n"
        "A().s(1, 2)\n"
    ),
    "decorated": (
        "def deco(fn):\n"
        "    def w(*a):\n"
        "        return fn(1, Order())\n"
        "    return w\n"
        "@deco\n"
        "def s(f, x=None):\n"
        "    pickle.dump(x, f)\n"
        "s(1, 2)\n"
    ),
    "match": (
        "def s(f, c):\n    x = None\n    match c:\n        case {'a': x}: pass\n    pickle.dump(x, f)\n"
    ),
    "except as": (
        "def s(f):\n    x = None\n    try: pass\n    except ValueError as x: pass\n    pickle.dump(x, f)\n"
    ),
    "dict item": (
        "class A:\n"
        "    x = None\n"
        "    def g(self):\n"
        "        self.__dict__['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "object setattr": (
        "class A:\n"
        "    x = None\n"
        "    def g(self):\n"
        "        object.__setattr__(self, 'x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "with self attr": (
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        with open('y') as self.x: pass\n"
        "        self.x, z = Order(), 1\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "for self attr": (
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        for self.x in [Order()]: pass\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "comprehension attr": (
        "class A:\n"
        "    x = ()\n"
        "    def s(self, f):\n"
        "        self.x = [y for y in (Order(),)]\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "class decor": (
        "def d(c):\n"
        "    c.x = Order()\n"
        "    return c\n"
        "@d\n"
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "metaclass setattr": (
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "setattr(A, 'x', Order())\n"
    ),
    "type(self)": (
        "class A:\n"
        "    x = None\n"
        "    def g(self):\n"
        "        type(self).x = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(type(self).x, f)\n"
    ),
    "self.__class__": (
        "class A:\n"
        "    x = None\n"
        "    def g(self):\n"
        "        self.__class__.x = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(A.x, f)\n"
    ),
    "queue": ("import queue\nq = queue.Queue()\nq.put(Order())\ndef s(f):\n    pickle.dump(q.get(), f)\n"),
    "generator send": (
        "def g():\n    yield Order()\ndef s(f):\n    for x in g():\n        pickle.dump(x, f)\n"
    ),
    "yield from": (
        "def h():\n"
        "    yield Order()\n"
        "def g():\n"
        "    yield from h()\n"
        "def s(f):\n"
        "    for x in g():\n"
        "        pickle.dump(x, f)\n"
    ),
    "list gen": ("def g():\n    yield Order()\ndef s(f):\n    pickle.dump(list(g()), f)\n"),
    "async": (
        "async def g():\n    return Order()\nasync def s(f):\n    x = await g()\n    pickle.dump(x, f)\n"
    ),
    "lambda": ("g = lambda: Order()\ndef s(f):\n    x = g()\n    pickle.dump(x, f)\n"),
    "reduce": (
        "import functools\n"
        "def s(f):\n"
        "    x = functools.reduce(lambda a, b: b, [1, Order()])\n"
        "    pickle.dump(x, f)\n"
    ),
    "max": ("def s(f):\n    x = max([Order()])\n    pickle.dump(x, f)\n"),
    "next": ("def s(f):\n    x = next(iter([Order()]))\n    pickle.dump(x, f)\n"),
    "pop": ("def s(f):\n    x = [Order()].pop()\n    pickle.dump(x, f)\n"),
    "get default": ("def s(f):\n    d = {}\n    x = d.get('a', Order())\n    pickle.dump(x, f)\n"),
    "copy": ("import copy\ndef s(f):\n    x = copy.copy([Order()])\n    pickle.dump(x, f)\n"),
    "dict fromkeys": ("def s(f):\n    x = dict.fromkeys([1], Order())\n    pickle.dump(x, f)\n"),
    "tuple mul": ("def s(f):\n    x = [Order()] * 3\n    pickle.dump(x, f)\n"),
    "concat": ("def s(f):\n    x = [1] + [Order()]\n    pickle.dump(x, f)\n"),
    "deque": (
        "import collections\n"
        "def s(f):\n"
        "    x = collections.deque()\n"
        "    x.appendleft(Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "chainmap": (
        "import collections\ndef s(f):\n    x = collections.ChainMap({'a': Order()})\n    pickle.dump(x, f)\n"
    ),
    "namedtuple": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    x = P(1, Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "dataclass field": (
        "from dataclasses import dataclass, field\n"
        "@dataclass\n"
        "class A:\n"
        "    a: object = field(default_factory=Order)\n"
        "def s(f):\n"
        "    x = A()\n"
        "    pickle.dump(x, f)\n"
    ),
    "enum val": (
        "import enum\nclass E(enum.Enum):\n    A = Order()\ndef s(f):\n    pickle.dump(E.A.value, f)\n"
    ),
    "del/getitem": (
        "class A:\n"
        "    def __getitem__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A()[1], f)\n"
    ),
    "getattr dunder": (
        "class A:\n"
        "    def __getattr__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A().zzz, f)\n"
    ),
    "cached_property": (
        "import functools\n"
        "class A:\n"
        "    @functools.cached_property\n"
        "    def z(self):\n"
        "        return Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.z, f)\n"
    ),
    "custom prop": (
        "class lazy:\n"
        "    def __init__(self, fn): self.fn = fn\n"
        "    def __get__(self, o, t): return Order()\n"
        "class A:\n"
        "    @lazy\n"
        "    def z(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.z, f)\n"
    ),
    "operator add": (
        "class A:\n"
        "    def __add__(self, o):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A() + 1, f)\n"
    ),
    "call": (
        "class A:\n    def __call__(self):\n        return Order()\ndef s(f):\n    pickle.dump(A()(), f)\n"
    ),
    "iter": (
        "class A:\n    def __iter__(self):\n        yield Order()\ndef s(f):\n    pickle.dump(list(A()), f)\n"
    ),
    "json hook": ("def s(f, x: list = None):\n    x.append(Order())\n    pickle.dump(x, f)\n"),
    "mutable default": ("def s(f, x=[]):\n    x.append(Order())\n    pickle.dump(x, f)\n"),
    "closure list": (
        "def s(f):\n    x = []\n    def add():\n        x.append(Order())\n    add()\n    pickle.dump(x, f)\n"
    ),
    "inner alias dict": (
        "def s(f):\n    x = {'a': {}}\n    y = x['a']\n    y['b'] = Order()\n    pickle.dump(x, f)\n"
    ),
    "loop alias": (
        "def s(f):\n    x = [[], []]\n    for y in x:\n        y.append(Order())\n    pickle.dump(x, f)\n"
    ),
    "values alias": (
        "def s(f):\n"
        "    x = {'a': []}\n"
        "    for y in x.values():\n"
        "        y.append(Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "get alias": ("def s(f):\n    x = {'a': []}\n    x.get('a').append(Order())\n    pickle.dump(x, f)\n"),
    "list of list alias attr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = {}\n"
        "    def add(self, k):\n"
        "        e = self.d.get(k)\n"
        "        if e is None:\n"
        "            e = self.d[k] = []\n"
        "        e.append(Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
    ),
    "obj field via container": (
        "class L:\n"
        "    def __init__(self):\n"
        "        self.o = None\n"
        "def s(f):\n"
        "    x = [L()]\n"
        "    x[0].o = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "obj field via loop": (
        "class L:\n"
        "    def __init__(self):\n"
        "        self.o = None\n"
        "def s(f):\n"
        "    x = [L()]\n"
        "    for l in x:\n"
        "        l.o = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "obj field via call": (
        "class L:\n"
        "    def __init__(self):\n"
        "        self.o = None\n"
        "def put(l):\n"
        "    l.o = Order()\n"
        "def s(f):\n"
        "    x = L()\n"
        "    put(x)\n"
        "    pickle.dump(x, f)\n"
    ),
    "new attr outside": (
        "class L:\n    pass\ndef s(f):\n    x = L()\n    x.new = Order()\n    pickle.dump(x, f)\n"
    ),
    "new attr by method of other": (
        "class L:\n"
        "    pass\n"
        "class M:\n"
        "    def __init__(self, l):\n"
        "        self.l = l\n"
        "        l.m = Order()\n"
        "def s(f):\n"
        "    x = L()\n"
        "    M(x)\n"
        "    pickle.dump(x, f)\n"
    ),
    "dict attr update": (
        "class L:\n"
        "    pass\n"
        "def s(f):\n"
        "    x = L()\n"
        "    x.__dict__.update(a=Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "setattr unknown": (
        "class L:\n    pass\ndef s(f, n):\n    x = L()\n    setattr(x, n, Order())\n    pickle.dump(x, f)\n"
    ),
}


for programs in (
    ways.GLOBALS,
    ways.ATTRIBUTES,
    ways.COPIES,
    ways.ANSWERS,
    ways.UNKNOWN_RECEIVERS,
    ways.CONSTRUCTORS,
    ways.MORE,
    ways.CONTAINERS,
):
    CASES |= {f"{name}, again" if name in CASES else name: text for name, text in programs.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_class_that_flows_is_named_or_the_flow_is_open(case):
    if case in ways.OF_PYTHON_3_11 and sys.version_info < (3, 11):
        pytest.skip("is no syntax of this Python")
    flow = one_flow(HEAD + CASES[case], operation="dump")
    assert not flow.closed or "app.m:Order" in flow.classes


@pytest.mark.parametrize("case", ways.SEVERAL)
def test_a_class_that_comes_from_another_module_is_named_or_the_flow_is_open(case):
    (flow,) = flows(tree(app__="", **ways.SEVERAL[case]), operation="dump")
    assert not flow.closed or "app.m:Order" in flow.classes


@pytest.mark.parametrize("case", ways.CLOSED)
def test_a_flow_into_which_nothing_else_comes_stays_closed(case):
    flow = one_flow(HEAD + ways.CLOSED[case], operation="dump")
    assert flow.closed, flow.why


@pytest.mark.parametrize(
    "passed",
    [
        "Thread(target=save, args=(1, 2))\n",
        "jobs = {'save': save}\n",
        "pool.submit(save, 1, 2)\n",
    ],
)
def test_a_function_that_is_passed_on_has_callers_that_nobody_sees(passed):
    text = f"import pickle\ndef save(f, x):\n    pickle.dump(x, f)\nsave(1, 2)\n{passed}"
    flow = one_flow(text, operation="dump")
    assert flow.why == "parameter x of save() is untyped, and app/m.py passes the function on"
    assert one_flow(text.replace(passed, ""), operation="dump").closed


SAVE = "import pickle\ndef {0}(f, x):\n    pickle.dump(x, f)\n"


@pytest.mark.parametrize(
    ("package", "module"),
    [
        (SAVE.format("save"), ""),
        ("from app.m import save\n", SAVE.format("save")),
        ("", "__all__ = ['save']\n" + SAVE.format("save")),
    ],
    ids=["defined in the package", "imported by the package", "in __all__"],
)
def test_a_function_that_a_package_offers_has_callers_that_nobody_sees(package, module):
    use = "from app import save\nsave(1, 2)\n" if package else "from app.m import save\nsave(1, 2)\n"
    (flow,) = flows(tree(app__=package, app__m=module, app__use=use), operation="dump")
    assert not flow.closed


def test_a_private_function_of_a_package_has_the_callers_that_are_seen():
    package = SAVE.format("_save") + "_save(1, 2)\n"
    (flow,) = flows(tree(app__=package), operation="dump")
    assert flow.closed, flow.why
