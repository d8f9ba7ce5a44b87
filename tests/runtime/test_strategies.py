"""Values of registered classes for the tests of a program: from the declared types, small, and exact."""

from __future__ import annotations

import abc
import collections
import datetime as dt  # noqa: TC003 - strategies evaluate the annotations
import enum
import os
import pickle
import subprocess
import sys
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, NewType, TypedDict

import attrs
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from migrate.runtime import Codec, differences
from migrate.runtime.assigning import only_assigns
from migrate.runtime.strategies import NoStrategyError, for_class, obstacles
from tests.runtime import models
from tests.runtime.conftest import make_codec

few = settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
HERE = "tests.runtime.test_strategies"


def codec_for(*classes, **options):
    codec = Codec("tests", **options)
    for cls in classes:
        codec.register(cls)
    return codec


def values_of(codec, cls, number=10, **options):
    """Return ``number`` values, the same in every run."""
    made = []

    @settings(few, max_examples=number)
    @given(for_class(codec, f"{cls.__module__}:{cls.__qualname__}", **options))
    def collect(value):
        made.append(value)

    collect()
    return made


def why_not(*classes):
    """Return why there is no strategy for the last of ``classes``."""
    return obstacles(codec_for(*classes))[f"{HERE}:{classes[-1].__qualname__}"]


# --- every kind of class -------------------------------------------------------------------------

BY_ITSELF = "its instances are made by its own __new__; write a strategy for it"
BY_INIT = "its instances are made by its __init__, and nothing declares its fields; write a strategy for it"
NO_STRATEGY = {
    "ByClassmethod": "its instances are made by what its __reduce__ or __getnewargs__ says; "
    "write a strategy for it",
    "MyArray": BY_ITSELF,
    "MyDate": BY_ITSELF,
    "MyDecimal": BY_ITSELF,
    "MyFraction": BY_ITSELF,
    "MyUUID": "field int: no type is declared",
    "NewArgs": BY_ITSELF,
    "Plain": BY_INIT,
    "Slots": "field _Slots__hidden: no type is declared",
    "SlotsAndDict": "field _Slots__hidden: no type is declared",
    "Trouble": "it is an exception that wants arguments of its own; write a strategy for it",
    "WithState": BY_INIT,
}
MODELS = [name for name in models.NAMES if name not in NO_STRATEGY]


def test_classes_of_every_kind_have_a_strategy_or_a_reason():
    found = {target.partition(":")[2]: why for target, why in obstacles(make_codec()).items()}
    assert {name: why for name, why in found.items() if why} == NO_STRATEGY
    assert sorted(found) == sorted(models.NAMES)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_made_is_written_and_read_back_exactly(name):
    codec = make_codec()

    @few
    @given(for_class(codec, f"tests.runtime.models:{name}"))
    def round_trip(value):
        assert type(value) is getattr(models, name)
        assert differences(value, codec.loads(codec.record(value))) == []

    round_trip()


@pytest.mark.parametrize("name", [name for name in MODELS if name != "MyDict"])
def test_old_and_new_releases_read_the_same(name):
    """But for MyDict, which pickle itself cannot restore."""
    codec = make_codec(protocol=2)

    @few
    @given(for_class(codec, f"tests.runtime.models:{name}"))
    def both_read(value):
        written = codec.at_stage("dual-read").dumps(value)
        old = pickle.loads(written)
        for stage in ("dual-read", "json"):
            assert differences(old, codec.at_stage(stage).loads(written)) == []

    both_read()


class Members(enum.Flag):
    A = 1
    B = 2
    C = 4


class Film(TypedDict, total=False):
    title: str


Number = NewType("Number", int)


@dataclass
class Rich:
    kind: Literal["a", "b"]
    number: Number
    members: Members
    film: Film
    anything: Any
    keys: set[float]
    by_key: dict[tuple[int, float], list[bytes]]
    when: dt.datetime | None
    queue: collections.deque[int]
    order: collections.OrderedDict[str, int]
    counts: collections.Counter[str]
    names: collections.abc.Sequence[str]
    unused: ClassVar[int] = 0
    given: InitVar[int] = 0
    later: list[int] = field(init=False)


def test_values_conform_to_the_declared_types():
    for value in values_of(codec_for(Rich, Members), Rich, 20):
        assert value.kind in ("a", "b")
        assert type(value.number) is int
        assert type(value.members) is Members
        assert type(value.film) is dict
        assert set(value.film) <= {"title"}
        assert all(type(key) is float and key == key for key in value.keys)
        assert all(type(key) is tuple and len(key) == 2 for key in value.by_key)
        assert type(value.queue) is collections.deque
        assert type(value.order) is collections.OrderedDict
        assert type(value.counts) is collections.Counter
        assert type(value.names) is list
        assert "later" in value.__dict__
        assert not {"unused", "given"} & set(value.__dict__)


