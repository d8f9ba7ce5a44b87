"""A pickle as text, as JSON, and what pickle.load would have executed."""

import datetime as dt
import json
import os
import pickle
import subprocess

import pytest

from migrate.legacy import decode, examine
from migrate.legacy.inspect import COMPUTED, describe, printable, to_json, verdict

from .old_pickles import PYTHON_27

ORDER = (
    b"cshop\nOrder\n)\x81}(X\x05\x00\x00\x00itemsq\x00](K\x01K\x02e"
    b"X\x05\x00\x00\x00totalG?\xf8\x00\x00\x00\x00\x00\x00ub."
)


def test_a_tree():
    assert describe(decode(ORDER)) == [
        "instance of shop.Order",
        "  .items: list of 2",
        "    [0] 1",
        "    [1] 2",
        "  .total: 1.5",
    ]


@pytest.mark.parametrize("protocol", range(3))
def test_old_forms_of_instances_look_alike(protocol):
    assert describe(decode(PYTHON_27["list_subclass", protocol])) == [
        "instance of shop.L",
        "  [0] 1",
        "  [1] 2",
        "  .extra: 'x' (8-bit string of Python 2)",
    ]


def test_shared_records_are_shown_once():
    shared = [1]
    assert describe(decode(pickle.dumps([shared, shared]))) == [
        "list of 2",
        "  [0] list of 1  #1",
        "    [0] 1",
        "  [1] → #1",
    ]


def test_a_cycle_ends():
    cycle = {}
    cycle["me"] = cycle
    assert describe(decode(pickle.dumps(cycle))) == ["dict of 1  #1", "  'me': → #1"]


def test_keys_that_are_not_scalars_are_shown():
    assert describe(decode(pickle.dumps({(1,): "x"}))) == [
        "dict of 1",
        "  key tuple of 1",
        "    [0] 1",
        "  value 'x'",
    ]


def test_output_is_bounded():
    lines = describe(
        decode(pickle.dumps([list(range(1000)), "x" * 10_000, 10**5000])), max_lines=20, width=40
    )
    assert len(lines) == 21
    assert lines[-1] == "… and more"
    assert max(map(len, lines)) <= 40
    deep = describe(decode(b"]" * 500 + b"a" * 499 + b"."), max_lines=1000, width=60)
    assert max(map(len, deep)) <= 60


def test_nothing_reaches_the_terminal_raw():
    evil = "\x1b[2J\r\n\u202e\x00"
    data = pickle.dumps({evil: [evil, evil.encode(), bytearray(evil.encode())]})
    named = b"c\x1b[31mshop\nOr\x07der\n)R}X\x02\x00\x00\x00\x1b[K\x01sb."
    for record in (decode(data), decode(named)):
        for line in describe(record):
            assert line.isprintable()
    assert printable("a\x1bb") == r"a\x1bb"
    assert printable("café") == "café"


def test_as_json():
    found = to_json(decode(ORDER))
    assert found == {
        "kind": "instance",
        "name": "shop.Order",
        "state": [
            {"kind": "dict", "keys": ["items", "total"], "values": [{"kind": "list", "items": [1, 2]}, 1.5]}
        ],
    }


def test_json_is_strict_for_every_kind_of_value():
    value = [
        float("nan"),
        10**50,
        2**10_000,
        b"\xff",
        bytearray(b"x"),
        {1},
        frozenset({1}),
        {(1,): 2},
        "\udc80",
        ...,
        int,
    ]
    for protocol in range(6):
        text = json.dumps(to_json(decode(pickle.dumps(value, protocol))), allow_nan=False)
        assert text.isascii()


def test_json_refers_to_what_is_shared_and_ends():
    cycle = []
    cycle.append(cycle)
    assert to_json(decode(pickle.dumps(cycle))) == {
        "kind": "list",
        "id": 1,
        "items": [{"kind": "reference", "id": 1}],
    }


def test_json_is_bounded():
    text = json.dumps(to_json(decode(pickle.dumps(list(range(10_000)))), max_values=10))
    assert text.count('{"kind": "cut"}') >= 1
    assert len(text) < 1000
    text = json.dumps(to_json(["a" * 100] * 50 + ["b"], max_text=1000))
    assert text.count("a" * 100) == 10
    assert text.count('{"kind": "cut"}') == 41
    assert '{"kind": "cut"}' in json.dumps(to_json(decode(b"]" * 5000 + b"a" * 4999 + b"."), max_depth=20))


class _System:
    def __reduce__(self):
        return os.system, ("true",)


class _Popen:
    def __reduce__(self):
        return subprocess.Popen, (["true"],)


def judge(data):
    decoded = examine(data)
    return verdict(decoded.root, decoded.dropped)


@pytest.mark.parametrize("protocol", range(6))
def test_what_hostile_pickles_run_is_named(protocol):
    found = judge(pickle.dumps([1, _System(), {"a": _Popen()}], protocol))
    assert found.dangerous == (f"{os.system.__module__}.system", "subprocess.Popen")


def test_hidden_calls_are_found():
    assert judge(b"cos\nsystem\nX\x01\x00\x00\x00x\x85R0N.").dangerous == ("os.system",)
    assert judge(b"cos\nsystem\nX\x01\x00\x00\x00x\x85RN.").dangerous == ("os.system",)
    assert judge(b"N(cos\nsystem\nX\x01\x00\x00\x00x\x85R1.").dangerous == ("os.system",)


def test_calls_through_attributes_and_computed_functions():
    getattr_ = b"cbuiltins\ngetattr\n"
    assert judge(getattr_ + b"cos\npath\nX\x06\x00\x00\x00system\x86RX\x01\x00\x00\x00x\x85R.").dangerous == (
        "os.path.system",
    )
    assert judge(getattr_ + b"cshop\nOrder\nX\x0b\x00\x00\x00__globals__\x86R)R.").dangerous == (
        "shop.Order.__globals__",
    )
    assert COMPUTED in judge(b"cshop\nf\n)R)R.").dangerous


def test_names_of_python_2_are_known():
    assert judge(b"c__builtin__\neval\nX\x01\x00\x00\x001\x85R.").dangerous == ("builtins.eval",)
    assert judge(b"(S'x'\nicommands\ngetoutput\n.").executes == ("subprocess.getoutput",)


@pytest.mark.parametrize("protocol", range(6))
def test_plain_data_execute_nothing(protocol):
    value = [{1: (2.5, b"x")}, {1}, dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc), 1j, ValueError("x")]
    found = judge(pickle.dumps(value, protocol))
    assert found.executes == ()
    assert found.dangerous == ()


def test_the_programs_own_classes_execute_but_are_not_dangerous():
    found = judge(ORDER)
    assert found.names == found.calls == found.executes == ("shop.Order",)
    assert found.dangerous == ()


def test_a_name_alone_is_no_call():
    found = judge(b"cos\nsystem\n.")
    assert found.names == ("os.system",)
    assert found.calls == ()
