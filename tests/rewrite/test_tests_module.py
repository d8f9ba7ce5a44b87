"""The generated test module: its text, and whether somebody edited it."""

from __future__ import annotations

import ast
import shutil
import subprocess

import pytest
from attrs import evolve

from migrate.rewrite.tests_module import Subject, module_text, records_folder, was_edited

WHY = "its instances are made by its __init__, and nothing declares its fields; write a strategy for it"
PLAIN = Subject(
    "shop.converters", "migrate.runtime", {"shop.models:Order": "", "shop.jobs:Job": "field x: no"}
)
FULL = evolve(
    PLAIN,
    classes={**PLAIN.classes, "shop.cache:Cache": WHY, 'a:"Quoted"': 'é "x" \\ ' * 12, "b:C" * 40: ""},
    records=True,
    pickles=True,
)
KINDS = {
    "plain": PLAIN,
    "full": FULL,
    "nothing to test": evolve(PLAIN, classes={}),
    "records": evolve(PLAIN, records=True),
    "MessagePack": evolve(PLAIN, records=True, suffix=".msgpack"),
    "vendored": evolve(FULL, runtime="shop._pickle_migrate.runtime"),
    "vendored far away": evolve(
        FULL, runtime="a_rather_long_name.of_a_package.in_a_program._pickle_migrate.runtime"
    ),
    "no bare pickles": evolve(PLAIN, writes_pickles=False),
}


@pytest.fixture(params=KINDS)
def text(request):
    return module_text(KINDS[request.param]).decode()


def functions(text):
    return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


def test_it_is_python(text):
    compile(text, "test_converters.py", "exec")


def test_lines_are_short(text):
    long = [line for line in text.splitlines() if len(line) > 88 and '"b:Cb:C' not in line]
    assert [line for line in long if not line.startswith("    a_rather") and " import (" not in line] == []


@pytest.mark.skipif(shutil.which("ruff") is None, reason="needs ruff (extra lint)")
def test_it_is_formatted_and_has_nothing_for_a_linter(text, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_converters.py").write_text(text)
    (tmp_path / "shop" / "_pickle_migrate" / "runtime").mkdir(parents=True)
    for name in ("converters.py", "_pickle_migrate/runtime/strategies.py"):
        (tmp_path / "shop" / name).touch()
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            ["ruff", *command, "--isolated", "--no-cache", "tests"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_what_is_in_it():
    assert functions(module_text(PLAIN).decode()) == [
        "skipped",
        "values_of",
        "test_round_trip",
        "test_releases_read_each_other",
    ]
    assert functions(module_text(FULL).decode())[-2:] == ["test_stored_record", "test_stored_pickle"]


def test_classes_without_a_strategy_are_skipped_with_their_reason():
    text = module_text(FULL).decode()
    assert '\n    "shop.models:Order",\n' in text
    assert '\n    skipped("shop.jobs:Job", "field x: no"),\n' in text
    assert (
        '\n    skipped(\n        "shop.cache:Cache",\n'
        '        "its instances are made by its __init__, and nothing declares its fields; "\n'
        '        "write a strategy for it",\n    ),\n'
    ) in text


def test_pickle_is_not_imported_for_a_program_without_bare_pickles():
    text = module_text(KINDS["no bare pickles"]).decode()
    assert "pickle.loads" not in text
    assert "import pickle" not in text
    assert "keep-file" not in text


def test_the_runtime_is_the_one_of_the_program():
    text = module_text(KINDS["vendored"]).decode()
    assert "from shop._pickle_migrate.runtime.strategies import for_class" in text
    assert "from migrate" not in text


def test_where_records_are():
    assert records_folder("shop.converters") == "records/shop.converters"
    assert 'MODULE = "shop.converters"' in module_text(FULL).decode()
    assert 'glob("*.msgpack")' in module_text(KINDS["MessagePack"]).decode()


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + b"\n",
        lambda text: text.replace(b"max_examples=20", b"max_examples=50"),
        lambda text: text.partition(b"\n")[2],
        lambda text: b"# ours\n" + text,
        lambda text: b"",
        lambda text: b"\xff\xfe",
    ],
)
def test_an_edited_module_is_told_from_one_that_is_not(edit):
    text = module_text(FULL)
    assert not was_edited(text)
    assert not was_edited(text.replace(b"\n", b"\r\n"))
    assert was_edited(edit(text))
