"""What is left when an import goes: fewer names, an empty line, an empty block, its comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from migrate.rewrite.search import within

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_STALE = re.compile(
    r"#\s*(?:nosec\b[^#]*|type:\s*ignore[^#]*|noqa:\s*(?:[SI]\d+[,\s]*)+|(?:pylint|pyright|mypy):[^#]*)\s*$",
    re.IGNORECASE,
)
"""Comments for tools, about the import that was here (flake8-bandit's S codes, isort's, type checkers)."""

_EFFECTS = (cst.Call, cst.NamedExpr, cst.Await)


def without_names(
    node: cst.Import | cst.ImportFrom, names: Container[str]
) -> cst.Import | cst.ImportFrom | None:
    """Return the import less the local ``names``; None if nothing is left."""
    if isinstance(node.names, cst.ImportStar):
        return node
    kept = [alias for alias in node.names if _bound(node, alias) not in names]
    if not kept:
        return None
    if len(kept) == len(node.names):
        return node
    if kept[-1] is not node.names[-1]:
        kept[-1] = kept[-1].with_changes(comma=node.names[-1].comma)
    return node.with_changes(names=kept)


def _bound(node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> str | None:
    if alias.asname is not None:
        return get_full_name_for_node(alias.asname.name)
    full = get_full_name_for_node(alias.name) or ""
    return full.partition(".")[0] if isinstance(node, cst.Import) else full


def separated(body: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    """Return the small statements with semicolons between them and none invented at the end."""
    if not body:
        return []
    default = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
    inner = [
        s if isinstance(s.semicolon, cst.Semicolon) else s.with_changes(semicolon=default) for s in body[:-1]
    ]
    return [*inner, body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]


def without_stale_comment(space: cst.TrailingWhitespace) -> cst.TrailingWhitespace:
    """Return the end of a line without a comment that only concerned the import that stood there."""
    if space.comment is None or not _STALE.match(space.comment.value):
        return space
    return space.with_changes(whitespace=cst.SimpleWhitespace(""), comment=None)


def has_effects(node: cst.CSTNode) -> bool:
    """Whether ``node`` is an ``if`` whose condition, or that of an ``elif``, may do something."""
    return isinstance(node, cst.If) and (
        any(within(node.test, *_EFFECTS)) or has_effects(node.orelse or node.test)
    )


def decides_branch(node: cst.Try, names: Container[str]) -> bool:
    """Whether a ``try`` has no imports but those of ``names``, which then choose what else is done."""
    imports: Iterator[cst.Import | cst.ImportFrom] = within(node.body, cst.Import, cst.ImportFrom)
    return all(without_names(each, names) is None for each in imports)


def is_hollow(node: cst.CSTNode | None) -> bool:
    """Whether nothing but ``pass`` is left of an ``if`` or ``try``, and its condition has no effect."""
    if node is None:
        return True
    if isinstance(node, cst.If):
        return not has_effects(node) and _says_pass(node.body) and is_hollow(node.orelse)
    if isinstance(node, (cst.Try, cst.TryStar)):
        parts = [node, *node.handlers, *(p for p in (node.orelse, node.finalbody) if p)]
        return all(_says_pass(part.body) for part in parts)
    return isinstance(node, cst.Else) and _says_pass(node.body)


def _says_pass(suite: cst.BaseSuite) -> bool:
    body: Sequence[cst.CSTNode] = suite.body
    if isinstance(suite, cst.IndentedBlock) and len(body) == 1:
        line = body[0]
        body = line.body if isinstance(line, cst.SimpleStatementLine) else ()
    return len(body) == 1 and isinstance(body[0], cst.Pass)


def without_hollow(
    body: Iterable[cst.BaseStatement], hollow: Container[cst.CSTNode]
) -> tuple[list[cst.BaseStatement], list[cst.EmptyLine]]:
    """Return the statements that say something, and the comment lines that have none to stand before.

    Comments on lines of their own move to the next statement; where two gaps meet, one of them stays.
    """
    kept: list[cst.BaseStatement] = []
    pending: list[cst.EmptyLine] = []
    gone = False
    for statement in body:
        leading: list[cst.EmptyLine] = list(getattr(statement, "leading_lines", ()))
        if statement in hollow:
            pending = _joined(pending, leading)
            gone = True
            continue
        if gone:
            leading = _joined(pending, leading)
            if not kept:
                leading = _without_blank_start(leading)
            kept.append(statement.with_changes(leading_lines=leading))
        else:
            kept.append(statement)
        pending, gone = [], False
    return kept, [line for line in pending if line.comment]


def _joined(first: list[cst.EmptyLine], second: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    if any(line.comment for line in first):
        return [*first, *second]
    if any(line.comment for line in second):
        return second if second and not second[0].comment else [*first, *second]
    return max(first, second, key=len)


def _without_blank_start(lines: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    start = next((at for at, line in enumerate(lines) if line.comment), len(lines))
    return lines[start:]
