"""Make the ``after`` trees anew from the ``before`` trees, with the real command line.

    python golden/regenerate.py [NAME ...]

For each tree ``golden/NAME/before`` it writes ``after`` (the whole tree, rewritten), ``diff.patch`` (what
``rewrite`` printed) and ``report.json`` (what ``scan --json`` printed). Read the changes with ``git diff``:
what stands here is what a reviewer is promised. ``tests/golden`` fails when it is out of date.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent
OUTPUTS = ("after", "diff.patch", "report.json")
VENDORED = "_pickle_migrate"
EVERYTHING = ("--include", "review")
"""The edits that ask a question are made as well: the person who keeps this tree has answered yes."""


def names() -> list[str]:
    """Return the names of all trees."""
    return sorted(p.parent.name for p in GOLDEN.glob("*/before"))


def produce(name: str, into: Path) -> None:
    """Write the three outputs of the tree ``name`` into the folder ``into``."""
    after = into / "after"
    shutil.copytree(
        GOLDEN / name / "before", after, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache")
    )
    (into / "report.json").write_bytes(migrate("scan", after, "--json"))
    (into / "diff.patch").write_bytes(without_runtime(migrate("rewrite", after, *EVERYTHING)))
    migrate("rewrite", after, "--write", *EVERYTHING)
    for left in (".pickle-migrate", VENDORED):  # what `undo` needs; a copy of our own runtime
        for folder in after.rglob(left):
            shutil.rmtree(folder)


def without_runtime(diff: bytes) -> bytes:
    """Return ``diff`` without the copy of the runtime that the tool writes into one of the trees."""
    parts = re.split(rb"^(?=diff --git )", diff, flags=re.MULTILINE)
    return b"".join(part for part in parts if f"/{VENDORED}/".encode() not in part.partition(b"\n")[0])


def migrate(*arguments: str | Path) -> bytes:
    """Run pickle-migrate and return what it printed; from here, since one tree has a ``migrate`` of its own.

    Exit code 1 says that some file could not be taken along (a Python 2 file, say).
    """
    command = [sys.executable, "-m", "migrate", *map(str, arguments)]
    environment = {**os.environ, "PICKLE_MIGRATE_TYPES": "none"}  # not every machine has a type checker
    done = subprocess.run(command, cwd=GOLDEN.parent, env=environment, capture_output=True, check=False)
    if done.returncode > 1 or b"Traceback" in done.stderr:
        sys.exit(f"{' '.join(command)}\n{done.stdout.decode()}\n{done.stderr.decode()}")
    return done.stdout


def main() -> None:
    """Replace the outputs of the trees named, or of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="trees; all of them by default")
    for name in parser.parse_args().names or names():
        fresh = GOLDEN / name / ".fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        produce(name, fresh)
        for output in OUTPUTS:
            old = GOLDEN / name / output
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            (fresh / output).rename(old)
        fresh.rmdir()
        print(name)


if __name__ == "__main__":
    main()
