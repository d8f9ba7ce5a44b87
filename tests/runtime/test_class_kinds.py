"""Each kind of class in a typed place, in an untyped one, and out of a pickle of every protocol."""

import abc
import dataclasses
import enum
import json
import pickle
import sys
from collections import namedtuple
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

import attrs
import jsonschema
import pytest

from migrate.runtime import Codec, DecodeError, differences

T = TypeVar("T")
K = TypeVar("K")


@dataclasses.dataclass(kw_only=True, order=True)
class KeywordOnly:
    a: int
    b: "list[int]" = dataclasses.field(default_factory=list, repr=False, compare=False)


@dataclasses.dataclass
class WithInitVar:
    a: int
    scale: dataclasses.InitVar[int] = 2
    doubled: int = dataclasses.field(init=False)
    shared: Any = dataclasses.field(default=None, kw_only=True)

    def __post_init__(self, scale):
        self.doubled = self.a * scale


@(
    dataclasses.dataclass(frozen=True, slots=True, weakref_slot=True)
    if sys.version_info >= (3, 11)
    else (dataclasses.dataclass(frozen=True, slots=True))
)
class FrozenSlots:
    a: int
    b: tuple[int, ...] = ()


@dataclasses.dataclass
class Derived(WithInitVar):
    more: "dict[str, int]" = dataclasses.field(default_factory=dict)


@attrs.define(kw_only=True)
class AttrsPrivate:
    _hidden: int
    __very: int = attrs.field(default=3, alias="very")
    seen: list[int] = attrs.field(factory=list, converter=list, validator=attrs.validators.instance_of(list))


@attrs.define(slots=False, frozen=True)
class AttrsFrozen:
    a: int
    b: int = attrs.field(init=False)

    @b.default
    def _(self):
        return self.a + 1


@attrs.define
class AttrsDerived(AttrsPrivate):
    extra: "set[int]" = attrs.Factory(set)


class Properties:
    def __init__(self):
        self._value = 1
        self.__private = [2]

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        raise AssertionError("the setter ran")

    @cached_property
    def cached(self):
        return [self._value]


class DerivedPrivate(Properties):
    def __init__(self):
        super().__init__()
        self.__private = "another of the same name"


class Abstract(abc.ABC):
    @abc.abstractmethod
    def run(self): ...


class Concrete(Abstract):
    def __init__(self):
        self.a = 1

    def run(self):
        return self.a


@dataclasses.dataclass
class GenericBox(Generic[T]):
    content: T
    rows: list[T] = dataclasses.field(default_factory=list)


class GenericPlain(Generic[K, T]):
    def __init__(self, key, value):
        self.key, self.value = key, value


class GenericDerived(GenericBox[int]):
    pass


class GenericTuple(NamedTuple):
    a: int
    b: "list[GenericBox[int]]" = []


Old = namedtuple("Old", "x y", defaults=[5])


class DerivedTuple(Old):
    __slots__ = ()

    def total(self):
        return self.x + self.y


class Base(TypedDict):
    name: str


class Movie(Base, total=False):
    year: int
    cast: list[KeywordOnly]


class Text(str, enum.Enum):
    A = "a"


class Planet(enum.Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.642, 3.39)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius


class Auto(enum.IntFlag):
    X = enum.auto()
    Y = enum.auto()


class Slotted:
    __slots__ = ("__private", "__weakref__", "a", "weak")

    def __init__(self):
        self.a, self.__private = 1, [2]


class SlottedWithDict(Slotted):
    __slots__ = ("__dict__", "b")

    def __init__(self):
        super().__init__()
        self.b, self.free = 3, 4


@dataclasses.dataclass
class Places:
    """A place declared as each kind."""

    keyword: "KeywordOnly | None" = None
    init_var: "WithInitVar | None" = None
    frozen: "FrozenSlots | None" = None
    private: "AttrsPrivate | None" = None
    attrs_frozen: "AttrsFrozen | None" = None
    properties: "Properties | None" = None
    abstract: "Abstract | None" = None
    box: "GenericBox[int] | None" = None
    plain: "GenericPlain[str, int] | None" = None
    record: "GenericTuple | None" = None
    old: "Old | None" = None
    movie: "Movie | None" = None
    text: "Text | None" = None
    planet: "Planet | None" = None
    auto: "Auto | None" = None
    slotted: "Slotted | None" = None
    any: "Any" = None


def made(cls, **attributes):
    value = cls()
    for name, attribute in attributes.items():
        setattr(value, name, attribute)
    return value


def touched():
    value = Properties()
    assert value.cached == [1]
    return value


