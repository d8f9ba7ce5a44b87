"""Take one public package off pickle by `git am`, and compare with what `rewrite --write` makes of it.

For each way to divide the series: each patch alone on a fresh checkout, then all in order.
"""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import suite
from attrs import field, frozen

from tests.names import missing_modules, undefined

if TYPE_CHECKING:
    from pathlib import Path

WAYS = {"package": (), "size": ("--size", "3"), "owner": ()}
"""How a series is divided → further options."""


@frozen
class Series:
    """What `git am` made of the patches of one package."""

    patches: dict[str, int] = field(factory=dict)
    """Way to divide → number of patches."""
    refused: list[str] = field(factory=list)
    """Patches that `git am` refused on the base, alone or in their turn, with what it said."""
    broken: list[str] = field(factory=list)
    """Patches after which, alone, a file is no Python or imports a converters module that is not there."""
    differs: dict[str, list[str]] = field(factory=dict)
    """Way to divide → files that are not byte for byte as after `rewrite --write`."""
    seconds: float = 0.0


def take_by_patches(package: suite.Package) -> Series:
    """Make the series of ``package``, apply them in every way, and say what came of it."""
    begin = time.monotonic()
    home = suite._fresh(suite.WORK / "patches" / package.name)
    origin = _repository(suite.unpacked(package))
    rewritten = _checkout(origin, home / "rewritten")
    suite._migrate("rewrite", ".", "--include", "review", "--write", cwd=rewritten)
    wanted = _files(rewritten)
    patches, refused, broken, differs = {}, [], [], {}
    tree = _checkout(origin, home / "tree")
    for way, options in WAYS.items():
        folder = home / way
        made = ("review", ".", "--patches", str(folder), "--split-by", way, *options, "--include", "review")
        suite._migrate(*made, cwd=tree)
        series = sorted(folder.glob("*.patch"))
        patches[way] = len(series)
        for patch in series:
            refused += _am(tree, patch)
            broken += [f"{patch.name}: {what}" for what in sorted(_wrong(tree))]
            _git(tree, "reset", "--quiet", "--hard", "origin/main")
        refused += _am(tree, *series)
        found = _files(tree)
        wrong = sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))
        differs |= {way: wrong} if wrong else {}
        _git(tree, "reset", "--quiet", "--hard", "origin/main")
    return Series(patches, refused, broken, differs, round(time.monotonic() - begin, 1))


def _repository(tree: Path) -> Path:
    """Make a repository of an unpacked distribution, in which one folder has owners of its own."""
    folders = sorted(path.name for path in tree.iterdir() if path.is_dir() and any(path.rglob("*.py")))
    owned = [f"/{name}/ @owner-of-{number}" for number, name in enumerate(folders)]
    (tree / "CODEOWNERS").write_text("\n".join(["* @everyone", *owned, ""]))
    _git(tree, "init", "--quiet", "--initial-branch", "main")
    _git(tree, "add", "--all", "--force")
    _git(tree, "commit", "--quiet", "--message", "as released")
    return tree


def _checkout(origin: Path, tree: Path) -> Path:
    _git(origin, "clone", "--quiet", str(origin), str(tree))
    return tree


def _am(tree: Path, *patches: Path) -> list[str]:
    """Apply patches in order; return what git said if it refused, and leave no attempt open."""
    try:
        _git(tree, "am", "--quiet", "--keep-cr", *map(str, patches))
    except RuntimeError as error:
        _git(tree, "am", "--abort")
        return [f"{patches[0].name} and {len(patches) - 1} more: {error}"]
    return []


def _git(tree: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "core.autocrlf=false")
    return suite._run("git", *who, *arguments, cwd=tree)


def _files(tree: Path) -> dict[str, bytes]:
    """Return every file, ignored or not; the journal of `undo` is not of the package."""
    return {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not {".git", ".pickle-migrate"} & set(path.relative_to(tree).parts)
    }


def _wrong(tree: Path) -> set[str]:
    """Return what is wrong with the files that a patch changed: no Python, names that nothing binds."""
    changed = _git(tree, "diff", "--name-only", "-z", "origin/main", "HEAD").split("\0")
    found = set()
    for path in filter(lambda name: name.endswith(".py"), changed):
        after = (tree / path).read_bytes()
        try:
            before = undefined(_git_bytes(tree, path))
            found |= {f"{path}: {name} is not defined" for name in undefined(after) - before}
        except SyntaxError as error:
            found.add(f"{path}: {error}")
        found |= {f"{path}: there is no {name}" for name in missing_modules(tree, after, path)}
    return found


def _git_bytes(tree: Path, path: str) -> bytes:
    """Return a file as it was before; nothing for a new one."""
    command = ["git", "show", f"origin/main:{path}"]
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).stdout
