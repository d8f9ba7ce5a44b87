"""What looking for pickle in a tree costs, beside other tools: ``python … TREE [NAME …]``.

The others do less: they match text or calls, and say nothing of what flows there. Processor time, time and
the largest memory of each command. Tools that are not installed are left out (``pip install ruff semgrep
ast-grep-cli``; semgrep takes its rule from here, not from its registry).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RULE = """
rules:
- id: pickle
  languages: [python]
  severity: WARNING
  message: pickle
  pattern-either:
  - pattern: pickle.$F(...)
  - pattern: cPickle.$F(...)
  - pattern: _pickle.$F(...)
  - pattern: dill.$F(...)
  - pattern: cloudpickle.$F(...)
  - pattern: shelve.$F(...)
"""
NOOP = """
from libcst.codemod import VisitorBasedCodemodCommand
class Nothing(VisitorBasedCodemodCommand):
    DESCRIPTION = "Changes nothing."
"""
NEAR = ["--types", "none", "--no-cache", "--evidence-limit", "0.001"]
WORDS = "pickle|dill|shelve|joblib|marshal|copyreg"


def commands(tree: str, folder: Path) -> dict[str, list[str]]:
    """Name of each tool that is installed → its command."""
    (folder / "rule.yml").write_text(RULE)
    (folder / "mods").mkdir()
    (folder / "mods" / "__init__.py").touch()
    (folder / "mods" / "nothing.py").write_text(NOOP)
    (folder / ".libcst.codemod.yaml").write_text("modules: [mods]\n")
    ours = [sys.executable, "-m", "migrate"]
    codemod = [sys.executable, "-m", "libcst.tool", "codemod", "nothing.Nothing", "--hide-progress"]
    ruff = ["ruff", "check", "--isolated", "--no-cache", "-q"]
    semgrep = ["semgrep", "--metrics=off", "--disable-version-check", "-q", "--json"]
    return {
        "grep -r": ["grep", "-rIlE", "--include=*.py", WORDS, tree],
        "ruff, S301 and S403": [*ruff, "--select", "S301,S403", tree],
        "semgrep, six patterns": [*semgrep, "--config", str(folder / "rule.yml"), tree],
        "ast-grep, one pattern": ["ast-grep", "run", "-p", "pickle.$F($$$)", "-l", "py", "--json", tree],
        "guard, nothing kept": [*ours, "guard", "--root", tree],
        "guard again, nothing changed": [*ours, "guard", "--root", tree],
        "scan, nothing kept": [*ours, "scan", "--types", "none", tree],
        "scan again, nothing changed": [*ours, "scan", "--types", "none", tree],
        "scan, files of the sites only": [*ours, "scan", *NEAR, tree],
        "rewrite, files of the sites only": [*ours, "rewrite", "--include", "review", *NEAR, tree],
        "rewrite, nothing kept": [*ours, "rewrite", "--types", "none", "--no-cache", tree],
        "LibCST's runner, empty codemod": [*codemod, tree],
    }


def cost(name: str, command: list[str], folder: Path) -> tuple[float, float, float]:
    """Return seconds of processor and of the clock, and megabytes. Each command of ours keeps its own."""
    kept = folder / "kept" / name.replace(",", " ").split()[0]
    environment = {**os.environ, "XDG_CACHE_HOME": str(kept), "PYTHONPATH": _path(folder)}
    began = time.monotonic()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(command, env=environment, cwd=folder, **quiet)
    _, _, usage = os.wait4(running.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024


def _path(folder: Path) -> str:
    root = Path(__file__).resolve().parents[2]
    return os.pathsep.join([str(root), str(folder)])


def main() -> None:
    tree = Path(sys.argv[1]).resolve()
    files = list(tree.rglob("*.py"))
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{len(files):,} files, {size:.0f} MB")
    print("| command | s of processor | s | MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, command in commands(str(tree), folder).items():
            wanted = not sys.argv[2:] or any(name.startswith(word) for word in sys.argv[2:])
            if wanted and shutil.which(command[0]):
                processor, clock, memory = cost(name, command, folder)
                print(f"| {name} | {processor:.1f} | {clock:.1f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
