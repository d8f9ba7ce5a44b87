"""Programs in which an ``Order`` flows into what is written, by the ways of Python that are easily missed.

Each is a module ``app/m.py`` after `HEAD`; those in `SEVERAL` are trees. See `test_closed`.
"""

from __future__ import annotations

HEAD = "import pickle\n\nclass Order:\n    pass\n\n"
GLOBALS = {
    "globals item": ("x = None\ndef g():\n    globals()['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "globals item computed": (
        "x = None\ndef g(n):\n    globals()[n] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals update": (
        "x = None\ndef g():\n    globals().update(x=Order())\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals update dict": (
        "x = None\ndef g():\n    globals().update({'x': Order()})\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals update value": (
        "x = None\ndef g(d):\n    globals().update(d)\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals setdefault": (
        "def g():\n    globals().setdefault('x', Order())\nx = None\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals alias": (
        "x = None\ndef g():\n    d = globals()\n    d['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals loop": (
        "x = None\nfor n in ['x']:\n    globals()[n] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "globals or": (
        "x = None\ndef g(d):\n    d = globals()\n    d |= {'x': Order()}\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "locals at module": ("x = None\nlocals()['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "vars at module": ("x = None\nvars()['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "sys.modules attr": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    sys.modules[__name__].x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "sys.modules setattr": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    setattr(sys.modules[__name__], 'x', Order())\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "sys.modules setattr computed": (
        "import sys\n"
        "x = None\n"
        "def g(n):\n"
        "    setattr(sys.modules[__name__], n, Order())\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "sys.modules alias": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    me = sys.modules[__name__]\n"
        "    me.x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "sys.modules literal": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    sys.modules['app.m'].x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "sys.modules dict": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    sys.modules[__name__].__dict__['x'] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "vars sys.modules": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    vars(sys.modules[__name__])['x'] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "global keyword func": (
        "def mk():\n"
        "    return None\n"
        "def g():\n"
        "    global mk\n"
        "    mk = lambda: Order()\n"
        "def s(f):\n"
        "    pickle.dump(mk(), f)\n"
    ),
    "function rebound": (
        "def mk():\n    return None\nmk = lambda: Order()\ndef s(f):\n    pickle.dump(mk(), f)\n"
    ),
    "function rebound call": (
        "def deco(f):\n"
        "    return lambda: Order()\n"
        "def mk():\n"
        "    return None\n"
        "mk = deco(mk)\n"
        "def s(f):\n"
        "    pickle.dump(mk(), f)\n"
    ),
    "method rebound in class": (
        "def deco(f):\n"
        "    return lambda self: Order()\n"
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    mk = deco(mk)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
    ),
    "method on instance": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.mk = lambda: Order()\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
    ),
    "exec": ("x = None\nexec('x = Order()')\ndef s(f):\n    pickle.dump(x, f)\n"),
    "exec globals": (
        "x = None\ndef g():\n    exec('x = Order()', globals())\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
}
"""Globals, functions and methods that are bound by other means than their name."""
ATTRIBUTES = {
    "self vars self item": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self)['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars self update": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self).update(x=Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars self update dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self).update({'x': Order()})\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars self setdefault": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self).setdefault('x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict setdefault": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.setdefault('x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict or": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__ |= {'x': Order()}\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict assign": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__ = {'x': Order()}\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict assign call": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__ = dict(x=Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict setitem": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.__setitem__('x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        e = self.__dict__\n"
        "        e['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        e = vars(self)\n"
        "        e['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict alias update": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        e = self.__dict__\n"
        "        e.update(x=Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self object setattr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        object.__setattr__(self, 'x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self object setattr computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        object.__setattr__(self, n, Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self super setattr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        super().__setattr__('x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self self.__setattr__": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__setattr__('x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self setattr loop": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        for n in ['x']:\n"
        "            setattr(self, n, Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self setattr computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        setattr(self, n, Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__[n] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self)[n] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self vars update unknown": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        vars(self).update(d)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict update unknown": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.update(d)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self setattr alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        put = setattr\n"
        "        put(self, 'x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self map setattr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        list(map(lambda n: setattr(self, n, Order()), ['x']))\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self other name": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        me = self\n"
        "        me.x = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self me dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        me = self\n"
        "        me.__dict__['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self builtins setattr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        import builtins\n"
        "        builtins.setattr(self, 'x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self operator setitem": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        import operator\n"
        "        operator.setitem(self.__dict__, 'x', Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self aug attr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.x += Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict update call kw": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.update(**{'x': Order()})\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict update zip": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.update(zip(['x'], [Order()]))\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self dict update pairs": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        self.__dict__.update([('x', Order())])\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self getattribute dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        getattr(self, '__dict__')['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self object getattribute": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        object.__getattribute__(self, '__dict__')['x'] = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self walrus attr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        (y := self).x = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self for vars": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        for k, v in {'x': Order()}.items():\n"
        "            vars(self)[k] = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "self for dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def g(self, n=None, d=None):\n"
        "        for k, v in d.items():\n"
        "            self.__dict__[k] = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "dict update in init kwargs": (
        "class A:\n"
        "    def __init__(self, **kw):\n"
        "        self.x = None\n"
        "        self.__dict__.update(kw)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "A(x=Order())\n"
    ),
    "dict update in init kwargs instance": (
        "class A:\n"
        "    def __init__(self, **kw):\n"
        "        self.x = None\n"
        "        vars(self).update(kw)\n"
        "def s(f):\n"
        "    pickle.dump(A(x=Order()), f)\n"
    ),
    "vars outside": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "def s(f):\n"
        "    a = A()\n"
        "    vars(a)['x'] = Order()\n"
        "    pickle.dump(a, f)\n"
    ),
    "vars outside computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "def s(f, n):\n"
        "    a = A()\n"
        "    vars(a)[n] = Order()\n"
        "    pickle.dump(a.x, f)\n"
    ),
    "setattr outside computed": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "def s(f, n):\n"
        "    a = A()\n"
        "    setattr(a, n, Order())\n"
        "    pickle.dump(a.x, f)\n"
    ),
    "dict outside new": (
        "class A:\n    pass\ndef s(f):\n    a = A()\n    a.__dict__ = {'q': Order()}\n    pickle.dump(a, f)\n"
    ),
    "setattr outside unknown recv": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "def g(a):\n"
        "    setattr(a, 'x', Order())\n"
    ),
    "setattr hook": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __setattr__(self, k, v):\n"
        "        super().__setattr__(k, Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "setattr hook instance": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __setattr__(self, k, v):\n"
        "        self.__dict__[k] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
}
"""Attributes that are stored through the dict of an object, or by a function."""
COPIES = {
    "nt replace": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    p = P(1, 2)\n"
        "    p = p._replace(b=Order())\n"
        "    pickle.dump(p, f)\n"
    ),
    "nt replace unknown": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f, p=P(1, 2)):\n"
        "    pickle.dump(p, f)\n"
        "def g(f, q):\n"
        "    s(f, q._replace(b=Order()))\n"
    ),
    "nt make": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    pickle.dump(P._make([1, Order()]), f)\n"
    ),
    "nt kw": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    pickle.dump(P(**{'a': 1, 'b': Order()}), f)\n"
    ),
    "nt star": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    pickle.dump(P(*[1, Order()]), f)\n"
    ),
    "nt new": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "class Q(P):\n"
        "    def __new__(cls, a):\n"
        "        return super().__new__(cls, a, Order())\n"
        "def s(f):\n"
        "    pickle.dump(Q(1), f)\n"
    ),
    "nt new base": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "class Q(P):\n"
        "    def __new__(cls, a):\n"
        "        return P.__new__(cls, a, Order())\n"
        "def s(f):\n"
        "    pickle.dump(Q(1), f)\n"
    ),
    "nt new external": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    pickle.dump(tuple.__new__(P, (1, Order())), f)\n"
    ),
    "nt typed": (
        "from typing import NamedTuple\n"
        "class P(NamedTuple):\n"
        "    a: int\n"
        "    b: object = None\n"
        "def s(f):\n"
        "    pickle.dump(P(1)._replace(b=Order()), f)\n"
    ),
    "dc replace": (
        "import dataclasses\n"
        "@dataclasses.dataclass\n"
        "class P:\n"
        "    a: int = 1\n"
        "    b: 'Any' = None\n"
        "def s(f):\n"
        "    pickle.dump(dataclasses.replace(P(1, 2), b=Order()), f)\n"
    ),
    "attrs evolve": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib(default=None)\n"
        "def s(f):\n"
        "    pickle.dump(attr.evolve(P(1), b=Order()), f)\n"
    ),
    "attrs evolve2": (
        "import attrs\n"
        "@attrs.define\n"
        "class P:\n"
        "    a = attrs.field()\n"
        "    b = attrs.field(default=None)\n"
        "def s(f):\n"
        "    pickle.dump(attrs.evolve(P(1), b=Order()), f)\n"
    ),
    "attrs evolve field": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib(default=None)\n"
        "def g(p):\n"
        "    attr.evolve(p, b=Order())\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
        "g(P(2))\n"
    ),
    "attrs evolve changed elsewhere": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib(default=None)\n"
        "KEEP = []\n"
        "def g(p):\n"
        "    return attr.evolve(p, b=Order())\n"
        "def s(f):\n"
        "    p = P(1)\n"
        "    p = g(p)\n"
        "    pickle.dump(p, f)\n"
    ),
    "attrs assoc": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib(default=None)\n"
        "def s(f):\n"
        "    pickle.dump(attr.assoc(P(1), b=Order()), f)\n"
    ),
    "copy.replace": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "import copy\n"
        "def s(f):\n"
        "    p = P(1, 2)\n"
        "    pickle.dump(copy.replace(p, b=Order()), f)\n"
    ),
    "__replace__": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    p = P(1, 2)\n"
        "    pickle.dump(p.__replace__(b=Order()), f)\n"
    ),
    "attrs kw": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib(default=None)\n"
        "def s(f):\n"
        "    pickle.dump(P(**{'a': Order()}), f)\n"
    ),
    "attrs default": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    b = attr.ib()\n"
        "    @b.default\n"
        "    def _b(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
    "attrs converter": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib(converter=lambda v: Order())\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
    "attrs post": (
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    a = attr.ib()\n"
        "    def __attrs_post_init__(self):\n"
        "        self.a = Order()\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
}
"""Copies of records with other values, and other ways to make records."""
ANSWERS = {
    "__getattribute__ present": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __getattribute__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A().x, f)\n"
    ),
    "__getattribute__ base": (
        "class B:\n"
        "    def __getattribute__(self, k):\n"
        "        return Order()\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "__getattribute__ below": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(A):\n"
        "    def __getattribute__(self, k):\n"
        "        return Order()\n"
    ),
    "__getattribute__ method": (
        "class A:\n"
        "    def x(self):\n"
        "        return None\n"
        "    def __getattribute__(self, k):\n"
        "        return Order\n"
        "def s(f):\n"
        "    pickle.dump(A().x(), f)\n"
    ),
    "__getattribute__ classvar": (
        "class A:\n"
        "    x = None\n"
        "    def __getattribute__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A().x, f)\n"
    ),
    "__getattr__ del": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "        del self.x\n"
        "    def __getattr__(self, k):\n"
        "        return Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "__getattr__ some": (
        "class A:\n"
        "    def g(self):\n"
        "        self.x = None\n"
        "    def __getattr__(self, k):\n"
        "        return Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "meta getattr": (
        "class Meta(type):\n"
        "    def __getattribute__(cls, k):\n"
        "        return Order()\n"
        "class A(metaclass=Meta):\n"
        "    x = None\n"
        "def s(f):\n"
        "    pickle.dump(A.x, f)\n"
    ),
    "module getattr": (
        "def __getattr__(n):\n    return Order()\nimport app.m\ndef s(f):\n    pickle.dump(app.m.zzz, f)\n"
    ),
    "__getattr__ table": (
        "class A:\n"
        "    __slots__ = ('x',)\n"
        "    def g(self):\n"
        "        self.x = None\n"
        "    def __getattr__(self, k):\n"
        "        return Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc": (
        "class D:\n"
        "    def __get__(self, o, t=None):\n"
        "        return Order()\n"
        "class A:\n"
        "    x = D()\n"
        "def s(f):\n"
        "    pickle.dump(A().x, f)\n"
    ),
    "desc none": (
        "class D:\n"
        "    def __get__(self, o, t=None):\n"
        "        return Order()\n"
        "class A:\n"
        "    x = D()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc class": (
        "class D:\n"
        "    def __get__(self, o, t=None):\n"
        "        return Order()\n"
        "class A:\n"
        "    x = D()\n"
        "def s(f):\n"
        "    pickle.dump(A.x, f)\n"
    ),
    "desc data": (
        "class D:\n"
        "    def __set_name__(self, o, n):\n"
        "        self.n = '_' + n\n"
        "    def __get__(self, o, t=None):\n"
        "        return getattr(o, self.n)\n"
        "    def __set__(self, o, v):\n"
        "        setattr(o, self.n, Order())\n"
        "class A:\n"
        "    x = D()\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "def s(f):\n"
        "    pickle.dump(A().x, f)\n"
    ),
    "desc data instance": (
        "class D:\n"
        "    def __set_name__(self, o, n):\n"
        "        self.n = '_' + n\n"
        "    def __get__(self, o, t=None):\n"
        "        return getattr(o, self.n)\n"
        "    def __set__(self, o, v):\n"
        "        setattr(o, self.n, Order())\n"
        "class A:\n"
        "    x = D()\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "desc set dict instance": (
        "class D:\n"
        "    def __init__(self, n):\n"
        "        self.n = n\n"
        "    def __set__(self, o, v):\n"
        "        o.__dict__[self.n] = Order()\n"
        "class A:\n"
        "    x = D('x')\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "desc set dict": (
        "class D:\n"
        "    def __init__(self, n):\n"
        "        self.n = n\n"
        "    def __set__(self, o, v):\n"
        "        o.__dict__[self.n] = Order()\n"
        "class A:\n"
        "    x = D('x')\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc set_name": (
        "class D:\n"
        "    def __set_name__(self, o, n):\n"
        "        setattr(o, 'x', Order())\n"
        "class A:\n"
        "    x = None\n"
        "    y = D()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc set_name sets owner": (
        "class D:\n"
        "    def __set_name__(self, o, n):\n"
        "        o.x = Order()\n"
        "class A:\n"
        "    x = None\n"
        "    y = D()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc in base": (
        "class D:\n"
        "    def __get__(self, o, t=None):\n"
        "        return Order()\n"
        "class B:\n"
        "    x = D()\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "desc assigned": (
        "class D:\n"
        "    def __get__(self, o, t=None):\n"
        "        return Order()\n"
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "A.x = D()\n"
    ),
    "desc function get": (
        "class D:\n"
        "    def __init__(self, fn):\n"
        "        self.fn = fn\n"
        "    def __get__(self, o, t=None):\n"
        "        return self.fn(o)\n"
        "class A:\n"
        "    def _x(self):\n"
        "        return Order()\n"
        "    x = D(_x)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "deco class call": (
        "class D:\n"
        "    def __init__(self, fn):\n"
        "        pass\n"
        "    def __call__(self, *a):\n"
        "        return Order()\n"
        "@D\n"
        "def mk():\n"
        "    return None\n"
        "def s(f):\n"
        "    pickle.dump(mk(), f)\n"
    ),
    "prop setter": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "    @x.setter\n"
        "    def x(self, v):\n"
        "        self._x = Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "prop setter value": (
        "class A:\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "    @x.setter\n"
        "    def x(self, v):\n"
        "        self._x = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "def g():\n"
        "    a = A()\n"
        "    a.x = Order()\n"
    ),
    "prop setter instance": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "    @x.setter\n"
        "    def x(self, v):\n"
        "        self._x = v\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.x = Order()\n"
        "    pickle.dump(a, f)\n"
    ),
    "prop call": (
        "class A:\n"
        "    def gx(self):\n"
        "        return Order()\n"
        "    x = property(gx)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "prop setter call": (
        "class A:\n"
        "    _x = 1\n"
        "    def gx(self):\n"
        "        return self._x\n"
        "    def sx(self, v):\n"
        "        self._x = v\n"
        "    x = property(gx, sx)\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.x = Order()\n"
        "    pickle.dump(a, f)\n"
    ),
}
"""Attributes that a class, a metaclass, a descriptor or a property answers for."""
UNKNOWN_RECEIVERS = {
    "unknown recv": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
        "def g(thing):\n"
        "    thing.items = Order()\n"
    ),
    "unknown recv instance": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = None\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
        "def g(thing):\n"
        "    thing.items = Order()\n"
    ),
    "unknown recv new attr": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.a = None\n"
        "def s(f):\n"
        "    a = A()\n"
        "    put(a)\n"
        "    pickle.dump(a, f)\n"
        "def put(thing, other=None):\n"
        "    thing.fresh = Order()\n"
        "REG = {'put': put}\n"
    ),
    "unknown recv appended": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = [1]\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
        "def g(thing):\n"
        "    thing.items.append(Order())\n"
    ),
    "unknown recv dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.items = {'a': 1}\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
        "def g(thing):\n"
        "    thing.items['a'] = Order()\n"
    ),
    "unknown recv classvar": (
        "class A:\n"
        "    items = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.items, f)\n"
        "def g(thing):\n"
        "    thing.items = Order()\n"
    ),
    "base typed recv": (
        "class B:\n"
        "    pass\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "def g(b: B):\n"
        "    b.x = Order()\n"
    ),
    "base typed recv instance": (
        "class B:\n"
        "    pass\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
        "def g(b: B):\n"
        "    b.x = Order()\n"
    ),
    "base typed fill": (
        "class B:\n"
        "    pass\n"
        "class A(B):\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
        "def g(b: B):\n"
        "    b.x.append(Order())\n"
    ),
    "mixin self store": (
        "class Mix:\n"
        "    def g(self):\n"
        "        self.x = Order()\n"
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(Mix, A):\n"
        "    pass\n"
    ),
    "mixin self fill": (
        "class Mix:\n"
        "    def g(self):\n"
        "        self.x.append(Order())\n"
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(Mix, A):\n"
        "    pass\n"
    ),
    "mixin method": (
        "class Mix:\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "class B(Mix, A):\n"
        "    pass\n"
    ),
    "mixin classvar": (
        "class Mix:\n"
        "    x = Order()\n"
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(Mix, A):\n"
        "    pass\n"
    ),
    "mixin property": (
        "class Mix:\n"
        "    @property\n"
        "    def x(self):\n"
        "        return Order()\n"
        "class A:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(Mix, A):\n"
        "    pass\n"
    ),
    "protocol typed recv": (
        "from typing import Protocol\n"
        "class Has(Protocol):\n"
        "    x: object\n"
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "def g(b: Has):\n"
        "    b.x = Order()\n"
        "g(A())\n"
    ),
}
"""Attributes that are given something through a value whose type does not tell the class."""
CONSTRUCTORS = {
    "call alias": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "make = T\n"
        "def s(f):\n"
        "    T(1)\n"
        "    pickle.dump(make(Order()), f)\n"
    ),
    "call alias local": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f):\n"
        "    make = T\n"
        "    T(1)\n"
        "    pickle.dump(make(Order()), f)\n"
    ),
    "call alias cond": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f, c):\n"
        "    make = T if c else None\n"
        "    T(1)\n"
        "    pickle.dump(make(Order()), f)\n"
    ),
    "call attr": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class R:\n"
        "    def __init__(self):\n"
        "        self.cls = T\n"
        "    def go(self):\n"
        "        return self.cls(Order())\n"
        "def s(f):\n"
        "    T(1)\n"
        "    pickle.dump(R().go(), f)\n"
    ),
    "call attr other": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class R:\n"
        "    def __init__(self):\n"
        "        self.cls = T\n"
        "    def go(self):\n"
        "        return self.cls(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call classvar": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class R:\n"
        "    cls = T\n"
        "    def go(self):\n"
        "        return self.cls(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call registry": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "REG = {'t': T}\n"
        "def go(n):\n"
        "    return REG[n](Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call registry get": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "REG = {'t': T}\n"
        "def go(n):\n"
        "    return REG.get(n)(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call registry filled": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "REG = {}\n"
        "REG['t'] = T\n"
        "def go(n):\n"
        "    return REG[n](Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call registry deco": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "REG = {}\n"
        "def reg(c):\n"
        "    REG[c.__name__] = c\n"
        "    return c\n"
        "@reg\n"
        "class U:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(n):\n"
        "    return REG[n](Order())\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "call param": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(c):\n"
        "    return c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "go(T)\n"
    ),
    "call returned": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def which():\n"
        "    return T\n"
        "def go():\n"
        "    return which()(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call loop": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go():\n"
        "    for c in [T]:\n"
        "        c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call subclasses": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class B:\n"
        "    pass\n"
        "class U(B):\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go():\n"
        "    for c in B.__subclasses__():\n"
        "        c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "call map": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go():\n"
        "    return list(map(T, [Order()]))\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call partial": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import functools\n"
        "def go():\n"
        "    return functools.partial(T, Order())()\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call globals": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(n):\n"
        "    return globals()[n](Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call getattr": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import sys\n"
        "def go(n):\n"
        "    return getattr(sys.modules[__name__], n)(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call default factory": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import collections\n"
        "D = collections.defaultdict(lambda: T(Order()))\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call typed": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "from typing import Type\n"
        "def go(c: Type[T]):\n"
        "    return c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call type(x)": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(o):\n"
        "    return type(o)(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "go(T(2))\n"
    ),
    "call x.__class__": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(o):\n"
        "    return o.__class__(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "go(T(2))\n"
    ),
    "call init direct": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(o):\n"
        "    o.__init__(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "go(T(2))\n"
    ),
    "call T.__init__": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(o):\n"
        "    T.__init__(o, Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call super init": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U(T):\n"
        "    def __init__(self):\n"
        "        super().__init__(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call super(U, self) init": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U(T):\n"
        "    def __init__(self):\n"
        "        super(U, self).__init__(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call mixin super init": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class Mix:\n"
        "    def __init__(self, *a):\n"
        "        super().__init__(Order())\n"
        "class U(Mix, T):\n"
        "    pass\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call subclass call": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U(T):\n"
        "    pass\n"
        "def go():\n"
        "    U(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call base cls": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class B:\n"
        "    @classmethod\n"
        "    def make(cls):\n"
        "        return cls(Order())\n"
        "class U(B):\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "call meta call": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class Meta(type):\n"
        "    def __call__(cls, *a):\n"
        "        return super().__call__(Order())\n"
        "class U(metaclass=Meta):\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "call meta call sets": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class Meta(type):\n"
        "    def __call__(cls, *a):\n"
        "        o = super().__call__(*a)\n"
        "        o.v = Order()\n"
        "        return o\n"
        "class U(metaclass=Meta):\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "call meta returns": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class Meta(type):\n"
        "    def __call__(cls, *a):\n"
        "        return Order()\n"
        "class U(metaclass=Meta):\n"
        "    pass\n"
        "def s(f):\n"
        "    pickle.dump(U(), f)\n"
    ),
    "call new returns": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U:\n"
        "    def __new__(cls):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(U(), f)\n"
    ),
    "call new sets": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U:\n"
        "    def __new__(cls, *a):\n"
        "        o = super().__new__(cls)\n"
        "        o.v = Order()\n"
        "        return o\n"
        "    v = None\n"
        "def s(f):\n"
        "    pickle.dump(U(), f)\n"
    ),
    "call new object": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U:\n"
        "    v = None\n"
        "    @classmethod\n"
        "    def mk(cls):\n"
        "        o = object.__new__(cls)\n"
        "        o.v = Order()\n"
        "        return o\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.v, f)\n"
    ),
    "call cls.__new__": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U:\n"
        "    def __init__(self):\n"
        "        self.v = None\n"
        "    @classmethod\n"
        "    def mk(cls):\n"
        "        o = cls.__new__(cls)\n"
        "        o.v = Order()\n"
        "        return o\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.v, f)\n"
    ),
    "call init_subclass": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class B:\n"
        "    x = None\n"
        "    def __init_subclass__(cls, **kw):\n"
        "        cls.x = Order()\n"
        "class U(B):\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "call class deco returns": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def d(c):\n"
        "    return Order\n"
        "@d\n"
        "class U:\n"
        "    pass\n"
        "def s(f):\n"
        "    pickle.dump(U(), f)\n"
    ),
    "call class deco setattr": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def d(c):\n"
        "    setattr(c, 'x', Order())\n"
        "    return c\n"
        "@d\n"
        "class U:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "call class deco init": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def d(c):\n"
        "    def init(self, *a):\n"
        "        self.x = Order()\n"
        "    c.__init__ = init\n"
        "    return c\n"
        "@d\n"
        "class U:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "call executor": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def go(pool):\n"
        "    pool.map(T, [Order()])\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call tuple table": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "TABLE = [('a', T)]\n"
        "def go():\n"
        "    for n, c in TABLE:\n"
        "        c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call kw dataclass": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import dataclasses\n"
        "@dataclasses.dataclass\n"
        "class P:\n"
        "    v: 'Any' = None\n"
        "REG = [P]\n"
        "def go():\n"
        "    REG[0](Order())\n"
        "def s(f):\n"
        "    pickle.dump(P(1).v, f)\n"
    ),
    "call attrs alias": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import attr\n"
        "@attr.s\n"
        "class P:\n"
        "    v = attr.ib()\n"
        "REG = [P]\n"
        "def go():\n"
        "    REG[0](Order())\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
    "call nt alias": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import collections\n"
        "P = collections.namedtuple('P', 'v')\n"
        "REG = [P]\n"
        "def go():\n"
        "    REG[0](Order())\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
    "call outside only": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "__all__ = ['T']\n"
    ),
    "call inspect": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import inspect\n"
        "import sys\n"
        "def go():\n"
        "    for n, c in inspect.getmembers(sys.modules[__name__]):\n"
        "        c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call signature bind": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "import inspect\n"
        "def go(fn, *a):\n"
        "    return fn(*a)\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
        "go(T, Order())\n"
    ),
    "call dict value call": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class H:\n"
        "    factories = {'a': T}\n"
        "    def go(self, n):\n"
        "        return self.factories[n](Order())\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "call from instance dict": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class H:\n"
        "    def __init__(self):\n"
        "        self.f = {}\n"
        "    def reg(self, c):\n"
        "        self.f[1] = c\n"
        "    def go(self):\n"
        "        return self.f[1](Order())\n"
        "H().reg(T)\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
}
"""Instances that are made by calls which do not name their class."""
SEVERAL = {
    "star rebinds": {
        "app__m": HEAD + ("x = None\nfrom app.b import *\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("from app.c import Order\nx = Order()\n"),
        "app__c": "from app.m import Order\n",
    },
    "star rebinds try": {
        "app__m": HEAD
        + (
            "x = None\n"
            "try:\n"
            "    from app.b import *\n"
            "except ImportError:\n"
            "    pass\n"
            "def s(f):\n"
            "    pickle.dump(x, f)\n"
        ),
        "app__b": ("import app.m\nx = app.m.Order()\n"),
    },
    "star only": {
        "app__m": HEAD + ("from app.b import *\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("import app.m\nx = app.m.Order()\n"),
    },
    "star of star": {
        "app__m": HEAD + ("x = None\nfrom app.b import *\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": "from app.d import *\n",
        "app__d": ("import app.m\nx = app.m.Order()\n"),
    },
    "star external": {
        "app__m": HEAD + ("x = None\nfrom foreign import *\ndef s(f):\n    pickle.dump(x, f)\n"),
    },
    "star function": {
        "app__m": HEAD
        + ("def mk():\n    return None\nfrom app.b import *\ndef s(f):\n    pickle.dump(mk(), f)\n"),
        "app__b": ("import app.m\ndef mk():\n    return app.m.Order()\n"),
    },
    "star in function alias": {
        "app__m": HEAD + ("import app.e\ndef s(f):\n    pickle.dump(app.e.x, f)\n"),
        "app__e": ("x = None\nfrom app.b import *\n"),
        "app__b": ("import app.m\nx = app.m.Order()\n"),
    },
    "star builtin shadow": {
        "app__m": HEAD + ("from app.b import *\ndef s(f):\n    pickle.dump(len([]), f)\n"),
        "app__b": ("import app.m\ndef len(a):\n    return app.m.Order()\n"),
    },
    "import from starred": {
        "app__m": HEAD + ("from app.e import x\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__e": ("x = None\nfrom app.b import *\n"),
        "app__b": ("import app.m\nx = app.m.Order()\n"),
    },
    "two imports": {
        "app__m": HEAD
        + (
            "try:\n"
            "    from app.a import x\n"
            "except ImportError:\n"
            "    from app.b import x\n"
            "def s(f):\n"
            "    pickle.dump(x, f)\n"
        ),
        "app__a": "x = 1\n",
        "app__b": ("import app.m\nx = app.m.Order()\n"),
    },
    "try import function": {
        "app__m": HEAD
        + (
            "try:\n"
            "    from app.a import mk\n"
            "except ImportError:\n"
            "    def mk(): return Order()\n"
            "def s(f):\n"
            "    pickle.dump(mk(), f)\n"
        ),
        "app__a": "def mk(): return 1\n",
    },
    "class star rebinds": {
        "app__m": HEAD
        + (
            "class A:\n"
            "    def g(self):\n"
            "        return None\n"
            "from app.b import *\n"
            "def s(f):\n"
            "    pickle.dump(A().g(), f)\n"
        ),
        "app__b": ("import app.m\nclass A:\n    def g(self):\n        return app.m.Order()\n"),
    },
    "vars module": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("import app.m\nvars(app.m)['x'] = app.m.Order()\n"),
    },
    "module dict": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("from app import m\nm.__dict__['x'] = m.Order()\n"),
    },
    "module dict update": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("from app import m\nm.__dict__.update(x=m.Order())\n"),
    },
    "module setattr": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("from app import m\nsetattr(m, 'x', m.Order())\n"),
    },
    "module setattr computed": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("from app import m\ndef g(n):\n    setattr(m, n, m.Order())\n"),
    },
    "importlib": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("import importlib\nm = importlib.import_module('app.m')\nm.x = m.Order()\n"),
    },
    "module passed": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("import app.m\ndef put(mod):\n    mod.x = app.m.Order()\nput(app.m)\n"),
    },
    "module aliased": {
        "app__m": HEAD + ("x = None\ndef s(f):\n    pickle.dump(x, f)\n"),
        "app__b": ("import app.m\nmod = app.m\nmod.x = mod.Order()\n"),
    },
    "module function patched": {
        "app__m": HEAD + ("def mk():\n    return None\ndef s(f):\n    pickle.dump(mk(), f)\n"),
        "app__b": ("import app.m\ndef other():\n    return app.m.Order()\napp.m.mk = other\n"),
    },
    "module method patched": {
        "app__m": HEAD
        + (
            "class A:\n"
            "    def mk(self):\n"
            "        return None\n"
            "    def s(self, f):\n"
            "        pickle.dump(self.mk(), f)\n"
        ),
        "app__b": ("import app.m\napp.m.A.mk = lambda self: app.m.Order()\n"),
    },
    "module class patched": {
        "app__m": HEAD + ("class A:\n    pass\ndef s(f):\n    pickle.dump(A(), f)\n"),
        "app__b": ("import app.m\napp.m.A = app.m.Order\n"),
    },
}
"""Names that other modules bind: by a star, through the module, or as one of several imports."""
CLOSED = {
    "a read of the dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __str__(self):\n"
        "        return '%(x)s' % vars(self)\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "a copy of the dict": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __getstate__(self):\n"
        "        state = self.__dict__.copy()\n"
        "        state['x'] = None\n"
        "        return state\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "the same type from outside": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "def g(thing):\n"
        "    thing.x = None\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "another attribute from outside": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "def g(thing):\n"
        "    thing.y = Order()\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "a class that is asked about": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "def g(v) -> T:\n"
        "    if isinstance(v, T) or type(v) is T:\n"
        "        return v\n"
        "    raise TypeError\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "a class below another": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "class U(T):\n"
        "    pass\n"
        "def g(x: list[U]):\n"
        "    return super(U, x)\n"
        "def s(f):\n"
        "    pickle.dump(U(1), f)\n"
    ),
    "a class whose attribute is read": (
        "class T:\n"
        "    def __init__(self, v):\n"
        "        self.v = v\n"
        "T.kind = 1\n"
        "def g():\n"
        "    return T.kind\n"
        "def s(f):\n"
        "    pickle.dump(T(1), f)\n"
    ),
    "__getattr__ for others": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = None\n"
        "    def __getattr__(self, k):\n"
        "        return Order()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "a known copy": (
        "import collections\n"
        "P = collections.namedtuple('P', 'a b')\n"
        "def s(f):\n"
        "    pickle.dump(P(1, 2)._replace(b=3), f)\n"
    ),
    "exec in a function": ("x = None\ndef g():\n    exec('x = Order()')\ndef s(f):\n    pickle.dump(x, f)\n"),
    "a function with an alternative": (
        "mk = None\ndef mk():\n    return 1\ndef s(f):\n    pickle.dump(mk(), f)\n"
    ),
    "a dataclass": (
        "import dataclasses\n"
        "@dataclasses.dataclass\n"
        "class P:\n"
        "    a: int\n"
        "def s(f):\n"
        "    pickle.dump(P(1), f)\n"
    ),
    "a registered result": ("x = None\nNAMES = {}\nNAMES['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "a property": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self._x = 1\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "    @x.deleter\n"
        "    def x(self):\n"
        "        del self._x\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
}
"""Programs that look like one of these and in which no ``Order`` can come: they stay closed."""
