"""ty as the engine. It is in beta: its words may change between any two versions, so nothing installs it."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import msgspec
from attrs import frozen

from migrate.evidence.checker.answers import answer_in
from migrate.evidence.checker.engine import EngineError, installed, named, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from migrate.evidence.checker.engine import Overlay

_ENVIRONMENT = "_pickle_migrate_environment"
_SETTINGS = """\
[environment]
root = [{roots}]
python = {python}
python-version = "{version}"
[src]
respect-ignore-files = false
[rules]
all = "ignore"
[analysis]
respect-type-ignore-comments = false
return-type-inference = "always"
"""
"""A configuration of the overlay's own, so that none further up is looked for."""
_PART = re.compile(
    r"""b?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    | <class\ '(?P<class>[\w.]+)'>
    | [\w.]+(?:@[\w.]+)?\*?""",
    re.VERBOSE,
)
_WIDER = {"float": "(float | int)", "complex": "(complex | float | int)"}
"""What an annotation may hold by the typing specification; only ``float*`` is a float for sure."""


class _Message(msgspec.Struct):
    check_name: str
    description: str


@frozen
class Ty:
    """See `migrate.evidence.checker.engine.Engine`."""

    program: str
    version: str

    @property
    def name(self) -> str:
        """Return the name that evidence gives."""
        return f"ty {self.version}"

    def reveal(self, overlay: Overlay) -> dict[str, str]:
        """See the protocol."""
        try:
            settings = _configure(overlay)
        except OSError as error:
            raise EngineError(f"its configuration cannot be written: {error.strerror}") from error
        command = (self.program, "check", "--project", str(overlay.folder), "--config-file", str(settings))
        output = run(
            [*command, "--output-format", "gitlab", "--no-progress", "--color", "never", *named(overlay)],
            overlay.folder,
        )
        try:
            read = msgspec.json.decode(output, type=list[_Message])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise EngineError("it printed no JSON document that is understood") from error
        found = (answer_in(e.description) for e in read if e.check_name == "revealed-type")
        return {each.id: common(each.text) for each in found if each is not None}


def common(text: str) -> str:
    """Return a type of ty in the words that `migrate.evidence.checker.answers` reads.

    ``Self@f`` names a method, not a class, and is unknown, as what ty calls ``Divergent`` is.
    """
    return _PART.sub(_common, text)


def _common(part: re.Match[str]) -> str:
    word = part[0]
    if part["class"]:
        return f"type[{part['class']}]"
    if word.startswith("Self@") or word == "Divergent":
        return "Unknown"
    plain = word.removeprefix("builtins.")
    if plain in ("float*", "complex*"):
        return word.removesuffix("*")
    return _WIDER.get(plain, word)


def _configure(overlay: Overlay) -> Path:
    """Write a configuration, and an environment that has nothing but where the packages are.

    As paths of an environment they come after the tree's own and the standard library, as for the program.
    """
    environment = overlay.folder / _ENVIRONMENT
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = environment / ("Lib" if os.name == "nt" else f"lib/{python}") / "site-packages"
    packages.mkdir(parents=True, exist_ok=True)
    _write(environment / "pyvenv.cfg", f"home = {overlay.folder}\n")
    _write(packages / "libraries.pth", "".join(f"{path}\n" for path in overlay.libraries))
    # The innermost first: a module is named after the first of them that it is below.
    roots = sorted(overlay.search, key=lambda path: -len(path.parts))
    settings = _SETTINGS.format(
        roots=", ".join(_quoted(roots)),
        python=next(_quoted([environment])),
        version=python.removeprefix("python"),
    )
    return _write(overlay.folder / "ty.toml", settings)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def _quoted(paths: Iterable[Path]) -> Iterator[str]:
    """Yield paths as TOML has them, whose strings are those of JSON."""
    return (json.dumps(str(path), ensure_ascii=False) for path in paths)


def find_ty() -> Ty | None:
    """Return the ty that is installed in this program's environment; None if there is none."""
    found = installed("ty")
    return Ty(*found) if found else None
