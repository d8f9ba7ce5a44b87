"""The stores of a tree: where its code makes a Codec, and in what stage it says that it begins."""

from __future__ import annotations

import ast
from codecs import BOM_UTF8
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import frozen

from migrate.model import Problem
from migrate.plan import VENDOR_FOLDER
from migrate.runtime import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ORDER = (Stage.OBSERVE, Stage.DUAL_READ, Stage.JSON, Stage.JSON_ONLY)
"""The stages in the order in which a rollout goes through them."""
_DEFAULT = Stage.JSON
"""Of a Codec whose call names no stage."""


@frozen
class Store:
    """One place where values are kept, as the code declares it."""

    name: str
    path: str
    """The file that declares it, relative to the root, with forward slashes."""
    line: int
    stage: Stage | None
    """The default in code; None when it is computed, and so cannot be moved by an edit."""
    span: tuple[int, int] | None
    """Offsets in bytes of the literal of the stage in the file; where they are equal, there is none yet."""
    follows: str | None = None
    """The store that this one begins with, as long as it names no stage of its own."""


WORD = b"Codec"
"""Without it, a file declares no store."""


def find_stores(sources: Mapping[str, bytes]) -> tuple[list[Store], list[Problem]]:
    """Return the stores that ``sources``, path → content, declare, and the files that do not parse.

    A store is ``Codec("name", …)``, with ``Codec`` taken from the runtime or its vendored copy, or
    ``codec.store("name", …)`` on one in the same module. A name that is computed is no store of ours.
    """
    stores: list[Store] = []
    problems: list[Problem] = []
    for path, source in sorted(sources.items()):
        if WORD not in source:
            continue
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError) as error:
            problems.append(Problem(path, "does-not-parse", f"is not Python 3: {error}"))
            continue
        stores += _in_module(path, source, tree)
    return stores, problems


def is_runtime(module: str) -> bool:
    """Whether a module is the runtime of this tool or a part of it, installed or vendored."""
    parts = module.split(".")
    return parts[:2] == ["migrate", "runtime"] or any(
        pair == (VENDOR_FOLDER, "runtime") for pair in pairwise(parts)
    )


def next_stage(stage: Stage) -> Stage | None:
    """Return the stage after ``stage``; None after the last, which `retire` follows."""
    place = ORDER.index(stage) + 1
    return ORDER[place] if place < len(ORDER) else None


def stage_before(stage: Stage) -> Stage | None:
    """Return the stage before ``stage``; None before the first, which only `undo` takes back."""
    place = ORDER.index(stage)
    return ORDER[place - 1] if place else None


def _in_module(path: str, source: bytes, tree: ast.Module) -> Iterator[Store]:
    codecs = _names_of_codec(tree)
    if not codecs:
        return
    starts = _line_starts(source)
    movable = _is_utf8(source)
    found: dict[str, tuple[str, Stage | None]] = {}  # variable → name and stage of the codec in it
    for statement in ast.walk(tree):
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or not isinstance(
            statement.value, ast.Call
        ):
            continue
        call, function = statement.value, statement.value.func
        if _dotted(function) in codecs:
            leader: str | None = None
            parent: Stage | None = _DEFAULT
        elif (
            isinstance(function, ast.Attribute)
            and function.attr == "store"
            and _dotted(function.value) in found
        ):
            leader, parent = found[_dotted(function.value)]
        else:
            continue
        name = call.args[0] if call.args else None
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            continue
        stage, span = _stage_of(call, parent, starts)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        found.update((_dotted(target), (name.value, stage)) for target in targets)
        if not movable:
            stage, span = None, None
        inherits = span is not None and span[0] == span[1]
        yield Store(name.value, path, call.lineno, stage, span, leader if inherits else None)


def _names_of_codec(tree: ast.Module) -> set[str]:
    """Return the expressions that name the class in this module, such as ``Codec`` or ``runtime.Codec``."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                bound = alias.asname or alias.name
                if alias.name == "Codec" and is_runtime(module):
                    names.add(bound)
                elif is_runtime(f"{module}.{alias.name}"):
                    names.add(f"{bound}.Codec")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if is_runtime(alias.name):
                    names.add(f"{alias.asname or alias.name}.Codec")
    return names


def _stage_of(
    call: ast.Call, parent: Stage | None, starts: list[int]
) -> tuple[Stage | None, tuple[int, int] | None]:
    if any(keyword.arg is None for keyword in call.keywords):
        return None, None
    for keyword in call.keywords:
        if keyword.arg == "stage":
            return _literal(keyword.value, starts)
    last = max((*call.args, *(k.value for k in call.keywords)), key=lambda node: _end(node, starts))
    end = _end(last, starts)
    return parent, (end, end)


def _literal(node: ast.expr, starts: list[int]) -> tuple[Stage | None, tuple[int, int] | None]:
    span = (starts[node.lineno - 1] + node.col_offset, _end(node, starts))
    if isinstance(node, ast.Constant):
        words = {stage.value: stage for stage in Stage}
        found = words.get(node.value) if isinstance(node.value, str) else None
        return (found, span) if found else (None, None)
    if isinstance(node, ast.Attribute) and node.attr in Stage.__members__:
        return Stage[node.attr], span
    return None, None


def _end(node: ast.expr, starts: list[int]) -> int:
    return starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


def _line_starts(source: bytes) -> list[int]:
    """Return the offset of each line: ast counts columns in bytes of UTF-8, and only these ends as lines."""
    starts, at = [3 if source.startswith(BOM_UTF8) else 0], 0
    while at < len(source):
        if source[at : at + 2] == b"\r\n":
            at += 1
        at += 1
        if source[at - 1 : at] in (b"\n", b"\r"):
            starts.append(at)
    return starts


def _is_utf8(source: bytes) -> bool:
    """Whether ast's columns, which count bytes of UTF-8, are offsets in ``source``."""
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
