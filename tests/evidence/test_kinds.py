"""How classes are made, and what they declare."""

from __future__ import annotations

import pytest

from migrate.evidence import class_graph
from migrate.model import Kind

from .support import field_types, fields, one_class, tree

KINDS = {
    "plain": ("class C: pass", Kind.PLAIN),
    "attrs define": ("import attrs\n@attrs.define\nclass C: pass", Kind.ATTRS),
    "attrs frozen with arguments": (
        "from attrs import frozen\n@frozen(kw_only=True)\nclass C: pass",
        Kind.ATTRS,
    ),
    "attr.s": ("import attr\n@attr.s(slots=True)\nclass C: pass", Kind.ATTRS),
    "attr.dataclass": ("import attr\n@attr.dataclass\nclass C: pass", Kind.ATTRS),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass C: pass", Kind.DATACLASS),
    "dataclass by alias": (
        "import dataclasses as d\n@d.dataclass(frozen=True)\nclass C: pass",
        Kind.DATACLASS,
    ),
    "pydantic": ("from pydantic import BaseModel\nclass C(BaseModel): pass", Kind.PYDANTIC),
    "NamedTuple": ("from typing import NamedTuple\nclass C(NamedTuple): x: int", Kind.NAMEDTUPLE),
    "NamedTuple by call": (
        "from typing import NamedTuple\nC = NamedTuple('C', [('x', int)])",
        Kind.NAMEDTUPLE,
    ),
    "namedtuple": ("from collections import namedtuple\nC = namedtuple('C', 'x y')", Kind.NAMEDTUPLE),
    "subclass of namedtuple": (
        "import collections\nclass C(collections.namedtuple('C', 'x')): pass",
        Kind.NAMEDTUPLE,
    ),
    "enum": ("import enum\nclass C(enum.Enum): A = 1", Kind.ENUM),
    "int enum": ("from enum import IntEnum\nclass C(IntEnum): A = 1", Kind.ENUM),
    "flag by call": ("from enum import Flag\nC = Flag('C', 'A B')", Kind.ENUM),
    "typed dict": ("from typing import TypedDict\nclass C(TypedDict): x: int", Kind.TYPED_DICT),
    "slots": ("class C:\n    __slots__ = ('x',)", Kind.SLOTS),
    "dict subclass": ("class C(dict): pass", Kind.BUILTIN_SUBCLASS),
    "OrderedDict subclass": (
        "from collections import OrderedDict\nclass C(OrderedDict): pass",
        Kind.BUILTIN_SUBCLASS,
    ),
    "exception": ("class C(ValueError): pass", Kind.EXCEPTION),
    "below a mix-in": ("import enum\nclass M: pass\nclass C(M, enum.Enum): A = 1", Kind.ENUM),
}
NOT = {
    "own function called dataclass": ("def dataclass(c): return c\n@dataclass\nclass C: pass", Kind.PLAIN),
    "own class called Enum": ("class Enum: pass\nclass C(Enum): A = 1", Kind.PLAIN),
    "slots below a class with a dict": ("class B: pass\nclass C(B):\n    __slots__ = ('x',)", Kind.PLAIN),
    "undecorated below a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass B:\n    x: int\nclass C(B): pass",
        Kind.PLAIN,
    ),
    "another library's base": ("from somewhere import BaseModel\nclass C(BaseModel): pass", Kind.PLAIN),
    "dict below a name that shadows it": ("class dict: pass\nclass C(dict): pass", Kind.PLAIN),
}


@pytest.mark.parametrize("name", KINDS)
def test_kind(name):
    text, kind = KINDS[name]
    assert one_class(text).kind is kind


@pytest.mark.parametrize("name", NOT)
def test_not_that_kind(name):
    text, kind = NOT[name]
    assert one_class(text).kind is kind


def test_a_call_that_only_looks_like_namedtuple_makes_no_class():
    graph = class_graph(tree(m="def namedtuple(n, f): return 1\nC = namedtuple('C', 'x')"))
    assert graph == {}


def test_class_variables_and_init_variables_are_no_fields():
    text = """
    from dataclasses import dataclass, field, InitVar
    from typing import ClassVar
    @dataclass
    class C:
        a: int
        b: ClassVar[int] = 1
        c: InitVar[int] = 2
        d: "ClassVar[int]" = 3
        e: list[int] = field(default_factory=list)
    """
    assert field_types(text) == {"a": "int", "e": "list[int]"}


def test_inherited_fields_come_first_and_names_stay_single():
    text = """
    from dataclasses import dataclass
    @dataclass
    class B:
        a: int
        b: str
    @dataclass
    class C(B):
        c: float
        a: int
    """
    assert list(field_types(text)) == ["a", "b", "c"]


