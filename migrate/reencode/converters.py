"""Finding and loading the user's converters module.

It is the only code of the user that is loaded, and it is loaded because the user named it or because it
carries the marker that the rewrite puts at its head. No name that stands in data is ever imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from attrs import frozen

from migrate.reencode.errors import ConvertersError
from migrate.reencode.walk import files_below

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from migrate.runtime import Codec

MARKER = b"# pickle-migrate: converters"
_HEAD = 4096
_PROJECT_MARKS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")
_MAX_FILES = 200_000
"""Files looked at before the search gives up: enough for a large tree, not for a whole disk."""


@frozen
class Loaded:
    """A converters module, ready for use."""

    name: str
    """How the program imports it; empty when there is none."""
    codec: Codec
    note: str = ""
    """What the user should know, e.g. that the module loads but the package around it does not."""


def find_converters(places: Iterable[Path]) -> list[Path]:
    """Find the converters modules that belong to ``places`` (directories or files), sorted.

    Looked through is, for each place, the project it lies in (the nearest directory upwards with a
    ``pyproject.toml``, a version control directory …), or the directory itself when there is no such
    thing.
    """
    found: set[Path] = set()
    looked_at = 0
    for root in {_project_of(place.resolve()) for place in places}:
        for path in files_below(root, on_error=lambda _: None):
            looked_at += 1
            if looked_at > _MAX_FILES:
                raise ConvertersError(
                    f"more than {_MAX_FILES} files below {root}; name the module with --converters"
                )
            if path.suffix == ".py" and _is_marked(path):
                found.add(path.resolve())
    return sorted(found)


def load_converters(target: str) -> Loaded:
    """Load the module that ``target`` names: ``shop.converters``, or the path of its file.

    The directory that its import name starts from goes to the front of ``sys.path`` and stays there,
    because the classes are imported later, on first use. Raises
    :class:`~migrate.reencode.errors.ConvertersError` when there is no such module, when it does not
    load, or when it has no ``codec``.
    """
    path = Path(target)
    if path.suffix == ".py" or path.exists():
        return load_file(path)
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(target)
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise ConvertersError(f"{target} cannot be imported: {_what(error)}") from error
    return Loaded(target, _codec_of(module, target))


def load_file(path: Path) -> Loaded:
    """Load the converters module at ``path``, under the name that the program imports it by.

    When the package around it does not load (a dependency is not installed here), the file is loaded alone.
    """
    path = path.resolve()
    if not path.is_file():
        raise ConvertersError(f"{path} is not a file")
    root, name = import_name(path)
    sys.path.insert(0, str(root))
    try:
        return Loaded(name, _codec_of(importlib.import_module(name), name))
    except (ConvertersError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the user's code may raise anything)
        alone = _load_alone(path, name, error)
        note = f"{name} was loaded without its package, which does not import: {_what(error)}"
        return Loaded(name, _codec_of(alone, name), note)


def import_name(path: Path) -> tuple[Path, str]:
    """Return the directory to put on ``sys.path``, and the name under which ``path`` is then imported."""
    parts = [] if path.stem == "__init__" else [path.stem]
    directory = path.parent
    while (directory / "__init__.py").exists():
        parts.insert(0, directory.name)
        directory = directory.parent
    return directory, ".".join(parts)


def _project_of(place: Path) -> Path:
    directory = place if place.is_dir() else place.parent
    for candidate in (directory, *directory.parents):
        if any((candidate / mark).exists() for mark in _PROJECT_MARKS):
            return candidate
    return directory


def _is_marked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return any(line.rstrip() == MARKER for line in head.splitlines())


def _load_alone(path: Path, name: str, cause: BaseException) -> ModuleType:
    """Execute the file at ``path`` as module ``name`` without importing its parents."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConvertersError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    # Declarations look up their annotations in sys.modules.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit):  # noqa: BLE001 (as above)
        del sys.modules[name]
        raise ConvertersError(f"{path} cannot be imported: {_what(cause)}") from cause
    return module


def _codec_of(module: ModuleType, name: str) -> Codec:
    codec = getattr(module, "codec", None)
    if not all(hasattr(codec, method) for method in ("dumps", "loads", "lookup")):
        raise ConvertersError(f"{name} has no `codec`; is it a converters module?")
    # By its methods, not its class: a vendored runtime has a Codec of its own.
    return cast("Codec", codec)


def _what(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
