"""What ty prints, what is made of it, and ty itself where it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from migrate.evidence.checker import Overlay, Ty, find_pyrefly, find_ty
from migrate.evidence.checker.answers import AnswerError, parse_answer
from migrate.evidence.checker.engine import EngineError
from migrate.evidence.checker.ty import common

from .checkers import checked
from .support import said, tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("dict[str, str | None]", "dict[str, Optional[str]]"),
        ("float*", "float"),
        ("builtins.float*", "builtins.float"),
        ("float", "Union[float, int]"),
        ("list[float]", "list[Union[float, int]]"),
        ("complex", "Union[complex, float, int]"),
        ("shop.models.float", "shop.models.float"),
        ('Literal["float", "<class \'X\'>", b"Self@f"]', "Union[bytes, str]"),
        ("Literal[Color.BLUE, Color.GREEN]", "Color"),
        ("<class 'Order'>", "type[Order]"),
        ("list[<class 'a.Order'> | <class 'Line'>]", "list[type[Union[Line, a.Order]]]"),
        ("Self@method", "Any"),
        ("tuple[list[Self@g], type[Self@g]]", "tuple[list[Any], type[Any]]"),
        ("T@Box", "Any"),
        ("list[Divergent]", "list[Any]"),
        ("Unknown & dict[Unknown, Unknown]", "dict[Any, Any]"),
        ("int & ~AlwaysFalsy", "int"),
        ("(Unknown & app.m.Order) | (Unknown & app.m.Color)", "Union[app.m.Color, app.m.Order]"),
        ("Unknown & Literal[Color.RED]", "Color"),
        ("Literal[1, 2] | Unknown", "Any"),
        ("@Todo", "Any"),
    ],
)
def test_the_types_of_ty_are_read_and_what_is_not_known_is_unknown(text, type_):
    assert str(parse_answer(common(text))) == type_


@pytest.mark.parametrize(
    "text",
    [
        "<module 'urllib'>",
        "<class 'm.<locals of function 'f'>.Inner'>",
        "<class 'Box[int]'>",
        "list[Divergent] & Order",
        "(x) -> Unknown",
        "bound method Order.me() -> int",
        "Overload[(x: str) -> str, (x: bytes) -> str]",
        "Unknown & ((...) -> object)",
        "Unknown & <Protocol with members 'x'>",
        "tuple[Literal[1], *tuple[Unknown, ...]]",
        "<TypedDict with items 'a'>",
    ],
)
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(AnswerError):
        parse_answer(common(text))


def fake(folder: Path, output: str) -> Ty:
    """Return a ty that prints ``output``, whatever it is asked."""
    (folder / "said").write_text(output, encoding="utf-8")
    program = folder / "ty"
    program.write_text(f"#!/bin/sh\nexec cat '{folder / 'said'}'\n", encoding="utf-8")
    program.chmod(0o755)
    return Ty(str(program), "0.1")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
class TestOutput:
    def test_answers_are_taken_from_its_revealed_types_alone(self, tmp_path):
        text = "Revealed type: `tuple[Literal[\"ask3\"], <class 'Order'>]`"
        messages = [
            {"check_name": "revealed-type", "description": f"revealed-type: {text}", "severity": "info"},
            {"check_name": "note", "description": text.replace("ask3", "ask4")},
        ]
        engine = fake(tmp_path, json.dumps(messages))
        assert engine.reveal(Overlay(tmp_path, (tmp_path,), ("m.py",))) == {"ask3": "type[Order]"}

    @pytest.mark.parametrize("output", ["", "ty failed", "{}", '[{"check_name": 3}]'])
    def test_what_is_no_list_of_messages_makes_it_unusable(self, output, tmp_path):
        with pytest.raises(EngineError, match="no JSON document"):
            fake(tmp_path, output).reveal(Overlay(tmp_path, (tmp_path,), ("m.py",)))

    def test_a_configuration_that_cannot_be_written_makes_it_unusable(self, tmp_path):
        (tmp_path / "ty.toml").mkdir()
        with pytest.raises(EngineError, match="its configuration cannot be written"):
            fake(tmp_path, "[]").reveal(Overlay(tmp_path, (tmp_path,), ("m.py",)))


MODELS = """
    import enum
    from dataclasses import dataclass
    from typing import Generic, TypeVar
    T = TypeVar("T")

    class Color(enum.Enum):
        RED = 1
        BLUE = 2

    @dataclass
    class Line:
        price: int

    class Order:
        class Note: ...

        def __init__(self, number: int): self.number = number
        @classmethod
        async def fetch(cls, number: int) -> "Order": return cls(number)

    class Box(Generic[T]):
        def __init__(self, item: T): self.item: T = item
