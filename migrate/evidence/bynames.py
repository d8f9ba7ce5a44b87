"""Methods that only one family of classes has: who is meant where the type of a value is not known.

``node.get_stored_info()`` in code without annotations says much, if all classes that have such a method
derive from one that has it. What follows from it stands beside the unknown type, and never instead of it.
"""

from __future__ import annotations

import builtins
import collections
import io
import pathlib
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from migrate.evidence.source import ClassNode

if TYPE_CHECKING:
    import ast

    from migrate.evidence.program import Program
    from migrate.evidence.source import FunctionNode

_MOST = 16
"""Methods of one family beyond which it says too little."""
COMMON = frozenset(
    name
    for kind in (
        *(each for each in vars(builtins).values() if isinstance(each, type)),
        *(collections.OrderedDict, collections.Counter, collections.deque),
        *(io.BytesIO, io.StringIO, io.TextIOWrapper, pathlib.Path, re.Pattern, re.Match),
    )
    for name in dir(kind)
) | {"run", "start", "stop", "cancel", "acquire", "release", "put", "send", "recv", "connect", "execute"}
"""Names that a value of another library may well have."""


class Families:
    """The methods of a program by name, where the name alone tells the family of classes."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[str, tuple[FunctionNode, ...]] = {}

    def methods(self, name: str) -> tuple[FunctionNode, ...]:
        """Return the methods of that name; none if it does not tell the family, or says too little."""
        if name not in self._known:
            self._known[name] = () if name in COMMON or name.startswith("__") else self._akin(name)
        return self._known[name]

    def _akin(self, name: str) -> tuple[FunctionNode, ...]:
        found = self._defined.get(name, [])
        if not 0 < len(found) <= _MOST:
            return ()
        roots = {self._root(owner, name) for owner, _ in found}
        return tuple(method for _, method in found) if len(roots) == 1 else ()

    def _root(self, owner: ClassNode, name: str) -> str:
        """Return the key of the furthest class above ``owner`` that has the method."""
        above = [base for base in self._program.mro(owner) if isinstance(base, ClassNode)]
        return [base.key for base in above if name in base.scope.names][-1]

    @cached_property
    def _defined(self) -> dict[str, list[tuple[ClassNode, FunctionNode]]]:
        found: defaultdict[str, list[tuple[ClassNode, FunctionNode]]] = defaultdict(list)
        for module in self._program.modules.values():
            for function in module.functions:
                if function.owner is not None and not function.decorators & {"property", "setter"}:
                    found[function.name].append((function.owner, function))
        return found


def takes(method: FunctionNode, call: ast.Call) -> bool:
    """Whether a method can be called so, as far as the number of arguments tells."""
    args = method.node.args
    places = len(args.posonlyargs) + len(args.args) - int(method.bound)
    names = {arg.arg for arg in method.parameters}
    if args.vararg is None and len(call.args) > places:
        return False
    return args.kwarg is not None or {keyword.arg for keyword in call.keywords} <= {*names, None}
