"""On code that was not written for this: modules of the standard library that use pickle."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from migrate.model import Converters, Decision, FilePlan, FileSites, Plan, Safety
from migrate.rewrite import rewrite
from migrate.rewrite.shapes import SHAPES
from migrate.sites import find_sites

LIBRARY = Path(sysconfig.get_path("stdlib"))
MODULES = (
    "asyncio/base_events.py",
    "concurrent/futures/process.py",
    "copy.py",
    "ctypes/__init__.py",
    "dbm/__init__.py",
    "logging/config.py",
    "logging/handlers.py",
    "multiprocessing/connection.py",
    "multiprocessing/forkserver.py",
    "multiprocessing/heap.py",
    "multiprocessing/managers.py",
    "multiprocessing/popen_spawn_win32.py",
    "multiprocessing/queues.py",
    "multiprocessing/reduction.py",
    "multiprocessing/spawn.py",
    "pstats.py",
    "shelve.py",
    "trace.py",
    "tracemalloc.py",
    "unittest/mock.py",
)


def plan(found: FileSites, *, everything: bool) -> Plan:
    decisions = tuple(
        Decision(
            site,
            Safety.SAFE,
            found.path,
            apply=site.operation in SHAPES and site.library == "pickle" and (everything or not site.reason),
        )
        for site in found.sites
        if site.reason not in ("unsupported-name", "dynamic-module")
    )
    file = FilePlan(found.path, decisions, found.imports, found.names, "app.converters")
    return Plan((file,), (Converters("app/converters.py", "app.converters", "app"),))


def concerned(found: FileSites) -> set[int]:
    """Return the lines that an edit may touch."""
    spans = [*(site.span for site in found.sites), *(statement.span for statement in found.imports)]
    return {line for span in spans for line in range(span.line, span.end_line + 1)}


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("everything", [False, True])
def test_only_what_is_concerned_changes(name: str, everything: bool) -> None:
    path = LIBRARY / name
    if not path.exists():
        pytest.skip("not in this version of Python")
    data = path.read_bytes()
    found = find_sites({name: data}).get(name, FileSites(name))
    edits, problems = rewrite(plan(found, everything=everything), {name: data})
    assert problems == []
    after = next((edit.after for edit in edits if edit.path == name), data)
    ast.parse(after)
    lines = concerned(found)
    untouched = [line for n, line in enumerate(data.split(b"\n"), 1) if n not in lines and line.strip()]
    left = iter(after.split(b"\n"))
    assert all(line in left for line in untouched), "a line outside the edits is gone, changed or moved"
    edited = {site for edit in edits for site in edit.sites}
    assert edited == {d.site.id for d in plan(found, everything=everything).decisions if d.apply} | edited
    again = find_sites({name: after}).get(name, FileSites(name))
    second, _ = rewrite(plan(again, everything=everything), {name: after})
    assert second == []
