"""Whether what is inferred from callers may be taken for all there is.

The calls in the tree show what a parameter gets only if nobody else calls the function. A library stores what
its users hand to it; its own tests are no proof of what that is.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from migrate.evidence.equations import TRANSPARENT
from migrate.evidence.passing import PassedOn
from migrate.evidence.source import FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.evidence.inference import Inference
    from migrate.evidence.solver import Slot
    from migrate.model import ClassSchema

_TEST_FILE = re.compile(r"(test_.*|.*_tests?|conftest)\.py$")
_TEST_FOLDERS = frozenset(
    {"test", "tests", "testing", "examples", "example", "docs", "demo", "demos", "benchmarks"}
)


_OF_ONE_PLACE = frozenset({"expr", "var"})
"""Kinds of places that hold what is written beside them: a file that nobody looks at adds nothing."""
_NOT_ALL = "only the files nearest the sites were looked at, and others may add to it (--evidence-limit)"


class Openness:
    """Finds the parameters that a value rests on and whose callers are not all seen."""

    def __init__(self, inference: Inference, graph: Mapping[str, ClassSchema]) -> None:
        self._inference = inference
        self._graph = graph
        self._passed_on = PassedOn(inference.program, lambda path: not is_example(path))
        self._slots: dict[Slot, str | None] = {}
        self._parameters: dict[Slot, str | None] = {}

    def problem(self, slot: Slot, classes: Iterable[str]) -> str | None:
        """Return why ``slot``, or a field of ``classes`` which it can hold, may get more than is seen.

        That is the first reason; None if there is none.
        """
        return self._of_slot(slot) or self.of_classes(classes)

    def of_classes(self, classes: Iterable[str]) -> str | None:
        """Return why the fields of ``classes`` may get more than is seen; None if they cannot."""
        classes = sorted(classes)
        if classes and self._inference.program.partial:
            return _NOT_ALL
        return next(filter(None, map(self._of_class, classes)), None)

    def _of_class(self, key: str) -> str | None:
        names = {field.name for field in self._graph[key].fields}
        slots: Iterator[Slot] = (
            ("field", owner, name)
            for owner in self._inference.lineage(key)
            for name in self._inference.field_names(owner)
            if name in names
        )
        return next(filter(None, map(self._of_slot, slots)), None)

    def _of_slot(self, slot: Slot) -> str | None:
        if slot not in self._slots:
            problems = map(self._of_origin, self._inference.solver.origins(slot))
            self._slots[slot] = next(filter(None, problems), None)
        return self._slots[slot]

    def _of_origin(self, slot: Slot) -> str | None:
        if self._inference.program.partial and slot[0] not in _OF_ONE_PLACE:
            return _NOT_ALL
        return self._of_parameter(slot) if slot[0] == "args" else None

    def _of_parameter(self, slot: Slot) -> str | None:
        if slot not in self._parameters:
            self._parameters[slot] = self._judged(slot)
        return self._parameters[slot]

    def _judged(self, slot: Slot) -> str | None:
        _, callee, parameter = slot
        equations = [each for each in self._inference.solver.equations(slot) if each.types]
        name = callee.qualname if isinstance(callee, FunctionNode) else str(callee).rpartition(":")[2]
        if is_example(self._path(callee)):
            return None
        if isinstance(callee, FunctionNode):
            if not callee.decorators <= TRANSPARENT:
                return f"parameter {parameter} of {name}() is untyped, and a decorator may call it"
            place = self._passed_on.place(callee)
            if place:
                return f"parameter {parameter} of {name}() is untyped, and {place} passes the function on"
        if self._exposed(callee):
            return f"parameter {parameter} of {name}() is untyped, and the package offers it to others"
        if not any(not is_example(each.where.rpartition(":")[0]) for each in equations):
            return (
                f"parameter {parameter} of {name}() is untyped, and only tests or examples show what it gets"
            )
        return None

    def _path(self, callee: object) -> str:
        if isinstance(callee, FunctionNode):
            return callee.scope.module.path
        return self._inference.nodes(str(callee))[-1].module.path

    def _exposed(self, callee: object) -> bool:
        """Whether a package of the tree passes the function or class on to its users."""
        if isinstance(callee, FunctionNode):
            module = callee.scope.module
            owner = callee.owner
            name = owner.name if owner else callee.name
        else:
            node = self._inference.nodes(str(callee))[-1]
            module, name = node.module, node.name
        return not name.startswith("_") and f"{module.name}.{name}" in self._inference.program.offered


def is_example(path: str) -> bool:
    """Whether a file shows how code is used, rather than using it: tests, examples, documentation."""
    folders = set(posixpath.dirname(path).split("/"))
    return bool(folders & _TEST_FOLDERS) or _TEST_FILE.match(posixpath.basename(path)) is not None