def test_attributes_that_a_dataclass_sets_besides_its_fields_are_found_after_them():
    text = """
    from dataclasses import dataclass
    @dataclass
    class C:
        a: int
        def __post_init__(self):
            self.total = 2.5
    """
    assert field_types(text) == {"a": "int", "total": "float"}


def test_attr_ib_without_annotations():
    text = """
    import attr
    @attr.s
    class C:
        a = attr.ib(type=int)
        b = attr.ib(default="x")
        c = attr.ib(factory=list)
        d = attr.ib(validator=attr.validators.instance_of(bytes))
        e = attr.ib(default=attr.Factory(dict))
        other = 5
    one = C(1)
    """
    assert field_types(text) == {"a": "int", "b": "str", "c": "list", "d": "bytes", "e": "dict"}


def test_a_default_that_no_call_is_seen_to_use_is_not_taken_for_the_type():
    field = one_class("import attr\n@attr.s\nclass C:\n    b = attr.ib(default='x')").fields[0]
    assert str(field.type) == "Any"
    assert "str" in {str(fact.type) for fact in field.evidence}


def test_namedtuple_fields_take_their_types_from_calls():
    text = """
    from collections import namedtuple
    C = namedtuple("C", ["x", "label"])
    points = [C(1, "a"), C(x=2, label="b")]
    """
    assert field_types(text) == {"x": "int", "label": "str"}


def test_pydantic_keeps_private_attributes_and_configuration_out():
    text = """
    from pydantic import BaseModel, Field
    class C(BaseModel):
        model_config = {}
        a: int = Field(default=1)
        _b: int = 2
    """
    assert field_types(text) == {"a": "int"}


def test_enum_members_are_no_fields():
    assert field_types("import enum\nclass C(enum.Enum):\n    A = 1\n    B: int = 2") == {}


def test_local_classes_and_misnamed_named_tuples_cannot_be_pickled():
    graph = class_graph(
        tree(
            m="""
            from collections import namedtuple
            def f():
                class Local: pass
                return Local
            Good = namedtuple("Good", "x")
            Bad = namedtuple("Other", "x")
            class Outer:
                class Inner: pass
            """
        )
    )
    assert {key for key, schema in graph.items() if not schema.picklable} == {"m:f.<locals>.Local", "m:Bad"}
    assert "m:Outer.Inner" in graph


def test_hooks_are_inherited():
    text = "class B:\n    def __getstate__(self): return {}\nclass C(B): pass"
    assert one_class(text).hooks == {"__getstate__"}


def test_hooks_of_the_standard_library_do_not_count():
    assert one_class("import enum\nclass C(enum.Enum): A = 1").hooks == frozenset()


def test_what_getstate_takes_out_is_no_field():
    text = """
    import threading
    class C:
        def __init__(self):
            self.lock = threading.Lock()
            self.cache = {}
            self.name = "x"
        def __getstate__(self):
            state = self.__dict__.copy()
            del state["lock"]
            state.pop("cache", None)
            return state
    """
    assert field_types(text) == {"name": "str"}


def test_three_levels_across_files():
    graph = class_graph(
        tree(
            shop__="from .orders import Order",
            shop__base="class Base:\n    def __init__(self):\n        self.id = 0\n",
            shop__middle="from . import base\nclass Middle(base.Base):\n    note = None\n",
            shop__orders="from shop.middle import Middle as M\nclass Order(M):\n    def __init__(self):\n"
            "        super().__init__()\n        self.lines = ['a']\n",
            main="from shop import Order\nclass Special(Order):\n    pass\n",
        )
    )
    assert graph["main:Special"].bases == ("shop.orders:Order",)
    assert fields(graph["main:Special"]) == {"id": "int", "lines": "list[str]"}


@pytest.mark.parametrize("call", ["six.with_metaclass(Meta, Base)", "with_metaclass(Meta, Base)"])
def test_bases_behind_a_metaclass(call):
    """Python 2 and 3 both read ``with_metaclass``, whoever it is from; the bases follow the metaclass."""
    graph = class_graph(
        tree(
            app="import six\nfrom future.utils import with_metaclass\nclass Meta(type): pass\n"
            "class Base:\n    def __init__(self):\n        self.x = 1\n"
            f"class A({call}): pass\nclass Root(with_metaclass(Meta)): pass\n"
        )
    )
    assert graph["app:A"].bases == ("app:Base",)
    assert fields(graph["app:A"]) == {"x": "int"}
    assert graph["app:Root"].bases == ()