"""
HEAD = """
    import asyncio, contextlib, email, pathlib, pickle, shutil, subprocess, time, urllib.parse, zoneinfo
    from app import models
    from app.models import *
"""


@pytest.fixture
def engine():
    return find_ty() or pytest.skip("ty is not installed")


def one(text: str, engine, **more: str):
    """Return the flow of the only site of a module."""
    sources = tree(app__="", app__models=MODELS, app__m=dedent(HEAD) + dedent(text), **more)
    found, flows = checked(sources, engine)
    assert not found.consulted.failed, found.consulted.line
    assert len(flows) == 1
    return next(iter(flows.values()))


@pytest.mark.extras
class TestTy:
    @pytest.mark.parametrize(
        ("body", "type_"),
        [
            ("pickle.dump(urllib.parse.parse_qs('a=b'), f)", "dict[str, list[str]]"),
            ("pickle.dump({k: shutil.which(k) for k in ['a']}, f)", "dict[str, Optional[str]]"),
            ("pickle.dump([p for p in pathlib.Path('x').parents], f)", "list[pathlib.Path]"),
            ("pickle.dump(contextlib.nullcontext(time.time()).enter_result, f)", "Union[float, int]"),
            ("if isinstance(q, Order): pickle.dump(q, f)", "app.models:Order"),
            (
                "if isinstance(q, (Order, Line)): pickle.dump(q, f)",
                "Union[app.models:Line, app.models:Order]",
            ),
            ("if isinstance(q, Order.Note): pickle.dump(q, f)", "app.models:Order.Note"),
            (
                "if q is Color.RED: pickle.dump((q, urllib.parse.quote('x')), f)",
                "tuple[app.models:Color, str]",
            ),
            ("pickle.dump(asyncio.run(Order.fetch(1)), f)", "app.models:Order"),
            ("pickle.dump(contextlib.nullcontext(Box(1)).enter_result, f)", "app.models:Box[int]"),
            ("g = lambda v: pickle.dump(urllib.parse.quote(v), f)", "str"),
            ("pickle.dump(zoneinfo.ZoneInfo('UTC').utcoffset(None), f)", "Optional[datetime.timedelta]"),
            ("pickle.dump(urllib.parse.quote(q), f)  # type: ignore", "str"),
            ("pickle.dump(urllib.parse.quote(q), f)  # ty: ignore", "str"),
        ],
    )
    def test_what_source_leaves_open_is_closed_by_what_ty_knows(self, body, type_, engine):
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
            "def save(f, v):\n    if not isinstance(v, Order): pickle.dump(v, f)",
            "def save(f, v):\n    if isinstance(v, Order) and isinstance(v, Line): pickle.dump(v, f)",
            "def save(f):\n    return\n    pickle.dump(urllib.parse.quote('x'), f)",
        ],
    )
    def test_what_it_cannot_know_stays_open(self, body, engine):
        assert not one(f"{body}\n", engine).closed

    def test_classes_that_share_a_name_are_told_apart(self, engine):
        other = "import pickle\nclass Order: ...\n"
        check = "if isinstance(q, (models.Order, other.Order)): pickle.dump(q, f)"
        text = f"from app import other\ndef save(f, q):\n    {check}\n"
        flow = one(text, engine, app__other=other)
        assert said(flow) == [("Union[app.models:Order, app.other:Order]", "checker")]

    def test_sources_below_src_are_named_as_they_are_imported(self, engine):
        sources = {
            "src/shop/parts/models.py": b"class Part: ...\n",
            "src/shop/save.py": b"import pickle\nfrom shop.parts import models\nclass Own: ...\n"
            b"def save(f, q):\n    if isinstance(q, (models.Part, Own)): pickle.dump(q, f)\n",
            "main.py": b"import shop.save\nimport shop.parts.models\n",
        }
        found, flows = checked(sources, engine)
        (flow,) = flows.values()
        wanted = [("Union[shop.parts.models:Part, shop.save:Own]", "checker")]
        assert said(flow) == wanted, found.consulted.line

    def test_packages_of_the_environment_are_read_not_run_and_hide_nothing(self, engine, tmp_path):
        (tmp_path / "lib").mkdir()
        for name in ("nowhere", "shutil"):  # the second has the name of a module of the standard library
            (tmp_path / "lib" / f"{name}.py").write_text(
                f"open({str(tmp_path / 'ran')!r}, 'w')\ndef which(name) -> int: ...\n", encoding="utf-8"
            )
        text = b"import pickle, nowhere, shutil\ndef save(f): pickle.dump(%s.which('x'), f)\n"
        for name, type_ in ((b"nowhere", "int"), (b"shutil", "Optional[str]")):
            _, flows = checked({"m.py": text % name}, engine, libraries=(tmp_path / "lib",))
            (flow,) = flows.values()
            assert said(flow) == [(type_, "checker")]
        assert not (tmp_path / "ran").exists()

    def test_more_files_than_a_command_can_name_are_asked_about_too(self, engine, monkeypatch):
        monkeypatch.setattr("migrate.evidence.checker.engine._LONGEST_COMMAND", 0)
        flow = one("def save(f): pickle.dump(urllib.parse.parse_qs('a=b'), f)\n", engine)
        assert said(flow) == [("dict[str, list[str]]", "checker")]

    def test_as_a_cross_check_it_agrees_with_pyrefly(self, engine):
        first = find_pyrefly() or pytest.skip("pyrefly is not installed")
        text = "import pickle, urllib.parse\ndef save(f): pickle.dump([urllib.parse.parse_qs('a')], f)\n"
        found, flows = checked({"m.py": text.encode()}, first, second=engine)
        (flow,) = flows.values()
        assert said(flow) == [("list[dict[str, list[str]]]", "checker")]
        assert f"{engine.name} was asked as a cross-check and contradicts it 0 " in found.consulted.line


@pytest.mark.extras
class TestCommand:
    """The option, in a tree with a configuration that would keep ty from answering."""

    @pytest.fixture
    def root(self, tmp_path: Path, engine) -> Path:
        root = tmp_path / "tree"
        root.mkdir()
        (root / "m.py").write_text(
            "# /// script\n# [tool.ty.environment]\n# python = './evil'\n# ///\nimport pickle, urllib.parse\n"
            "def save(f, q):\n    with open(f, 'wb') as out: pickle.dump(urllib.parse.quote(q), out)\n",
            encoding="utf-8",
        )
        (root / "ty.toml").write_text(
            '[src]\nexclude = ["**"]\n[environment]\npython = "./evil"\n', encoding="utf-8"
        )
        evil = root / "evil"
        evil.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n", encoding="utf-8")
        evil.chmod(0o755)
        return root

    def scan(self, root: Path, *options: str) -> dict:
        environment = {name: value for name, value in os.environ.items() if name != "PICKLE_MIGRATE_TYPES"}
        environment["TY_CONFIG_FILE"] = str(root / "ty.toml")
        command = [sys.executable, "-m", "migrate", "scan", root, "--json", *options]
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return json.loads(done.stdout)

    def test_it_is_asked_alone_and_the_tree_is_as_it_was(self, root, tmp_path, engine):
        before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
        found = self.scan(root, "--types", "ty")
        assert found["sites"][0]["safety"] == "safe"
        assert found["notes"][-1].startswith(f"Types: {engine.name} was asked about")
        assert "pyrefly" not in found["notes"][-1]
        assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
        assert not (tmp_path / "ran").exists()

    def test_it_is_a_cross_check_where_pyrefly_is_installed_too(self, root, engine):
        if find_pyrefly() is None:
            pytest.skip("pyrefly is not installed")
        found = self.scan(root)
        assert found["sites"][0]["safety"] == "safe"
        assert found["notes"][-1].startswith("Types: pyrefly ")
        assert f" {engine.name} was asked as a cross-check and contradicts it 0 times." in found["notes"][-1]
