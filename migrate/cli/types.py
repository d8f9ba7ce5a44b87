"""Which type checker a command asks, and where that finds the packages that the program imports."""

from __future__ import annotations

import hashlib
import os
import sysconfig
from pathlib import Path

import click

from migrate.evidence.checker import Checker, find_pyrefly, find_ty

AUTO, NONE, TY = "auto", "none", "ty"
LACKING = (
    "A type checker may know more of {} open sites, and pyrefly is not installed: "
    "pip install 'pickle-migrate[types]', or say --types none."
)


def chosen_checker(types: str, root: Path) -> Checker | None:
    """Return the type checker that the option ``--types`` asks for.

    Raises :class:`click.UsageError` if one is asked for by name and is not installed.
    """
    if types == NONE:
        return None
    engine = find_ty() if types == TY else find_pyrefly()
    if engine is None:
        if types != AUTO:
            how = "pip install ty" if types == TY else "the extra, pip install 'pickle-migrate[types]'"
            raise click.UsageError(
                f"--types {types}: {types} is not installed beside this program. Install it: {how}"
            )
        return None
    return Checker(engine, _libraries(root), find_ty() if types == AUTO else None)


def described(checker: Checker | None) -> str:
    """Return what the answers of a checker follow from, besides the sources: itself, and the packages."""
    if checker is None:
        return ""
    engines = [checker.engine.name, *([checker.second.name] if checker.second else [])]
    digest = hashlib.blake2b("\0".join((*engines, "")).encode(), digest_size=16)
    for folder in checker.libraries:
        names = sorted(entry.name for entry in folder.glob("*.dist-info"))
        digest.update("\0".join((str(folder), *names, "")).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _libraries(root: Path) -> tuple[Path, ...]:
    """Return the directory of the packages of the program's environment; else that of our own.

    They are read, by a program that runs nothing of them.
    """
    active = os.environ.get("VIRTUAL_ENV")
    environments = [root / ".venv", root / "venv", *([Path(active)] if active else [])]
    for environment in environments:
        for pattern in ("lib/python3*/site-packages", "Lib/site-packages"):
            found = sorted(environment.glob(pattern))
            if found:
                return (found[-1].resolve(),)
    own = Path(sysconfig.get_path("purelib"))
    return (own,) if own.is_dir() else ()
