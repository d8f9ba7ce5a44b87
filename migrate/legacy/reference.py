"""The reference engine: the pickle machine of protocols 0-5, building records.

It follows ``Lib/pickle.py`` (class ``_Unpickler``), with every step that would import, call, hash or
preallocate replaced by one that builds a record. It is the specification of what a pickle means here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from . import literals, opcodes
from .errors import LimitExceeded, MalformedPickle, TruncatedPickle, UnsupportedOpcode
from .joblib_arrays import Layout, layout_of
from .records import (
    NO_STATE,
    Buffer,
    ByteString,
    Call,
    Dict,
    FrozenSet,
    Global,
    Node,
    Persistent,
    Record,
    Set,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .limits import Limits


class Decoded(NamedTuple):
    """One pickle as read."""

    root: Record
    end: int
    """Offset right after STOP."""
    protocol: int
    """As the PROTO opcode says; 0 without one (which may as well be protocol 1)."""
    dropped: tuple[Record, ...]
    """Records that the pickle built and then threw away, or left on the stack: ``pickle.load`` would have
    made those too.
    """


def read(data: bytes, start: int, limits: Limits, buffers: int | None = None) -> tuple[Decoded, int]:
    """Return the pickle that begins at ``start`` and how many opcodes it has.

    ``buffers`` is the number of out-of-band buffers that go with it, if any do. How deep the records are
    nested is for the caller to check.

    Raises :class:`~.errors.LegacyError` for everything else that is not a whole pickle within ``limits``.
    """
    machine = _Machine(data, start, limits, buffers)
    return machine.run(), machine.ops


class _Machine:
    """A stack, marks and a memo. One method per opcode, named in ``_HANDLERS``."""

    def __init__(self, data: bytes, start: int, limits: Limits, buffers: int | None) -> None:
        if len(data) - start > limits.max_bytes:
            raise LimitExceeded(
                f"the data are longer than max_bytes={limits.max_bytes}", limit="max_bytes", offset=start
            )
        self.data = data
        self.pos = start
        self.at = start
        self.limits = limits
        self.buffers = buffers
        self.next_buffer = 0
        self.protocol = 0
        self.ops = 0
        self.stack: list[Record] = []
        self.push = self.stack.append
        self.marks: list[int] = []
        self.fence = 0
        self.memo: dict[int, Record] = {}
        self.globals: dict[tuple[str, str], Global] = {}
        self.dropped: list[Record] = []
        self.nested = False

    def run(self) -> Decoded:
        data, size, handlers = self.data, len(self.data), _HANDLERS
        last = self.limits.max_ops
        while (at := self.pos) < size:
            self.at = at
            self.pos = at + 1
            opcode = data[at]
            self.ops += 1
            if self.ops > last:
                self.exceeded("max_ops")
            if opcode == opcodes.STOP:
                return self.finish()
            handler = handlers.get(opcode)
            if handler is None:
                self.malformed(f"byte 0x{opcode:02x} is not an opcode")
            handler(self)
        raise TruncatedPickle("the pickle has no end (STOP)", offset=self.pos)

    def finish(self) -> Decoded:
        if self.marks:
            self.malformed("the pickle stops inside an open mark")
        root = self.pop()
        leftovers = (record for record in self.stack if isinstance(record, Node))
        return Decoded(root, self.pos, self.protocol, (*self.dropped, *leftovers))

    # --- errors
    # ---------------------------------------------------------------------------------------------------

    def malformed(self, what: str) -> NoReturn:
        raise MalformedPickle(f"{opcodes.name(self.data[self.at])}: {what}", offset=self.at)

    def exceeded(self, limit: str) -> NoReturn:
        bound = getattr(self.limits, limit)
        raise LimitExceeded(f"the pickle goes past {limit}={bound}", limit=limit, offset=self.at)

    # --- arguments
    # ------------------------------------------------------------------------------------------------

    def take(self, size: int) -> bytes:
        end = self.pos + size
        if end > len(self.data):
            left = len(self.data) - self.pos
            name = opcodes.name(self.data[self.at])
            raise TruncatedPickle(f"{name} wants {size} bytes, {left} are left", offset=self.at)
        chunk = self.data[self.pos : end]
        self.pos = end
        return chunk

    def unsigned(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def prefixed(self, size: int) -> bytes:
        length = int.from_bytes(self.take(size), "little", signed=self.data[self.at] in opcodes.SIGNED)
        if length < 0:
            self.malformed(f"a length of {length}")
        return self.take(length)

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.pos)
        if end < 0:
            raise TruncatedPickle(f"{opcodes.name(self.data[self.at])}: no end of line", offset=self.at)
        text = self.data[self.pos : end]
        self.pos = end + 1
        return text

    def digits(self) -> bytes:
        text = self.line()
        if len(text) > self.limits.max_digits:
            self.exceeded("max_digits")
        return text

    def parsed(self, parse: Callable[[bytes], Any], text: bytes) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            self.malformed(str(error))

    # --- stack
    # ----------------------------------------------------------------------------------------------------

    def pop(self) -> Record:
        if len(self.stack) <= self.fence:
            self.malformed("nothing is on the stack")
        return self.stack.pop()

    def top(self) -> Record:
        if len(self.stack) <= self.fence:
            self.malformed("nothing is on the stack")
        return self.stack[-1]

    def pop_tuple(self) -> tuple[Record, ...]:
        args = self.pop()
        if type(args) is not tuple:
            self.malformed("the arguments are not a tuple")
        return args

    def mark(self) -> None:
        self.fence = len(self.stack)
        self.marks.append(self.fence)

    def pop_mark(self) -> list[Record]:
        if not self.marks:
            self.malformed("no mark is open")
        start = self.marks.pop()
        self.fence = self.marks[-1] if self.marks else 0
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def pop_parts(self) -> list[Record]:
        parts = self.pop_mark()
        if len(parts) % 2:
            self.malformed("a key without a value")
        return parts

    def empty_dict(self) -> None:
        self.push(Dict())

    def dict(self) -> None:
        parts = self.pop_parts()
        self.empty_dict()
        self.set_items(parts)

    def drop(self, record: Record) -> None:
        """Keep what POP throws away where it can still be seen."""
        if not isinstance(record, Node):
            return
        self.dropped.append(record)
        # A reducer's sixth value (Python 3.8): setter(obj, state) is called above obj, and its result is
        # popped.
        if isinstance(record, Call) and len(record.args) == 2 and len(self.stack) > self.fence:
            target = self.stack[-1]
            if isinstance(target, Call) and target is record.args[0]:
                target.effects = (*target.effects, record)

    def do_pop(self) -> None:
        if len(self.stack) > self.fence:
            self.drop(self.stack.pop())
        else:
            self.do_pop_mark()

    def do_pop_mark(self) -> None:
        for record in self.pop_mark():
            self.drop(record)

    # --- memo
    # -----------------------------------------------------------------------------------------------------

    def put(self, index: int) -> None:
        if not 0 <= index < self.limits.max_memo:
            self.exceeded("max_memo")
        self.memo[index] = self.top()

    def get(self, index: int) -> None:
        try:
            self.stack.append(self.memo[index])
        except KeyError:
            self.malformed(f"the memo has nothing at {index}")

    def memo_index(self) -> int:
        index: int = self.parsed(literals.integer, self.digits())
        return index

    # --- globals and calls
    # ----------------------------------------------------------------------------------------

    def named(self, module: Record, name: Record) -> Global:
        if type(module) is not str or type(name) is not str:
            self.malformed("the name of a global is not text")
        key = (module, name)
        found = self.globals.get(key)
        if found is None:
            if len(self.globals) >= self.limits.max_globals:
                self.exceeded("max_globals")
            found = self.globals[key] = Global(module, name)
        return found

    def global_lines(self) -> Global:
        module = self.parsed(bytes.decode, self.line())
        return self.named(module, self.parsed(bytes.decode, self.line()))

    def stack_global(self) -> None:
        name = self.pop()
        self.push(self.named(self.pop(), name))

    def inst(self) -> None:
        function = self.global_lines()
        self.push(Call.of(function, tuple(self.pop_mark()), old=True))

    def obj(self) -> None:
        function, *args = self.pop_mark() or self.malformed("no class after the mark")
        self.push(Call.of(function, tuple(args), old=True))

    def reduce(self) -> None:
        args = self.pop_tuple()
        # What is called gets the arguments, not the tuple, which may be referred to from elsewhere.
        self.push(Call.of(self.pop(), (*args,)))

    def newobj(self) -> None:
        args = self.pop_tuple()
        self.push(Call.of(self.pop(), args, new=True))

    def newobj_ex(self) -> None:
        kwargs = self.pop()
        if not isinstance(kwargs, Dict):
            self.malformed("the keyword arguments are not a dict")
        args = self.pop_tuple()
        self.push(Call.of(self.pop(), args, kwargs, new=True))

    def build(self) -> None:
        state = self.pop()
        target = self.top()
        if not isinstance(target, Node) and _is_no_state(state):
            return  # pickle does nothing either
        if not isinstance(target, Call):
            self.malformed(f"state for a {kind(target)}, which has none")
        if target.state is not NO_STATE:
            if target.is_again(state):
                return
            self.malformed("a second state for the same object")
        target.state = state
        layout = layout_of(target, self.at)
        if layout is not None:
            target.extend([self.array(layout)])

    def array(self, layout: Layout) -> Record:
        """Return what joblib puts between the opcodes: bytes of an array, or the pickle of its objects."""
        if layout.size is not None:
            if layout.padded:
                self.take(self.unsigned(1))
            return self.take(layout.size)
        if self.nested:
            self.malformed("an array of objects within an array of objects")
        inner = _Machine(self.data, self.pos, self.limits, self.buffers)
        inner.nested = True
        found = inner.run()
        self.pos = found.end
        self.dropped += found.dropped
        return found.root

    # --- filling containers
    # ---------------------------------------------------------------------------------------

    def append(self, items: list[Record]) -> None:
        target = self.top()
        if isinstance(target, (list, Call)):
            target.extend(items)
        else:
            self.malformed(f"items for a {kind(target)}")

    def add_items(self) -> None:
        items = self.pop_mark()
        target = self.top()
        if isinstance(target, Set):
            target.items.extend(items)
        elif isinstance(target, Call):
            target.extend(items)
        else:
            self.malformed(f"set items for a {kind(target)}")

    def set_items(self, parts: list[Record]) -> None:
        target = self.top()
        if not isinstance(target, (Dict, Call)):
            self.malformed(f"keys and values for a {kind(target)}")
        if target.parts:
            target.parts.extend(parts)
        else:
            target.parts = parts

    def set_item(self) -> None:
        value = self.pop()
        key = self.pop()
        self.set_items([key, value])

    # --- the rest
    # -------------------------------------------------------------------------------------------------

    def proto(self) -> None:
        self.protocol = self.unsigned(1)
        if self.protocol > opcodes.HIGHEST_PROTOCOL:
            self.malformed(
                f"unsupported pickle protocol: {self.protocol}; the highest is {opcodes.HIGHEST_PROTOCOL}"
            )

    def frame(self) -> None:
        size = self.unsigned(8)
        if size > len(self.data) - self.pos:
            left = len(self.data) - self.pos
            raise TruncatedPickle(f"FRAME wants {size} bytes, {left} are left", offset=self.at)

    def extension(self) -> NoReturn:
        raise UnsupportedOpcode(
            f"{opcodes.name(self.data[self.at])}: the extension registry of copyreg is not in the data",
            offset=self.at,
        )

    def buffer(self) -> None:
        if self.buffers is None:
            raise UnsupportedOpcode(
                "NEXT_BUFFER: the pickle keeps buffers elsewhere; pass them as buffers=", offset=self.at
            )
        if self.next_buffer >= self.buffers:
            self.malformed(f"only {self.buffers} buffers were given")
        self.push(Buffer(self.next_buffer))
        self.next_buffer += 1

    def readonly_buffer(self) -> None:
        target = self.top()
        if isinstance(target, Buffer):
            self.stack[-1] = Buffer(target.index, readonly=True)
        elif not isinstance(target, (bytes, bytearray)):
            self.malformed(f"a read-only view of a {kind(target)}")


def _is_no_state(state: Record) -> bool:
    """Return whether BUILD with ``state`` changes nothing in a plain value: no attributes, no slots."""
    return state is None or (type(state) is tuple and len(state) == 2 and state[0] is state[1] is None)


def kind(record: Record) -> str:
    """Return the name of the record's type, as a message says it."""
    return type(record).__name__


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _raw_unicode(raw: bytes) -> str:
    return raw.decode("raw-unicode-escape")


