"""Pickles among the records: read without executing them, or as before in the observe stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..legacy import decode, decode_from
from ..legacy.errors import LegacyError, MigrateError, TruncatedPickle
from .errors import DecodeError, EncodeError, TruncatedRecord, UnknownClass
from .stage import Position, Reads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..legacy.limits import Limits
    from ..legacy.records import Record
    from .eightbit import Strings
    from .encode import Value, Wire
    from .streams import Readable

LARGEST = 1 << 20
"""Bytes of pickle beyond which a value is not checked in shadow: a check takes a few times its memory."""


def land(
    record: Record,
    lookup: Callable[[str, str], str | None],
    opaque_state: Callable[[str], bool],
    *,
    encoding: str,
    errors: str,
    buffers: Sequence[Any] = (),
    raw: bool = False,
    strings: Strings | None = None,
) -> Wire:
    """Return the wire tree of a record. It knows no declared types, and says so (``$untyped``)."""
    from .landing import to_wire

    options: dict[str, Any] = {"encoding": encoding, "errors": errors, "buffers": buffers, "raw": raw}
    wire = to_wire(record, lookup, opaque_state=opaque_state, strings=strings, **options)
    return {"$untyped": wire}


def as_decode_error(error: MigrateError) -> DecodeError:
    """Return the error of the legacy reader or of landing as one that handlers written for pickle catch."""
    kind: type[DecodeError] = DecodeError
    if isinstance(error, TruncatedPickle):
        kind = TruncatedRecord
    elif error.reason in ("unknown-global", "unsafe-global"):
        kind = UnknownClass
    out = kind(error.message, reason=error.reason, path=error.path)
    if isinstance(error, LegacyError):
        out.message = f"{error.message} (at byte {error.offset})"
        out.offset = error.offset
    return out


def as_pickle(obj: object, protocol: int | None, **options: Any) -> bytes:
    """Return the pickle of ``obj``, in the stages that still write pickle.

    Pickle's own exceptions are raised as ours, which the program's handlers name by now; others stay.
    """
    import pickle

    try:
        return pickle.dumps(obj, protocol, **options)
    except pickle.PickleError as error:
        raise EncodeError(str(error), reason="unsupported-type") from error


def execute(position: Position, options: dict[str, Any], pickled: bytes | Readable) -> Value:
    """Read a pickle with pickle itself: in the observe stage, which leaves a program's use as it was.

    Exceptions as in :func:`as_pickle`; DecodeError (``pickle-refused``) wherever else this is called.
    """
    if position.reads is Reads.PICKLE:
        import pickle

        try:
            if isinstance(pickled, bytes):
                return pickle.loads(pickled, **options)
            return pickle.load(pickled, **options)
        except pickle.PickleError as error:
            raise DecodeError(str(error)) from error
    raise DecodeError("a pickle is executed in stage observe only", reason="pickle-refused")


class Pickled(Protocol):
    """A pickle that stands somewhere, and can be read once."""

    def decode(self, limits: Limits, buffers: list[Any] | None) -> Record:
        """Read it as data. Raises LegacyError."""

    def execute(self, position: Position, options: dict[str, Any]) -> Value:
        """Read it with pickle itself: see :func:`execute`."""

    def recorded(self) -> Pickled:
        """Return the same pickle, which keeps its bytes while it is read."""

    def again(self) -> bytes | None:
        """Return the bytes that were read, if they were kept."""


class PickledBytes(NamedTuple):
    """A pickle in memory."""

    data: bytes

    def decode(self, limits: Limits, buffers: list[Any] | None) -> Record:  # noqa: D102 - see the protocol
        return decode(self.data, limits=limits, buffers=buffers)

    def execute(self, position: Position, options: dict[str, Any]) -> Value:  # noqa: D102
        return execute(position, options, self.data)

    def recorded(self) -> PickledBytes:  # noqa: D102
        return self

    def again(self) -> bytes:  # noqa: D102
        return self.data


class PickledHandle(NamedTuple):
    """A pickle that is read off a handle, from which ``head`` was taken already."""

    file: Readable
    head: bytes

    def decode(self, limits: Limits, buffers: list[Any] | None) -> Record:  # noqa: D102
        return decode_from(self.file, head=self.head, limits=limits, buffers=buffers)

    def execute(self, position: Position, options: dict[str, Any]) -> Value:  # noqa: D102
        return execute(position, options, Prefixed(self.head, self.file))

    def recorded(self) -> PickledHandle:  # noqa: D102
        return PickledHandle(Recording(self.file), self.head)

    def again(self) -> bytes | None:  # noqa: D102
        kept = self.file.kept if isinstance(self.file, Recording) else None
        return None if kept is None else self.head + kept


class Prefixed:
    """A handle with the bytes put back that were taken from it."""

    def __init__(self, head: bytes, file: Readable) -> None:
        self._head = head
        self._file = file

    def read(self, size: int, /) -> bytes:
        """As the handle's own, after the head."""
        head, self._head = self._head[:size], self._head[size:]
        return head + self._file.read(size - len(head)) if size > len(head) else head

    def readline(self) -> bytes:
        """As the handle's own, after the head."""
        head, self._head = self._head, b""
        return head + self._file.readline()


class Recording:
    """A handle that keeps what is read off it, until it is more than is kept."""

    def __init__(self, file: Readable, most: int = LARGEST) -> None:
        self.kept: bytes | None = b""
        """What was read; None when it was more than ``most`` bytes."""
        self._file = file
        self._most = most

    def read(self, size: int, /) -> bytes:
        """As the handle's own."""
        return self._keep(self._file.read(size))

    def readline(self) -> bytes:
        """As the handle's own."""
        return self._keep(self._file.readline())

    def _keep(self, data: bytes) -> bytes:
        if self.kept is not None:
            self.kept = self.kept + data if len(self.kept) + len(data) <= self._most else None
        return data
