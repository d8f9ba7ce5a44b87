"""Runs a program of the user with its pickle functions watched (`migrate.evidence.watch`)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.evidence import watch

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen
class Run:
    """A run of the program, and what its processes noted."""

    code: int
    """Its exit code; of one that a signal ended, 128 and the number of the signal, as a shell has it."""
    lines: tuple[bytes, ...]


def run_watched(command: Sequence[str], root: Path) -> Run:
    """Run ``command`` until it ends, and return what passed through the calls below ``root``.

    Every Python process that it starts is watched, unless it ignores the environment (``python -I``). The
    folder with the hook is taken away afterwards. Raises :class:`OSError` if the command cannot be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="pickle-migrate-"))
    try:
        hook, seen = folder / "hook", folder / "seen"
        hook.mkdir()
        seen.mkdir()
        shutil.copyfile(watch.__file__, hook / "sitecustomize.py")
        settings = {"root": str(root.resolve()), "seen": str(seen)}
        (hook / "watch.json").write_text(json.dumps(settings), encoding="utf-8")
        code = _run(command, hook)
        lines = [line for path in sorted(seen.iterdir()) for line in path.read_bytes().splitlines()]
        return Run(code, tuple(lines))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], hook: Path) -> int:
    paths = [str(hook), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603 - it is what the user asks for
        # The terminal sends an interrupt to both: the program decides what it means, and is waited for.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = process.wait()
        finally:
            signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code
