"""Code without annotations: what names, docstrings, checks and containers say of the types in it."""

from __future__ import annotations

import pytest

from .support import field_types, flows, one_class, one_flow, said, tree


def dump(text: str):
    return one_flow(f"import pickle\n{text}", operation="dump")


ORDER = "class Order:\n    pass\n"
NODES = """
class Node:
    def stored_info(self):
        return Info()
class File(Node):
    pass
class Info:
    pass
"""


def test_a_method_that_one_family_has_tells_what_an_unknown_value_gives():
    flow = dump(f"{NODES}\ndef save(node, f):\n    pickle.dump(node.stored_info(), f)\n")
    assert flow.classes == {"app.m:Info"}
    assert not flow.closed
    assert said(flow) == [("app.m:Info", "inferred"), ("Any", "inferred")]


def test_classes_that_are_not_akin_tell_nothing():
    other = "\nclass Other:\n    def stored_info(self):\n        return 1\n"
    flow = dump(f"{NODES}{other}\ndef save(node, f):\n    pickle.dump(node.stored_info(), f)\n")
    assert said(flow) == [("Any", "inferred")]


def test_a_name_that_values_of_other_libraries_have_tells_nothing():
    flow = dump(
        "class A:\n    def get(self):\n        return 1\ndef save(x, f):\n    pickle.dump(x.get(), f)\n"
    )
    assert said(flow) == [("Any", "inferred")]


def test_what_is_passed_to_such_a_method_is_a_guess():
    text = """
class Saver:
    def save_it(self, value, f):
        pickle.dump(value, f)
class Order:
    pass
def all_of(savers, f):
    for saver in savers:
        saver.save_it(Order(), f)
"""
    flow = dump(text)
    assert ("app.m:Order", "guessed") in said(flow)
    assert flow.classes == {"app.m:Order"}
    assert not flow.closed


def test_a_call_that_does_not_fit_is_none():
    text = "class A:\n    def save_it(self, value, f):\n        pickle.dump(value, f)\n"
    assert said(dump(f"{text}def run(x):\n    x.save_it(1, 2, 3)\n")) == [("Any", "inferred")]


def test_docstrings_of_three_kinds_beside_the_unknown_type():
    for doc in (
        ":param order: what to save\n:type order: Order",
        ":param Order order: what to save",
        "@type order: L{Order}".replace("L{Order}", "Order"),
        "Parameters\n----------\norder : Order, optional",
        ":type order: list of :class:`~app.m.Order`",
    ):
        flow = dump(f'{ORDER}def save(order, f):\n    """Save.\n\n{doc}\n"""\n    pickle.dump(order, f)\n')
        assert flow.classes == {"app.m:Order"}, doc
        assert not flow.closed


def test_a_docstring_is_not_asked_where_calls_tell():
    text = f'{ORDER}def save(order, f):\n    """:type order: Order"""\n    pickle.dump(order, f)\n'
    assert said(dump(f"{text}save(1, None)\n")) == [("int", "inferred")]


def test_what_a_docstring_says_that_is_no_class():
    text = 'def save(order, f):\n    """:type order: class\n:param a b c:"""\n    pickle.dump(order, f)\n'
    assert said(dump(text)) == [("Any", "inferred")]


def test_a_check_that_raises_settles_an_unknown_type():
    check = "    if not isinstance(order, Order):\n        raise TypeError\n"
    text = f"class Order:\n    pass\ndef save(order, f):\n{check}    pickle.dump(order, f)\n"
    assert dump(text).classes == {"app.m:Order"}
    assured = "    assert isinstance(order, Order)\n"
    assert dump(f"{ORDER}def save(order, f):\n{assured}    pickle.dump(order, f)\n").classes == {
        "app.m:Order"
    }
    later = "    order = other()\n"
    text = f"class Order:\n    pass\ndef save(order, f):\n{check}{later}    pickle.dump(order, f)\n"
    assert ("Any", "inferred") in said(dump(text))


def test_what_is_known_of_a_container_stays_beside_what_is_not():
    flow = dump("class Order:\n    pass\ndef save(x, f):\n    pickle.dump([Order(), x], f)\n")
    assert flow.classes == {"app.m:Order"}
    assert [str(fact.type) for fact in flow.types] == ["list[Union[app.m:Order, Any]]"]
    assert not flow.closed


def test_the_field_of_such_a_container_is_not_declared_so():
    text = "class C:\n    def __init__(self, x):\n        self.items = [1, x]\n"
    assert field_types(text) == {"items": "list[Any]"}


