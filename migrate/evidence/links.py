"""Whether a load reads what a dump beside it wrote: both name the place where the data are.

    with open(self.path, "wb") as f:        with open(self.path, "rb") as f:
        pickle.dump(orders, f)                  orders = pickle.load(f)

That two calls stand in one file or class does not say that they exchange data. What does is a word in common:
a path or a part of it, a key, an attribute, a parameter, a function that opens or finds the place; the
variable that holds the bytes; or that one function gives the bytes out and the other one takes them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrate.evidence.program import External, Package
from migrate.evidence.source import ClassNode, FunctionNode, Parameter, ScopeKind, Value
from migrate.evidence.syntax import last_name
from migrate.model import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Set

    from migrate.evidence.places import Place
    from migrate.evidence.program import Program
    from migrate.evidence.source import Scope

    Word = tuple[str, Hashable]

_IN_BYTES = frozenset({Operation.DUMPS, Operation.LOADS})
_DEPTH = 5
"""Variables followed to what they stand for, one after the other."""
_CODINGS = frozenset({"ascii", "bytes", "latin1", "latin-1", "utf8", "utf-8", "base64", "hex", "replace"})
_MOVES = ("replace", "rename", "renames", "move", "copy", "copyfile")
"""How the names of functions end that put a file where another one is."""
_MODES = frozenset("rwabxt+U")
_LONGEST = 3
"""Letters of which the mode of a file consists, and how many at most."""
_PASSED: Word = ("passed", "")
"""The bytes are given out by the function, or taken in."""


class Links:
    """The words for the places that the sites of one tree write to and read from."""

    def __init__(self, program: Program, parent: Callable[[ast.AST, Place], ast.AST | None]) -> None:
        """``parent`` gives the node around a node."""
        self._program = program
        self._parent = parent
        self._known: dict[Place, frozenset[Word]] = {}

    def any(self, load: Place, dumps: Iterable[Place]) -> bool:
        """Whether a load reads what one of ``dumps`` wrote, as far as words tell."""
        return any(self._words(load) & self._words(dump) for dump in dumps)

    def _words(self, place: Place) -> frozenset[Word]:
        if place not in self._known:
            found = set(self._of_bytes(place) if place.site.operation in _IN_BYTES else self._of_file(place))
            self._known[place] = frozenset(found | set(self._moved(place, found)))
        return self._known[place]

    # --- where the data are ----------------------------------------------------------------------------

    def _of_file(self, place: Place) -> Iterator[Word]:
        """Yield the words for the file that a site writes or reads."""
        call = place.call
        writes = place.site.operation in (Operation.DUMP, Operation.DUMP_FILE)
        named = [word.value for word in call.keywords if word.arg in ("file", "path", "filename")]
        at = call.args if place.operand is getattr(call.func, "value", None) else call.args[int(writes) :]
        found = named or at[:1]
        if not found and isinstance(call.func, ast.Attribute):
            found = [call.func.value]  # of a Pickler
        for node in found:
            yield from self._named(node, place.scope)

    def _moved(self, place: Place, words: Set[Word]) -> Iterator[Word]:
        """Yield the words for where a function moves what it wrote: ``os.replace(temporary, path)``."""
        function = self._program.function_of(place.scope)
        for node in ast.walk(function.node) if function is not None and words else ():
            if isinstance(node, ast.Call) and (last_name(node) or "").endswith(_MOVES):
                method = isinstance(node.func, ast.Attribute) and len(node.args) == 1
                parts = [node.func.value, *node.args] if method else node.args  # type: ignore[attr-defined]
                if len(parts) > 1 and words & set(self._named(parts[0], place.scope, 1)):
                    yield from self._named(parts[1], place.scope, 1)

    def _of_bytes(self, place: Place) -> Iterator[Word]:
        if place.site.operation is Operation.DUMPS:
            yield from self._given(place.call, place)
            yield ("expression", place.call)
        else:
            for node in place.call.args[:1]:
                yield from self._named(node, place.scope, takes=True)

    def _given(self, node: ast.expr, place: Place, depth: int = 0) -> Iterator[Word]:
        """Yield the words for where the value of ``node`` goes."""
        around = self._parent(node, place)
        if isinstance(around, ast.keyword):
            if around.arg:
                yield ("name", around.arg)
            call = self._parent(around, place)
            around = call if isinstance(call, ast.Call) else None
        if isinstance(around, ast.Return | ast.Yield):
            yield _PASSED
        elif isinstance(around, ast.Assign):
            for target in around.targets:
                yield from self._kept(target, place, depth)
        elif isinstance(around, ast.Call):
            yield from self._call_words(around, place.scope, depth, without=node)
            yield from self._given(around, place, depth)
        elif isinstance(around, ast.Dict):
            keys = (key for key, value in zip(around.keys, around.values, strict=True) if value is node)
            for key in keys:
                yield from self._named(key, place.scope, depth) if key is not None else ()
        if isinstance(around, ast.expr) and not isinstance(around, ast.Call):
            yield from self._given(around, place, depth)

    def _kept(self, target: ast.expr, place: Place, depth: int) -> Iterator[Word]:
        """Yield the words for a target, and for where a variable goes that holds the bytes."""
        if not isinstance(target, ast.Name):
            yield from self._named(target, place.scope, depth)
            return
        yield ("variable", (place.scope, target.id))
        function = self._program.function_of(place.scope)
        for node in ast.walk(function.node) if function is not None and depth < _DEPTH else ():
            if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Load):
                yield from self._given(node, place, depth + 1)

    # --- words of expressions --------------------------------------------------------------------------

    def _named(self, node: ast.expr, scope: Scope, depth: int = 0, *, takes: bool = False) -> Iterator[Word]:
        """Yield the words of an expression; with ``takes``, also that it is taken from the caller."""
        if isinstance(node, ast.Constant):
            text = node.value
            if isinstance(text, str | bytes) and text and text not in _CODINGS:
                yield ("text", text)
        elif isinstance(node, ast.Name):
            yield from self._variable(node, scope, depth, takes=takes)
        elif isinstance(node, ast.Attribute):
            yield ("name", node.attr)
            yield from self._named(node.value, scope, depth)
        elif isinstance(node, ast.Call):
            yield ("expression", node)
            yield from self._call_words(node, scope, depth, takes=takes)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from self._named(child, scope, depth, takes=takes)

    def _call_words(
        self,
        node: ast.Call,
        scope: Scope,
        depth: int,
        *,
        without: ast.expr | None = None,
        takes: bool = False,
    ) -> Iterator[Word]:
        """Yield the words of a call: its arguments, what its method is of, and the tree's own function."""
        refs = self._program.refs(node.func, scope)
        known = any(isinstance(ref, External) for ref in refs)
        of = node.func.value if isinstance(node.func, ast.Attribute) and not known else None
        if any(isinstance(ref, FunctionNode | ClassNode) for ref in refs) or _is_own_method(of):
            yield ("name", last_name(node) or "")
        if of is not None:
            yield from self._named(of, scope, depth, takes=takes)
        opens = (last_name(node) or "").endswith("open")
        args = node.args[:1] if opens else node.args  # the rest is how, not what
        for arg in [] if opens and args and _is_mode(args[0]) else args:
            if arg is not without:
                yield from self._named(arg, scope, depth + 1, takes=takes)

    def _variable(self, node: ast.Name, scope: Scope, depth: int, *, takes: bool) -> Iterator[Word]:
        found = self._program.lookup(scope, node.id)
        if found is None or depth > _DEPTH:
            return
        where, bindings = found
        if where.kind is ScopeKind.FUNCTION and len(bindings) == 1:
            yield ("variable", (where, node.id))
        if depth and all(isinstance(binding, Value) for binding in bindings):
            yield ("name", node.id)  # a path or key; what a handle is called says nothing
        for binding in bindings:
            if isinstance(binding, Parameter):
                if not binding.is_receiver:
                    yield ("name", node.id)
                    yield from [_PASSED] if takes else []
            elif isinstance(binding, Value):
                yield from self._named(binding.expr, binding.scope, depth + 1, takes=takes)
        if where.kind is not ScopeKind.FUNCTION:
            refs = self._program.refs(node, scope)
            if not any(isinstance(ref, Package | External) for ref in refs):
                yield ("name", node.id)


def _is_mode(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and 0 < len(text) <= _LONGEST and set(text) <= _MODES


def _is_own_method(of: ast.expr | None) -> bool:
    return isinstance(of, ast.Name) and of.id in ("self", "cls")
