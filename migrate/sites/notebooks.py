"""Jupyter notebooks: their code as one Python module, line for line where it stands in the file.

The cells of a notebook share one namespace, so they are read as one module. Its lines have the numbers that
they have in the ``.ipynb`` file, because nbformat writes each line of source on a line of its own; what is no
code is blank. So a line number means the same to an editor, a diff and code scanning. A comment stands where
the source of a cell begins and where it ends, by which the text of each cell is found again after an edit.

A file with another layout (all on one line, a cell as one string) is read as well. Its lines are then only
counted, and it is not edited.

Format: nbformat 3 and 4. Magics: IPython, "Built-in magic commands".
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import TYPE_CHECKING, Any

from attrs import Factory, define, evolve, field, frozen

from migrate.model import CellPlace, FileSites, Problem, Site, Span
from migrate.sites.prefilter import may_use_pickle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPENING = re.compile(rb'[ \t]*"(?:source|input)": \[[ \t]*\r?')
_CLOSING = re.compile(rb"[ \t]*\],?[ \t]*\r?")
_ENTRY = re.compile(rb'[ \t]*("(?:[^"\\]|\\.)*"),?[ \t]*\r?')

_CELL_MAGIC = re.compile(r"\s*%%\s*(\w+)")
_AROUND_PYTHON = frozenset({"capture", "debug", "prun", "pypy", "python", "python3", "time", "timeit"})
"""Cell magics whose cell holds Python; that of others is another language, or text."""
_MAGIC = re.compile(r"[ \t]*(?:%|!|\?|/\w)|.*[\w)\]]\?{1,2}[ \t]*$")
_ASSIGNED = re.compile(r"(?P<to>[ \t]*[\w.,* \t]+?=[ \t]*)(?:!|%\w)")
_RUNS_CODE = re.compile(
    r"[ \t]*%{1,2}(?:time|timeit|prun|mprun|memit|lprun)\b[ \t]+(?:-[a-zA-Z]+[ \t]*\d*[ \t]+)*(?P<code>.*)"
)
_MARK = "pickle-migrate-cell"
MAGIC_MARK = "# pickle-migrate-magic"
"""Marks a line that stands for a magic."""
_UNKNOWN = "__magic__"
"""Stands for what a magic gives; bound nowhere, so that nothing is thought to be known of it."""


def in_cells(files: Mapping[str, FileSites], notebooks: Mapping[str, Notebook]) -> dict[str, FileSites]:
    """Return ``files`` with the sites of ``notebooks`` told in which cell they stand.

    A site that a magic runs, or in a file of another layout than nbformat's, gets the reason ``notebook``;
    in the latter case its span is that of the line of the file.
    """
    return {
        path: _told(found, notebooks[path]) if path in notebooks else found for path, found in files.items()
    }


class NotANotebookError(ValueError):
    """The file is no notebook that can be read; the message says why."""


@frozen
class Block:
    """The source of one cell in the file: the lines of its strings lie between ``first`` and ``last``."""

    cell: int
    """Number of the cell, counted from 1 over all cells."""
    first: int
    """Index of the line ``"source": [``."""
    last: int
    """Index of the line ``]``."""

    @property
    def begin(self) -> str:
        """The comment that stands for the line ``first``."""
        return f"# {_MARK} {self.cell}"

    @property
    def end(self) -> str:
        """The comment that stands for the line ``last``."""
        return f"# end of {_MARK} {self.cell}"


@define
class Notebook:
    """A notebook. Raises `NotANotebookError` on construction."""

    path: str
    data: bytes
    blocks: tuple[Block, ...] = ()
    """The code cells, in order; none if the layout of the file does not allow edits."""
    places: dict[int, CellPlace] = Factory(dict)
    """Line of `code` → where it stands."""
    locked: set[int] = Factory(set)
    """Lines of `code` that a magic runs, such as ``%time``."""
    problems: list[Problem] = Factory(list)
    """Cells that cannot be read and could use pickle."""
    exact: bool = field(init=False, default=True)
    """Whether the lines of `code` have the numbers that they have in the file."""
    code: bytes = field(init=False, default=b"")
    """The notebook as one module, in UTF-8; empty if its language is not Python."""

    def __attrs_post_init__(self) -> None:
        """Read the cells."""
        try:
            document = json.loads(self.data)
        except (ValueError, RecursionError) as error:
            raise NotANotebookError(f"is no notebook: {error}") from error
        cells = list(_cells(document))
        if not _is_python(document):
            return
        lines = self.data.split(b"\n")
        found = _located(lines, cells)
        self.exact = found is not None
        if found is None:
            self._count_lines(cells)
            return
        self.blocks = tuple(found)
        text = [""] * len(lines)
        for block in self.blocks:
            text[block.first], text[block.last] = block.begin, block.end
            source = _lines(cells[block.cell - 1].source)
            self._add(block.cell, source, block.first + 1, text)
        self.code = ("\n".join(text) + "\n").encode("utf-8", "replace")

    def _count_lines(self, cells: list[_Cell]) -> None:
        text: list[str] = []
        for number, cell in enumerate(cells, start=1):
            source = _lines(cell.source) if cell.code else []
            at = len(text)
            text += [""] * len(source)
            self._add(number, source, at, text)
        self.code = ("\n".join(text) + "\n").encode("utf-8", "replace")

    def _add(self, cell: int, source: list[str], at: int, text: list[str]) -> None:
        """Put the lines of a cell into ``text`` from index ``at`` on."""
        try:
            readable = _without_magics(source, at)
        except SyntaxError as error:
            line = error.lineno or 1
            if may_use_pickle("\n".join(source).encode("utf-8", "replace")):
                message = f"cell {cell}, line {line} is not Python 3 ({error.msg}); it was not looked at"
                self.problems.append(Problem(self.path, "does-not-parse", message))
            return
        text[at : at + len(readable)] = readable
        for number, code in enumerate(readable, start=at + 1):
            self.places[number] = CellPlace(cell, number - at)
            if code.rstrip().endswith(f"{MAGIC_MARK} {number}"):
                self.locked.add(number)

    def cell_texts(self) -> list[list[str]]:
        """Return the lines of the code cells as in `code`, without the numbers of magics."""
        lines = self.code.decode().split("\n")
        cells = (lines[block.first + 1 : block.last] for block in self.blocks)
        return [[without_number(line) for line in cell] for cell in cells]

    def line_in_file(self, number: int) -> int:
        """Return the line of the file at which line ``number`` of `code` stands, as near as can be told."""
        if self.exact:
            return number
        lines = self.code.decode().split("\n")
        for text in {json.dumps(lines[number - 1]), json.dumps(lines[number - 1], ensure_ascii=False)}:
            at = self.data.find(text[1:-1].encode("utf-8", "replace"))
            if at >= 0:
                return self.data.count(b"\n", 0, at) + 1
        return 1


def _told(found: FileSites, notebook: Notebook) -> FileSites:
    return evolve(found, sites=tuple(_site_told(site, notebook) for site in found.sites))


def _site_told(site: Site, notebook: Notebook) -> Site:
    lines = range(site.span.line, site.span.end_line + 1)
    fixed = not notebook.exact or any(line in notebook.locked for line in lines)
    span = site.span
    if not notebook.exact:
        first, last = map(notebook.line_in_file, (site.span.line, site.span.end_line))
        span = Span(first, 0, max(first, last), 0)
    reason = site.reason or ("notebook" if fixed else None)
    return evolve(site, cell=notebook.places.get(site.span.line), reason=reason, span=span)


def without_number(line: str) -> str:
    """Return a line of `Notebook.code` without the number that a magic has."""
    text, mark, _ = line.partition(MAGIC_MARK)
    return text + mark


@frozen
class _Cell:
    code: bool
    source: str | list[str]


def _cells(document: Any) -> Iterator[_Cell]:
    """Yield all cells of a notebook. Raises `NotANotebookError` if it has none where they should be."""
    cells = document.get("cells") if isinstance(document, dict) else None
    if cells is None and isinstance(document, dict) and isinstance(document.get("worksheets"), list):
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", ())]
    if not isinstance(cells, list):
        raise NotANotebookError("is no notebook: it has no list of cells")
    for cell in cells:
        if not isinstance(cell, dict):
            raise NotANotebookError("is no notebook: a cell is no JSON object")
        source: Any = cell.get("source", cell.get("input", ""))
        strings = isinstance(source, list) and all(isinstance(line, str) for line in source)
        if not strings and not isinstance(source, str):
            raise NotANotebookError("is no notebook: the source of a cell is no text")
        yield _Cell(cell.get("cell_type") == "code", source)


def _is_python(document: dict[str, Any]) -> bool:
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        told = metadata.get(name)
        if isinstance(told, dict) and isinstance(told.get(key), str):
            return told[key].lower() in ("python", "ipython")
    return True


def _located(lines: list[bytes], cells: list[_Cell]) -> list[Block] | None:
    """Return where the sources of the code cells stand, or None if one does not stand line by line."""
    found = list(_listings(lines))
    blocks: list[Block] = []
    at = 0
    for number, cell in enumerate(cells, start=1):
        if not cell.source:
            continue
        match = next((i for i in range(at, len(found)) if found[i][2] == cell.source), None)
        if match is not None:
            first, last, _ = found[match]
            at = match + 1
        if cell.code and (match is None or not _is_line_by_line(cell.source)):
            return None
        if cell.code and match is not None:
            blocks.append(Block(number, first, last))
    return blocks


def _listings(lines: list[bytes]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the lists of strings that could be the source of a cell: first and last line, and the strings."""
    at = 0
    while at < len(lines):
        first = at
        at += 1
        if not _OPENING.fullmatch(lines[first]):
            continue
        strings: list[str] = []
        while at < len(lines) and (entry := _ENTRY.fullmatch(lines[at])):
            try:
                strings.append(json.loads(entry[1]))
            except ValueError:
                break
            at += 1
        if at < len(lines) and _CLOSING.fullmatch(lines[at]):
            yield first, at, strings