HISTORY = """
class Item:
    pass
class History(list):
    def append(self, text):
        super().append(Item())
def save(f):
    pickle.dump(History(), f)
"""


def test_the_items_of_a_class_that_is_a_container():
    flow = dump(HISTORY)
    assert flow.classes == {"app.m:History", "app.m:Item"}
    assert (flow.closed, flow.why) == (False, "what History holds is not declared")


def test_items_that_other_code_puts_in_and_takes_out():
    text = "class Item:\n    pass\nclass Bag(dict):\n    pass\nbag = Bag()\nbag['x'] = Item()\n"
    assert dump(f"{text}pickle.dump(bag, None)\n").classes == {"app.m:Bag", "app.m:Item"}
    assert dump(f"{text}pickle.dump(bag['x'], None)\n").classes == {"app.m:Item"}


def test_items_that_are_declared_close_the_set():
    text = "class Item:\n    pass\nclass Bag(dict[str, Item]):\n    pass\npickle.dump(Bag(), None)\n"
    flow = dump(text)
    assert (flow.classes, flow.closed) == ({"app.m:Bag", "app.m:Item"}, True)


def test_item_stores_are_calls():
    text = """
class Store:
    def __setitem__(self, key, value):
        pickle.dump(value, None)
store = Store()
store["x"] = 1.5
"""
    assert ("float", "inferred") in said(dump(text))


def test_fills_through_another_name():
    text = """
class Table:
    def __init__(self):
        self.rows = {}
    def build(self):
        rows = self.rows
        rows[1] = "x"
    def save(self, f):
        pickle.dump(self.rows, f)
"""
    assert ("dict[int, str]", "inferred") in said(dump(text))


def test_operators_of_own_classes_and_the_rest_of_arguments():
    text = """
class Part:
    def __or__(self, other):
        return Chain(self, other)
class Chain:
    def __init__(self, *parts):
        self.parts = list(parts)
pickle.dump(Part() | 1, None)
"""
    assert dump(text).classes == {"app.m:Part", "app.m:Chain"}


def test_keywords_that_are_left_over():
    text = "class C:\n    def __init__(self, a, **more):\n        self.more = more\nC(1, b='x', c='y')\n"
    assert field_types(text) == {"more": "dict[str, str]"}
    assert field_types("class C:\n    def __init__(self, *more):\n        self.more = more\n") == {
        "more": "tuple[Any, ...]"
    }


def test_partials_of_classes_and_tables_of_functions():
    assert dump(
        "import functools\nclass A:\n    pass\nmake = functools.partial(A)\npickle.dump(make(), None)\n"
    ).classes
    text = (
        "class A:\n    pass\nMAKE = {'a': lambda x: A()}\ndef save(k):\n    pickle.dump(MAKE[k](1), None)\n"
    )
    assert dump(text).classes == {"app.m:A"}


KEEPS = """
class Task:
    pass
class Scheduler:
    kind = Task
    def __init__(self):
        self.make = functools.partial(Task)
        self.count = len
    def state(self, f):
        pickle.dump(self.{call}(), f)
"""


@pytest.mark.parametrize("call", ["make", "kind"])
def test_calling_a_class_that_an_attribute_keeps_makes_an_instance_or_anything(call):
    flow = dump(f"import functools\n{KEEPS.format(call=call)}")
    assert said(flow) == [("app.m:Task", "inferred"), ("Any", "inferred")]
    assert not flow.closed


@pytest.mark.parametrize("call", ["count", "missing"])
def test_calling_any_other_attribute_tells_nothing(call):
    assert said(dump(f"import functools\n{KEEPS.format(call=call)}")) == [("Any", "inferred")]


def test_of_too_many_types_the_classes_of_the_tree_remain():
    scalars = "1, 's', b'', 1.0, 1j, True, None, {1}, [1], {1: 1}, ..., frozenset(), (1,), (1, 2), (1, 2, 3)"
    many = "".join(f"save(({', '.join(['1'] * n)},), f)\n" for n in range(4, 9))
    text = f"{ORDER}def save(o, f): pickle.dump(o, f)\nfor o in ({scalars}): save(o, f)\n{many}"
    flow = dump(f"{text}save(Order(), f)\n")
    assert {ref for ref, _ in said(flow)} == {"app.m:Order", "Any"}
    assert not flow.closed
    assert {ref for ref, _ in said(dump(text))} == {"Any"}


def test_a_decorator_may_change_what_a_function_gives():
    text = "import other\n@other.wrap\ndef make():\n    return 1\npickle.dump(make(), None)\n"
    assert said(dump(text)) == [("int", "inferred"), ("Any", "inferred")]


