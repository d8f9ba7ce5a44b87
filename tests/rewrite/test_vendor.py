"""The runtime within the user's package: complete, on its own, and replaced only when it differs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

import migrate
from migrate.rewrite import apply, rewrite
from migrate.rewrite.vendor import vendor_folder, vendored

from .support import plan_for

if TYPE_CHECKING:
    from migrate.model import Plan

SOURCES = {"shop/__init__.py": b"", "shop/store.py": b"import pickle\npickle.dump(x, f)\n"}


def plan(vendor: str | None = "shop._runtime", module: str = "shop.converters") -> Plan:
    return evolve(plan_for({"shop/store.py": SOURCES["shop/store.py"]}, module=module), vendor=vendor)


def test_it_has_every_module_of_both_rooms() -> None:
    paths = {edit.path for edit in vendored(plan(), SOURCES)}
    package = Path(migrate.__file__).parent
    for room in ("legacy", "runtime"):
        for source in (package / room).rglob("*.py"):
            assert f"shop/_runtime/{source.relative_to(package)}" in paths
    assert "shop/_runtime/__init__.py" in paths
    assert not any("__pycache__" in path for path in paths)


def test_it_says_where_it_comes_from() -> None:
    about = next(e.after for e in vendored(plan(), SOURCES) if e.path == "shop/_runtime/__init__.py").decode()
    assert migrate.__version__ in about
    assert "Apache-2.0" in about


def test_the_converters_module_imports_from_there() -> None:
    edits, problems = rewrite(plan(), SOURCES)
    assert problems == []
    converters = next(e.after for e in edits if e.path == "shop/converters.py")
    assert b"from shop._runtime.runtime import Codec\n" in converters
    assert b"from migrate" not in converters


def test_a_second_run_writes_nothing() -> None:
    edits, _ = rewrite(plan(), SOURCES)
    after = {**SOURCES, **{edit.path: edit.after for edit in edits}}
    assert vendored(plan(), after) == []


def test_another_version_is_replaced() -> None:
    edits, _ = rewrite(plan(), SOURCES)
    after = {**SOURCES, **{edit.path: edit.after for edit in edits}}
    after["shop/_runtime/__init__.py"] = b'"""An older one."""\n'
    assert [e.path for e in vendored(plan(), after)] == ["shop/_runtime/__init__.py"]


def test_without_the_option_there_is_none() -> None:
    assert vendored(plan(None), SOURCES) == []
    edits, _ = rewrite(plan(None), SOURCES)
    assert [e.path for e in edits] == ["shop/converters.py", "shop/store.py"]


@pytest.mark.parametrize(
    ("path", "module", "vendor", "folder"),
    [
        ("shop/converters.py", "shop.converters", "shop._v", "shop/_v"),
        ("src/shop/converters.py", "shop.converters", "shop._v", "src/shop/_v"),
        ("converters.py", "converters", "_v", "_v"),
        ("scripts/converters.py", "converters", "_v", "scripts/_v"),
        ("a/b/converters.py", "a.b.converters", "a.b._v", "a/b/_v"),
    ],
)
def test_the_folder(path: str, module: str, vendor: str, folder: str) -> None:
    given = plan(vendor)
    given = evolve(given, converters=(evolve(given.converters[0], path=path, module=module),))
    assert vendor_folder(given) == folder


def test_it_works_without_the_tool(tmp_path: Path) -> None:
    for path, data in SOURCES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    edits, _ = rewrite(plan(), SOURCES)
    assert apply(tmp_path, edits).problems == ()
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from shop import converters\n"
        "assert converters.loads(converters.dumps({'a': (1, 2)})) == {'a': (1, 2)}\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'migrate']\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