def _is_line_by_line(source: str | list[str]) -> bool:
    return (
        isinstance(source, list)
        and all(line.endswith("\n") for line in source[:-1])
        and not any("\n" in line[:-1] or "\r" in line or "\f" in line for line in source)
    )


def _lines(source: str | list[str]) -> list[str]:
    """Return the lines of a source without their ends."""
    text = source if isinstance(source, str) else "".join(source)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def _without_magics(lines: list[str], at: int) -> list[str]:
    """Return the lines of a cell with other lines in the place of magics, each on its own line.

    The first one gets number ``at + 1``. Raises `SyntaxError` if the rest is not Python.
    """
    cell_magic = next((line for line in lines if line.strip()), "")
    match = _CELL_MAGIC.match(cell_magic)
    if match and match[1] not in _AROUND_PYTHON:
        return [""] * len(lines)
    try:
        _parse(lines)
    except SyntaxError:
        lines = list(_replaced(lines, at))
        _parse(lines)
    return lines


def _parse(lines: list[str]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(lines))
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or type(error).__name__) from error


def _replaced(lines: list[str], at: int) -> Iterator[str]:
    continued = False
    for number, line in enumerate(lines, start=at + 1):
        assigned = _ASSIGNED.match(line)
        if continued:
            yield ""
        elif assigned:
            yield f"{assigned['to']}{_UNKNOWN}  {MAGIC_MARK} {number}"
        elif _MAGIC.match(line):
            yield _instead(line, number)
        else:
            yield line
            continue
        continued = line.endswith("\\")


def _instead(line: str, number: int) -> str:
    """Return what stands in the place of a magic: what it runs, if that could use pickle, else nothing."""
    indent = line[: len(line) - len(line.lstrip())]
    mark = f"{MAGIC_MARK} {number}"
    runs = _RUNS_CODE.match(line)
    code = runs["code"].strip() if runs else ""
    if code and may_use_pickle(code.encode("utf-8", "replace")):
        _parse([code])
        return f"{indent}{code}  {mark}"
    return f"{indent}pass  {mark}" if indent else mark
