"""What the shape of the code around a call says about its purpose.

    pickle.loads(pickle.dumps(x))                          deepcopy-idiom, in a test pickling-test
    self.assertRaises(TypeError, pickle.dumps, x)          pickling-test
    hashlib.md5(pickle.dumps(key)).hexdigest()             hash-of-bytes
    connection.sendall(pickle.dumps(job))                  ipc
    p = pickle.Pickler(f); p.dump(a); p.dump(b)            shared-memo
    out.write(f"x = pickle.loads({pickle.dumps(x)!r})")    program-text
    len(pickle.dumps(x)); try: pickle.dumps(x) except …    bytes-not-kept, in a test pickling-test
    pickletools.optimize(pickle.dumps(x))                  opcode-tool

Only shapes that leave no doubt are judged; a store behind a method that is called ``send`` in one program in
a thousand is the price, and it is reported with its reason, not lost.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import Factory, define, field

from migrate.model import ASKED_BY, READS, WRITES, Operation
from migrate.sites.fates import Fates, called
from migrate.sites.source import span_of
from migrate.sites.texts import ProgramTexts
from migrate.sites.values import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.sites.resolve import Resolver
    from migrate.sites.scopes import Binding, Outline, Scope
    from migrate.sites.uses import Use

_HASHES = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "crc32", "adler32"}
)
_HASH_LIBRARIES = frozenset({"hashlib", "hmac", "xxhash", "mmh3", "zlib", "binascii", "farmhash", "cityhash"})
_NOT_HASHES = frozenset({"compress", "compressobj", "b2a_hex", "b2a_base64", "hexlify"})
_SENDERS = frozenset({"send", "sendall", "sendto", "send_bytes", "send_multipart", "send_pyobj", "bcast"})
_RECEIVERS = frozenset(
    {"recv", "recvfrom", "recv_bytes", "recv_multipart", "communicate", "recv_pyobj", "bcast"}
)
_PIPES = frozenset({"stdin", "stdout", "stderr"})
_QUEUES = frozenset({"put", "put_nowait", "get", "get_nowait"})
_TEXT_OF_BYTES = frozenset({"decode", "hex", "encode", "strip", "rstrip", "join"})
_LOOKS = frozenset({"sys.getsizeof", "pickletools.dis", "pickletools.genops"})
"""Functions that look at bytes and keep none."""
_RAISING = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assert_raises"})
_MAKING = WRITES | {Operation.VALUE}
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def classify(outline: Outline, resolver: Resolver, uses: list[Use], *, in_test: bool) -> None:
    """Give a reason to every use whose shape decides its fate; uses that have one keep it."""
    if not uses:
        return
    classifier = _Classifier(outline, resolver, uses, in_test)
    classifier.round_trips()
    for use in uses:
        if use.reason is None and use.operation in WRITES | READS:
            use.reason = classifier.purpose(use)
        elif use.reason is None and use.operation is Operation.VALUE and classifier.must_raise(use.node):
            use.reason = "pickling-test"
    classifier.identities()
    classifier.shared_memos()
    texts = ProgramTexts(outline)
    for use in uses:
        if use.reason is None and use.operation in WRITES and texts.beside(use.node):
            use.reason = "program-text"


@define(eq=False)
class _Classifier:
    outline: Outline
    resolver: Resolver
    uses: list[Use]
    in_test: bool
    by_node: dict[ast.AST, Use] = field(init=False)
    reads: dict[tuple[Scope, str], list[ast.Name]] = Factory(lambda: defaultdict(list))
    """Every place that reads a local or global variable of this file."""

    def __attrs_post_init__(self) -> None:
        self.by_node = {use.node: use for use in self.uses}
        for name, scope in self.outline.scope_of.items():
            owner = scope.owner(name.id)
            if owner is not None:
                self.reads[owner, name.id].append(name)

    # --- copies ---------------------------------------------------------------------------------------------

    def round_trips(self) -> None:
        """Mark both ends of ``loads(dumps(x))``, also by way of a variable or an `io.BytesIO`."""
        for use in self.uses:
            if use.operation in READS and use.operands.handle is not None and use.reason is None:
                writers = self.written_to(use.operands.handle)
                if writers and all(writer.reason is None for writer in writers):
                    for end in (use, *writers):
                        end.reason = "pickling-test" if self.in_test else "deepcopy-idiom"

    def written_to(self, handle: ast.expr) -> list[Use]:
        """Return the writers of the bytes that ``handle`` holds, if they go nowhere else."""
        source = self.by_node.get(handle)
        if source is not None:
            return [source] if source.operation is Operation.DUMPS else []
        assigned = self.assigned(handle)
        if assigned is None:
            return []
        values, readers = assigned
        sources = [found for value in values if (found := self.by_node.get(value)) is not None]
        if len(sources) == len(values) and all(each.operation is Operation.DUMPS for each in sources):
            return sources if self.in_test or len(readers) == 1 else []
        value = values[-1]
        if len(values) > 1 or not self.is_memory_file(value):
            return []
        writers = [
            use for use in self.uses if use.operation is Operation.DUMP and use.operands.handle in readers
        ]
        operands = {use.operands.handle for use in self.uses}
        seeks = [self.is_seek(reader) for reader in readers if reader not in operands]
        return writers if self.in_test or all(seeks) else []

    def assigned(self, node: ast.expr) -> tuple[list[ast.expr], list[ast.Name]] | None:
        """Return the values of a local variable where it is read, and all places that read it.

        There is one value, but in a test, which may assign it in either branch of an ``if`` or a ``try``.
        """
        if not isinstance(node, ast.Name) or node not in self.outline.scope_of:
            return None
        owner = self.outline.scope_of[node].owner(node.id)
        if owner is None or (owner.kind != "function" and not self.in_test):
            return None
        bindings = [b for b in owner.bindings[node.id] if not self.takes(b, node)]
        if self.in_test:
            # Tests say `s = dumps(x)` again and again; the last one before the read is meant.
            before = [b for b in bindings if getattr(b.node, "lineno", 0) <= node.lineno]
            bindings = [b for b in before if b is before[-1] or self.is_instead(b, before[-1], node)]
        elif len(bindings) != 1:
            return None
        values = [b.meaning for b in bindings if isinstance(b.meaning, ast.expr)]
        return (values, self.reads[owner, node.id]) if values and len(values) == len(bindings) else None

    def is_instead(self, binding: Binding, other: Binding, node: ast.Name) -> bool:
        """Whether two bindings stand in branches of one statement, and ``node`` is read behind it."""
        ours, theirs = (list(self.outline.ancestors(each.node)) for each in (binding, other))
        shared = next((outer for outer in ours if outer in theirs), None)
        return isinstance(shared, ast.If | ast.Try | ast.Match) and shared not in self.outline.ancestors(node)

    def assigned_once(self, node: ast.expr) -> tuple[ast.expr, list[ast.Name]] | None:
        """Return the one value of a local variable, and all places that read it."""
        values, readers = self.assigned(node) or ([], [])
        return (values[0], readers) if len(values) == 1 else None

    def takes(self, binding: Binding, node: ast.Name) -> bool:
        """Whether ``node`` is read to bind its own name anew: ``job = loads(job)``."""
        return isinstance(binding.meaning, ast.expr) and node in ast.walk(binding.meaning)

    def is_memory_file(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call) or node.args:
            return False
        value = self.resolver.expression(self.outline, node.func)
        return isinstance(value, Named) and value.dotted in ("io.BytesIO", "six.BytesIO")

    def is_seek(self, node: ast.expr) -> bool:
        parent = self.outline.parents[node]
        return isinstance(parent, ast.Attribute) and parent.attr in ("seek", "truncate", "close", "flush")

    # --- where the bytes go, or come from -------------------------------------------------------------------

    def purpose(self, use: Use) -> str | None:
        if use.operation is Operation.DUMPS:
            if self.in_test and self.is_refused(use.node):
                return "pickling-test"
            found = self.destination(use.node)
            return "pickling-test" if found == "bytes-not-kept" and self.in_test else found
        if use.operation is Operation.DUMP and use.operands.handle is not None:
            return "ipc" if self.is_pipe(use.operands.handle) else None
        if use.operation in READS and use.operands.handle is not None:
            return (
                "ipc" if self.is_pipe(use.operands.handle) or self.is_received(use.operands.handle) else None
            )
        return None

    def destination(self, node: ast.AST) -> str | None:
        """Judge where the bytes that ``node`` makes are used, by way of one local variable at most."""
        direct = self.consumer(node)
        if direct is not None:
            return direct
        parent = self.outline.parents[node]
        if (
            not isinstance(parent, ast.Assign)
            or len(parent.targets) != 1
            or not isinstance(parent.targets[0], ast.Name)
        ):
            return None
        target = parent.targets[0]
        owner = next(scope for scope in self.outline.scopes if self.binds(scope, target))
        readers = self.reads.get((owner, target.id), ())
        if not readers and owner.kind == "function" and (self.in_test or self.is_tried(parent)):
            return "bytes-not-kept"
        if len(owner.bindings[target.id]) != 1:
            return None
        found = {self.consumer(reader) for reader in readers}
        return found.pop() if len(found) == 1 else None

    def binds(self, scope: Scope, target: ast.Name) -> bool:
        return any(binding.node is target for binding in scope.bindings.get(target.id, ()))

    def consumer(self, node: ast.AST) -> str | None:
        """Judge the expression that takes the bytes of ``node``."""
        parent = self.outline.parents[node]
        if isinstance(parent, ast.BinOp) or (
            isinstance(parent, ast.Call) and self.is_conversion(parent, node)
        ):
            return self.consumer(parent)
        if isinstance(parent, ast.Attribute) and parent.attr in _TEXT_OF_BYTES:
            call = self.outline.parents[parent]
            return self.consumer(call) if isinstance(call, ast.Call) and call.func is parent else None
        if isinstance(parent, ast.Compare):
            return "hash-of-bytes"
        if isinstance(parent, ast.Subscript) and parent.slice is node:
            return "hash-of-bytes"
        if isinstance(parent, ast.Dict) and node in parent.keys:
            return "hash-of-bytes"
        if isinstance(parent, ast.Return) and self.gives_key(parent):
            return "hash-of-bytes"
        if isinstance(parent, ast.Expr) and (self.in_test or self.is_tried(parent)):
            return "bytes-not-kept"
        if isinstance(parent, ast.Call) and node in parent.args:
            return self.callee(parent)
        return None

    def gives_key(self, statement: ast.Return) -> bool:
        """Whether a call of the function in this file is a key, as in ``key = self.of(x); self.db[key]``."""
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        around = next(node for node in self.outline.ancestors(statement) if isinstance(node, functions))
        return any(map(self.is_key, self.calls_of(around.name)))

    def calls_of(self, name: str) -> Iterator[ast.AST]:
        """Yield the calls of a function of this file by its name, and of a method through ``self``."""
        methods = (node for node in self.outline.attributes if node.attr == name)
        own = (node for node in methods if ast.unparse(node.value) in ("self", "cls"))
        for named in (*own, *(node for node in self.outline.scope_of if node.id == name)):
            call = self.outline.parents[named]
            if isinstance(call, ast.Call) and call.func is named:
                yield call

    def is_key(self, node: ast.AST) -> bool:
        """Whether something is looked up by ``node``, or by the variable that it is assigned to."""
        parent = self.outline.parents[node]
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            target = parent.targets[0]
            owner = next(scope for scope in self.outline.scopes if self.binds(scope, target))
            readers = self.reads.get((owner, target.id), ())
            return any(isinstance(self.outline.parents[r], ast.Subscript) and self.is_key(r) for r in readers)
        return isinstance(parent, ast.Subscript) and parent.slice is node

    def is_tried(self, statement: ast.stmt) -> bool:
        """Whether a statement stands in a ``try`` that catches something, and so may only ask."""
        around = self.outline.parents[statement]
        return isinstance(around, ast.Try) and bool(around.handlers) and statement in around.body

    def is_conversion(self, call: ast.Call, node: ast.AST) -> bool:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        return name in ("bytes", "str", "repr", "bytearray", "memoryview") and node in call.args

    def callee(self, call: ast.Call) -> str | None:
        """Judge a function to which the bytes are passed."""
        value = self.resolver.expression(self.outline, call.func)
        if isinstance(value, Named):
            if value.dotted in _LOOKS:
                return "bytes-not-kept"
            if value.dotted == "pickletools.optimize":
                return "opcode-tool"
            library, _, name = value.dotted.rpartition(".")
            hashes = library.partition(".")[0] in _HASH_LIBRARIES and name not in _NOT_HASHES
            return "hash-of-bytes" if hashes else ("ipc" if value.dotted in ("os.write",) else None)
        if isinstance(call.func, ast.Name):
            if call.func.id == "len":
                return "bytes-not-kept"
            return "hash-of-bytes" if call.func.id == "hash" or call.func.id in _HASHES else None
        if not isinstance(call.func, ast.Attribute):
            return None
        method = call.func.attr
        if method == "update" or method in _HASHES:
            return "hash-of-bytes"
        if method in _SENDERS or self.is_queue(call.func):
            return "ipc"
        return "ipc" if method == "write" and self.is_pipe(call.func.value) else None

    def is_queue(self, method: ast.Attribute) -> bool:
        receiver = ast.unparse(method.value).lower().rpartition(".")[2]
        return method.attr in _QUEUES and (receiver in ("q", "_q") or "queue" in receiver)

    def is_pipe(self, node: ast.expr) -> bool:
        """``sys.stdout``, ``process.stdin``, ``sys.stdin.buffer``, ``sock.makefile("rb")``, or a variable."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return node.func.attr == "makefile"
        if isinstance(node, ast.Attribute):
            return node.attr in _PIPES or (node.attr == "buffer" and self.is_pipe(node.value))
        return isinstance(node, ast.Name) and self.is_always_pipe(node)

    def is_always_pipe(self, name: ast.Name) -> bool:
        """Whether all that a variable is given in its own scope is a pipe, named directly."""
        scope = self.outline.scope_of.get(name)
        owner = scope.owner(name.id) if scope is not None else None
        given = [self.given_by(binding) for binding in owner.bindings[name.id]] if owner is not None else []
        return bool(given) and all(
            isinstance(value, ast.Attribute | ast.Call) and self.is_pipe(value) for value in given
        )

    def given_by(self, binding: Binding) -> object:
        """Return what a binding gives its name: an expression if it is one, also that of a ``with``."""
        item = self.outline.parents.get(binding.node)
        return item.context_expr if isinstance(item, ast.withitem) else binding.meaning

    def is_received(self, node: ast.expr) -> bool:
        """``loads(connection.recv(4096))``, ``loads(process.stdout.read())``."""
        if isinstance(node, ast.Subscript | ast.Await):
            return self.is_received(node.value)
        if isinstance(node, ast.Name):
            assigned = self.assigned_once(node)
            return (
                assigned is not None
                and isinstance(assigned[0], ast.Call | ast.Subscript)
                and self.is_received(assigned[0])
            )
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        method = node.func
        if method.attr in _RECEIVERS or self.is_queue(method):
            return True
        return method.attr in ("read", "readline") and self.is_pipe(method.value)

    def must_raise(self, node: ast.AST) -> bool:
        """``pytest.raises(TypeError, pickle.dumps, x)``: the function is to refuse what is passed to it."""
        call = self.outline.parents[node]
        return isinstance(call, ast.Call) and node in call.args[1:] and called(call) in _RAISING

    def is_refused(self, node: ast.AST) -> bool:
        """``with pytest.raises(TypeError): s = pickle.dumps(x)``: the value is to be refused."""
        blocks = (outer for outer in self.outline.ancestors(node) if isinstance(outer, ast.With))
        return any(
            len(block.body) == 1
            and isinstance(item.context_expr, ast.Call)
            and called(item.context_expr) in _RAISING
            for block in blocks
            for item in block.items
        )

    # --- what else is done with the bytes -------------------------------------------------------------------

    def identities(self) -> None:
        """Mark the writers whose bytes are an identity, and say what is not seen of those of the others."""
        loaded = frozenset(u.operands.handle for u in self.uses if u.operands.handle and u.operation in READS)
        fates = Fates(self.outline, self.resolver, self.reads, loaded, self.callee)
        writers = [use for use in self.uses if use.reason is None and use.operation in _MAKING]
        for use in writers:
            fate = fates.judge(self.results(use, fates))
            also = fate.kept or fate.unseen
            use.reason = "hash-of-bytes" if self.orders(use) or (fate.identity and not also) else None
            use.unseen = ASKED_BY if fate.identity else fate.unseen
        for use in writers:
            if use.reason is not None or use.operation is Operation.VALUE or self.in_test:
                use.unseen = ""
            elif fates.searching and use.operation is Operation.DUMPS:
                use.unseen = use.unseen or "kept where something is searched for by such bytes"

    def results(self, use: Use, fates: Fates) -> list[ast.AST]:
        """Return the expressions that have the bytes which a writer makes in memory."""
        if use.operation is Operation.DUMPS:
            return [use.node]
        parent = self.outline.parents[use.node]
        if use.operation is Operation.VALUE and isinstance(parent, ast.Call) and called(parent) == "map":
            return [parent] if use.thing.name == "dumps" else []
        file = use.operands.handle
        if use.operation is not Operation.DUMP or file is None:
            return []
        made, readers = self.assigned_once(file) or (file, [])
        if self.is_memory_file(made):
            written = {other.operands.handle for other in self.uses if other.operation is Operation.DUMP}
            return [reader for reader in readers if reader not in written]
        return fates.taken_by(made, "write") if isinstance(made, ast.Call) else []

    def orders(self, use: Use) -> bool:
        """``sorted(values, key=pickle.dumps)``: values are told apart by the bytes."""
        parent = self.outline.parents[use.node]
        return use.operation is Operation.VALUE and isinstance(parent, ast.keyword) and parent.arg == "key"

    # --- several values through one Pickler -----------------------------------------------------------------

    def shared_memos(self) -> None:
        """Mark Picklers that write, and Unpicklers that read, more than one value."""
        groups: defaultdict[object, list[Use]] = defaultdict(list)
        for use in self.uses:
            if use.origin is not None and use.operation in (Operation.DUMP, Operation.LOAD):
                groups[use.origin].append(use)
        for use in self.uses:
            if use.operation in (Operation.PICKLER, Operation.UNPICKLER) and use.reason is None:
                methods = groups[(self.outline.path, span_of(use.node))]
                again = any(self.loops(method.node) - self.loops(use.node) for method in methods)
                if len(methods) > 1 or again:
                    use.reason = "shared-memo"

    def loops(self, node: ast.AST) -> set[ast.AST]:
        return {ancestor for ancestor in self.outline.ancestors(node) if isinstance(ancestor, _LOOPS)}
