"""The package that `retire` writes: the modules of the runtime that know records, as they are."""

from __future__ import annotations

import ast
import inspect
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import migrate
from migrate.legacy.errors import MigrateError
from migrate.rewrite.render import from_import

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FROM_LEGACY = "from ..legacy.errors import MigrateError"
_FROM_BASE = "from .base import MigrateError"


def package_of_records(roots: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the files of the package with the records, which has ``roots`` in it: name, text."""
    yield "__init__.py", _INIT.format(version=migrate.__version__, names=_exports())
    yield "base.py", _BASE + inspect.getsource(MigrateError)
    for name in _needed(roots):
        text = _without_legacy(_source(name))
        yield f"{name}.py", _without_pickles_errors(text) if name == "errors" else text


def _without_legacy(text: str) -> str:
    """Return a module with the root of the errors from this package, in the place where isort has that."""
    if f"\n{_FROM_LEGACY}\n" not in text:
        return text.replace(_FROM_LEGACY, _FROM_BASE)
    lines = text.splitlines(keepends=True)
    lines.remove(f"{_FROM_LEGACY}\n")
    following = (n for n, line in enumerate(lines) if re.match(r"from \.[c-z]|from \.ba[t-z]", line))
    place = next(following, None)
    if place is None:  # it is the only one, or the last
        return text.replace(_FROM_LEGACY, _FROM_BASE)
    return "".join([*lines[:place], f"{_FROM_BASE}\n", *lines[place:]])


def _without_pickles_errors(text: str) -> str:
    """Return the module of the errors, which derive from pickle's as long as handlers may name those."""
    text = re.sub(r'\A""".*?"""', '"""What dump and load raise."""', text, flags=re.DOTALL)
    text = re.sub(r"^try:\n    from _pickle .*?(?=^from )", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r", (PickleError|PicklingError|UnpicklingError)\b", "", text)


def _source(name: str) -> str:
    return (files("migrate") / "runtime" / f"{name}.py").read_text(encoding="utf-8")


def _needed(roots: Sequence[str]) -> list[str]:
    """Return these modules of the runtime, and those that they need."""
    found: set[str] = set()
    waiting = [*roots]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += _imported_by(_source(name))
    return sorted(found)


def _imported_by(source: str) -> Iterator[str]:
    for node in _runtime_nodes(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                yield node.module.split(".")[0]
            else:
                yield from (alias.name for alias in node.names)


def _runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those that only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _runtime_nodes(child)


_WHERE = {
    "compare": ("Difference", "differences", "same"),
    "errors": (
        "ConverterError",
        "DecodeError",
        "EncodeError",
        "MigrateError",
        "TruncatedRecord",
        "UnknownClass",
    ),
    "keys": ("Keys", "NotAuthentic"),
    "records": ("DEFAULT_PROTOCOL", "HIGHEST_PROTOCOL", "Records"),
    "registry": ("Registration",),
    "streams": ("Pickler", "Unpickler"),
}


def _exports() -> str:
    lines = [from_import(f".{module}", list(names)) for module, names in _WHERE.items()]
    listed = sorted(name for names in _WHERE.values() for name in names)
    return "\n".join([*lines, "", "__all__ = [", *(f'    "{name}",' for name in listed), "]"])


_BASE = '''"""The root of all errors."""

from __future__ import annotations


'''

_INIT = '''"""Records: values as JSON, exactly. Nothing here reads or executes a pickle.

Written by pickle-migrate {version} when this program had left pickle; yours to keep, read and edit. It needs
cattrs and msgspec. The format is that of pickle-migrate's documentation, "Wire format". Licence: Apache-2.0.
"""

{names}
'''
