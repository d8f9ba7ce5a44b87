"""What a class derived from Pickler or Unpickler changes: the format, the names of classes, or nothing.

class Restricted(pickle.Unpickler):             # spare: what it restricts, a registry restricts as well
    def find_class(self, module, name): ...

class Compact(pickle.Pickler):                  # not: other bytes are written
    dispatch_table = copyreg.dispatch_table
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.sites.findclass import Renames, renames_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.resolve import Resolver
    from migrate.sites.scopes import Outline

_PERSISTENT = frozenset({"persistent_id", "persistent_load"})
_FORMAT = _PERSISTENT | {
    *("dump", "load", "reducer_override", "dispatch", "dispatch_table", "memo", "memoize", "clear_memo"),
    *("fast", "bin", "proto", "find_global", "get", "put", "append", "stack", "metastack", "framer"),
    *(
        "readline",
        "readinto",
        "read",
        "write",
        "pop_mark",
        "get_extension",
        "fix_imports",
        "encoding",
        "errors",
    ),
}
"""What pickle asks of its own objects (``Lib/pickle.py`` and ``Modules/_pickle.c`` of CPython, cPickle)."""
_FORMAT_PREFIXES = ("save", "load_", "_batch_", "_instantiate", "_buffer", "_file_", "_unframer")
_HARMLESS = frozenset({"__slots__", "__doc__", "__module__", "__qualname__", "__annotations__"})


@frozen
class Verdict:
    """What there is to say about one subclass."""

    reason: str
    """Reason code of the class itself: it stays in any case."""
    spare: bool = False
    """Its users can do without it: it changes nothing but names, and those are known."""
    renames: Renames = ()
    restricts: bool = False
    """Its ``find_class`` may refuse what a registry lets pass."""


def judge(node: ast.ClassDef, outline: Outline, resolver: Resolver) -> Verdict:
    """Say what a class derived from Pickler or Unpickler changes of what is written or read."""
    names = set(_bound(node))
    if names & _PERSISTENT:
        return Verdict("persistent-id")
    listed = Verdict("subclass-of-pickler")
    if len(node.bases) != 1 or node.keywords or node.decorator_list or any(map(_matters, names)):
        return listed
    methods = [item for item in node.body if getattr(item, "name", "") == "find_class"]
    if "find_class" not in names:
        return Verdict(listed.reason, spare=True)
    if len(methods) != 1 or not isinstance(methods[0], ast.FunctionDef):
        return listed
    renames = renames_of(methods[0], outline, resolver)
    if renames is None:
        return listed
    return Verdict(listed.reason, spare=True, renames=renames, restricts=_refuses(methods[0]))


def _refuses(method: ast.FunctionDef) -> bool:
    """Whether a ``find_class`` raises an error, or never asks the one that it overrides."""
    nodes = list(ast.walk(method))
    asks = any(isinstance(node, ast.Attribute) and node.attr == "find_class" for node in nodes)
    return not asks or any(isinstance(node, ast.Raise) for node in nodes)


def _bound(node: ast.ClassDef) -> Iterator[str]:
    """Yield the names that a class binds; an empty one for a statement that is not followed."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield item.name
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            yield from (target.id if isinstance(target, ast.Name) else "" for target in targets)
        elif not isinstance(item, ast.Pass) and not (
            isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
        ):
            yield ""


def _matters(name: str) -> bool:
    """Whether pickle, or Python, asks for the name; a helper of the class does not matter."""
    special = name.startswith("__") and name.endswith("__") and name not in _HARMLESS
    return not name or special or name in _FORMAT or name.startswith(_FORMAT_PREFIXES)
