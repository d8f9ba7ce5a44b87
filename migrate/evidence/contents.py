"""What instances of classes hold that derive from a container: ``class History(list)``.

Its base says so (``list[Item]``), or what is put in: by its own methods, or by code that can see the class.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property, partial
from typing import TYPE_CHECKING

from migrate.evidence import types as t
from migrate.evidence.annotations import annotation
from migrate.evidence.fills import filled
from migrate.evidence.program import External
from migrate.evidence.solver import Equation
from migrate.evidence.source import ClassNode
from migrate.model import Source, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Slot
    from migrate.evidence.source import Fill

_HELD = t.MAPPINGS | t.COLLECTIONS | {t.COUNTER}


class Contents:
    """Equations for slots ``("content", class key, "")``: the container with its items."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._program = inference.program

    def base(self, key: str) -> str | None:
        """Return the container outside the tree that a class derives from; None if it is no container."""
        for node in self._inference.nodes(key):
            for base in self._program.mro(node):
                if isinstance(base, External) and base.dotted in _HELD:
                    return base.dotted
        return None

    def declared(self, key: str) -> TypeRef | None:
        """Return the container with its items as the bases of a class or of one above it declare it."""
        for owner in self._inference.lineage(key):
            for node in self._inference.nodes(owner):
                for base in node.node.bases if node.node else ():
                    ref = (
                        annotation(base, node.outer, self._program)
                        if isinstance(base, ast.Subscript)
                        else None
                    )
                    if ref is not None and ref.name in _HELD and t.known(ref):
                        return ref
        return None

    def equations(self, slot: Slot) -> Iterator[Equation]:
        """Yield what is known of the content of a class."""
        key = str(slot[1])
        base, declared = self.base(key), self.declared(key)
        node = self._inference.nodes(key)[-1]
        if base is None:
            return
        if declared is not None:
            yield Equation(slot, lambda: t.types(declared), Source.DECLARED, node.module, node.line)
            return
        empty = TypeRef(base, (t.NEVER, t.NEVER) if base in t.MAPPINGS else (t.NEVER,))
        yield Equation(slot, lambda: t.types(empty), Source.INFERRED, node.module, node.line)
        for owner in self._inference.lineage(key):
            for fill in self._own.get(owner, ()):
                yield self._fill(slot, fill)
        self._inference.routes.contents_of(key, partial(self._add, slot))

    def _add(self, slot: Slot, fill: Fill) -> None:
        self._inference.solver.add(self._fill(slot, fill))

    def _fill(self, slot: Slot, fill: Fill) -> Equation:
        def compute() -> t.Types:
            return filled(self._inference.solver.read(slot), fill, self._inference.expressions)

        return Equation(slot, compute, Source.INFERRED, fill.scope.module, fill.line)

    @cached_property
    def _own(self) -> dict[str, list[Fill]]:
        """Class key → what its methods put into ``self``."""
        found: defaultdict[str, list[Fill]] = defaultdict(list)
        for module in self._program.modules.values():
            for fill in module.fills:
                owner = self._inference.self_class(fill.target, fill.target_scope) if not fill.path else None
                if owner is not None:
                    found[owner.key].append(fill)
        return found

    def seen_by(self, key: str) -> Iterator[Fill]:
        """Yield what modules that have a name for a class put into whole variables and attributes."""
        name = self._inference.nodes(key)[-1].name
        for module in self._program.modules.values():
            if name in module.scope.names:
                refs = self._program.refs(ast.Name(name, ast.Load()), module.scope)
                if any(isinstance(ref, ClassNode) and ref.key == key for ref in refs):
                    yield from (fill for fill in module.fills if not fill.path)
