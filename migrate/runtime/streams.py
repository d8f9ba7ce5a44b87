"""Records on file handles: one record at a time, with nothing but ``read`` and ``readline``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from .errors import ConverterError, DecodeError, EncodeError, TruncatedRecord

if TYPE_CHECKING:
    from .encode import Value
    from .records import Records

END = "Ran out of input"
"""What pickle says when there is nothing left."""


class Readable(Protocol):
    """A handle opened for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""
        ...

    def readline(self) -> bytes:
        """Return the bytes up to and with the next line feed, or to the end."""
        ...


class Writable(Protocol):
    """A handle opened for writing bytes."""

    def write(self, data: bytes, /) -> Value:
        """Write all of ``data``."""
        ...


class Line(NamedTuple):
    """A JSON record as it stands in the file."""

    data: bytes


class Head(NamedTuple):
    """The first byte of what is no JSON: another format, or a pickle. The rest is still in the handle."""

    data: bytes


def first_line(data: bytes) -> bytes:
    """Return the first line of ``data``, of which a copy is made only when more follows."""
    end = data.find(b"\n") + 1
    return data if end in (0, len(data)) else data[:end]


def next_record(file: Readable) -> Line | Head:
    """Take the next JSON record off ``file``, or the first byte of something else.

    Blank lines are skipped: editors leave them. Raises EOFError when nothing is left, as pickle does.
    """
    while True:
        head = file.read(1)
        if not isinstance(head, bytes):
            raise TypeError("the file must be opened in binary mode ('rb')")
        if not head:
            raise EOFError(END)
        if head not in JSON_STARTS:
            return Head(head)
        line = head if head == b"\n" else head + file.readline()
        if line.strip():
            _check_end(line)
            return Line(line)


JSON_STARTS = frozenset(bytes([c]) for c in b'{["-0123456789tfn \t\r\n')
"""First bytes of JSON records."""


def _check_end(line: bytes) -> None:
    if not line.endswith(b"\n") and line[:1] in b"-0123456789":
        # Every other kind of record shows by itself that it was cut off.
        raise TruncatedRecord("the record ends without a line feed, so digits may be missing")


class _Refused:
    """An attribute by which a pickler is told to treat some objects in a way that records do not know.

    It cannot be set: to ignore it would store something else than the program means.
    """

    def __init__(self, error: type[ConverterError], reason: str) -> None:
        self._error = error
        self._reason = reason

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Value:
        raise AttributeError(self._name)

    def __set__(self, instance: object, value: object) -> None:
        raise self._error(
            f"records do not go through {self._name}; give the class hooks", reason=self._reason
        )


class Pickler:
    """Stands where ``pickle.Pickler(file)`` stood. Each record is complete: there is no shared memo."""

    persistent_id = _Refused(EncodeError, "persistent-id")
    dispatch_table = _Refused(EncodeError, "reducer-registration")

    def __init__(self, codec: Records, file: Writable, protocol: int | None = None, **options: Value) -> None:
        self._codec = codec
        self._file = file
        self._protocol = protocol
        self._options = options

    def dump(self, obj: object) -> None:
        """Write one record; raises as :meth:`Records.dump`."""
        self._codec.dump(obj, self._file, self._protocol, **self._options)

    def clear_memo(self) -> None:
        """Do nothing: no memo is kept between records."""


class Unpickler:
    """Stands where ``pickle.Unpickler(file)`` stood."""

    persistent_load = _Refused(DecodeError, "persistent-id")

    def __init__(self, codec: Records, file: Readable, **options: Value) -> None:
        self._codec = codec
        self._file = file
        self._options = options

    def load(self) -> Value:
        """Read one record; raises EOFError at the end of the file, and as :meth:`Records.load`."""
        return self._codec.load(self._file, **self._options)
