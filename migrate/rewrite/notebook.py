"""From the edited code of a notebook back to its file: the lines that changed, and nothing else."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from migrate.rewrite.refusal import CannotEdit
from migrate.sites.notebooks import MAGIC_MARK, NotANotebookError, Notebook, without_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.notebooks import Block


def put_back(notebook: Notebook, code: bytes) -> bytes:
    """Return the file of ``notebook`` with the cells as they are in ``code``, which came of its own code.

    Every line that did not change keeps its bytes. Raises `CannotEdit` if the edit reaches over the edge of a
    cell or into a magic.
    """
    old = notebook.code.decode().split("\n")
    new = code.decode().split("\n")
    lines = notebook.data.split(b"\n")
    cells = dict(_cells(notebook, new))
    parts: list[bytes] = []
    at = 0
    for block in notebook.blocks:
        before, after = old[block.first + 1 : block.last], cells[block]
        if before == after:
            continue
        parts += lines[at : block.first]
        parts += _changed(lines[block.first : block.last + 1], before, after)
        at = block.last + 1
    data = b"\n".join([*parts, *lines[at:]])
    _check(notebook, data, list(cells.values()))
    return data


def _cells(notebook: Notebook, new: list[str]) -> Iterator[tuple[Block, list[str]]]:
    """Yield the lines of each cell; between the cells there must be nothing."""
    at = 0
    for block in notebook.blocks:
        try:
            first = new.index(block.begin, at)
            last = new.index(block.end, first)
        except ValueError:
            raise CannotEdit(f"the edit reaches over the edge of cell {block.cell}") from None
        if any(line.strip() for line in new[at:first]):
            raise CannotEdit(f"the edit puts a line in front of cell {block.cell}")
        yield block, new[first + 1 : last]
        at = last + 1
    if any(line.strip() for line in new[at:]):
        raise CannotEdit("the edit puts a line behind the last cell")


def _changed(lines: list[bytes], before: list[str], after: list[str]) -> list[bytes]:
    """Return the lines of the file for one cell, from the opening bracket to the closing one."""
    opening, *entries, closing = lines
    ending = b"\r" if opening.endswith(b"\r") else b""
    if not after:
        return [opening.rstrip() + closing.lstrip()]
    indent = entries[0][: len(entries[0]) - len(entries[0].lstrip())]
    ascii_only = all(entry.isascii() for entry in entries)
    made: list[bytes] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, old_first, old_last, first, last in matcher.get_opcodes():
        if tag == "equal":
            made += (entry.strip().removesuffix(b",") for entry in entries[old_first:old_last])
        else:
            made += (_string(line, ascii_only=ascii_only) for line in after[first:last])
    ended = json.loads(entries[-1].strip()).endswith("\n")
    made = [_ended(text, newline=at < len(made) - 1 or ended) for at, text in enumerate(made)]
    body = [indent + text + (b"," if at < len(made) - 1 else b"") + ending for at, text in enumerate(made)]
    return [opening, *body, closing]


def _string(line: str, *, ascii_only: bool) -> bytes:
    if MAGIC_MARK in line:
        raise CannotEdit("the edit reaches into a magic")
    return json.dumps(line, ensure_ascii=ascii_only).encode()


def _ended(text: bytes, *, newline: bool) -> bytes:
    """Return a JSON string with a line end, or without; as it is where that is so already."""
    ends = text.endswith(b'\\n"') and json.loads(text).endswith("\n")
    if ends == newline:
        return text
    return text[:-1] + b'\\n"' if newline else text[:-3] + b'"'


def _check(notebook: Notebook, data: bytes, cells: list[list[str]]) -> None:
    """Raise `CannotEdit` unless ``data`` is the notebook with ``cells`` as its code, and no other change."""
    try:
        after = Notebook(notebook.path, data)
    except NotANotebookError as error:
        raise CannotEdit(f"the edited file {error}") from error
    wanted = [[without_number(line) for line in cell] for cell in cells]
    if [cell for cell in after.cell_texts() if cell] != [cell for cell in wanted if cell]:
        raise CannotEdit("the edited notebook does not hold the edited code")
    if _without_code(notebook.data) != _without_code(data):
        raise CannotEdit("something else than the code of the cells would change")


def _without_code(data: bytes) -> Any:
    document = json.loads(data)
    sheets = document.get("worksheets", [document])
    for cell in (cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"):
        cell["source" if "source" in cell else "input"] = None
    return document
