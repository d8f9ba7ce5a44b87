"""Take one public package through every stage, to `retire`, with its own tests at each.

    python tests/realworld/stages.py NAME ...

The gates are asked with what the package's own tests counted, which is made to look a week older.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import suite
from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEEK_AND_A_DAY = 8 * 86_400
STAGES = ("dual-read", "json", "json-only")


@frozen
class Journey:
    """What happened to a package on the way."""

    changed: dict[str, dict[str, tuple[str | None, str | None]]] = field(factory=dict)
    """Stage → tests that ended differently from the original's."""
    ran: dict[str, int] = field(factory=dict)
    """Stage → number of tests."""
    open: dict[str, list[str]] = field(factory=dict)
    """Stage → conditions that kept the tool from the next step."""
    unsorted: str = ""
    """What ruff says of the imports of the converters, if `retire` brought them out of order."""
    back_differs: list[str] = field(factory=list)
    """Stages in which `stage back` did not leave the code byte for byte as it was before `stage next`."""


def travel(package: suite.Package) -> Journey:
    """Take ``package`` from the original through all stages to `retire`."""
    journey = Journey()
    tree = suite.unpacked(package)
    python = suite._environment(package, tree)
    before = suite._run_tests(package, tree, python)
    tree = suite.unpacked(package)
    suite._migrate("rewrite", ".", "--stage", "dual-read", "--include", "review", "--write", cwd=tree)
    (converters,) = tree.rglob("converters.py")
    converters.write_text(converters.read_text() + ("\n" + package.by_hand if package.by_hand else ""))
    counts = suite.WORK / "counts" / package.name
    empty = suite._fresh(suite.WORK / "stock" / package.name)
    for stage in STAGES:
        suite._fresh(counts)
        with variables(PICKLE_MIGRATE_TELEMETRY=str(counts), PICKLE_MIGRATE_RELEASE=stage):
            compare(journey, stage, before, suite._run_tests(package, tree, python), package)
        grow_older(counts)
        if stage != STAGES[-1]:
            step(journey, stage, tree, converters, counts, empty)
    in_order = not unsorted(converters)
    found = json.loads(
        suite._migrate(
            *("retire", ".", "--telemetry", str(counts), "--stock", str(empty), "--write", "--json"),
            *("--package", "stored_records"),
            cwd=tree,
        )
    )
    opened(journey, "retire", [c for conditions in found["stores"].values() for c in conditions])
    journey = evolve(journey, unsorted=unsorted(converters) if in_order else "")
    with variables(WITHOUT_MODULE="migrate"):
        compare(journey, "retired", before, suite._run_tests(package, tree, python), package)
    return journey


def step(journey: Journey, stage: str, tree: Path, converters: Path, counts: Path, empty: Path) -> None:
    """Take a step, the step back, and the step again."""
    code = converters.read_bytes()
    ahead = ("stage", "next", ".", "--telemetry", str(counts), "--stock", str(empty), "--write", "--json")
    found = json.loads(suite._migrate(*ahead, cwd=tree))
    opened(journey, stage, found["conditions"])
    suite._migrate("stage", "back", ".", "--write", cwd=tree)
    if converters.read_bytes() != code:
        journey.back_differs.append(stage)
    suite._migrate(*ahead, cwd=tree)


def unsorted(path: Path) -> str:
    """Return what ruff says of the order of the imports in a file."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "I", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout:
        raise RuntimeError(f"ruff is missing: {done.stderr}")
    return done.stdout


def opened(journey: Journey, stage: str, conditions: list[dict[str, object]]) -> None:
    """Note the conditions that do not hold."""
    found = [f"{c['name']}: {c['says']}" for c in conditions if not c["holds"]]
    if found:
        journey.open[stage] = found


def compare(
    journey: Journey, stage: str, before: dict[str, str], after: dict[str, str], package: suite.Package
) -> None:
    """Note the tests that end differently, but for those that are known to after any rewrite."""
    journey.ran[stage] = len(after)
    names = sorted((before.keys() | after.keys()) - package.differs.keys())
    changed = {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}
    if changed:
        journey.changed[stage] = changed


def grow_older(counts: Path) -> None:
    """Let every process have begun a week and a day earlier."""
    for path in counts.glob("*.counts.json"):
        document = json.loads(path.read_text())
        path.write_text(json.dumps(document | {"started": document["started"] - WEEK_AND_A_DAY}))


@contextmanager
def variables(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    old = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(old)


if __name__ == "__main__":
    for chosen in suite.packages():
        if chosen.name in sys.argv[1:]:
            print(chosen.name, travel(chosen), flush=True)
