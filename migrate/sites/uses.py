"""The uses of pickle in one file: every reference to it, judged by what stands around it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from attrs import Factory, define, evolve

from migrate.model import READS, WRITES, Operation
from migrate.sites.configured import settings
from migrate.sites.defaults import DEFAULTS, METHODS, stores_otherwise
from migrate.sites.files import FILE_CALLS, FRAME_METHOD, PATHS, arguments_of, is_served
from migrate.sites.libraries import (
    BROAD,
    CODE_PICKLERS,
    CONSTANTS,
    FUNCTIONS,
    PICKLE_ERRORS,
    PICKLER_BASES,
    PICKLERS,
    SHELVES,
    SUPPORTED,
    Thing,
    relative_reason,
)
from migrate.sites.operands import NO_OPERANDS, Operands, literal_protocol, read_operands, says_more
from migrate.sites.resolve import Resolver, names_pickle
from migrate.sites.source import span_of
from migrate.sites.subclasses import judge
from migrate.sites.values import Named, OwnClass, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.findclass import Renames
    from migrate.sites.scopes import Outline, Scope

_BY_FUNCTION = {
    "dump": Operation.DUMP,
    "dumps": Operation.DUMPS,
    "load": Operation.LOAD,
    "loads": Operation.LOADS,
    "Pickler": Operation.PICKLER,
    "Unpickler": Operation.UNPICKLER,
}
_DATA_MODEL = {"persistent_id": "persistent-id", "persistent_load": "persistent-id"}
"""What makes a Pickler or Unpickler write or read something else when it is set on the object."""

_INTROSPECTION = frozenset({"setattr", "delattr", "hasattr", "reload", "vars", "dir"})
_PATCHERS = frozenset({"setattr", "delattr", "object", "spy", "multiple", "reload"})
"""``monkeypatch.setattr``, ``mock.patch.object``, ``mocker.spy``, ``importlib.reload``."""
_PATCHERS_BY_TEXT = frozenset({"patch", "setattr", "dict", "spy"})
_PATCHED = re.compile(r"(?:^|\.)(?P<library>c?[pP]ickle|_pickle)(?:\.(?P<name>\w+))?$")


@define(eq=False)
class Use:
    """A use of pickle before it has an id: what `Site` says, with nodes in place of text."""

    node: ast.stmt | ast.expr
    """The node whose span is the site's."""
    reference: ast.expr | ast.stmt
    """The expression that names pickle."""
    operation: Operation
    thing: Thing
    binding: str = ""
    operands: Operands = NO_OPERANDS
    reason: str | None = None
    origin: Place | None = None
    spare: bool = False
    renames: Renames = ()
    restricts: bool = False
    unseen: str = ""


def find_uses(outline: Outline, resolver: Resolver) -> list[Use]:
    """Return every use of pickle and its relatives in a file, in source order."""
    finder = _Finder(outline, resolver)
    found = [*finder.references(), *finder.methods(), *finder.frames(), *finder.texts(), *finder.settings()]
    return sorted(found, key=lambda use: (span_of(use.node), span_of(use.reference)))


