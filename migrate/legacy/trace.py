"""A pickle opcode by opcode, as the reference engine reads it, with what each of them would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from . import opcodes
from .describe import head, printable
from .errors import TruncatedPickle
from .limits import DEFAULT_LIMITS, Limits
from .records import Call, Global, Record
from .reference import _HANDLERS, _Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMING: Final = frozenset(b"c\x93")
_CALLING: Final = {
    ord("R"): "calls",
    ord("i"): "calls",
    ord("o"): "calls",
    0x81: "makes an instance of",
    0x92: "makes an instance of",
}
_STORING: Final = frozenset(b"pqr\x94")
_FETCHING: Final = frozenset(b"ghj")
_PUSHING: Final = frozenset(b"IJKLMFGSTUVXBC\x8a\x8b\x8c\x8d\x8e\x96P")
_WIDTH: Final = 48


class Op(NamedTuple):
    """One opcode."""

    offset: int
    """Its byte."""
    name: str
    """As in :mod:`pickletools`."""
    argument: str
    """What follows it in the data, for a person; never anything that a terminal would act on."""
    note: str
    """What it would do in ``pickle.load``, where that is more than to push a value."""


def trace(data: bytes, start: int = 0, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Op]:
    """Yield the opcodes of the pickle that begins at ``start``, to its end.

    Those before any damage are yielded; then raises :class:`~.errors.LegacyError`. Buffers that are kept
    elsewhere need not be given.
    """
    machine = _Machine(data, start, limits, buffers=limits.max_memo)
    while machine.pos < len(data):
        at = machine.at = machine.pos
        machine.pos = at + 1
        machine.ops += 1
        if machine.ops > limits.max_ops:
            machine.exceeded("max_ops")
        code = data[at]
        if code == opcodes.STOP:
            yield Op(at, "STOP", "", _leftover(len(machine.stack)))
            machine.finish()
            return
        handler = _HANDLERS.get(code)
        if handler is None:
            machine.malformed(f"byte 0x{code:02x} is not an opcode")
        stored = len(machine.memo)
        handler(machine)
        yield Op(at, opcodes.name(code), *_explained(machine, code, stored))
    raise TruncatedPickle("the pickle has no end (STOP)", offset=machine.pos)


def _explained(machine: _Machine, code: int, stored: int) -> tuple[str, str]:
    raw = machine.data[machine.at + 1 : machine.pos]
    top = machine.stack[-1] if machine.stack else None
    if code in _NAMING and isinstance(top, Global):
        return "", f"imports {printable(top.module)}, takes {printable(top.name)}"
    if code in _CALLING and isinstance(top, Call):
        name = top.function
        what = printable(f"{name.module}.{name.name}") if isinstance(name, Global) else "a computed function"
        return "", f"{_CALLING[code]} {what}"
    if code == ord("b"):
        return "", f"sets the state of: {_short(top)}"
    if code in _STORING:
        number = stored if code == 0x94 else _index(code, raw)
        return ("" if code == 0x94 else str(number)), f"memo {number}: {_short(top)}"
    if code in _FETCHING:
        return str(_index(code, raw)), _short(top)
    if code in _PUSHING:
        return _short(top), ""
    if code in (opcodes.PROTO, opcodes.FRAME):
        return str(int.from_bytes(raw, "little")), ""
    return "", ""


def _index(code: int, raw: bytes) -> int:
    return int(raw) if code in b"gp" else int.from_bytes(raw, "little")


def _short(record: Record) -> str:
    return printable(head(record, _WIDTH), _WIDTH + 30)


def _leftover(size: int) -> str:
    return f"{size - 1} values are left on the stack" if size > 1 else ""
