"""A pickle on its way to the C unpickler, rewritten window by window."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from . import opcodes
from ._fast_rows import Row, find, repetitions
from ._fast_rules import AS_STRING, AS_VALUE, EPILOGUE, PROLOGUE, Unsure, rewritten
from ._fast_tokens import BOUNDS, LINES, MAX_DIGITS, line, pieces
from .records import ByteString

if TYPE_CHECKING:
    from collections.abc import Callable

    from .limits import Limits

_SMALLEST: Final = 1 << 11
_LARGEST: Final = 1 << 16
_ENOUGH: Final = 1 << 14
_PATIENCE: Final = 8
_WORDS: Final = b"BX"
_word: Final = Struct("<I").unpack_from
_LONGEST: Final = MAX_DIGITS + 10
"""No opcode that stays is longer, but for those of LINES."""
_COPIED: Final = 1 << 12
"""Longer arguments are not copied into the rewritten pickle, but handed over as values."""

_MORE: Final = b"e("
"""Lists are filled a thousand items at a time."""
_FRAME: Final = bytes((opcodes.FRAME,))
_INTEGERS: Final = b"\x8a\x8b"
_TEXTS: Final = b"X\x8c\x8d"
_STRINGS: Final = b"TU"
_INST: Final = ord("i")
_HIDING: Final = b"e\x95"
"""What may not come right after a mark: see _fast_tokens."""
_PUT: Final = ord("p")
_BYTEARRAY8: Final = 0x96


class Stream:
    """The rewritten pickle, as the file that the C unpickler reads.

    The unpickler peeks, window by window. Bytes of the pickle are copied once, windows are short-lived.
    """

    def __init__(self, data: bytes, start: int, limits: Limits) -> None:
        self.data = data
        self.position = start
        self.protocol = 0
        self.finished = False
        self.values: list[Any] = []
        """Long values, as the rewritten pickle asks for them by number."""
        self.long = 0
        """Bytes of the pickle that are in them."""
        self._view = memoryview(data)
        self._locks: list[memoryview] = []
        size = len(data) - start
        self._last_index = min(size // 2, limits.max_memo - 1)
        allowed = [bound for bound in BOUNDS if bound <= limits.max_memo]
        if not allowed or limits.max_digits < MAX_DIGITS or size > limits.max_bytes:
            raise Unsure
        pattern = pieces(next((bound for bound in allowed if bound >= size // 5), allowed[-1]))
        self._split, self._match = pattern.split, pattern.match
        self._size = _SMALLEST
        self._row: Row | None = None
        self._next_row = start
        self._pause = 2 * _SMALLEST
        self._start = start
        self._max_ops = limits.max_ops
        self._header = self._take_header()
        if size < _SMALLEST:
            self._next_row = len(data)

    def _take_header(self) -> bytes:
        if self.data[self.position] == opcodes.PROTO:
            self.protocol = self.data[self.position + 1]
            if self.protocol > opcodes.HIGHEST_PROTOCOL:
                raise Unsure
            self.position += 2
        if self.data[self.position] == opcodes.FRAME:
            self.frame(opcodes.FRAME, [])
        if self.data[self.position] in _HIDING:  # would close our own mark
            raise Unsure
        return PROLOGUE

    @property
    def ops(self) -> int:
        """How many opcodes there have been at most: as many as bytes that are not in long values."""
        return self.position - self._start - self.long

    # --- what the C unpickler calls

    def peek(self, _size: int) -> bytes:
        """Return the next part of the rewritten pickle; nothing after its end."""
        out = [self._header]
        self._header = b""
        room = _ENOUGH
        while room > 0 and not self.finished:
            room -= self._window(out)
        if self.ops > self._max_ops:
            raise Unsure
        return b"".join(out)

    def read(self, _size: int) -> bytes:
        """Confirm what was peeked at. There is nothing else to read."""
        return b""

    def readline(self) -> bytes:
        """Return nothing: lines are whole in what is peeked at."""
        return b""

    # --- windows

    def _window(self, out: list[bytes]) -> int:
        """Rewrite up to one window into ``out``; return a measure of how much that was."""
        start, size = self.position, self._size
        if start >= self._next_row and (taken := self._rows(out)):
            return taken
        window = self._view[start : start + size]
        if not window:
            raise Unsure
        parts: list[Any] = self._split(window)
        rest = parts[-6] or b""
        # Left are: empty, run, special; of an empty match at the end nothing.
        del parts[-5:], parts[3::4]
        parts[-1] = parts[-1] or b""
        parts[2::3] = map(rewritten, parts[2::3])
        out += parts
        taken = len(window) - len(rest)
        self.position += taken
        if rest:
            self._size = max(_SMALLEST, min(2 * taken, _LARGEST))
            if not taken or len(rest) > _LONGEST or start + size >= len(self.data):
                return taken + self._step(out)
        else:
            self._size = min(4 * size, _LARGEST)
        return taken

    # --- rows

    def _rows(self, out: list[bytes]) -> int:
        """Take rows of the same opcodes into ``out``; return how many bytes, 0 if there are none."""
        data, start = self.data, self.position
        times = repetitions(data, start, self._row, start + _LARGEST) if self._row else 0
        if not times:
            found = find(data, start, start + _LARGEST, self._last_index)
            if found is None:
                self._next_row = start + self._pause
                self._pause = min(2 * self._pause, _LARGEST)
                return 0
            self.position, self._row, times = found
            out.append(data[start : self.position])
        while times and self._row:
            begin = self.position
            self.position += times * self._row.width
            out.append(data[begin : self.position])
            if self.position - start >= _LARGEST:
                break
            self._seam(out)
            times = repetitions(data, self.position, self._row, self.position + _LARGEST)
        return self.position - start

    def _seam(self, out: list[bytes]) -> None:
        """Take what picklers put into rows from time to time."""
        if self.data.startswith(_MORE, self.position):
            self.position += 1
            out.append(self.data[self.position - 1 : self.position])
            self.mark(0, out)
        if self.data.startswith(_FRAME, self.position):
            self.frame(0, out)

    # --- single opcodes

    def _step(self, out: list[bytes]) -> int:
        """Rewrite the opcode at which a run ended; return a measure of how much that was."""
        start = self.position
        code = self.data[self.position]
        step = _STEPS.get(code)
        if step is None:
            raise Unsure
        step(self, code, out)
        return min(self.position - start, _ENOUGH)

    def stop(self, _code: int, out: list[bytes]) -> None:
        self.position += 1
        self.finished = True
        out.append(EPILOGUE)

    def frame(self, _code: int, _out: list[bytes]) -> None:
        begin = self.position + 9
        length = int.from_bytes(self.data[self.position + 1 : begin], "little")
        self._check_end(begin + length)
        self.position = self._next_row = begin

    def mark(self, _code: int, out: list[bytes]) -> None:
        following = 10 if self.data[self.position + 1] == opcodes.FRAME else 1
        if self.data[self.position + following] in _HIDING:
            raise Unsure
        out.append(b"(")
        self.position += 1

    def put(self, _code: int, out: list[bytes]) -> None:
        end = self.position + 5
        self._check_end(end)
        self._put_at(int.from_bytes(self.data[self.position + 1 : end], "little"), out)
        self.position = end

    def _put_at(self, index: int, out: list[bytes]) -> None:
        if index > self._last_index:
            raise Unsure
        out.append(b"r" + index.to_bytes(4, "little"))

    def line(self, code: int, out: list[bytes]) -> None:
        found = line(code).match(self.data, self.position)
        if found is None:
            raise Unsure
        if code == _PUT:
            self._put_at(int(found[0][1:]), out)
        else:
            out.append(rewritten(found[0]) if code == _INST else found[0])
        self.position = found.end()

    def arguments(self, code: int, out: list[bytes]) -> None:
        """Rewrite a long argument, and go on without windows for as long as others follow closely."""
        data, start, patience = self.data, self.position, _PATIENCE
        self._argument(code, out)
        while patience and self.position - start < _ENOUGH:
            begin = self.position
            found: Any = self._match(data, begin, begin + _LARGEST)
            end = found.end(1)
            special = found[2]
            if special is not None:
                out += (data[begin:end], rewritten(special))
                self.position = end + len(special)
                patience -= 1
                continue
            code = data[end]
            patience = _PATIENCE
            if code in _WORDS and (length := _word(data, end + 1)[0]) <= min(_COPIED, len(data) - end - 5):
                self.position = end = end + 5 + length
                out.append(data[begin:end])
                continue
            out.append(data[begin:end])
            self.position = end
            if code not in opcodes.PREFIXED:
                return
            self._argument(code, out)

    def _argument(self, code: int, out: list[bytes]) -> None:
        start = self.position
        begin = start + 1 + opcodes.PREFIXED[code]
        length = int.from_bytes(self.data[start + 1 : begin], "little", signed=code in opcodes.SIGNED)
        end = begin + length
        self._check_end(end)
        if length < 0:
            raise Unsure
        if code == _BYTEARRAY8 or (length > _COPIED and code not in _INTEGERS):
            out += (b"J", len(self.values).to_bytes(4, "little"), AS_VALUE)
            self.values.append(self._value(code, begin, end))
            self.long += length
        else:
            out.append(self.data[start:end])
            if code in _STRINGS:
                out.append(AS_STRING)
        self.position = end

    def _value(self, code: int, begin: int, end: int) -> str | bytes | bytearray | ByteString:
        if code in _TEXTS:
            return str(self._view[begin:end], "utf-8", "surrogatepass")
        if code == _BYTEARRAY8:
            array = bytearray(self._view[begin:end])
            self._locks.append(memoryview(array))  # APPEND would work on it: an exported one refuses to grow
            return array
        raw = self.data[begin:end]
        return ByteString(raw) if code in _STRINGS else raw

    def _check_end(self, end: int) -> None:
        if end > len(self.data):
            raise Unsure


_STEPS: Final[dict[int, Callable[[Stream, int, list[bytes]], None]]] = {
    opcodes.STOP: Stream.stop,
    opcodes.FRAME: Stream.frame,
    ord("("): Stream.mark,
    ord("r"): Stream.put,
    **dict.fromkeys(LINES, Stream.line),
    **dict.fromkeys(opcodes.PREFIXED, Stream.arguments),
}
"""Opcode → what to do with one that the expression does not know in this place."""