def test_src_layout_and_relative_imports():
    graph = class_graph(
        {
            "src/pkg/__init__.py": b"",
            "src/pkg/a.py": b"class A:\n    def __init__(self): self.x = 1\n",
            "src/pkg/sub/__init__.py": b"",
            "src/pkg/sub/b.py": b"from ..a import A\nclass B(A): pass\n",
        }
    )
    assert graph["pkg.sub.b:B"].bases == ("pkg.a:A",)
    assert fields(graph["pkg.sub.b:B"]) == {"x": "int"}


def test_a_class_defined_in_two_ways_has_the_fields_of_both():
    text = """
    try:
        import fast
        class C:
            def __init__(self): self.a = 1
    except ImportError:
        class C:
            def __init__(self): self.b = ""
    """
    assert field_types(text) == {"a": "int", "b": "str"}


def test_a_class_that_derives_from_itself_is_no_end():
    assert field_types("class C(C):\n    def f(self): self.x = 1") == {"x": "int"}


SCRIPTS = {
    "main block": (
        tree(app__="", app__run="class C: pass\nif __name__ == '__main__': pass"),
        "app.run:C",
        True,
    ),
    "loose": (tree(run="class C: pass"), "run:C", True),
    "loose but imported": (tree(models="class C: pass", run="import models"), "models:C", False),
    "in a package": (tree(app__="", app__models="class C: pass"), "app.models:C", False),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name):
    sources, key, script = SCRIPTS[name]
    schema = class_graph(sources)[key]
    assert schema.script is script
    assert ("__main__:C" in schema.aliases) is script


def test_two_scripts_with_a_class_of_one_name_get_no_alias():
    graph = class_graph(tree(one="class C: pass", two="class C: pass"))
    assert graph["one:C"].aliases == graph["two:C"].aliases == ()


STARS = {
    "of a module": {"app__utils__": "from .gen import *\n"},
    "of a star of a star": {
        "app__utils__": "from .more import *\n",
        "app__utils__more": "from app.utils.gen import *\n",
    },
    "beside a submodule and a function of other names": {
        "app__utils__": "def force(x): return x\nfrom .gen import *\nfrom . import gen, net\n",
        "app__utils__net": "",
    },
    "in a try": {"app__utils__": "try:\n    from .gen import *\nexcept ImportError:\n    pass\n"},
    "with other stars before it": {
        "app__utils__": "from json import *\nfrom .net import *\nfrom .gen import *\n",
        "app__utils__net": "class Other: ...\n",
    },
}


@pytest.mark.parametrize("name", STARS)
@pytest.mark.parametrize(
    "head", ["from . import utils", "import app.utils\nutils = app.utils", "from app import utils as utils"]
)
def test_a_base_is_found_through_a_star_import_of_a_package(name: str, head: str):
    graph = class_graph(
        tree(
            app__="",
            app__m=f"{head}\nclass C(utils.Base):\n    pass\n",
            app__utils__gen="class Base:\n    def __init__(self):\n        self.size = 1\n",
            **STARS[name],
        )
    )
    assert graph["app.m:C"].bases == ("app.utils.gen:Base",)
    assert fields(graph["app.m:C"]) == {"size": "int"}


def test_a_base_is_found_in_the_copy_of_a_package_that_is_installed_by_its_name():
    package = {
        "__": "",
        "__m": "from . import utils\nclass C(utils.Base):\n    pass\n",
        "__utils__": "from .gen import *\n",
        "__utils__gen": "class Base:\n    def __init__(self):\n        self.size = 1\n",
    }
    copies = {f"{copy}{name}": text for copy in ("src", "shop") for name, text in package.items()}
    graph = class_graph(tree(setup="setup(package_dir={'shop': 'src'})", **copies))
    assert fields(graph["shop.m:C"]) == {"size": "int"}


@pytest.mark.parametrize("package", ["from . import gen\n", "from app.utils import gen\n", ""])
def test_a_base_is_found_in_a_submodule_that_its_package_imports_or_not(package: str):
    graph = class_graph(
        tree(
            app__="",
            app__m="from app import utils\nclass C(utils.gen.Base):\n    pass\n",
            app__utils__=package,
            app__utils__gen="class Base:\n    def __init__(self):\n        self.size = 1\n",
        )
    )
    assert graph["app.m:C"].bases == ("app.utils.gen:Base",)


def test_a_value_that_a_package_keeps_under_the_name_of_a_submodule_is_no_module():
    graph = class_graph(
        tree(
            app__="",
            app__m="from app import utils\nclass C(utils.gen.Base):\n    pass\n",
            app__utils__="from .gen import gen\n",
            app__utils__gen="gen = make()\nclass Base: ...\n",
        )
    )
    assert graph["app.m:C"].bases == ("utils.gen.Base",)
