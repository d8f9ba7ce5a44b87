"""pyrefly as the engine: the extra ``types`` installs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
from attrs import frozen

from migrate.evidence.checker.answers import answer_in
from migrate.evidence.checker.engine import EngineError, installed, named, run

if TYPE_CHECKING:
    from migrate.evidence.checker.engine import Overlay

_SETTINGS = """\
search-path = []
infer-with-first-use = false
"""
"""A configuration of the overlay's own, so that none further up is looked for."""


class _Error(msgspec.Struct):
    name: str
    description: str


class _Output(msgspec.Struct):
    errors: list[_Error]


@frozen
class Pyrefly:
    """See `migrate.evidence.checker.engine.Engine`."""

    program: str
    version: str

    @property
    def name(self) -> str:
        """Return the name that evidence gives."""
        return f"pyrefly {self.version}"

    def reveal(self, overlay: Overlay) -> dict[str, str]:
        """See the protocol."""
        (overlay.folder / "pyrefly.toml").write_text(_SETTINGS, encoding="utf-8")
        output = run(self._command(overlay), overlay.folder)
        try:
            read = msgspec.json.decode(output, type=_Output)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise EngineError("it printed no JSON document that is understood") from error
        found = (answer_in(e.description) for e in read.errors if e.name == "reveal-type")
        return {each.id: each.text for each in found if each is not None}

    def _command(self, overlay: Overlay) -> list[str]:
        search = [part for path in overlay.search for part in ("--search-path", str(path))]
        libraries = [part for path in overlay.libraries for part in ("--site-package-path", str(path))]
        return [
            self.program,
            "check",
            *("--config", str(overlay.folder / "pyrefly.toml")),
            *("--preset", "default"),  # without one it reveals nothing where a project has none
            "--skip-interpreter-query",  # which would run the program's Python
            *("--python-version", f"{sys.version_info[0]}.{sys.version_info[1]}"),
            *search,
            *libraries,
            *("--output-format", "json", "--min-severity", "info", "--only", "reveal-type"),
            *("--summary", "none", "--enabled-ignores", "pyrefly"),
            "--use-ignore-files=false",
            "--disable-project-excludes-heuristics=true",
            "--infer-with-first-use=false",  # a list is not fixed by the first thing put into it
            *named(overlay),
        ]


def find_pyrefly() -> Pyrefly | None:
    """Return the pyrefly that is installed in this program's environment; None if there is none."""
    found = installed("pyrefly")
    return Pyrefly(*found) if found else None