def test_flags_are_alone_together_and_absent():
    assert set(values_of(codec_for(Members), Members, 40)) == {Members(n) for n in range(7)}


def test_values_are_small():
    made = values_of(make_codec(), models.Typed, 20)
    assert max(len(make_codec().record(value)) for value in made) < 20_000


# --- instances in instances ----------------------------------------------------------------------


@attrs.define(eq=False)
class Partner:
    name: str
    partner: Partner


@dataclass
class Customer:
    orders: list[Order]


@dataclass
class Order:
    customer: Customer


class Endless(NamedTuple):
    inner: tuple[Endless, int]


def test_one_that_must_hold_another_ends_in_a_circle():
    for value in values_of(codec_for(Partner), Partner):
        seen = set()
        while id(value) not in seen:
            seen.add(id(value))
            value = value.partner
        assert len(seen) < 10


def test_some_refer_back_to_what_they_are_part_of():
    codec = codec_for(Customer, Order)
    value = find(
        for_class(codec, f"{HERE}:Order"),
        lambda order: any(inner is order for inner in order.customer.orders),
        settings=settings(few, max_examples=200),
    )
    assert differences(value, codec.loads(codec.record(value))) == []


def test_without_end_is_a_reason():
    assert why_not(Endless) == "each Endless holds another one, without end"


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


@dataclass
class Square(Shape):
    side: float

    def area(self):
        return self.side**2


@dataclass
class Drawing:
    shapes: list[Shape]


def test_of_an_abstract_class_its_registered_subclasses_are_made():
    made = values_of(codec_for(Shape, Square, Drawing), Drawing, 20)
    assert {type(shape) for drawing in made for shape in drawing.shapes} == {Square}
    assert why_not(Shape) == "Shape is abstract, and none of its subclasses is registered"


# --- what nobody can tell ------------------------------------------------------------------------


class Unregistered:
    pass


@dataclass
class HoldsUnregistered:
    inner: Unregistered | None


@dataclass
class HoldsHolder:
    inner: list[HoldsUnregistered]


@dataclass
class Misspelt:
    inner: "NoSuchName"  # noqa: F821, UP037


@dataclass
class Unhashable:
    inner: set[Customer]


@dataclass
class Callback:
    call: collections.abc.Callable[[], int]


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        ([HoldsUnregistered], f"field inner: no strategy for {HERE}.Unregistered, which is not registered"),
        (
            [HoldsUnregistered, HoldsHolder],
            "field inner: in HoldsUnregistered, field inner: no strategy for "
            f"{HERE}.Unregistered, which is not registered",
        ),
        ([Misspelt], "field inner: the type NoSuchName cannot be evaluated"),
        ([Customer, Order, Unhashable], f"field inner: {HERE}.Customer cannot be hashed"),
        (
            [Callback],
            "field call: no strategy for collections.abc.Callable, which is not registered",
        ),
    ],
)
def test_the_reason_names_the_field(classes, why):
    found = why_not(*classes)
    assert found.replace("'NoSuchName'", "NoSuchName") == why
    with pytest.raises(NoStrategyError, match="field"):
        for_class(codec_for(*classes), f"{HERE}:{classes[-1].__qualname__}")


def test_a_class_that_cannot_be_imported_is_a_reason_and_not_the_end():
    codec = codec_for(Order, Customer)
    codec.register("tests.runtime.no_such_module:Gone")
    found = obstacles(codec)
    assert (
        "tests.runtime.no_such_module:Gone is registered but cannot be imported"
        in (found["tests.runtime.no_such_module:Gone"])
    )
    assert found[f"{HERE}:Order"] == ""


def test_functions_are_left_out():
    codec = codec_for(Order, Customer)
    codec.register("tests.runtime.models:make")
    assert sorted(obstacles(codec)) == [f"{HERE}:Customer", f"{HERE}:Order"]


def test_a_target_that_is_not_registered():
    with pytest.raises(LookupError, match="shop:Order is not registered"):
        for_class(codec_for(), "shop:Order")


# --- how instances are made ----------------------------------------------------------------------


class Reaches:
    """Its ``__init__`` must not run: it could open a file."""

    def __init__(self, path: str) -> None:
        raise AssertionError("__init__ ran")

    def __setattr__(self, name, value):
        raise AssertionError("__setattr__ ran")


