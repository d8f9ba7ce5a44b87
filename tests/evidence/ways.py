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
    "container filled by an importer": {
        "app__m": HEAD + "KEPT = [1]\ndef s(f):\n    pickle.dump(KEPT, f)\n",
        "app__b": "from app.m import KEPT, Order\nKEPT.append(Order())\n",
    },
    "container filled through the module": {
        "app__m": HEAD + "KEPT = [1]\ndef s(f):\n    pickle.dump(KEPT, f)\n",
        "app__b": "import app.m\napp.m.KEPT.append(app.m.Order())\n",
    },
    "container filled by an importer of it under another name": {
        "app__m": HEAD + "KEPT = {'a': 1}\ndef s(f):\n    pickle.dump(KEPT, f)\n",
        "app__b": "from app import m\nkept = m.KEPT\nkept['b'] = m.Order()\n",
    },
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
MORE = {
    "generator receives": (
        "def g():\n"
        "    got = None\n"
        "    while True:\n"
        "        got = yield got\n"
        "def s(f):\n"
        "    it = g()\n"
        "    next(it)\n"
        "    x = it.send(Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "generator keeps what is sent": (
        "KEPT = []\n"
        "def g():\n"
        "    while True:\n"
        "        got = yield\n"
        "        KEPT.append(got)\n"
        "def s(f):\n"
        "    it = g()\n"
        "    next(it)\n"
        "    it.send(Order())\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "generator returns": (
        "def h():\n"
        "    yield 1\n"
        "    return Order()\n"
        "def g():\n"
        "    x = yield from h()\n"
        "    pickle.dump(x, open('x'))\n"
    ),
    "yield from list": (
        "def g():\n    yield 1\n    yield from [Order()]\ndef s(f):\n    pickle.dump(list(g()), f)\n"
    ),
    "yield and yield from": (
        "def h():\n"
        "    yield Order()\n"
        "def g():\n"
        "    yield 1\n"
        "    yield from h()\n"
        "def s(f):\n"
        "    pickle.dump(list(g()), f)\n"
    ),
    "async generator": (
        "async def g():\n"
        "    yield Order()\n"
        "async def s(f):\n"
        "    async for x in g():\n"
        "        pickle.dump(x, f)\n"
    ),
    "async with": (
        "class M:\n"
        "    async def __aenter__(self):\n"
        "        return Order()\n"
        "async def s(f):\n"
        "    async with M() as x:\n"
        "        pickle.dump(x, f)\n"
    ),
    "enter returns": (
        "class M:\n"
        "    def __enter__(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    with M() as x:\n"
        "        pickle.dump(x, f)\n"
    ),
    "enter below": (
        "class M:\n"
        "    def __enter__(self):\n"
        "        return None\n"
        "class N(M):\n"
        "    def __enter__(self):\n"
        "        return Order()\n"
        "def s(f, m: M):\n"
        "    with m as x:\n"
        "        pickle.dump(x, f)\n"
    ),
    "with tuple": (
        "class M:\n"
        "    def __enter__(self):\n"
        "        return 1, Order()\n"
        "def s(f):\n"
        "    with M() as (y, x):\n"
        "        pickle.dump(x, f)\n"
    ),
    "exit stack": (
        "import contextlib\n"
        "class M:\n"
        "    def __enter__(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    with contextlib.ExitStack() as st:\n"
        "        pickle.dump(st.enter_context(M()), f)\n"
    ),
    "nullcontext": (
        "import contextlib\n"
        "def s(f):\n"
        "    with contextlib.nullcontext(Order()) as x:\n"
        "        pickle.dump(x, f)\n"
    ),
    "contextvar": (
        "import contextvars\n"
        "V = contextvars.ContextVar('V', default=None)\n"
        "V.set(Order())\n"
        "def s(f):\n"
        "    pickle.dump(V.get(), f)\n"
    ),
    "weakref": ("import weakref\nK = Order()\nR = weakref.ref(K)\ndef s(f):\n    pickle.dump(R(), f)\n"),
    "weak dict": (
        "import weakref\n"
        "R = weakref.WeakValueDictionary()\n"
        "R['a'] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(dict(R), f)\n"
    ),
    "operator setitem list": (
        "import operator\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    operator.setitem(x, 0, Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "operator concat": ("import operator\ndef s(f):\n    pickle.dump(operator.concat([1], [Order()]), f)\n"),
    "operator iconcat": (
        "import operator\ndef s(f):\n    x = [1]\n    operator.iconcat(x, [Order()])\n    pickle.dump(x, f)\n"
    ),
    "operator iadd": (
        "from operator import iadd\ndef s(f):\n    x = [1]\n    iadd(x, [Order()])\n    pickle.dump(x, f)\n"
    ),
    "attrgetter": (
        "import operator\n"
        "class A:\n"
        "    x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(operator.attrgetter('x')(A()), f)\n"
    ),
    "itemgetter": ("import operator\ndef s(f):\n    pickle.dump(operator.itemgetter(0)([Order()]), f)\n"),
    "methodcaller": (
        "import operator\n"
        "class A:\n"
        "    def x(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(operator.methodcaller('x')(A()), f)\n"
    ),
    "itertools chain": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.chain([1], [Order()])), f)\n"
    ),
    "itertools chain from": (
        "import itertools\n"
        "def s(f):\n"
        "    pickle.dump(list(itertools.chain.from_iterable([[1], [Order()]])), f)\n"
    ),
    "itertools islice": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.islice([Order()], 1)), f)\n"
    ),
    "itertools zip_longest": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.zip_longest([1], [Order()])), f)\n"
    ),
    "itertools fillvalue": (
        "import itertools\n"
        "def s(f):\n"
        "    pickle.dump(list(itertools.zip_longest([1], [], fillvalue=Order())), f)\n"
    ),
    "itertools accumulate": (
        "import itertools\n"
        "def s(f):\n"
        "    pickle.dump(list(itertools.accumulate([1], lambda a, b: b, initial=Order())), f)\n"
    ),
    "itertools repeat": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.repeat(Order(), 2)), f)\n"
    ),
    "itertools product": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.product([1], [Order()])), f)\n"
    ),
    "itertools groupby": (
        "import itertools\ndef s(f):\n    pickle.dump([k for k, g in itertools.groupby([Order()])], f)\n"
    ),
    "itertools starmap": (
        "import itertools\n"
        "def s(f):\n"
        "    pickle.dump(list(itertools.starmap(lambda a: a, [(Order(),)])), f)\n"
    ),
    "itertools tee": ("import itertools\ndef s(f):\n    pickle.dump(list(itertools.tee([Order()])[0]), f)\n"),
    "itertools cycle": (
        "import itertools\ndef s(f):\n    pickle.dump(next(itertools.cycle([Order()])), f)\n"
    ),
    "itertools takewhile": (
        "import itertools\ndef s(f):\n    pickle.dump(list(itertools.takewhile(bool, [Order()])), f)\n"
    ),
    "reduce initial": (
        "import functools\ndef s(f):\n    pickle.dump(functools.reduce(lambda a, b: a, [1], Order()), f)\n"
    ),
    "match capture class": (
        "def s(f, c=(1, Order())):\n"
        "    x = None\n"
        "    match c:\n"
        "        case (y, x):\n"
        "            pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "match star": (
        "def s(f):\n"
        "    x = None\n"
        "    match [1, Order()]:\n"
        "        case [_, *x]:\n"
        "            pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "match as": (
        "def s(f):\n"
        "    x = None\n"
        "    match Order():\n"
        "        case Order() as x:\n"
        "            pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "match rest": (
        "def s(f):\n"
        "    x = None\n"
        "    match {'a': Order()}:\n"
        "        case {**x}:\n"
        "            pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "match attribute": (
        "class A:\n"
        "    __match_args__ = ('x',)\n"
        "    def __init__(self):\n"
        "        self.x = Order()\n"
        "def s(f):\n"
        "    x = None\n"
        "    match A():\n"
        "        case A(x):\n"
        "            pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "walrus in comprehension": (
        "def s(f):\n    x = None\n    [x := y for y in [Order()]]\n    pickle.dump(x, f)\n"
    ),
    "walrus in while": (
        "def s(f):\n    x = None\n    while (x := Order()) is None:\n        pass\n    pickle.dump(x, f)\n"
    ),
    "walrus in lambda default": (
        "def s(f):\n    x = None\n    g = lambda y=(x := Order()): y\n    pickle.dump(x, f)\n"
    ),
    "iadd of a class": (
        "class A:\n"
        "    def __iadd__(self, o):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    x = A()\n"
        "    x += 1\n"
        "    pickle.dump(x, f)\n"
    ),
    "radd": (
        "class A:\n"
        "    def __radd__(self, o):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(1 + A(), f)\n"
    ),
    "aug item": ("def s(f):\n    x = {'a': [1]}\n    x['a'] += [Order()]\n    pickle.dump(x, f)\n"),
    "aug attribute list": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "    def g(self):\n"
        "        self.x += [Order()]\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "aug outside": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.x += [Order()]\n"
        "    pickle.dump(a, f)\n"
    ),
    "set or": ("def s(f):\n    x = {1}\n    x |= {Order()}\n    pickle.dump(x, f)\n"),
    "set update": ("def s(f):\n    x = {1}\n    x.update([Order()])\n    pickle.dump(x, f)\n"),
    "set symmetric": (
        "def s(f):\n    x = {1}\n    x.symmetric_difference_update([Order()])\n    pickle.dump(x, f)\n"
    ),
    "counter": (
        "import collections\n"
        "def s(f):\n"
        "    x = collections.Counter()\n"
        "    x.update([Order()])\n"
        "    pickle.dump(x, f)\n"
    ),
    "compare method": (
        "class A:\n"
        "    def __eq__(self, o):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A() == 1, f)\n"
    ),
    "compare chained": (
        "class A:\n"
        "    def __lt__(self, o):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(1 < A() < 3, f)\n"
    ),
    "contains method": (
        "class A:\n    def __neg__(self):\n        return Order()\ndef s(f):\n    pickle.dump(-A(), f)\n"
    ),
    "invert": (
        "class A:\n    def __invert__(self):\n        return Order()\ndef s(f):\n    pickle.dump(~A(), f)\n"
    ),
    "star middle": ("def s(f):\n    a, *x, b = 1, Order(), 2\n    pickle.dump(x, f)\n"),
    "star display": ("def s(f):\n    y = [Order()]\n    pickle.dump([1, *y], f)\n"),
    "star dict display": ("def s(f):\n    y = {'a': Order()}\n    pickle.dump({'b': 1, **y}, f)\n"),
    "nested unpack": ("def s(f):\n    (a, (b, x)) = 1, (2, Order())\n    pickle.dump(x, f)\n"),
    "for unpack": ("def s(f):\n    for i, (a, x) in enumerate([(1, Order())]):\n        pickle.dump(x, f)\n"),
    "swap": ("def s(f):\n    x, y = None, Order()\n    x, y = y, x\n    pickle.dump(x, f)\n"),
    "unpack object": (
        "class A:\n"
        "    def __iter__(self):\n"
        "        return iter([1, Order()])\n"
        "def s(f):\n"
        "    a, x = A()\n"
        "    pickle.dump(x, f)\n"
    ),
    "unpack getitem": (
        "class A:\n"
        "    def __getitem__(self, i):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    for x in A():\n"
        "        pickle.dump(x, f)\n"
    ),
    "default list shared": (
        "def keep(o, kept=[]):\n"
        "    kept.append(o)\n"
        "    return kept\n"
        "keep(Order())\n"
        "def s(f):\n"
        "    pickle.dump(keep(1), f)\n"
    ),
    "function attribute": ("def g():\n    pass\ng.x = Order()\ndef s(f):\n    pickle.dump(g.x, f)\n"),
    "nonlocal nested": (
        "def s(f):\n"
        "    x = None\n"
        "    def a():\n"
        "        def b():\n"
        "            nonlocal x\n"
        "            x = Order()\n"
        "        b()\n"
        "    a()\n"
        "    pickle.dump(x, f)\n"
    ),
    "nonlocal before binding": (
        "def s(f):\n"
        "    def a():\n"
        "        nonlocal x\n"
        "        x = Order()\n"
        "    x = None\n"
        "    a()\n"
        "    pickle.dump(x, f)\n"
    ),
    "class body value": (
        "class A:\n"
        "    for x in [None, Order()]:\n"
        "        pass\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "class global": ("x = None\nclass A:\n    global x\n    x = Order()\ndef s(f):\n    pickle.dump(x, f)\n"),
    "missing": (
        "class A(dict):\n"
        "    def __missing__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A()['a'], f)\n"
    ),
    "missing get": (
        "class A(dict):\n"
        "    def __getitem__(self, k):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(A()['a'], f)\n"
    ),
    "setitem": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = {}\n"
        "    def __setitem__(self, k, v):\n"
        "        self.d[k] = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "def g():\n"
        "    a = A()\n"
        "    a['x'] = Order()\n"
    ),
    "setitem aug": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = {}\n"
        "    def __getitem__(self, k):\n"
        "        return 1\n"
        "    def __setitem__(self, k, v):\n"
        "        self.d[k] = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "def g():\n"
        "    a = A()\n"
        "    a['x'] += Order()\n"
    ),
    "call method": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = []\n"
        "    def __call__(self, v):\n"
        "        self.d.append(v)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "def g():\n"
        "    a = A()\n"
        "    a(1)\n"
        "    a(Order())\n"
    ),
    "add method arg": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = [1]\n"
        "    def __add__(self, v):\n"
        "        self.d.append(v)\n"
        "        return self\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "def g():\n"
        "    A() + Order()\n"
        "    A().__add__(1)\n"
    ),
    "lshift method arg": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = [1]\n"
        "    def __lshift__(self, v):\n"
        "        self.d.append(v)\n"
        "        return self\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "def g():\n"
        "    A().__lshift__(1)\n"
        "    A() << Order()\n"
    ),
    "exit arg": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.d = None\n"
        "    def __exit__(self, t, v, tb):\n"
        "        self.d = v\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.d, f)\n"
        "A().__exit__(None, None, None)\n"
    ),
    "getattr default": ("class A:\n    pass\ndef s(f):\n    pickle.dump(getattr(A(), 'zz', Order()), f)\n"),
    "getattr computed": (
        "class A:\n    x = Order()\n    def s(self, f, n):\n        pickle.dump(getattr(self, n), f)\n"
    ),
    "namespace": (
        "import types\n"
        "def s(f):\n"
        "    x = types.SimpleNamespace(a=1)\n"
        "    x.b = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "namespace attribute": (
        "import types\nN = types.SimpleNamespace(a=None)\nN.a = Order()\ndef s(f):\n    pickle.dump(N.a, f)\n"
    ),
    "chainmap child": (
        "import collections\n"
        "def s(f):\n"
        "    x = collections.ChainMap({}).new_child({'a': Order()})\n"
        "    pickle.dump(x['a'], f)\n"
    ),
    "chainmap setitem": (
        "import collections\n"
        "def s(f):\n"
        "    d = {}\n"
        "    x = collections.ChainMap(d)\n"
        "    x['a'] = Order()\n"
        "    pickle.dump(d, f)\n"
    ),
    "fromkeys list": (
        "def s(f):\n    x = dict.fromkeys(['a'], [])\n    x['a'].append(Order())\n    pickle.dump(x, f)\n"
    ),
    "zip star": ("def s(f):\n    a, b = zip(*[(1, Order())])\n    pickle.dump(b, f)\n"),
    "sorted key": ("def s(f):\n    pickle.dump(sorted([Order()], key=lambda o: o.x), f)\n"),
    "list sort": (
        "SEEN = []\n"
        "def key(o):\n"
        "    SEEN.append(o)\n"
        "    return 1\n"
        "key(1)\n"
        "[Order()].sort(key=key)\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "map function": (
        "SEEN = []\n"
        "def key(o):\n"
        "    SEEN.append(o)\n"
        "    return 1\n"
        "key(1)\n"
        "list(map(key, [Order()]))\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "filter function": (
        "SEEN = []\n"
        "def key(o):\n"
        "    SEEN.append(o)\n"
        "    return 1\n"
        "key(1)\n"
        "list(filter(key, [Order()]))\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "comprehension call": (
        "SEEN = []\n"
        "def key(o):\n"
        "    SEEN.append(o)\n"
        "key(1)\n"
        "[key(o) for o in [Order()]]\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "finally": (
        "def s(f):\n"
        "    x = None\n"
        "    try:\n"
        "        pass\n"
        "    finally:\n"
        "        x = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "finally returns": (
        "def mk():\n"
        "    try:\n"
        "        return None\n"
        "    finally:\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(mk(), f)\n"
    ),
    "except star": (
        "def s(f):\n"
        "    x = None\n"
        "    try:\n"
        "        pass\n"
        "    except* ValueError as x:\n"
        "        pickle.dump(x, f)\n"
    ),
    "exception value": (
        "class E(Exception):\n"
        "    def __init__(self, o):\n"
        "        self.o = o\n"
        "def s(f):\n"
        "    try:\n"
        "        raise E(Order())\n"
        "    except E as e:\n"
        "        pickle.dump(e.o, f)\n"
    ),
    "exception args": (
        "def s(f):\n"
        "    try:\n"
        "        raise ValueError(Order())\n"
        "    except ValueError as e:\n"
        "        pickle.dump(e.args, f)\n"
    ),
    "del and again": ("def s(f):\n    x = None\n    del x\n    x = Order()\n    pickle.dump(x, f)\n"),
    "thread local": (
        "import threading\nL = threading.local()\nL.x = Order()\ndef s(f):\n    pickle.dump(L.x, f)\n"
    ),
    "local subclass": (
        "import threading\n"
        "class L(threading.local):\n"
        "    x = None\n"
        "l = L()\n"
        "l.x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(l.x, f)\n"
    ),
    "enum of objects": (
        "import enum\n"
        "class E(enum.Enum):\n"
        "    A = Order()\n"
        "def s(f):\n"
        "    pickle.dump([e.value for e in E], f)\n"
    ),
    "enum init": (
        "import enum\n"
        "class E(enum.Enum):\n"
        "    A = 1\n"
        "    def __init__(self, n):\n"
        "        self.o = Order()\n"
        "def s(f):\n"
        "    pickle.dump(E.A.o, f)\n"
    ),
    "enum private value": (
        "import enum\n"
        "class E(enum.Enum):\n"
        "    A = 1\n"
        "    def __new__(cls, v):\n"
        "        o = object.__new__(cls)\n"
        "        o._value_ = Order()\n"
        "        return o\n"
        "def s(f):\n"
        "    pickle.dump(E.A.value, f)\n"
    ),
    "kwargs through": (
        "def s(f, **kw):\n    t(f, **kw)\ndef t(f, x=None):\n    pickle.dump(x, f)\ns(1, x=Order())\n"
    ),
    "args through": ("def s(*a):\n    t(*a)\ndef t(f, x=None):\n    pickle.dump(x, f)\ns(1, Order())\n"),
    "kwargs to fields": (
        "class A:\n"
        "    def __init__(self, **kw):\n"
        "        for k, v in kw.items():\n"
        "            setattr(self, k, v)\n"
        "def s(f):\n"
        "    pickle.dump(A(x=Order()), f)\n"
    ),
    "kwargs pop": (
        "class A:\n"
        "    def __init__(self, **kw):\n"
        "        self.x = kw.pop('x', None)\n"
        "def s(f):\n"
        "    pickle.dump(A(x=Order()), f)\n"
    ),
    "kwargs get": ("def s(f, **kw):\n    pickle.dump(kw.get('x'), f)\ns(1, x=Order())\n"),
    "partial method": (
        "import functools\n"
        "class A:\n"
        "    def put(self, v):\n"
        "        self.v = v\n"
        "    put_one = functools.partialmethod(put, Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.v, f)\n"
        "A().put(1)\n"
    ),
    "partial keyword": (
        "import functools\n"
        "SEEN = []\n"
        "def put(a, b=None):\n"
        "    SEEN.append(b)\n"
        "put(1)\n"
        "p = functools.partial(put, b=Order())\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "singledispatch": (
        "import functools\n"
        "@functools.singledispatch\n"
        "def mk(a):\n"
        "    return None\n"
        "@mk.register(int)\n"
        "def _(a):\n"
        "    return Order()\n"
        "def s(f):\n"
        "    pickle.dump(mk(1), f)\n"
    ),
    "wraps": (
        "import functools\n"
        "def deco(fn):\n"
        "    @functools.wraps(fn)\n"
        "    def w(*a):\n"
        "        return Order()\n"
        "    return w\n"
        "@deco\n"
        "def mk():\n"
        "    return None\n"
        "def s(f):\n"
        "    pickle.dump(mk(), f)\n"
    ),
    "inspect frame": (
        "import inspect\n"
        "x = None\n"
        "def g():\n"
        "    inspect.currentframe().f_globals['x'] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "function globals": (
        "x = None\ndef g():\n    g.__globals__['x'] = Order()\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "frame": (
        "import sys\n"
        "x = None\n"
        "def g():\n"
        "    sys._getframe(0).f_globals['x'] = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "builtins": ("import builtins\nbuiltins.zz = Order()\ndef s(f):\n    pickle.dump(zz, f)\n"),
    "builtin shadowed": (
        "import builtins\ndef str(o):\n    return Order()\ndef s(f):\n    pickle.dump(str(1), f)\n"
    ),
    "deepcopy": (
        "import copy\n"
        "class A:\n"
        "    def __deepcopy__(self, m):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(copy.deepcopy(A()), f)\n"
    ),
    "copy hook": (
        "import copy\n"
        "class A:\n"
        "    def __copy__(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    pickle.dump(copy.copy(A()), f)\n"
    ),
    "typed dict": (
        "from typing import TypedDict\n"
        "class TD(TypedDict, total=False):\n"
        "    a: 'Any'\n"
        "def s(f):\n"
        "    pickle.dump(TD(a=Order()), f)\n"
    ),
    "dict class": (
        "class A(dict):\n    pass\ndef s(f):\n    x = A()\n    x['a'] = Order()\n    pickle.dump(x, f)\n"
    ),
    "list class": (
        "class A(list):\n"
        "    def put(self):\n"
        "        self.append(Order())\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "userdict": (
        "import collections\n"
        "class A(collections.UserDict):\n"
        "    pass\n"
        "def s(f):\n"
        "    x = A()\n"
        "    x['a'] = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "defaultdict factory": (
        "import collections\nx = collections.defaultdict(Order)\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "defaultdict lambda": (
        "import collections\n"
        "x = collections.defaultdict(lambda: [Order()])\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "defaultdict assigned": (
        "import collections\n"
        "x = collections.defaultdict(int)\n"
        "x.default_factory = Order\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "ordered move": (
        "import collections\n"
        "def s(f):\n"
        "    x = collections.OrderedDict()\n"
        "    x.update([('a', Order())])\n"
        "    pickle.dump(x, f)\n"
    ),
    "deque extend": (
        "import collections\n"
        "def s(f):\n"
        "    x = collections.deque([1])\n"
        "    x.extendleft([Order()])\n"
        "    pickle.dump(x, f)\n"
    ),
    "heap": ("import heapq\ndef s(f):\n    x = [1]\n    heapq.heappush(x, Order())\n    pickle.dump(x, f)\n"),
    "heap named": (
        "from heapq import heappush\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    heappush(x, Order())\n"
        "    pickle.dump(x, f)\n"
    ),
    "heapreplace": (
        "import heapq\ndef s(f):\n    x = [1]\n    heapq.heapreplace(x, Order())\n    pickle.dump(x, f)\n"
    ),
    "insort": (
        "import bisect\ndef s(f):\n    x = [1]\n    bisect.insort(x, Order())\n    pickle.dump(x, f)\n"
    ),
    "append alias": ("def s(f):\n    x = [1]\n    add = x.append\n    add(Order())\n    pickle.dump(x, f)\n"),
    "append passed": (
        "def s(f):\n"
        "    x = [1]\n"
        "    each(x.append)\n"
        "    pickle.dump(x, f)\n"
        "def each(put):\n"
        "    put(Order())\n"
    ),
    "append mapped": ("def s(f):\n    x = [1]\n    list(map(x.append, [Order()]))\n    pickle.dump(x, f)\n"),
    "attribute append alias": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "    def g(self):\n"
        "        add = self.x.append\n"
        "        add(Order())\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
    ),
    "getattr append": ("def s(f):\n    x = [1]\n    getattr(x, 'append')(Order())\n    pickle.dump(x, f)\n"),
    "unbound append": ("def s(f):\n    x = [1]\n    list.append(x, Order())\n    pickle.dump(x, f)\n"),
    "unbound update": ("def s(f):\n    x = {}\n    dict.update(x, a=Order())\n    pickle.dump(x, f)\n"),
    "update kwargs only": ("def s(f):\n    x = {'b': 1}\n    x.update(a=Order())\n    pickle.dump(x, f)\n"),
    "update star": ("def s(f):\n    x = {'b': 1}\n    x.update(**{'a': Order()})\n    pickle.dump(x, f)\n"),
    "extend star": ("def s(f):\n    x = [1]\n    x.extend(*[[Order()]])\n    pickle.dump(x, f)\n"),
    "slice step": ("def s(f):\n    x = [1]\n    x[::2] = [Order()]\n    pickle.dump(x, f)\n"),
    "item unpack": ("def s(f):\n    x = [1, 2]\n    x[0], y = Order(), 1\n    pickle.dump(x, f)\n"),
    "item for": ("def s(f):\n    x = [1]\n    for x[0] in [Order()]:\n        pass\n    pickle.dump(x, f)\n"),
    "item with": (
        "class M:\n"
        "    def __enter__(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    with M() as x[0]:\n"
        "        pass\n"
        "    pickle.dump(x, f)\n"
    ),
    "item unpack call": (
        "def two():\n"
        "    return Order(), 1\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    x[0], y = two()\n"
        "    pickle.dump(x, f)\n"
    ),
    "nested item": ("def s(f):\n    x = {'a': {'b': 1}}\n    x['a']['b'] = Order()\n    pickle.dump(x, f)\n"),
    "shuffled": (
        "import random\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    random.shuffle(x)\n"
        "    x[:] = [Order()]\n"
        "    pickle.dump(x, f)\n"
    ),
    "subclass typed receiver": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class B(A):\n"
        "    pass\n"
        "def g(b: B):\n"
        "    b.x = Order()\n"
    ),
    "subclass typed receiver instance": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "class B(A):\n"
        "    pass\n"
        "def s(f, a: A):\n"
        "    pickle.dump(a, f)\n"
        "def g(b: B):\n"
        "    b.x = Order()\n"
    ),
    "cls attribute below": (
        "class A:\n"
        "    x = None\n"
        "    @classmethod\n"
        "    def s(cls, f):\n"
        "        pickle.dump(cls.x, f)\n"
        "class B(A):\n"
        "    x = Order()\n"
    ),
    "cls attribute set below": (
        "class A:\n"
        "    x = None\n"
        "    @classmethod\n"
        "    def s(cls, f):\n"
        "        pickle.dump(cls.x, f)\n"
        "class B(A):\n"
        "    pass\n"
        "B.x = Order()\n"
    ),
    "super attribute": (
        "class A:\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "class B(A):\n"
        "    def mk(self):\n"
        "        return super().mk()\n"
        "def s(f):\n"
        "    pickle.dump(B().mk(), f)\n"
    ),
    "super in mixin": (
        "class Mix:\n"
        "    def mk(self):\n"
        "        return super().mk()\n"
        "class A:\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "class B(Mix, A):\n"
        "    pass\n"
        "def s(f):\n"
        "    pickle.dump(B().mk(), f)\n"
    ),
    "diamond": (
        "class R:\n"
        "    def mk(self):\n"
        "        return None\n"
        "class L(R):\n"
        "    def mk(self):\n"
        "        return super().mk()\n"
        "class M(R):\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "class B(L, M):\n"
        "    pass\n"
        "def s(f):\n"
        "    pickle.dump(B().mk(), f)\n"
    ),
    "abstract method": (
        "import abc\n"
        "class A(abc.ABC):\n"
        "    @abc.abstractmethod\n"
        "    def mk(self): ...\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "class B(A):\n"
        "    def mk(self):\n"
        "        return Order()\n"
    ),
    "class swapped": (
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "class B:\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.__class__ = B\n"
        "    pickle.dump(a.mk(), f)\n"
    ),
    "class swapped instance": (
        "class A:\n    pass\ndef s(f):\n    a = A()\n    a.__class__ = Order\n    pickle.dump(a, f)\n"
    ),
    "type made": (
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "B = type('B', (A,), {'mk': lambda self: Order()})\n"
    ),
    "new class made": (
        "import types\n"
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "B = types.new_class('B', (A,), {}, lambda ns: ns.update(mk=lambda self: Order()))\n"
    ),
    "setattr method": (
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "setattr(A, 'mk', lambda self: Order())\n"
    ),
    "setattr method computed": (
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "for n in ['mk']:\n"
        "    setattr(A, n, lambda self: Order())\n"
    ),
    "method on instance outside": (
        "class A:\n"
        "    def mk(self):\n"
        "        return None\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.mk = lambda: Order()\n"
        "    pickle.dump(a.mk(), f)\n"
    ),
    "staticmethod value": (
        "class A:\n    mk = staticmethod(lambda: Order())\ndef s(f):\n    pickle.dump(A.mk(), f)\n"
    ),
    "lambda attribute": (
        "class A:\n    mk = lambda self: Order()\n    def s(self, f):\n        pickle.dump(self.mk(), f)\n"
    ),
    "alias of a method": (
        "class A:\n"
        "    def a(self):\n"
        "        return Order()\n"
        "    mk = a\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
    ),
    "alias of a method over another": (
        "class B:\n"
        "    def mk(self):\n"
        "        return None\n"
        "class A(B):\n"
        "    def a(self):\n"
        "        return Order()\n"
        "    mk = a\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
    ),
    "lambda over a method": (
        "class B:\n"
        "    def mk(self):\n"
        "        return None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "class A(B):\n"
        "    mk = lambda self: Order()\n"
    ),
    "property over a method value": (
        "class B:\n"
        "    x = None\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.x, f)\n"
        "class A(B):\n"
        "    x = property(lambda self: Order())\n"
    ),
    "getstate adds": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = 1\n"
        "    def __getstate__(self):\n"
        "        d = dict(self.__dict__)\n"
        "        d['y'] = Order()\n"
        "        return d\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "global in other function": (
        "def a():\n"
        "    global x\n"
        "    x = None\n"
        "def b():\n"
        "    global x\n"
        "    x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "import as binding": (
        "x = None\n"
        "def g():\n"
        "    global x\n"
        "    from app.m import Order as x\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "for global": (
        "x = None\n"
        "def g():\n"
        "    global x\n"
        "    for x in [Order()]:\n"
        "        pass\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "with global": (
        "class M:\n"
        "    def __enter__(self):\n"
        "        return Order()\n"
        "x = None\n"
        "def g():\n"
        "    global x\n"
        "    with M() as x:\n"
        "        pass\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "def global": (
        "x = None\n"
        "def g():\n"
        "    global x\n"
        "    class x:\n"
        "        pass\n"
        "    x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(x, f)\n"
    ),
    "type alias call": ("K = Order\ndef s(f):\n    pickle.dump(K(), f)\n"),
    "conditional class": ("class A:\n    pass\nK = A if A else Order\ndef s(f):\n    pickle.dump(K(), f)\n"),
    "class in tuple": ("class A:\n    pass\nPAIR = (A, Order)\ndef s(f):\n    pickle.dump(PAIR[1](), f)\n"),
    "class from dict get": (
        "class A:\n    pass\ndef s(f):\n    pickle.dump({'a': A}.get('b', Order)(), f)\n"
    ),
    "class by loop": (
        "class A:\n    pass\ndef s(f):\n    for K in (A, Order):\n        pickle.dump(K(), f)\n"
    ),
    "class by attribute": (
        "class A:\n    kind = Order\n    def s(self, f):\n        pickle.dump(self.kind(), f)\n"
    ),
    "class by attribute below": (
        "class Z:\n"
        "    pass\n"
        "class A:\n"
        "    kind = Z\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.kind(), f)\n"
        "class B(A):\n"
        "    kind = Order\n"
    ),
    "cls below": (
        "class A:\n"
        "    @classmethod\n"
        "    def mk(cls):\n"
        "        return cls()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.mk(), f)\n"
        "class B(A):\n"
        "    def __init__(self):\n"
        "        self.x = Order()\n"
    ),
    "type of self": (
        "class A:\n"
        "    def s(self, f):\n"
        "        pickle.dump(type(self)(), f)\n"
        "class B(A):\n"
        "    def __init__(self):\n"
        "        self.x = Order()\n"
    ),
    "recursive type": (
        "def s(f):\n    x = []\n    x.append(x)\n    x.append(Order())\n    pickle.dump(x, f)\n"
    ),
    "conditional import": (
        "try:\n    x = Order()\nexcept Exception:\n    x = None\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "while else": (
        "def s(f):\n"
        "    x = None\n"
        "    while False:\n"
        "        pass\n"
        "    else:\n"
        "        x = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "try else": (
        "def s(f):\n"
        "    x = None\n"
        "    try:\n"
        "        pass\n"
        "    except ValueError:\n"
        "        pass\n"
        "    else:\n"
        "        x = Order()\n"
        "    pickle.dump(x, f)\n"
    ),
    "annotation without value": ("def s(f):\n    x: object\n    x = Order()\n    pickle.dump(x, f)\n"),
    "annotation lies in attribute": (
        "class A:\n"
        "    x: 'object'\n"
        "    def __init__(self):\n"
        "        self.x = Order()\n"
        "def s(f):\n"
        "    pickle.dump(A(), f)\n"
    ),
    "str join": ("def s(f):\n    pickle.dump([o for o in [Order()] if o], f)\n"),
    "dict comp": ("def s(f):\n    pickle.dump({k: Order() for k in 'ab'}, f)\n"),
    "lambda default": ("g = lambda o=Order(): o\ndef s(f):\n    pickle.dump(g(), f)\n"),
    "lambda arg": ("g = lambda o: o\ndef s(f):\n    pickle.dump(g(Order()), f)\n"),
    "immediate lambda": ("def s(f):\n    pickle.dump((lambda o: o)(Order()), f)\n"),
    "returned function": (
        "def mk():\n"
        "    def inner():\n"
        "        return Order()\n"
        "    return inner\n"
        "def s(f):\n"
        "    pickle.dump(mk()(), f)\n"
    ),
    "function in list": (
        "def a():\n"
        "    return None\n"
        "def b():\n"
        "    return Order()\n"
        "FS = [a, b]\n"
        "def s(f):\n"
        "    pickle.dump(FS[1](), f)\n"
    ),
    "function in attribute": (
        "def b():\n"
        "    return Order()\n"
        "class A:\n"
        "    def __init__(self):\n"
        "        self.g = b\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.g(), f)\n"
    ),
    "bound method kept": (
        "class B:\n"
        "    def mk(self):\n"
        "        return Order()\n"
        "g = B().mk\n"
        "def s(f):\n"
        "    pickle.dump(g(), f)\n"
    ),
    "future result": (
        "import concurrent.futures\n"
        "def b():\n"
        "    return Order()\n"
        "def s(f):\n"
        "    with concurrent.futures.ThreadPoolExecutor() as p:\n"
        "        pickle.dump(p.submit(b).result(), f)\n"
    ),
    "pool map": (
        "import multiprocessing\n"
        "def b(a):\n"
        "    return Order()\n"
        "def s(f):\n"
        "    with multiprocessing.Pool() as p:\n"
        "        pickle.dump(p.map(b, [1]), f)\n"
    ),
    "gather": (
        "import asyncio\n"
        "async def b():\n"
        "    return Order()\n"
        "async def s(f):\n"
        "    pickle.dump(await asyncio.gather(b()), f)\n"
    ),
    "queue class": (
        "import queue\n"
        "class Q:\n"
        "    def __init__(self):\n"
        "        self.q = queue.Queue()\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.q.get(), f)\n"
    ),
    "callback list": (
        "SEEN = []\n"
        "CALLS = []\n"
        "def put(o):\n"
        "    SEEN.append(o)\n"
        "put(1)\n"
        "CALLS.append(put)\n"
        "for c in CALLS:\n"
        "    c(Order())\n"
        "def s(f):\n"
        "    pickle.dump(SEEN, f)\n"
    ),
    "signal style": (
        "class S:\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def on(self, o=None):\n"
        "        self.seen.append(o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "import lib\n"
        "s = S()\n"
        "s.on(1)\n"
        "lib.connect(s.on)\n"
    ),
    "visitor": (
        "class V:\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def visit_a(self, o):\n"
        "        self.seen.append(o)\n"
        "    def visit(self, n, o):\n"
        "        getattr(self, 'visit_' + n)(o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "v = V()\n"
        "v.visit_a(1)\n"
        "v.visit('a', Order())\n"
    ),
    "visitor below": (
        "class B:\n"
        "    def visit(self, n, o):\n"
        "        getattr(self, 'visit_' + n)(o)\n"
        "class V(B):\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def visit_a(self, o):\n"
        "        self.seen.append(o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "v = V()\n"
        "v.visit_a(1)\n"
        "v.visit('a', Order())\n"
    ),
    "framework hook": (
        "import ast\n"
        "class V(ast.NodeVisitor):\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def visit_Name(self, o):\n"
        "        self.seen.append(o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "V().visit_Name(1)\n"
    ),
    "method table": (
        "class V:\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def a(self, o):\n"
        "        self.seen.append(o)\n"
        "    TABLE = {'a': a}\n"
        "    def go(self, n, o):\n"
        "        self.TABLE[n](self, o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "v = V()\n"
        "v.a(1)\n"
        "v.go('a', Order())\n"
    ),
    "dir loop": (
        "class V:\n"
        "    def __init__(self):\n"
        "        self.seen = []\n"
        "    def a(self, o):\n"
        "        self.seen.append(o)\n"
        "    def go(self, o):\n"
        "        for n in dir(self):\n"
        "            getattr(self, n)(o)\n"
        "    def s(self, f):\n"
        "        pickle.dump(self.seen, f)\n"
        "v = V()\n"
        "v.a(1)\n"
        "v.go(Order())\n"
    ),
}
"""Ways of the language and of the standard library, one of each."""
CONTAINERS = {
    "container alias in list": (
        "def s(f):\n    y = [1]\n    x = [y]\n    y.append(Order())\n    pickle.dump(x, f)\n"
    ),
    "container alias in attribute": (
        "class A:\n"
        "    def __init__(self, y):\n"
        "        self.y = y\n"
        "def s(f):\n"
        "    y = [1]\n"
        "    a = A(y)\n"
        "    y.append(Order())\n"
        "    pickle.dump(a, f)\n"
    ),
    "container alias in dict": (
        "def s(f):\n    y = {'b': 1}\n    x = {'a': y}\n    y['b'] = Order()\n    pickle.dump(x, f)\n"
    ),
    "container returned": (
        "KEPT = [1]\n"
        "def get():\n"
        "    return KEPT\n"
        "get().append(Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "container global alias": (
        "KEPT = [1]\nOTHER = KEPT\nOTHER.append(Order())\ndef s(f):\n    pickle.dump(KEPT, f)\n"
    ),
    "container param default": (
        "KEPT = [1]\n"
        "def put(o, to=KEPT):\n"
        "    to.append(o)\n"
        "put(Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "container closure": (
        "def make():\n"
        "    kept = [1]\n"
        "    def put(o):\n"
        "        kept.append(o)\n"
        "    def s(f):\n"
        "        pickle.dump(kept, f)\n"
        "    put(Order())\n"
        "    return s\n"
    ),
    "container yielded": (
        "KEPT = [[1]]\n"
        "for each in iter(KEPT):\n"
        "    each.append(Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "container zip": (
        "KEPT = [[1]]\n"
        "for each, n in zip(KEPT, [1]):\n"
        "    each.append(Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "container items": (
        "KEPT = {'a': [1]}\n"
        "for k, each in KEPT.items():\n"
        "    each.append(Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "container first": ("KEPT = [[1]]\nKEPT[0].append(Order())\ndef s(f):\n    pickle.dump(KEPT, f)\n"),
    "container comprehension": (
        "KEPT = [[1]]\n[each.append(Order()) for each in KEPT]\ndef s(f):\n    pickle.dump(KEPT, f)\n"
    ),
    "container conditional": (
        "A = [1]\nB = [2]\ndef g(c):\n    (A if c else B).append(Order())\ndef s(f):\n    pickle.dump(A, f)\n"
    ),
    "container or": (
        "A = [1]\ndef g(c=None):\n    (c or A).append(Order())\ndef s(f):\n    pickle.dump(A, f)\n"
    ),
    "container pop": ("A = [[1]]\ndef s(f):\n    y = A[0]\n    y.append(Order())\n    pickle.dump(A, f)\n"),
    "container two hops": (
        "A = [1]\ndef s(f):\n    y = A\n    z = y\n    z.append(Order())\n    pickle.dump(A, f)\n"
    ),
    "container of attribute outside": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "def s(f):\n"
        "    a = A()\n"
        "    y = a.x\n"
        "    y.append(Order())\n"
        "    pickle.dump(a, f)\n"
    ),
    "container of method": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "    def get(self):\n"
        "        return self.x\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.get().append(Order())\n"
        "    pickle.dump(a, f)\n"
    ),
    "container of property": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self._x = [1]\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "def s(f):\n"
        "    a = A()\n"
        "    a.x.append(Order())\n"
        "    pickle.dump(a, f)\n"
    ),
    "container passed method": (
        "class A:\n"
        "    def __init__(self):\n"
        "        self.x = [1]\n"
        "def fill(y):\n"
        "    y.append(Order())\n"
        "def s(f):\n"
        "    a = A()\n"
        "    fill(a.x)\n"
        "    pickle.dump(a, f)\n"
    ),
    "container in constructor": (
        "class B:\n"
        "    def __init__(self, y):\n"
        "        self.y = y\n"
        "    def put(self):\n"
        "        self.y.append(Order())\n"
        "def s(f):\n"
        "    x = [1]\n"
        "    B(x).put()\n"
        "    pickle.dump(x, f)\n"
    ),
    "args mutated": (
        "import sys\nx = [1]\nglobals()['x'].append(Order())\ndef s(f):\n    pickle.dump(x, f)\n"
    ),
    "fill in another function": (
        "def fill(to, o):\n"
        "    to.append(o)\n"
        "KEPT = [1]\n"
        "fill(KEPT, Order())\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "fill by keyword": (
        "def fill(*, to):\n"
        "    to.append(Order())\n"
        "KEPT = [1]\n"
        "fill(to=KEPT)\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
    "fill through two functions": (
        "def fill(to):\n"
        "    to.append(Order())\n"
        "def outer(them):\n"
        "    fill(them)\n"
        "KEPT = [1]\n"
        "outer(KEPT)\n"
        "def s(f):\n"
        "    pickle.dump(KEPT, f)\n"
    ),
}
"""Containers that are filled under another name than the one they are written by."""
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

OF_PYTHON_3_11 = {"except star"}
"""Names of programs that Python 3.10 does not parse."""