@define(eq=False)
class _Finder:
    outline: Outline
    resolver: Resolver
    silent: dict[tuple[Scope, str], bool] = Factory(dict)
    """Scope and a name that it binds → whether that says nothing."""

    def references(self) -> Iterator[Use]:
        mute: dict[tuple[Scope, str], bool] = {}
        mute_chains: set[tuple[Scope, str]] = set()
        asked = self.asked_for_modules()
        for name, scope in self.outline.scope_of.items():
            key = (scope, name.id)
            silent = mute.get(key)
            if silent is None:
                silent = mute[key] = self.says_nothing(name, scope)
            if silent and name not in asked:
                continue
            chain = (scope, self.dotted(name))
            if chain in mute_chains and name not in asked:
                continue
            end, value = self.chain(name)
            use = self.use(end, value)
            if use is None and _is_silent(value):
                mute_chains.add(chain)
            if use is not None:
                yield use
            if use is not None and use.operation is Operation.IMPORT and isinstance(use.node, ast.expr):
                further = self.use(*self.chain(use.node))
                if further is not None:
                    yield further

    def dotted(self, node: ast.expr) -> str:
        """Return the text of the whole chain of attributes that begins with a name; "…()" where it is called.

        Wherever the same stands in the same scope, it means the same: most chains of a file are repeated.
        """
        parents = self.outline.parents
        parts = [node.id] if isinstance(node, ast.Name) else []
        while True:
            parent = parents[node]
            if isinstance(parent, ast.Attribute):
                parts.append(parent.attr)
            elif isinstance(parent, ast.Call) and parent.func is node:
                parts.append("()")
            else:
                return ".".join(parts)
            node = parent

    def asked_for_modules(self) -> set[ast.expr]:
        """Return where a call begins that is given the name of pickle: ``tools.optional("dill")``."""
        found = set()
        for node in filter(names_pickle, self.outline.strings):
            parent = self.outline.parents[node]
            call = self.outline.parents[parent] if isinstance(parent, ast.keyword) else parent
            if isinstance(call, ast.Call):
                start = call.func
                while isinstance(start, ast.Attribute):
                    start = start.value
                found.add(start)
        return found

    def says_nothing(self, node: ast.Name, scope: Scope) -> bool:
        """Whether a name stands for nothing that was imported, and no attribute of it does: most names do.

        Those are parameters and loop variables, functions, and builtins. The first parameter of a method is
        not among them, for its attributes are those of the class.
        """
        name = node.id
        owner = scope.owner(name)
        if owner is None:
            return name != "__import__" and self.resolver.name(self.outline, node) is None
        if owner is not scope and (owner, name) in self.silent:
            return self.silent[owner, name]
        found = self.silent[owner, name] = self.is_silent_in(owner, name)
        return found

    def is_silent_in(self, owner: Scope, name: str) -> bool:
        """The same, of a name in the scope that binds it."""
        function = owner.node
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = [*function.args.posonlyargs, *function.args.args]
            if parameters and parameters[0].arg == name:
                return False
        if all(binding.meaning is None for binding in owner.bindings[name]):
            return True
        return self.resolver.bound(self.outline, owner, name) is None

    def chain(self, node: ast.expr) -> tuple[ast.expr, Named | None]:
        """Return the longest chain of attributes from ``node`` on that has a meaning: ``pickle.dump``."""
        value = self.resolver.expression(self.outline, node)
        while not _is_end(value):
            parent = self.outline.parents[node]
            if isinstance(value, OwnClass) and isinstance(parent, ast.Call) and parent.func is node:
                node = parent  # An object of the class has its attributes.
                continue
            if not isinstance(parent, ast.Attribute):
                break
            further = self.resolver.expression(self.outline, parent)
            if further is None:
                break
            node, value = parent, further
        return node, value if isinstance(value, Named) else None

    def use(self, node: ast.expr, value: Named | None) -> Use | None:
        """Judge one reference."""
        if value is None or value.thing is None:
            return self.dynamic_import(node, value)
        if value.instance:
            return self.of_instance(node, value, value.thing.library)
        if not value.pickles:
            return self.relative(node, value.thing)
        use = (
            self.of_member(node, value, value.thing)
            if value.thing.name
            else self.of_module(node, value, value.thing)
        )
        if use is not None and use.reason is None:
            use.reason = value.reason
        return use

    # --- pickle ---------------------------------------------------------------------------------------------

    def of_module(self, node: ast.expr, value: Named, thing: Thing) -> Use | None:
        """Judge the module itself: deleted, looked into, or passed on."""
        if value.origin is not None:
            return None
        use = Use(node, node, Operation.MODULE, thing, ast.unparse(node))
        parent = self.outline.parents[node]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            use.reason = "dynamic-module"
        elif isinstance(parent, ast.Call) and node in parent.args:
            callee = parent.func
            if isinstance(callee, ast.Name) and callee.id == "getattr":
                use.node, use.operation, use.reason = parent, Operation.VALUE, "dynamic-module"
            elif _last_name(callee) in (_INTROSPECTION if isinstance(callee, ast.Name) else _PATCHERS):
                use.reason = "dynamic-module"
        return use

    def of_member(self, node: ast.expr, value: Named, thing: Thing) -> Use | None:
        """Judge a function, class, exception or constant of pickle."""
        name = thing.name
        parent = self.outline.parents[node]
        use = Use(node, node, Operation.VALUE, thing, _binding(node, self.resolver, self.outline))
        use.origin = value.origin
        if isinstance(node, ast.Attribute | ast.Name) and not isinstance(node.ctx, ast.Load):
            use.reason = "dynamic-module"
        elif name in PICKLE_ERRORS:
            use.operation = Operation.ERROR
            use.reason = "subclass-of-pickler" if self.in_subclass(node) else None
        elif name in CONSTANTS:
            use.operation = Operation.CONSTANT
        elif isinstance(parent, ast.ClassDef) and name in PICKLER_BASES:
            self.subclass(use, parent)
        elif isinstance(parent, ast.Call) and parent.func is node and name in FUNCTIONS | PICKLER_BASES:
            self.call(use, parent)
        elif name in PICKLERS and self.needs_a_class(node):
            use.reason = "unsupported-name"
        if name not in SUPPORTED and use.reason is None and value.origin is None:
            use.reason = "unsupported-name"
        # What the program does with names of its own is its own affair, unless it calls pickle by them.
        if value.origin is not None and use.operation not in READS | WRITES:
            return None
        return use

    def subclass(self, use: Use, node: ast.ClassDef) -> None:
        """Fill in ``use`` for a class derived from Pickler or Unpickler."""
        verdict = judge(node, self.outline, self.resolver)
        use.operation, use.reason = Operation.SUBCLASS, verdict.reason
        use.spare, use.renames, use.restricts = verdict.spare, verdict.renames, verdict.restricts

    def in_subclass(self, node: ast.expr) -> bool:
        """Whether ``node`` is in a class derived from Pickler or Unpickler, which raises pickle's errors."""
        classes = (around for around in self.outline.ancestors(node) if isinstance(around, ast.ClassDef))
        bases = (self.resolver.expression(self.outline, base) for each in classes for base in each.bases)
        things = (value.thing for value in bases if isinstance(value, Named))
        return any(found is not None and found.pickles and found.name in PICKLER_BASES for found in things)

    def call(self, use: Use, call: ast.Call) -> None:
        """Fill in ``use`` for a call of a function, or for ``Pickler(f).dump(x)``."""
        use.node = call
        function = use.thing.name.removeprefix("_")
        use.operation = _BY_FUNCTION[function]
        use.operands = read_operands(function, call, self.protocol)
        if use.thing.library in CODE_PICKLERS and says_more(function, call):
            use.reason = "code-pickler"
        if function in PICKLERS:
            self.inline(use, call)
        if use.operands.hidden:
            use.reason = "dynamic-arguments"
        elif use.operands.out_of_band:
            use.reason = use.reason or "unsupported-name"

    def inline(self, use: Use, made: ast.Call) -> None:
        """Widen ``Pickler(f)`` to ``Pickler(f).dump(x)`` where it stands there."""
        attribute = self.outline.parents[made]
        if not isinstance(attribute, ast.Attribute):
            return
        method = "dump" if use.operation is Operation.PICKLER else "load"
        call = self.outline.parents[attribute]
        if attribute.attr != method:
            use.reason = "unsupported-name"
        elif isinstance(call, ast.Call) and call.func is attribute:
            outer = read_operands("dumps" if method == "dump" else "", call, self.protocol)
            use.node = call
            use.operation = _BY_FUNCTION[method]
            use.operands = evolve(use.operands, value=outer.value, hidden=use.operands.hidden or outer.hidden)

    def of_instance(self, node: ast.expr, value: Named, library: str) -> Use | None:
        """Judge a Pickler or Unpickler kept in a variable: only what is done with it is a use."""
        attribute = self.outline.parents[node]
        if not isinstance(attribute, ast.Attribute) or attribute.value is not node:
            return None
        call = self.outline.parents[attribute]
        called = call if isinstance(call, ast.Call) and call.func is attribute else None
        thing = Thing(library, attribute.attr)
        use = Use(
            called or attribute, attribute, Operation.VALUE, thing, ast.unparse(node), reason=value.reason
        )
        use.origin = value.origin
        if attribute.attr in ("dump", "load"):
            if called is not None:
                use.operation = _BY_FUNCTION[attribute.attr]
                use.operands = read_operands(
                    "dumps" if attribute.attr == "dump" else "", called, self.protocol
                )
                use.reason = "dynamic-arguments" if use.operands.hidden else use.reason
        else:
            use.reason = _DATA_MODEL.get(attribute.attr, "unsupported-name")
        return use

    def needs_a_class(self, node: ast.expr) -> bool:
        """Whether Pickler is wanted as a class: looked into, checked against, or annotated with."""
        parent = self.outline.parents[node]
        if isinstance(parent, ast.Attribute) or self.is_annotation(node):
            return True
        call = next((item for item in self.outline.ancestors(node) if not isinstance(item, ast.Tuple)), None)
        return isinstance(call, ast.Call) and _last_name(call.func) in ("isinstance", "issubclass")

    def protocol(self, node: ast.expr) -> int | None:
        """Return the protocol that an argument asks for; -1 for the highest."""
        value = self.resolver.expression(self.outline, node)
        if isinstance(value, Named) and value.thing is not None and value.thing.name == "HIGHEST_PROTOCOL":
            return -1
        return literal_protocol(node)

    # --- relatives and dynamic imports ----------------------------------------------------------------------

    def relative(self, node: ast.expr, thing: Thing) -> Use | None:
        """Another library that pickles underneath."""
        parent = self.outline.parents[node]
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        if not thing.name and (not _is_passed_on(parent) or thing.library in BROAD):
            return None
        if thing.library in DEFAULTS and (call is None or stores_otherwise(thing.library, call)):
            return None
        if thing.library == "numpy" and (call is None or not _allows_pickle(call)):
            return None
        if thing.library == "jsonpickle" and call is not None and _is_false(call, "unpicklable"):
            return None
        use = Use(call or node, node, Operation.RELATIVE, thing, _binding(node, self.resolver, self.outline))
        if call is not None and self.file(use, call):
            return use
        if thing.library == "shelve" and self.shelf(use, call, parent):
            return use
        if thing.library == "numpy" and call is not None and self.may_be_plain(call):
            use.operation = Operation.ARRAY
            use.operands = Operands(handle=call.args[0] if call.args else None)
            return use
        use.reason = relative_reason(thing.library, thing.name)
        if call is not None:
            use.operands = read_operands(thing.name, call, self.protocol)
        return use

    def file(self, use: Use, call: ast.Call) -> bool:
        """Fill in ``use`` for a call that writes or reads a whole file; whether it is one."""
        library, name = use.thing.library, use.thing.name
        known = FILE_CALLS.get((library, name))
        if known is None:
            return False
        use.operation = known.operation
        given = arguments_of(library, name, call) or {}
        value = call.func.value if known.method and isinstance(call.func, ast.Attribute) else None
        use.operands = Operands(
            value=value or given.get("value") or given.get("obj"),
            handle=next((given[key] for key in known.parameters if key in given and key in PATHS), None),
        )
        result_used = not isinstance(self.outline.parents[call], ast.Expr)
        if not is_served(library, name, call, result_used=result_used):
            use.reason = relative_reason(library)
        return True

    def may_be_plain(self, call: ast.Call) -> bool:
        """Whether numpy is told True and nothing says that it is about an array of objects.

        ``numpy.load(…).item()`` does: it is how a dict comes out of the array that holds it.
        """
        parent = self.outline.parents[call]
        taken_out = isinstance(parent, ast.Attribute) and parent.attr == "item"
        index = parent.slice if isinstance(parent, ast.Subscript) else None
        whole = isinstance(index, ast.Tuple) and not index.elts
        return _says_true(call) and not taken_out and not whole

    def shelf(self, use: Use, call: ast.Call | None, parent: ast.AST) -> bool:
        """Fill in ``use`` for a call that opens a shelf, for a subclass, or for ``shelve.open`` passed on."""
        name = use.thing.name
        if name in SHELVES and call is not None:
            use.operation = Operation.SHELF
            use.operands = read_operands(f"shelve.{name}", call, self.protocol)
            return True
        around = self.outline.parents[parent] if isinstance(parent, ast.Subscript) else parent
        if isinstance(around, ast.ClassDef):
            use.operation, use.reason = Operation.SUBCLASS, "shelf"
            return True
        if name == "open" and not isinstance(parent, ast.Attribute) and _is_read(use.reference):
            use.operation = Operation.VALUE
            return True
        return False

    def methods(self) -> Iterator[Use]:
        """Methods that name pickle, on anything: ``db.PickleType``, ``socket.send_pyobj(x)``."""
        for node in self.outline.attributes:
            if node.attr not in METHODS and node.attr != "PickleType":
                continue
            library, reason = METHODS.get(node.attr, ("", ""))
            parent = self.outline.parents[node]
            call = parent if isinstance(parent, ast.Call) and parent.func is node else None
            if node.attr == "PickleType" and self.resolver.expression(self.outline, node) is None:
                library, reason = "sqlalchemy", relative_reason("sqlalchemy")
            elif call is None or library not in self.outline.libraries:
                continue
            thing, binding = Thing(library, node.attr), ast.unparse(node.value)
            yield Use(call or node, node, Operation.RELATIVE, thing, binding, reason=reason)

    def frames(self) -> Iterator[Use]:
        """``frame.to_pickle(path)`` on anything, in a file that imports pandas."""
        if not self.outline.libraries & {"pandas", "geopandas", "dask"}:
            return
        for node in self.outline.attributes:
            if node.attr == "to_pickle" and not self.is_pandas(node.value):
                parent = self.outline.parents[node]
                call = parent if isinstance(parent, ast.Call) and parent.func is node else None
                use = Use(
                    call or node,
                    node,
                    Operation.RELATIVE,
                    Thing("pandas", FRAME_METHOD),
                    ast.unparse(node.value),
                )
                if call is None or not self.file(use, call):
                    use.reason = relative_reason("pandas")
                yield use

    def is_pandas(self, node: ast.expr) -> bool:
        """Whether it is the module: ``pandas.to_pickle(frame, path)``."""
        value = self.resolver.expression(self.outline, node)
        return isinstance(value, Named) and value.dotted == "pandas"

    def settings(self) -> Iterator[Use]:
        """Settings that make a library pickle: ``task_serializer="pickle"``."""
        for node, thing, reason in settings(self.outline):
            yield Use(node, node, Operation.RELATIVE, thing, reason=reason)

    def texts(self) -> Iterator[Use]:
        """Names inside strings: ``mock.patch("shop.store.pickle.dump")``, and quoted annotations."""
        for node in self.outline.strings:
            text = str(node.value)
            if "ickle" not in text:
                continue
            match = _PATCHED.search(text)
            parent = self.outline.parents[node]
            if match and isinstance(parent, ast.Call) and _last_name(parent.func) in _PATCHERS_BY_TEXT:
                thing = Thing(match["library"], match["name"] or "")
                operation = Operation.VALUE if thing.name else Operation.MODULE
                yield Use(node, node, operation, thing, reason="dynamic-module")
            elif self.is_annotation(node):
                yield from self.quoted(node, text)

    def quoted(self, node: ast.Constant, text: str) -> Iterator[Use]:
        try:
            names = [item for item in ast.walk(ast.parse(text, mode="eval")) if isinstance(item, ast.Name)]
        except SyntaxError:
            return
        for name in names:
            scope = self.outline.module
            value = self.resolver.bound(self.outline, scope, name.id) if name.id in scope.bindings else None
            if isinstance(value, Named) and value.pickles and value.origin is None and value.thing:
                yield Use(node, node, Operation.VALUE, value.thing, name.id, reason="unsupported-name")

    def is_annotation(self, node: ast.expr) -> bool:
        """Whether ``node`` stands in an annotation."""
        inner: ast.AST = node
        for ancestor in self.outline.ancestors(node):
            if isinstance(ancestor, ast.arg | ast.AnnAssign):
                return getattr(ancestor, "annotation", None) is inner
            if isinstance(ancestor, ast.stmt):
                return getattr(ancestor, "returns", None) is inner
            inner = ancestor
        return False

    def dynamic_import(self, node: ast.expr, value: Named | None) -> Use | None:
        """``importlib.import_module("pickle")``, ``sys.modules["pickle"]``, ``self.optional("pickle")``."""
        around = self.outline.parents[node]
        while value is None and isinstance(around, ast.Attribute):
            node, around = around, self.outline.parents[around]
        if not isinstance(around, ast.Call | ast.Subscript):
            return None
        if node is not (around.func if isinstance(around, ast.Call) else around.value):
            return None
        dotted = self.resolver.imported_dynamically(self.outline, around, value)
        if dotted is None:
            return None
        return Use(around, around, Operation.IMPORT, Thing(dotted), reason="dynamic-module")


