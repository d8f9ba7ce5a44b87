"""What becomes of the bytes that ``dumps`` makes, as far as the file around shows it.

    f.write(pickle.dumps(x)); db[key] = pickle.dumps(x)      kept: nothing else is done with them
    cache.get(pickle.dumps(x)); {pickle.dumps(x)}            an identity: the same value has to give the same
    return pickle.dumps(x); digest(pickle.dumps(x))          not seen: what is done with them stands elsewhere

JSON may stand where a pickle stood only if nobody asks by the bytes. So where they leave the sight of the
file, or go to a function of which nothing is known, that is said, and the edit asks about it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from attrs import Factory, define, field

from migrate.sites.values import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from migrate.sites.resolve import Resolver
    from migrate.sites.scopes import Outline, Scope

_MAPPING = frozenset({"get", "setdefault", "pop", "has_key", "__contains__", "__getitem__"})
"""Methods that look up their first argument."""
_MEMBERS = frozenset(
    {"sadd", "srem", "sismember", "smismember", "smove", "hget", "hmget", "hdel", "hexists", "hincrby"}
    | {"hincrbyfloat", "zadd", "zincrby", "zrank", "zrem", "zrevrank", "zscore", "lrem", "linsert", "lpos"}
    | {"pfadd", "exists", "delete", "unlink", "filter", "filter_by", "exclude"}
)
"""Methods of Redis, and of mappers to SQL, that find something by any of their arguments."""
_VALUE_AT = {"set": 1, "setnx": 1, "getset": 1, "put": 1, "cas": 1, "setex": 2, "psetex": 2, "hset": 2}
_VALUE_AT |= {"hsetnx": 2}
"""Methods of stores, and where the value stands behind what it is kept under."""
_KEEPING = frozenset(
    {"write", "writelines", "write_bytes", "write_text", "writestr", "put_object", "put_nowait", "upload"}
    | {"upload_fileobj", "upload_blob", "upload_from_string", "insert", "insert_one", "insert_many", "create"}
    | {"publish", "encrypt", "print", "debug", "info", "warning", "error", "exception"}
)
"""Functions and methods that put what they are given somewhere, not under it."""
_LISTED = frozenset({"rpush", "lpush"})
_SEARCHED = frozenset({"lrem", "linsert", "lpos"})
_EXECUTING = frozenset({"execute", "executemany"})
"""Where rows and items go, and may be found again by all that is in them; not if they are loaded."""
_PASSING = frozenset(
    {"bytes", "str", "repr", "bytearray", "memoryview", "list", "tuple", "iter", "sorted", "reversed", "map"}
    | {"b64encode", "urlsafe_b64encode", "standard_b64encode", "b32encode", "b85encode", "a85encode"}
    | {"b16encode", "encodebytes", "encodestring", "b2a_base64", "b2a_hex", "hexlify", "compress", "quote"}
    | {"encode", "decode", "hex", "strip", "rstrip", "tobytes", "join", "BytesIO", "getvalue", "getbuffer"}
    | {"read", "Binary"}
)
"""Functions and methods that give the same in another form."""
_SETS = frozenset({"set", "frozenset", "hash", "Counter"})
_FILLING = frozenset({"append", "appendleft", "extend"})
_IDLE = _FILLING | {"close", "seek", "tell", "truncate", "flush", "clear", "write"}
"""Methods of lists and files in memory by which nothing of their contents gets out."""
_SAME = (ast.BinOp, ast.IfExp, ast.BoolOp, ast.Await, ast.Starred, ast.JoinedStr, ast.FormattedValue)
_HOLDERS = (ast.Tuple, ast.List, ast.ListComp, ast.GeneratorExp)
_NOWHERE = (ast.Expr, ast.Delete, ast.If, ast.Assert)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@define(eq=False)
class Fates:
    """Judges what the expressions of one file come to."""

    outline: Outline
    resolver: Resolver
    reads: Mapping[tuple[Scope, str], list[ast.Name]]
    """Every place that reads a variable of this file."""
    loaded: frozenset[ast.AST]
    """The files and bytes that are loaded in this file."""
    purpose: Callable[[ast.Call], str | None]
    """Which reason it gives a pickle to be passed to this function."""
    functions: dict[str, list[Scope]] = field(init=False)
    identity: bool = False
    """Whether the bytes judged last are compared, hashed, or looked up."""
    kept: bool = False
    """Whether they are put somewhere."""
    unseen: str = ""
    """The first thing done with them that tells nothing; empty if there is none."""
    searching: bool = False
    """Whether any bytes that were judged are searched for among those that a store keeps."""
    work: list[ast.AST] = Factory(list)

    def __attrs_post_init__(self) -> None:
        self.functions = {}
        for scope in self.outline.scopes:
            if isinstance(scope.node, _FUNCTIONS):
                self.functions.setdefault(scope.node.name, []).append(scope)

    def judge(self, nodes: Iterable[ast.AST]) -> Fates:
        """Follow the values of ``nodes`` to wherever this file takes them, and say what becomes of them."""
        self.identity, self.kept, self.unseen, self.work = False, False, "", list(nodes)
        seen: set[ast.AST] = set()
        while self.work:
            node = self.work.pop()
            self.kept = self.kept or node in self.loaded
            if node not in seen and node not in self.loaded:
                seen.add(node)
                self.step(node, self.outline.parents[node])
        return self

    def step(self, node: ast.AST, parent: ast.AST) -> None:
        """Look at what the syntax around ``node`` does with it."""
        if isinstance(parent, (*_SAME, *_HOLDERS)):
            self.work.append(parent)
        elif self.is_identity(node, parent):
            self.identity = True
        elif isinstance(parent, ast.Call | ast.keyword):
            self.passed(node, parent)
        elif isinstance(parent, ast.Attribute):
            self.asked(parent)
        elif isinstance(parent, ast.Subscript):
            self.work.append(parent)
        elif isinstance(parent, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            self.assigned(parent)
        elif isinstance(parent, ast.Return):
            self.returned(parent)
        elif isinstance(parent, ast.Dict | ast.DictComp):
            self.kept = True
        elif not isinstance(parent, _NOWHERE):
            self.unseen = self.unseen or "given to other code"

    def is_identity(self, node: ast.AST, parent: ast.AST) -> bool:
        """Whether it is compared, put into a set, or stands where something is looked up."""
        if isinstance(parent, ast.Subscript):
            return parent.slice is node
        if isinstance(parent, ast.Dict):
            return node in parent.keys
        return isinstance(parent, ast.Compare | ast.Set | ast.SetComp) or (
            isinstance(parent, ast.DictComp) and parent.key is node
        )

    def asked(self, attribute: ast.Attribute) -> None:
        """Judge ``data.hex()``: a method of the bytes, or of what holds them."""
        call = self.outline.parents[attribute]
        if isinstance(call, ast.Call) and call.func is attribute and attribute.attr in _PASSING:
            self.work.append(call)
        elif attribute.attr not in _IDLE:
            self.unseen = self.unseen or f"asked for `{attribute.attr}`"

    def assigned(self, statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) -> None:
        """Follow what is read from where the value was put."""
        for target in statement.targets if isinstance(statement, ast.Assign) else (statement.target,):
            if isinstance(target, ast.Name):
                self.work += self.readers(target)
            elif isinstance(target, ast.Attribute):
                self.work += self.attributes(target.attr)
            elif isinstance(target, ast.Subscript):
                self.kept = True
            else:
                self.unseen = self.unseen or "unpacked"
        if isinstance(statement, ast.NamedExpr):
            self.work.append(statement)

    def readers(self, target: ast.Name) -> list[ast.Name]:
        """Return what reads the variable that ``target`` binds."""
        for scope in self.outline.scopes:
            if any(binding.node is target for binding in scope.bindings.get(target.id, ())):
                return self.reads.get((scope, target.id), [])
        return []

    def attributes(self, name: str) -> Iterator[ast.Attribute]:
        """Yield the places of this file that read an attribute of this name, of whatever object."""
        for node in self.outline.attributes:
            if node.attr == name and isinstance(node.ctx, ast.Load):
                yield node

    def returned(self, statement: ast.Return) -> None:
        """Follow the calls of a private function; who else calls a public one is not seen."""
        around = next(n for n in self.outline.ancestors(statement) if isinstance(n, _FUNCTIONS))
        used = [*self.attributes(around.name), *(n for n in self.outline.scope_of if n.id == around.name)]
        calls = [self.outline.parents[reference] for reference in used]
        called = [isinstance(c, ast.Call) and c.func is r for c, r in zip(calls, used, strict=True)]
        self.work += [call for call, is_called in zip(calls, called, strict=True) if is_called]
        private = around.name.startswith("_") and not around.name.endswith("__")
        if not (private and calls and all(called)) or around.decorator_list:
            self.unseen = self.unseen or f"returned by `{around.name}`"

    def passed(self, node: ast.AST, argument: ast.Call | ast.keyword) -> None:
        """Judge an argument by the function that it is passed to."""
        keyword = argument.arg if isinstance(argument, ast.keyword) else None
        call = self.outline.parents[argument] if isinstance(argument, ast.keyword) else argument
        if not isinstance(call, ast.Call):
            self.unseen = self.unseen or "given to other code"
            return
        at = next((i for i, given in enumerate(call.args) if given is node), None)
        name = called(call)
        purpose = self.purpose(call)
        if purpose == "hash-of-bytes" or self.looks_up(call, at, keyword):
            self.identity = True
        elif name in _PASSING:
            self.work.append(call)
        elif name in _FILLING and isinstance(call.func, ast.Attribute):
            self.work.append(call.func.value)
            self.work += self.same_as(call.func.value)
        elif purpose is not None or self.keeps(call, at, keyword):
            self.kept = True
        elif not self.entered(call, at, keyword):
            self.searching = self.searching or name in _EXECUTING
            self.unseen = self.unseen or f"passed to `{ast.unparse(call.func)}`"

    def looks_up(self, call: ast.Call, at: int | None, keyword: str | None) -> bool:
        """Whether a call finds something by this argument, or keeps something under it."""
        name = called(call)
        if not isinstance(call.func, ast.Attribute):
            return name in _SETS
        self.searching = self.searching or name in _SEARCHED
        first = at == 0 or (at is None and name == "get")
        under = name in _VALUE_AT and at is not None and at < min(_VALUE_AT[name], len(call.args) - 1)
        return (name in _MAPPING and first) or name in _MEMBERS or under or keyword == "key"

    def keeps(self, call: ast.Call, at: int | None, keyword: str | None) -> bool:
        """Whether a call only stores this argument, as its name tells."""
        name = called(call)
        if name in _EXECUTING:
            return bool(self.loaded) and _only_stores(call)
        if name in _LISTED:
            return bool(self.loaded)
        made = keyword is not None and name[:1].isupper()
        value = name in _VALUE_AT and (keyword == "value" or (at or 0) >= _VALUE_AT[name])
        return name in _KEEPING or made or value

    def same_as(self, holder: ast.expr) -> Iterable[ast.AST]:
        """Return all places that read the variable or attribute ``holder``."""
        if isinstance(holder, ast.Attribute):
            return self.attributes(holder.attr)
        scope = self.outline.scope_of.get(holder) if isinstance(holder, ast.Name) else None
        owner = scope.owner(holder.id) if scope and isinstance(holder, ast.Name) else None
        return self.reads.get((owner, holder.id), ()) if owner and isinstance(holder, ast.Name) else ()

    def taken_by(self, made: ast.Call, method: str) -> list[ast.AST]:
        """Return what reads the argument of a method, of the class of this file that is called there."""
        found = (s for s in self.functions.get(method, ()) if s.parent and s.parent.name == called(made))
        scope = next((s for s in found if s.parent and isinstance(s.parent.node, ast.ClassDef)), None)
        if scope is None or not isinstance(scope.node, _FUNCTIONS) or len(scope.node.args.args) < 2:
            return []
        return [*self.reads.get((scope, scope.node.args.args[1].arg), ())]

    def entered(self, call: ast.Call, at: int | None, keyword: str | None) -> bool:
        """Follow an argument into the function of this file that is called; False if that is not clear."""
        scopes = self.functions.get(called(call), [])
        node = scopes[0].node if len(scopes) == 1 else None
        if not isinstance(node, _FUNCTIONS) or node.decorator_list:
            return False
        if isinstance(self.resolver.expression(self.outline, call.func), Named):
            return False
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        names = names[1:] if isinstance(call.func, ast.Attribute) else names
        name = names[at] if at is not None and at < len(names) else keyword
        if name is None or name not in scopes[0].bindings:
            return False
        self.work += self.reads.get((scopes[0], name), ())
        return True


def called(call: ast.Call) -> str:
    """Return the last name of the function that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _only_stores(call: ast.Call) -> bool:
    """Whether a statement of SQL stores, and finds no row by what is in it."""
    statement = call.args[0] if call.args else None
    text = statement.value if isinstance(statement, ast.Constant) else None
    words = text.lower().split() if isinstance(text, str) else []
    return words[:1] in (["insert"], ["replace"], ["update"]) and "where" not in words