PRIVATE = """
class A:
    __kept = None

    def put(self):
        self.__kept = Order()

    def save(self, f):
        pickle.dump(self.__kept, f)
"""
BY_THE_CLASS = """
class A:
    kept = None

class B(A):
    pass

def put():
    B.kept = Order()

def save(f):
    pickle.dump(A.kept, f)
"""
PRIVATE_BY_THE_CLASS = """
class A:
    __kept = None

    @staticmethod
    def put():
        A.__kept = Order()

    @staticmethod
    def save(f):
        pickle.dump(A.__kept, f)
"""


@pytest.mark.parametrize("text", [PRIVATE, BY_THE_CLASS, PRIVATE_BY_THE_CLASS])
def test_the_default_of_a_class_is_not_all_that_an_attribute_holds(text):
    flow = dump(f"{ORDER}{text}")
    assert said(flow) == [("Optional[app.m:Order]", "inferred")]
    assert flow.classes == {"app.m:Order"}


def test_a_private_list_of_the_class_holds_what_is_put_in():
    text = "class A:\n    __kept = []\n    def put(self):\n        self.__kept.append(Order())\n"
    flow = dump(f"{ORDER}{text}    def save(self, f):\n        pickle.dump(self.__kept, f)\n")
    assert said(flow) == [("list[app.m:Order]", "inferred")]


def test_a_private_name_of_another_class_is_another_attribute():
    text = """
class Base:
    __kept = None
    def save(self, f):
        pickle.dump(self.__kept, f)
class Other:
    def put(self):
        self.__kept = Order()
"""
    assert said(dump(f"{ORDER}{text}")) == [("None", "inferred")]


@pytest.mark.parametrize(
    "read",
    [
        "import settings\ndef save(f):\n    pickle.dump(settings.current, f)\n",
        "from settings import current\ndef save(f):\n    pickle.dump(current, f)\n",
        "from settings import current as now\ndef save(f):\n    pickle.dump(now, f)\n",
    ],
)
def test_other_modules_store_into_globals(read):
    files = {
        "settings.py": "current = None\n",
        "orders.py": ORDER,
        "main.py": "import settings\nfrom orders import Order\nsettings.current = Order()\n",
        "store.py": f"import pickle\n{read}",
    }
    (flow,) = flows({path: text.encode() for path, text in files.items()}, operation="dump")
    assert flow.classes == {"orders:Order"}


@pytest.mark.parametrize("default", ["kept = None", "def first(self):\n        self.kept = None"])
def test_a_default_says_little_where_attributes_come_under_computed_names(default):
    text = f"""
class A:
    {default}
    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)
    def save(self, f):
        pickle.dump(self.kept, f)
"""
    flow = dump(text)
    assert not flow.closed
    assert ("Any", "inferred") in said(flow)


def test_names_from_a_constant_loop():
    text = """
class Base:
    NAMES = []
    def __init__(self, **given):
        for name in self.NAMES:
            setattr(self, name + "_set", given.get(name))
class C(Base):
    NAMES = ["a", "b"]
"""
    schema = one_class(text)
    assert [field.name for field in schema.fields] == ["a_set", "b_set"]
    assert not schema.dynamic
    assert one_class("class C:\n    def put(self, n):\n        setattr(self, n, 1)\n").dynamic


def test_names_that_setattr_of_the_base_is_called_with():
    text = "class C:\n    def __init__(self):\n        super().__setattr__('a', 1)\n"
    assert field_types(f"{text}        object.__setattr__(self, 'b', '')\n") == {"a": "int", "b": "str"}


def test_what_getstate_puts_in_and_what_it_names():
    text = "class C:\n    def __init__(self):\n        self.a = 1\n    def __getstate__(self):\n"
    added = "        state = self.__dict__.copy()\n        state['version'] = 'x'\n        return state\n"
    assert field_types(text + added) == {"a": "int", "version": "str"}
    assert field_types(f"{text}        return {{'b': self.a}}\n") == {"b": "int"}


def test_attributes_that_bases_of_the_standard_library_give():
    schema = one_class("import collections\nclass C(collections.UserDict):\n    pass\n")
    assert [(field.name, str(field.type)) for field in schema.fields] == [("data", "dict[Any, Any]")]


def test_the_order_of_files_makes_no_difference():
    sources = tree(
        app__="",
        app__a=f"import pickle\n{NODES}",
        app__b="import pickle\ndef f(x):\n    pickle.dump(x.stored_info(), 1)\n",
    )
    assert said(flows(sources)[-1]) == said(flows(dict(reversed(sources.items())))[-1])
