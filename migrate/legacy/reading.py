"""Reading pickles: from bytes, off a handle, several in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from . import opcodes
from .engines import examine
from .errors import LimitExceeded, MalformedPickle, TruncatedPickle
from .limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .records import Record

_CHUNK = 1 << 20


class Readable(Protocol):
    """What ``pickle.load`` wants of a file."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...

    def readline(self) -> bytes:
        """Return the bytes up to and with the next line feed, or to the end."""
        ...


def decode(
    data: bytes | bytearray | memoryview,
    *,
    limits: Limits = DEFAULT_LIMITS,
    buffers: Sequence[Any] | None = None,
) -> Record:
    """Return the record of the pickle at the start of ``data``.

    Like ``pickle.loads``, this ignores what follows it.

    Raises :class:`~.errors.LegacyError`; :class:`EOFError` when ``data`` is empty.
    """
    raw = bytes(data)
    if not raw:
        raise EOFError("Ran out of input")
    return examine(raw, limits=limits, buffers=buffers).root


def decode_all(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Record]:
    """Yield the records of pickles that follow one another, to the end of ``data``.

    Raises :class:`~.errors.LegacyError` at the first bytes that are not a whole pickle.
    """
    position = 0
    while position < len(data):
        decoded = examine(data, start=position, limits=limits)
        yield decoded.root
        position = decoded.end


def decode_from(
    file: Readable,
    *,
    head: bytes = b"",
    limits: Limits = DEFAULT_LIMITS,
    buffers: Sequence[Any] | None = None,
) -> Record:
    """Read exactly one pickle off ``file`` and leave the handle right after its STOP.

    ``head`` is what the caller has already taken from the handle. The handle needs ``read`` and
    ``readline`` only.

    Raises :class:`EOFError` when there is nothing at all, :class:`~.errors.LegacyError` otherwise.
    """
    return decode(take_pickle(file, head=head, limits=limits), limits=limits, buffers=buffers)


def take_pickle(file: Readable, *, head: bytes = b"", limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of the pickle that comes next, from first opcode to STOP; ``b""`` at the end."""
    scanner = _Scanner(file, head, limits)
    return scanner.scan()


class _Scanner:
    """Follows the opcodes only so far as to know where the pickle ends."""

    def __init__(self, file: Readable, head: bytes, limits: Limits) -> None:
        self.file = file
        self.head = head
        self.limits = limits
        self.taken = bytearray()

    def scan(self) -> bytes:
        while True:
            opcode = self.read(1)
            if not opcode:
                if not self.taken:
                    return b""
                raise TruncatedPickle("the pickle has no end (STOP)", offset=len(self.taken))
            code = opcode[0]
            if code == opcodes.STOP:
                return bytes(self.taken)
            self.skip_argument(code)

    def skip_argument(self, code: int) -> None:
        at = len(self.taken) - 1
        if code in opcodes.FIXED:
            self.need(opcodes.FIXED[code], at)
        elif code in opcodes.PREFIXED:
            prefix = self.need(opcodes.PREFIXED[code], at)
            length = int.from_bytes(prefix, "little", signed=code in opcodes.SIGNED)
            if length < 0:
                raise MalformedPickle(f"{opcodes.name(code)}: a length of {length}", offset=at)
            self.need(length, at)
        elif code in opcodes.LINES:
            for _ in range(opcodes.LINES[code]):
                self.need_line(at)
        else:
            raise MalformedPickle(f"byte 0x{code:02x} is not an opcode", offset=at)

    def need(self, size: int, at: int) -> bytes:
        chunk = self.read(size)
        if len(chunk) < size:
            name = opcodes.name(self.taken[at])
            raise TruncatedPickle(f"{name} wants {size} bytes, {len(chunk)} are left", offset=at)
        return chunk

    def need_line(self, at: int) -> None:
        end = self.head.find(b"\n") + 1
        if end:
            line, self.head = self.head[:end], self.head[end:]
        else:
            line, self.head = self.head + self.file.readline(), b""
        self.keep(line)
        if not line.endswith(b"\n"):
            raise TruncatedPickle(f"{opcodes.name(self.taken[at])}: no end of line", offset=at)

    def read(self, size: int) -> bytes:
        """Read ``size`` bytes in pieces, for a file object reserves memory for what it is asked."""
        if self.head or size > _CHUNK:
            return self.read_pieces(size)
        chunk = self.file.read(size) if size else b""
        self.keep(chunk)
        return chunk if len(chunk) == size else chunk + self.read_pieces(size - len(chunk))

    def read_pieces(self, size: int) -> bytes:
        pieces = bytearray(self.head[:size])
        self.head = self.head[size:]
        self.keep(pieces)
        while len(pieces) < size:
            piece = self.file.read(min(size - len(pieces), _CHUNK))
            if not piece:
                break
            self.keep(piece)
            pieces += piece
        return bytes(pieces)

    def keep(self, piece: bytes | bytearray) -> None:
        if len(self.taken) + len(piece) > self.limits.max_bytes:
            raise LimitExceeded(
                f"the pickle is longer than max_bytes={self.limits.max_bytes}",
                limit="max_bytes",
                offset=len(self.taken),
            )
        self.taken += piece
