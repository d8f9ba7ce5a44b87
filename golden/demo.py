"""Take the shipped example off pickle, in a copy, and show each step.

    python golden/demo.py [FOLDER]

Works in FOLDER (default: ``.work/demo`` in the checkout), which is made anew.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def step(title: str, *arguments: str, cwd: Path, expected: int = 0) -> None:
    """Print what is about to run, run it, and stop if it exits otherwise than ``expected``."""
    print(f"\n\n=== {title}\n$ pickle-migrate {' '.join(arguments)}\n", flush=True)
    command = [sys.executable, "-m", "migrate", *arguments]
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, check=False)
    # One file of the example is Latin-1, and a diff shows bytes as they are; not every screen takes them.
    print(done.stdout.decode("utf-8", "backslashreplace"), end="", flush=True)
    if done.returncode != expected:
        sys.exit(done.returncode or 1)


def main() -> None:
    """Scan, show the diff, rewrite, re-encode, and show what a file holds before and after."""
    copy = Path(sys.argv[1]) if len(sys.argv) > 1 else CHECKOUT / ".work" / "demo"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(CHECKOUT / "golden" / "shop" / "before", copy)
    step("What is there", "scan", ".", cwd=copy)
    step("What a stored pickle holds (nothing of it is executed)", "inspect", "data/orders.pkl", cwd=copy)
    step("The diff; nothing is changed yet", "rewrite", ".", "--include", "review", cwd=copy)
    step("The rewrite", "rewrite", ".", "--include", "review", "--write", cwd=copy)
    step("The stored pickles become JSON; one asks a question", "reencode", "data", cwd=copy, expected=1)
    answer = ("reencode", "data/customers-2009.pkl", "--encoding", "utf-8")
    step("The answer: that file was written by Python 2, with UTF-8 text", *answer, cwd=copy)
    print(f"\n\nThe rewritten example is in {copy}.\nOne of its data files, now JSON:\n")
    print((copy / "data" / "settings.pkl").read_text(encoding="utf-8")[:600])


if __name__ == "__main__":
    main()
