"""Looking through a piece of the syntax tree for nodes of some kinds.

``libcst.matchers`` does this and more, and takes longer to import than all else that a command imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

Node = TypeVar("Node", bound="cst.CSTNode")


def within(node: cst.CSTNode, *kinds: type[Node]) -> Iterator[Node]:
    """Yield ``node`` itself and all nodes below it that are of one of ``kinds``, in source order."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, kinds):
            yield current
        pending.extend(reversed(current.children))
