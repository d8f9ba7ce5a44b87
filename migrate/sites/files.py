"""Calls of joblib and pandas that write or read a whole file: which of them a converters module can serve.

Signatures: joblib 1.5, ``joblib.dump`` and ``joblib.load``; pandas 3.0, ``to_pickle`` and ``read_pickle``.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.model import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

FRAME_METHOD = "frame.to_pickle"
"""How the method is named, beside the function ``pandas.to_pickle``."""
PATHS = frozenset({"filename", "path", "filepath_or_buffer"})
_EFFECTS = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
_COMPRESSIONS = frozenset({"infer", "gzip", "bz2", "xz", None})
_OTHER_NAMES = (".zip", ".zst", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".lz4")


@frozen
class FileCall:
    """What one function does, and its parameters."""

    operation: Operation
    parameters: tuple[str, ...]
    method: bool = False
    """The value is the receiver: ``frame.to_pickle(path)``."""


FILE_CALLS: Mapping[tuple[str, str], FileCall] = {
    ("joblib", "dump"): FileCall(Operation.DUMP_FILE, ("value", "filename", "compress", "protocol")),
    ("joblib", "load"): FileCall(Operation.LOAD_FILE, ("filename",)),
    ("pandas", "read_pickle"): FileCall(Operation.LOAD_FILE, ("filepath_or_buffer", "compression")),
    ("pandas", "to_pickle"): FileCall(
        Operation.DUMP_FILE, ("obj", "filepath_or_buffer", "compression", "protocol")
    ),
    ("pandas", FRAME_METHOD): FileCall(Operation.DUMP_FILE, ("path", "compression", "protocol"), method=True),
}


def arguments_of(library: str, function: str, call: ast.Call) -> dict[str, ast.expr] | None:
    """Return the arguments by parameter; None for a call that is none of `FILE_CALLS`, or not plain.

    Not plain are arguments by ``*`` or ``**`` and parameters that say more than what, where and how
    compressed.
    """
    known = FILE_CALLS.get((library, function))
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    if known is None or starred or len(call.args) > len(known.parameters):
        return None
    given = dict(zip(known.parameters, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg not in known.parameters or keyword.arg in given:
            return None
        given[keyword.arg] = keyword.value
    needed = [name for name in known.parameters if name not in ("compress", "compression", "protocol")]
    return given if all(name in given for name in needed) else None


def is_served(library: str, function: str, call: ast.Call, *, result_used: bool) -> bool:
    """Whether a converters module does the same as ``call``."""
    given = arguments_of(library, function, call)
    if given is None or _is_super(call):
        return False
    path = next(value for name, value in given.items() if name in PATHS)
    if isinstance(path, ast.Constant) and not _is_local(path.value):
        return False
    if "compress" in given and not (
        isinstance(given["compress"], ast.Constant) and isinstance(given["compress"].value, int)
    ):
        return False
    compression = given.get("compression")
    if compression is not None and not (
        isinstance(compression, ast.Constant) and compression.value in _COMPRESSIONS
    ):
        return False
    protocol = given.get("protocol")
    if protocol is not None and any(isinstance(node, _EFFECTS) for node in ast.walk(protocol)):
        return False
    # joblib.dump returns the names of the files that it wrote.
    return not (result_used and (library, function) == ("joblib", "dump"))


def _is_super(call: ast.Call) -> bool:
    """``super().to_pickle(path)`` calls a method of the program's own class."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    return (
        isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name) and receiver.func.id == "super"
    )


def _is_local(path: object) -> bool:
    return isinstance(path, str) and "://" not in path and not path.lower().endswith(_OTHER_NAMES)
