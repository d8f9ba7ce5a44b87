"""Where the stores stand in code, and the edit that moves one."""

import ast
import textwrap

import pytest

from migrate.rollout.move import MoveError, move
from migrate.rollout.stores import find_stores, next_stage, stage_before
from migrate.runtime import Stage


def stores_of(source, path="app/converters.py"):
    content = textwrap.dedent(source).encode() if isinstance(source, str) else source
    found, problems = find_stores({path: content})
    assert not problems
    return {store.name: store for store in found}, content


HEAD = "from migrate.runtime import Codec, Stage\n"


@pytest.mark.parametrize(
    ("source", "stage"),
    [
        (HEAD + 'codec = Codec("shop", stage="dual-read")', Stage.DUAL_READ),
        (HEAD + "codec = Codec('shop', stage='json-only', protocol=4)", Stage.JSON_ONLY),
        (HEAD + 'codec = Codec("shop", stage=Stage.OBSERVE)', Stage.OBSERVE),
        (HEAD + 'codec = Codec("shop")', Stage.JSON),
        (HEAD + 'codec: Codec = Codec("shop", stage="json")', Stage.JSON),
        (HEAD + 'class App:\n    codec = Codec("shop", stage="json")', Stage.JSON),
        ('from ._pickle_migrate.runtime import Codec\ncodec = Codec("shop", stage="json")', Stage.JSON),
        ('import migrate.runtime\ncodec = migrate.runtime.Codec("shop", stage="json")', Stage.JSON),
        ('from migrate import runtime as r\ncodec = r.Codec("shop", stage="json")', Stage.JSON),
        ('from migrate.runtime import Codec as C\ncodec = C("shop", stage="json")', Stage.JSON),
    ],
)
def test_a_codec_is_a_store_and_begins_in_its_stage(source, stage):
    found, _ = stores_of(source)
    assert found["shop"].stage is stage


@pytest.mark.parametrize(
    "source",
    [
        'from codecs import Codec\ncodec = Codec("shop", stage="json")',
        'from app.codec import Codec\ncodec = Codec("utf8")',
        'from app.runtime import Codec\ncodec = Codec("shop", stage="json")',
        'from .runtime import Codec\ncodec = Codec("shop", stage="json")',
        'import app.runtime\ncodec = app.runtime.Codec("shop", stage="json")',
        'class Codec: ...\ncodec = Codec("shop")',
        HEAD + "codec = Codec(name)",
        'text = \'Codec("shop", stage="json")\'',
    ],
)
def test_what_is_no_store(source):
    assert stores_of(source)[0] == {}


@pytest.mark.parametrize(
    "call",
    ['Codec("shop", stage=choose())', 'Codec("shop", **options)', 'Codec("shop", stage="jsonn")'],
)
def test_a_stage_that_is_computed_is_said_to_be_so_and_is_not_moved(call):
    found, content = stores_of(HEAD + f"codec = {call}")
    assert found["shop"].stage is None
    with pytest.raises(MoveError, match=r"app/converters.py:2: the stage of 'shop' is computed"):
        move(found["shop"], Stage.JSON, content)


def test_a_store_of_a_codec_begins_where_the_codec_begins_unless_it_says_otherwise():
    found, _ = stores_of(
        HEAD
        + 'codec = Codec("shop", stage="dual-read")\n'
        + 'carts = codec.store("carts", stage="json")\n'
        + 'sessions = codec.store("sessions")\n'
        + 'old = sessions.store("old")\n'
    )
    assert {name: (store.stage, store.follows) for name, store in found.items()} == {
        "shop": (Stage.DUAL_READ, None),
        "carts": (Stage.JSON, None),
        "sessions": (Stage.DUAL_READ, "shop"),
        "old": (Stage.DUAL_READ, "sessions"),
    }


SPELLINGS = [
    b'codec = Codec("shop", stage="json", protocol=4)  # ours',
    b"codec = Codec('shop', stage='json')",
    b'codec = Codec("shop", stage=Stage.JSON)',
    b'codec = Codec(\n    "shop",\n    # moved in May\n    stage="json",\n)',
    b'codec = Codec(\r\n\t"shop",\r\n\tstage="json",\r\n)\r\n',
    'name = "Grüße"; codec = Codec("shop", stage="json")  # Größe'.encode(),
    b'codec = Codec("shop", stage="json")',
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_a_step_and_the_step_back_leave_the_file_byte_for_byte(spelling, bom):
    source = bom + HEAD.encode() + spelling
    store = stores_of(source)[0]["shop"]
    there = move(store, Stage.JSON_ONLY, source)
    assert there.before == source
    moved = stores_of(there.after)[0]["shop"]
    assert moved.stage is Stage.JSON_ONLY
    assert move(moved, Stage.JSON, there.after).after == source


def test_a_step_changes_the_word_and_nothing_else():
    source = (HEAD + 'codec = Codec("shop", stage="dual-read", protocol=4)\n').encode()
    assert move(stores_of(source)[0]["shop"], Stage.JSON, source).after == source.replace(
        b'"dual-read"', b'"json"'
    )


def test_on_the_first_line_behind_a_byte_order_mark():
    source = b'\xef\xbb\xbfimport migrate.runtime; c = migrate.runtime.Codec("shop", stage="json")\n'
    assert move(stores_of(source)[0]["shop"], Stage.DUAL_READ, source).after == source.replace(
        b'"json"', b'"dual-read"'
    )


@pytest.mark.parametrize("call", ['Codec("shop")', 'Codec("shop",)', 'Codec("shop", protocol=4)'])
def test_a_codec_without_a_word_gets_one(call):
    source = (HEAD + f"codec = {call}\n").encode()
    after = move(stores_of(source)[0]["shop"], Stage.DUAL_READ, source).after
    ast.parse(after)
    assert stores_of(after)[0]["shop"].stage is Stage.DUAL_READ


def test_a_file_in_another_encoding_is_not_moved():
    source = b"# coding: latin-1\n" + HEAD.encode() + b'name = "\xe9"; codec = Codec("shop", stage="json")\n'
    assert stores_of(source)[0]["shop"].stage is None


def test_a_file_that_does_not_parse_is_a_problem_and_the_others_are_read():
    found, problems = find_stores(
        {"a.py": b"Codec(", "b.py": (HEAD + 'codec = Codec("shop", stage="json")').encode()}
    )
    assert [store.name for store in found] == ["shop"]
    assert [(problem.path, problem.reason) for problem in problems] == [("a.py", "does-not-parse")]


def test_the_order_of_the_stages():
    order = [Stage.OBSERVE, Stage.DUAL_READ, Stage.JSON, Stage.JSON_ONLY]
    assert [next_stage(stage) for stage in order] == [*order[1:], None]
    assert [stage_before(stage) for stage in order] == [None, *order[:-1]]
