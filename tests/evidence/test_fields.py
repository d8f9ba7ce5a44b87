"""Fields of plain classes and their types, from assignments anywhere in the tree."""

from __future__ import annotations

import random

import pytest

from migrate.evidence import class_graph

from .support import field_types, fields, one_class, tree

HEAD = """
import collections, copy, datetime, decimal, os, time, uuid
from collections import defaultdict, deque, OrderedDict, Counter
from pathlib import Path
from typing import cast
class Line:
    pass
def make(): return Line()
def declared(x) -> int: return x
def number(): return 3 if make() else None
class Other:
    limit = 10
    def __init__(self): self.size = 1.5
    @property
    def double(self): return self.size * 2
    def line(self): return Line()
class C:
    def f(self, annotated: str, maybe: int = None, unknown=None, *rest: int, **more: str):
        other = Other()
        self.x = {}
"""
VALUES = {
    "literal int": ("1", "int"),
    "literal text": ("f'{1}'", "str"),
    "literal bytes": ("b''", "bytes"),
    "negative": ("-1.5", "float"),
    "boolean": ("not unknown", "bool"),
    "comparison": ("unknown > 1", "bool"),
    "constructor of an own class": ("Line()", "m:Line"),
    "annotated parameter": ("annotated", "str"),
    "parameter with default None": ("maybe", "Optional[int]"),
    "rest parameter": ("rest", "tuple[int, ...]"),
    "keyword parameters": ("more", "dict[str, str]"),
    "list display": ("[Line()]", "list[m:Line]"),
    "empty list": ("[]", "list"),
    "tuple display": ("(1, 'a')", "tuple[int, str]"),
    "set display": ("{1, 2}", "set[int]"),
    "dict display": ("{'a': [1]}", "dict[str, list[int]]"),
    "comprehension": ("[Line() for _ in range(3)]", "list[m:Line]"),
    "dict comprehension": ("{i: str(i) for i in range(3)}", "dict[int, str]"),
    "nested comprehension": ("[[0 for _ in 'ab'] for _ in 'cd']", "list[list[int]]"),
    "datetime": ("datetime.datetime.now()", "datetime.datetime"),
    "difference of datetimes": ("datetime.datetime.now() - datetime.datetime.min", "datetime.timedelta"),
    "path": ("Path('a') / 'b'", "pathlib.Path"),
    "decimal": ("decimal.Decimal('1')", "decimal.Decimal"),
    "uuid": ("uuid.uuid4()", "uuid.UUID"),
    "clock": ("time.time()", "float"),
    "joined path": ("os.path.join('a', unknown)", "str"),
    "set constructor": ("set()", "set"),
    "set of a list": ("set([1])", "set[int]"),
    "defaultdict of lists": ("defaultdict(list)", "collections.defaultdict[Any, list]"),
    "deque": ("deque([1], maxlen=2)", "collections.deque[int]"),
    "ordered dict of pairs": ("OrderedDict([('a', 1)])", "collections.OrderedDict[str, int]"),
    "counter": ("Counter('abc')", "collections.Counter[str]"),
    "dict of keywords": ("dict(a=1)", "dict[str, int]"),
    "conditional": ("1 if unknown else 'a'", "Union[int, str]"),
    "or with a default": ("maybe or 0", "int"),
    "function of the module": ("make()", "m:Line"),
    "declared result": ("declared(1)", "int"),
    "result that may be None": ("number()", "Optional[int]"),
    "method of a known class": ("other.line()", "m:Line"),
    "attribute of a known class": ("other.size", "float"),
    "property of a known class": ("other.double", "float"),
    "class variable": ("other.limit", "int"),
    "text methods": ("annotated.strip().split(',')", "list[str]"),
    "item of a list": ("[Line()][0]", "m:Line"),
    "item of a tuple": ("(1, 'a')[1]", "str"),
    "slice": ("[1, 2][1:]", "list[int]"),
    "cast": ("cast('list[Line]', unknown)", "list[m:Line]"),
    "copy": ("copy.deepcopy([1])", "list[int]"),
    "sorted": ("sorted({'a': 1})", "list[str]"),
    "formatted text": ("'%s' % unknown", "str"),
    "division of ints": ("1 / 2", "float"),
    "walrus": ("(y := 1)", "int"),
    "dict item": ("{'a': 1}['a']", "int"),
    "dict get": ("{'a': 1}.get('a')", "Optional[int]"),
    "the class": ("Line", "type[m:Line]"),
    "a function": ("make", "collections.abc.Callable"),
}
UNKNOWN = {
    "unannotated parameter that nobody passes": "unknown",
    "call of an unknown function": "unknown()",
    "method of an unknown value": "unknown.strip()",
    "call of another library": "__import__('x').make()",
    "sum of unknowns": "unknown + 1",
    "a name that is bound nowhere": "nowhere",
    "await": "(lambda: (yield))()",
}


@pytest.mark.parametrize("name", VALUES)
def test_type_of(name):
    expression, expected = VALUES[name]
    assert field_types(HEAD.replace("self.x = {}", f"self.x = {expression}"))["x"] == expected


