"""Functions: registered ones may be named, and may make the objects of a library that is not ours."""

import builtins
import copyreg
import pickle

import pytest

from migrate.runtime import Codec, DecodeError, EncodeError, UnknownClass

HERE = __name__
MADE = []


class Zone:
    """As pytz's: the class cannot be found by its name, and ``__reduce__`` names a function that makes it."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return zone, (self.name,)


ZoneClass, Zone = Zone, Zone("UTC")


class Unreducible:
    def __reduce__(self):
        raise RuntimeError("not now")


class ByItself:
    def __reduce__(self):
        return ByItself, ()


class ByNew:
    def __reduce__(self):
        return copyreg.__newobj__, (ByNew,)


def zone(name):
    MADE.append(name)
    return ZoneClass(name)


def by_weight():
    return 1


@pytest.fixture
def codec() -> Codec:
    codec = Codec("tests")
    codec.register(f"{HERE}:zone")
    codec.register(f"{HERE}:by_weight")
    return codec


def test_an_object_whose_reduce_names_a_registered_function_needs_no_registered_class(codec):
    restored = codec.loads(codec.dumps({"zone": ZoneClass("Berlin")}))["zone"]
    assert (type(restored), restored.name) == (ZoneClass, "Berlin")


def test_the_data_name_the_function_and_not_the_class(codec):
    assert codec.dumps(ZoneClass("Berlin")) == b'{"$type":"zone","$args":["Berlin"],"$call":true}\n'


def test_it_stays_shared(codec):
    berlin = ZoneClass("Berlin")
    first, second = codec.loads(codec.dumps([berlin, berlin]))
    assert first is second


def test_its_pickle_is_read_by_the_same_registration(codec):
    assert codec.loads(pickle.dumps(ZoneClass("Berlin"))).name == "Berlin"


def test_without_it_the_message_asks_for_the_function():
    with pytest.raises(EncodeError, match=rf'codec\.register\("{HERE}:zone"\)') as caught:
        Codec("tests").dumps(ZoneClass("Berlin"))
    assert caught.value.reason == "unregistered-class"


@pytest.mark.parametrize("made", [Unreducible, ByItself, ByNew])
def test_classes_that_no_function_makes_are_asked_for_themselves(codec, made):
    with pytest.raises(EncodeError, match=rf'codec\.register\("{HERE}:{made.__name__}"\)') as caught:
        codec.dumps(made())
    assert caught.value.reason == "unregistered-class"


def test_a_registered_function_is_a_value(codec):
    record = codec.dumps({"rule": by_weight})
    assert record == b'{"rule":{"$class":"by_weight"}}\n'
    assert codec.loads(record)["rule"] is by_weight


def test_a_registered_function_in_a_pickle_is_a_value_and_is_not_called(codec):
    MADE.clear()
    assert codec.loads(pickle.dumps([zone]))[0] is zone
    assert MADE == []


@pytest.mark.parametrize("function", [test_it_stays_shared, lambda: 1, builtins.eval, [].append])
def test_any_other_function_is_refused(codec, function):
    with pytest.raises(EncodeError) as caught:
        codec.dumps([function])
    assert (caught.value.reason, caught.value.path) == ("function-or-lambda", "[0]")


def test_a_function_under_a_registered_name_that_is_another_one_is_refused(codec, monkeypatch):
    old = by_weight
    codec.loads(codec.dumps(old))
    other = Codec("other")
    other.register(f"{HERE}:by_weight")
    monkeypatch.setitem(globals(), "by_weight", lambda: 2)
    with pytest.raises(EncodeError) as caught:
        other.dumps(old)
    assert caught.value.reason == "function-or-lambda"


def test_data_name_no_function_that_is_not_registered(codec):
    with pytest.raises(DecodeError) as caught:
        codec.loads(b'{"$class":"eval"}\n')
    assert caught.value.reason == "unknown-tag"
    with pytest.raises(UnknownClass):
        codec.loads(pickle.dumps(builtins.eval))
