"""Records hold data and do nothing; graphs of them can be visited however they are made."""

import ast
import pickle
from pathlib import Path

import pytest

import migrate.legacy
from migrate.legacy import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    LegacyError,
    LimitExceeded,
    Persistent,
    Set,
    decode,
    walk,
)
from migrate.legacy.errors import MigrateError
from migrate.legacy.graph import shared
from migrate.model import REASONS

RECORDS = [
    Dict([]),
    Set([]),
    FrozenSet(()),
    ByteString(b""),
    Global("os", "system"),
    Call.of(Global("os", "system"), ()),
    Persistent("id"),
    Buffer(0),
    NO_STATE,
]
ACTIVE = (
    *(
        "__iter__",
        "__getattr__",
        "__getitem__",
        "__setitem__",
        "__len__",
        "__index__",
        "__bool__",
    ),
    *(
        "__del__",
        "__enter__",
        "__buffer__",
        "__int__",
        "__float__",
        "__contains__",
        "__await__",
    ),
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_records_are_inert(record):
    cls = type(record)
    assert not [name for name in ACTIVE if any(name in vars(base) for base in cls.__mro__)]
    assert not hasattr(record, "__dict__")
    with pytest.raises(AttributeError):
        record.anything = 1


def test_calling_a_record_gives_a_picture_of_the_call():
    assert [type(record) for record in RECORDS if callable(record)] == [Global, Call]
    called = Global("os", "system")("true", 1)
    assert type(called) is Call
    assert (called.function.name, called.args, called.new, called.old) == (
        "system",
        ("true", 1),
        False,
        False,
    )
    again = called(2)
    assert type(again) is Call
    assert (again.function, again.args) == (called, (2,))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_only_calls_take_a_state_and_they_take_one(record):
    if isinstance(record, Call):
        fresh = Call.of("function", ())
        fresh.__setstate__({"key": 1})
        assert fresh.state == {"key": 1}
        record = fresh
    with pytest.raises(TypeError, match="state"):
        record.__setstate__(None)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_records_are_equal_only_to_themselves(record):
    assert type(record).__eq__ is object.__eq__
    assert type(record).__hash__ is object.__hash__
    assert record == record
    assert repr(record)


def test_walk_meets_every_record_once():
    inner = [1]
    data = pickle.dumps({"a": [inner, inner, (inner,)], "b": ValueError(inner)}, 4)
    found = list(walk(decode(data)))
    assert [r for r in found if isinstance(r, list)] == [[inner, inner, (inner,)], inner]
    assert [r.name for r in found if isinstance(r, Global)] == ["ValueError"]
    assert found.count("a") == 1


def test_walk_goes_into_every_part_of_a_call():
    call = Call.of("function", ("argument",), Dict([("key", "value")]))
    call.state, call.items, call.parts = "state", ["item"], ["left", "right"]
    call.effects = (Call.of("effect", (call,)),)
    scalars = [r for r in walk(call) if isinstance(r, str)]
    assert scalars == ["function", "argument", "key", "value", "state", "item", "left", "right", "effect"]


def test_walk_ends_on_cycles_and_needs_no_stack():
    cycle = []
    cycle.append((cycle, Dict([(cycle, cycle)])))
    assert len(list(walk(cycle))) == 3
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert sum(1 for _ in walk(deep)) == 100_001


def test_shared_are_those_that_are_referred_to_twice():
    inner, other = [], []
    assert shared([inner, inner, other]) == {id(inner)}
    cycle = []
    cycle.append(cycle)
    assert shared(cycle) == {id(cycle)}
    assert shared("scalar", "scalar") == set()


def test_errors_say_what_and_where():
    assert str(MigrateError("wrong", path="orders[3]")) == "orders[3]: wrong"
    assert str(LegacyError("wrong", offset=7)) == "wrong (at byte 7)"
    error = LimitExceeded("too long", limit="max_bytes", offset=3)
    again = pickle.loads(pickle.dumps(error))
    assert (again.limit, again.offset, again.reason, str(again)) == ("max_bytes", 3, "limit", str(error))


def _sources():
    root = Path(migrate.legacy.__file__).parents[1]
    return [
        *(root / "legacy").glob("*.py"),
        root / "runtime" / "landing.py",
        *(root / "runtime").glob("_landing*.py"),
    ]


@pytest.mark.parametrize("path", _sources(), ids=lambda p: p.name)
def test_no_source_of_the_reader_imports_by_name_or_executes(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    if path.name in (
        "_fast_machine.py",
        "sketches.py",
    ):  # the C unpickler, all of whose lookups are overridden
        attributes -= {"load"}
        imported -= {"_pickle"}
    assert not names & {"eval", "exec", "compile", "__import__", "globals", "vars", "setattr", "open"}
    assert not attributes & {"import_module", "find_class", "modules", "loads", "load"}
    assert not imported & {"pickle", "_pickle", "importlib", "pickletools", "copyreg", "subprocess", "os"}


@pytest.mark.parametrize("path", _sources(), ids=lambda p: p.name)
def test_every_reason_is_documented(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant) and keyword.value.value
    } | {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "reason" for t in node.targets)
        and isinstance(node.value, ast.Constant)
    }
    assert used <= set(REASONS)