def _ascii(raw: bytes) -> str:
    return raw.decode("ascii")


def _long(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True)


def _long_text(line: bytes) -> int:
    return literals.integer(line[:-1] if line.endswith(b"L") else line)


_HANDLERS: dict[int, Callable[[_Machine], object]] = {
    # scalars
    ord("N"): lambda m: m.push(None),
    0x88: lambda m: m.push(True),
    0x89: lambda m: m.push(False),
    ord("I"): lambda m: m.push(m.parsed(literals.int_or_bool, m.digits())),
    ord("L"): lambda m: m.push(m.parsed(_long_text, m.digits())),
    ord("J"): lambda m: m.push(_long(m.take(4))),
    ord("K"): lambda m: m.push(m.unsigned(1)),
    ord("M"): lambda m: m.push(m.unsigned(2)),
    0x8A: lambda m: m.push(_long(m.prefixed(1))),
    0x8B: lambda m: m.push(_long(m.prefixed(4))),
    ord("F"): lambda m: m.push(m.parsed(literals.real, m.digits())),
    ord("G"): lambda m: m.push(struct.unpack(">d", m.take(8))[0]),
    # text and bytes
    ord("S"): lambda m: m.push(ByteString(m.parsed(literals.quoted, m.line()))),
    ord("T"): lambda m: m.push(ByteString(m.prefixed(4))),
    ord("U"): lambda m: m.push(ByteString(m.prefixed(1))),
    ord("V"): lambda m: m.push(m.parsed(_raw_unicode, m.line())),
    ord("X"): lambda m: m.push(m.parsed(_text, m.prefixed(4))),
    0x8C: lambda m: m.push(m.parsed(_text, m.prefixed(1))),
    0x8D: lambda m: m.push(m.parsed(_text, m.prefixed(8))),
    ord("B"): lambda m: m.push(m.prefixed(4)),
    ord("C"): lambda m: m.push(m.prefixed(1)),
    0x8E: lambda m: m.push(m.prefixed(8)),
    0x96: lambda m: m.push(bytearray(m.prefixed(8))),
    # containers
    ord("("): _Machine.mark,
    ord(")"): lambda m: m.push(()),
    ord("t"): lambda m: m.push(tuple(m.pop_mark())),
    0x85: lambda m: m.push((m.pop(),)),
    0x86: lambda m: m.push((m.pop(), m.pop())[::-1]),
    0x87: lambda m: m.push((m.pop(), m.pop(), m.pop())[::-1]),
    ord("]"): lambda m: m.push([]),
    ord("l"): lambda m: m.push(m.pop_mark()),
    ord("a"): lambda m: m.append([m.pop()]),
    ord("e"): lambda m: m.append(m.pop_mark()),
    ord("}"): _Machine.empty_dict,
    ord("d"): _Machine.dict,
    ord("s"): _Machine.set_item,
    ord("u"): lambda m: m.set_items(m.pop_parts()),
    0x8F: lambda m: m.push(Set([])),
    0x90: _Machine.add_items,
    0x91: lambda m: m.push(FrozenSet(tuple(m.pop_mark()))),
    # stack and memo
    ord("0"): _Machine.do_pop,
    ord("1"): _Machine.do_pop_mark,
    ord("2"): lambda m: m.push(m.top()),
    ord("g"): lambda m: m.get(m.memo_index()),
    ord("h"): lambda m: m.get(m.unsigned(1)),
    ord("j"): lambda m: m.get(m.unsigned(4)),
    ord("p"): lambda m: m.put(m.memo_index()),
    ord("q"): lambda m: m.put(m.unsigned(1)),
    ord("r"): lambda m: m.put(m.unsigned(4)),
    0x94: lambda m: m.put(len(m.memo)),
    # globals and calls
    ord("c"): lambda m: m.push(m.global_lines()),
    0x93: _Machine.stack_global,
    ord("i"): _Machine.inst,
    ord("o"): _Machine.obj,
    ord("R"): _Machine.reduce,
    0x81: _Machine.newobj,
    0x92: _Machine.newobj_ex,
    ord("b"): _Machine.build,
    ord("P"): lambda m: m.push(Persistent(m.parsed(_ascii, m.line()))),
    ord("Q"): lambda m: m.push(Persistent(m.pop())),
    # the rest
    opcodes.PROTO: _Machine.proto,
    opcodes.FRAME: _Machine.frame,
    0x82: _Machine.extension,
    0x83: _Machine.extension,
    0x84: _Machine.extension,
    0x97: _Machine.buffer,
    0x98: _Machine.readonly_buffer,
}
"""Opcode → what it does to the machine."""
