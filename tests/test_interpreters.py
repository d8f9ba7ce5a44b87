"""The same tests under every other supported Python that the machine has.

Looks for ``python3.N`` on the PATH and among the versions of pyenv. Environments: ``.work/interpreters``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SUPPORTED = [(3, minor) for minor in range(10, 15)]
LEFT_TO_THE_MAIN_RUN = (
    "tests/golden",
    "tests/docs",
    "tests/exactness",
    "tests/realworld",
    "tests/reencode/test_kill.py",
    "tests/reencode/test_sql.py",
    "tests/review",
    "tests/test_interpreters.py",
)
"""What takes long and depends least on the interpreter."""

pytestmark = [pytest.mark.interpreters, pytest.mark.timeout(1200)]


def found() -> dict[tuple[int, int], Path]:
    """Return the interpreters at hand, other than the running one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    at_hand: dict[tuple[int, int], Path] = {}
    for path in sorted(pyenv.glob("3.*/bin/python")):
        matched = re.match(r"3\.(\d+)\.\d+$", path.parent.parent.name)
        if matched:
            at_hand[3, int(matched[1])] = path
    for version in SUPPORTED:
        on_path = shutil.which(f"python{version[0]}.{version[1]}")
        if on_path and version not in at_hand and works(Path(on_path)):
            at_hand[version] = Path(on_path)
    return {v: p for v, p in at_hand.items() if v in SUPPORTED and v != sys.version_info[:2]}


def works(python: Path) -> bool:
    """Whether it runs: a shim of pyenv may stand for a version that is not there."""
    return (
        subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode
        == 0
    )


def environment(version: tuple[int, int], python: Path) -> Path:
    """Return the Python of an environment with this checkout and what its tests need."""
    folder = CHECKOUT / ".work" / "interpreters" / f"{version[0]}.{version[1]}"
    inner = folder / "bin" / "python"
    if not inner.exists():
        subprocess.run([python, "-m", venv.__name__, folder], check=True)
    subprocess.run([inner, "-m", "pip", "install", "-q", "-e", ".[test]"], cwd=CHECKOUT, check=True)
    return inner


INTERPRETERS = found()


@pytest.mark.skipif(not INTERPRETERS, reason="no other supported Python on this machine")
@pytest.mark.parametrize("version", INTERPRETERS, ids=lambda v: f"{v[0]}.{v[1]}")
def test_the_tests_pass(version: tuple[int, int]) -> None:
    python = environment(version, INTERPRETERS[version])
    ignored = [f"--ignore={path}" for path in LEFT_TO_THE_MAIN_RUN]
    cache = CHECKOUT / ".work" / "interpreters" / f"cache-{version[0]}.{version[1]}"
    command = [python, "-m", "pytest", "-q", "-o", f"cache_dir={cache}", "--tb=short", *ignored, "tests"]
    done = subprocess.run([*command, "-n", "2"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode == 1:
        # Two processes side by side can miss a bound on time; what is really broken fails alone as well.
        print(done.stdout[-6000:])
        done = subprocess.run(
            [*command, "--last-failed"], cwd=CHECKOUT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
