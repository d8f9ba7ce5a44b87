"""Whether what is inferred from callers may be taken for all there is.

The calls in the tree show what a parameter gets only if nobody else calls the function. A library stores what
its users hand to it; its own tests are no proof of what that is.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

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


class Openness:
    """Finds the parameters that a value rests on and whose callers are not all seen."""

    def __init__(self, inference: Inference, graph: Mapping[str, ClassSchema]) -> None:
        self._inference = inference
        self._graph = graph
        self._fields: dict[str, tuple[str, ...]] = {}

    def problems(self, slot: Slot, classes: Iterable[str]) -> tuple[str, ...]:
        """Return why ``slot``, and the fields of ``classes`` which it can hold, may get more than is seen."""
        return tuple(dict.fromkeys((*self._of_slot(slot), *self.of_classes(classes))))

    def of_classes(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Return why the fields of ``classes`` may get more than is seen."""
        return tuple(dict.fromkeys(problem for key in sorted(classes) for problem in self._of_class(key)))

    def _of_class(self, key: str) -> tuple[str, ...]:
        if key not in self._fields:
            slots = [
                ("field", owner, name)
                for owner in self._inference.lineage(key)
                for name in self._inference.field_names(owner)
                if name in {field.name for field in self._graph[key].fields}
            ]
            self._fields[key] = tuple(problem for slot in slots for problem in self._of_slot(slot))
        return self._fields[key]

    def _of_slot(self, slot: Slot) -> Iterator[str]:
        for origin in self._inference.solver.origins(slot):
            if origin[0] == "args":
                problem = self._of_parameter(origin)
                if problem:
                    yield problem

    def _of_parameter(self, slot: Slot) -> str | None:
        _, callee, parameter = slot
        equations = [each for each in self._inference.solver.equations(slot) if each.types]
        name = callee.qualname if isinstance(callee, FunctionNode) else str(callee).rpartition(":")[2]
        if is_example(self._path(callee)):
            return None
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
