"""Where the import of the records goes: where isort puts it, among the imports that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from attrs import frozen
from libcst.helpers import get_full_name_for_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_SOURCE_FOLDERS = frozenset({"src", "lib", "python"})


@frozen
class _Sections:
    """The groups in which imports stand."""

    own: Collection[str]
    pending: Sequence[cst.BaseSmallStatement]
    """Imports that are still to be moved: where they stand says nothing."""

    def of(self, statement: cst.BaseStatement) -> int:
        """Return 2 for relative imports, 1 for absolute ones of the tree's own modules, 0 for all others."""
        node = _import_in(statement)
        if node in self.pending:
            return 0
        if isinstance(node, cst.ImportFrom) and node.relative:
            return 2
        return int(_key(statement)[2].partition(".")[0] in self.own)


def own_packages(paths: Iterable[str]) -> frozenset[str]:
    """Return the names at the top of a tree with the files ``paths``: those of its own packages."""
    names = set()
    for path in paths:
        parts = path.split("/")
        names.add(parts[0].removesuffix(".py"))
        if parts[0] in _SOURCE_FOLDERS and len(parts) > 1:
            names.add(parts[1].removesuffix(".py"))
    return frozenset(names)


def with_sorted_names(node: cst.ImportFrom, before: cst.ImportFrom) -> cst.ImportFrom:
    """Return ``node`` with its names in the order of isort, if those of ``before`` were in it.

    Names that bear comments stay where they are.
    """
    if isinstance(node.names, cst.ImportStar) or isinstance(before.names, cst.ImportStar):
        return node
    keys = [_name_key(alias) for alias in before.names]
    if keys != sorted(keys) or any("#" in _code(alias.comma) for alias in node.names):
        return node
    ordered = sorted(node.names, key=_name_key)
    slots = [
        slot.with_changes(name=a.name, asname=a.asname) for slot, a in zip(node.names, ordered, strict=True)
    ]
    return node.with_changes(names=slots)


def with_sorted_imports(
    module: cst.Module, moved: Sequence[cst.BaseSmallStatement], own: Collection[str]
) -> cst.Module:
    """Return ``module`` with the imports ``moved`` in their places among those around them.

    They are not moved past anything but imports. ``own`` are the packages of the tree.
    """
    for at, node in enumerate(moved):
        module = _with_sorted(module, node, _Sections(own, moved[at + 1 :]))
    return module


def _with_sorted(module: cst.Module, moved: cst.BaseSmallStatement, sections: _Sections) -> cst.Module:
    body = list(module.body)
    here = next((at for at, statement in enumerate(body) if _import_in(statement) is moved), None)
    if here is None:
        return module
    begin = here
    while begin and _import_in(body[begin - 1]) is not None:
        begin -= 1
    end = here + 1
    while end < len(body) and _import_in(body[end]) is not None:
        end += 1
    run = _placed(body[begin:end], here - begin, sections)
    if begin == 0:
        run[0] = run[0].with_changes(leading_lines=_without_blank_start(run[0].leading_lines))
    return module.with_changes(body=[*body[:begin], *run, *body[end:]])


def _placed(run: Sequence[cst.BaseStatement], at: int, sections: _Sections) -> list[cst.SimpleStatementLine]:
    """Return the imports ``run`` with that at ``at`` in its place."""
    lines = [line for line in run if isinstance(line, cst.SimpleStatementLine)]
    moved = lines.pop(at)
    blank, comments = _split(moved.leading_lines)
    if at < len(lines) and blank and not _split(lines[at].leading_lines)[0]:
        lines[at] = lines[at].with_changes(leading_lines=[*blank, *lines[at].leading_lines])
    ours, section = _key(moved), sections.of(moved)
    siblings = [n for n, line in enumerate(lines) if sections.of(line) == section]
    following = next((n for n in siblings if _key(lines[n]) > ours), None)
    if following is not None:
        before, rest = _split(lines[following].leading_lines)
        lines[following] = lines[following].with_changes(leading_lines=rest)
        lines.insert(following, moved.with_changes(leading_lines=[*before, *comments]))
    elif siblings:
        lines.insert(siblings[-1] + 1, moved.with_changes(leading_lines=comments))
    else:
        later = (n for n, line in enumerate(lines) if sections.of(line) > section)
        place = next(later, len(lines))
        gap = [cst.EmptyLine(indent=False)]
        if place < len(lines):
            before, rest = _split(lines[place].leading_lines)
            lines[place] = lines[place].with_changes(leading_lines=[*gap, *rest])
            gap = before
        elif not place:
            gap = blank
        lines.insert(place, moved.with_changes(leading_lines=[*gap, *comments]))
    return lines


def _split(lines: Sequence[cst.EmptyLine]) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """Return the blank lines before a statement, and its comments."""
    first = next((n for n, line in enumerate(lines) if line.comment is not None), len(lines))
    return list(lines[:first]), list(lines[first:])


def _without_blank_start(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return _split(lines)[1]


def _import_in(statement: cst.BaseStatement) -> cst.Import | cst.ImportFrom | None:
    """Return the import that is all there is in a statement, other than one of ``__future__``."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    if isinstance(node, cst.ImportFrom):
        return None if _module(node) == "__future__" else node
    return node if isinstance(node, cst.Import) else None


def _key(statement: cst.BaseStatement) -> tuple[bool, int, str]:
    """Sort ``import`` before ``from``, outer packages before inner, then by name."""
    node = _import_in(statement)
    if isinstance(node, cst.ImportFrom):
        return True, -len(node.relative), _module(node).lower()
    if isinstance(node, cst.Import):
        return False, 0, (get_full_name_for_node(node.names[0].name) or "").lower()
    return False, 0, ""


def _module(node: cst.ImportFrom) -> str:
    return "" if node.module is None else get_full_name_for_node(node.module) or ""


def _name_key(alias: cst.ImportAlias) -> tuple[int, str]:
    """Sort constants before classes before everything else."""
    name = str(alias.name.value)
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()


def _code(node: cst.CSTNode | cst.MaybeSentinel) -> str:
    return "" if isinstance(node, cst.MaybeSentinel) else cst.Module([]).code_for_node(node)
