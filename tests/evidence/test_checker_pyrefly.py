"""pyrefly itself: what it prints is what the parser and the overlay are made for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from migrate.evidence.checker import find_pyrefly

from .checkers import checked
from .support import said, tree

pytestmark = pytest.mark.extras

MODELS = """
    import enum
    from dataclasses import dataclass
    from typing import Generic, TypeVar
    T = TypeVar("T")

    class Color(enum.Enum):
        RED = 1

    @dataclass
    class Line:
        price: int

    class Order:
        class Note: ...

        def __init__(self, number: int): self.number = number
        @classmethod
        async def fetch(cls, number: int): return cls(number)
        def lines(self, price): return [Line(price)]

    class Box(Generic[T]):
        def __init__(self, item: T): self.item: T = item
"""
HEAD = """
    import asyncio, contextlib, email, pathlib, pickle, shutil, subprocess, urllib.parse, zoneinfo
    from app import models
    from app.models import *
"""


@pytest.fixture
def engine():
    return find_pyrefly()


def one(text: str, engine, **more: str):
    """Return the flow of the only site of a module."""
    sources = tree(app__="", app__models=MODELS, app__m=dedent(HEAD) + dedent(text), **more)
    found, flows = checked(sources, engine)
    assert not found.consulted.failed, found.consulted.line
    assert len(flows) == 1
    return next(iter(flows.values()))


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        ("pickle.dump(urllib.parse.parse_qs('a=b'), f)", "dict[str, list[str]]"),
        ("pickle.dump({k: shutil.which(k) for k in ['a']}, f)", "dict[str, Optional[str]]"),
        ("pickle.dump([p for p in pathlib.Path('x').parents], f)", "list[pathlib.Path]"),
        ("if isinstance(q, Order): pickle.dump(q, f)", "app.models:Order"),
        ("if isinstance(q, (Order, Line)): pickle.dump(q, f)", "Union[app.models:Line, app.models:Order]"),
        ("if isinstance(q, Order.Note): pickle.dump(q, f)", "app.models:Order.Note"),
        ("if q is Color.RED: pickle.dump((q, urllib.parse.quote('x')), f)", "tuple[app.models:Color, str]"),
        ("pickle.dump(asyncio.run(Order.fetch(1)), f)", "app.models:Order"),
        ("pickle.dump(contextlib.nullcontext(Box(1)).enter_result, f)", "app.models:Box[int]"),
        ("g = lambda v: pickle.dump(urllib.parse.quote(v), f)", "str"),
        ("try: pass\n    except KeyError as e: pickle.dump(e, f)", "KeyError"),
        ("pickle.dump(zoneinfo.ZoneInfo('UTC').utcoffset(None), f)", "Optional[datetime.timedelta]"),
        ("pickle.dump(urllib.parse.quote(q), f)  # type: ignore", "str"),
        ("pickle.dump(urllib.parse.quote(q), f)  # pyrefly: ignore", "str"),
    ],
)
def test_what_source_leaves_open_is_closed_by_what_pyrefly_knows(body, type_, engine):
    flow = one(f"def save(f, q):\n    {body}\n", engine)
    assert (flow.closed, said(flow)) == (True, [(type_, "checker")])
    assert flow.types[0].where.endswith(f"({engine.name})")


@pytest.mark.parametrize(
    "body",
    [
        "def save(f, v): pickle.dump(v, f)",
        "def save(f): pickle.dump(subprocess.run(['a']), f)",  # a class of another library
        "def save(f): pickle.dump(email.message_from_string('x'), f)",
        "def save(f): pickle.dump(urllib.parse.quote, f)",
        "import nowhere\ndef save(f): pickle.dump(nowhere.value(), f)",
        "def save(f):\n    return\n    pickle.dump(urllib.parse.quote('x'), f)",  # it does not look there
        "x = None\ndef fill():\n    global x\n    x = Order(1)\nasync def get(): return x\n"
        "def save(f): pickle.dump(asyncio.run(get()), f)",
        "def same(x): return x\ndef save(f):\n    x = [1]\n    x.append(urllib.parse.quote('x'))\n"
        "    pickle.dump(contextlib.nullcontext(x).enter_result, f)",
    ],
)
def test_what_it_cannot_know_stays_open(body, engine):
    assert not one(f"{body}\n", engine).closed


def test_classes_that_share_a_name_are_told_apart(engine):
    other = "import pickle\nclass Order: ...\n"
    check = "if isinstance(q, (models.Order, other.Order)): pickle.dump(q, f)"
    text = f"from app import other\ndef save(f, q):\n    {check}\n"
    flow = one(text, engine, app__other=other)
    assert said(flow) == [("Union[app.models:Order, app.other:Order]", "checker")]


def test_sources_below_src_and_in_namespace_packages_are_found(engine):
    sources = {
        "src/shop/parts/models.py": b"class Part: ...\n",
        "src/shop/save.py": b"import pickle\nfrom shop.parts import models\n"
        b"def save(f, q):\n    if isinstance(q, models.Part): pickle.dump(q, f)\n",
        "main.py": b"import shop.save\nimport shop.parts.models\n",
    }
    found, flows = checked(sources, engine)
    (flow,) = flows.values()
    assert said(flow) == [("shop.parts.models:Part", "checker")], found.consulted.line


def test_packages_of_the_environment_are_read_and_not_run(engine, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "nowhere.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w')\ndef value() -> int: ...\n", encoding="utf-8"
    )
    sources = {"m.py": b"import pickle, nowhere\ndef save(f): pickle.dump(nowhere.value(), f)\n"}
    _, flows = checked(sources, engine, libraries=(tmp_path / "lib",))
    (flow,) = flows.values()
    assert said(flow) == [("int", "checker")]
    assert not (tmp_path / "ran").exists()


class TestCommand:
    """The option, in a tree with a configuration that would keep pyrefly from answering."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "tree"
        root.mkdir()
        (root / "m.py").write_text(
            "import pickle, urllib.parse\n"
            "def save(f, q):\n    with open(f, 'wb') as out: pickle.dump(urllib.parse.quote(q), out)\n",
            encoding="utf-8",
        )
        (root / "pyrefly.toml").write_text(
            'project-excludes = ["**"]\npython-interpreter-path = "./evil"\n', encoding="utf-8"
        )
        evil = root / "evil"
        evil.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n", encoding="utf-8")
        evil.chmod(0o755)
        return root

    def scan(self, root: Path, *options: str) -> dict:
        environment = {name: value for name, value in os.environ.items() if name != "PICKLE_MIGRATE_TYPES"}
        command = [sys.executable, "-m", "migrate", "scan", root, "--json", *options]
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return json.loads(done.stdout)

    def test_it_is_asked_without_being_told_to_and_the_tree_is_as_it_was(self, root, tmp_path):
        before = {p: p.read_bytes() for p in root.rglob("*")}
        found = self.scan(root)
        assert found["sites"][0]["safety"] == "safe"
        assert [t["source"] for t in found["sites"][0]["types"]] == ["checker"]
        assert found["notes"][-1].startswith("Types: pyrefly 1.")
        assert {p: p.read_bytes() for p in root.rglob("*")} == before
        assert not (tmp_path / "ran").exists()

    def test_none_asks_nobody(self, root):
        found = self.scan(root, "--types", "none")
        assert found["sites"][0]["safety"] == "review"
        assert not [note for note in found["notes"] if note.startswith("Types")]

    def test_two_runs_say_the_same(self, root):
        assert self.scan(root) == self.scan(root)

    def test_an_own_configuration_decides(self, root):
        (root / "pyproject.toml").write_text('[tool.pickle-migrate]\ntypes = "none"\n', encoding="utf-8")
        assert self.scan(root)["sites"][0]["safety"] == "review"


def test_the_program_is_found_where_pip_puts_it(engine):
    assert Path(engine.program).is_file()
    assert shutil.which(engine.program)
