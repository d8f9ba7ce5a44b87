"""A check of names without importing anything: what a module reads and nothing binds."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ALWAYS = frozenset({*dir(builtins), "__file__", "__path__", "__annotations__", "__module__", "__qualname__"})


def undefined(source: bytes) -> set[str]:
    """Return the names that Python source reads as globals and never binds. Raises SyntaxError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = ast.unparse(ast.parse(source))
        table = symtable.symtable(text, "module", "exec")
    if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(ast.parse(text))):
        return set()
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    read = set()
    tables = [table]
    while tables:
        scope = tables.pop()
        tables += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global() or scope is table:
                read |= {symbol.get_name()} if symbol.is_referenced() else set()
                bound |= {symbol.get_name()} if symbol.is_assigned() else set()
    return read - bound - _ALWAYS


def missing_modules(root: Path, source: bytes, path: str) -> set[str]:
    """Return the converters modules that a file below ``root`` imports and that are not there."""
    missing = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or all(a.name != "converters" for a in node.names):
            continue
        parts = (node.module or "").split(".") if node.module else []
        base = root.joinpath(*path.split("/")[: -node.level]) if node.level else None
        bases = [base] if base else [root, *(p for p in root.iterdir() if p.is_dir())]
        if not any(b.joinpath(*parts, "converters.py").is_file() for b in bases):
            missing.add(".".join([*parts, "converters"]))
    return missing
