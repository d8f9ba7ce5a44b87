"""A pickle as text for a person; bounded, and without anything that a terminal would act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .calls import called_bytes, dotted, name_of, shape_of, text_of
from .graph import shared
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
    from collections.abc import Iterator

_INDENT_LEVELS: Final = 16
_BITS: Final = 256


def describe(record: Record, *, max_lines: int = 200, width: int = 100) -> list[str]:
    """Return the record as a tree, one line for each value, parents first.

    An object that the pickle shares is shown once, with a number; later occurrences refer to it. The last
    line says so when there are more than ``max_lines``.
    """
    painter = _Painter(record, width)
    lines: list[str] = []
    for line in painter.lines(record):
        if len(lines) >= max_lines:
            lines.append("… and more")
            break
        lines.append(line)
    return lines


class _Painter:
    def __init__(self, root: Record, width: int) -> None:
        self.width = max(width, 20)
        self.shared = shared(root)
        self.numbers: dict[int, int] = {}

    def lines(self, root: Record) -> Iterator[str]:
        pending = [iter([("", root)])]
        while pending:
            for label, record in pending[-1]:
                known = self.numbers.get(id(record))
                text = f"→ #{known}" if known else head(record, self.width) + self.number(record)
                yield self.line(len(pending) - 1, label, text)
                if not known:
                    pending.append(iter(_parts(record)))
                    break
            else:
                pending.pop()

    def line(self, depth: int, label: str, text: str) -> str:
        line = "  " * min(depth, _INDENT_LEVELS) + label + text
        return line if len(line) <= self.width else line[: self.width - 1] + "…"

    def number(self, record: Record) -> str:
        if id(record) not in self.shared or isinstance(record, (Global, ByteString)) or record == ():
            return ""
        self.numbers[id(record)] = len(self.numbers) + 1
        return f"  #{self.numbers[id(record)]}"


def head(record: Record, width: int = 100) -> str:
    """Return one line that says what ``record`` is, without what it holds."""
    if isinstance(record, (str, bytes, bytearray)):
        return _quoted(record, width)
    if isinstance(record, Call) and (raw := called_bytes(record)) is not None:
        return _quoted(raw, width)
    if isinstance(record, ByteString):
        return f"{_quoted(record.raw, width)[1:]} (8-bit string of Python 2)"
    if isinstance(record, int) and record.bit_length() > _BITS:
        return f"int of {record.bit_length()} bits"
    if isinstance(record, (list, tuple, Dict, Set, FrozenSet)):
        return _counted(record)
    return _head_of_node(record) if isinstance(record, Node) else repr(record)


def find(root: Record, wanted: str) -> Iterator[tuple[str, Record]]:
    """Yield the path and the record of each object of the class ``wanted``, and of each use of its name.

    ``wanted`` is ``module.Class``, or the end of that: ``Class`` finds the classes of all modules. A shared
    object is yielded once. Paths look as in :func:`describe`.
    """
    tail = "." + wanted.replace(":", ".")
    seen: set[int] = set()
    pending = [iter([("", root)])]
    steps: list[str] = []
    while pending:
        for label, record in pending[-1]:
            if not isinstance(record, (list, tuple, Node)) or id(record) in seen:
                continue
            seen.add(id(record))
            if f".{_name(record)}".endswith(tail):
                yield _joined([*steps, label]), record
            steps.append(label)
            pending.append(_parts(record))
            break
        else:
            pending.pop()
            del steps[-1:]


def _name(record: Record) -> str:
    if isinstance(record, Call):
        shape = shape_of(record)
        named = name_of(record) or (shape.name if shape is not None else None)
        return dotted(named) if named is not None else ""
    return f"{record.module}.{record.name}" if isinstance(record, Global) else ""


def _joined(steps: list[str]) -> str:
    path = ""
    for step in steps:
        label = step.strip().removesuffix(":")
        path += label if label.startswith((".", "[")) or not label else f"[{label}]"
    return path or "(the value itself)"


def _counted(record: list[Any] | tuple[Any, ...] | Dict | Set | FrozenSet) -> str:
    if isinstance(record, (list, tuple)):
        content: Any = record
    else:
        content = record.pairs if isinstance(record, Dict) else record.items
    return f"{type(record).__name__.lower()} of {len(content)}"


def _head_of_node(record: Node) -> str:
    if isinstance(record, Global):
        return f"the name {printable(f'{record.module}.{record.name}')}"
    if isinstance(record, Call):
        return _head_of_call(record)
    if isinstance(record, Persistent):
        return "persistent object"
    if isinstance(record, Buffer):
        return f"out-of-band buffer {record.index}"
    return repr(record)


def _head_of_call(call: Call) -> str:
    name = name_of(call)
    if name is not None:
        return f"the name {printable(dotted(name))}"
    shape = shape_of(call)
    if shape is None:
        return "call of a computed function"
    return f"{'call of' if shape.call else 'instance of'} {printable(dotted(shape.name))}"


def _parts(record: Record) -> Iterator[tuple[str, Record]]:
    """Yield what stands below a record, with its label."""
    if isinstance(record, (list, tuple)):
        yield from _numbered("[{}] ", record)
    elif isinstance(record, (Set, FrozenSet)):
        yield from (("", item) for item in record.items)
    elif isinstance(record, Dict):
        yield from _pairs(record.pairs)
    elif isinstance(record, Call):
        yield from _parts_of_call(record)
    elif isinstance(record, Persistent):
        yield "id ", record.pid


def _parts_of_call(call: Call) -> Iterator[tuple[str, Record]]:
    if name_of(call) is not None or called_bytes(call) is not None:
        return
    shape = shape_of(call)
    if shape is None:
        yield "function ", call.function
    yield from _numbered("argument {}: ", call.args if shape is None else shape.args)
    kwargs = call.kwargs if shape is None else shape.kwargs
    if kwargs is not None:
        yield "keyword arguments ", kwargs
    if shape is not None and shape.value is not NO_STATE:
        yield "content ", shape.value
    yield from _numbered("[{}] ", call.items if shape is None else shape.items)
    yield from _pairs(call.pairs if shape is None else shape.pairs)
    if isinstance(call.state, Dict) and all(text_of(key) is not None for key, _ in call.state.pairs):
        yield from ((f".{printable(text_of(key) or '')}: ", value) for key, value in call.state.pairs)
    elif call.state is not NO_STATE:
        yield "state ", call.state
    for effect in call.effects:
        yield "changed by ", effect.function


def _numbered(label: str, records: Any) -> Iterator[tuple[str, Record]]:
    return ((label.format(index), record) for index, record in enumerate(records))


def _pairs(pairs: Any) -> Iterator[tuple[str, Record]]:
    for key, value in pairs:
        if isinstance(key, (list, tuple, Node)) and not isinstance(key, ByteString):
            yield "key ", key
            yield "value ", value
        else:
            raw = key.raw if isinstance(key, ByteString) else key
            text = _quoted(raw, 60) if isinstance(raw, (str, bytes, bytearray)) else repr(raw)
            yield f"{text.removeprefix('b') if isinstance(key, ByteString) else text}: ", value


def _quoted(text: str | bytes | bytearray, room: int) -> str:
    if len(text) <= room:
        return repr(text)
    return f"{text[:room]!r}… ({len(text):,} {'characters' if isinstance(text, str) else 'bytes'})"


def printable(text: str, room: int = 300) -> str:
    """Return ``text`` without anything that a terminal would act on, cut to ``room`` characters."""
    cut = text if len(text) <= room else text[:room] + "…"
    return cut if cut.isprintable() else repr(cut)[1:-1]