@pytest.mark.parametrize("name", UNKNOWN)
def test_nothing_is_claimed_of(name):
    assert field_types(HEAD.replace("self.x = {}", f"self.x = {UNKNOWN[name]}"))["x"] == "Any"


FORMS = {
    "plain": ("self.x = 1", "int"),
    "tuple target": ("self.x, y = 1, 'a'", "int"),
    "nested target": ("(a, (self.x, b)) = 1, (2.5, 3)", "float"),
    "two targets": ("y = self.x = 1", "int"),
    "annotated": ("self.x: int = compute()", "int"),
    "annotation alone": ("self.x: int", "int"),
    "loop": ("for self.x in [1, 2]: pass", "int"),
    "loop over items": ("for self.x, v in {'a': 1}.items(): pass", "str"),
    "setattr": ("setattr(self, 'x', 1)", "int"),
    "through __dict__": ("self.__dict__['x'] = 1", "int"),
    "__dict__.update": ("self.__dict__.update(x=1)", "int"),
    "in a nested function": ("def g(): self.x = 1", "int"),
    "None and later something": ("self.x = None\n        self.x = 'a'", "Optional[str]"),
    "two types": ("self.x = 1\n        self.x = 'a'", "Union[int, str]"),
    "augmented": ("self.x = 1\n        self.x += 2.5", "Union[float, int]"),
    "appended": ("self.x = []\n        self.x.append(1)", "list[int]"),
    "extended": ("self.x = []\n        self.x.extend(['a'])", "list[str]"),
    "concatenated": ("self.x = []\n        self.x += [1]", "list[int]"),
    "set item": ("self.x = {}\n        self.x['a'] = 1", "dict[str, int]"),
    "set default": ("self.x = {}\n        self.x.setdefault(1, 'a')", "dict[int, str]"),
    "set default and append": (
        "self.x = {}\n        self.x.setdefault('a', []).append(1)",
        "dict[str, list[int]]",
    ),
    "nested item": (
        "self.x = {}\n        self.x['a'] = {}\n        self.x['a'][1] = 2.5",
        "dict[str, dict[int, float]]",
    ),
    "updated": ("self.x = {}\n        self.x.update({'a': 1})", "dict[str, int]"),
    "added": ("self.x = set()\n        self.x.add('a')", "set[str]"),
    "heap": ("import heapq\n        self.x = []\n        heapq.heappush(self.x, 1)", "list[int]"),
    "counted": (
        "import collections\n        self.x = collections.Counter()\n        self.x.update(['a'])",
        "collections.Counter[str]",
    ),
}
NO_FIELD = {
    "a local variable": "x = 1",
    "another object's attribute": "import os\n        os.x = 1",
    "a comparison": "self.x == 1",
    "reading": "y = self.x",
    "deleting": "del self.x",
    "a keyword of a call": "dict(x=1)",
}


@pytest.mark.parametrize("name", FORMS)
def test_store(name):
    body, expected = FORMS[name]
    assert field_types(f"class C:\n    def f(self):\n        {body}\n")["x"] == expected


@pytest.mark.parametrize("name", NO_FIELD)
def test_no_store(name):
    assert field_types(f"class C:\n    def f(self):\n        {NO_FIELD[name]}\n") == {}


def test_with_gives_what_enter_returns():
    text = """
    class Opened:
        def __enter__(self): return 5
    class C:
        def f(self):
            with Opened() as self.x: pass
    """
    assert field_types(text) == {"x": "int"}


def test_the_first_parameter_counts_and_not_its_name():
    text = "class C:\n    def f(this): this.x = 1\n    @staticmethod\n    def g(self): self.y = 1\n"
    assert field_types(text) == {"x": "int"}


def test_class_methods_store_on_the_class():
    assert field_types("class C:\n    @classmethod\n    def f(cls): cls.x = 1") == {}


def test_private_names_as_stored():
    assert field_types("class _C:\n    def f(self): self.__x = 1", "m:_C") == {"_C__x": "int"}


def test_properties_take_what_is_stored_under_their_name():
    text = """
    class C:
        @property
        def x(self): return self._x
        @x.setter
        def x(self, value): self._x = value
        def f(self): self.x = 1
    """
    assert list(field_types(text)) == ["_x"]


def test_cached_properties_are_stored():
    text = """
    from functools import cached_property
    class C:
        @cached_property
        def x(self) -> int: return 1
    """
    assert field_types(text) == {"x": "int"}


def test_slots_are_fields_even_if_never_assigned():
    assert field_types("class C:\n    __slots__ = ('a', 'b')\n    def f(self): self.a = 1") == {
        "a": "int",
        "b": "Any",
    }


def test_annotations_of_a_plain_class_are_fields():
    assert field_types("class C:\n    a: int\n    b = 1\n") == {"a": "int"}


def test_stores_from_outside_to_an_obvious_receiver():
    text = """
    class C: pass
    def make():
        c = C()
        c.note = "x"
        return c
    def later(unknown):
        make().count = 1
        unknown.other = 2
    """
    assert field_types(text) == {"count": "int", "note": "str"}


