"""What a site is an example of: ``with open`` and `dump`, `dumps` into base64, `load` in a loop …"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from migrate.model import READS, WRITES, Operation, Site

APART = {
    "deepcopy-idiom": "copies: `loads(dumps(x))`",
    "pickling-test": "tests of pickling",
    "ipc": "to another process",
    "hash-of-bytes": "hashes of the bytes",
    "bytes-not-kept": "bytes that are not kept",
}
"""Reasons of sites that store nothing."""

_OTHERS = {
    Operation.PICKLER: "`Pickler`, `Unpickler` as objects",
    Operation.UNPICKLER: "`Pickler`, `Unpickler` as objects",
    Operation.SHELF: "shelves",
    Operation.VALUE: "a function or the module as a value",
    Operation.MODULE: "a function or the module as a value",
    Operation.ERROR: "exceptions",
    Operation.CONSTANT: "constants",
    Operation.SUBCLASS: "subclasses of `Pickler`, `Unpickler`, shelves",
    Operation.ARRAY: "`numpy.load(allow_pickle=True)`",
    Operation.IMPORT: "imports that stay",
    Operation.UNPARSED: "files that do not parse",
}
_PACKED = {
    "b64encode": "base64",
    "b64decode": "base64",
    "encodebytes": "base64",
    "decodebytes": "base64",
    "compress": "compressed",
    "decompress": "compressed",
    "write_bytes": "`Path.write_bytes`",
    "read_bytes": "`Path.read_bytes`",
    "Binary": "a column of a database",
}
_PACKED_FILES = "gzip, bz2, lzma"
_OPENERS = {"gzip": _PACKED_FILES, "bz2": _PACKED_FILES, "lzma": _PACKED_FILES, "open": "`with open`"}

_Parents = Mapping[ast.AST, ast.AST]


def is_persistent(site: Site) -> bool:
    """Whether data that last pass through the site."""
    data = READS | WRITES | {Operation.SHELF, Operation.VALUE, Operation.MODULE}
    return site.operation in data and site.reason not in APART


def idiom(site: Site, source: bytes) -> str:
    """Return the row in which a site counts."""
    if site.reason in APART:
        return APART[site.reason]
    if site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE, Operation.RELATIVE):
        return f"`{site.library}`"
    if site.operation in _OTHERS:
        return _OTHERS[site.operation]
    if site.origin:
        return "`Pickler`, `Unpickler` as objects" if "." in site.text else "a name of the program's own"
    tree, parents = _parsed(source)
    node = next((n for n in ast.walk(tree) if _is_at(n, site)), None)
    if node is None:
        return "other calls"
    verb = f"`{site.operation.value}`"
    if site.operation in (Operation.DUMPS, Operation.LOADS):
        return f"{verb}, {_packed(node, parents)}"
    return f"{verb}, {_handle(node, site, parents)}"


@lru_cache(64)
def _parsed(source: bytes) -> tuple[ast.Module, _Parents]:
    tree = ast.parse(source)
    return tree, {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _is_at(node: ast.AST, site: Site) -> bool:
    at = (getattr(node, "lineno", 0), getattr(node, "col_offset", -1))
    return isinstance(node, ast.Call) and at == (site.span.line, site.span.column)


def _around(node: ast.AST, parents: _Parents) -> list[ast.AST]:
    found = []
    while node in parents:
        node = parents[node]
        found.append(node)
    return found


def _packed(node: ast.AST, parents: _Parents) -> str:
    """Return what the bytes are packed into, or come out of, in the same statement."""
    statement = next(a for a in _around(node, parents) if isinstance(a, ast.stmt))
    inner = list(ast.walk(node)) if isinstance(statement, _BLOCKS) else list(ast.walk(statement))
    names = (n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in inner)
    return next((_PACKED[name] for name in names if name in _PACKED), "plain bytes")


_BLOCKS = (ast.With, ast.For, ast.While, ast.If, ast.Try, ast.FunctionDef, ast.ClassDef)


def _handle(node: ast.AST, site: Site, parents: _Parents) -> str:
    """Return what kind of handle is read or written."""
    around = _around(node, parents)
    if site.operation is Operation.LOAD and any(isinstance(a, ast.While) for a in around):
        return "in a loop to the end"
    function = next((a for a in around if isinstance(a, ast.FunctionDef | ast.Module)), around[-1])
    same = [n for n in ast.walk(function) if _same_call(n, site)]
    if len(same) > 1:
        return "several on a handle"
    opened = [ast.unparse(i.context_expr) for a in around if isinstance(a, ast.With) for i in a.items]
    opened += [site.handle or ""] if "open(" in (site.handle or "") else []
    found = (kind for name, kind in _OPENERS.items() if any(name in text for text in opened))
    return next(found, "another handle")


def _same_call(node: ast.AST, site: Site) -> bool:
    """Whether ``node`` is a call of the same function with the same handle."""
    if not isinstance(node, ast.Call) or not site.handle or not site.handle.isidentifier():
        return False
    name = site.text.partition("(")[0]
    given = [a.id for a in node.args if isinstance(a, ast.Name)]
    return ast.unparse(node.func) == name and site.handle in given