class WithLock:
    """Its ``__getstate__`` leaves out what its ``__setstate__`` makes again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = object()

    def __getstate__(self):
        state = dict(self.__dict__)
        del state["_lock"]
        return state

    def __setstate__(self, state):
        self.__dict__.update(state, _lock=object())


def declared(codec, cls, **types):
    codec.register(f"{HERE}:{cls.__name__}")(type("Declared", (), {"__annotations__": types}))
    return codec


def test_init_does_not_run_where_fields_are_declared():
    codec = declared(codec_for(), Reaches, path=str)
    assert {type(value.path) for value in values_of(codec, Reaches)} == {str}
    assert why_not(Reaches) == BY_INIT


def test_a_class_restores_what_it_does_not_store():
    codec = declared(codec_for(), WithLock, name=str)
    for value in values_of(codec, WithLock):
        assert differences(value, codec.loads(codec.record(value))) == []


class Assigns:
    def __init__(self, a: int, b: list[int] | None = None) -> None:
        """Nothing but assignments."""
        self.a, self.c = a, {}
        self.b: list[int] = b if b is not None else []
        self.d = list()  # noqa: C408


class AssignsLess(Assigns):
    def __init__(self, a: int) -> None:
        super().__init__(a)
        self.e = None


class Calls:
    def __init__(self, a):
        self.a = open(a)  # noqa: PTH123, SIM115


class CallsLater(Calls):
    pass


class AssignsElsewhere:
    def __init__(self, a):
        a.b = self


class Branches:
    def __init__(self, a):
        if a:
            self.a = a


class Computes:
    def __init__(self, a):
        self.a = a[0]


@pytest.mark.parametrize("cls", [Assigns, AssignsLess, Unregistered, models.Animal, models.Dog, Exception])
def test_what_only_assigns_may_be_called(cls):
    assert only_assigns(cls)


@pytest.mark.parametrize("cls", [Reaches, Calls, CallsLater, AssignsElsewhere, Branches, Computes, WithLock])
def test_what_does_more_is_not_called(cls):
    assert not only_assigns(cls)


def test_an_argument_without_a_type_is_a_reason():
    class Local:
        def __init__(self, backend=pickle) -> None:
            self.backend = backend

    codec = codec_for()
    codec.register(Local)
    assert list(obstacles(codec).values()) == ["argument backend: no type is declared"]


# --- strategies of the user's --------------------------------------------------------------------


def test_a_strategy_of_your_own_is_used_wherever_such_an_instance_is_made():
    codec = make_codec()
    ours = {"tests.runtime.models:Line": st.just(models.Line("ours"))}
    assert values_of(codec, models.Line, own=ours)[0] == models.Line("ours")
    made = values_of(codec, models.Order, 20, own=ours)
    assert {line.sku for order in made for line in order.lines} == {"ours"}


def test_a_strategy_of_your_own_helps_where_nobody_can_tell():
    codec = codec_for(HoldsUnregistered, HoldsHolder)
    ours = {f"{HERE}:HoldsUnregistered": st.just(HoldsUnregistered(None))}
    assert values_of(codec, HoldsHolder, own=ours)


# --- hypothesis ----------------------------------------------------------------------------------


def test_without_hypothesis_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert obstacles(make_codec())["tests.runtime.models:Order"] == ""
    with pytest.raises(ImportError, match="pip install hypothesis"):
        for_class(make_codec(), "tests.runtime.models:Order")


def test_the_runtime_does_not_load_it():
    code = (
        "import sys, migrate.runtime; print(sorted(n for n in sys.modules if 'making' in n or 'hypo' in n))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


IN_LETTERS = """
from hypothesis import given, settings
from migrate.runtime import Codec
from migrate.runtime.strategies import for_class
codec = Codec("tests")
for name in ("Typed", "Line", "Color", "Perm", "Level", "Point", "Animal"):
    codec.register(f"tests.runtime.models:{name}")

@settings(max_examples=5, derandomize=True, database=None, deadline=None)
@given(for_class(codec, "tests.runtime.models:Typed"))
def show(value):
    print(bytes(sorted(codec.record(value))))  # sets are written in the order of the process

show()
"""


def test_values_are_the_same_in_every_process():
    both = [
        subprocess.Popen(
            [sys.executable, "-c", IN_LETTERS],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "2")
    ]
    first, second = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert first == second
    assert len(set(first.splitlines())) > 2
