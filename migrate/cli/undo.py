"""``pickle-migrate undo``: takes back a rewrite."""

from __future__ import annotations

from pathlib import Path

import click

from migrate.cli.show import console
from migrate.model.wording import counted
from migrate.rewrite import undo


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--run", "run_id", help="The run to take back (default: the last one).")
@click.option("--force", is_flag=True, help="Also restore files that were changed since.")
def command(path: Path, run_id: str | None, *, force: bool) -> None:
    """Restore the files below PATH as they were before the last `rewrite --write`, byte for byte."""
    outcome = undo(path if path.is_dir() else path.parent, run_id, force=force)
    out = console()
    for problem in outcome.problems:
        out.print(f"{problem.path}: {problem.message} ({problem.reason})")
    out.print(f"Restored: {counted(len(outcome.written), 'file')}.")
    if outcome.problems:
        raise SystemExit(1)