KINDS = {
    "keyword-only dataclass": ("keyword", lambda: KeywordOnly(a=1, b=[2])),
    "dataclass with InitVar and init=False": ("init_var", lambda: WithInitVar(2, 5)),
    "dataclass derived": ("init_var", lambda: Derived(2, 5, {"x": 1})),
    "dataclass frozen with slots": ("frozen", lambda: FrozenSlots(1, (2, 3))),
    "attrs with private names": ("private", lambda: AttrsPrivate(hidden=1, very=2, seen=[3])),
    "attrs derived": ("private", lambda: AttrsDerived(hidden=1, extra={2})),
    "attrs frozen with a computed field": ("attrs_frozen", lambda: AttrsFrozen(1)),
    "properties": ("properties", Properties),
    "cached property": ("properties", touched),
    "private names of two classes": ("properties", DerivedPrivate),
    "subclass of an abstract class": ("abstract", Concrete),
    "generic dataclass": ("box", lambda: GenericBox(1, [2])),
    "generic dataclass called with a parameter": ("box", lambda: GenericBox[int](1)),
    "generic derived": ("box", lambda: GenericDerived(1, [2])),
    "generic plain class": ("plain", lambda: GenericPlain("k", [1])),
    "NamedTuple with a generic": ("record", lambda: GenericTuple(1, [GenericBox(2)])),
    "namedtuple with defaults": ("old", lambda: Old(1)),
    "namedtuple derived": ("old", lambda: DerivedTuple(1, 2)),
    "TypedDict": ("movie", lambda: {"name": "x", "year": 1, "cast": [KeywordOnly(a=1)]}),
    "TypedDict with a key that it has not": ("movie", lambda: {"name": 5, "other": (1,)}),
    "str Enum": ("text", lambda: Text.A),
    "Enum with an __init__": ("planet", lambda: Planet.MARS),
    "IntFlag": ("auto", lambda: Auto.X | Auto.Y),
    "slots": ("slotted", Slotted),
    "slots and __dict__": ("slotted", SlottedWithDict),
}
CLASSES = [
    *(KeywordOnly, WithInitVar, FrozenSlots, Derived, AttrsPrivate, AttrsFrozen, AttrsDerived, Properties),
    *(DerivedPrivate, Concrete, GenericBox, GenericPlain, GenericDerived, GenericTuple, Old, DerivedTuple),
    *(Text, Planet, Auto, Slotted, SlottedWithDict, Places),
]
FORMATS = ["json", "yaml", "msgpack", "cbor"]


def make(form="json"):
    codec = Codec("kinds", format=form)
    for cls in CLASSES:
        codec.register(cls)
    return codec


CODECS = {form: make(form) for form in FORMATS}


@pytest.mark.parametrize(("place", "value"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("form", FORMATS)
def test_untyped_typed_and_misplaced(form, place, value):
    codec = CODECS[form]
    for whole in (value(), [value()] * 2, Places(**{place: value()}), Places(any=value())):
        assert differences(whole, codec.loads(codec.dumps(whole))) == []
    for other in ("movie", "box", "record", "text", "auto"):
        whole = Places(**{other: value()})
        assert differences(whole, codec.loads(codec.dumps(whole))) == []


@pytest.mark.parametrize(("place", "value"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("protocol", range(6))
def test_out_of_a_pickle(protocol, place, value):
    whole = Places(**{place: value()})
    try:
        data = pickle.dumps([value(), whole], protocol)
    except TypeError as error:
        assert "__slots__" in str(error)
        return
    assert differences(pickle.loads(data), CODECS["json"].loads(data)) == []


class GetItem:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        import operator

        return operator.getitem, self.args


@pytest.mark.parametrize(
    "alias", [list[int], dict[str, list[int]], GenericBox[int], tuple[int, str]], ids=str
)
@pytest.mark.parametrize("protocol", range(6))
def test_classes_with_arguments(protocol, alias):
    value = CODECS["json"].loads(pickle.dumps([alias], protocol))[0]
    assert value == alias
    assert type(value) is type(alias)
    assert CODECS["json"].loads(CODECS["json"].dumps([alias])) == [alias]


@pytest.mark.parametrize("args", [([1, 2], 0), ({"a": 1}, "a"), (pickle.PickleBuffer, 0), (GetItem, 0)])
def test_getitem_of_anything_else_is_refused(args):
    with pytest.raises(DecodeError) as caught:
        CODECS["json"].loads(pickle.dumps(GetItem(*args)))
    assert caught.value.reason in ("unknown-global", "unsafe-global")


# --- types that contain themselves ----------------------------------------------------------------


class Branch(NamedTuple):
    name: str
    branches: "list[Branch]" = []


class Reply(TypedDict, total=False):
    text: tuple[str, int]
    replies: "list[Reply]"


@dataclasses.dataclass
class Forest:
    tree: Branch
    replies: Reply


def test_a_named_tuple_and_a_typed_dict_that_contain_their_own_kind():
    codec = Codec("recursive")
    codec.register(Branch)
    codec.register(Forest)
    value = Forest(Branch("a", [Branch("b", [Branch("c")]), None]), {"replies": [{"text": ("x", 1)}, 5]})
    record = codec.dumps(value)
    assert b'"replies":[{"text":["x",1]},5]' in record
    assert b'"tree":["a",[["b",[["c",[]]]],null]]' in record
    assert differences(value, codec.loads(record)) == []
    assert differences(value, codec.loads(pickle.dumps(value))) == []
    jsonschema.validate(json.loads(record), codec.json_schema())
    conforming = codec.dumps(Forest(Branch("a", [Branch("c")]), {"replies": [{"text": ("x", 1)}]}))
    jsonschema.validate(json.loads(conforming), codec.json_schema(strict=True))
    for wrong in (record, conforming.replace(b'["c",[]]', b'["c",7]')):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(wrong), codec.json_schema(strict=True))