def _is_silent(value: Named | None) -> bool:
    """Whether a chain that is no use here is none elsewhere; ``sys.modules["pickle"]`` depends on the key."""
    return value is None or (value.thing is None and value.dotted != "sys.modules")


def _is_end(value: object) -> bool:
    """Whether nothing that follows by attribute can be of interest."""
    return isinstance(value, Named) and (
        value.instance or (value.thing is not None and value.thing.name != "")
    )


def _binding(node: ast.expr, resolver: Resolver, outline: Outline) -> str:
    """Return how the file reaches pickle here: the module before the last dot, or the whole reference."""
    if isinstance(node, ast.Attribute):
        base = resolver.expression(outline, node.value)
        if isinstance(base, Named) and base.thing is not None:
            return ast.unparse(node.value)
    return ast.unparse(node)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)


def _is_passed_on(parent: ast.AST) -> bool:
    """Whether a module stands where a value is wanted, rather than before a dot."""
    return not isinstance(parent, ast.Attribute | ast.Delete | ast.Expr)


def _says_true(call: ast.Call) -> bool:
    """Whether ``allow_pickle`` is written as True, and nothing is passed that cannot be seen."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False
    given = [keyword.value for keyword in call.keywords if keyword.arg == "allow_pickle"] + call.args[2:3]
    return len(given) == 1 and isinstance(given[0], ast.Constant) and given[0].value is True


def _is_false(call: ast.Call, name: str) -> bool:
    given = (keyword.value for keyword in call.keywords if keyword.arg == name)
    return any(isinstance(value, ast.Constant) and value.value is False for value in given)


def _allows_pickle(call: ast.Call) -> bool:
    """``numpy.load`` unpickles only with ``allow_pickle=True`` (the default until NumPy 1.16.3)."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "allow_pickle"] + call.args[2:3]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in given)
