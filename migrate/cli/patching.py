"""``review --patches``: writes the series."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import click

from migrate import __version__
from migrate.cli.choosing import chosen
from migrate.cli.output import write_output
from migrate.cli.show import console
from migrate.review.owners import Owners
from migrate.review.patches import joined, series, units_of
from migrate.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrate.cli.pipeline import Survey

_NOBODY = "pickle-migrate <pickle-migrate@localhost>"


def write_patches(
    found: Survey, folder: Path, *, split_by: str, size: int, author: str | None, **selecting: Any
) -> bool:
    """Write the patches for what the options choose to ``folder``; return whether there are any.

    Raises `click.ClickException` if the folder holds patches already or cannot be written.
    """
    planned, _ = chosen(found, **selecting)
    edits, _ = rewrite(planned.plan, planned.tree.sources, planned.tree.notebooks)
    repository = repository_of(found.root)
    prefix = found.root.resolve().relative_to(repository).as_posix().removeprefix(".")
    prefix = f"{prefix}/" if prefix else ""
    owners = _owners(repository, prefix)
    groups = joined(units_of(planned.plan, edits), split_by, owners, size)
    patches = series(
        groups,
        planned.plan.decisions,
        author=author or _author(repository),
        prefix=prefix,
        owners=owners,
        version=__version__,
    )
    out = console(stderr=True)
    if not patches:
        out.print("No patches: nothing is chosen to be edited. --include review takes what asks a question.")
        return False
    _write_all(folder, {patch.name: patch.data for patch in patches})
    for patch in patches:
        out.print(f"Written: {folder / patch.name}")
    keep = " --keep-cr" if any(b"\r\n" in patch.data for patch in patches) else ""
    out.print(f"Apply in {repository}: git am{keep} {folder}/*.patch")
    return True


def repository_of(root: Path) -> Path:
    """Return the work tree around ``root``, or ``root`` itself if there is none."""
    root = root.resolve()
    return next((p for p in (root, *root.parents) if (p / ".git").exists()), root)


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    """Write the series, file by file as a whole; those of the same series may be there from a killed run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [p.name for p in sorted(folder.glob("*.patch")) if files.get(p.name) != p.read_bytes()]
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    if others:
        raise click.ClickException(f"{folder} holds patches already ({others[0]}); name an empty folder")
    for name, data in files.items():
        write_output(folder / name, data)


def owners_around(root: Path) -> Callable[[str], tuple[str, ...]]:
    """Return what tells the owners of a file by its path below ``root``, from the CODEOWNERS around it."""
    repository = repository_of(root)
    prefix = root.resolve().relative_to(repository).as_posix().removeprefix(".")
    return _owners(repository, f"{prefix}/" if prefix else "")


def _owners(repository: Path, prefix: str) -> Callable[[str], tuple[str, ...]]:
    owners = Owners.of(repository) or Owners()
    return lambda path: owners.owners_of(prefix + path)


def _author(repository: Path) -> str:
    """Return who commits here: from git's environment, else its settings, else nobody."""
    name, mail = os.environ.get("GIT_AUTHOR_NAME"), os.environ.get("GIT_AUTHOR_EMAIL")
    if name and mail:
        return f"{name} <{mail}>"
    name, mail = (_setting(repository, key) for key in ("user.name", "user.email"))
    return f"{name} <{mail}>" if name and mail else _NOBODY


def _setting(repository: Path, key: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(repository), "config", "--get", key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    return done.stdout.strip()