def test_alternate_constructors():
    text = """
    class C:
        @classmethod
        def empty(cls):
            self = cls.__new__(cls)
            self.x = 1
            return self
        @classmethod
        def other(cls):
            made = cls()
            made.y = 2
            return made
    """
    assert field_types(text) == {"x": "int", "y": "int"}


def test_parameters_take_their_types_from_callers_in_other_files():
    graph = class_graph(
        tree(
            shop__="",
            shop__models="""
            class Order:
                def __init__(self, number, note=None):
                    self.number = number
                    self.note = note
            """,
            shop__use="from shop.models import Order as O\nfirst = O(1)\nsecond = O(number=2, note='x')\n",
        )
    )
    assert fields(graph["shop.models:Order"]) == {"number": "int", "note": "Optional[str]"}


def test_mocks_tell_nothing():
    text = """
    from unittest.mock import MagicMock
    class C:
        def __init__(self, a): self.a = a
    C(1)
    C(MagicMock())
    """
    assert field_types(text) == {"a": "int"}


def test_super_and_base_calls_hand_arguments_on():
    text = """
    class Base:
        def __init__(self, a, b): self.a, self.b = a, b
    class C(Base):
        def __init__(self, a): super().__init__(a, 'x')
    class D(Base):
        def __init__(self): Base.__init__(self, 2, 'y')
    C(1)
    """
    assert field_types(text) == {"a": "int", "b": "str"}


def test_a_container_filled_from_another_class():
    text = """
    class Line: pass
    class C:
        def __init__(self): self.lines = []
    class Shop:
        def __init__(self): self.cart = C()
        def add(self): self.cart.lines.append(Line())
    """
    assert field_types(text) == {"lines": "list[m:Line]"}


def test_contradictions_are_all_kept():
    evidence = (
        one_class("class C:\n    def f(self):\n        self.x = 1\n    def g(self):\n        self.x = 'a'\n")
        .fields[0]
        .evidence
    )
    assert [(str(fact.type), fact.where) for fact in evidence] == [("int", "m.py:3"), ("str", "m.py:5")]


def test_what_only_agrees_with_a_declaration_is_left_out_and_what_does_not_is_kept():
    evidence = (
        one_class("class C:\n    def f(self):\n        self.x: int = 1\n        self.x = None\n")
        .fields[0]
        .evidence
    )
    assert [(str(fact.type), fact.source.value) for fact in evidence] == [
        ("int", "declared"),
        ("None", "inferred"),
    ]


def test_one_unknown_assignment_makes_the_type_unknown_and_keeps_what_is_known():
    field = one_class("class C:\n    def f(self, y):\n        self.x = 1\n        self.x = y\n").fields[0]
    assert str(field.type) == "Any"
    assert {str(fact.type) for fact in field.evidence} == {"int", "Any"}


DYNAMIC = {
    "setattr with a computed name": "for k in y: setattr(self, k, 1)",
    "__dict__ updated with a value": "self.__dict__.update(y)",
    "computed key": "self.__dict__[y] = 1",
}


@pytest.mark.parametrize("name", DYNAMIC)
def test_computed_names_are_told(name):
    assert one_class(f"class C:\n    def f(self, y):\n        {DYNAMIC[name]}\n").dynamic


def test_restoring_the_state_is_not_computed():
    text = """
    class C:
        def __setstate__(self, state): self.__dict__.update(state)
        def f(self, other): self.__dict__ = other.__dict__
    """
    assert not one_class(text).dynamic


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    def f(self): self.x = [self.x]",
        "class C:\n    def f(self): self.x = (self.x, self.y)\n    def g(self): self.y = {1: self.x}",
        "def f(x): return f([x])\nclass C:\n    def g(self): self.x = f(1)",
        "x = y\ny = x\nclass C:\n    def g(self): self.x = x",
        "class C:\n    def g(self): self.x = self.g()",
    ],
)
def test_recursion_ends(text):
    assert "x" in field_types(text)


def test_the_order_of_files_makes_no_difference():
    sources = tree(
        app__="from .c import *",
        app__a="from .b import B\nclass A(B):\n    def f(self): self.x = self.y or [A()]\n",
        app__b="from . import c\nclass B(c.Base):\n    def g(self): self.y = c.make(self)\n",
        app__c="class Base: pass\ndef make(x): return x\nmade = make(Base())\n",
        main="from app import *\nfrom app.a import A\nA().z = made\n",
    )
    expected = class_graph(sources)
    for seed in range(5):
        names = list(sources)
        random.Random(seed).shuffle(names)
        shuffled = class_graph({name: sources[name] for name in names})
        assert list(shuffled.items()) == list(expected.items())


def test_files_that_do_not_parse_are_passed_over():
    graph = class_graph(
        {"a.py": b"class A: pass", "b.py": b"print 'x'", "c.py": b"\x00", "d.py": b"\xff\xfe"}
    )
    assert list(graph) == ["a:A"]
